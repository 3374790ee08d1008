"""What the shared checks don't see of pooling and reshaping: the order of the axes, and precisions in which TensorFlow lacks a routine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import blocks
from blocks import InvalidValueError, analyse
from blocks.explanation import explain
from blocks.spec import Spec
from tests.blocks.samples import graph_of

FIRST = {"data_format": "channels_first"}
WITH_FORMAT = sorted(
    name for name, block in blocks.all().items() if "data_format" in block.model_fields and block.__module__.startswith("blocks.")
    and block.category in ("pooling", "reshaping")
)  # fmt: skip


@pytest.fixture(params=["mixed_float16", "mixed_bfloat16", "float64"])
def policy(request: pytest.FixtureRequest) -> Iterator[str]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy(before)


def gradient(name: str, params: dict[str, Any], shape: tuple[int, ...]) -> Any:
    layer = blocks.get(name).read(params).make()  # type: ignore[attr-defined]
    values = tf.constant(np.random.default_rng(0).normal(size=(2, *shape)), "float32")

    @tf.function
    def step(values: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = tf.reduce_sum(tf.cast(layer(values), "float32") ** 2)
        return tape.gradient(loss, values)

    return step(values)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_every_interpolation_learns_in_every_precision(policy: str, interpolation: str, data_format: str) -> None:
    found = gradient("UpSampling2D", {"interpolation": interpolation, "data_format": data_format}, (4, 5, 3))
    assert found is not None, "TensorFlow's gradient of a bicubic resizing gets lost in half precision."
    assert np.any(found.numpy() != 0)


def test_an_interpolation_that_could_not_learn_is_refused() -> None:
    with pytest.raises(InvalidValueError, match='interpolation "bicubic" learns in float32 and float64 only; leave dtype empty'):
        blocks.get("UpSampling2D").read({"interpolation": "bicubic", "dtype": "mixed_float16"})
    blocks.get("UpSampling2D").read({"interpolation": "bicubic", "dtype": "float64"})


@pytest.mark.parametrize("name", ["MaxPooling3D", "AveragePooling3D", "AdaptiveMaxPooling3D", "AdaptiveAveragePooling3D"])
def test_volumes_are_pooled_in_every_precision(policy: str, name: str) -> None:
    assert np.any(gradient(name, {}, (4, 4, 4, 2)).numpy() != 0)


@pytest.mark.parametrize("name", WITH_FORMAT)
def test_channels_first_is_channels_last_with_the_axes_moved(name: str) -> None:
    block = blocks.get(name)
    for rank in block.ranks or (3,):
        values = np.random.default_rng(0).normal(size=(*(2, 9, 8, 7, 6)[:rank], 5)).astype("float32")
        last, first = (block.read({"data_format": order}).make() for order in ("channels_last", "channels_first"))  # type: ignore[attr-defined]
        found, expected = np.asarray(first(np.moveaxis(values, -1, 1))), np.asarray(last(values))
        if found.ndim == values.ndim:
            found = np.moveaxis(found, 1, -1)
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("name", WITH_FORMAT)
def test_channels_first_has_no_receptive_field(name: str) -> None:
    """The analysis counts it over the first axes, which would be wrong there."""
    spec = Spec({2: (8, 8), 3: (8, 8, 8), 4: (8, 8, 8, 8)}[(blocks.get(name).ranks or (3,))[0]])
    found = analyse(graph_of(name, FIRST, [spec]))
    assert not found.errors
    assert found.nodes["block"].receptive_field is None


def test_sizes_are_explained_for_the_right_axes() -> None:
    found = analyse(graph_of("MaxPooling2D", FIRST, [Spec((3, 8, 9))])).nodes["block"]
    assert found.output_shapes == ((3, 4, 4),)
    lines = {line.label: line.text for line in explain(blocks.get("MaxPooling2D").read(FIRST), found)}
    assert lines["Height"] == "floor((8 - 2) / 2) + 1 = 4"
    assert lines["Width"] == "floor((9 - 2) / 2) + 1 = 4"


def test_a_window_that_is_too_large_is_said_for_the_right_axes() -> None:
    (error,) = analyse(graph_of("AveragePooling2D", {**FIRST, "pool_size": 5}, [Spec((2, 8, 4))])).errors
    assert error.text == "The picture is 8 x 4 here, smaller than the window of 5 x 5."
    (error,) = analyse(graph_of("Cropping2D", {**FIRST, "cropping": 2}, [Spec((2, 8, 4))])).errors
    assert error.text == "Cropping2D: invalid cropping. Expected: less than the 4 that are there. Received: 4."


@pytest.mark.parametrize(("name", "params"), [("ZeroPadding2D", {"padding": 2}), ("Cropping2D", {}), ("FullPadding2D", {}), ("Identity", {})])
def test_margins_keep_the_receptive_field(name: str, params: dict[str, Any]) -> None:
    graph = graph_of(name, params, [Spec((9, 9, 3))])
    nodes = {node: document.model_dump() for node, document in graph.nodes.items()}
    nodes["conv"] = {"block": "Conv2D", "params": {"kernel_size": 3, "strides": 2}, "inputs": ["input0"]}
    nodes["block"]["inputs"] = ["conv"]
    found = analyse(blocks.Graph.model_validate({"nodes": nodes}))
    assert not found.errors
    assert found.nodes["block"].receptive_field == (3, 3)
