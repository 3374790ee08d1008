"""The encoding of table columns: what is measured, and what comes out for good values and for garbage."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import Feature, Graph, analyse, build
from blocks.columns import ColumnCode, code_of_feature, code_of_values, days_of
from blocks.layers.column_encoding import ColumnEncoding as Layer
from blocks.layers.column_encoding import parsed_days
from blocks.preprocessing import ColumnEncoding

FEATURES = [
    Feature(name="Sale Price", role="input", kind="number", statistics={"mean": 2.0, "standard_deviation": 2.0, "median": 1.0, "missing": 3}),
    Feature(name="größe", role="input", kind="category", classes=("L", "M", "S"), statistics={"counts": [1, 9, 5], "missing": 0}),
    Feature(name="seit", role="input", kind="date", statistics={"minimum": "2020-01-01", "maximum": "2020-01-31", "missing": 0}),
    Feature(name="y", role="target", kind="number"),
]
GRAPH = Graph.model_validate(
    {
        "nodes": {
            "columns": {"block": "Input"},
            "encoding": {"block": "ColumnEncoding", "inputs": ["columns"]},
            "value": {"block": "Output", "inputs": ["encoding"]},
        }
    }
)


def encoded(*codes: dict[str, Any], **columns: Any) -> np.ndarray:
    values = {name: tf.constant(column) for name, column in columns.items()}
    return np.round(Layer(list(codes))(values).numpy(), 5)


def test_numbers_are_standardised_and_gaps_become_the_median() -> None:
    code = {"name": "x", "kind": "number", "mean": 2.0, "standard_deviation": 2.0, "median": 4.0, "missing": True}
    found = encoded(code, x=[2.0, 6.0, math.nan, math.inf])
    assert found.tolist() == [[0, 0], [2, 0], [1, 1], [1, 1]]
    code["missing"] = False
    assert encoded(code, x=[2.0, math.nan]).tolist() == [[0], [1]]


def test_far_outliers_are_cut_off() -> None:
    assert encoded({"name": "x", "kind": "number"}, x=[1e30, -1e30]).tolist() == [[10], [-10]]


def test_categories_have_a_place_for_unknown_values() -> None:
    code = {"name": "c", "kind": "category", "classes": ["blau", "rot"]}
    found = encoded(code, c=["blau", " rot ", "grün", ""])
    assert found.tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0]]
    code["missing"] = True
    assert encoded(code, c=["", "?"]).tolist() == [[0, 0, 0, 1], [1, 0, 0, 0]]


def test_equal_values_of_different_columns_are_kept_apart() -> None:
    codes = [{"name": name, "kind": "category", "classes": ["1", "a"]} for name in ("c", "d")]
    assert encoded(*codes, c=["1", "a"], d=["a", "1"]).tolist() == [[0, 1, 0, 0, 0, 1], [0, 0, 1, 0, 1, 0]]


def test_dates_know_the_time_of_year_and_of_week() -> None:
    code = {"name": "d", "kind": "date", "mean": 10.0, "standard_deviation": 2.0, "median": 8.0}
    found = encoded(code, d=["1970-01-01", "1970-01-13", "soon"])
    assert found[0].tolist() == [-5, 0, 1, 0, 1]
    year, week = 2 * math.pi * 12 / 365.2425, 2 * math.pi * 5 / 7
    np.testing.assert_allclose(found[1], [1, math.sin(year), math.cos(year), math.sin(week), math.cos(week)], atol=1e-5)
    assert found[2].tolist() == [-1, 0, 0, 0, 0]


def test_times_of_day_count_where_they_occur() -> None:
    code = {"name": "d", "kind": "date", "times": True}
    found = encoded(code, d=["1970-01-01T06:00:00", "1970-01-01"])
    np.testing.assert_allclose(found[0][-2:], [1, 0], atol=1e-5)
    np.testing.assert_allclose(found[1][-2:], [0, 1], atol=1e-5)


def test_dates_that_occur_again_become_the_same_numbers() -> None:
    """Of several date columns, each with a code of its own."""
    codes = [
        {"name": "d", "kind": "date", "mean": 10.0, "standard_deviation": 2.0, "edges": [0.0, 5.0, 20.0], "calendar": True},
        {"name": "e", "kind": "date", "times": True, "missing": True},
        {"name": "f", "kind": "date", "times": True, "calendar": True},
    ]
    days = ["1970-01-01", "1970-01-13T06:30:00", "soon", "1970-01-01", ""]
    rows = [(days[n % 5], days[n // 2 % 5], days[n // 3 % 5]) for n in range(40)]
    together = encoded(*codes, **{name: list(column) for name, column in zip("def", zip(*rows, strict=True), strict=True)})
    alone = np.concatenate([encoded(*codes, **{name: [text] for name, text in zip("def", row, strict=True)}) for row in rows])
    np.testing.assert_allclose(together, alone, atol=2e-5)
    assert together.shape[1] == sum(ColumnCode.model_validate(code).width for code in codes)


GARBAGE = [
    "", " ", "x", "2023-02-29", "2023-13-01", "2023-00-10", "2023-01-32", "2023-1-1", "20230101", "0000-01-01", "2023-01-01T25:00", "99999-01-01",
    "2023-01-01x", "ß" * 40,
]  # fmt: skip


def test_garbage_is_no_date() -> None:
    assert np.isnan(parsed_days(tf.constant(GARBAGE)).numpy()).all()


FORMS = ["date", "T seconds", "  minutes"]


@settings(max_examples=60, deadline=None)
@given(st.datetimes(), st.sampled_from(FORMS))
def test_days_are_those_of_the_calendar(moment: datetime.datetime, form: str) -> None:
    text = moment.isoformat(form[0], form[2:]) if form != "date" else moment.date().isoformat()
    expected = days_of(text)
    assert expected is not None
    assert float(parsed_days(tf.constant([text]))[0]) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=25))
def test_no_text_breaks_the_encoding(text: str) -> None:
    plain = text.replace("\0", "")
    layer = Layer([{"name": "d", "kind": "date"}, {"name": "c", "kind": "category", "classes": ["a"]}])
    found = layer({"d": tf.constant([plain]), "c": tf.constant([plain])})
    assert np.isfinite(found.numpy()).all()


def test_features_decide_the_shape_before_anything_is_measured() -> None:
    found = analyse(GRAPH, FEATURES)
    assert not found.messages
    assert found.nodes["encoding"].output_shapes == ((2 + 4 + 5,),)
    block = ColumnEncoding().bind(FEATURES)
    assert block.bind([]) == block
    assert block.columns is not None
    assert [column.name for column in block.columns] == ["Sale Price", "größe", "seit"]
    assert block.columns[2].mean == (days_of("2020-01-16"))


def test_adapting_measures_the_training_values() -> None:
    values = {
        "Sale Price": np.array([1.0, 3.0, np.nan], "float32"),
        "größe": np.array(["M", "", "XL"], object),
        "seit": np.array(["2020-01-01", "2020-01-03", "kaputt"], object),
    }
    adapted = ColumnEncoding().bind(FEATURES).adapt(values)
    assert adapted.columns == (
        ColumnCode(name="Sale Price", kind="number", mean=2.0, standard_deviation=1.0, median=2.0, missing=True),
        ColumnCode(name="größe", kind="category", missing=True, classes=("M", "XL")),
        ColumnCode(name="seit", kind="date", mean=18263.0, standard_deviation=1.0, median=18263.0, missing=True),
    )
    assert ColumnEncoding.read(adapted.params()) == adapted
    assert ColumnEncoding().adapt(values).columns[1].kind == "category"  # type: ignore[index]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.array([np.nan, np.nan]), "number"),
        (np.array([5.0, 5.0]), "number"),
        (np.array(["", ""], object), "date"),
        (np.array(["", ""], object), "category"),
        (np.array([1, 2, 2], "int64"), "number"),
        (np.array([True, False]), "number"),
    ],
)
def test_columns_that_say_nothing_do_no_harm(values: np.ndarray, kind: Any) -> None:
    code = code_of_values("x", values, kind, 100)
    column = values.astype("float32") if kind == "number" else values.astype(str)
    found = Layer([code.model_dump()])({"x": tf.constant(column)})
    assert np.isfinite(found.numpy()).all()
    assert found.shape[1] == code.width


def test_rare_categories_count_as_unknown() -> None:
    values = np.array(["b"] * 5 + ["a"] * 3 + ["c"], object)
    assert code_of_values("x", values, "category", 2).classes == ("a", "b")
    assert code_of_feature(FEATURES[1], 2).classes == ("M", "S")


def test_a_model_with_columns_is_saved_and_exported(tmp_path: Path) -> None:
    """Column names that no layer could carry go through .keras and through a SavedModel."""
    model = build(GRAPH, FEATURES)
    values = {"Sale Price": tf.constant([1.0, math.nan]), "größe": tf.constant(["M", "?"]), "seit": tf.constant(["2020-01-02", ""])}
    expected = model(values).numpy()
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "m.keras")(values).numpy(), expected)
    np.testing.assert_allclose(model.predict(values, verbose=0), expected, atol=1e-6)

    archive = keras.export.ExportArchive()
    archive.track(model)
    names = {"sale_price": "Sale Price", "groesse": "größe", "seit": "seit"}
    signature = [tf.TensorSpec([None], tf.float32 if name == "sale_price" else tf.string, name=name) for name in names]
    archive.add_endpoint("serving_default", lambda *columns: {"value": model(dict(zip(names.values(), columns, strict=True)))}, signature)
    archive.write_out(str(tmp_path / "saved"), verbose=False)
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    found = loaded.signatures["serving_default"](**{name: values[column] for name, column in names.items()})["value"]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-6)


def test_a_missing_column_is_reported() -> None:
    params = {"columns": [{"name": "gone", "kind": "number"}]}
    found = analyse(GRAPH.with_node("encoding", params=params), FEATURES)
    assert [message.text for message in found.errors] == ["ColumnEncoding: the table has no column 'gone'."]
