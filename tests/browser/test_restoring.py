"""Pictures that are to be restored or drawn again, in a real browser: seen, trained on, evaluated, and made."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.training_page import PATIENT, train, use

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def trained(page: Page, site: str, dataset: str, epochs: int) -> str:
    """Chooses a built-in set on the page Data, trains, and returns the run."""
    page.goto(f"{site}/data?dataset={dataset}")
    expect(page.locator(".s-part-picture").first).to_be_visible(timeout=PATIENT)
    use(page)
    return train(page, epochs)


def test_enlarging(page: Page, site: str, tmp_path: Path) -> None:
    run = trained(page, site, "scenes", 1)
    page.goto(f"{site}/evaluate?run={run}")
    expect(page.get_by_role("region", name="Figures")).to_contain_text("PSNR of bicubic (dB)", timeout=PATIENT)
    expect(page.get_by_role("region", name="What the network gains")).to_contain_text(re.compile(r"on \d of 2 pictures; PSNR [+-]"), timeout=PATIENT)
    compared = page.locator(".e-examples .s-compare").first
    compared.get_by_role("button", name="Original").click(timeout=PATIENT)
    line = compared.get_by_role("slider")
    line.focus()
    line.press("Home")
    expect(line).to_have_value("0")

    small = tmp_path / "small.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(small)
    page.goto(f"{site}/predict?run={run}")
    page.locator("input[type=file]").first.set_input_files(small)
    answer = page.get_by_role("region", name=re.compile("^Prediction"))
    with page.expect_download(timeout=PATIENT) as download:
        answer.get_by_role("link", name="PNG, 60 × 40").click(timeout=PATIENT)
    assert Image.open(io.BytesIO(download.value.path().read_bytes())).size == (60, 40)

    page.get_by_role("button", name="Test samples").click()
    page.get_by_role("button", name=re.compile("^Sample")).first.click(timeout=PATIENT)
    expect(answer.get_by_role("button", name="Original")).to_be_visible(timeout=PATIENT)


def test_drawing_again(page: Page, site: str) -> None:
    run = trained(page, site, "cloth", 2)
    page.goto(f"{site}/evaluate?run={run}")
    expect(page.locator(".e-examples .s-compare")).to_have_count(24, timeout=PATIENT)
    first, second = (page.locator(".e-examples > li").nth(place).bounding_box() for place in (0, 1))
    assert first
    assert second
    assert first["y"] == second["y"]  # side by side: a page, not a scroll of 24 screens
    expect(page.get_by_role("img", name="Errors of the pictures")).to_be_visible()
    page.goto(f"{site}/predict?run={run}")
    page.get_by_role("button", name="Test samples").click(timeout=PATIENT)
    page.get_by_role("button", name=re.compile("^Sample")).first.click(timeout=PATIENT)
    expect(page.get_by_role("region", name=re.compile("^Prediction"))).to_contain_text("Mean squared error", timeout=PATIENT)
