"""The gallery of networks: searched, sorted and filtered, and a network put on the canvas, with the mouse, the keyboard, and on a phone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.hub import saved
from studio.hub import EXTRA
from tests.browser.model_page import CHAIN, PATIENT, PHONE, drafted, node, opened, recipe_graph, soon, tool, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WORDS = Path(__file__).parents[2] / "studio" / "ui" / "words"


def gallery(page: Page) -> Locator:
    """The gallery, opened from the toolbar."""
    tool(page, "Gallery").click()
    shown = page.get_by_role("dialog", name="Networks to begin with")
    expect(shown.locator(".s-network").first).to_be_visible(timeout=PATIENT)
    return shown


def listed(shown: Locator) -> list[str]:
    return shown.locator(".s-network strong").all_inner_texts()


def card(shown: Locator, family: str) -> Locator:
    return shown.get_by_test_id(f"network-{family}")


def details(shown: Locator) -> Locator:
    return shown.get_by_test_id("network-details")


def test_a_network_is_searched_chosen_and_put_on_the_canvas(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    shown = gallery(page)
    expect(shown.get_by_test_id("gallery-search")).to_be_focused()
    shown.get_by_test_id("gallery-search").fill("lecun")
    soon(page, lambda: listed(shown), ["LeNet-5"])
    card(shown, "LeNet5").get_by_role("button", name=re.compile("^LeNet-5")).click()
    expect(details(shown)).to_contain_text("LeCun")
    shown.get_by_role("button", name="Put on the canvas").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    soon(page, lambda: recipe_graph(page, site, draft), {"preset": "LeNet5", "params": {}})
    expect(node(page, "conv1")).to_contain_text("5 × 5")
    tool(page, "Undo").click()
    expect(node(page, "relu1")).to_be_visible()


def test_it_is_sorted_and_filtered(page: Page, site: str) -> None:
    opened(page, site, None)
    shown = gallery(page)
    fitting = listed(shown)
    assert "LeNet-5" in fitting
    assert "Text CNN" not in fitting
    shown.get_by_label("Sort by").select_option(label="Name")
    pictures = shown.get_by_role("region", name="Pictures", exact=True)
    names = listed(pictures)
    assert names == sorted(names, key=str.lower)
    shown.get_by_label("Sort by").select_option(label="Weights, fewest first")
    assert names != listed(pictures)
    shown.get_by_label("Fits Handwritten digits").uncheck()
    soon(page, lambda: "Text CNN" in listed(shown), True)
    expect(card(shown, "TextCNN")).to_contain_text("TextCNN takes texts; the dataset has pictures.")
    shown.get_by_role("button", name=re.compile("^Texts")).click()
    soon(page, lambda: "LeNet-5" in listed(shown), False)
    card(shown, "TextCNN").get_by_role("button").click()
    expect(shown.get_by_role("button", name="Put on the canvas")).to_be_disabled()
    expect(details(shown).locator("#network-reason")).to_have_text("TextCNN takes texts; the dataset has pictures.")
    shown.get_by_test_id("gallery-search").fill("qqq")
    shown.get_by_role("button", name="Show all networks").click()
    soon(page, lambda: len(listed(shown)) > len(fitting), True)


def test_a_variant_is_chosen_and_what_it_costs_here_is_told(page: Page, site: str) -> None:
    draft = opened(page, site, None)
    shown = gallery(page)
    shown.get_by_test_id("gallery-search").fill("resnet 20")
    card(shown, "ResNet").get_by_label("Variant of ResNet").select_option("ResNet32")
    expect(card(shown, "ResNet")).to_contain_text("466 k weights")
    expect(details(shown)).to_contain_text("32 × 32 × 3")
    expect(details(shown)).to_contain_text("8 × 8 × 1", timeout=PATIENT)
    expect(details(shown)).to_contain_text("Training takes about", timeout=PATIENT)
    expect(details(shown).get_by_role("button", name="ResNet32", exact=True)).to_have_attribute("aria-pressed", "true")
    details(shown).get_by_role("button", name="ResNet44", exact=True).click()
    expect(card(shown, "ResNet")).to_contain_text("662 k weights")
    shown.get_by_role("button", name="Put on the canvas").click()
    soon(page, lambda: recipe_graph(page, site, draft), {"preset": "ResNet", "params": {"depth": 44}})


def test_parameters_are_set_before_it_is_put_on_the_canvas(page: Page, site: str) -> None:
    draft = opened(page, site, CHAIN)
    shown = gallery(page)
    shown.get_by_test_id("gallery-search").fill("vision transformer")
    details(shown).get_by_test_id("param-num_heads").fill("5")
    expect(details(shown).locator("#network-reason")).to_contain_text("5", timeout=PATIENT)
    expect(shown.get_by_role("button", name="Put on the canvas")).to_be_disabled()
    details(shown).get_by_test_id("param-num_heads").fill("4")
    expect(details(shown).locator("#network-reason")).to_have_count(0, timeout=PATIENT)
    shown.get_by_role("button", name="Put on the canvas").click()
    soon(page, lambda: recipe_graph(page, site, draft).get("params", {}).get("num_heads"), 4)


def test_a_network_begins_with_its_published_weights_and_only_its_head_learns(page: Page, site: str) -> None:
    draft = opened(page, site, None)
    shown = gallery(page)
    shown.get_by_test_id("gallery-search").fill("mobilenet")
    card(shown, "MobileNetV2").get_by_role("button").click()
    details(shown).get_by_role("button", name="Begin with ImageNet weights").click()
    slider = page.get_by_role("slider", name="Layers that learn")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^The last 1 of "), timeout=PATIENT)
    soon(page, lambda: page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"].get("transfer"), {"weights": "imagenet:MobileNetV2"})
    page.goto(f"{site}/train?draft={draft}")
    expect(page.get_by_text("Begins with the weights of MobileNetV2 (ImageNet)")).to_be_visible(timeout=PATIENT)


def test_with_the_keyboard_alone(page: Page, site: str) -> None:
    draft = opened(page, site, None)
    shown = gallery(page)
    first, second = (shown.locator(".s-network-button").nth(place) for place in (0, 1))
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(details(shown).locator(".s-network-scroll")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert recipe_graph(page, site, draft) is None


def test_the_memory_that_is_needed_is_compared_with_what_is_free(page: Page, site: str) -> None:
    small = {"kind": "gpu", "name": "A card", "count": 1, "used_bytes": 0, "total_bytes": 10_000_000, "load": 0.0}
    page.route("**/api/pulse", lambda route: route.fulfill(json={"active": [], "device": small}))
    opened(page, site, None)
    shown = gallery(page)
    shown.get_by_test_id("gallery-search").fill("alexnet")
    expect(card(shown, "AlexNet")).to_contain_text("too much", timeout=PATIENT)
    shown.get_by_label("Fits in memory").check()
    expect(card(shown, "AlexNet")).to_have_count(0, timeout=PATIENT)


@pytest.mark.parametrize(("language", "file", "theme"), [("en-US", "en", "light"), ("zh-CN", "zh-CN", "dark")])
def test_on_a_phone_the_details_take_the_place_of_the_list(
    browser: Browser, site: str, language: str, file: str, theme: Literal["light", "dark"]
) -> None:
    words = json.loads((WORDS / f"{file}.json").read_text("utf-8"))
    context = browser.new_context(viewport=PHONE, locale=language, color_scheme=theme)
    page = context.new_page()
    visit(page, site, drafted(page, site, None))
    page.get_by_role("button", name=words["gallery.tool"], exact=True).click()
    shown = page.get_by_role("dialog", name=words["gallery.title"])
    expect(shown.locator(".s-network").first).to_be_visible(timeout=PATIENT)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert "gallery." not in shown.inner_text()
    shown.locator(".s-network-button").first.click()
    expect(shown.locator(".s-networks-list")).to_be_hidden()
    expect(shown.get_by_role("button", name=words["gallery.use"])).to_be_in_viewport()
    shown.get_by_role("button", name=words["gallery.back"]).click()
    expect(shown.locator(".s-networks-list")).to_be_visible()
    context.close()


def test_a_network_of_keras_hub_is_begun_with_from_a_folder(page: Page, site: str, tmp_path: Path) -> None:
    pytest.importorskip("keras_hub", reason="keras-hub is an extra; the development group brings it")
    folder = saved("MobileNet", tmp_path / "mine").folder
    draft = opened(page, site, None)
    shown = gallery(page)
    field = shown.get_by_label("Network of keras-hub")
    expect(field).to_be_enabled(timeout=PATIENT)
    assert shown.locator("datalist option[value='resnet_50_imagenet']").count() == 1
    field.fill(str(folder))
    shown.get_by_role("button", name="Begin with its weights").click()
    slider = page.get_by_role("slider", name="Layers that learn")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^The last 1 of "), timeout=PATIENT)
    soon(page, lambda: page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"].get("transfer"), {"weights": f"hub:{folder}"})
    page.goto(f"{site}/train?draft={draft}")
    expect(page.get_by_text(f"Begins with the weights of {folder} (keras-hub)")).to_be_visible(timeout=PATIENT)


def test_without_keras_hub_the_gallery_says_how_to_get_it(page: Page, site: str) -> None:
    page.route("**/api/model/hub", lambda route: route.fulfill(json={"prefix": "hub:", "install": EXTRA, "networks": []}))
    opened(page, site, None)
    shown = gallery(page)
    expect(shown.get_by_text(f"Networks of keras-hub are an extra. Install it with: {EXTRA}")).to_be_visible(timeout=PATIENT)
    expect(shown.get_by_label("Network of keras-hub")).to_be_disabled()
