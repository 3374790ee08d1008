"""What lasts and what holds still: undo after a reload, two windows on one draft, problems that move nothing, phones, dark colours, Chinese."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.model_page import (
    CHAIN,
    PATIENT,
    PHONE,
    STAGED,
    box,
    drafted,
    expect_chosen,
    expect_params,
    expect_wires,
    exported,
    judged,
    node,
    opened,
    recipe_graph,
    soon,
    tool,
    visit,
    wires,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]
UNCHANGED: dict[str, list[str]] = {name: document.get("inputs", []) for name, document in CHAIN["nodes"].items()}
WITHOUT_RELU: dict[str, list[str]] = {"image": [], "conv1": ["image"], "pool1": ["conv1"], "flat": ["pool1"], "label": ["flat"]}
KEYS = re.compile(r"(?<![\w.])(?:canvas|model|explain|form|field|help|choice|unit|draft|line|graphs|preview)(?:\.[a-z_]+)+(?![\w.])")


def test_undo_and_redo_still_work_after_a_reload(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    page.get_by_test_id("param-filters").fill("16")
    expect_params(page, site, draft, "conv1", {"filters": 16, "padding": "same"})
    node(page, "relu1").click()
    page.keyboard.press("Delete")
    expect_wires(page, site, draft, **WITHOUT_RELU)
    page.reload()
    expect(tool(page, "Undo")).to_be_enabled(timeout=PATIENT)
    expect(tool(page, "Redo")).to_be_disabled()
    tool(page, "Undo").click()
    expect_wires(page, site, draft, **UNCHANGED)
    expect_chosen(page, "relu1")
    page.reload()
    expect(tool(page, "Redo")).to_be_enabled(timeout=PATIENT)
    tool(page, "Undo").click()
    soon(page, lambda: exported(page, site, draft), CHAIN)
    expect(tool(page, "Undo")).to_be_disabled()
    tool(page, "Redo").click()
    tool(page, "Redo").click()
    expect_wires(page, site, draft, **WITHOUT_RELU)
    expect(tool(page, "Redo")).to_be_disabled()
    tool(page, "Undo").click()
    node(page, "pool1").click()
    page.keyboard.press("ControlOrMeta+d")
    expect_chosen(page, "max_pooling2d_1")
    expect(tool(page, "Redo")).to_be_disabled()


def test_a_presets_parameter_is_typed_beside_the_canvas(page: Page, site: str) -> None:
    draft = opened(page, site, {"preset": "SimpleCNN", "params": {}})
    field = page.get_by_test_id("param-filters")
    canvas, place = box(page.locator(".s-canvas")), box(field)
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("16", delay=150)
    soon(page, lambda: recipe_graph(page, site, draft), {"preset": "SimpleCNN", "params": {"filters": 16}})
    expect(node(page, "conv1")).to_contain_text("16, 3 × 3")
    page.get_by_test_id("param-dropout").fill("0.1")
    soon(page, lambda: recipe_graph(page, site, draft), {"preset": "SimpleCNN", "params": {"filters": 16, "dropout": 0.1}})
    field.fill("-1")
    expect(page.locator(".s-inspector").get_by_role("alert")).to_have_text("At least 1.")
    assert (box(page.locator(".s-canvas")), box(field)) == (canvas, place)
    field.fill("16")
    tool(page, "Undo").click()
    soon(page, lambda: recipe_graph(page, site, draft), {"preset": "SimpleCNN", "params": {"filters": 16}})
    node(page, "conv1").click()
    page.get_by_test_id("param-filters").fill("20")  # the first edit of a node writes the network out
    soon(page, lambda: recipe_graph(page, site, draft).get("nodes", {}).get("conv1", {}).get("params", {}).get("filters"), 20)
    tool(page, "Undo").click()
    tool(page, "Undo").click()
    soon(page, lambda: recipe_graph(page, site, draft), {"preset": "SimpleCNN", "params": {}})


def test_the_networks_are_a_click_away_and_come_back_with_undo(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    page.get_by_role("tab", name="Networks").click()
    page.get_by_role("button", name=re.compile("^LeNet-5")).click()
    soon(page, lambda: recipe_graph(page, site, draft).get("preset"), "LeNet5")
    expect(node(page, "conv1")).to_contain_text("5 × 5")
    page.get_by_role("button", name="Let the data choose").click()
    soon(page, lambda: recipe_graph(page, site, draft), None)
    tool(page, "Undo").click()
    tool(page, "Undo").click()
    soon(page, lambda: exported(page, site, draft), CHAIN)


@pytest.mark.parametrize("kept", ["theirs", "mine"])
def test_of_two_windows_on_one_draft_the_second_is_refused_and_both_are_shown(page: Page, site: str, kept: str) -> None:
    draft = opened(page, site, CHAIN)
    other = page.context.new_page()
    visit(other, site, draft)
    node(page, "relu1").click()
    page.keyboard.press("Delete")
    expect_wires(page, site, draft, **WITHOUT_RELU)
    node(other, "conv1").click()
    other.get_by_test_id("param-filters").fill("32")
    notice = other.get_by_role("alert").filter(has_text="This draft was changed in another window")
    expect(notice).to_contain_text("filters changed from 6 to 32")
    expect(notice).to_contain_text("relu1")
    assert wires(page, site, draft) == WITHOUT_RELU, "nothing was saved over the other"
    expect(other.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    expect(other.get_by_role("alert")).to_have_count(1)
    if kept == "theirs":
        notice.get_by_role("button", name="Take the other version").click()
        expect(node(other, "relu1")).to_have_count(0)
        expect_wires(page, site, draft, **WITHOUT_RELU)
        expect_params(page, site, draft, "conv1", {"filters": 6, "padding": "same"})
        expect(tool(other, "Undo")).to_be_enabled()
    else:
        notice.get_by_role("button", name="Keep mine").click()
        expect_params(page, site, draft, "conv1", {"filters": 32, "padding": "same"})
        expect_wires(page, site, draft, **UNCHANGED)
        expect(node(other, "relu1")).to_be_visible()
    expect(notice).to_have_count(0)
    other.keyboard.press("Escape")
    node(other, "pool1").click()
    other.keyboard.press("Delete")  # and one goes on from there
    soon(other, lambda: "pool1" in wires(other, site, draft), False)
    tool(other, "Undo").click()
    soon(other, lambda: "pool1" in wires(other, site, draft), True)


def test_nothing_moves_when_a_problem_appears(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    canvas, below = box(page.locator(".s-canvas")), box(page.locator(".s-below"))["y"]
    node(page, "pool1").click()
    expect(page.get_by_test_id("inspector-pool1")).to_be_visible()
    field = page.get_by_test_id("param-pool_size")
    place, standing, following = box(field), box(node(page, "pool1")), box(page.get_by_test_id("param-padding"))

    field.focus()  # the help that appears lies over what follows
    expect(page.locator(".s-inspector .s-help").first).to_be_visible()
    assert box(page.get_by_test_id("param-padding")) == following

    field.fill("-1")  # a value that its field refuses
    expect(page.locator(".s-inspector").get_by_role("alert")).to_contain_text("The nearest allowed value is 1.", timeout=PATIENT)
    assert (box(page.locator(".s-canvas")), box(field), box(node(page, "pool1"))) == (canvas, place, standing)

    field.fill("20")  # one that only the network refuses
    expect(page.locator(".s-inspector .s-messages")).to_contain_text("smaller than the window of 20 x 20", timeout=PATIENT)
    expect(node(page, "pool1").get_by_role("img", name="Problem")).to_be_visible()
    assert (box(page.locator(".s-canvas")), box(field), box(node(page, "pool1"))) == (canvas, place, standing)
    assert box(page.locator(".s-below"))["y"] == below
    page.locator(".s-inspector").get_by_role("button", name="Set padding to same").click()
    expect_params(page, site, draft, "pool1", {"pool_size": 20, "padding": "same"})
    expect(page.locator(".s-inspector .s-messages")).to_have_count(0, timeout=PATIENT)
    assert box(field) == place

    page.get_by_test_id("node-id").fill("conv1")  # an edit that the server refuses
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("There is a node 'conv1' already. Choose another name.")
    assert (box(page.locator(".s-canvas")), box(field), box(node(page, "pool1"))) == (canvas, place, standing)


def test_a_value_that_is_typed_before_another_node_is_chosen_arrives_and_the_choice_stays(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    node(page, "conv1").click()
    page.get_by_test_id("param-filters").fill("9")
    node(page, "pool1").click()
    expect_params(page, site, draft, "conv1", {"filters": 9, "padding": "same"})
    judged(page)
    expect_chosen(page, "pool1")


def slowly(page: Page) -> None:
    """Lets every edit take its time, as on a busy machine."""

    def later(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route("**/api/model/edit", later)


def test_what_is_typed_quickly_is_kept_while_the_server_is_slow(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    slowly(page)
    node(page, "conv1").click()
    field = page.get_by_test_id("param-filters")
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("123", delay=60)
    page.get_by_test_id("param-kernel_size").fill("5")
    expect(page.locator(".s-line-state")).to_have_text("Saving …")
    expect(field).to_have_value("123")
    expect_params(page, site, draft, "conv1", {"filters": 123, "padding": "same", "kernel_size": 5})
    expect(page.locator(".s-line-state")).to_have_text("")
    expect(field).to_have_value("123")
    page.unroute_all(behavior="wait")


@pytest.mark.parametrize("way", ["Train", "Runs"])
def test_what_is_typed_last_arrives_before_the_page_is_left(page: Page, site: str, way: str) -> None:
    draft = opened(page, site, CHAIN)
    slowly(page)
    node(page, "conv1").click()
    page.get_by_test_id("param-filters").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("128")
    if way == "Train":
        page.get_by_role("button", name="Train", exact=True).click()
    else:
        page.get_by_role("link", name="Runs").click()
    page.wait_for_url("**/train?**" if way == "Train" else "**/runs?**")
    assert exported(page, site, draft)["nodes"]["conv1"]["params"]["filters"] == 128
    if way == "Train":
        run = page.url.split("run=")[1].split("&")[0]
        recipe = page.request.get(f"{site}/api/runs/{run}/recipe")
        assert recipe.json()["graph"]["nodes"]["conv1"]["params"]["filters"] == 128
    page.unroute_all(behavior="wait")


def test_problems_and_layers_lead_to_their_nodes(page: Page, site: str) -> None:
    opened(page, site, CHAIN)
    page.get_by_role("tab", name="Problems").click()
    page.locator(".s-below").get_by_role("button", name="conv1", exact=True).click()
    expect_chosen(page, "conv1")
    page.get_by_role("tab", name="Layers").click()
    page.get_by_role("button", name="Parameters of flat").click()
    expect_chosen(page, "flat")
    expect(page.get_by_test_id("layer-flat")).to_have_class(re.compile("s-chosen"))


def phone(browser: Browser) -> Page:
    context = browser.new_context(viewport=PHONE, locale="en-US", color_scheme="light", has_touch=True, is_mobile=True)
    context.set_default_timeout(60_000)
    return context.new_page()


def test_on_a_phone_the_canvas_pans_and_a_tap_appends(browser: Browser, site: str) -> None:
    page = phone(browser)
    draft = opened(page, site, CHAIN)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    node(page, "conv1").tap()
    expect_chosen(page, "conv1")
    before, canvas = box(node(page, "conv1")), box(page.locator(".s-canvas"))
    x, y = canvas["x"] + canvas["width"] - 30, canvas["y"] + 60
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x - 8 * step, "y": y + 4 * step}]})
        page.wait_for_timeout(20)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    soon(page, lambda: (round(box(node(page, "conv1"))["x"] - before["x"]), round(box(node(page, "conv1"))["y"] - before["y"])), (-64, 32))
    assert page.evaluate("scrollY") == 0, "the canvas takes the finger, not the page"
    page.get_by_test_id("palette-search").fill("dropout")
    page.get_by_test_id("palette-Dropout").tap()
    expect_chosen(page, "dropout_1")
    soon(page, lambda: wires(page, site, draft)["relu1"], ["dropout_1"])
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.context.close()


def test_on_a_phone_every_tool_is_reached(browser: Browser, site: str) -> None:
    page = phone(browser)
    opened(page, site, CHAIN)
    for name in ("New", "Open", "Save", "Export", "Undo", "Arrange", "Group", "Search"):
        tool(page, name).scroll_into_view_if_needed()
        found = box(tool(page, name))
        assert found["x"] >= 0, name
        assert found["x"] + found["width"] <= PHONE["width"], name
        assert found["height"] >= 36, f"{name} is too small for a finger"
    tool(page, "Search").tap()
    dialog = box(page.get_by_role("dialog"))
    assert dialog["x"] >= 0
    assert dialog["x"] + dialog["width"] <= PHONE["width"]
    page.context.close()


def test_dark_and_chinese_without_a_word_left_out(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", color_scheme="dark")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    draft = drafted(page, site, STAGED)
    page.goto(f"{site}/model?draft={draft}")
    expect(node(page, "conv1")).to_be_visible(timeout=PATIENT)
    judged(page)
    node(page, "stage").locator(".s-node-open").click()
    node(page, "stage/conv1").click()
    expect(page.get_by_test_id("explained-stage/conv1").locator("dt").first).to_have_text("形状", timeout=PATIENT)
    said = [page.locator("body").inner_text()]
    for key, name in (("a", "choice-search"), ("?", ""), ("ControlOrMeta+k", "quick-search")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        if name:
            expect(page.get_by_test_id(name)).to_be_focused()
        said.append(page.locator("body").inner_text())
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    for tab in ("网络", "自定义模块"):
        page.get_by_role("tab", name=tab).click()
        said.append(page.locator("body").inner_text())
    labels = page.locator("[aria-label], [title], [placeholder]").evaluate_all(
        "all => all.map((each) => [each.getAttribute('aria-label'), each.title, each.placeholder].join('\\n')).join('\\n')"
    )
    assert KEYS.findall("\n".join([*said, str(labels)])) == []
    for button in page.get_by_role("toolbar").get_by_role("button").all():
        assert not re.search("[a-z]{3}", button.inner_text()), button.inner_text()
    dark = "getComputedStyle(document.querySelector('{}')).backgroundColor"
    for place in (".s-canvas", ".s-node", ".s-inspector", ".s-sidebar", ".react-flow__minimap", ".s-canvas-zoom > button"):
        colour = str(page.evaluate(dark.format(place)))
        numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
        light = sum(numbers[:3]) / 3
        is_clear = len(numbers) == 4 and numbers[3] == 0
        assert is_clear or light < (0.5 if colour.startswith("color(") else 100), f"{place} is light: {colour}"
    assert errors == []
    context.close()
