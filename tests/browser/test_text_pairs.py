"""Pairs of texts, in a real browser: seen, trained on, asked, and measured."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.training_page import PATIENT, train, use

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_seen_trained_asked_and_measured(page: Page, site: str) -> None:
    page.goto(f"{site}/data?dataset=dates")
    samples = page.get_by_role("region", name="Samples")
    expect(samples.get_by_role("columnheader", name="iso")).to_be_visible(timeout=PATIENT)
    expect(samples.get_by_role("columnheader", name="written")).to_be_visible()
    use(page)
    run = train(page, 4)

    page.goto(f"{site}/predict?run={run}")
    page.get_by_label("Text", exact=True).fill("13 June 2004")
    page.get_by_role("button", name="Predict", exact=True).click()
    answer = page.get_by_role("region", name=re.compile("^Prediction"))
    expect(answer.locator(".s-written")).to_contain_text(re.compile(r"\d{4}.*%"), timeout=PATIENT)
    expect(answer.get_by_role("heading", name="Other answers that were near")).to_be_visible()
    cells = answer.locator(".s-alignment tbody tr").first.locator("td")
    expect(cells).to_have_count(len("13 June 2004"))

    page.get_by_role("button", name="Test samples").click()
    page.get_by_role("button", name=re.compile(r"^Sample \d+")).first.click(timeout=PATIENT)
    expect(answer).to_contain_text(re.compile(r"True\s*\d{4}-\d\d-\d\d"), timeout=PATIENT)

    page.goto(f"{site}/evaluate?run={run}")
    figures = page.get_by_role("region", name="Figures")
    expect(figures).to_contain_text("Exact match", timeout=PATIENT)
    expect(figures).to_contain_text("Character error rate")
    worst = page.get_by_role("region", name="Samples that went worst").locator("li")
    expect(worst.first.locator(".s-difference")).to_be_visible(timeout=PATIENT)
