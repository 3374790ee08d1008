"""Time series and sequences, in a real browser: seen, trained on, measured, and asked with samples and with files."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from studio.datasets.builtin import SAMPLES
from tests.browser.training_page import PATIENT, train, use

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The sunspots of the last hundred years, as a file of one's own."""
    rows = list(csv.reader((SAMPLES / "sunspots.csv").read_text("utf-8").splitlines()))
    path = tmp_path / "later.csv"
    path.write_text("\n".join(",".join(row) for row in [rows[0], *rows[-100:]]) + "\n", "utf-8")
    return path


@pytest.fixture
def wave(tmp_path: Path) -> Path:
    """One sine of 40 steps, as a file of one's own."""
    path = tmp_path / "wave.csv"
    path.write_text("sequence,step,value\n" + "".join(f"a,{step},{math.sin(step / 3):.3f}\n" for step in range(40)), "utf-8")
    return path


def test_a_forecast(page: Page, site: str, later: Path) -> None:
    page.goto(f"{site}/data?dataset=sunspots")
    glance = page.get_by_role("region", name="At a glance")
    expect(glance.get_by_role("img", name="sunspots: Training, Validation, Test")).to_be_visible(timeout=PATIENT)
    expect(page.get_by_role("region", name="Samples", exact=True).locator(".s-stretch").first).to_be_visible()
    use(page)
    run = train(page, 3)

    page.goto(f"{site}/evaluate?run={run}")
    figures = page.get_by_role("region", name="Figures")
    expect(figures).to_contain_text("MAE of the last value", timeout=PATIENT)
    drawn = page.get_by_role("region", name="Forecasts over the true series").get_by_role("img", name="sunspots: true, forecast")
    expect(drawn.locator("canvas")).to_be_visible(timeout=PATIENT)

    page.goto(f"{site}/predict?run={run}")
    answer = page.get_by_role("region", name=re.compile("^Prediction"))
    page.locator("input[type=file]").first.set_input_files(later)
    expect(answer.locator(".p-label")).to_have_text(re.compile(r"^-?\d+(\.\d+)?\s*$"), timeout=PATIENT)
    expect(answer.get_by_role("img", name="sunspots: what is known, forecast")).to_be_visible()
    page.get_by_role("button", name="Test samples").click()
    page.get_by_role("button", name=re.compile(r"^Sample \d+, in truth [\d.]+$")).first.click(timeout=PATIENT)
    expect(answer).to_contain_text(re.compile(r"In truth: [\d.]+"), timeout=PATIENT)
    expect(answer.get_by_role("img", name="sunspots: what is known, true, forecast")).to_be_visible()


def test_sequences_by_class(page: Page, site: str, wave: Path) -> None:
    page.goto(f"{site}/data?dataset=waveforms")
    samples = page.get_by_role("region", name="Samples", exact=True)
    expect(samples.locator(".s-stretch").first).to_be_visible(timeout=PATIENT)
    expect(samples).to_contain_text("triangle")
    use(page)
    run = train(page, 3)

    page.goto(f"{site}/evaluate?run={run}")
    expect(page.get_by_role("region", name="Figures")).to_contain_text("Accuracy", timeout=PATIENT)
    cells = page.get_by_role("button", name=re.compile(r"^\w+ taken for \w+: [1-9]"))
    cells.first.click(timeout=PATIENT)
    expect(page.get_by_role("heading", name=re.compile(r"^\w+ taken for \w+"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"^Sample \d+ sequence \d+")).first).to_be_visible()

    page.goto(f"{site}/predict?run={run}")
    answer = page.get_by_role("region", name=re.compile("^Prediction"))
    page.locator("input[type=file]").first.set_input_files(wave)
    expect(answer.locator(".p-label")).to_have_text(re.compile(r"^(sine|square|triangle) \d+(\.\d+)? ?%$"), timeout=PATIENT)
    expect(answer.locator(".s-stretch")).to_be_visible()
    page.get_by_role("button", name="Test samples").click()
    page.get_by_role("button", name=re.compile(r"^Sample \d+, in truth \w+$")).first.click(timeout=PATIENT)
    expect(answer).to_contain_text(re.compile(r"In truth: \w+\."), timeout=PATIENT)
    expect(answer.get_by_role("listitem")).to_have_count(3)
