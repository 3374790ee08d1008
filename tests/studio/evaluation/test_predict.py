"""Predictions for files, rows, sentences and arrays."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import store
from studio.evaluation.evaluate import evaluate
from studio.evaluation.opened import EvaluationError
from studio.evaluation.predict import Predictor
from studio.evaluation.prediction import Prediction, harmless, write_csv
from studio.evaluation.result import probabilities_of
from studio.runs import Run
from studio.workspace import StudioError, Workspace
from tests.studio.trained import COLUMNS, encoded, table_rows, write_table


@pytest.fixture(scope="module")
def digits(digits_run: Run) -> Predictor:
    return Predictor(digits_run)


@pytest.fixture(scope="module")
def people(table_run: Run) -> Predictor:
    return Predictor(table_run)


def test_the_same_answer_as_in_the_evaluation(digits: Predictor, digits_run: Run, workspace: Workspace) -> None:
    evaluate(digits_run)
    dataset = store.load(workspace, "digits")
    rows = dataset.rows("test")[:20]
    said = digits.pictures([(str(row), dataset.image(int(row))) for row in rows])
    for row, each in zip(rows, said.predictions, strict=True):
        assert list(each.probabilities.values()) == pytest.approx(probabilities_of(digits_run, "test", "best", int(row)), abs=1e-5)
        assert each.label == max(each.probabilities, key=each.probabilities.__getitem__)


def test_folders_and_files_of_pictures(digits: Predictor, tmp_path: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 255, (30, 20), dtype=np.uint8)
    (tmp_path / "deep").mkdir()
    for name in ("a.png", "b.jpg", "c.gif", "d.bmp", "deep/e.webp"):
        kind = {"jpg": "JPEG"}.get(name[-3:], name.rsplit(".", 1)[1].upper())
        (tmp_path / name).write_bytes(encoded(grey, kind))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "broken.png").write_bytes(encoded(grey)[:50])
    said = digits.files([tmp_path])
    assert [Path(each.input).name for each in said.predictions] == ["a.png", "b.jpg", "c.gif", "d.bmp", "e.webp"]
    assert said.warnings == [f"Left out 1 picture (damaged or cut off): {tmp_path / 'broken.png'}."]
    with pytest.raises(EvaluationError, match="damaged or cut off"):
        digits.files([tmp_path / "broken.png"])
    with pytest.raises(EvaluationError, match="no file or folder"):
        digits.files([tmp_path / "nowhere"])


def test_a_turned_photograph_is_seen_upright(digits: Predictor) -> None:
    from PIL import Image

    pixels = np.zeros((24, 24), np.uint8)
    pixels[2:6] = 255
    exif = Image.Exif()
    exif[0x0112] = 3
    turned = encoded(pixels[::-1, ::-1].copy(), "JPEG", exif=exif, quality=100)
    upright = encoded(pixels, "JPEG", quality=100)
    first, second = digits.pictures([("turned", turned), ("upright", upright)]).predictions
    assert list(first.probabilities.values()) == pytest.approx(list(second.probabilities.values()), abs=0.02)


def test_tables_in_any_spelling(people: Predictor, tmp_path: Path) -> None:
    rows = [{name: row[name] for name in COLUMNS} for row in table_rows(12, seed=3)]
    comma = people.files([write_table(tmp_path / "comma.csv", rows, COLUMNS)])
    german = [{name: value.replace(".", ",") if name != "seen on" else value for name, value in row.items()} for row in rows]
    semicolon = people.files([write_table(tmp_path / "semicolon.csv", german, COLUMNS[::-1], ";")])
    import pandas as pd

    pd.DataFrame(rows)[COLUMNS].to_excel(tmp_path / "book.xlsx", index=False)
    excel = people.files([tmp_path / "book.xlsx"])
    asked = people.rows(rows)
    assert [each.input for each in comma.predictions][:2] == ["comma.csv:1", "comma.csv:2"]
    for other in (semicolon, excel, asked):
        assert not other.warnings
        for mine, theirs in zip(comma.predictions, other.predictions, strict=True):
            assert mine.probabilities == pytest.approx(theirs.probabilities, abs=1e-5)


def test_missing_and_unknown_columns_are_named(people: Predictor, tmp_path: Path) -> None:
    rows = [{**row, "remark": "x"} for row in table_rows(4, seed=3)]
    path = write_table(tmp_path / "part.csv", rows, [*COLUMNS[:3], "remark", "outcome"])
    said = people.files([path])
    assert len(said.predictions) == 4
    missing, unknown = said.warnings
    assert "Missing" in missing
    assert "colour" in missing
    assert unknown.endswith("passed over: remark.")
    with pytest.raises(EvaluationError, match="none of the columns"):
        people.files([write_table(tmp_path / "none.csv", rows, ["remark", "outcome"])])


def test_cells_that_are_no_number_count_as_gaps_and_are_named(people: Predictor) -> None:
    rows = table_rows(3, seed=3)
    rows[1]["年龄"] = "old"
    said = people.rows(rows)
    assert any("'年龄'" in warning and "'old'" in warning for warning in said.warnings)
    rows[1]["年龄"] = ""
    assert said.predictions[1].probabilities == pytest.approx(people.rows(rows).predictions[1].probabilities)


def test_one_row_of_typed_values(people: Predictor) -> None:
    row = table_rows(1, seed=11)[0]
    typed = {**row, "年龄": 44, "a": 0.5, "A": None}
    spelled = {**row, "年龄": "44", "a": "0.5", "A": ""}
    assert people.rows([typed]).predictions[0].probabilities == pytest.approx(people.rows([spelled]).predictions[0].probabilities)


def test_texts(text_run: Run, tmp_path: Path) -> None:
    predictor = Predictor(text_run)
    said = predictor.texts(["the cat", ""])
    assert [each.input for each in said.predictions] == ["the cat", ""]
    (tmp_path / "one.txt").write_text("the cat", "utf-8")
    alone = write_table(tmp_path / "alone.csv", [{"text": "the cat"}, {"text": "ein Haus"}], ["text"])
    files = predictor.files([tmp_path / "one.txt", alone])
    assert [each.probabilities for each in files.predictions[:2]] == [pytest.approx(said.predictions[0].probabilities)] * 2
    with pytest.raises(EvaluationError, match="takes texts"):
        predictor.files([tmp_path / "one.txt", _array(tmp_path)])


def _array(folder: Path) -> Path:
    path = folder / "a.npy"
    np.save(path, np.zeros((2, 5, 2), np.float32))
    return path


def test_arrays(array_run: Run, tmp_path: Path) -> None:
    predictor = Predictor(array_run)
    several = predictor.files([_array(tmp_path)])
    np.savez(tmp_path / "b.npz", x=np.zeros((5, 2)))
    one = predictor.files([tmp_path / "b.npz"])
    assert len(several.predictions) == 2
    assert one.predictions[0].probabilities == pytest.approx(several.predictions[0].probabilities)
    assert sum(one.predictions[0].probabilities.values()) == pytest.approx(1)
    with pytest.raises(EvaluationError, match=r"Expected: \(samples, 5, 2\)"):
        predictor.array(np.zeros((3, 4)))
    with pytest.raises(EvaluationError, match="not finite"):
        predictor.array(np.full((5, 2), np.nan))
    np.save(tmp_path / "other.npy", np.zeros((3, 4)))
    with pytest.raises(EvaluationError, match=r"other\.npy: invalid shape"):
        predictor.files([tmp_path / "other.npy"])
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(EvaluationError, match=r"not an \.npy file"):
        predictor.files([tmp_path / "evil.npy"])


def test_the_network_lives_without_its_dataset(text_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise StudioError("gone")

    monkeypatch.setattr(store, "load", gone)
    assert Predictor(text_run).texts(["the cat"]).predictions[0].label in ("en", "de", "zh")


def test_a_number_in_the_targets_unit(price_run: Run) -> None:
    answer = Predictor(price_run).rows(table_rows(2, seed=5)).answer()
    assert all(set(each) == {"input", "value"} and 20_000 < each["value"] < 250_000 for each in answer["predictions"])


def test_written_tables_hold_no_formulas(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_csv(path, [Prediction("=1+1", "@sum", {"@sum": 0.75, "-b": 0.25}), Prediction("plain", "-b", {"@sum": 0.0, "-b": 1.0})])
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["input", "label", "p(@sum)", "p(-b)"], ["'=1+1", "'@sum", "0.75", "0.25"], ["plain", "'-b", "0", "1"]]
    write_csv(path, [Prediction("row:1", value=-2.5)])
    assert path.read_text("utf-8-sig").split() == ["input,value", "row:1,-2.5"]
    assert harmless("\tx") == "'\tx"
