"""Train, watch, reload, stop, resume: in a real browser, with a real trainer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.training_page import PATIENT, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_train_stop_and_resume(page: Page, site: str) -> None:
    page.goto(f"{site}/train")
    page.get_by_label("Epochs", exact=True).fill("400")
    run = start(page)
    status = page.get_by_test_id("run-status")
    expect(status).to_have_attribute("data-status", "running", timeout=PATIENT)
    page.locator(".s-curve .uplot").first.wait_for(timeout=PATIENT)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("img", name="something is being trained")).to_be_visible()

    figures = page.locator(".s-figure").nth(1)
    before = figures.inner_text()
    expect(figures).not_to_have_text(before, timeout=PATIENT)
    page.reload()
    page.locator(".s-curve .uplot").first.wait_for()

    page.get_by_role("button", name="Stop").click()
    expect(status).to_have_attribute("data-status", "stopped", timeout=PATIENT)
    expect(page.locator(".s-reason")).to_contain_text("The last state is saved")
    page.get_by_role("button", name="Resume").click()
    expect(status).to_have_attribute("data-status", "running", timeout=PATIENT)
    page.get_by_role("button", name="Pause").click()
    expect(status).to_have_attribute("data-status", "paused", timeout=PATIENT)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()

    page.goto(f"{site}/")
    expect(page.get_by_role("table", name="Latest runs")).to_contain_text("Paused")

    page.goto(f"{site}/runs?run={run}")
    actions = page.get_by_role("group", name="Actions")
    page.get_by_role("button", name="Delete", exact=True).click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expect(page.get_by_role("heading", name=run)).to_have_count(0)
    expect(actions).to_have_count(0)
    undo.click()
    expect(page.get_by_role("heading", name=run)).to_be_visible()
    expect(actions).to_be_visible()
