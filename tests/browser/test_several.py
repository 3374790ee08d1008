"""Pictures with several labels, pictures with columns, and tables with several targets: looked at, measured and asked, in a real browser."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from studio.datasets import store
from studio.datasets.builtin import SAMPLES
from studio.workspace import Workspace
from tests.studio.trained_several import people, train_preset

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT = 180_000


@pytest.fixture(scope="module", autouse=True)
def trained(workspace_folder: Path) -> dict[str, str]:
    """A run of each kind, by its dataset."""
    workspace = Workspace(workspace_folder)
    path = workspace_folder / "several.csv"
    path.write_text(people(), "utf-8")
    store.add(workspace, path, target="size,weight")
    small = {"filters": 4}
    runs = [
        train_preset(workspace, "objects", "SimpleCNN", {**small, "augmentation": "none"}, epochs=2),
        train_preset(workspace, "gauges", "ImageAndTable", {**small, "image_units": 8, "units": [8], "fusion_units": 8}, epochs=2),
        train_preset(workspace, "several", "MultiTask", {"units": [16], "task_units": 8}, epochs=5),
    ]
    return {run.recipe.dataset: run.id for run in runs}


def test_several_labels(page: Page, site: str, trained: dict[str, str]) -> None:
    page.goto(f"{site}/data?dataset=objects")
    expect(page.get_by_role("heading", name="Objects")).to_be_visible(timeout=PATIENT)
    expect(page.locator(".s-part-cards .s-chip").first).to_be_visible(timeout=PATIENT)
    page.goto(f"{site}/evaluate?run={trained['objects']}")
    labels = page.get_by_role("region", name="Labels")
    expect(labels.get_by_role("row")).to_have_count(5, timeout=PATIENT)
    expect(page.get_by_role("region", name="Figures")).to_contain_text("Exact match")
    expect(page.locator(".e-examples > li").first).to_contain_text("Wrong labels")
    expect(page.locator(".s-label-key")).to_contain_text(re.compile("but not"))
    page.goto(f"{site}/predict?run={trained['objects']}")
    page.get_by_role("button", name="Test samples").click(timeout=PATIENT)
    page.get_by_role("button", name=re.compile(r"^Sample \d+")).first.click(timeout=PATIENT)
    answer = page.get_by_role("region", name="Prediction", exact=True)
    expect(answer.get_by_role("heading", name="Prediction of objects")).to_be_visible(timeout=PATIENT)
    expect(answer.locator(".e-bars li")).to_have_count(4, timeout=PATIENT)
    expect(answer).to_contain_text("Labels above 50 % are given.")
    expect(page.get_by_role("button", name="Draw")).to_have_count(0)


def test_a_picture_with_columns(page: Page, site: str, trained: dict[str, str], tmp_path: Path) -> None:
    page.goto(f"{site}/predict?run={trained['gauges']}")
    ask = page.get_by_role("button", name="Predict", exact=True)
    expect(ask).to_be_disabled(timeout=PATIENT)
    expect(page.get_by_text("Give a picture first.")).to_be_visible()
    with zipfile.ZipFile(SAMPLES / "gauges.zip") as archive:
        archive.extract("dials/000.png", tmp_path)
    page.get_by_label("Drop a picture here, or click to choose one").set_input_files(tmp_path / "dials" / "000.png")
    expect(page.get_by_text("000.png is chosen.")).to_be_visible(timeout=PATIENT)
    page.get_by_label("full_scale").fill("60")
    ask.click()
    answer = page.get_by_role("region", name="Prediction", exact=True)
    expect(answer.get_by_role("heading", name="Prediction of reading")).to_be_visible()
    expect(answer.locator(".p-label")).to_have_text(re.compile(r"^-?\d+(\.\d+)?\s*$"), timeout=PATIENT)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nand nothing more")
    page.get_by_label("Drop a picture here, or click to choose one").set_input_files(broken)
    expect(page.get_by_text("broken.png is chosen.")).to_be_visible(timeout=PATIENT)
    ask.click()
    expect(answer.get_by_role("alert")).to_have_text("The picture can't be used: damaged or cut off.", timeout=PATIENT)
    page.goto(f"{site}/data?dataset=gauges")
    expect(page.locator(".s-facts > div", has_text="Input columns").locator("dd")).to_have_text("2", timeout=PATIENT)
    page.goto(f"{site}/evaluate?run={trained['gauges']}")
    expect(page.get_by_role("region", name="Predicted against true")).to_be_visible(timeout=PATIENT)
    expect(page.locator(".e-given li").first).to_contain_text("full_scale")
    expect(page.locator(".e-given li").first).to_contain_text(re.compile(r"predicted -?\d.*in truth"))


def test_several_targets(page: Page, site: str, trained: dict[str, str]) -> None:
    page.goto(f"{site}/evaluate?run={trained['several']}")
    choice = page.get_by_role("group", name="Target")
    expect(choice.get_by_role("button", name="size")).to_have_attribute("aria-pressed", "true", timeout=PATIENT)
    expect(page.get_by_role("region", name="Figures")).to_contain_text("weight: Mean absolute error")
    choice.get_by_role("button", name="weight").click()
    expect(page.get_by_role("region", name="Predicted against true")).to_be_visible(timeout=PATIENT)
    expect(page).to_have_url(re.compile("target=weight"))
    page.goto(f"{site}/predict?run={trained['several']}")
    page.get_by_role("button", name="Predict", exact=True).click(timeout=PATIENT)
    expect(page.get_by_role("region", name="Prediction of weight")).to_be_visible(timeout=PATIENT)
