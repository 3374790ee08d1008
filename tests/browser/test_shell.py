"""What stands on every page: the bar, the line, colours, language, names of controls."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.ui.page import pages

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATHS = [page.path for page in pages()]

UNNAMED = """() => [...document.querySelectorAll('button, a[href], select, textarea, input:not([type=hidden])')].filter(element => {
    const style = getComputedStyle(element);
    if (style.display === 'none' || style.visibility === 'hidden') return false;
    if (!element.getClientRects().length || element.closest('[aria-hidden=true]')) return false;
    const said = element.getAttribute('aria-label') || element.getAttribute('aria-labelledby');
    const name = said || element.textContent.trim() || element.title || [...(element.labels || [])].map(label => label.textContent.trim()).join('');
    return !name;
}).map(element => element.outerHTML.slice(0, 200))"""


def opened(page: Page, address: str, dataset: str = "Handwritten digits") -> None:
    page.goto(address)
    page.locator("[data-mount] > *").first.wait_for()
    expect(page.locator(".s-line-value").first).to_have_text(dataset)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_one_train_button_and_only_named_controls(page: Page, site: str, path: str) -> None:
    opened(page, site + path)
    buttons = page.get_by_role("button", name=re.compile("^Train"))
    expect(buttons).to_have_count(1)
    expect(buttons).to_be_enabled()
    assert page.evaluate(UNNAMED) == []
    assert "draft=" in page.url


@pytest.mark.parametrize("path", PATHS)
def test_every_page_fits_a_phone(browser: Browser, site: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    page = context.new_page()
    opened(page, site + path)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()


COUNTING = """
window.frames_asked = 0;
const original = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => { window.frames_asked += 1; return original(callback); };
"""


@pytest.mark.parametrize("path", PATHS)
def test_a_page_comes_to_rest(browser: Browser, site: str, path: str) -> None:
    """Each frame costs processor time that the training on the same machine lacks; Gradio's start takes some seconds to settle."""
    context = browser.new_context(locale="en-US")
    context.add_init_script(COUNTING)
    page = context.new_page()
    opened(page, site + path)

    def frames_in_a_second() -> int:
        before = page.evaluate("window.frames_asked")
        page.wait_for_timeout(1000)
        return int(page.evaluate("window.frames_asked") - before)

    asked = [frames_in_a_second() for _ in range(8)]
    context.close()
    assert max(asked) > 10
    assert min(asked) <= 1


def test_the_links_of_the_bar_carry_the_draft(page: Page, site: str) -> None:
    opened(page, f"{site}/")
    draft = re.search(r"draft=(\w+)", page.url)
    assert draft
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Train", exact=True).click()
    page.wait_for_url(re.compile(rf"/train\?draft={draft[1]}"))


def test_colours_are_kept_from_page_to_page(page: Page, site: str) -> None:
    opened(page, f"{site}/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark colours").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    opened(page, f"{site}/train")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    page.get_by_role("button", name="Light colours").click()
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bdark\b"))


def test_the_language_is_the_browsers_and_has_a_switch(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    opened(page, f"{site}/train", "手写数字")
    expect(page.get_by_role("link", name="训练", exact=True)).to_be_visible()
    page.get_by_label("语言").select_option("en")
    expect(page.get_by_role("link", name="Train", exact=True)).to_be_visible()
    opened(page, f"{site}/")
    expect(page.get_by_role("heading", name="Start with")).to_be_visible()
    context.close()


def test_a_change_is_kept_over_a_reload_and_two_tabs_see_the_conflict(page: Page, site: str) -> None:
    opened(page, f"{site}/train")
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("7")
    expect(page.locator(".s-line")).to_contain_text("7 epochs")
    page.reload()
    expect(epochs).to_have_value("7")
    other = page.context.new_page()
    opened(other, page.url)
    other.get_by_label("Epochs", exact=True).fill("8")
    expect(other.locator(".s-line")).to_contain_text("8 epochs")
    epochs.fill("9")
    expect(page.get_by_role("alert")).to_contain_text("yours 9, the other 8")
    expect(page.get_by_role("button", name=re.compile("^Train"))).to_be_disabled()
    page.get_by_role("button", name="Keep mine").click()
    expect(page.locator(".s-line")).to_contain_text("9 epochs")


def test_what_is_wrong_stands_beside_the_button_and_the_field(page: Page, site: str) -> None:
    opened(page, f"{site}/train")
    page.get_by_label("Epochs", exact=True).fill("0")
    expect(page.get_by_text("At least 1.")).to_be_visible()
    page.get_by_label("Epochs", exact=True).fill("5")
    page.get_by_label("Batch size", exact=True).fill("many")
    expect(page.locator(".s-line-reason")).to_contain_text("batch_size")
    expect(page.get_by_role("button", name=re.compile("^Train"))).to_be_disabled()
    page.get_by_label("Batch size", exact=True).fill("32")
    expect(page.get_by_role("button", name=re.compile("^Train"))).to_be_enabled()
