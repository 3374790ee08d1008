"""Pictures with a transcript: looked at, trained on, measured and asked, in a real browser."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from studio.datasets.builtin import SAMPLES
from studio.workspace import Workspace
from tests.studio.trained_several import train_preset

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT = 180_000


@pytest.fixture(scope="module", autouse=True)
def run_id(workspace_folder: Path) -> str:
    small = {"filters": 4, "units": 16, "layers": 1, "batch_normalization": "all"}
    return train_preset(Workspace(workspace_folder), "plates", "CRNN", small, epochs=4, batch_size=32).id


def test_plates_from_the_data_to_an_answer(page: Page, site: str, run_id: str, tmp_path: Path) -> None:
    page.goto(f"{site}/data?dataset=plates")
    expect(page.get_by_role("heading", name="Plates")).to_be_visible(timeout=PATIENT)
    expect(page.locator(".s-part-cards").first).to_contain_text(re.compile(r"[0-9A-Z]{3,6}"), timeout=PATIENT)
    page.goto(f"{site}/evaluate?run={run_id}")
    expect(page.get_by_role("region", name="Figures")).to_contain_text("Character error rate", timeout=PATIENT)
    worst = page.locator(".e-examples > li").first
    expect(worst).to_contain_text("Wrong characters", timeout=PATIENT)
    expect(worst.locator(".s-difference")).to_be_visible()
    page.goto(f"{site}/predict?run={run_id}")
    with zipfile.ZipFile(SAMPLES / "plates.zip") as archive:
        archive.extract("plates/000.png", tmp_path)
    page.get_by_label("Drop a picture here, or click to choose one").set_input_files(tmp_path / "plates" / "000.png")
    answer = page.get_by_role("region", name="Prediction", exact=True)
    expect(answer.locator(".s-writing")).to_be_visible(timeout=PATIENT)
    expect(answer).to_contain_text("Other answers that were near")
    page.get_by_role("button", name="Test samples").click()
    page.get_by_role("button", name=re.compile(r"^Sample \d+")).first.click(timeout=PATIENT)
    expect(answer).to_contain_text("True", timeout=PATIENT)
