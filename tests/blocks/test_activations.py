"""Every function of keras.activations is a block, and does what its formula says."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, get_args

import keras
import numpy as np
import pytest

import blocks
from blocks.analysis import analyse
from blocks.base import LayerBlock
from blocks.fields import ActivationName
from blocks.spec import Spec
from tests.blocks.samples import graph_of

OMITTED = {"hard_swish": "another name of hard_silu", "swish": "another name of silu"}
NOT_FUNCTIONS = {"deserialize", "get", "serialize"}
FUNCTIONS = {name for name in dir(keras.activations) if not name.startswith("_")} - NOT_FUNCTIONS
LAYERS = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "softmax": "Softmax", "sparsemax": "Sparsemax"}
"""Functions that have a Keras layer of their own."""


def blocks_of_functions() -> dict[str, type[LayerBlock]]:
    known = [block for block in blocks.all().values() if issubclass(block, LayerBlock)]
    found = {block.function: block for block in known if getattr(block, "function", "")}
    return {**found, **{function: blocks.get(name) for function, name in LAYERS.items()}}  # type: ignore[dict-item]


def test_every_function_of_keras_is_a_block_and_a_choice_or_left_out_for_a_reason() -> None:
    known = blocks_of_functions()
    assert FUNCTIONS - set(OMITTED) == set(known)
    assert set(get_args(ActivationName)) | {"sparsemax"} == FUNCTIONS - set(OMITTED) - {"glu", "threshold"}
    assert set(OMITTED) <= FUNCTIONS, "what is left out exists"


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def erf(x: Any) -> Any:
    return np.vectorize(math.erf)(x)


def softmax(x: Any, axis: Any = -1) -> Any:
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def sparsemax(x: Any, axis: int = -1) -> Any:
    """By halving the interval in which the threshold lies."""
    low, high = x.max(axis=axis, keepdims=True) - 1, x.max(axis=axis, keepdims=True)
    for _ in range(60):
        middle = (low + high) / 2
        above = np.maximum(0, x - middle).sum(axis=axis, keepdims=True) > 1
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.maximum(0, x - low)


def bent(x: Any, below: Any) -> Any:
    return np.where(x >= 0, x, below)


CASES: list[tuple[str, dict[str, Any], Callable[[Any], Any]]] = [
    ("ReLU", {}, lambda x: np.maximum(0, x)),
    ("ReLU", {"max_value": 1.5}, lambda x: np.minimum(np.maximum(0, x), 1.5)),
    ("ReLU", {"negative_slope": 0.5, "threshold": 1.0}, lambda x: np.where(x > 1, x, 0.5 * (x - 1))),
    ("LeakyReLU", {"negative_slope": 0.1}, lambda x: bent(x, 0.1 * x)),
    ("PReLU", {"alpha_initializer": {"name": "constant", "value": 0.25}}, lambda x: bent(x, 0.25 * x)),
    ("RReLU", {"lower": 0.1, "upper": 0.3}, lambda x: bent(x, 0.2 * x)),
    ("ELU", {"alpha": 2.0}, lambda x: bent(x, 2 * np.expm1(x))),
    ("CELU", {"alpha": 2.0}, lambda x: bent(x, 2 * np.expm1(x / 2))),
    ("CELU", {}, lambda x: bent(x, np.expm1(x))),
    ("SELU", {}, lambda x: 1.0507009873554805 * bent(x, 1.6732632423543772 * np.expm1(x))),
    ("GELU", {}, lambda x: x * (1 + erf(x / math.sqrt(2))) / 2),
    ("GELU", {"approximate": True}, lambda x: x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2),
    ("GLU", {}, lambda x: x[..., :3] * sigmoid(x[..., 3:])),
    ("GLU", {"axis": 1}, lambda x: x[:, :4] * sigmoid(x[:, 4:])),
    ("Softmax", {}, softmax),
    ("Softmax", {"axis": [1, 2]}, lambda x: softmax(x, (1, 2))),
    ("LogSoftmax", {}, lambda x: np.log(softmax(x))),
    ("LogSoftmax", {"axis": 1}, lambda x: np.log(softmax(x, 1))),
    ("Sparsemax", {}, sparsemax),
    ("Sparsemax", {"axis": 1}, lambda x: sparsemax(x, 1)),
    ("HardShrink", {"threshold": 0.3}, lambda x: np.where(np.abs(x) > 0.3, x, 0)),
    ("SoftShrink", {"threshold": 0.3}, lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.3, 0)),
    ("Threshold", {"threshold": -0.2, "default_value": 7.0}, lambda x: np.where(x > -0.2, x, 7)),
    ("SquarePlus", {"b": 1.0}, lambda x: (x + np.sqrt(x**2 + 1)) / 2),
    ("SquarePlus", {}, lambda x: (x + np.sqrt(x**2 + 4)) / 2),
    ("Linear", {}, lambda x: x),
    ("ReLU6", {}, lambda x: np.clip(x, 0, 6)),
    ("Sigmoid", {}, sigmoid),
    ("HardSigmoid", {}, lambda x: np.clip(x + 3, 0, 6) / 6),
    ("LogSigmoid", {}, lambda x: -np.log(1 + np.exp(-x))),
    ("SparseSigmoid", {}, lambda x: np.clip((x + 1) / 2, 0, 1)),
    ("Tanh", {}, np.tanh),
    ("HardTanh", {}, lambda x: np.clip(x, -1, 1)),
    ("TanhShrink", {}, lambda x: x - np.tanh(x)),
    ("SiLU", {}, lambda x: x * sigmoid(x)),
    ("HardSiLU", {}, lambda x: x * np.clip(x + 3, 0, 6) / 6),
    ("Mish", {}, lambda x: x * np.tanh(np.log(1 + np.exp(x)))),
    ("Softplus", {}, lambda x: np.log(1 + np.exp(x))),
    ("SparsePlus", {}, lambda x: np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x))),
    ("Softsign", {}, lambda x: x / (1 + np.abs(x))),
    ("Exponential", {}, np.exp),
]


@pytest.mark.parametrize(("name", "params", "formula"), CASES, ids=[f"{name}-{params}" for name, params, _ in CASES])
def test_it_is_its_formula(name: str, params: dict[str, Any], formula: Callable[[Any], Any]) -> None:
    x = (np.random.default_rng(0).normal(size=(3, 8, 6)) * 3).astype("float32")
    block = blocks.get(name).read(params)
    assert isinstance(block, LayerBlock)
    np.testing.assert_allclose(block.apply(block.make(), [x]), formula(x.astype("float64")), atol=1e-5, rtol=1e-5)


def test_every_activation_has_a_case() -> None:
    tested = {name for name, _, _ in CASES}
    assert {name for name, block in blocks.all().items() if block.category == "activation"} == tested | {"Activation"}


def test_defaults_that_keras_knows_need_no_layer_of_our_own() -> None:
    """So that saved networks with them open wherever Keras is."""
    for function, block in blocks_of_functions().items():
        made = block.read({})
        assert isinstance(made, LayerBlock)
        parameters = inspect.signature(getattr(keras.activations, function)).parameters
        own = {name: value for name, value in made.model_dump(exclude={"dtype"}).items() if name in parameters}
        if not getattr(block, "plain", False):
            continue
        assert own == {name: parameters[name].default for name in own}
        assert type(made.make()) is keras.layers.Activation, block
        assert type(block.read({"dtype": "bfloat16"}).make()) is keras.layers.Activation  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "params", "shape", "sentence"),
    [
        ("GLU", {}, (5,), "GLU: invalid input. Expected: an even size, to be halved. Received: 5."),
        ("GLU", {"axis": 1}, (None, 4), "GLU: invalid input. Expected: a known size of every axis"),
        ("Softmax", {"axis": 3}, (5, 4), "Softmax: invalid axis. Expected: -1, or 1 to 2. Received: 3."),
        ("Sparsemax", {"axis": 2}, (5,), "Sparsemax: invalid axis. Expected: -1, or 1 to 1. Received: 2."),
    ],
)
def test_axes_that_do_not_fit_are_refused(name: str, params: dict[str, Any], shape: tuple[int | None, ...], sentence: str) -> None:
    errors = analyse(graph_of(name, params, [Spec(shape)])).errors
    assert len(errors) == 1
    assert errors[0].text.startswith(sentence)
    assert errors[0].fix


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("Softmax", {"axis": 0}),
        ("Softmax", {"axis": [1, 1]}),
        ("Softmax", {"axis": [1, -1]}),
        ("Softmax", {"axis": []}),
        ("LogSoftmax", {"axis": 0}),
        ("RReLU", {"lower": 0.5, "upper": 0.1}),
        ("LeakyReLU", {"negative_slope": math.nan}),
        ("ELU", {"alpha": math.inf}),
    ],
)
def test_senseless_values_are_refused(name: str, params: dict[str, Any]) -> None:
    with pytest.raises(blocks.InvalidValueError, match=rf"^{name}: "):
        blocks.get(name).read(params)
