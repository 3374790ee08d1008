"""Blurred pooling against plain numpy."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import analyse
from blocks.layers.blur_pooling import BlurPooling2D
from blocks.spec import Spec
from tests.blocks.samples import graph_of


def blurred(values: Any, size: int, strides: int, padding: str) -> Any:
    line = np.array([math.comb(size - 1, place) for place in range(size)]) / 2 ** (size - 1)
    margin = ((size - 1) // 2, math.ceil((size - 1) / 2))
    padded = np.pad(values, ((0, 0), margin, margin, (0, 0)), mode="reflect" if padding == "reflect" else "constant")
    height, width = ((each - size) // strides + 1 for each in padded.shape[1:3])
    found = np.zeros((values.shape[0], height, width, values.shape[3]))
    for i, j in np.ndindex(height, width):
        window = padded[:, i * strides : i * strides + size, j * strides : j * strides + size]
        found[:, i, j] = np.einsum("buvc,u,v->bc", window, line, line)
    return found


@pytest.mark.parametrize("size", range(2, 8))
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("padding", ["reflect", "zero"])
def test_against_numpy(size: int, strides: int, padding: str) -> None:
    values = np.random.default_rng(0).normal(size=(2, 9, 6, 3)).astype("float32")
    layer = BlurPooling2D(size, strides, padding)
    expected = blurred(values, size, strides, padding)
    np.testing.assert_allclose(layer(values), expected, atol=1e-5)
    assert layer.compute_output_shape(values.shape) == expected.shape


def test_a_constant_picture_stays() -> None:
    np.testing.assert_allclose(BlurPooling2D(5)(np.ones((1, 8, 8, 2), "float32")), np.ones((1, 4, 4, 2)), atol=1e-6)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16", "float64"])
def test_unknown_sizes_and_gradients(policy: str) -> None:
    entry = keras.Input((None, None, 3))
    model = keras.Model(entry, BlurPooling2D(3, dtype=policy)(entry))
    values = tf.constant(np.random.default_rng(0).normal(size=(2, 6, 8, 3)).astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(values)
        found = tf.function(model)(values)
        loss = tf.reduce_sum(tf.cast(found, "float32"))
    np.testing.assert_allclose(tf.cast(found, "float32"), blurred(values.numpy(), 3, 2, "reflect"), atol=1e-5 if "float32" in policy else 2e-2)
    assert np.asarray(tape.gradient(loss, values)).sum() == pytest.approx(found.numpy().size, rel=1e-2)  # the weights of a window sum up to 1


def test_a_picture_too_small_to_mirror() -> None:
    (error,) = analyse(graph_of("BlurPooling2D", {"kernel_size": 7}, [Spec((3, 8, 3))])).errors
    assert error.text == "BlurPooling2D: invalid input. Expected: more than 3 pixels, the border that is mirrored. Received: 3."
    assert not analyse(graph_of("BlurPooling2D", {"kernel_size": 7, "padding": "zero"}, [Spec((3, 8, 3))])).errors
