"""Functions of keras.activations with arguments, as layers."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.parametric_activation import ParametricActivation


@pytest.mark.parametrize("axis", [-1, 1, 2])
def test_a_gated_linear_unit_halves_its_axis(axis: int) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 6)).astype("float32")
    layer = ParametricActivation("glu", {"axis": axis})
    first, second = np.split(x, 2, axis=axis)
    expected = first / (1 + np.exp(-second))
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    assert layer.compute_output_shape(x.shape) == expected.shape
    assert layer(keras.KerasTensor((None, 4, 6))).shape[1:] == expected.shape[1:]


def test_an_unknown_axis_stays_unknown() -> None:
    assert ParametricActivation("glu", {"axis": 1}).compute_output_shape((None, None, 6)) == (None, None, 6)


def test_the_configuration_carries_function_and_arguments() -> None:
    layer = ParametricActivation("celu", {"alpha": 2.0}, dtype="mixed_bfloat16")
    again = ParametricActivation.from_config(layer.get_config())
    assert (again.function, again.arguments, again.dtype_policy.name) == ("celu", {"alpha": 2.0}, "mixed_bfloat16")
    assert again(np.ones((2, 3), "float32")).dtype == tf.bfloat16


def test_the_mask_of_padded_steps_passes() -> None:
    masked = keras.layers.Masking()(np.float32([[[1.0], [0.0]]]))
    assert ParametricActivation("celu", {"alpha": 2.0})(masked)._keras_mask.numpy().tolist() == [[True, False]]
