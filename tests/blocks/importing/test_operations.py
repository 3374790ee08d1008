"""Functions of keras.ops and operators in functional models: each becomes a block that computes the same, or is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers, ops

from blocks.importing import KerasImportError, from_config
from tests.blocks.importing.made import check_computes_the_same, imported, random

PICTURE: Callable[[], Any] = lambda: keras.Input((4, 4, 6))  # noqa: E731 - a new one for each model
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], str, dict[str, Any]]] = {
    "add a number": (lambda x: x + 2, "Rescaling", {"scale": 1.0, "offset": 2.0}),
    "add to a number": (lambda x: 2.5 + x, "Rescaling", {"scale": 1.0, "offset": 2.5}),
    "subtract a number": (lambda x: x - 1, "Rescaling", {"scale": 1.0, "offset": -1.0}),
    "subtract from a number": (lambda x: 1 - x, "Rescaling", {"scale": -1.0, "offset": 1.0}),
    "multiply": (lambda x: x * 0.5, "Rescaling", {"scale": 0.5}),
    "divide": (lambda x: x / 4, "Rescaling", {"scale": 0.25}),
    "negative": (lambda x: -x, "Rescaling", {"scale": -1.0}),
    "relu": (ops.relu, "ReLU", {}),
    "maximum with 0": (lambda x: ops.maximum(x, 0.0), "ReLU", {}),
    "clip": (lambda x: ops.clip(x, 0, 6), "ReLU", {"max_value": 6.0}),
    "relu6": (ops.relu6, "Activation", {"activation": "relu6"}),
    "sigmoid": (ops.sigmoid, "Activation", {"activation": "sigmoid"}),
    "tanh": (ops.tanh, "Activation", {"activation": "tanh"}),
    "silu": (ops.silu, "Activation", {"activation": "silu"}),
    "softplus": (ops.softplus, "Activation", {"activation": "softplus"}),
    "softsign": (ops.softsign, "Activation", {"activation": "softsign"}),
    "selu": (ops.selu, "Activation", {"activation": "selu"}),
    "hard_sigmoid": (ops.hard_sigmoid, "Activation", {"activation": "hard_sigmoid"}),
    "hard_silu": (ops.hard_silu, "Activation", {"activation": "hard_silu"}),
    "hard_tanh": (ops.hard_tanh, "Activation", {"activation": "hard_tanh"}),
    "tanh_shrink": (ops.tanh_shrink, "Activation", {"activation": "tanh_shrink"}),
    "log_sigmoid": (ops.log_sigmoid, "Activation", {"activation": "log_sigmoid"}),
    "sparse_plus": (ops.sparse_plus, "Activation", {"activation": "sparse_plus"}),
    "sparse_sigmoid": (ops.sparse_sigmoid, "Activation", {"activation": "sparse_sigmoid"}),
    "exp": (ops.exp, "Activation", {"activation": "exponential"}),
    "elu": (lambda x: ops.elu(x, alpha=0.5), "ELU", {"alpha": 0.5}),
    "leaky_relu": (lambda x: ops.leaky_relu(x, 0.1), "LeakyReLU", {"negative_slope": 0.1}),
    "gelu": (ops.gelu, "GELU", {"approximate": True}),
    "celu": (lambda x: ops.celu(x, 2.0), "CELU", {"alpha": 2.0}),
    "glu": (ops.glu, "GLU", {}),
    "hard_shrink": (lambda x: ops.hard_shrink(x, 0.3), "HardShrink", {"threshold": 0.3}),
    "soft_shrink": (lambda x: ops.soft_shrink(x, 0.3), "SoftShrink", {"threshold": 0.3}),
    "squareplus": (lambda x: ops.squareplus(x, 2), "SquarePlus", {"b": 2.0}),
    "threshold": (lambda x: ops.threshold(x, 0.1, 0.2), "Threshold", {"threshold": 0.1, "default_value": 0.2}),
    "softmax": (lambda x: ops.softmax(x, axis=-2), "Softmax", {"axis": [2]}),
    "log_softmax": (ops.log_softmax, "LogSoftmax", {}),
    "reshape": (lambda x: ops.reshape(x, (-1, 16, 6)), "Reshape", {"target_shape": [16, 6]}),
    "expand_dims": (lambda x: ops.expand_dims(x, -2), "Reshape", {"target_shape": [4, 4, 1, 6]}),
    "squeeze": (lambda x: ops.squeeze(x[..., :1], -1), "Reshape", {"target_shape": [4, 4]}),
    "transpose": (lambda x: ops.transpose(x, (0, 3, 1, 2)), "Permute", {"dims": [3, 1, 2]}),
    "mean": (lambda x: ops.mean(x, axis=(1, 2)), "GlobalAveragePooling2D", {}),
    "max": (lambda x: ops.max(x, axis=(-3, -2), keepdims=True), "GlobalMaxPooling2D", {"keepdims": True}),
    "first channels": (lambda x: x[..., :2], "ChannelSlice", {"size": 2}),
    "last channels": (lambda x: x[:, :, :, -2:], "ChannelSlice", {"start": 4, "size": 2}),
}
"""How it is called, and the block that it becomes (the last one, where it takes several)."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_becomes_a_block_that_computes_the_same(name: str) -> None:
    function, block, params = FUNCTIONS[name]
    entry = PICTURE()
    model = keras.Model(entry, layers.Identity()(function(entry)))
    found = check_computes_the_same(model, [random(2, 4, 4, 6)], tolerance=1e-5)
    made = [node for node in found.graph.nodes.values() if node.block not in ("Input", "Identity", "Output")]
    assert (made[-1].block, made[-1].params) == (block, params)


TWO: dict[str, Callable[[Any, Any], Any]] = {
    "Add": lambda x, y: x + y,
    "Subtract": lambda x, y: x - y,
    "Multiply": lambda x, y: x * y,
    "Maximum": ops.maximum,
    "Minimum": ops.minimum,
    "Concatenate": lambda x, y: ops.concatenate([x, y], axis=-1),
}


@pytest.mark.parametrize("block", TWO)
def test_function_of_two_tensors_becomes_a_block(block: str) -> None:
    first, second = PICTURE(), PICTURE()
    model = keras.Model([first, second], layers.ReLU()(TWO[block](first, second)))
    found = check_computes_the_same(model, [random(2, 4, 4, 6), random(2, 4, 4, 6, seed=1)])
    assert block in [node.block for node in found.graph.nodes.values()]


def test_function_that_is_called_twice_is_two_nodes() -> None:
    entry = PICTURE()
    model = keras.Model(entry, layers.ReLU()((entry + entry) + entry))
    config = json.loads(model.to_json())
    first, second = (each for each in config["config"]["layers"] if each["class_name"] == "Add")
    text = json.dumps(second["inbound_nodes"])
    first["inbound_nodes"] += json.loads(text)  # as one Add that is called twice
    config["config"]["layers"].remove(second)
    config = json.loads(json.dumps(config).replace(f'["{second["name"]}", 0, 0]', f'["{first["name"]}", 1, 0]'))
    graph = from_config(config).graph
    assert [(node.block, len(node.inputs)) for node in graph.nodes.values()] == [("Input", 0), ("Add", 2), ("Add", 2), ("ReLU", 1), ("Output", 1)]


def test_casts_to_decimals_need_no_node() -> None:
    entry = keras.Input((4, 4, 3), dtype="uint8", name="pixels")
    found = check_computes_the_same(
        keras.Model(entry, layers.Dense(2)(ops.cast(entry, "float32") / 255)), [abs(random(2, 4, 4, 3) * 80).astype("uint8")]
    )
    assert [node.block for node in found.graph.nodes.values()] == ["Input", "Rescaling", "Output"]


def test_cast_to_whole_numbers_for_an_embedding() -> None:
    entry = keras.Input((4,), name="words")
    model = keras.Model(entry, layers.Flatten()(layers.Embedding(5, 2)(ops.cast(entry, "int32"))))
    found = imported(model)
    assert found.graph.nodes["words"].params["dtype"] == "int32"
    assert "cast" not in found.layers


def test_axis_that_only_single_numbers_lose_stays() -> None:
    keras.utils.clear_session()
    entry = keras.Input((4,))
    found = check_computes_the_same(keras.Model(entry, ops.squeeze(layers.Dense(1, name="value")(entry), -1)), [random(2, 4)])
    assert found.graph.nodes["value"].block == "Output"
    assert found.notes == ["squeeze: each number that comes out keeps an axis of size 1."]


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "no block": (ops.sin, r"sin \(Sin\): there is no block for this function\."),
    "over all": (ops.mean, r"mean \(Mean\): there is no block for this function\."),
    "over channels": (lambda x: ops.mean(x, axis=-1), r"mean \(Mean\): there is a block for this function over all axes but the channels only\."),
    "samples": (lambda x: ops.reshape(x, (-1, 6)), r"reshape \(Reshape\): it does not leave the samples apart\."),
    "mixed samples": (lambda x: ops.transpose(x, (1, 0, 2, 3)), r"transpose \(Transpose\): it does not leave the samples apart\."),
    "a row": (lambda x: x[:, 0], r"get_item \(GetItem\): there is a block for parts of the channels only\."),
    "every second": (lambda x: x[..., ::2], r"get_item \(GetItem\): there is a block for parts of the channels only\."),
    "divided by": (lambda x: 1 / x, r"true_divide \(TrueDivide\): there is no block for this function\."),
    "clip elsewhere": (lambda x: ops.clip(x, -1, 1), r"clip \(Clip\): there is no block for this function\."),
    "ranks": (lambda x: x + ops.mean(x, axis=(1, 2)), r"add \(Add\): its inputs have different numbers of axes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_function_without_a_block_is_refused_by_name(name: str) -> None:
    function, said = REFUSED[name]
    keras.utils.clear_session()
    entry = PICTURE()
    model = keras.Model(entry, layers.Identity()(function(entry)))
    with pytest.raises(KerasImportError, match=said):
        imported(model)
