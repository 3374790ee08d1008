"""Networks that come and go, as tests drive it: a small network on the Model page, saved, opened and exported."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Download, Locator, Page, expect

from blocks.graph import Graph

PATIENT = 120_000


def small(name: str, filters: int = 6, **more: Any) -> dict[str, Any]:
    nodes = {
        "image": {"block": "Input"},
        "conv1": {"block": "Conv2D", "params": {"filters": filters}, "inputs": ["image"]},
        "flat": {"block": "Flatten", "inputs": ["conv1"]},
        "label": {"block": "Output", "inputs": ["flat"]},
    }
    return Graph.model_validate({"name": name, "nodes": nodes, **more}).document()


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)


def opened(page: Page, site: str, graph: dict[str, Any]) -> str:
    """The Model page of a new draft with this network; the draft's id."""
    made = page.request.post(f"{site}/api/drafts", data={"recipe": {"dataset": "digits", "graph": graph}})
    assert made.ok, made.text()
    draft = str(made.json()["id"])
    page.goto(f"{site}/model?draft={draft}")
    expect(page.locator(".s-node").first).to_be_visible(timeout=PATIENT)
    return draft


def document(page: Page, site: str, draft: str) -> dict[str, Any]:
    answer = page.request.get(f"{site}/api/model/graph?draft={draft}")
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def filters(page: Page, site: str, draft: str) -> int:
    found: int = document(page, site, draft)["nodes"]["conv1"]["params"]["filters"]
    return found


def set_filters(page: Page, count: int) -> None:
    page.get_by_test_id("node-conv1").click()
    page.get_by_test_id("param-filters").fill(str(count))
    expect(page.get_by_test_id("node-conv1")).to_contain_text(str(count))


def said(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator(".s-said")).to_have_text(text, timeout=PATIENT)


def saved(page: Page, version: int, title: str) -> None:
    tool(page, "Save").click()
    said(page, f"Saved as version {version} of {title}")


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def version(page: Page, number: int) -> Locator:
    return dialog(page).get_by_role("listitem", name=f"Version {number}")


def export(page: Page, way: str) -> Download:
    page.get_by_role("button", name="More ways to export").click()
    with page.expect_download() as started:
        page.get_by_role("menuitem", name=way).click()
    return started.value
