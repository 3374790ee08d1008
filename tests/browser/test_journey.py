"""The whole way, in a real browser: train, evaluate, predict, export, and data of one's own; one page process and one workspace."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.training_page import PATIENT, expect_status, run_name, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHAPES = ("circles", "squares")
ONE = [(0.35, 0.3), (0.52, 0.15), (0.52, 0.85)]
"""The corners of a handwritten 1, as shares of the pad."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of two class folders with 30 grey pictures of 24 x 24 pixels each, and one file that is no picture."""
    random = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("pictures")
    path = folder / "shapes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in SHAPES:
            for index in range(30):
                picture = Image.fromarray(random.integers(0, 60, (24, 24), dtype=np.uint8), "L")
                x, y, size = (int(value) for value in random.integers((2, 2, 10), (8, 8, 15)))
                drawing = ImageDraw.Draw(picture)
                (drawing.ellipse if name == "circles" else drawing.rectangle)((x, y, x + size, y + size), fill=230)
                file = folder / "picture.png"
                picture.save(file)
                archive.write(file, f"shapes/{name}/{index:02}.png")
        archive.writestr("shapes/notes.txt", "drawn by a test")
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of 200 rows: a length, a colour with gaps, and the price that follows from them."""
    random = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("table") / "prices.csv"
    lines = ["length,colour,price"]
    for index, length in enumerate(random.uniform(1, 9, 200)):
        colour = ("red", "blue", "")[index % 3]
        lines.append(f"{length:.3f},{colour},{20 + 3 * length + (10 if colour == 'red' else 0) + random.normal():.2f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained() -> list[str]:
    """The name of the run that the first test trains."""
    return []


def open_for(page: Page, site: str, path: str, trained: list[str]) -> None:
    assert trained, "nothing was trained before"
    page.goto(f"{site}/{path}?run={trained[0]}")


def test_train_what_is_preselected(page: Page, site: str, trained: list[str]) -> None:
    page.goto(f"{site}/")
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_label("Epochs", exact=True).fill("6")
    run = start(page)
    page.locator(".s-curve .uplot").first.wait_for(timeout=PATIENT)
    expect_status(page, run, "finished")
    expect(page.get_by_role("button", name=re.compile("^train", re.IGNORECASE))).to_have_count(1)
    trained.append(run)

    results = page.get_by_role("table").filter(has_text="Test").filter(has_text="Accuracy")
    expect(results).to_contain_text("Validation")
    page.get_by_role("link", name="Evaluate", exact=True).last.click()
    page.wait_for_url(re.compile(r"/evaluate\?"))
    assert run_name(page) == trained[0]


def test_evaluate(page: Page, site: str, trained: list[str]) -> None:
    open_for(page, site, "evaluate", trained)
    figures = page.get_by_role("region", name="Figures")
    expect(figures).to_contain_text("Accuracy", timeout=PATIENT)
    cell = page.get_by_role("button", name=re.compile(r"^(\d) taken for \1: [1-9]")).first
    cell.click(timeout=PATIENT)
    expect(cell).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("heading", name=re.compile(r"^(\d) taken for \1\b"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"^Sample \d+$")).first).to_be_visible()
    page.get_by_role("button", name="Back to the worst mistakes").click()
    expect(page.get_by_role("heading", name="Worst mistakes")).to_be_visible()


def test_predict(page: Page, site: str, trained: list[str]) -> None:
    open_for(page, site, "predict", trained)
    pad = page.get_by_test_id("drawing")
    pad.wait_for(timeout=PATIENT)
    box = pad.bounding_box()
    assert box is not None
    (x, y), *rest = [(box["x"] + across * box["width"], box["y"] + down * box["height"]) for across, down in ONE]
    page.mouse.move(x, y)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y, steps=10)
    page.mouse.up()
    answer = page.get_by_role("region", name=re.compile("^Prediction"))
    expect(answer.get_by_role("img", name="What the network saw")).to_be_visible(timeout=PATIENT)
    expect(answer).to_contain_text(re.compile(r"\d \d+(\.\d+)? ?%"))
    page.get_by_role("button", name="Clear").click()
    expect(answer).to_contain_text("the prediction appears here")

    page.get_by_role("button", name="Test samples").click()
    sample = page.get_by_role("button", name=re.compile(r"^Sample \d+, in truth \d$")).first
    sample.click(timeout=PATIENT)
    expect(answer).to_contain_text(re.compile(r"In truth: \d\."), timeout=PATIENT)
    expect(sample).to_have_attribute("aria-pressed", "true")


def test_export(page: Page, site: str, trained: list[str], tmp_path: Path) -> None:
    open_for(page, site, "export", trained)
    form = page.get_by_role("region", name="Format")
    expect(form.get_by_role("button", name=re.compile("^SavedModel"))).to_have_attribute("aria-pressed", "true", timeout=PATIENT)
    form.get_by_role("button", name="Export", exact=True).click()
    result = page.get_by_role("region", name="Result")
    expect(result).to_be_visible(timeout=PATIENT)
    expect(result).to_contain_text(re.compile(r"the answers to \d+ validation samples differ by at most"))
    expect(result.get_by_label("How to use it")).to_contain_text("import")
    with page.expect_download() as download:
        result.get_by_role("link", name=re.compile("as zip$")).click()
    path = tmp_path / "export.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert any(name.endswith("saved_model.pb") for name in names), names


def imported(page: Page, site: str, path: Path) -> Locator:
    """Upload a file on the Data page, and wait until it is imported and shown; gives its report."""
    page.goto(f"{site}/data")
    page.get_by_label("Drop a file here, or choose one").first.set_input_files(path)
    report = page.get_by_role("region", name=f"Importing {path.name}")
    expect(report.get_by_role("heading", name=f"{path.name} is imported")).to_be_visible(timeout=PATIENT)
    expect(page.get_by_role("heading", name=path.stem, exact=True)).to_be_visible(timeout=PATIENT)
    return report


def use(page: Page, title: str) -> None:
    page.get_by_role("button", name="Use this dataset").click()
    expect(page.get_by_text("Used in this draft")).to_be_visible(timeout=PATIENT)
    line = page.get_by_role("region", name="What would be trained now")
    expect(line).to_contain_text(title)
    expect(line.get_by_role("button", name=re.compile("^Train"))).to_be_enabled(timeout=PATIENT)


def test_pictures_of_ones_own(page: Page, site: str, pictures: Path) -> None:
    report = imported(page, site, pictures)
    expect(report).to_contain_text("What was guessed, changed or left out")
    expect(report).to_contain_text("notes.txt")
    expect(page.get_by_role("img", name=re.compile("^Sample: (circles|squares)$")).first).to_be_visible()
    use(page, "shapes")


def test_table_of_ones_own(page: Page, site: str, table: Path) -> None:
    report = imported(page, site, table)
    expect(report).to_contain_text("price")
    columns = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="Role"))
    expect(columns.get_by_role("row").filter(has_text="price")).to_contain_text("target")
    use(page, "prices")
    page.reload()
    expect(page.get_by_text("Used in this draft")).to_be_visible(timeout=PATIENT)
