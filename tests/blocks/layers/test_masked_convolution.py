"""Convolutions that see only what came before."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import InvalidValueError, registry
from blocks.layers.masked_convolution import MaskedConv2D

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("mask_type", ["A", "B"])
@pytest.mark.parametrize("params", [{"kernel_size": 3}, {"kernel_size": (1, 5)}, {"kernel_size": (5, 3), "dilation_rate": (1, 2)}], ids=str)
def test_a_pixel_sees_only_what_came_before(mask_type: str, params: dict[str, Any]) -> None:
    """The gradient of each output with respect to the picture is 0 from the pixel itself ("A") or the next one ("B") on."""
    layer = MaskedConv2D(2, mask_type=mask_type, **params)
    x = tf.constant(RANDOM.normal(size=(1, 6, 5, 2)), "float32")
    layer.build(x.shape)
    reach = [(size - 1) * rate // 2 for size, rate in zip(layer.kernel_size, layer.dilation_rate, strict=True)]
    for row, column in np.ndindex(6, 5):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(layer(x)[0, row, column])
        seen = np.abs(tape.gradient(value, x).numpy()[0]).sum(axis=-1) > 0
        for i, j in np.ndindex(6, 5):
            before = i < row or (i == row and (j < column or (j == column and mask_type == "B")))
            near = all(
                abs(place - here) <= limit and (place - here) % rate == 0
                for place, here, limit, rate in zip((i, j), (row, column), reach, layer.dilation_rate, strict=True)
            )
            assert seen[i, j] == (before and near), (row, column, i, j)


def test_as_a_convolution_with_a_masked_kernel() -> None:
    x = RANDOM.normal(size=(2, 6, 5, 3)).astype("float32")
    layer = MaskedConv2D(4, 3, "A", activation="tanh")
    layer.build(x.shape)
    layer.bias.assign(RANDOM.normal(size=4))
    kernel = layer.kernel.numpy().copy()
    kernel[2] = kernel[1, 1:] = 0.0
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    expected = np.zeros((2, 6, 5, 4))
    for i, j in np.ndindex(6, 5):
        expected[:, i, j] = np.einsum("buvc,uvcf->bf", padded[:, i : i + 3, j : j + 3], kernel) + layer.bias.numpy()
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(x)), np.tanh(expected), atol=1e-5)


def test_windows_without_a_middle_or_without_sight_are_refused() -> None:
    block = registry.get("MaskedConv2D")
    with pytest.raises(InvalidValueError, match="kernel_size must be odd"):
        block.read({"kernel_size": 4})
    with pytest.raises(InvalidValueError, match="a window of 1 sees nothing"):
        block.read({"kernel_size": 1, "mask_type": "A"})
    with pytest.raises(ValueError, match="kernel_size must be odd"):
        MaskedConv2D(2, (3, 2))


def test_the_configuration_carries_everything() -> None:
    given = {"use_bias": False, "kernel_initializer": "he_normal", "kernel_regularizer": "l2", "activity_regularizer": "l1"}
    layer = MaskedConv2D(2, (3, 5), "A", 2, "relu", **given)
    assert MaskedConv2D.from_config(layer.get_config()).get_config() == layer.get_config()
