"""Max pooling with positions, and the way back, against plain numpy."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import analyse, build
from blocks.code import keras_code
from blocks.graph import Graph
from blocks.layers.max_pooling_with_indices import MaxPoolingWithIndices2D, MaxUnpooling2D
from blocks.spec import Spec
from tests.blocks.samples import graph_of


def random(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def pooled(values: Any, size: tuple[int, int], strides: tuple[int, int], padding: str) -> tuple[Any, Any]:
    """The largest value of each window and its index, one window after the other."""
    batch, height, width, channels = values.shape
    wide = [(-(-n // s), max((-(-n // s) - 1) * s + k - n, 0) // 2) if padding == "same" else ((n - k) // s + 1, 0)
            for n, k, s in zip((height, width), size, strides, strict=True)]  # fmt: skip
    largest = np.zeros((batch, wide[0][0], wide[1][0], channels), "float32")
    indices = np.zeros(largest.shape, "int64")
    for b, i, j, c in np.ndindex(*largest.shape):
        top, left = i * strides[0] - wide[0][1], j * strides[1] - wide[1][1]
        places = [(v, u) for v in range(max(top, 0), min(top + size[0], height)) for u in range(max(left, 0), min(left + size[1], width))]
        row, column = max(places, key=lambda place: values[b, place[0], place[1], c])
        largest[b, i, j, c] = values[b, row, column, c]
        indices[b, i, j, c] = (row * width + column) * channels + c
    return largest, indices


WINDOWS = [((2, 2), (2, 2)), ((3, 3), (2, 2)), ((3, 2), (1, 2)), ((2, 2), (3, 3))]


@pytest.mark.parametrize(("size", "strides"), WINDOWS)
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("ties", [False, True])
def test_values_and_indices(size: tuple[int, int], strides: tuple[int, int], padding: str, ties: bool) -> None:
    values = random(2, 7, 6, 3)
    if ties:
        values = np.round(values)
    largest, indices = pooled(values, size, strides, padding)
    layer = MaxPoolingWithIndices2D(size, strides, padding)
    for found in (layer(values), tf.function(layer)(values)):
        np.testing.assert_allclose(found[0], largest, atol=1e-5)
        np.testing.assert_array_equal(found[1], indices)
    assert layer.compute_output_shape(values.shape) == (largest.shape, largest.shape)


@pytest.mark.parametrize(("size", "strides"), WINDOWS)
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
def test_back_to_their_places(size: tuple[int, int], strides: tuple[int, int], dtype: str) -> None:
    """What was pooled stands where it stood, also where windows overlap; all else is zero."""
    values = tf.cast(random(2, 7, 6, 3), dtype)
    largest, indices = MaxPoolingWithIndices2D(size, strides, dtype=dtype)(values)
    found = MaxUnpooling2D(dtype=dtype)([largest, indices, values])
    flat = np.zeros((2, 7 * 6 * 3), "float32")
    np.put_along_axis(flat, indices.numpy().reshape(2, -1), tf.cast(largest, "float32").numpy().reshape(2, -1), axis=1)
    np.testing.assert_allclose(tf.cast(found, "float32"), flat.reshape(2, 7, 6, 3), atol=1e-5)


def test_the_size_follows_from_strides() -> None:
    values, indices = random(1, 2, 3, 2), np.zeros((1, 2, 3, 2), "int64")
    found = MaxUnpooling2D((2, 3))([values, indices])
    assert found.shape == (1, 4, 9, 2)
    assert found.numpy()[0, 0, 0, 0] == pytest.approx(values.mean(), abs=1e-6)  # all claim the first place
    assert np.count_nonzero(found) == 1


@pytest.mark.parametrize("like", [False, True])
def test_gradients(like: bool) -> None:
    """Each value gets the gradient of its place, shared where several claim it."""
    values = tf.constant([[[[1.0], [2.0]]]])
    indices = tf.constant([[[[3], [3]]]], "int32")
    with tf.GradientTape() as tape:
        tape.watch(values)
        found = MaxUnpooling2D(2)([values, indices, *([tf.zeros((1, 2, 4, 1))] if like else [])])
        loss = tf.reduce_sum(found * tf.reshape(tf.range(8.0), (1, 2, 4, 1)))
    np.testing.assert_allclose(tf.reshape(tape.gradient(loss, values), (-1,)), [1.5, 1.5])


def test_gradients_of_the_pooling() -> None:
    values = tf.constant(random(2, 6, 6, 3))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(values)
        mine = tf.reduce_sum(MaxPoolingWithIndices2D(3, 2)(values)[0] ** 2)
        other = tf.reduce_sum(keras.layers.MaxPooling2D(3, 2)(values) ** 2)
    np.testing.assert_allclose(tape.gradient(mine, values), tape.gradient(other, values), atol=1e-5)


def segnet(shape: list[int], like: bool) -> Graph:
    """An encoder and a decoder of one layer each, with the positions handed across."""
    nodes = {
        "input": {"block": "Input", "params": {"shape": shape}},
        "pool": {"block": "MaxPoolingWithIndices2D", "params": {"padding": "same"}, "inputs": ["input"]},
        "conv": {"block": "Conv2D", "params": {"filters": 3, "padding": "same"}, "inputs": ["pool"]},
        "unpool": {"block": "MaxUnpooling2D", "inputs": ["conv", "pool:1", *(["input"] if like else [])]},
    }
    return Graph.model_validate({"nodes": nodes})


@pytest.mark.parametrize("shape", [[8, 8, 3], [0, 0, 3]])
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_in_a_network(shape: list[int], policy: str) -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = build(segnet(shape, like=True))
        model.compile("sgd", "mse")
        values = random(4, 8, 8, 3)
        history = model.fit(values, values, epochs=2, verbose=0)
    finally:
        keras.config.set_dtype_policy(before)
    assert np.isfinite(history.history["loss"]).all()


def test_odd_sizes_come_back_with_the_third_input() -> None:
    graph = segnet([9, 7, 3], like=True)
    assert analyse(graph).nodes["unpool"].output_shapes == ((9, 7, 3),)
    assert build(graph)(random(1, 9, 7, 3)).shape == (1, 9, 7, 3)
    assert analyse(segnet([9, 7, 3], like=False)).nodes["unpool"].output_shapes == ((10, 8, 3),)


def test_the_receptive_field_is_that_of_max_pooling() -> None:
    assert analyse(segnet([8, 8, 3], like=True)).nodes["pool"].receptive_field == (2, 2)


def test_problems_are_said() -> None:
    (error,) = analyse(graph_of("MaxPoolingWithIndices2D", {"pool_size": 9}, [Spec((8, 8, 3))])).errors
    assert error.text == "The picture is 8 x 8 here, smaller than the window of 9 x 9."
    (error,) = analyse(graph_of("MaxUnpooling2D", {}, [Spec((4, 4, 3))] * 2)).errors
    assert error.text == "MaxUnpooling2D: invalid input. Expected: whole numbers, the indices. Received: float32."
    (error,) = analyse(graph_of("MaxUnpooling2D", {}, [Spec((4, 4, 3)), Spec((4, 4, 6), "int32")])).errors
    assert "Received: 4 x 4 x 3 and 4 x 4 x 6." in error.text


def test_the_code_of_a_network_hands_the_positions_across() -> None:
    model = build(segnet([9, 7, 3], like=True))
    space: dict[str, Any] = {}
    exec(compile(keras_code(model), "code", "exec"), space)  # noqa: S102 - the code under test
    space["model"].set_weights(model.get_weights())
    values = random(2, 9, 7, 3)
    np.testing.assert_allclose(space["model"](values), model(values), atol=1e-6)
