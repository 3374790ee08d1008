"""The inspector of the Model page: nested settings are chosen and saved, and each node is explained with the numbers of this network."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from blocks import Graph
from tests.browser.model_page import (
    CHAIN,
    PATIENT,
    PHONE,
    box,
    drafted,
    expect_chosen,
    expect_focus,
    expect_wires,
    exported,
    judged,
    node,
    soon,
    tool,
    visit,
    wires,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GRAPH: dict[str, Any] = Graph.model_validate(
    {
        "nodes": {
            "image": {"block": "Input"},
            "conv1": {"block": "Conv2D", "params": {"filters": 6, "padding": "same"}, "inputs": ["image"]},
            "stage": {"block": "Residual", "params": {"filters": 8}, "inputs": ["conv1"]},
            "rows": {"block": "Reshape", "params": {"target_shape": [8, 64]}, "inputs": ["stage"]},
            "both": {"block": "Bidirectional", "params": {"block": {"block": "LSTM", "params": {"units": 16}}}, "inputs": ["rows"]},
            "label": {"block": "Output", "inputs": ["both"]},
        }
    }
).document()


def opened(page: Page, site: str, layer: str, graph: dict[str, Any] = GRAPH) -> str:
    """The Model page of a draft with these nodes, with one layer chosen in the table below; its draft's id."""
    draft = drafted(page, site, graph)
    visit(page, site, draft)
    chosen(page, layer)
    return draft


def chosen(page: Page, layer: str) -> None:
    """Chooses a layer in the table below, and waits until it is explained."""
    page.get_by_role("tab", name="Layers").click()
    page.get_by_role("button", name=f"Parameters of {layer}", exact=True).click()
    expect(page.get_by_test_id(f"inspector-{layer}")).to_be_visible()
    expect(line(page, layer, "Weights")).to_be_visible(timeout=PATIENT)


def line(page: Page, layer: str, label: str) -> Locator:
    """What the explanation says under a label."""
    rows = page.get_by_test_id(f"explained-{layer}").locator("dl > div")
    return rows.filter(has=page.locator("dt", has_text=re.compile(f"^{re.escape(label)}$"))).locator("dd")


def saved(page: Page, site: str, draft: str, layer: str, name: str, value: object) -> None:
    """Waits until the draft on the server holds the value."""
    soon(page, lambda: exported(page, site, draft)["nodes"][layer].get("params", {}).get(name), value)


def more(page: Page) -> None:
    """Opens the group of rare settings."""
    page.locator(".s-inspector summary").filter(has_text="More settings").first.click()


def test_a_node_is_explained_with_the_current_numbers_and_follows_its_fields(page: Page, site: str) -> None:
    opened(page, site, "conv1")
    expect(line(page, "conv1", "Shape")).to_have_text("8 × 8 × 1 → 8 × 8 × 6")
    expect(line(page, "conv1", "Weights")).to_have_text("(3 × 3 × 1 + 1) × 6 = 60")
    page.get_by_text("How it works").click()
    inspector = page.get_by_test_id("inspector-conv1")
    expect(inspector).to_contain_text("Use it for local patterns")
    expect(page.locator(".s-about")).to_contain_text("LeCun et al. (1998)")
    field = page.get_by_test_id("param-filters")
    field.scroll_into_view_if_needed()
    place = box(field)
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("12", delay=150)
    expect(line(page, "conv1", "Weights")).to_have_text("(3 × 3 × 1 + 1) × 12 = 120", timeout=PATIENT)
    expect(line(page, "conv1", "Height, width")).to_have_text("ceil(8 / 1) = 8")
    expect(field).to_be_focused()
    page.get_by_test_id("param-kernel_size").fill("3, 5")
    expect(line(page, "conv1", "Weights")).to_have_text("(3 × 5 × 1 + 1) × 12 = 192", timeout=PATIENT)
    assert box(field) == place, "the field that is edited has moved"
    expect(node(page, "conv1")).to_contain_text("12, 3 × 5")


def test_the_numbers_are_dimmed_rather_than_taken_away_while_they_are_old(page: Page, site: str) -> None:
    opened(page, site, "conv1")
    page.evaluate(
        """() => {
          window.gone = 0;
          const list = document.querySelector('[data-testid="explained-conv1"] dl');
          new MutationObserver(() => { if (list.children.length === 0) window.gone += 1; }).observe(list, { childList: true, subtree: true });
        }"""
    )
    page.get_by_test_id("param-filters").fill("20")
    expect(line(page, "conv1", "Weights")).to_contain_text("= 200", timeout=PATIENT)
    assert page.evaluate("window.gone") == 0


def test_a_node_is_chosen_on_the_canvas_and_in_the_table_alike(page: Page, site: str) -> None:
    opened(page, site, "conv1")
    expect_chosen(page, "conv1")
    node(page, "rows").click()
    expect(page.get_by_test_id("inspector-rows")).to_be_visible()
    expect(page.get_by_test_id("layer-rows")).to_have_class(re.compile("s-chosen"))
    expect(page.get_by_test_id("param-target_shape")).to_have_value("8, 64")


def test_a_regularizer_is_chosen_with_its_parameters_and_written_short(page: Page, site: str) -> None:
    draft = opened(page, site, "conv1")
    more(page)
    choice = page.get_by_label("Kernel regularizer", exact=True)
    expect(choice).to_have_attribute("data-testid", "param-kernel_regularizer")
    expect(choice.locator("option").first).to_have_text("nothing")
    expect(page.get_by_test_id("param-kernel_regularizer.l2")).to_have_count(0)
    choice.select_option("l2")
    saved(page, site, draft, "conv1", "kernel_regularizer", "l2")
    inner = page.get_by_role("group", name="Kernel regularizer: l2").get_by_test_id("param-kernel_regularizer.l2")
    inner.fill("0.001")
    saved(page, site, draft, "conv1", "kernel_regularizer", {"name": "l2", "l2": 0.001})
    inner.fill("0.01")  # the default
    saved(page, site, draft, "conv1", "kernel_regularizer", "l2")
    inner.fill("-1")
    expect(page.locator(".s-nested [role=alert]")).to_have_text("At least 0.")
    choice.select_option("")
    saved(page, site, draft, "conv1", "kernel_regularizer", None)
    expect(page.locator(".s-inspector [role=alert]")).to_have_count(0)


def test_a_wrapped_block_is_changed_and_exchanged(page: Page, site: str) -> None:
    draft = opened(page, site, "both")
    assert page.get_by_test_id("param-block").input_value() == "LSTM"
    page.get_by_test_id("param-block.units").fill("8")
    saved(page, site, draft, "both", "block", {"block": "LSTM", "params": {"units": 8}})
    expect(line(page, "both", "Shape")).to_have_text("8 × 64 → 16", timeout=PATIENT)
    page.get_by_test_id("param-block").select_option("GRU")
    saved(page, site, draft, "both", "block", "GRU")
    expect(line(page, "both", "Shape")).to_have_text("8 × 64 → 128", timeout=PATIENT)
    page.reload()
    chosen(page, "both")
    expect(page.get_by_test_id("param-block")).to_have_value("GRU")
    expect(page.get_by_test_id("param-block.units")).to_have_value("64")


def test_wrappers_stand_within_each_other_up_to_three_deep(page: Page, site: str) -> None:
    first = {"block": {"block": "TimeDistributed", "params": {"block": {"block": "TimeDistributed", "params": {"block": "LayerNormalization"}}}}}
    nodes = {**GRAPH["nodes"], "both": {"block": "TimeDistributed", "params": first, "inputs": ["rows"]}}
    draft = drafted(page, site, {**GRAPH, "nodes": nodes})
    visit(page, site, draft)
    node(page, "both").click()
    deepest = page.get_by_test_id("param-block.block.block")
    expect(deepest).to_have_value("LayerNormalization")
    offered = deepest.locator("option").all_text_contents()
    assert "TimeDistributed" not in offered
    assert "TimeDistributed" in page.get_by_test_id("param-block.block").locator("option").all_text_contents()
    deepest.select_option("Dense")
    # Dense is what it holds by itself
    saved(page, site, draft, "both", "block", {"block": "TimeDistributed", "params": {"block": "TimeDistributed"}})
    expect(page.locator(".s-below .s-messages")).to_contain_text("TimeDistributed: invalid input", timeout=PATIENT)
    expect(page.get_by_test_id("param-block.block.block.units")).to_be_visible()  # a node that can't be made stays open


def test_it_works_with_the_keyboard_alone(page: Page, site: str) -> None:
    draft = opened(page, site, "both")
    page.get_by_test_id("param-block").focus()
    page.keyboard.press("ArrowUp")
    expect_focus(page, "param-block")
    focused = "document.activeElement.dataset.testid ?? ''"
    for _ in range(5):
        page.keyboard.press("Tab")
        if str(page.evaluate(focused)).startswith("param-block."):
            break
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7")
    name = str(page.evaluate(focused)).removeprefix("param-block.")
    assert page.get_by_test_id(f"param-block.{name}").input_value() == "7"
    # typed while the choice before may still be under way: both count
    saved(page, site, draft, "both", "block", {"block": "GRU", "params": {name: 7}})


def test_a_composite_leads_to_its_parts_which_are_explained_and_edited_too(page: Page, site: str) -> None:
    draft = opened(page, site, "stage")
    parts = page.get_by_role("region", name="Made of")
    expect(parts.locator("tbody tr")).to_have_count(9)
    parts.get_by_role("button", name="Parameters of stage/conv2").click()
    expect_chosen(page, "stage/conv2")
    expect(line(page, "stage/conv2", "Weights")).to_contain_text("= 576", timeout=PATIENT)
    expect(page.get_by_test_id("param-filters")).to_be_enabled()
    expect(page.get_by_test_id("inspector-stage/conv2")).to_contain_text("An edit here makes a module of your own of stage.")
    more(page)
    page.get_by_test_id("param-use_bias").check()
    soon(page, lambda: exported(page, site, draft)["nodes"]["stage"]["block"], "module:Stage")
    expect(line(page, "stage/conv2", "Weights")).to_contain_text("= 584", timeout=PATIENT)
    tool(page, "Undo").click()
    soon(page, lambda: exported(page, site, draft), GRAPH)


def add(page: Page, behind: str, search: str, block: str) -> None:
    """Adds a block behind a layer, with the button in the inspector."""
    page.get_by_test_id(f"inspector-{behind}").get_by_test_id("layer-add").click()
    page.get_by_test_id("choice-search").fill(search)
    page.get_by_test_id(f"choice-{block}").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_layers_are_added_joined_removed_and_taken_back(page: Page, site: str) -> None:
    draft = drafted(page, site, {"preset": "SimpleCNN", "params": {}})
    visit(page, site, draft)
    chosen(page, "conv2")
    expect(tool(page, "Undo")).to_be_disabled()
    rows = page.locator("tr[data-testid^=layer-]")
    count = rows.count()

    add(page, "conv2", "squeeze", "SqueezeExcitation")
    expect_chosen(page, "squeeze_excitation_1")
    expect_focus(page, "node-squeeze_excitation_1")
    expect(line(page, "squeeze_excitation_1", "Weights")).to_contain_text("=", timeout=PATIENT)
    expect(page.get_by_test_id("input-0")).to_have_value("conv2")
    expect(rows).to_have_count(count + 1)
    now = wires(page, site, draft)
    assert now["squeeze_excitation_1"] == ["conv2"]
    assert [name for name, inputs in now.items() if "squeeze_excitation_1" in inputs] == ["pool2"]
    assert [name for name, inputs in now.items() if "conv2" in inputs] == ["squeeze_excitation_1"]

    add(page, "squeeze_excitation_1", "add", "Add")
    soon(page, lambda: wires(page, site, draft).get("add_1"), ["squeeze_excitation_1", "conv2"])
    expect(page.get_by_test_id("input-1")).to_have_value("conv2")
    judged(page)
    offered = page.get_by_test_id("input-1").locator("option").evaluate_all("all => all.map((each) => each.value)")
    assert "image" in offered
    assert not {"add_1", "label"} & set(offered)
    page.get_by_test_id("input-1").select_option("image")
    soon(page, lambda: wires(page, site, draft)["add_1"], ["squeeze_excitation_1", "image"])
    page.get_by_test_id("input-add").click()
    expect(page.get_by_test_id("input-2")).to_be_visible()
    page.get_by_role("button", name="Remove input 2").click()
    expect(page.get_by_test_id("input-2")).to_have_count(0)
    expect(page.get_by_role("button", name="Remove input 1")).to_have_count(0)
    for _ in range(3):
        tool(page, "Undo").click()
    soon(page, lambda: wires(page, site, draft)["add_1"], ["squeeze_excitation_1", "conv2"])

    chosen(page, "squeeze_excitation_1")
    page.get_by_role("button", name="Remove squeeze_excitation_1").click()
    soon(page, lambda: wires(page, site, draft)["add_1"], ["conv2", "conv2"])
    expect_chosen(page, "conv2")
    page.keyboard.press("ControlOrMeta+z")
    soon(page, lambda: wires(page, site, draft)["add_1"], ["squeeze_excitation_1", "conv2"])
    expect_chosen(page, "squeeze_excitation_1")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled(timeout=PATIENT)
    expect(page.locator(".s-messages .s-message-error")).to_have_count(0)
    tool(page, "Undo").click()
    tool(page, "Undo").click()
    expect(tool(page, "Undo")).to_be_disabled()
    expect(rows).to_have_count(count)
    recipe = page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"]
    assert recipe["graph"] == {"preset": "SimpleCNN", "params": {}}, "the preset again"


def test_a_block_that_does_not_fit_says_so_at_its_node(page: Page, site: str) -> None:
    opened(page, site, "conv1")
    add(page, "conv1", "lstm", "LSTM")
    expect(page.get_by_test_id("inspector-lstm_1").locator(".s-messages")).to_contain_text("LSTM: invalid input", timeout=PATIENT)
    expect(node(page, "lstm_1").get_by_role("img", name="Problem")).to_be_visible()
    expect(page.locator(".s-line-reason")).to_contain_text("lstm_1")
    tool(page, "Undo").click()
    expect(node(page, "lstm_1")).to_have_count(0)
    expect(page.get_by_test_id("inspector-conv1").locator(".s-message-error")).to_have_count(0)


def test_a_problem_is_mended_with_one_click(page: Page, site: str) -> None:
    draft = opened(page, site, "conv1", CHAIN)
    page.get_by_test_id("inspector-conv1").get_by_role("button", name="Insert Rescaling").click()
    behind: dict[str, list[str]] = {"image": [], "rescaling_1": ["image"], "conv1": ["rescaling_1"], "relu1": ["conv1"]}
    expect_wires(page, site, draft, **behind, pool1=["relu1"], flat=["pool1"], label=["flat"])
    expect(node(page, "conv1").get_by_role("img", name="Warning")).to_have_count(0, timeout=PATIENT)


def test_the_list_of_blocks_is_used_with_the_keyboard_alone(page: Page, site: str) -> None:
    opened(page, site, "conv1")
    add_button = page.get_by_test_id("layer-add")
    add_button.focus()
    page.keyboard.press("Enter")
    search = page.get_by_role("dialog").get_by_role("combobox", name="Search by name, purpose or category")
    expect(search).to_be_focused()
    options = page.get_by_role("dialog").get_by_role("listbox").get_by_role("option")
    assert options.count() > 200
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(add_button).to_be_focused()
    page.keyboard.press("Enter")
    expect(search).to_be_focused()
    page.keyboard.type("max pooling")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(search).to_have_attribute("aria-activedescendant", str(options.nth(1).get_attribute("id")))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("global nothing")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("No block")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("gelu")
    page.keyboard.press("Enter")
    expect_chosen(page, "gelu_1")
    expect_focus(page, "node-gelu_1")


def test_the_list_beside_the_canvas_is_used_with_the_keyboard_too(page: Page, site: str) -> None:
    draft = opened(page, site, "conv1", CHAIN)
    search = page.get_by_test_id("palette-search")
    search.focus()
    page.keyboard.press("Enter")  # nothing is meant yet
    page.keyboard.type("gauss drop")
    page.keyboard.press("Enter")
    expect_chosen(page, "gaussian_dropout_1")
    soon(page, lambda: wires(page, site, draft)["relu1"], ["gaussian_dropout_1"])
    assert len(wires(page, site, draft)) == len(CHAIN["nodes"]) + 1


def test_on_a_phone_the_list_of_blocks_fits(page: Page, site: str) -> None:
    page.set_viewport_size(PHONE)
    opened(page, site, "conv1")
    page.get_by_test_id("layer-add").click()
    dialog = box(page.get_by_role("dialog"))
    assert dialog["x"] >= 0
    assert dialog["x"] + dialog["width"] <= PHONE["width"]
    assert dialog["y"] + dialog["height"] <= PHONE["height"]
    page.get_by_test_id("choice-search").fill("batch norm")
    page.get_by_test_id("choice-BatchNormalization").click()
    expect_chosen(page, "batch_normalization_1")
    expect(page.get_by_test_id("inspector-batch_normalization_1")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("layer", ["conv1", "stage", "both"])
def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, site: str, layer: str) -> None:
    page.set_viewport_size(PHONE)
    opened(page, site, layer)
    more(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    inner = box(page.locator(".s-inspector"))
    assert inner["x"] >= 0
    assert inner["x"] + inner["width"] <= PHONE["width"]
    told = "Array.from(document.querySelectorAll('.s-lines dd, .s-inspector select'))"
    assert page.evaluate(f"{told}.filter((each) => each.scrollWidth > each.clientWidth + 1).length") == 0


def test_it_speaks_chinese(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{site}/model?draft={drafted(page, site, GRAPH)}")
    node(page, "conv1").click(timeout=PATIENT)
    told = page.get_by_test_id("explained-conv1")
    expect(told.locator("dt").first).to_have_text("形状", timeout=PATIENT)
    expect(told.locator("dd").nth(1)).to_have_text("ceil(8 / 1) = 8")
    page.locator(".s-inspector summary").last.click()
    expect(page.locator(".s-about dt").first).to_have_text("公式")
    page.get_by_test_id("layer-add").click()
    page.get_by_test_id("choice-search").fill("卷积")
    expect(page.get_by_test_id("choice-Conv2D")).to_be_visible()
    expect(page.get_by_test_id("choice-LSTM")).to_have_count(0)
    context.close()
