"""The layers of the Model page: nested settings are chosen and saved, and each layer is explained with the numbers of this network."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT = 120_000
PHONE = ViewportSize(width=390, height=844)

NODES: dict[str, Any] = {
    "image": {"block": "Input"},
    "conv1": {"block": "Conv2D", "params": {"filters": 6, "padding": "same"}, "inputs": ["image"]},
    "stage": {"block": "Residual", "params": {"filters": 8}, "inputs": ["conv1"]},
    "rows": {"block": "Reshape", "params": {"target_shape": [8, 64]}, "inputs": ["stage"]},
    "both": {"block": "Bidirectional", "params": {"block": {"block": "LSTM", "params": {"units": 16}}}, "inputs": ["rows"]},
    "label": {"block": "Output", "inputs": ["both"]},
}


def opened(page: Page, site: str, layer: str) -> str:
    """The Model page of a draft with these nodes, with one layer opened; its draft's id."""
    made = page.request.post(f"{site}/api/drafts", data={"recipe": {"dataset": "digits", "graph": {"format": "studio.graph/1", "nodes": NODES}}})
    assert made.ok, made.text()
    draft = str(made.json()["id"])
    page.goto(f"{site}/model?draft={draft}")
    page.get_by_role("button", name=f"Parameters of {layer}").click(timeout=PATIENT)
    expect(line(page, layer, "Weights")).to_be_visible(timeout=PATIENT)
    return draft


def line(page: Page, layer: str, label: str) -> Locator:
    """What the explanation says under a label."""
    rows = page.get_by_test_id(f"explained-{layer}").locator("dl > div")
    return rows.filter(has=page.locator("dt", has_text=re.compile(f"^{re.escape(label)}$"))).locator("dd")


def params(page: Page, site: str, draft: str, node: str) -> dict[str, Any]:
    found: dict[str, Any] = page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"]["graph"]["nodes"][node]["params"]
    return found


def saved(page: Page, site: str, draft: str, node: str, name: str, value: object) -> None:
    """Waits until the draft on the server holds the value."""
    for _ in range(100):
        if params(page, site, draft, node).get(name) == value:
            return
        page.wait_for_timeout(50)
    assert params(page, site, draft, node).get(name) == value


def test_a_layer_is_explained_with_the_current_numbers_and_follows_its_fields(page: Page, site: str) -> None:
    opened(page, site, "conv1")
    expect(line(page, "conv1", "Shape")).to_have_text("8 × 8 × 1 → 8 × 8 × 6")
    expect(line(page, "conv1", "Weights")).to_have_text("(3 × 3 × 1 + 1) × 6 = 60")
    expect(page.locator(".s-layer-form")).to_contain_text("Use it for local patterns")
    expect(page.locator(".s-about")).to_contain_text("LeCun et al. (1998)")
    field = page.get_by_test_id("param-filters")
    place = field.bounding_box()
    field.fill("12")
    expect(line(page, "conv1", "Weights")).to_have_text("(3 × 3 × 1 + 1) × 12 = 120")
    expect(line(page, "conv1", "Height, width")).to_have_text("ceil(8 / 1) = 8")
    page.get_by_test_id("param-kernel_size").fill("3, 5")
    expect(line(page, "conv1", "Weights")).to_have_text("(3 × 5 × 1 + 1) × 12 = 192")
    assert field.bounding_box() == place, "the field that is edited has moved"


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
    expect(line(page, "conv1", "Weights")).to_contain_text("= 200")
    assert page.evaluate("window.gone") == 0


def test_a_regularizer_is_chosen_with_its_parameters_and_written_short(page: Page, site: str) -> None:
    draft = opened(page, site, "conv1")
    page.locator(".s-layer-form summary").first.click()
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
    expect(page.locator(".s-layer-form [role=alert]")).to_have_count(0)


def test_a_wrapped_block_is_changed_and_exchanged(page: Page, site: str) -> None:
    draft = opened(page, site, "both")
    assert page.get_by_test_id("param-block").input_value() == "LSTM"
    page.get_by_test_id("param-block.units").fill("8")
    saved(page, site, draft, "both", "block", {"block": "LSTM", "params": {"units": 8}})
    expect(line(page, "both", "Shape")).to_have_text("8 × 64 → 16")
    page.get_by_test_id("param-block").select_option("GRU")
    saved(page, site, draft, "both", "block", "GRU")
    expect(line(page, "both", "Shape")).to_have_text("8 × 64 → 128")
    page.reload()
    page.get_by_role("button", name="Parameters of both").click(timeout=PATIENT)
    expect(page.get_by_test_id("param-block")).to_have_value("GRU")
    expect(page.get_by_test_id("param-block.units")).to_have_value("64")


def test_wrappers_stand_within_each_other_up_to_three_deep(page: Page, site: str) -> None:
    draft = opened(page, site, "both")
    first = {"block": {"block": "TimeDistributed", "params": {"block": {"block": "TimeDistributed", "params": {"block": "LayerNormalization"}}}}}
    nodes = {**NODES, "both": {"block": "TimeDistributed", "params": first, "inputs": ["rows"]}}
    answer = page.request.patch(
        f"{site}/api/drafts/{draft}", data={"revision": 1, "set": {"graph": {"format": "studio.graph/1", "nodes": nodes}}, "unset": []}
    )
    assert answer.ok, answer.text()
    page.reload()
    page.get_by_role("button", name="Parameters of both").click(timeout=PATIENT)
    deepest = page.get_by_test_id("param-block.block.block")
    expect(deepest).to_have_value("LayerNormalization")
    offered = deepest.locator("option").all_text_contents()
    assert "TimeDistributed" not in offered
    assert "TimeDistributed" in page.get_by_test_id("param-block.block").locator("option").all_text_contents()
    deepest.select_option("Dense")
    saved(
        page, site, draft, "both", "block", {"block": "TimeDistributed", "params": {"block": "TimeDistributed"}}
    )  # Dense is what it holds by itself
    expect(page.locator(".s-messages")).to_contain_text("TimeDistributed: invalid input")
    expect(page.get_by_test_id("param-block.block.block.units")).to_be_visible()  # a layer that can't be made stays open


def test_it_works_with_the_keyboard_alone(page: Page, site: str) -> None:
    draft = opened(page, site, "both")
    page.get_by_test_id("param-block").focus()
    page.keyboard.press("ArrowUp")
    saved(page, site, draft, "both", "block", "GRU")
    focused = "document.activeElement.dataset.testid ?? ''"
    for _ in range(5):
        page.keyboard.press("Tab")
        if str(page.evaluate(focused)).startswith("param-block."):
            break
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7")
    name = str(page.evaluate(focused)).removeprefix("param-block.")
    assert page.get_by_test_id(f"param-block.{name}").input_value() == "7"
    saved(page, site, draft, "both", "block", {"block": "GRU", "params": {name: 7}})


def test_a_composite_leads_to_its_parts_which_are_explained_too(page: Page, site: str) -> None:
    opened(page, site, "stage")
    parts = page.get_by_role("region", name="Made of")
    expect(parts.locator("tbody tr")).to_have_count(9)
    parts.get_by_role("button", name="Parameters of stage/conv2").click()
    expect(line(page, "stage/conv2", "Weights")).to_contain_text("= 576")
    expect(page.get_by_test_id("param-filters")).to_be_disabled()


def add(page: Page, behind: str, search: str, block: str) -> None:
    """Adds a block behind a layer, with the mouse."""
    page.get_by_test_id(f"structure-{behind}").get_by_test_id("layer-add").click()
    page.get_by_test_id("palette-search").fill(search)
    page.get_by_test_id(f"palette-{block}").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def nodes(page: Page, site: str, draft: str) -> dict[str, Any]:
    """The layers of the draft on the server, once they are saved."""
    page.wait_for_timeout(500)
    found: dict[str, Any] = page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"]["graph"].get("nodes", {})
    return found


def test_layers_are_added_joined_removed_and_taken_back(page: Page, site: str) -> None:
    made = page.request.post(f"{site}/api/drafts", data={"recipe": {"dataset": "digits", "graph": {"preset": "SimpleCNN", "params": {}}}})
    draft = str(made.json()["id"])
    page.goto(f"{site}/model?draft={draft}")
    undo = page.get_by_test_id("undo")
    rows = page.locator("tr[data-testid^=layer-]")
    page.get_by_role("button", name="Parameters of conv2").click(timeout=PATIENT)
    expect(line(page, "conv2", "Weights")).to_be_visible(timeout=PATIENT)
    expect(undo).to_be_disabled()
    count = rows.count()

    add(page, "conv2", "squeeze", "SqueezeExcitation")
    expect(page.get_by_role("button", name="Parameters of squeeze_excitation_1")).to_be_focused()
    expect(line(page, "squeeze_excitation_1", "Weights")).to_contain_text("=", timeout=PATIENT)
    expect(page.get_by_test_id("input-0")).to_have_value("conv2")
    expect(rows).to_have_count(count + 1)
    saved_nodes = nodes(page, site, draft)
    assert saved_nodes["squeeze_excitation_1"]["inputs"] == ["conv2"]
    assert [name for name, node in saved_nodes.items() if "squeeze_excitation_1" in node.get("inputs", [])] == ["pool2"]
    assert [name for name, node in saved_nodes.items() if "conv2" in node.get("inputs", [])] == ["squeeze_excitation_1"]

    add(page, "squeeze_excitation_1", "add", "Add")
    assert nodes(page, site, draft)["add_1"]["inputs"] == ["squeeze_excitation_1", "conv2"]
    expect(page.get_by_test_id("input-1")).to_have_value("conv2")
    offered = page.get_by_test_id("input-1").locator("option").evaluate_all("all => all.map((each) => each.value)")
    assert "image" in offered
    assert not {"add_1", "label"} & set(offered)
    page.get_by_test_id("input-1").select_option("image")
    expect(page.get_by_test_id("structure-add_1")).to_contain_text("conv2")
    page.get_by_test_id("input-add").click()
    expect(page.get_by_test_id("input-2")).to_be_visible()
    page.get_by_role("button", name="Remove input 2").click()
    expect(page.get_by_test_id("input-2")).to_have_count(0)
    expect(page.get_by_role("button", name="Remove input 1")).to_have_count(0)
    for _ in range(3):
        undo.click()
    expect(page.get_by_test_id("input-1")).to_have_value("conv2")

    page.get_by_role("button", name="Parameters of squeeze_excitation_1").click()
    page.get_by_role("button", name="Remove squeeze_excitation_1").click()
    assert nodes(page, site, draft)["add_1"]["inputs"] == ["conv2", "conv2"]
    page.keyboard.press("ControlOrMeta+z")
    assert nodes(page, site, draft)["add_1"]["inputs"] == ["squeeze_excitation_1", "conv2"]
    expect(page.get_by_test_id("structure-squeeze_excitation_1")).to_be_visible()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled(timeout=PATIENT)
    expect(page.locator(".s-messages .s-message-error")).to_have_count(0)
    undo.click()
    undo.click()
    expect(undo).to_be_disabled()
    expect(rows).to_have_count(count)
    assert nodes(page, site, draft) == {}  # the preset again


def test_a_block_that_does_not_fit_says_so_at_its_row(page: Page, site: str) -> None:
    opened(page, site, "conv1")
    add(page, "conv1", "lstm", "LSTM")
    expect(page.get_by_test_id("structure-lstm_1").get_by_role("alert")).to_contain_text("LSTM: invalid input", timeout=PATIENT)
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("structure-conv1")).to_be_visible()
    expect(page.get_by_test_id("structure-conv1").get_by_role("alert")).to_have_count(0)


def test_the_palette_is_used_with_the_keyboard_alone(page: Page, site: str) -> None:
    opened(page, site, "conv1")
    add_button = page.get_by_test_id("layer-add")
    add_button.focus()
    page.keyboard.press("Enter")
    search = page.get_by_role("combobox", name="Search by name, purpose or category")
    expect(search).to_be_focused()
    expect(page.get_by_test_id("palette-Input")).to_have_count(0)
    expect(page.get_by_test_id("palette-Output")).to_have_count(0)
    assert page.get_by_role("listbox").get_by_role("option").count() > 200
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(add_button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("max pooling")
    page.keyboard.press("ArrowDown")
    second = page.get_by_role("listbox").get_by_role("option").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    expect(search).to_have_attribute("aria-activedescendant", str(second.get_attribute("id")))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("global nothing")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("No block")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("gelu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Parameters of gelu_1")).to_be_focused()


def test_on_a_phone_the_palette_fits(page: Page, site: str) -> None:
    page.set_viewport_size(PHONE)
    opened(page, site, "conv1")
    page.get_by_test_id("layer-add").click()
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert box["y"] + box["height"] <= PHONE["height"]
    page.get_by_test_id("palette-search").fill("batch norm")
    page.get_by_test_id("palette-BatchNormalization").click()
    expect(page.get_by_test_id("layer-batch_normalization_1")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("layer", ["conv1", "stage", "both"])
def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, site: str, layer: str) -> None:
    page.set_viewport_size(PHONE)
    opened(page, site, layer)
    page.locator(".s-layer-form summary").first.click() if layer != "stage" else None
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    inner = page.locator(".s-layer-inner").bounding_box()
    assert inner is not None
    assert inner["x"] >= 0
    assert inner["x"] + inner["width"] <= PHONE["width"]
    told = "Array.from(document.querySelectorAll('.s-lines dd, .s-layer-form select'))"
    assert page.evaluate(f"{told}.filter((each) => each.scrollWidth > each.clientWidth + 1).length") == 0


def test_it_speaks_chinese(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    made = page.request.post(f"{site}/api/drafts", data={"recipe": {"dataset": "digits", "graph": {"format": "studio.graph/1", "nodes": NODES}}})
    page.goto(f"{site}/model?draft={made.json()['id']}")
    page.locator('[data-testid="layer-conv1"] .s-layer-button').click(timeout=PATIENT)
    told = page.get_by_test_id("explained-conv1")
    expect(told.locator("dt").first).to_have_text("形状", timeout=PATIENT)
    expect(told.locator("dd").nth(1)).to_have_text("ceil(8 / 1) = 8")
    expect(page.locator(".s-about dt").first).to_have_text("公式")
    page.get_by_test_id("layer-add").click()
    page.get_by_test_id("palette-search").fill("卷积")
    expect(page.get_by_test_id("palette-Conv2D")).to_be_visible()
    expect(page.get_by_test_id("palette-LSTM")).to_have_count(0)
    context.close()
