"""Networks in and out: as files, pictures and links."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

import presets
from blocks.graph import Graph
from studio.library import exchange
from tests.browser.library_page import PATIENT, dialog, document, export, opened, said, small, tool

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("empty_library")]
LENET: dict[str, Any] = presets.get("LeNet5").graph().document()


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
