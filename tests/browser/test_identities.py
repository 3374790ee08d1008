"""Signs that no training has seen, in a real browser: trained on, measured, found again, and compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.training_page import PATIENT, train, use

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_trained_measured_found_and_compared(page: Page, site: str, drawings: list[Path]) -> None:
    page.goto(f"{site}/data?dataset=signs")
    expect(page.get_by_text("Pictures, same or not").locator("visible=true").first).to_be_visible(timeout=PATIENT)
    use(page)
    run = train(page, 3)

    page.goto(f"{site}/evaluate?run={run}")
    figures = page.get_by_role("region", name="Figures")
    expect(figures).to_contain_text("Equal error rate", timeout=PATIENT)
    points = page.locator(".e-map-columns > svg path")
    expect(points).to_have_count(75, timeout=PATIENT)
    points.nth(4).hover()
    seen = page.locator(".e-map-shown img")
    expect(seen).to_be_visible()
    expect(seen).to_have_js_property("naturalWidth", 3 * 28)
    hits = page.get_by_role("list", name="Most alike").first
    expect(hits.get_by_role("listitem")).to_have_count(5)

    page.goto(f"{site}/predict?run={run}")
    page.get_by_role("button", name="Picture", exact=True).click(timeout=PATIENT)
    page.locator("input[type=file]").first.set_input_files(drawings[0])
    answer = page.get_by_role("region", name=re.compile("^Prediction"))
    found = answer.get_by_role("list", name="Most alike")
    expect(found).to_contain_text("sign 03", timeout=PATIENT)
    second = answer.get_by_role("region", name="Compare with a second picture").locator("input[type=file]")
    for drawing in drawings[1:]:
        second.set_input_files(drawing)
        expect(answer).to_contain_text(re.compile(r"(The same|Not the same)Distance [\d.]+"), timeout=PATIENT)
    page.get_by_role("button", name="Test samples").click()
    page.get_by_role("button", name=re.compile(r"^Sample \d+, in truth sign \d+$")).first.click(timeout=PATIENT)
    expect(found.get_by_role("listitem")).to_have_count(5, timeout=PATIENT)
