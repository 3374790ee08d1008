"""Pixels out of channels, and back, against plain numpy."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import analyse
from blocks.layers.pixel_shuffle import PixelShuffle, PixelUnshuffle
from blocks.spec import Spec
from tests.blocks.samples import graph_of


def shuffled(values: Any, r: int, order: str) -> Any:
    """Pixel by pixel. With x to the right (column) and y downwards (row), order "tensorflow" is equation 4 of the paper:
    PS(T)[x, y, c] = T[floor(x / r), floor(y / r), C * r * mod(y, r) + C * mod(x, r) + c]."""
    batch, height, width, channels = values.shape
    small = channels // r**2
    found = np.zeros((batch, height * r, width * r, small), values.dtype)
    for y, x, c in np.ndindex(*found.shape[1:]):
        channel = small * r * (y % r) + small * (x % r) + c if order == "tensorflow" else c * r * r + (y % r) * r + x % r
        found[:, y, x, c] = values[:, y // r, x // r, channel]
    return found


@pytest.mark.parametrize("order", ["tensorflow", "torch"])
@pytest.mark.parametrize(("r", "channels"), [(1, 3), (2, 4), (2, 12), (3, 18)])
def test_both_ways(order: str, r: int, channels: int) -> None:
    values = np.random.default_rng(0).normal(size=(2, 3, 4, channels)).astype("float32")
    expected = shuffled(values, r, order)
    layer, reverse = PixelShuffle(r, order), PixelUnshuffle(r, order)
    np.testing.assert_allclose(layer(values), expected, atol=1e-5)
    np.testing.assert_allclose(tf.function(layer)(values), expected, atol=1e-5)
    np.testing.assert_allclose(reverse(expected), values, atol=1e-5)
    assert layer.compute_output_shape(values.shape) == expected.shape
    assert reverse.compute_output_shape(expected.shape) == values.shape


def test_the_first_order_is_that_of_tensorflow() -> None:
    values = np.random.default_rng(0).normal(size=(2, 3, 4, 12)).astype("float32")
    np.testing.assert_array_equal(PixelShuffle(2)(values), tf.nn.depth_to_space(values, 2))
    np.testing.assert_array_equal(PixelUnshuffle(2)(values[:, :2]), tf.nn.space_to_depth(values[:, :2], 2))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_unknown_sizes_and_gradients_in_half_precision(policy: str) -> None:
    entry = keras.Input((None, None, 8))
    model = keras.Model(entry, PixelUnshuffle(2, dtype=policy)(PixelShuffle(2, dtype=policy)(entry)))
    assert model.output_shape == (None, None, None, 8)
    values = tf.constant(np.random.default_rng(0).normal(size=(2, 3, 5, 8)).astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(values)
        found = model(values)
        loss = tf.reduce_sum(tf.cast(found, "float32"))
    np.testing.assert_allclose(tf.cast(found, "float32"), values, atol=2e-2)
    np.testing.assert_allclose(tape.gradient(loss, values), np.ones_like(values))


def test_problems_are_said() -> None:
    (error,) = analyse(graph_of("PixelShuffle", {"factor": 3}, [Spec((4, 4, 16))])).errors
    assert error.text == "PixelShuffle: invalid input. Expected: a multiple of 9 (factor * factor) channels. Received: 16."
    assert error.fix == "Insert a Conv2D with 18 filters before it."
    (error,) = analyse(graph_of("PixelUnshuffle", {"factor": 3}, [Spec((6, 8, 1))])).errors
    assert "Received: 8." in error.text
