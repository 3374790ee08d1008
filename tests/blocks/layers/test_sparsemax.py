"""Sparsemax: the nearest point on the simplex."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.sparsemax import Sparsemax


def slow(x: Any) -> Any:
    """Row by row: the largest set of values whose threshold lies below all of them."""
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        row = np.sort(x[place].astype("float64"))[::-1]
        threshold = max((row[:count].sum() - 1) / count for count in range(1, len(row) + 1) if row[count - 1] > (row[:count].sum() - 1) / count)
        found[place] = np.maximum(0, x[place] - threshold)
    return found


@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("shape", [(4, 1), (4, 7), (2, 5, 7), (2, 3, 4, 6)])
def test_it_is_the_projection(shape: tuple[int, ...], scale: float) -> None:
    x = (np.random.default_rng(0).normal(size=shape) * scale + 5).astype("float32")
    y = np.asarray(Sparsemax()(x))
    np.testing.assert_allclose(y.sum(-1), 1.0, atol=1e-5)
    np.testing.assert_allclose(y, slow(x), atol=1e-5)
    call = tf.function(Sparsemax(), input_signature=[tf.TensorSpec([None] * len(shape))])
    np.testing.assert_allclose(call(x), y, atol=1e-6)


@pytest.mark.parametrize("axis", [1, 2, 3, -1])
def test_any_axis(axis: int) -> None:
    x = np.random.default_rng(1).normal(size=(2, 3, 4, 5)).astype("float32")
    np.testing.assert_allclose(Sparsemax(axis)(x), np.moveaxis(slow(np.moveaxis(x, axis, -1)), -1, axis), atol=1e-5)


def test_the_gradient_is_that_of_differences() -> None:
    x = np.random.default_rng(2).normal(size=(3, 6)).astype("float64")
    weights = np.random.default_rng(3).normal(size=(3, 6))
    layer = Sparsemax(dtype="float64")
    given = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(given)
        loss = tf.reduce_sum(layer(given) * weights)
    expected = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = 1e-6
        expected[place] = ((slow(x + step) - slow(x - step)) * weights).sum() / 2e-6
    np.testing.assert_allclose(tape.gradient(loss, given), expected, atol=1e-5)


def test_half_precision_counts_in_whole_precision() -> None:
    x = np.zeros((1, 1000), "float32")
    y = Sparsemax(dtype="mixed_bfloat16")(x)
    assert y.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(y, "float32"), 0.001, rtol=1e-2)


def test_the_function_of_keras_is_still_wrong() -> None:
    """Why there is a layer of our own. When this fails, Keras has been repaired and the layer can go."""
    assert np.abs(np.asarray(keras.activations.sparsemax(np.float32([[0.0, 0.1, 0.2]]))).sum() - 1) > 0.1
