"""The canvas with the keyboard alone: walking, adding, renaming, the clipboard, the search over everything."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.model_page import (
    CHAIN,
    PATIENT,
    STAGED,
    also,
    box,
    chosen,
    drafted,
    expect_chosen,
    expect_focus,
    expect_params,
    expect_wires,
    exported,
    focused,
    judged,
    node,
    opened,
    places,
    soon,
    tool,
    visit,
    wires,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]
UNCHANGED: dict[str, list[str]] = {name: document.get("inputs", []) for name, document in CHAIN["nodes"].items()}
UNDO, REDO = "ControlOrMeta+z", "ControlOrMeta+Shift+z"
RING = "getComputedStyle(document.activeElement).boxShadow + getComputedStyle(document.activeElement).outlineStyle"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_arrows_walk_along_the_edges_and_beside(page: Page, site: str) -> None:
    opened(page, site, CHAIN)
    node(page, "image").focus()
    press(page, "ArrowDown")
    expect_chosen(page, "image")  # nothing was chosen: the first node is
    press(page, "ArrowDown", "ArrowDown", "ArrowDown")
    expect_chosen(page, "pool1")
    expect_focus(page, "node-pool1")
    press(page, "ArrowUp")
    expect_chosen(page, "relu1")
    press(page, "ControlOrMeta+d")
    expect_chosen(page, "relu_1")  # the copy stands beside
    judged(page)
    assert places(page, "relu_1")["relu_1"][1] == places(page, "relu1")["relu1"][1]
    toward = "ArrowLeft" if box(node(page, "relu_1"))["x"] > box(node(page, "relu1"))["x"] else "ArrowRight"
    press(page, toward)
    expect_chosen(page, "relu1")
    press(page, "ArrowLeft" if toward == "ArrowRight" else "ArrowRight")
    expect_chosen(page, "relu_1")
    expect_focus(page, "node-relu_1")


def test_space_opens_a_composite_and_the_arrows_lead_in_and_out(page: Page, site: str) -> None:
    opened(page, site, STAGED)
    node(page, "stage").click()
    press(page, " ")
    expect(node(page, "stage/conv1")).to_be_visible()
    expect_focus(page, "node-stage")
    press(page, "ArrowDown")
    expect_chosen(page, "stage/conv1")
    expect_focus(page, "node-stage/conv1")
    press(page, "ArrowUp")
    expect_chosen(page, "stage")
    press(page, " ")
    expect(node(page, "stage/conv1")).to_have_count(0)
    expect_focus(page, "node-stage")
    expect_chosen(page, "stage")
    press(page, "ArrowDown")
    expect_chosen(page, "flat")
    press(page, " ")  # there is nothing inside
    expect_chosen(page, "flat")
    expect(page.locator(".s-frame-node")).to_have_count(0)


def test_enter_leads_to_the_fields_and_escape_back(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    press(page, "Enter")
    expect(page.get_by_test_id("param-filters")).to_be_focused()
    press(page, "ControlOrMeta+a")
    page.keyboard.type("12", delay=150)
    expect_params(page, site, draft, "conv1", {"filters": 12, "padding": "same"})
    expect(page.get_by_test_id("param-filters")).to_be_focused()
    press(page, "Escape")
    expect_focus(page, "node-conv1")
    expect_chosen(page, "conv1")
    press(page, "Escape")
    expect_chosen(page)
    press(page, UNDO)  # what was typed at one go is one step
    expect_params(page, site, draft, "conv1", {"filters": 6, "padding": "same"})
    press(page, REDO)
    expect_params(page, site, draft, "conv1", {"filters": 12, "padding": "same"})
    press(page, UNDO, "ControlOrMeta+y")
    expect_params(page, site, draft, "conv1", {"filters": 12, "padding": "same"})


def test_keys_in_a_field_are_typed_and_nothing_else(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    search = page.get_by_test_id("palette-search")
    search.click()
    page.keyboard.type("area+r?")
    press(page, "Delete", "Backspace", " ", "ControlOrMeta+a", "ControlOrMeta+d", "F2")
    expect(search).to_have_value("area+r ")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect_chosen(page, "conv1")
    assert wires(page, site, draft) == UNCHANGED


def test_keys_mean_the_chosen_node_also_after_a_button_was_pressed(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "relu1").click()
    press(page, "Delete")
    soon(page, lambda: "relu1" in wires(page, site, draft), False)
    tool(page, "Undo").click()
    expect_wires(page, site, draft, **UNCHANGED)
    tool(page, "Redo").click()
    expect_chosen(page, "conv1")
    press(page, "Delete")
    expect_wires(page, site, draft, image=[], pool1=["image"], flat=["pool1"], label=["flat"])
    tool(page, "Undo").focus()
    press(page, "Enter")  # while the button has its own keys
    soon(page, lambda: "conv1" in wires(page, site, draft), True)
    expect(page.get_by_test_id("param-filters")).not_to_be_focused()


def test_a_adds_and_r_replaces_and_escape_leaves_it(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "relu1").click()
    press(page, "a")
    expect(page.get_by_role("dialog", name="Add a layer behind relu1")).to_be_visible()
    expect(page.get_by_test_id("choice-search")).to_be_focused()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect_focus(page, "node-relu1")
    press(page, "a")
    page.keyboard.type("gelu")
    press(page, "Enter")
    expect_chosen(page, "gelu_1")
    expect_focus(page, "node-gelu_1")
    press(page, "r")
    expect(page.get_by_role("dialog", name="Put another block in the place of gelu_1")).to_be_visible()
    page.keyboard.type("dropout")
    press(page, "Enter")
    soon(page, lambda: exported(page, site, draft)["nodes"]["gelu_1"]["block"], "Dropout")
    expect_focus(page, "node-gelu_1")
    assert wires(page, site, draft)["pool1"] == ["gelu_1"]


def test_f2_renames_and_everything_follows(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    press(page, "F2")
    expect(page.get_by_test_id("node-id")).to_be_focused()
    page.keyboard.type("first_one")
    press(page, "Enter")
    expect_wires(page, site, draft, image=[], first_one=["image"], relu1=["first_one"], pool1=["relu1"], flat=["pool1"], label=["flat"])
    expect_chosen(page, "first_one")
    expect(page.get_by_test_id("inspector-first_one")).to_be_visible()
    tool(page, "Undo").click()
    expect_wires(page, site, draft, **UNCHANGED)
    node(page, "relu1").click()
    press(page, "F2")
    page.keyboard.type("conv1")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_have_text("There is a node 'conv1' already. Choose another name.")
    expect(page.get_by_test_id("node-id")).to_have_value("relu1")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_nodes_are_copied_cut_pasted_and_duplicated(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    also(page, "relu1")
    press(page, "ControlOrMeta+c")
    node(page, "flat").click()
    page.wait_for_timeout(500)
    press(page, "ControlOrMeta+v")
    expect_wires(page, site, draft, **UNCHANGED, conv2d_1=["flat"], relu_1=["conv2d_1"])
    assert exported(page, site, draft)["nodes"]["conv2d_1"]["params"] == {"filters": 6, "padding": "same"}
    expect_chosen(page, "conv2d_1", "relu_1")
    press(page, "ControlOrMeta+x")
    expect_wires(page, site, draft, **UNCHANGED)
    press(page, "Escape")
    press(page, "ControlOrMeta+v")
    expect_wires(page, site, draft, **UNCHANGED, conv2d_1=[], relu_1=["conv2d_1"])
    press(page, UNDO)
    expect_wires(page, site, draft, **UNCHANGED)
    node(page, "relu1").click()
    press(page, "ControlOrMeta+d")
    expect_wires(page, site, draft, **UNCHANGED, relu_1=["conv1"])
    expect_chosen(page, "relu_1")
    press(page, "Delete")
    expect_wires(page, site, draft, **UNCHANGED)


def test_what_is_copied_in_one_draft_is_pasted_in_another(page: Page, site: str) -> None:
    opened(page, site, CHAIN)
    node(page, "conv1").click()
    also(page, "relu1")
    press(page, "ControlOrMeta+g")
    expect_chosen(page, "module_1")
    press(page, "ControlOrMeta+c")
    page.wait_for_timeout(500)
    other = page.context.new_page()
    draft = drafted(other, site, CHAIN)
    visit(other, site, draft)
    node(other, "conv1").click()
    press(other, "ControlOrMeta+v")
    expect_wires(other, site, draft, **UNCHANGED, module_1=["conv1"])
    assert list(exported(other, site, draft)["modules"]["Module"]["nodes"]) == ["conv1", "relu1"]


def test_group_and_ungroup_have_keys(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    also(page, "relu1")
    press(page, "ControlOrMeta+g")
    expect_wires(page, site, draft, image=[], module_1=["image"], pool1=["module_1"], flat=["pool1"], label=["flat"])
    expect_chosen(page, "module_1")
    press(page, "ControlOrMeta+Shift+g")
    expect_wires(page, site, draft, **UNCHANGED)
    expect_chosen(page, "conv1", "relu1")


def test_shift_and_arrows_move_a_node_in_one_step(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "relu1").click()
    before = places(page, "relu1", "pool1")
    press(page, "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown")
    soon(page, lambda: exported(page, site, draft)["layout"].get("relu1"), [24.0, 208.0])
    soon(page, lambda: places(page, "relu1")["relu1"], (before["relu1"][0] + 24, before["relu1"][1] + 8))
    assert places(page, "pool1")["pool1"] == before["pool1"]
    expect_focus(page, "node-relu1")
    press(page, UNDO)
    soon(page, lambda: exported(page, site, draft)["layout"], {})


@pytest.mark.parametrize(
    ("typed", "first", "kind"), [("pool1", "pool1", "node"), ("alpha dropout", "AlphaDropout", "block"), ("lenet", "LeNet-5", "network")]
)
def test_control_k_finds_nodes_blocks_and_networks(page: Page, site: str, typed: str, first: str, kind: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "relu1").click()
    press(page, "ControlOrMeta+k")
    expect(page.get_by_test_id("quick-search")).to_be_focused()
    page.keyboard.type(typed)
    option = page.get_by_role("dialog", name="Search").get_by_role("option").first
    expect(option).to_contain_text(first)
    expect(option).to_contain_text(kind)
    expect(page.get_by_test_id("quick-search")).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
    press(page, "Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    if kind == "node":
        expect_chosen(page, "pool1")
        expect_focus(page, "node-pool1")
        assert wires(page, site, draft) == UNCHANGED
    elif kind == "block":
        expect_chosen(page, "alpha_dropout_1")
        soon(page, lambda: wires(page, site, draft).get("alpha_dropout_1"), ["relu1"])
    else:
        expect(page.get_by_role("textbox", name="Name of the network")).to_have_value("LeNet5", timeout=PATIENT)
        soon(page, lambda: page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"]["graph"]["preset"], "LeNet5")
        press(page, UNDO)
        expect_wires(page, site, draft, **UNCHANGED)


def test_the_search_is_left_with_escape_and_says_when_nothing_fits(page: Page, site: str) -> None:
    opened(page, site, CHAIN)
    node(page, "relu1").click()
    press(page, "ControlOrMeta+k")
    page.keyboard.type("qqq")  # at once, as a quick hand does
    expect(page.get_by_role("dialog", name="Search")).to_contain_text("Nothing here says that.")
    press(page, "Enter", "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect_focus(page, "node-relu1")
    expect_chosen(page, "relu1")


def test_the_keys_are_listed(page: Page, site: str) -> None:
    opened(page, site, CHAIN)
    node(page, "relu1").click()
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keys of the canvas")
    expect(dialog).to_be_visible()
    assert dialog.locator("dt").count() > 15
    assert all(dialog.locator("dt, dd").all_inner_texts()), "each key says what it does"
    assert box(dialog)["height"] < 700
    press(page, "Escape")
    expect(dialog).to_have_count(0)


def test_the_focus_is_seen_wherever_it_is(page: Page, site: str) -> None:
    opened(page, site, CHAIN)
    node(page, "relu1").click()
    press(page, "ArrowUp")
    expect_focus(page, "node-conv1")
    ringed = page.evaluate(RING)
    page.evaluate("document.activeElement.blur()")
    plain = node(page, "conv1").evaluate("element => getComputedStyle(element).boxShadow + getComputedStyle(element).outlineStyle")
    assert ringed != plain
    page.keyboard.press("Escape")
    page.locator(".s-graph-name").focus()
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(focused(page))
        if page.evaluate("document.activeElement === document.body"):
            continue  # the end of the page
        style = page.evaluate(
            "(() => { const style = getComputedStyle(document.activeElement); return [style.outlineStyle, style.boxShadow, style.borderColor]; })()"
        )
        assert style[0] != "none" or style[1] != "none", f"nothing shows that {seen[-1]} has the focus"
    assert "palette-search" in seen
    assert any(each.startswith("node-") for each in seen), "the canvas is reached with Tab"


def test_an_id_is_typed_in_place_and_the_name_of_the_network_too(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    name = page.get_by_role("textbox", name="Name of the network")
    name.click()
    page.keyboard.type("My network", delay=40)
    press(page, "Enter")
    soon(page, lambda: exported(page, site, draft)["name"], "My network")
    expect(page.locator(".s-line")).to_contain_text("My network")
    node(page, "conv1").click()
    page.get_by_test_id("node-id").click()
    press(page, "End")
    page.keyboard.type("st", delay=60)
    press(page, "Tab")
    soon(page, lambda: list(wires(page, site, draft))[1], "conv1st")
    assert chosen(page) == "conv1st"
    press(page, "Escape")
    tool(page, "Undo").click()
    expect_wires(page, site, draft, **UNCHANGED)
    tool(page, "Undo").click()
    soon(page, lambda: exported(page, site, draft).get("name", ""), "")
