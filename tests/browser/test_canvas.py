"""The canvas: networks are built, opened, grouped and undone as a person does it, with mouse and keyboard."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import presets

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT = 120_000


def node(page: Page, path: str) -> Locator:
    return page.get_by_test_id(f"node-{path}")


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar", name="Network").get_by_role("button", name=name, exact=True)


def opened(page: Page, site: str, graph: dict[str, Any] | None, dataset: str = "digits") -> str:
    """The Model page of a new draft; its id."""
    recipe = {"dataset": dataset, **({"graph": graph} if graph is not None else {})}
    made = page.request.post(f"{site}/api/drafts", data={"recipe": recipe})
    assert made.ok, made.text()
    draft = str(made.json()["id"])
    page.goto(f"{site}/model?draft={draft}")
    expect(tool(page, "New")).to_be_enabled(timeout=PATIENT)
    expect(page.get_by_test_id("palette-Conv2D")).to_be_visible(timeout=PATIENT)
    return draft


def exported(page: Page, site: str, draft: str) -> dict[str, Any]:
    """The draft's network as the button Export gives it."""
    answer = page.request.get(f"{site}/api/model/graph?draft={draft}")
    assert answer.ok, answer.text()
    found: dict[str, Any] = json.loads(answer.text())
    return found


def chosen(page: Page) -> str:
    """The id of the chosen node."""
    return page.get_by_test_id("node-id").input_value()


def connect(page: Page, source: str, target: str, port: int = 0) -> None:
    """Drags an edge from one node's output to another's input."""
    page.get_by_test_id(f"port-out-{source}-0").drag_to(page.get_by_test_id(f"port-in-{target}-{port}"))


def test_lenet_is_built_from_nothing_by_dragging_and_typing(page: Page, site: str) -> None:
    draft = opened(page, site, None)
    tool(page, "New").click()
    canvas = page.locator(".s-canvas")
    expect(canvas).to_contain_text("Drag a block here")
    blocks: list[tuple[str, dict[str, str]]] = [
        ("Input", {}),
        ("Resizing", {"height": "28", "width": "28"}),
        ("Rescaling", {}),
        ("Conv2D", {"filters": "6", "kernel_size": "5", "padding": "same", "activation": "tanh"}),
        ("AveragePooling2D", {}),
        ("Conv2D", {"filters": "16", "kernel_size": "5", "activation": "tanh"}),
        ("AveragePooling2D", {}),
        ("Flatten", {}),
        ("Dense", {"units": "120", "activation": "tanh"}),
        ("Dense", {"units": "84", "activation": "tanh"}),
        ("Output", {}),
    ]
    last = ""
    for place, (block, params) in enumerate(blocks):
        spot: Any = {"x": 130 + 250 * (place % 3), "y": 40 + 140 * (place // 3)}
        page.get_by_test_id(f"palette-{block}").drag_to(canvas, target_position=spot)
        expect(page.locator(".s-node")).to_have_count(place + 1)
        now = chosen(page)
        for name, value in params.items():
            field = page.get_by_test_id(f"param-{name}")
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        if last:
            connect(page, last, now)
            expect(page.get_by_test_id(f"edge-{now}-0")).to_have_count(1)
        last = now
    expect(page.get_by_test_id("edge-dense_1-0")).to_contain_text("400")
    graph = exported(page, site, draft)
    assert [document["block"] for document in graph["nodes"].values()] == [block for block, _ in blocks]
    assert graph["nodes"]["conv2d_1"]["params"] == {"filters": 6, "kernel_size": 5, "padding": "same", "activation": "tanh"}
    expect(page.get_by_role("tab", name="Problems")).not_to_contain_text("(")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**/train?**")
    expect(page.locator(".s-status-finished").first).to_be_visible(timeout=PATIENT)
    run = page.url.split("run=")[1].split("&")[0]
    results = page.request.get(f"{site}/api/runs/{run}").json()
    assert results["metrics"]["test"]["accuracy"] >= 0.97


@pytest.mark.parametrize("name", list(presets.all()))
def test_every_preset_opens_expands_and_undoes_to_the_same_document(page: Page, site: str, name: str) -> None:
    preset = presets.all()[name]
    dataset = {"image": "digits", "columns": "penguins", "text": "languages", "array": "digits"}[preset.subjects[0]]
    draft = opened(page, site, {"preset": name}, dataset)
    first = page.locator(".s-node").first
    expect(first).to_be_visible(timeout=PATIENT)
    before = exported(page, site, draft)
    for _ in range(2):
        buttons = page.locator(".s-node-open[aria-expanded=false]")
        if buttons.count():
            buttons.first.click()
    deepest = page.locator(".s-node").last
    path = str(deepest.get_attribute("data-testid")).removeprefix("node-")
    page.get_by_test_id(f"layer-{path}").get_by_role("button", name=f"Parameters of {path}").click()
    page.get_by_test_id("layer-remove").click()
    expect(tool(page, "Undo")).to_be_enabled()
    while tool(page, "Undo").is_enabled():
        tool(page, "Undo").click()
        page.wait_for_timeout(300)
    assert exported(page, site, draft) == before
