from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks.features import Feature
from studio.datasets import Dataset, add, load
from studio.datasets.errors import DatasetError
from studio.workspace import Workspace
from tests.studio.datasets.uploads import csv_text, refusal

Written = Callable[..., Path]


def features(dataset: Dataset) -> dict[str, Feature]:
    return {feature.name: feature for feature in dataset.features}


def lines(*columns: tuple[str, list[object]]) -> str:
    frame = pd.DataFrame(dict(columns))
    return frame.to_csv(index=False)


NUMBERS = [round(value, 3) for value in np.random.default_rng(0).normal(size=60).tolist()]
CLASSES = ["yes", "no", "no"] * 20


def test_a_table_of_classes(workspace: Workspace, written: Written) -> None:
    manifest = add(workspace, written(csv_text()))
    dataset = load(workspace, manifest.name)
    found = features(dataset)
    assert (manifest.kind, manifest.samples, manifest.classes) == ("table-classification", 60, ("no", "yes"))
    assert {name: (feature.kind, feature.role) for name, feature in found.items()} == {
        "a": ("number", "input"), "b": ("number", "input"), "colour": ("category", "input"), "label": ("category", "target"),
    }  # fmt: skip
    assert manifest.reading == {"encoding": "utf-8", "delimiter": "comma", "header": True, "decimal": "."}
    assert found["colour"].classes == ("blue", "green", "red")
    train = dataset.table(split="train")
    assert found["a"].statistics["mean"] == pytest.approx(train["a"].mean())
    assert found["a"].statistics["median"] == pytest.approx(train["a"].median())
    assert found["colour"].statistics["counts"] == [int((train["colour"] == name).sum()) for name in ("blue", "green", "red")]


def test_the_columns_of_a_split_stay_at_hand(workspace: Workspace, written: Written) -> None:
    dataset = load(workspace, add(workspace, written(csv_text())).name)
    train = dataset.columns("train")
    again = dataset.columns("train")
    assert all(again[name] is column for name, column in train.items())
    again.clear()
    assert set(dataset.columns("train")) == {"a", "b", "colour"}
    assert {split: len(dataset.columns(split)["a"]) for split in ("validation", "train", "test")} == dataset.manifest.splits
    other = dataset.with_splits(["train"] * len(dataset))
    assert len(other.columns("train")["a"]) == len(dataset) == len(dataset.columns()["a"])


def test_missing_values_are_kept_as_missing(workspace: Workspace, written: Written) -> None:
    text = "a,b,when,label\n" + "".join(
        f"{'?' if n % 5 == 0 else n},{'NA' if n % 4 == 0 else 'uv'[n % 2]},{'' if n % 3 else '2024-01-02'},{'xy'[n % 2]}\n" for n in range(40)
    )
    dataset = load(workspace, add(workspace, written(text)).name)
    columns = dataset.columns()
    assert columns["a"].dtype == np.float32
    assert np.isnan(columns["a"]).sum() == 8
    assert (columns["b"] == "").sum() == 10
    assert features(dataset)["a"].statistics["missing"] == int(np.isnan(dataset.columns("train")["a"]).sum())
    assert features(dataset)["b"].statistics["missing"] == int((dataset.columns("train")["b"] == "").sum())
    assert features(dataset)["when"].role == "unused"


def test_columns_without_use_are_named(workspace: Workspace, written: Written) -> None:
    text = lines(
        ("id", list(range(1, 61))), ("empty", [None] * 60), ("same", ["x"] * 60), ("name", [f"Person {n}" for n in range(60)]),
        ("code", [f"{n:05}" for n in range(60)]), ("remark", [f"this is remark number {n} of many" for n in range(60)]),
        ("value", NUMBERS), ("size", NUMBERS[::-1]), ("height", NUMBERS), ("label", CLASSES),
    )  # fmt: skip
    manifest = add(workspace, written(text))
    dataset = load(workspace, manifest.name)
    assert manifest.kind == "table-classification"
    assert {feature.name for feature in dataset.features if feature.role == "input"} == {"value", "size", "height"}
    said = "\n".join(manifest.warnings)
    for words in (
        "hold no value: empty",
        "same value in every row: same",
        "number or name the rows: id, code",
        "too many different texts for a category: name",
        "free text: remark",
    ):
        assert words in said


def test_dates_decimal_commas_and_currency(workspace: Workspace, written: Written) -> None:
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(60)]
    text = "datum;preis;anteil;klasse\n" + "".join(f"{day:%d.%m.%Y};{n}.000,50 €;{n},5%;{'ab'[n % 2]}\n" for n, day in enumerate(days))
    manifest = add(workspace, written(text.encode("cp1252")))
    dataset = load(workspace, manifest.name)
    assert manifest.reading["decimal"] == ","
    assert dataset.columns()["preis"][:3].tolist() == [0.5, 1000.5, 2000.5]
    assert dataset.columns()["anteil"][:2].tolist() == [0.5, 1.5]
    assert dataset.columns()["datum"][:2].tolist() == ["2024-01-01", "2024-01-02"]
    assert (features(dataset)["preis"].unit, features(dataset)["anteil"].unit) == ("€", "%")
    assert features(dataset)["datum"].statistics["missing"] == 0


def test_dates_that_could_be_read_in_two_ways_are_said(workspace: Workspace, written: Written) -> None:
    text = "when,x,label\n" + "".join(f"0{n % 9 + 1}/0{(n + 3) % 9 + 1}/2024,{n},{'ab'[n % 2]}\n" for n in range(40))
    assert any("two ways" in warning and "month first" in warning for warning in add(workspace, written(text)).warnings)


@pytest.mark.parametrize(
    ("header", "named", "expected"),
    [("a,target,c", None, "target"), ("a,b,c", None, "c"), ("a,b,c", "b", "b"), ("a,Class,c", "class", "Class"), ("a,b,id", None, "b")],
)
def test_the_target_is_named_or_guessed(header: str, named: str | None, expected: str, workspace: Workspace, written: Written) -> None:
    rows = "".join(f"{NUMBERS[n]},{n % 3},{n + 1 if header.endswith('id') else n % 2}\n" for n in range(60))
    manifest = add(workspace, written(f"{header}\n{rows}"), target=named)
    assert manifest.target.name == expected
    assert any("guessed" in warning for warning in manifest.warnings) == (named is None)


@pytest.mark.parametrize(
    ("values", "kind", "classes"),
    [
        ([n % 4 for n in range(60)], None, ("0", "1", "2", "3")),
        ([n % 4 for n in range(60)], "table-regression", None),
        ([n % 4 + 0.0 for n in range(60)], None, ("0", "1", "2", "3")),
        ([n / 7 for n in range(60)], None, None),
        (list(range(1000, 1060)), None, None),
        ([n % 29 for n in range(60)], None, None),
        ([n % 29 for n in range(60)], "table-classification", tuple(str(n) for n in range(29))),
        (["true", "false"] * 30, None, ("false", "true")),
    ],
)
def test_numbers_as_targets(values: list[object], kind: str | None, classes: tuple[str, ...] | None, workspace: Workspace, written: Written) -> None:
    manifest = add(workspace, written(lines(("x", NUMBERS), ("goal", values))), target="goal", kind=kind)
    assert manifest.classes == classes
    assert manifest.kind == ("table-regression" if classes is None else "table-classification")
    targets = load(workspace, manifest.name).targets()
    expected = np.array(values, dtype=np.float32) if classes is None else np.array([classes.index(str(v).removesuffix(".0")) for v in values])
    assert targets.dtype == (np.float32 if classes is None else np.int32)
    assert (targets == expected).all()


def test_rows_without_target_are_left_out_and_counted(workspace: Workspace, written: Written) -> None:
    text = lines(("x", NUMBERS), ("label", ["a", "b", None] * 20))
    manifest = add(workspace, written(text))
    assert manifest.samples == 40
    assert any("Left out 20 rows without a value for the target 'label'" in warning for warning in manifest.warnings)


@pytest.mark.parametrize(
    ("text", "settings", "words"),
    [
        (lines(("x", NUMBERS), ("label", ["a"] * 60)), {}, "same value in every row"),
        (lines(("x", NUMBERS), ("y", [1.5] * 60)), {}, "same value"),
        (lines(("x", NUMBERS), ("label", [f"t{n} and more" for n in range(60)])), {"target": "label"}, "60 different texts"),
        (lines(("x", NUMBERS), ("label", CLASSES)), {"target": "lable"}, "Did you mean 'label'"),
        (lines(("x", NUMBERS), ("label", CLASSES)), {"kind": "table-regression"}, "holds texts"),
        (lines(("x", CLASSES), ("y", NUMBERS)), {"kind": "table-classification"}, "regression"),
        (
            lines(("x", NUMBERS), ("label", CLASSES)),
            {"kind": "image-classification"},
            r"can't become image-classification\. It could become: .*table-classification",
        ),
        (lines(("x", NUMBERS), ("label", CLASSES)), {"kind": "poetry"}, "no dataset kind"),
        (lines(("x", ["c"] * 60), ("label", CLASSES)), {}, r"target 'label'\. Columns that have the same value in every row: x\.$"),
        (lines(("x", [f"2024-01-{n % 28 + 1:02}" for n in range(60)]), ("label", CLASSES)), {"target": "x"}, "holds dates"),
        ("x,label\n", {}, "no rows"),
        ("x,label\n1,a\n2,b\n", {}, "only 2 rows"),
        (lines(("x", NUMBERS), ("label", CLASSES)), {"options": {"colour": 1}}, "invalid parameter"),
        (lines(("x", NUMBERS), ("label", CLASSES)), {"options": {"split": "label"}}, "can't give the split"),
    ],
)
def test_refusals(text: str, settings: dict[str, object], words: str, workspace: Workspace, written: Written) -> None:
    with pytest.raises(DatasetError, match=words) as caught:
        add(workspace, written(text), **settings)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert list(workspace.datasets.iterdir()) == []
    assert list(workspace.incoming.iterdir()) == []


def test_a_counting_column_is_used_when_it_is_the_only_one(workspace: Workspace, written: Written) -> None:
    dataset = load(workspace, add(workspace, written(lines(("x", list(range(60))), ("y", NUMBERS)))).name)
    assert features(dataset)["x"].role == "input"
    assert dataset.columns()["x"].tolist() == list(range(60))


def test_a_split_column_is_kept(workspace: Workspace, written: Written) -> None:
    text = lines(("x", NUMBERS), ("split", ["train", "train", "train", "val", "test"] * 12), ("label", ["a", "b"] * 30))
    manifest = add(workspace, written(text))
    assert manifest.splits == {"train": 36, "validation": 12, "test": 12}
    assert manifest.split_origin == "given"
    assert "split_2" in {feature.name for feature in manifest.features}


def test_groups_stay_together(workspace: Workspace, written: Written) -> None:
    text = lines(("x", NUMBERS), ("patient", [f"p{n // 4}" for n in range(60)]), ("label", ["a", "b"] * 30))
    table = load(workspace, add(workspace, written(text), options={"group": "patient"}).name).table()
    assert (table.groupby("patient")["split"].nunique() == 1).all()


def test_cells_with_formulas_stay_text(workspace: Workspace, written: Written) -> None:
    cells = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", '=HYPERLINK("http://x","y")'] * 10
    dataset = load(workspace, add(workspace, written(lines(("f", cells), ("x", NUMBERS[:40]), ("label", ["a", "b"] * 20)))).name)
    assert set(dataset.columns()["f"]) == set(cells)


def test_odd_cells_of_a_number_column_are_counted(workspace: Workspace, written: Written) -> None:
    values: list[object] = list(NUMBERS)
    values[7] = "broken"
    manifest = add(workspace, written(lines(("x", values), ("label", CLASSES))))
    assert any("'x': 1 cell is no number (such as 'broken')" in warning for warning in manifest.warnings)
    assert np.isnan(load(workspace, manifest.name).columns()["x"][7])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    numbers=st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6, width=32)), min_size=12, max_size=30),
    words=st.lists(st.sampled_from(["rot", "grün", "blau", "", "n/a", "a,b", 'q"q']), min_size=30, max_size=30),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_values_survive_the_import(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float | None], words: list[str], delimiter: str, encoding: str
) -> None:
    folder = tmp_path_factory.mktemp("values")
    frame = pd.DataFrame(
        {"x": pd.Series(numbers, dtype="float64"), "farbe": words[: len(numbers)], "label": [("yes", "no")[n % 2] for n in range(len(numbers))]}
    )
    frame.to_csv(folder / "table.csv", sep=delimiter, index=False, encoding=encoding)
    workspace = Workspace(folder / "workspace")
    message = refusal(lambda: add(workspace, folder / "table.csv"))
    assert not message or "No column is left" in message
    if message:
        return
    dataset = load(workspace, "table")
    assert dataset.targets().tolist() == [1 - n % 2 for n in range(len(numbers))]
    columns = dataset.columns()
    if "x" in columns:
        np.testing.assert_allclose(columns["x"].astype(float), frame["x"].astype("float32"), rtol=1e-6)
    if "farbe" in columns:
        assert columns["farbe"].tolist() == ["" if word in ("", "n/a") else word for word in frame["farbe"]]


def test_excel(workspace: Workspace, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["A title"])
    sheet.append(["size", "when", "flag", "label"])
    for n in range(40):
        sheet.append([n * 0.5, dt.datetime(2024, 1, n % 28 + 1), n % 3 == 0, "ab"[n % 2]])
    book.create_sheet("second").append(["other"])
    book.save(tmp_path / "book.xlsx")
    manifest = add(workspace, tmp_path / "book.xlsx")
    dataset = load(workspace, manifest.name)
    assert {name: feature.kind for name, feature in features(dataset).items()} == {
        "size": "number",
        "when": "date",
        "flag": "category",
        "label": "category",
    }
    assert dataset.columns()["when"][0] == "2024-01-01"
    assert any("first sheet" in warning for warning in manifest.warnings)
    with pytest.raises(DatasetError, match="no sheet 'third'"):
        add(workspace, tmp_path / "book.xlsx", options={"sheet": "third"})


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.xlsx", b"no excel"), ("x.parquet", b"no parquet"), ("x.xls", b"\xd0\xcf\x11\xe0"), ("x.xlsx", b"PK\x05\x06" + b"\0" * 18)],
)
def test_broken_spreadsheets_are_refused(name: str, content: bytes, workspace: Workspace, written: Written) -> None:
    with pytest.raises(DatasetError) as caught:
        add(workspace, written(content, name))
    assert "\n" not in str(caught.value)


def test_parquet(workspace: Workspace, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"x": np.arange(50) / 3, "big": np.arange(50) + 2**60, "when": pd.date_range("2024-01-01", periods=50, freq="h"), "flag": [True, False] * 25,
         "kind": pd.Categorical(["u", "v"] * 25), "things": [[1, 2]] * 50, "label": np.arange(50) % 3}
    )  # fmt: skip
    frame.to_parquet(tmp_path / "t.parquet", row_group_size=7)
    dataset = load(workspace, add(workspace, tmp_path / "t.parquet").name)
    assert dataset.classes == ("0", "1", "2")
    assert dataset.columns()["when"][1] == "2024-01-01T01:00:00"
    np.testing.assert_allclose(dataset.columns()["x"], frame["x"].astype("float32"))
    assert any("things" in warning for warning in dataset.manifest.warnings)


def test_a_table_alone_in_a_zip(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    manifest = add(workspace, zipped({"data/table.csv": csv_text(), "readme.md": "hello"}))
    assert manifest.kind == "table-classification"
    with pytest.raises(DatasetError, match="several tables"):
        add(workspace, zipped({"a.csv": csv_text(), "b.csv": csv_text()}, "two.zip"))


TEXTS = [f"this is sentence number {n} and it speaks about {('cats', 'dogs')[n % 2]} at some length" for n in range(60)]


def test_texts_with_classes(workspace: Workspace, written: Written) -> None:
    manifest = add(workspace, written(lines(("id", list(range(60))), ("message", TEXTS), ("label", ["cat", "dog"] * 30))))
    dataset = load(workspace, manifest.name)
    assert manifest.kind == "text-classification"
    message = features(dataset)["message"]
    assert (message.kind, message.role, message.dtype) == ("text", "input", "string")
    assert message.statistics["median_words"] == 13
    assert dataset.texts().tolist() == TEXTS
    assert dataset.input("test").tolist() == dataset.texts("test").tolist()


def test_a_number_to_predict_from_texts(workspace: Workspace, written: Written) -> None:
    assert add(workspace, written(lines(("message", TEXTS), ("stars", NUMBERS)))).kind == "text-regression"


def test_short_names_alone_are_texts(workspace: Workspace, written: Written) -> None:
    manifest = add(workspace, written(lines(("name", [f"Name{n}" for n in range(60)]), ("language", ["de", "fr"] * 30))))
    assert manifest.kind == "text-classification"


def test_rows_without_text_are_left_out(workspace: Workspace, written: Written) -> None:
    texts: list[object] = list(TEXTS)
    texts[3] = None
    manifest = add(workspace, written(lines(("message", texts), ("label", ["cat", "dog"] * 30))))
    assert manifest.samples == 59
    assert any("without a text in 'message'" in warning for warning in manifest.warnings)


def test_equal_texts_stay_in_one_split(workspace: Workspace, written: Written) -> None:
    text = lines(("message", TEXTS + TEXTS), ("label", ["cat", "dog"] * 60))
    table = load(workspace, add(workspace, written(text), kind="text-classification").name).table()
    assert (table.groupby("message")["split"].nunique() == 1).all()


def test_a_large_table_is_written_in_several_groups(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.datasets.readers.raw.MOST_BATCH_ROWS", 100)
    frame = pd.DataFrame({"x": np.arange(1000) * 1.5, "label": np.arange(1000) % 2})
    out = io.StringIO()
    frame.to_csv(out, index=False)
    (tmp_path / "t.csv").write_text(out.getvalue())
    dataset = load(workspace, add(workspace, tmp_path / "t.csv").name)
    assert dataset.columns()["x"].tolist() == frame["x"].tolist()
    assert dataset.table(rows=[5, 505, 999])["x"].tolist() == [7.5, 757.5, 1498.5]
