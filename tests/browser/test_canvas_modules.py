"""Modules, shared weights and composites on the canvas: made, used again, edited from inside, taken apart."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.model_page import (
    CHAIN,
    PATIENT,
    STAGED,
    also,
    box,
    center,
    drag,
    drop,
    expect_chosen,
    expect_params,
    expect_wires,
    exported,
    judged,
    node,
    opened,
    soon,
    tool,
    wires,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]
UNCHANGED: dict[str, list[str]] = {name: document.get("inputs", []) for name, document in CHAIN["nodes"].items()}
EDGE = {"image": [], "conv1": ["image"], "conv2d_1": ["conv1"]}


def grouped(page: Page, site: str) -> str:
    """A draft whose convolution and ReLU are a module, which is used twice."""
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    also(page, "relu1")
    tool(page, "Group").click()
    expect_chosen(page, "module_1")
    page.get_by_role("tab", name="Modules").click()
    page.get_by_test_id("palette-module:Module").click()
    expect_chosen(page, "module_2")
    expect_wires(page, site, draft, image=[], module_1=["image"], module_2=["module_1"], pool1=["module_2"], flat=["pool1"], label=["flat"])
    judged(page)
    return draft


def inner(page: Page, site: str, draft: str, module: str, name: str) -> dict[str, Any]:
    """The parameters of a node inside a module."""
    found: dict[str, Any] = exported(page, site, draft)["modules"][module]["nodes"][name].get("params", {})
    return found


def test_a_group_is_used_again_and_an_edit_inside_holds_for_both(page: Page, site: str) -> None:
    draft = grouped(page, site)
    expect(node(page, "module_1")).to_contain_text("×2")
    expect(page.get_by_test_id("edge-pool1-0")).to_contain_text("8 × 8 × 6")
    page.get_by_role("button", name="Show what is inside module_1").first.click()
    node(page, "module_1/conv1").click()
    field = page.get_by_test_id("param-filters")
    expect(page.get_by_test_id("inspector-module_1/conv1")).to_be_visible()
    place = box(field)
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("10", delay=150)
    soon(page, lambda: inner(page, site, draft, "Module", "conv1"), {"filters": 10, "padding": "same"})
    expect(page.get_by_test_id("edge-pool1-0")).to_contain_text("8 × 8 × 10", timeout=PATIENT)
    expect(field).to_be_focused()
    assert box(field) == place, "the field that is edited has moved"
    assert [document["block"] for document in exported(page, site, draft)["nodes"].values()].count("module:Module") == 2
    tool(page, "Undo").click()
    soon(page, lambda: inner(page, site, draft, "Module", "conv1"), {"filters": 6, "padding": "same"})


def test_a_detached_use_is_edited_alone(page: Page, site: str) -> None:
    draft = grouped(page, site)
    node(page, "module_2").click()
    inspector = page.get_by_test_id("inspector-module_2")
    expect(inspector).to_contain_text("Used 2 times: an edit inside holds for all uses.")
    inspector.get_by_role("button", name="Detach").click()
    soon(page, lambda: sorted(exported(page, site, draft)["modules"]), ["Module", "Module_2"])
    expect(inspector.get_by_role("button", name="Detach")).to_have_count(0)
    expect(node(page, "module_1")).not_to_contain_text("×2")
    page.get_by_role("button", name="Show what is inside module_2").first.click()
    node(page, "module_2/conv1").click()
    page.get_by_test_id("param-filters").fill("3")
    soon(page, lambda: inner(page, site, draft, "Module_2", "conv1"), {"filters": 3, "padding": "same"})
    assert inner(page, site, draft, "Module", "conv1") == {"filters": 6, "padding": "same"}


def test_ungroup_puts_the_inside_in_its_place(page: Page, site: str) -> None:
    draft = grouped(page, site)
    node(page, "module_1").click()
    tool(page, "Ungroup").click()
    inside: dict[str, list[str]] = {"image": [], "conv1": ["image"], "relu1": ["conv1"]}
    expect_wires(page, site, draft, **inside, module_2=["relu1"], pool1=["module_2"], flat=["pool1"], label=["flat"])
    expect_chosen(page, "conv1", "relu1")
    tool(page, "Undo").click()
    expect_chosen(page, "module_1")
    for _ in range(2):
        tool(page, "Undo").click()
    expect_wires(page, site, draft, **UNCHANGED)
    expect(tool(page, "Undo")).to_be_disabled()


def test_a_module_is_named_once_it_is_typed(page: Page, site: str) -> None:
    draft = grouped(page, site)
    name = page.get_by_test_id("module-name")
    name.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Unit", delay=60)
    page.keyboard.press("Enter")
    soon(page, lambda: list(exported(page, site, draft)["modules"]), ["Unit"])
    expect(page.get_by_test_id("palette-module:Unit")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    tool(page, "Undo").click()
    soon(page, lambda: list(exported(page, site, draft)["modules"]), ["Module"])


def test_a_group_that_can_not_be_says_why(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    also(page, "pool1")
    tool(page, "Group").click()
    expect(page.get_by_role("alert")).to_contain_text("leads over nodes that are not chosen. Choose these too.")
    assert wires(page, site, draft) == UNCHANGED
    expect_chosen(page, "conv1", "pool1")


def test_blocks_are_added_and_connected_inside_a_module(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 1200})
    draft = grouped(page, site)
    page.get_by_role("button", name="Show what is inside module_1").first.click()
    page.get_by_role("tab", name="Blocks").click()
    upper, lower = box(node(page, "module_1/conv1")), box(node(page, "module_1/relu1"))
    drop(page, "BatchNormalization", upper["x"] + upper["width"] / 2, (upper["y"] + upper["height"] + lower["y"]) / 2)
    expect_chosen(page, "module_1/batch_normalization_1")
    judged(page)
    module = exported(page, site, draft)["modules"]["Module"]
    assert module["nodes"]["relu1"]["inputs"] == ["batch_normalization_1"]
    # an inner port leads to the output of the module, past the ReLU
    drag(
        page,
        center(page.get_by_test_id("port-out-module_1/batch_normalization_1-0")),
        center(page.get_by_test_id("port-result-module_1-0")),
    )
    soon(page, lambda: exported(page, site, draft)["modules"]["Module"]["outputs"], ["batch_normalization_1"])
    node(page, "module_1/relu1").click()
    page.keyboard.press("Delete")
    soon(page, lambda: list(exported(page, site, draft)["modules"]["Module"]["nodes"]), ["conv1", "batch_normalization_1"])


def test_a_block_that_is_dropped_into_a_frame_stands_where_it_was_dropped(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 1200})
    draft = grouped(page, site)
    page.get_by_role("button", name="Show what is inside module_1").first.click()
    page.get_by_role("tab", name="Blocks").click()
    x, y = center(page.get_by_test_id("port-inner-module_1-0"))
    drag(page, (x, y), (x + 60, y + 150))
    page.get_by_test_id("choice-search").fill("gelu")
    page.get_by_test_id("choice-GELU").click()
    soon(page, lambda: exported(page, site, draft)["modules"]["Module"]["nodes"].get("gelu_1", {}).get("inputs"), ["@0"])
    dropped = box(node(page, "module_1/gelu_1"))
    assert abs(dropped["x"] + dropped["width"] / 2 - (x + 60)) < 6
    assert abs(dropped["y"] - (y + 150)) < 6
    expect_chosen(page, "module_1/gelu_1")


def test_the_first_edit_inside_a_composite_makes_a_module_of_it(page: Page, site: str) -> None:
    draft = opened(page, site, STAGED)
    page.get_by_role("button", name="Show what is inside stage").first.click()
    node(page, "stage/conv1").click()
    inspector = page.get_by_test_id("inspector-stage/conv1")
    expect(inspector).to_contain_text("An edit here makes a module of your own of stage.")
    field = page.get_by_test_id("param-kernel_size")
    place = box(field)
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("5")
    soon(page, lambda: exported(page, site, draft)["nodes"]["stage"]["block"], "module:Stage")
    soon(page, lambda: inner(page, site, draft, "Stage", "conv1")["kernel_size"], 5)
    expect(field).to_be_focused()
    expect(inspector).not_to_contain_text("An edit here makes")
    judged(page)
    assert box(field) == place, "the field that is edited has moved"
    expect(page.get_by_test_id("explained-stage/conv1")).to_contain_text("(5 × 5 × 6 + 0) × 6 = 900", timeout=PATIENT)
    tool(page, "Undo").click()
    soon(page, lambda: exported(page, site, draft), STAGED)


def test_a_node_is_used_again_with_the_same_weights_and_given_its_own(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    page.get_by_role("button", name="Use again").click()
    expect_chosen(page, "conv2d_1")
    expect_wires(page, site, draft, **EDGE, relu1=["conv2d_1"], pool1=["relu1"], flat=["pool1"], label=["flat"])
    assert exported(page, site, draft)["nodes"]["conv2d_1"]["reuse"] == "conv1"
    node(page, "conv2d_1").get_by_role("button", name="Shares the weights of conv1").click()
    expect_chosen(page, "conv1")
    expect(page.get_by_test_id("inspector-conv1")).to_contain_text("Its weights are also used by conv2d_1")
    page.get_by_test_id("inspector-conv1").get_by_role("button", name="conv2d_1").click()
    expect_chosen(page, "conv2d_1")
    page.get_by_test_id("param-filters").fill("1")
    expect_params(page, site, draft, "conv1", {"filters": 1, "padding": "same"})
    assert exported(page, site, draft)["nodes"]["conv2d_1"].get("params", {}) == {}
    page.get_by_role("button", name="Give it its own").click()
    expect_params(page, site, draft, "conv2d_1", {"filters": 1, "padding": "same"})
    expect(node(page, "conv2d_1").get_by_role("button", name="Shares the weights of conv1")).to_have_count(0)
    page.get_by_test_id("param-filters").fill("8")
    expect_params(page, site, draft, "conv2d_1", {"filters": 8, "padding": "same"})
    assert exported(page, site, draft)["nodes"]["conv1"]["params"]["filters"] == 1


def test_several_nodes_of_one_block_are_set_at_once(page: Page, site: str) -> None:
    second = {"block": "Conv2D", "params": {"filters": 16, "padding": "same"}, "inputs": ["relu1"]}
    nodes = {**CHAIN["nodes"], "conv2": second, "pool1": {**CHAIN["nodes"]["pool1"], "inputs": ["conv2"]}}
    draft = opened(page, site, {**CHAIN, "nodes": nodes})
    node(page, "conv1").click()
    also(page, "conv2")
    inspector = page.get_by_test_id("inspector-many")
    expect(inspector).to_contain_text("All are Conv2D")
    expect(inspector).to_contain_text("They differ in: filters.")
    filters = page.get_by_test_id("param-filters")
    expect(filters).to_have_value("")
    expect(page.get_by_test_id("param-padding")).to_have_value("same")
    place = box(filters)
    filters.click()
    page.keyboard.type("12", delay=150)
    expect_params(page, site, draft, "conv1", {"filters": 12, "padding": "same"})
    expect_params(page, site, draft, "conv2", {"filters": 12, "padding": "same"})
    expect(inspector).not_to_contain_text("They differ in")
    expect(filters).to_be_focused()
    assert box(filters) == place, "the field that is edited has moved"
    expect_chosen(page, "conv1", "conv2")
    tool(page, "Undo").click()
    expect_params(page, site, draft, "conv2", {"filters": 16, "padding": "same"})
    assert exported(page, site, draft)["nodes"]["conv1"]["params"]["filters"] == 6
    also(page, "relu1")
    expect(inspector).to_contain_text("They are different blocks.")


def test_a_frozen_node_says_so(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    freeze = page.get_by_role("checkbox", name="Freeze its weights")
    freeze.check()
    soon(page, lambda: exported(page, site, draft)["nodes"]["conv1"].get("trainable"), False)
    expect(node(page, "conv1").get_by_role("img", name="Frozen: training leaves its weights as they are")).to_be_visible()
    trainable = page.locator(".s-facts > div").filter(has_text="Trainable")
    expect(trainable.locator("dd")).to_have_attribute("title", "970", timeout=PATIENT)
    freeze.uncheck()
    soon(page, lambda: exported(page, site, draft)["nodes"]["conv1"].get("trainable", True), True)
    expect(trainable.locator("dd")).to_have_attribute("title", "1,030", timeout=PATIENT)
