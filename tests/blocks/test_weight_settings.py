"""Initializers, regularizers and constraints: declared, read, refused, and made as Keras has them."""

from __future__ import annotations

import inspect
import json
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import blocks
from blocks import InvalidValueError, analyse, weights
from blocks.spec import Spec
from tests.blocks import drawing
from tests.blocks.block_checks import check_refusals
from tests.blocks.samples import graph_of

MODULES = {"initializers": keras.initializers, "regularizers": keras.regularizers, "constraints": keras.constraints}
MEMBERS = [(family, name) for family in MODULES for name in weights.choices(family)]

LEFT_OUT = {
    "Initializer": "a base class",
    "Regularizer": "a base class",
    "Constraint": "a base class",
    "STFT": "fills the kernels of STFTSpectrogram, which that layer does by itself; it suits no other shape",
}
"""Classes of Keras without a setting, and why."""

LEFT_OUT_PARAMETERS = {
    "seed": "the seed of the training decides",
    "input_axes": "Keras finds inputs and outputs by the shape of the weights of every layer that is a block",
    "output_axes": "as input_axes",
}
"""Parameters without a field, and why."""


@pytest.mark.parametrize("family", MODULES)
def test_every_class_of_keras_has_a_setting_or_a_reason(family: str) -> None:
    theirs = {value.__name__ for value in vars(MODULES[family]).values() if inspect.isclass(value)}
    ours = {declaration.__name__ for declaration in weights.FAMILIES[family].all().values()}
    assert theirs - ours == theirs & set(LEFT_OUT), "a setting is missing, or one is left out that exists"
    assert ours <= theirs


@pytest.mark.parametrize(("family", "name"), MEMBERS)
def test_every_parameter_has_a_field_or_a_reason(family: str, name: str) -> None:
    declaration = weights.declaration(family, name)
    signature = inspect.signature(getattr(MODULES[family], declaration.__name__).__init__)
    theirs = {key for key, parameter in signature.parameters.items() if key != "self" and parameter.kind is parameter.POSITIONAL_OR_KEYWORD}
    assert theirs - set(declaration.model_fields) <= set(LEFT_OUT_PARAMETERS)
    assert set(declaration.model_fields) <= theirs


@pytest.mark.parametrize(("family", "name"), MEMBERS)
def test_names_are_those_of_keras(family: str, name: str) -> None:
    """Keras offers the class under the same name."""
    assert getattr(MODULES[family], name).__name__ == weights.declaration(family, name).__name__


@pytest.mark.parametrize(("family", "name"), MEMBERS)
def test_everything_is_documented(family: str, name: str) -> None:
    declaration = weights.declaration(family, name)
    assert declaration.summary().endswith(".")
    assert declaration.usage().startswith("Use ")
    assert declaration.section("Formula")
    assert declaration.section("Source")
    for form in declaration.form_fields():
        assert form.help.endswith("."), form.name


@pytest.mark.parametrize(("family", "name"), MEMBERS)
def test_bad_values_are_refused_in_one_sentence(family: str, name: str) -> None:
    check_refusals(weights.declaration(family, name))  # type: ignore[arg-type]  # it asks for no more than a declaration has


@pytest.mark.parametrize(("family", "name"), MEMBERS)
def test_drawn_parameters_come_back_from_json_and_reach_keras(family: str, name: str) -> None:
    refused: list[str] = []

    @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(drawing.params(weights.declaration(family, name)))
    def draw(params: dict[str, Any]) -> None:
        try:
            setting = weights.read(family, {"name": name, **params})
        except InvalidValueError as error:
            refused.append(str(error))
            return
        short = json.loads(json.dumps(setting.short()))
        assert weights.read(family, short) == setting
        assert weights.read(family, json.loads(json.dumps(setting.to_value()))) == setting
        made = weights.made(family, short)
        assert type(made).__name__ == type(setting).__name__
        config = made.get_config()
        for field, value in setting:
            reached = tuple(config[field]) if isinstance(value, tuple) else config[field]
            assert reached == value, f"{name}.{field}"
        again = type(made).from_config(config)
        for field, value in again.get_config().items():  # Keras keeps factors of regularizers in single precision
            assert value == (pytest.approx(config[field], rel=1e-6) if isinstance(value, float) else config[field])

    draw()
    assert all(" must be at most " in sentence or "may stand once only" in sentence for sentence in refused), refused


SHAPES: list[tuple[int, ...]] = [(), (6,), (5, 4), (3, 3, 4, 6), (2, 3, 3, 4, 5), (1, 4), (4, 1)]


@pytest.mark.parametrize(("family", "name"), MEMBERS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_what_has_no_problem_with_a_shape_works_on_it(family: str, name: str, shape: tuple[int, ...]) -> None:
    """And what has one says so in one sentence."""
    setting = weights.read(family, name)
    problem = setting.problem(shape)
    if problem:
        assert problem.startswith(f"{type(setting).__name__}: invalid "), problem
        assert problem.count(". ") == 2, problem
        return
    made = setting.make()
    values = np.random.default_rng(3).normal(size=shape).astype("float32")
    result = keras.ops.convert_to_numpy(made(shape, dtype="float32") if family == "initializers" else made(keras.ops.convert_to_tensor(values)))
    assert result.shape == (() if family == "regularizers" else shape)
    assert np.isfinite(result).all()


@pytest.mark.parametrize(
    ("family", "value", "shape"),
    [
        ("initializers", "orthogonal", (6,)),
        ("initializers", "identity", (3, 3, 4, 6)),
        ("regularizers", "orthogonal_regularizer", (3, 3, 4, 6)),
        ("regularizers", "orthogonal_regularizer", (1, 4)),
        ("regularizers", {"name": "orthogonal_regularizer", "mode": "columns"}, (4, 1)),
        ("constraints", {"name": "max_norm", "axis": [0, 1, 2]}, (6, 4)),
        ("constraints", {"name": "unit_norm", "axis": 1}, (6,)),
    ],
)
def test_shapes_that_do_not_suit(family: str, value: Any, shape: tuple[int, ...]) -> None:
    """Each has a problem with the shape, and rightly so: Keras raises, or gives what is no number."""
    setting = weights.read(family, value)
    assert setting.problem(shape)
    numbers = keras.ops.convert_to_tensor(np.ones(shape, "float32"))
    try:
        result = setting.make()(shape) if family == "initializers" else setting.make()(numbers)
    except Exception:  # noqa: BLE001 - Keras has no one kind of error for it
        return
    assert not np.isfinite(keras.ops.convert_to_numpy(result)).all()


@pytest.mark.parametrize(
    ("name", "variance", "limit"),
    [
        ("glorot_uniform", 2 / 500, np.sqrt(6 / 500)),
        ("glorot_normal", 2 / 500, None),
        ("he_uniform", 2 / 200, np.sqrt(6 / 200)),
        ("he_normal", 2 / 200, None),
        ("lecun_uniform", 1 / 200, np.sqrt(3 / 200)),
        ("lecun_normal", 1 / 200, None),
        ("random_uniform", 0.1**2 / 12, 0.05),
        ("random_normal", 0.05**2, None),
        ("orthogonal", 1 / 300, None),
    ],
)
def test_initializers_follow_their_formulas(name: str, variance: float, limit: float | None) -> None:
    values = keras.ops.convert_to_numpy(weights.made("initializers", name)((200, 300)))
    assert abs(values.mean()) < 0.002
    assert values.var() == pytest.approx(variance, rel=0.05)
    if limit is not None:
        assert 0.98 * limit < np.abs(values).max() <= limit * (1 + 1e-6)


def test_truncated_normal_ends_at_two_deviations() -> None:
    values = keras.ops.convert_to_numpy(weights.made("initializers", {"name": "truncated_normal", "mean": 1.0, "stddev": 0.5})((200, 300)))
    assert 0.0 <= values.min() < 0.01
    assert 1.99 < values.max() <= 2.0


@pytest.mark.parametrize("scale", [0.5, 2.0])
@pytest.mark.parametrize(("mode", "number"), [("fan_in", 200), ("fan_out", 300), ("fan_avg", 250)])
@pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "uniform"])
def test_variance_scaling_follows_its_formula(scale: float, mode: str, number: int, distribution: str) -> None:
    value = {"name": "variance_scaling", "scale": scale, "mode": mode, "distribution": distribution}
    values = keras.ops.convert_to_numpy(weights.made("initializers", value)((200, 300)))
    assert values.var() == pytest.approx(scale / number, rel=0.05)


def test_the_plain_initializers() -> None:
    for value, expected in (
        ("zeros", np.zeros((3, 4))),
        ("ones", np.ones((3, 4))),
        ({"name": "constant", "value": -2.5}, np.full((3, 4), -2.5)),
        ({"name": "identity", "gain": 3.0}, 3 * np.eye(3, 4)),
    ):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(weights.made("initializers", value)((3, 4))), expected)


def test_regularizers_follow_their_formulas() -> None:
    w = np.random.default_rng(8).normal(size=(5, 4)).astype("float32")
    rows = w / np.linalg.norm(w, axis=1, keepdims=True)
    columns = w / np.linalg.norm(w, axis=0)
    between_rows = np.abs((rows @ rows.T)[np.triu_indices(5, 1)]).mean()
    between_columns = np.abs((columns.T @ columns)[np.triu_indices(4, 1)]).mean()
    for value, expected in (
        ({"name": "l1", "l1": 0.3}, 0.3 * np.abs(w).sum()),
        ({"name": "l2", "l2": 0.3}, 0.3 * (w**2).sum()),
        ({"name": "l1_l2", "l1": 0.3, "l2": 0.2}, 0.3 * np.abs(w).sum() + 0.2 * (w**2).sum()),
        ({"name": "orthogonal_regularizer", "factor": 0.3}, 0.3 * between_rows),
        ({"name": "orthogonal_regularizer", "factor": 0.3, "mode": "columns"}, 0.3 * between_columns),
    ):
        made = weights.made("regularizers", value)
        assert float(made(keras.ops.convert_to_tensor(w))) == pytest.approx(expected, rel=1e-4), value


@pytest.mark.parametrize("name", weights.choices("regularizers"))
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_regularizers_take_half_precision(name: str, dtype: str) -> None:
    """As activity regularizers they get what a layer gives in mixed precision."""
    assert np.isfinite(float(weights.made("regularizers", name)(keras.ops.ones((4, 4), dtype))))


def test_constraints_follow_their_formulas() -> None:
    w = np.random.default_rng(9).normal(size=(3, 2, 4)).astype("float32")
    for axes in ([0], [1], [0, 1], [0, 1, 2]):
        length = np.sqrt((w**2).sum(axis=tuple(axes), keepdims=True))
        for value, expected in (
            ({"name": "max_norm", "max_value": 1.5}, w * np.minimum(1, 1.5 / length)),
            ({"name": "unit_norm"}, w / length),
            (
                {"name": "min_max_norm", "min_value": 0.8, "max_value": 1.5, "rate": 0.25},
                w * (0.75 + 0.25 * np.clip(length, 0.8, 1.5) / length),
            ),
        ):
            made = weights.made("constraints", {**value, "axis": axes})
            np.testing.assert_allclose(keras.ops.convert_to_numpy(made(w)), expected, rtol=1e-4, err_msg=str(value))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(weights.made("constraints", "non_neg")(w)), np.maximum(w, 0))


def test_axes_are_read_as_people_write_them() -> None:
    for written in (2, "2", [2], (2,)):
        assert weights.read("constraints", {"name": "unit_norm", "axis": written}).model_dump() == {"axis": (2,)}
    assert weights.read("constraints", {"name": "unit_norm", "axis": "0, 1, 2"}).short() == {"name": "unit_norm", "axis": [0, 1, 2]}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("kernel_initializer", "he_norml", "he_normal"),
        ("kernel_initializer", {"name": "constant", "value": "much"}, "a number"),
        ("kernel_initializer", {"name": "constant", "value": float("nan")}, "Constant: invalid value"),
        ("kernel_initializer", {"name": "random_uniform", "minval": 1.0, "maxval": 0.0}, "minval (1) must be at most maxval (0)"),
        ("kernel_initializer", {"name": "zeros", "value": 1.0}, "Zeros: invalid parameter"),
        ("kernel_initializer", {"value": 1.0}, "a mapping of name and parameters"),
        ("kernel_initializer", 7, "a mapping of name and parameters"),
        ("kernel_initializer", None, "Received: None"),
        ("kernel_regularizer", {"name": "l2", "l2": -1.0}, "from 0 to 1,000,000"),
        ("kernel_regularizer", "max_norm", "l1"),
        ("kernel_constraint", {"name": "min_max_norm", "min_value": 3.0}, "min_value (3) must be at most max_value (1)"),
        ("kernel_constraint", {"name": "max_norm", "axis": [0, 0]}, "each axis may stand once only"),
        ("kernel_constraint", {"name": "max_norm", "axis": []}, "MaxNorm: invalid axis"),
        ("kernel_constraint", {"name": "max_norm", "axis": 9}, "MaxNorm: invalid axis"),
    ],
)
def test_a_block_refuses_in_one_sentence(field: str, value: Any, words: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        blocks.get("Dense").read({field: value})
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.startswith(f"Dense: invalid {field}. Expected: ")
    assert words in sentence, sentence


def test_the_gain_of_identity_outlives_a_file_and_the_code() -> None:
    """Keras leaves it out of the configuration."""
    layer = blocks.get("Dense").read({"units": 3, "kernel_initializer": {"name": "identity", "gain": 2.5}}).make()  # type: ignore[attr-defined]
    again = keras.layers.Dense.from_config(layer.get_config())
    again.build((None, 3))
    np.testing.assert_array_equal(again.kernel.numpy(), 2.5 * np.eye(3))


def test_an_analysis_says_what_does_not_suit() -> None:
    found = analyse(graph_of("Conv2D", {"kernel_regularizer": "orthogonal_regularizer"}, [Spec((8, 8, 6))])).errors
    assert found[0].text == ("kernel_regularizer: OrthogonalRegularizer: invalid weights. Expected: a matrix (2 axes). Received: 3 x 3 x 6 x 32.")
    found = analyse(graph_of("Dense", {"units": 1, "kernel_regularizer": {"name": "orthogonal_regularizer", "mode": "columns"}}, [Spec((6,))])).errors
    assert "at least 2 columns to compare. Received: 6 x 1" in found[0].text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(MODULES)), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "axis", "value", "l1", "x"]), inner, max_size=3),
    max_leaves=6,
))  # fmt: skip
def test_whatever_is_written_is_read_or_refused(family: str, value: Any) -> None:
    field = {"initializers": "kernel_initializer", "regularizers": "kernel_regularizer", "constraints": "kernel_constraint"}[family]
    refusal = ""
    try:
        made = blocks.get("Dense").read({field: value})
        assert blocks.get("Dense").read(made.params()) == made
    except InvalidValueError as error:
        refusal = str(error)
    assert refusal.startswith("Dense: invalid ") or not refusal
