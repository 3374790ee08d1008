"""Sounds, in a real browser: seen and heard, trained on, recorded, and predicted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.training_page import PATIENT, train, use

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: 440 });
  const ear = context.createMediaStreamDestination();
  tone.connect(ear);
  tone.start();
  await context.resume();
  return ear.stream;
};
"""


def test_seen_heard_trained_and_asked(page: Page, site: str) -> None:
    page.add_init_script(MICROPHONE)
    page.goto(f"{site}/data?dataset=sounds")
    sounds = page.get_by_role("button", name=re.compile("^Play "))
    expect(sounds).to_have_count(20, timeout=PATIENT)
    sounds.first.click()
    expect(page.locator("audio").first).to_have_js_property("error", None)
    expect(page.get_by_text("Networks hear")).to_be_visible()
    use(page)
    run = train(page, 4)

    page.goto(f"{site}/predict?run={run}")
    answer = page.get_by_role("region", name=re.compile("^Prediction"))
    page.locator(".p-record").get_by_role("button", name="Record").click(timeout=PATIENT)
    expect(page.get_by_role("status").filter(has_text="Recording")).to_be_visible()
    page.wait_for_timeout(700)
    page.locator(".p-record").get_by_role("button", name="Stop").click()
    expect(answer).to_contain_text(re.compile(r"\d+(\.\d+)? ?%"), timeout=PATIENT)
    expect(answer.get_by_role("button", name=re.compile("^Play "))).to_be_visible()

    page.get_by_role("button", name="Test samples").click()
    page.get_by_role("button", name=re.compile(r"^Sample \d+, in truth \w+$")).first.click(timeout=PATIENT)
    expect(answer).to_contain_text(re.compile(r"In truth: \w+\."), timeout=PATIENT)

    page.goto(f"{site}/evaluate?run={run}")
    expect(page.get_by_role("region", name="Figures")).to_contain_text("Accuracy", timeout=PATIENT)
