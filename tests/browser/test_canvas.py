"""The canvas: networks are built, opened, grouped and undone as a person does it, with the mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import presets
from blocks.features import Feature
from studio.datasets import builtin, store
from studio.workspace import Workspace
from tests.browser.conftest import fresh, watched
from tests.browser.model_page import (
    CHAIN,
    PATIENT,
    STAGED,
    also,
    between,
    box,
    center,
    choose,
    chosen,
    connect,
    drag,
    drop,
    expect_chosen,
    expect_focus,
    expect_params,
    expect_wires,
    exported,
    judged,
    node,
    opened,
    places,
    soon,
    tool,
    wires,
)
from tests.presets.ready import first_variants

pytestmark = [pytest.mark.browser, pytest.mark.slow]


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
        spot: Any = {"x": 130 + 250 * (place % 3), "y": 100 + 140 * (place // 3)}  # no port lies near an edge, where an edge that is dragged scrolls
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


@pytest.fixture(scope="module")
def imported(workspace_folder: Path) -> dict[str, list[Feature]]:
    """The features of every built-in set, and of the scenes at the scales that they don't have by themselves."""
    workspace = Workspace(workspace_folder)
    found = [builtin.add(workspace, name) for name in builtin.all_sets()]
    found += [
        store.add(workspace, builtin.SAMPLES / "scenes.zip", f"scenes-x{scale}", kind="super-resolution", options={"scale": scale})
        for scale in (3, 4)
    ]
    return {manifest.name: manifest.features for manifest in found}


@pytest.fixture(scope="module")
def regular(browser: Browser) -> Iterator[BrowserContext]:
    """A person who was here before, so that the page itself needn't be loaded again."""
    yield from fresh(browser)


@pytest.fixture
def tab(regular: BrowserContext) -> Iterator[Page]:
    """A new tab of that person."""
    yield from watched(regular)


@pytest.mark.parametrize("name", first_variants())
def test_every_family_opens_expands_and_undoes_to_the_same_document(tab: Page, site: str, imported: dict[str, list[Feature]], name: str) -> None:
    preset = presets.get(name)
    dataset = next((dataset for dataset, features in imported.items() if preset.fits(features)), None)
    assert dataset is not None, f"No built-in set fits {name}: the file that it wants is missing in studio/datasets/builtin.py."
    draft = opened(tab, site, {"preset": name}, dataset)
    before = exported(tab, site, draft)
    for depth in (1, 2):
        buttons = tab.locator(".s-node-open[aria-expanded=false]")
        if buttons.count():
            buttons.first.press("Enter")  # a mouse would have to move the view to what a large network has outside it
            expect(tab.locator(".s-node-open[aria-expanded=true]")).to_have_count(depth)
    deepest = tab.locator(".s-node").last
    path = str(deepest.get_attribute("data-testid")).removeprefix("node-")
    tab.get_by_role("tab", name="Layers").click()
    tab.get_by_test_id(f"layer-{path}").get_by_role("button", name=f"Parameters of {path}").click()
    tab.get_by_test_id("layer-remove").click()
    tool(tab, "Undo").click()
    expect(tool(tab, "Undo")).to_be_disabled()
    soon(tab, lambda: exported(tab, site, draft), before)


def test_all_branches_of_a_comparing_network_are_seen_with_the_weights_that_they_share(page: Page, site: str) -> None:
    draft = opened(page, site, {"preset": "Triplet", "params": {"form": "branches"}}, "signs")
    for branch in "abc":
        expect(node(page, f"encoder_{branch}")).to_be_visible()
    for branch in "bc":
        expect(node(page, f"encoder_{branch}").get_by_role("button", name="encoder_a")).to_be_visible()
    expect(page.get_by_text("The network has 3 Inputs (image_a, image_b, image_c)").first).to_be_visible(timeout=PATIENT)
    node(page, "encoder_b").locator(".s-node-open").click()
    expect(node(page, "encoder_b/conv1")).to_be_visible()
    assert exported(page, site, draft)["nodes"]["encoder_c"] == {"reuse": "encoder_a", "inputs": ["turn_c"]}


def test_a_click_in_the_palette_appends_behind_the_chosen_node_and_chooses_the_new_one(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    page.get_by_test_id("palette-search").fill("dropout")
    page.get_by_test_id("palette-Dropout").click()
    expect_chosen(page, "dropout_1")
    expect(page.get_by_test_id("inspector-dropout_1")).to_be_visible()
    expect_focus(page, "node-dropout_1")
    page.get_by_test_id("palette-GaussianDropout").click()
    expect_chosen(page, "gaussian_dropout_1")
    behind: dict[str, list[str]] = {"image": [], "conv1": ["image"], "dropout_1": ["conv1"], "gaussian_dropout_1": ["dropout_1"]}
    expect_wires(page, site, draft, **behind, relu1=["gaussian_dropout_1"], pool1=["relu1"], flat=["pool1"], label=["flat"])
    expect(page.get_by_test_id("edge-relu1-0")).to_contain_text("8 × 8 × 6")


def test_without_a_chosen_node_a_click_appends_at_the_end(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    tool(page, "New").click()
    for block in ("Input", "Flatten", "Output"):
        page.get_by_test_id("palette-search").fill(block)
        page.get_by_test_id(f"palette-{block}").click()
        expect_chosen(page, f"{block.lower()}_1")
        page.keyboard.press("Escape")
        expect_chosen(page)
    expect_wires(page, site, draft, input_1=[], flatten_1=["input_1"], output_1=["flatten_1"])


def test_a_block_that_is_dropped_on_an_edge_stands_between(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    drop(page, "BatchNormalization", *between(page, "conv1", "relu1"))
    expect_chosen(page, "batch_normalization_1")
    before: dict[str, list[str]] = {"image": [], "conv1": ["image"], "batch_normalization_1": ["conv1"]}
    expect_wires(page, site, draft, **before, relu1=["batch_normalization_1"], pool1=["relu1"], flat=["pool1"], label=["flat"])
    assert exported(page, site, draft)["layout"] == {}, "what was laid out by itself stays so"


def test_a_block_that_is_dropped_on_a_node_is_appended_and_before_an_output(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    drop(page, "Dense", *center(node(page, "label")))
    expect_chosen(page, "dense_1")
    judged(page)
    drop(page, "GELU", *center(node(page, "pool1")))
    expect_chosen(page, "gelu_1")
    before: dict[str, list[str]] = {"image": [], "conv1": ["image"], "relu1": ["conv1"], "pool1": ["relu1"], "gelu_1": ["pool1"]}
    expect_wires(page, site, draft, **before, flat=["gelu_1"], dense_1=["flat"], label=["dense_1"])


def test_an_output_that_is_dragged_to_the_empty_canvas_asks_for_a_block_and_is_connected(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    others = ("image", "conv1", "relu1", "pool1", "flat", "label")
    before = places(page, *others)
    x, y = center(page.get_by_test_id("port-out-conv1-0"))
    drag(page, (x, y), (x + 220, y + 30))
    dialog = page.get_by_role("dialog", name="Add a layer behind conv1")
    expect(page.get_by_test_id("choice-search")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert list(wires(page, site, draft)) == list(others)
    drag(page, (x, y), (x + 220, y + 30))
    choose(page, "gelu", "GELU")
    expect_chosen(page, "gelu_1")
    soon(page, lambda: wires(page, site, draft)["gelu_1"], ["conv1"])
    dropped = box(node(page, "gelu_1"))
    assert abs(dropped["x"] + dropped["width"] / 2 - (x + 220)) < 4
    assert abs(dropped["y"] - (y + 30)) < 4
    assert places(page, *others) == before, "the other nodes stay where they are"


def test_ports_are_connected_by_dragging_and_a_circle_is_not_taken(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "relu1").click()
    page.get_by_test_id("palette-search").fill("add")
    page.get_by_test_id("palette-Add").click()
    expect_chosen(page, "add_1")
    soon(page, lambda: wires(page, site, draft)["add_1"], ["relu1", "conv1"])
    connect(page, "image", "add_1", port=2)  # the free port of a block that takes any number
    soon(page, lambda: wires(page, site, draft)["add_1"], ["relu1", "conv1", "image"])
    connect(page, "conv1", "pool1")  # a port that is taken is led elsewhere
    soon(page, lambda: wires(page, site, draft)["pool1"], ["conv1"])
    before = wires(page, site, draft)
    connect(page, "pool1", "conv1")
    connect(page, "relu1", "relu1")
    page.wait_for_timeout(500)
    assert wires(page, site, draft) == before
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_edge_offers_to_insert_a_block_and_goes_with_delete(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    page.mouse.move(*between(page, "relu1", "pool1"))
    page.get_by_role("button", name="Insert a block between relu1 and pool1").click()
    expect(page.get_by_role("dialog", name="Insert a block between relu1 and pool1")).to_be_visible()
    expect(page.get_by_test_id("choice-Output")).to_have_count(0)
    choose(page, "batch norm", "BatchNormalization")
    expect_chosen(page, "batch_normalization_1")
    soon(page, lambda: wires(page, site, draft)["pool1"], ["batch_normalization_1"])
    judged(page)
    page.mouse.click(*between(page, "conv1", "relu1"))
    expect(page.locator(".s-wire-chosen")).to_have_count(1)
    expect_chosen(page)
    page.keyboard.press("Delete")
    soon(page, lambda: wires(page, site, draft)["relu1"], [])
    expect(page.get_by_test_id("edge-relu1-0")).to_have_count(0)
    expect(page.get_by_role("tab", name="Problems")).to_contain_text("(", timeout=PATIENT)


def test_what_is_deleted_is_joined_again_and_comes_back(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "relu1").click()
    page.keyboard.press("Delete")
    expect_wires(page, site, draft, image=[], conv1=["image"], pool1=["conv1"], flat=["pool1"], label=["flat"])
    expect_chosen(page, "conv1")
    expect_focus(page, "node-conv1")
    tool(page, "Undo").click()
    expect_wires(page, site, draft, **{name: document.get("inputs", []) for name, document in CHAIN["nodes"].items()})
    expect_chosen(page, "relu1")


def test_several_nodes_are_chosen_by_clicks_and_with_a_frame(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    also(page, "relu1")
    expect_chosen(page, "conv1", "relu1")
    also(page, "pool1", "ControlOrMeta")
    expect_chosen(page, "conv1", "relu1", "pool1")
    expect(page.get_by_test_id("inspector-many")).to_contain_text("3 nodes")
    also(page, "relu1", "ControlOrMeta")
    expect_chosen(page, "conv1", "pool1")
    node(page, "conv1").click()
    expect_chosen(page, "conv1")
    page.locator(".react-flow__pane").click(position={"x": 20, "y": 20})
    expect_chosen(page)
    upper, lower = box(node(page, "conv1")), box(node(page, "pool1"))
    page.keyboard.down("Shift")
    drag(page, (upper["x"] - 30, upper["y"] - 12), (lower["x"] + lower["width"] + 30, lower["y"] + 20))
    page.keyboard.up("Shift")
    expect_chosen(page, "conv1", "relu1", "pool1")
    node(page, "relu1").click()  # what is inside the frame can be clicked at once
    expect_chosen(page, "relu1")
    page.keyboard.press("ControlOrMeta+a")
    expect_chosen(page, *CHAIN["nodes"])
    also(page, "flat")
    also(page, "label")
    page.keyboard.press("Delete")
    expect_wires(page, site, draft, flat=[], label=["flat"])


def test_a_moved_node_leaves_the_others_where_they_are_and_arrange_forgets_it(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    all_of_them = tuple(CHAIN["nodes"])
    before = places(page, *all_of_them)
    x, y = center(node(page, "relu1"))
    drag(page, (x - 40, y), (x + 160, y + 16))
    soon(page, lambda: len(exported(page, site, draft)["layout"]), len(all_of_them))
    after = places(page, *all_of_them)
    assert after["relu1"][0] > before["relu1"][0] + 150
    assert {**after, "relu1": before["relu1"]} == before
    page.reload()
    expect(node(page, "relu1")).to_be_visible(timeout=PATIENT)
    judged(page)
    assert exported(page, site, draft)["layout"]["relu1"][0] > 150
    tool(page, "Arrange").click()
    soon(page, lambda: exported(page, site, draft)["layout"], {})
    arranged = places(page, *all_of_them)
    assert len({left for left, _ in arranged.values()}) == 1
    tool(page, "Undo").click()
    soon(page, lambda: len(exported(page, site, draft)["layout"]), len(all_of_them))
    moved = places(page, *all_of_them)
    assert moved["relu1"][0] > moved["conv1"][0] + 150
    assert moved["pool1"][0] == moved["conv1"][0]
    node(page, "relu1").click()
    tool(page, "Undo").click()
    soon(page, lambda: exported(page, site, draft)["layout"], {})


def test_several_chosen_nodes_are_moved_together(page: Page, site: str) -> None:
    opened(page, site, CHAIN)
    before = places(page, "conv1", "relu1", "pool1")
    node(page, "conv1").click()
    also(page, "relu1")
    x, y = center(node(page, "conv1"))
    drag(page, (x - 40, y), (x + 160, y))
    expect(tool(page, "Undo")).to_be_enabled()
    after = places(page, "conv1", "relu1", "pool1")
    assert after["conv1"][0] - before["conv1"][0] == after["relu1"][0] - before["relu1"][0] > 150
    assert after["pool1"] == before["pool1"]


def test_below_an_open_composite_a_node_is_moved_and_nothing_else(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 1600})
    draft = opened(page, site, STAGED)
    node(page, "stage").get_by_role("button", name="Show what is inside stage").click()
    expect(node(page, "stage/conv1")).to_be_visible()
    page.get_by_role("button", name="Show the whole network").click()
    names = ("image", "conv1", "stage", "flat", "label")
    before = places(page, *names)
    x, y = center(node(page, "flat"))
    drag(page, (x - 20, y), (x + 140, y))
    expect(tool(page, "Undo")).to_be_enabled()
    after = places(page, *names)
    assert after["flat"][0] > before["flat"][0] + 100
    assert {**after, "flat": before["flat"]} == before
    page.get_by_role("button", name="Close stage").first.click()
    expect(node(page, "stage/conv1")).to_have_count(0)
    layout = exported(page, site, draft)["layout"]
    assert layout["flat"][1] - layout["stage"][1] == layout["stage"][1] - layout["conv1"][1], "closed, the network is as dense as before"


def test_replace_keeps_what_fits(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    page.get_by_role("button", name="Replace", exact=True).click()
    expect(page.get_by_role("dialog", name="Put another block in the place of conv1")).to_be_visible()
    choose(page, "separable", "SeparableConv2D")
    expect_params(page, site, draft, "conv1", {"filters": 6, "padding": "same"})
    assert exported(page, site, draft)["nodes"]["conv1"]["block"] == "SeparableConv2D"
    expect(node(page, "conv1")).to_contain_text("SeparableConv2D")
    expect_chosen(page, "conv1")
    page.get_by_role("button", name="Replace", exact=True).click()
    choose(page, "gelu", "GELU")
    expect_params(page, site, draft, "conv1", {})
    assert wires(page, site, draft)["conv1"] == ["image"]
    assert wires(page, site, draft)["relu1"] == ["conv1"]
