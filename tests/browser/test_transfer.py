"""Transfer learning on the pages: a run is trained, its layers are frozen with the slider, and a second run begins with its weights."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from studio.runs import Run
from studio.workspace import Workspace
from tests.browser.model_page import PATIENT, drafted, judged, node, opened, tool, visit
from tests.browser.training_page import finish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIMPLE: dict[str, Any] = {"preset": "SimpleCNN", "params": {"filters": 8}}


def recipe_of(page: Page, site: str, draft: str) -> dict[str, Any]:
    found: dict[str, Any] = page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"]
    return found


def first_epoch(folder: Path, run: str) -> float:
    """The accuracy on the validation split after the first epoch."""
    return next(point.value for point in Run(Workspace(folder).runs / run).metrics()[0] if (point.split, point.name) == ("validation", "accuracy"))


def test_the_slider_freezes_and_undo_takes_it_back(page: Page, site: str) -> None:
    draft = opened(page, site, SIMPLE)
    slider = page.get_by_role("slider", name="Layers that learn")
    expect(slider).to_have_attribute("aria-valuetext", "All 5 layers")
    slider.fill("1")
    expect(page.locator(".s-node-frozen")).to_have_count(4, timeout=PATIENT)
    judged(page)
    expect(slider).to_have_attribute("aria-valuetext", "The last 1 of 5; the others are frozen")
    assert "frozen" in (node(page, "conv1").get_attribute("aria-label") or "")
    assert "frozen" not in (node(page, "label").get_attribute("aria-label") or "")
    nodes = recipe_of(page, site, draft)["graph"]["nodes"]
    assert sorted(name for name, each in nodes.items() if each.get("trainable") is False) == ["conv1", "conv2", "norm1", "norm2"]
    tool(page, "Undo").click()
    expect(page.locator(".s-node-frozen")).to_have_count(0)
    expect(slider).to_have_attribute("aria-valuetext", "All 5 layers")
    assert recipe_of(page, site, draft)["graph"] == SIMPLE


def test_a_second_run_begins_with_the_weights_of_the_first(page: Page, site: str, workspace_folder: Path) -> None:
    draft = drafted(page, site, SIMPLE)
    page.goto(f"{site}/train?draft={draft}")
    page.get_by_label("Epochs", exact=True).fill("6")
    first = finish(page)

    visit(page, site, draft)
    page.get_by_role("slider", name="Layers that learn").fill("1")
    expect(page.locator(".s-node-frozen")).to_have_count(4, timeout=PATIENT)
    page.goto(f"{site}/train?draft={draft}")
    page.get_by_text("Transfer learning", exact=True).click()
    page.get_by_label("Weights from").select_option(f"run:{first}")
    page.get_by_label("Unfreeze later").check()
    page.get_by_label("Unfreeze after").fill("2")
    page.get_by_label("Rate from then on").fill("0.2")
    page.get_by_label("Epochs", exact=True).fill("3")
    expect(page.locator(".s-transfer")).to_contain_text(first)
    second = finish(page)
    expect(page.get_by_role("img", name="Layers unfrozen").first).to_be_visible()
    transfer = recipe_of(page, site, draft)["transfer"]
    assert transfer == {"run": first, "unfreeze": {"learning_rate": 0.2, "after": 2}}
    events = page.request.get(f"{site}/api/runs/{second}/events?cursor=0").json()["events"]
    begun = next(event for event in events if event["event"] == "started")
    assert any("Frozen: conv1, norm1, conv2, norm2." in note for note in begun["notes"])
    assert next(event for event in events if event["event"] == "layers unfrozen")["epoch"] == 3
    accuracies = [first_epoch(workspace_folder, run) for run in (first, second)]
    assert accuracies[1] > accuracies[0] + 0.1

    page.goto(f"{site}/runs?run={second}")
    expect(page.locator(".r-events")).to_contain_text(f"Took over 12 weights of {first}.", timeout=PATIENT)
    expect(page.locator(".r-events")).to_contain_text("Layers unfrozen")


def test_a_file_that_holds_no_weights_is_refused_beside_the_field(page: Page, site: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.keras").write_bytes(b"no archive")
    page.goto(f"{site}/train?draft={drafted(page, site, None)}")
    page.get_by_text("Transfer learning", exact=True).click()
    page.get_by_test_id("transfer-file").set_input_files(tmp_path / "wrong.keras")
    expect(page.get_by_role("status").filter(has_text="wrong.keras is not a .keras file")).to_be_visible(timeout=PATIENT)
    expect(page.get_by_label("Weights from")).to_have_value("")


def test_what_was_downloaded_as_an_export_is_taken_in_again(page: Page, site: str, tmp_path: Path) -> None:
    draft = drafted(page, site, SIMPLE)
    page.goto(f"{site}/train?draft={draft}")
    page.get_by_label("Epochs", exact=True).fill("1")
    run = finish(page)
    page.goto(f"{site}/export?run={run}")
    form = page.get_by_role("region", name="Format")
    expect(form.get_by_role("button", name=re.compile("^SavedModel"))).to_have_attribute("aria-pressed", "true", timeout=PATIENT)
    form.get_by_role("button", name="Export", exact=True).click()
    download_link = page.get_by_role("region", name="Result").get_by_role("link", name=re.compile("as zip$"))
    expect(download_link).to_be_visible(timeout=2 * PATIENT)
    with page.expect_download() as download:
        download_link.click()
    packed = tmp_path / download.value.suggested_filename
    download.value.save_as(packed)

    page.goto(f"{site}/train?draft={draft}")
    page.get_by_text("Transfer learning", exact=True).click()
    page.get_by_test_id("transfer-file").set_input_files(packed)
    expect(page.get_by_label("Weights from").locator("option:checked")).to_have_text(f"{packed.name} (a file)", timeout=PATIENT)
    second = finish(page)
    page.goto(f"{site}/runs?run={second}")
    expect(page.locator(".r-events")).to_contain_text(f"Took over 12 weights of {packed.name}.", timeout=PATIENT)


def test_an_archive_of_something_else_is_refused_beside_the_field(page: Page, site: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("cats/1.png", b"picture")
    page.goto(f"{site}/train?draft={drafted(page, site, None)}")
    page.get_by_text("Transfer learning", exact=True).click()
    page.get_by_test_id("transfer-file").set_input_files(tmp_path / "pictures.zip")
    expect(page.get_by_role("status").filter(has_text="pictures.zip holds no network. Expected: one SavedModel")).to_be_visible(timeout=PATIENT)
    expect(page.get_by_label("Weights from")).to_have_value("")
