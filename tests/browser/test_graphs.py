"""Networks in and out: saved, opened and compared, kept by several tabs, as files, pictures and links, and modules for other networks."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Browser, Download, Locator, Page, ViewportSize, expect

import presets
from blocks.graph import Graph
from studio.library import exchange
from tests.browser.model_page import soon

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT = 120_000
LENET: dict[str, Any] = presets.get("LeNet5").graph().document()
TOO_WIDE = """[...document.querySelectorAll("dialog[open], dialog[open] *")]
  .filter((each) => each.getBoundingClientRect().right > 390).map((each) => each.outerHTML.slice(0, 80))"""
TOO_LOW = """[...document.querySelectorAll("dialog[open] button")]
  .filter((each) => each.offsetParent && each.offsetHeight < 40).map((each) => each.textContent)"""
TOWER = {
    "Unit": {"nodes": {"c": {"block": "Conv2D", "params": {"filters": 4, "padding": "same"}, "inputs": ["@0"]}}, "outputs": ["c"]},
    "Tower": {"nodes": {"u": {"block": "module:Unit", "inputs": ["@0"]}}, "outputs": ["u"]},
}


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


@pytest.fixture(autouse=True)
def empty(page: Page, site: str) -> Iterator[None]:
    """Each test finds an empty library."""
    yield
    for place, key in (("graphs", "graphs"), ("graphs/modules", "modules")):
        for each in page.request.get(f"{site}/api/{place}").json()[key]:
            page.request.delete(f"{site}/api/{place}/{each['name']}")


def test_a_network_is_saved_at_once_and_every_version_can_be_opened_and_compared(page: Page, site: str) -> None:
    draft = opened(page, site, small("Net"))
    toolbar = page.get_by_role("toolbar").bounding_box()
    saved(page, 1, "Net")
    expect(dialog(page)).to_have_count(0)
    assert page.get_by_role("toolbar").bounding_box() == toolbar, "nothing moves when it is said"
    set_filters(page, 8)
    expect(page.locator(".s-said")).to_have_text("")
    page.keyboard.press("Control+s")
    said(page, "Saved as version 2 of Net")
    saved(page, 2, "Net")  # nothing has changed since
    set_filters(page, 9)
    tool(page, "Open").click()
    expect(version(page, 2)).to_contain_text("conv1: filters changed from 6 to 8.")
    expect(version(page, 1)).to_contain_text("The first version, with 4 nodes.")
    version(page, 1).get_by_role("button", name="Compare with the canvas").click()
    expect(version(page, 1).get_by_role("region")).to_contain_text("conv1: filters changed from 6 to 9.")
    version(page, 1).get_by_role("button", name="Open this version").click()
    said(page, "Opened version 1 of Net")
    assert filters(page, site, draft) == 6
    tool(page, "Undo").click()
    expect(page.get_by_test_id("node-conv1")).to_contain_text("9")
    assert filters(page, site, draft) == 9, "opening is one step"
    saved(page, 3, "Net")  # an older version was looked at, but the newest one is known


def test_saved_networks_are_searched_renamed_copied_and_deleted(page: Page, site: str) -> None:
    for name in ("Alpha", "网络 乙"):
        page.request.post(f"{site}/api/graphs", data={"graph": small(name)})
    draft = opened(page, site, small("Other"))
    tool(page, "Open").click()
    rows = dialog(page).locator(".s-saved")
    expect(rows).to_have_count(2)
    dialog(page).get_by_role("searchbox").fill("alp")
    expect(rows).to_have_count(1)
    dialog(page).get_by_role("button", name="Rename").click()
    field = dialog(page).get_by_role("textbox", name="Name of the saved network")
    field.fill("网络 乙")
    field.press("Enter")
    expect(dialog(page).get_by_role("alert")).to_contain_text("Another network is named '网络 乙' already")
    field.fill("Beta")
    field.press("Enter")
    dialog(page).get_by_role("searchbox").fill("beta")
    expect(rows).to_have_count(1)
    dialog(page).get_by_role("button", name="Duplicate").click()
    expect(rows).to_have_count(2)
    expect(dialog(page).get_by_role("heading", name="Beta (copy)")).to_be_visible()
    expect(version(page, 1)).to_contain_text("Copy of 'Beta', version 1.")
    dialog(page).get_by_role("button", name="Delete").click()
    expect(dialog(page)).to_contain_text("Delete Beta (copy) with 1 version? This can't be undone.")
    assert len(page.request.get(f"{site}/api/graphs").json()["graphs"]) == 3
    dialog(page).get_by_role("button", name="Yes, delete").click()
    expect(rows).to_have_count(1)
    dialog(page).get_by_role("button", name="Open", exact=True).click()
    said(page, "Opened version 1 of Beta")
    assert document(page, site, draft)["name"] == "Beta", "the canvas calls it as the list does"


def test_a_damaged_network_says_so_and_its_older_version_opens(page: Page, site: str, workspace_folder: Path) -> None:
    for count in (6, 8):
        page.request.post(f"{site}/api/graphs", data={"graph": small("Net", count)})
    (workspace_folder / "graphs" / "Net" / "0002.json").write_text("{")
    draft = opened(page, site, small("Other", 5))
    tool(page, "Open").click()
    expect(dialog(page).locator(".s-saved")).to_contain_text("Its newest version is damaged")
    dialog(page).get_by_role("button", name="Open", exact=True).click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("Version 1 can be opened.")
    version(page, 1).get_by_role("button", name="Open this version").click()
    said(page, "Opened version 1 of Net")
    assert filters(page, site, draft) == 6


def test_a_save_that_another_tab_has_overtaken_offers_three_ways(page: Page, site: str) -> None:
    page.request.post(f"{site}/api/graphs", data={"graph": small("Net", 6)})
    other = page.context.new_page()
    drafts = []
    for tab in (page, other):
        drafts.append(opened(tab, site, small("Empty", 1)))
        tool(tab, "Open").click()
        dialog(tab).get_by_role("button", name="Open", exact=True).click()
        said(tab, "Opened version 1 of Net")
    set_filters(other, 16)
    saved(other, 2, "Net")

    set_filters(page, 20)
    tool(page, "Save").click()
    expect(dialog(page)).to_contain_text("Net was saved elsewhere meanwhile")
    expect(dialog(page)).to_contain_text("conv1: filters changed from 16 to 20.")
    expect(dialog(page)).to_contain_text("Version 2")
    dialog(page).get_by_role("button", name="Keep theirs").click()
    said(page, "Opened version 2 of Net")
    assert filters(page, site, drafts[0]) == 16

    set_filters(other, 17)
    saved(other, 3, "Net")
    set_filters(page, 21)
    tool(page, "Save").click()
    dialog(page).get_by_role("button", name="Save mine on top").click()
    said(page, "Saved as version 4 of Net")
    theirs = page.request.get(f"{site}/api/graphs/Net?version=3").json()["graph"]
    assert theirs["nodes"]["conv1"]["params"]["filters"] == 17, "theirs stays in the history"

    set_filters(other, 18)
    tool(other, "Save").click()
    dialog(other).get_by_role("button", name="Save mine as a copy").click()
    said(other, "Saved as version 1 of Net (copy)")
    assert document(other, site, drafts[1])["name"] == "Net (copy)"
    titles = {each["title"]: each["versions"] for each in page.request.get(f"{site}/api/graphs").json()["graphs"]}
    assert titles == {"Net": 4, "Net (copy)": 1}
    other.close()


def test_a_name_that_another_network_has_is_not_written_over(page: Page, site: str) -> None:
    page.request.post(f"{site}/api/graphs", data={"graph": small("Net", 6)})
    opened(page, site, small("Net", 7))
    tool(page, "Save").click()
    expect(dialog(page)).to_contain_text("A network named Net is saved here already")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    assert page.request.get(f"{site}/api/graphs").json()["graphs"][0]["versions"] == 1


@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_a_file_becomes_the_network_in_one_step(page: Page, site: str, ending: str) -> None:
    draft = opened(page, site, small("Before"))
    text = exchange.to_text(Graph.model_validate(LENET), "yaml" if ending == "yaml" else "json")
    page.get_by_label("Import", exact=True).set_input_files({"name": f"mine.{ending}", "mimeType": "text/plain", "buffer": text.encode()})
    expect(page.get_by_test_id("node-conv2")).to_be_visible()
    assert document(page, site, draft) == LENET
    tool(page, "Undo").click()
    expect(page.get_by_test_id("node-conv2")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", b"{", "a.json is not JSON"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.json", b'{"nodes": {"a b": {}}}', "a.json is not a graph"),
        ("a.json", b'{"nodes": {}, "format": "studio.graph/9"}', "a.json"),
        ("a.yaml", b"nodes: !!python/object/apply:os.system [x]", "is not YAML"),
        ("a.yaml", b"nodes: &a {b: *a}", "refers to itself"),
        ("a.yml", b"graph: {file: /etc/passwd}", "give that file instead"),
        ("a.pickle", b"x", "networks are read from .json, .yaml, .yml and .keras files"),
    ],
)
def test_what_is_no_network_is_refused_in_a_sentence(page: Page, site: str, name: str, content: bytes, reason: str) -> None:
    draft = opened(page, site, small("Before"))
    page.get_by_label("Import", exact=True).set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text(reason)
    assert document(page, site, draft) == small("Before")


def test_a_keras_file_comes_with_its_weights_and_a_report(page: Page, site: str, tmp_path: Path) -> None:
    import keras
    from keras import layers

    entry = keras.Input((8, 8, 1), name="image")
    middle = layers.Flatten(name="flat")(layers.Conv2D(3, 3, name="first")(entry))
    keras.Model(entry, layers.Dense(10, activation="softmax", name="label")(middle), name="mine").save(tmp_path / "mine.keras")
    keras.Model(entry, layers.Lambda(lambda x: x, name="code")(entry)).save(tmp_path / "code.keras")
    draft = opened(page, site, small("Before"))
    page.get_by_label("Import", exact=True).set_input_files(tmp_path / "mine.keras")
    expect(dialog(page)).to_contain_text("Imported from mine.keras", timeout=PATIENT)
    expect(dialog(page)).to_contain_text("4 arrays of weights")
    expect(dialog(page)).to_contain_text("first/kernel")
    expect(page.get_by_role("button", name=re.compile("^Train"))).to_have_count(1)
    dialog(page).get_by_role("button", name="Begin with these weights").click()
    expect(page.get_by_test_id("node-first")).to_be_visible()
    said(page, "The next training begins with the imported weights")
    page.goto(f"{site}/train?draft={draft}")
    expect(page.get_by_text("Begins with the weights of an imported network")).to_be_visible()
    assert set(page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"]["transfer"]) == {"weights"}

    page.goto(f"{site}/model?draft={draft}")
    page.get_by_label("Import", exact=True).set_input_files(tmp_path / "code.keras")
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("code (Lambda): it holds Python code, which is never run.")
    expect(page.get_by_test_id("node-first")).to_be_visible()


def test_a_file_can_be_dropped_onto_the_canvas(page: Page, site: str) -> None:
    opened(page, site, small("Before"))
    dropped = page.evaluate_handle(
        """(text) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], "mine.json"));
          return transfer;
        }""",
        json.dumps(LENET),
    )
    canvas = page.locator(".s-canvas")
    canvas.dispatch_event("dragover", {"dataTransfer": dropped})
    canvas.dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_test_id("node-conv2")).to_be_visible()


def test_a_network_leaves_as_json_yaml_and_pictures_named_after_it(page: Page, site: str) -> None:
    graph = {**LENET, "name": "网络 / 1"}
    draft = opened(page, site, graph)
    expect(page.locator(".s-wire-shape").first).to_be_visible(timeout=PATIENT)
    with page.expect_download() as started:
        tool(page, "Export").click()
    assert started.value.suggested_filename == "网络-1.json"
    assert json.loads(started.value.path().read_text("utf-8")) == document(page, site, draft) == graph
    yaml = export(page, "YAML file")
    assert yaml.suggested_filename == "网络-1.yaml"
    assert exchange.read_text(yaml.path().read_text("utf-8"), "a.yaml").document() == graph

    svg = export(page, "Picture as SVG")
    assert svg.suggested_filename == "网络-1.svg"
    drawing = ElementTree.fromstring(svg.path().read_text("utf-8"))  # noqa: S314 - our own, just made
    shown = {"".join(each.itertext()) for each in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {*graph["nodes"]} <= shown
    assert "8 × 8 × 6" in shown
    png = export(page, "Picture as PNG")
    assert png.suggested_filename == "网络-1.png"
    picture = Image.open(io.BytesIO(png.path().read_bytes()))
    assert picture.size == (2 * int(drawing.attrib["width"]), 2 * int(drawing.attrib["height"]))
    assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20, "something is drawn on it"


def test_a_picture_is_dark_where_the_page_is_and_reduced_where_it_would_be_too_large(page: Page, site: str) -> None:
    nodes: dict[str, Any] = {"image": {"block": "Input"}}
    before = "image"
    for number in range(120):
        nodes[f"relu{number}"] = {"block": "ReLU", "inputs": [before]}
        before = f"relu{number}"
    page.emulate_media(color_scheme="dark")
    opened(page, site, Graph.model_validate({"name": "deep", "nodes": nodes}).document())
    png = export(page, "Picture as PNG")
    picture = Image.open(io.BytesIO(png.path().read_bytes())).convert("RGB")
    said(page, re.compile(r"The picture was reduced to \d+ x 16,000 pixels"))
    assert picture.height == 16_000
    corner = picture.getpixel((2, 2))
    assert isinstance(corner, tuple)
    assert max(corner) < 60


def test_a_link_carries_the_network_into_a_new_draft(page: Page, site: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    graph = {**LENET, "name": "网络 🙂"}
    draft = opened(page, site, graph)
    page.get_by_role("button", name="More ways to export").click()
    page.get_by_role("menuitem", name="Copy a link").click()
    said(page, "Link copied")
    link = str(page.evaluate("navigator.clipboard.readText()"))
    assert link.startswith(f"{site}/model#graph=1.")
    assert exchange.from_link(link).document() == graph, "Python reads what the browser writes"

    page.goto(f"{site}/model?draft={draft}#graph={exchange.to_link(Graph.model_validate(small('From Python')))}")
    expect(dialog(page)).to_contain_text("This link carries the network From Python (4 nodes). Open it in a new draft?")
    assert "#" not in page.url, "a reload does not ask again"
    dialog(page).get_by_role("button", name="Open in a new draft").click()
    expect(page.get_by_role("textbox", name="Name of the network")).to_have_value("From Python")
    taken = page.url.split("draft=")[1]
    assert taken != draft
    assert document(page, site, taken) == small("From Python")
    assert document(page, site, draft) == graph, "the draft before is as it was"

    page.goto(f"{link[:-9]}")
    expect(dialog(page).get_by_role("alert")).to_contain_text("The link is damaged")


def test_a_link_is_shown_where_the_clipboard_is_not_allowed(page: Page, site: str) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    opened(page, site, small("Net"))
    more = page.get_by_role("button", name="More ways to export")
    more.press("Enter")  # the menu is walked with keys
    expect(page.get_by_role("menuitem", name="YAML file")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    more.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Copy a link")).to_be_focused()
    page.keyboard.press("Enter")
    link = dialog(page).get_by_role("textbox", name="Link to this network").input_value()
    assert exchange.from_link(link).document() == small("Net")


def test_a_module_is_kept_and_used_in_another_network(page: Page, site: str) -> None:
    graph = small("Towers", modules=TOWER)
    graph["nodes"]["tower"] = {"block": "module:Tower", "params": {}, "inputs": ["conv1"]}
    graph["nodes"]["flat"]["inputs"] = ["tower"]
    first = opened(page, site, Graph.model_validate(graph).document())
    page.get_by_role("tab", name="Modules").click()
    entry = page.get_by_test_id("palette-module:Tower")
    expect(entry).to_contain_text("1 node · 1 input · 1 output")
    expect(entry).to_contain_text("used once")
    page.get_by_role("button", name="Rename the module Tower").click()
    field = page.get_by_role("textbox", name="Name of the module")
    field.fill("Spire")
    field.press("Enter")
    expect(page.get_by_test_id("palette-module:Spire")).to_be_visible()
    assert document(page, site, first)["nodes"]["tower"]["block"] == "module:Spire"
    page.get_by_role("button", name="Keep Spire for other networks").click()
    said(page, "Spire is kept for other networks")

    second = opened(page, site, small("Plain"))
    page.get_by_role("tab", name="Modules").click()
    page.get_by_test_id("node-conv1").click()
    page.get_by_test_id("palette-kept:Spire").click()
    expect(page.get_by_test_id("palette-module:Spire")).to_be_visible()
    found = document(page, site, second)
    assert list(found["modules"]) == ["Unit", "Spire"]
    (name,) = set(found["nodes"]) - {"image", "conv1", "flat", "label"}
    assert found["nodes"][name]["inputs"] == ["conv1"]
    assert found["nodes"]["flat"]["inputs"] == [name]
    tool(page, "Undo").click()
    expect(page.get_by_test_id("palette-module:Spire")).to_have_count(0)
    assert document(page, site, second) == small("Plain"), "the module and its node are one step"

    page.get_by_test_id("palette-kept:Spire").drag_to(page.locator(".s-canvas"), target_position={"x": 60, "y": 60})
    expect(page.get_by_test_id("palette-module:Spire")).to_be_visible()
    page.get_by_role("button", name="Delete the kept module Spire").click()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_test_id("palette-kept:Spire")).to_have_count(0)
    assert "Spire" in document(page, site, second)["modules"], "what uses it keeps it"


def test_a_draft_that_two_tabs_edit_says_in_sentences_what_differs(page: Page, site: str) -> None:
    draft = opened(page, site, small("Net"))
    other = page.context.new_page()
    other.goto(f"{site}/model?draft={draft}")
    expect(other.get_by_test_id("node-conv1")).to_be_visible(timeout=PATIENT)
    set_filters(page, 16)
    expect(tool(page, "Undo")).to_be_enabled()
    other.get_by_test_id("node-conv1").click()
    other.get_by_test_id("param-filters").fill("20")
    notice = other.get_by_role("alert").filter(has_text="changed in another window")
    expect(notice).to_contain_text("conv1: filters changed from 16 to 20.")
    expect(notice).not_to_contain_text("{")
    notice.get_by_role("button", name="Keep mine").click()
    expect(notice).to_have_count(0)
    soon(page, lambda: filters(page, site, draft), 20)
    other.close()


def test_it_speaks_chinese_and_fits_a_phone(browser: Browser, page: Page, site: str) -> None:
    for count in (6, 8):
        page.request.post(f"{site}/api/graphs", data={"graph": small("网络", count)})
    context = browser.new_context(viewport=ViewportSize(width=390, height=844), locale="zh-CN", color_scheme="dark", has_touch=True)
    context.set_default_timeout(60_000)
    phone = context.new_page()
    draft = opened(phone, site, small("另一个", 5))

    def fits() -> None:
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert phone.evaluate(TOO_WIDE) == []
        assert phone.evaluate(TOO_LOW) == []

    tool(phone, "保存").click()
    said(phone, "已保存为 另一个 的第 1 版")
    tool(phone, "打开").click()
    fits()
    dialog(phone).get_by_role("button", name=re.compile("^网络")).click()
    row = dialog(phone).get_by_role("listitem", name="第 2 版")
    expect(row).to_contain_text("conv1：filters 由 6 改为 8。")
    fits()
    dialog(phone).get_by_role("button", name="所有已保存的网络").click()
    expect(row).to_be_hidden()
    dialog(phone).get_by_role("button", name=re.compile("^网络")).click()
    dialog(phone).get_by_role("button", name="打开", exact=True).click()
    said(phone, "已打开 网络 的第 2 版")
    assert filters(phone, site, draft) == 8
    phone.request.post(f"{site}/api/graphs", data={"graph": small("网络", 9)})
    phone.get_by_test_id("node-conv1").click()
    phone.get_by_test_id("param-filters").fill("12")
    tool(phone, "保存").click()
    expect(dialog(phone)).to_contain_text("网络 在此期间已在别处保存")
    expect(dialog(phone)).to_contain_text("conv1：filters 由 9 改为 12。")
    fits()
    context.close()
