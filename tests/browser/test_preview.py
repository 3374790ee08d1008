"""The preview of a node: what a real sample looks like there, looked at, stepped through and changed as a person does it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT = 120_000
GRAPH: dict[str, Any] = {
    "format": "studio.graph/1",
    "name": "small",
    "nodes": {
        "image": {"block": "Input", "params": {"feature": "image"}},
        "rescaling": {"block": "Rescaling", "inputs": ["image"]},
        "conv1": {"block": "Conv2D", "params": {"filters": 6, "padding": "same"}, "inputs": ["rescaling"]},
        "block": {"block": "Residual", "params": {"filters": 70}, "inputs": ["conv1"]},
        "pool": {"block": "GlobalAveragePooling2D", "inputs": ["block"]},
        "label": {"block": "Output", "params": {"target": "label"}, "inputs": ["pool"]},
    },
    "modules": {},
    "layout": {},
}


def encoded(brightness: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.full((8, 8), brightness, np.uint8)).save(out, "PNG")
    return out.getvalue()


def opened(page: Page, site: str, node: str, recipe: dict[str, Any] | None = None) -> Locator:
    """The preview of a node of a new draft, with its first answer."""
    made = page.request.post(f"{site}/api/drafts", data={"recipe": recipe or {"dataset": "digits", "graph": GRAPH}})
    assert made.ok, made.text()
    page.goto(f"{site}/model?draft={made.json()['id']}")
    page.get_by_test_id(f"node-{node}").click(timeout=PATIENT)
    page.get_by_role("tab", name="Preview").click()
    return settled(page, node)


def settled(page: Page, node: str) -> Locator:
    """The panel of a node, once everything asked is answered."""
    panel = page.get_by_test_id(f"preview-{node}")
    expect(panel.locator(".s-preview-shown[aria-busy=false]").locator("h3, [role=alert]").first).to_be_visible(timeout=PATIENT)
    return panel


def maps(panel: Locator) -> Locator:
    return panel.get_by_role("group", name="Maps; each can be enlarged").get_by_role("button")


def picture(panel: Locator) -> Locator:
    """The picture of what the sample is at the node."""
    return panel.locator(".s-preview-shown .s-sheet img").first


def address(panel: Locator) -> str:
    """The picture itself, as a data address."""
    return str(picture(panel).get_attribute("src"))


def test_a_convolution_shows_its_maps_and_kernels(page: Page, site: str) -> None:
    panel = opened(page, site, "conv1")
    expect(panel.get_by_role("img", name="6 feature maps of conv1, 8 × 8 each")).to_be_visible()
    expect(panel.get_by_role("img", name="Sample 0 (Validation), label")).to_be_visible()
    expect(maps(panel)).to_have_count(6)
    box = panel.locator(".s-preview-shown .s-sheet").first.bounding_box()
    maps(panel).nth(4).click()
    large = panel.get_by_role("button", name="Back to all")
    expect(large.get_by_role("img", name="Channel 4 of conv1, 8 × 8")).to_be_visible()
    expect(large).to_be_focused()
    enlarged = panel.locator(".s-preview-shown .s-sheet").first.bounding_box()
    assert box is not None
    assert enlarged is not None
    assert (enlarged["y"], enlarged["x"]) == pytest.approx((box["y"], box["x"]), abs=1)
    assert enlarged["height"] == pytest.approx(box["height"], abs=4)
    page.keyboard.press("Escape")
    expect(maps(panel).nth(4)).to_be_focused()
    before = address(panel)
    panel.get_by_role("button", name="Common range").first.click()
    expect(picture(panel)).not_to_have_attribute("src", before)
    expect(panel.get_by_role("img", name=re.compile("^Colours from -?[0-9]")).first).to_be_visible()
    panel.locator("summary", has_text="Kernels").click()
    expect(panel.get_by_role("img", name="6 kernels of conv1, 3 × 3 each")).to_be_visible()
    panel.get_by_role("group", name="Kernels; each can be enlarged").get_by_role("button").nth(2).click()
    expect(panel.get_by_role("img", name="Kernel 2: ")).to_be_visible()


def test_the_sample_is_kept_from_node_to_node(page: Page, site: str) -> None:
    panel = opened(page, site, "conv1")
    before = address(panel)
    panel.get_by_role("button", name="Next sample").click()
    expect(panel.get_by_role("img", name="Sample 1 (Validation)")).to_be_visible()
    expect(picture(panel)).not_to_have_attribute("src", before)
    panel.get_by_role("combobox", name="Split").select_option("test")
    panel.get_by_role("spinbutton", name="Number of the sample").fill("7")
    expect(panel.get_by_role("img", name="Sample 7 (Test)")).to_be_visible()
    page.get_by_test_id("node-label").click()
    panel = settled(page, "label")
    expect(panel.get_by_role("img", name="Sample 7 (Test)")).to_be_visible()
    expect(panel.locator(".e-bars li")).to_have_count(6)
    expect(panel.locator(".p-label")).to_contain_text("%")
    expect(panel.get_by_text("In truth:")).to_be_visible()
    page.get_by_test_id("node-pool").click()
    panel = settled(page, "pool")
    bars = panel.get_by_role("slider", name="70 numbers of pool as bars")
    bars.focus()
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_text("0: ", exact=False).last).to_be_visible()
    expect(bars).to_have_attribute("aria-valuenow", "0")


def test_an_edit_is_seen_at_once(page: Page, site: str) -> None:
    panel = opened(page, site, "conv1")
    page.get_by_role("tab", name="Settings").click()
    page.get_by_test_id("param-filters").fill("3")
    page.get_by_role("tab", name="Preview").click()
    expect(panel.get_by_role("img", name="3 feature maps of conv1, 8 × 8 each")).to_be_visible()
    page.get_by_role("toolbar", name="Network").get_by_role("button", name="Undo", exact=True).click()
    expect(panel.get_by_role("img", name="6 feature maps of conv1, 8 × 8 each")).to_be_visible()


def test_a_composite_and_its_pages(page: Page, site: str) -> None:
    panel = opened(page, site, "block")
    expect(maps(panel)).to_have_count(64)
    panel.get_by_role("group", name="Pages of maps").get_by_role("button", name="Next page").click()
    expect(maps(panel)).to_have_count(6)
    expect(maps(panel).first).to_have_accessible_name(re.compile("^Channel 64: "))
    panel.locator("summary", has_text="All weights").click()
    expect(panel.get_by_role("row", name="conv1/kernel")).to_be_visible()


def test_a_picture_of_ones_own_is_dropped_and_a_sign_is_drawn(page: Page, site: str) -> None:
    panel = opened(page, site, "image")
    panel.get_by_role("button", name="Your own").click()
    content = base64.b64encode(encoded(200)).decode()
    dropped = page.evaluate_handle(
        """(content) => {
            const transfer = new DataTransfer();
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            transfer.items.add(new File([bytes], "mine.png", { type: "image/png" }));
            return transfer;
        }""",
        content,
    )
    panel.locator(".s-drop").dispatch_event("drop", {"dataTransfer": dropped})
    expect(panel.get_by_text("mine.png")).to_be_visible()
    expect(panel.get_by_role("img", name="Your sample: mine.png")).to_be_visible()
    expect(panel.locator(".s-preview-figures dd").first).to_have_text("200")
    pad = panel.get_by_test_id("drawing")
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 16)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 16, steps=8)
    page.mouse.up()
    expect(panel.get_by_text("Your drawing")).to_be_visible()
    expect(panel.locator(".s-preview-figures dd").nth(2)).to_have_text("255")
    panel.get_by_role("button", name="Of the dataset").click()
    expect(panel.get_by_role("img", name="Sample 0 (Validation)")).to_be_visible()


def test_what_is_no_picture_is_refused_with_a_reason(page: Page, site: str) -> None:
    panel = opened(page, site, "conv1")
    panel.get_by_role("button", name="Your own").click()
    panel.locator(".s-own input[type=file]").set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture at all"})
    expect(panel.get_by_role("alert")).to_contain_text("The picture can't be read")
    panel.get_by_role("button", name="Of the dataset").click()
    expect(panel.get_by_role("alert")).to_have_count(0)
    expect(maps(panel)).to_have_count(6)


def test_texts_are_tokens_and_steps(page: Page, site: str) -> None:
    panel = opened(page, site, "words", {"dataset": "languages", "graph": {"preset": "TextLSTM"}})
    panel.get_by_role("button", name="Your own").click()
    panel.get_by_role("textbox", name="Text").fill("and the")
    expect(panel.get_by_role("list", name="Tokens").get_by_role("listitem")).to_have_count(2)
    page.get_by_test_id("node-embedding").click()
    panel = settled(page, "embedding")
    panel.get_by_role("group", name="Channel").get_by_role("button", name="Next channel").click()
    expect(panel.get_by_role("slider", name="Values of channel 0, step by step")).to_be_visible()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A tab as small as a phone, in Chinese and dark."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", color_scheme="dark", has_touch=True)
    context.set_default_timeout(60_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def test_a_phone_has_room_for_it(phone: Page, site: str) -> None:
    made = phone.request.post(f"{site}/api/drafts", data={"recipe": {"dataset": "digits", "graph": GRAPH}}).json()
    phone.goto(f"{site}/model?draft={made['id']}")
    phone.get_by_test_id("node-conv1").click(timeout=PATIENT)
    phone.get_by_test_id("tab-preview").click()
    panel = settled(phone, "conv1")
    expect(panel.get_by_role("img", name="conv1 的 6 张特征图，每张 8 × 8")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    small = panel.locator("button:visible, select:visible, input:visible").evaluate_all(
        "(found) => found.map((each) => each.getBoundingClientRect()).filter((box) => box.height < 36).map((box) => box.height)"
    )
    assert small == []
    panel.get_by_role("button", name="自己的").click()
    panel.locator(".s-own input[type=file]").set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture at all"})
    expect(panel.get_by_role("alert")).to_contain_text("无法读取图片")
