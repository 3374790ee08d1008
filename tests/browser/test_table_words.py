"""A table with free text and a linear support vector machine, in a real browser: columns, training, scores, and a row that is typed."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.training_page import PATIENT, finish

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def cars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of 160 cars whose make says where they are from; two other columns say nothing."""
    random = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("table") / "cars.csv"
    lines = ["model,length,weight,origin"]
    for number in range(160):
        make, origin = [("Ford", "USA"), ("Mazda", "Japan"), ("Volvo", "Europe"), ("Fiat", "Europe")][number % 4]
        lines.append(f"{make} {'estate' if number % 3 else 'coupé'} no. {number},{random.normal(4, 1):.2f},{random.normal(900, 90):.0f},{origin}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_columns_training_scores_and_a_typed_row(page: Page, site: str, cars: Path) -> None:
    page.goto(f"{site}/data")
    page.get_by_label("Drop a file here, or choose one").first.set_input_files(cars)
    report = page.get_by_role("region", name="Importing cars.csv")
    expect(report).to_contain_text("Free text enters as a bag of its commonest words: model.", timeout=PATIENT)
    columns = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="Role"))
    expect(columns.get_by_role("row").filter(has_text="model")).to_contain_text("6 common words: estate", timeout=PATIENT)

    recipe = {"dataset": "cars", "graph": {"preset": "LinearSVM"}, "training": {"epochs": 40, "optimizer": {"name": "adam", "learning_rate": 0.05}}}
    asked = urllib.request.Request(f"{site}/api/drafts", json.dumps({"recipe": recipe}).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own server
        draft = json.load(answer)["id"]
    page.goto(f"{site}/train?draft={draft}")
    run = finish(page)

    page.goto(f"{site}/predict?run={run}")
    model = page.get_by_test_id("column-model")
    model.fill("mazda COUPÉ", timeout=PATIENT)
    expect(page.get_by_text(re.compile("^known words: estate, "))).to_be_visible()
    page.get_by_role("button", name="Predict", exact=True).click()
    said = page.get_by_role("region", name=re.compile("^Prediction"))
    expect(said.locator(".p-label")).to_have_text(re.compile("^Japan"), timeout=PATIENT)
    expect(said).to_contain_text("no probabilities")
    expect(said.get_by_role("listitem")).to_have_count(3)
    model.fill("A Ford!")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(said.locator(".p-label")).to_have_text(re.compile("^USA"), timeout=PATIENT)

    page.goto(f"{site}/evaluate?run={run}")
    expect(page.get_by_role("region", name="Figures")).to_contain_text("Accuracy", timeout=PATIENT)
