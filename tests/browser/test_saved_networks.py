"""Networks that are saved: opened, compared, renamed, and kept by several tabs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.library_page import PATIENT, dialog, document, filters, opened, said, saved, set_filters, small, tool, version
from tests.browser.model_page import soon

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("empty_library")]
TOO_WIDE = """[...document.querySelectorAll("dialog[open], dialog[open] *")]
  .filter((each) => each.getBoundingClientRect().right > 390).map((each) => each.outerHTML.slice(0, 80))"""
TOO_LOW = """[...document.querySelectorAll("dialog[open] button")]
  .filter((each) => each.offsetParent && each.offsetHeight < 40).map((each) => each.textContent)"""


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
