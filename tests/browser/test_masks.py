"""Pictures with masks, in a real browser: seen, trained on, measured, asked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.training_page import PATIENT, train, use

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_seen_trained_measured_and_asked(page: Page, site: str) -> None:
    page.goto(f"{site}/data?dataset=shapes")
    samples = page.get_by_role("region", name="Samples")
    expect(samples.locator(".s-mask").first).to_be_visible(timeout=PATIENT)
    expect(samples.get_by_role("list", name="Colours of the classes")).to_contain_text("triangle")
    over = samples.locator(".s-mask-views img").nth(1)
    expect(over).to_have_css("opacity", "0.6")
    samples.get_by_label("Strength of the masks").fill("100")
    expect(over).to_have_css("opacity", "1")
    expect(page.get_by_role("region", name="At a glance")).to_contain_text(re.compile(r"background\s*\d+\.\d %"))
    use(page)
    run = train(page, 2)

    page.goto(f"{site}/evaluate?run={run}")
    expect(page.get_by_role("region", name="Figures")).to_contain_text("Mean IoU", timeout=PATIENT)
    areas = page.get_by_role("region", name="Areas by class")
    expect(areas.get_by_role("row")).to_have_count(5, timeout=PATIENT)
    worst = page.get_by_role("region", name="Samples that went worst").locator(".e-examples > li").first
    expect(worst.locator(".s-mask")).to_have_count(2)

    page.goto(f"{site}/predict?run={run}")
    page.get_by_role("button", name="Test samples").click()
    page.get_by_role("button", name=re.compile(r"^Sample \d+")).first.click(timeout=PATIENT)
    answer = page.get_by_role("region", name=re.compile("^Prediction"))
    expect(answer.locator(".s-mask")).to_have_count(2, timeout=PATIENT)
    expect(answer.get_by_role("link", name=re.compile("Mask as PNG, 48 × 48"))).to_be_visible()
