"""Pairs of pictures in a real browser: looked at, trained on, measured, and asked with two files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.training_page import PATIENT, train, use

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_looked_at_trained_measured_and_asked(page: Page, site: str, drawings: list[Path]) -> None:
    page.goto(f"{site}/data?dataset=sign_pairs")
    expect(page.get_by_text("Pairs of pictures").locator("visible=true").first).to_be_visible(timeout=PATIENT)
    cards = page.locator(".s-part-cards > *")
    expect(cards.first.locator("img")).to_have_count(2, timeout=PATIENT)
    use(page)
    run = train(page, 2)

    page.goto(f"{site}/model?run={run}")
    expect(page.get_by_test_id("node-encoder_b")).to_be_visible(timeout=PATIENT)

    page.goto(f"{site}/evaluate?run={run}")
    expect(page.get_by_role("region", name="Figures")).to_contain_text("Accuracy", timeout=PATIENT)
    expect(page.locator(".e-given > li").first.locator("img")).to_have_count(2, timeout=PATIENT)

    page.goto(f"{site}/predict?run={run}")
    ask = page.get_by_role("button", name="Predict", exact=True)
    expect(ask).to_be_disabled(timeout=PATIENT)
    expect(page.get_by_text("Still needed: image_a.")).to_be_visible()
    for name, drawing in zip(("image_a", "image_b"), drawings, strict=False):
        page.get_by_label(re.compile(f"^{name}:")).set_input_files(drawing)
        expect(page.get_by_text(f"{drawing.name} is chosen.")).to_be_visible(timeout=PATIENT)
    ask.click()
    answer = page.get_by_role("region", name="Prediction", exact=True)
    expect(answer.locator(".p-label")).to_have_text(re.compile(r"^(same|different)\s*[\d.]+\s*%"), timeout=PATIENT)
    expect(answer.locator("figure img")).to_have_count(2)
    page.get_by_role("button", name="Test samples").click()
    sample = page.get_by_role("button", name=re.compile(r"^Sample \d+, in truth (same|different)$")).first
    expect(sample.locator("img")).to_have_count(2, timeout=PATIENT)
    sample.click()
    expect(answer).to_contain_text(re.compile("in truth", re.IGNORECASE), timeout=PATIENT)
