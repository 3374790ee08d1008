"""Maxout, against a loop over units."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.maxout import Maxout


@pytest.mark.parametrize("shape", [(3, 6), (2, 5, 6), (2, 3, 4, 5)])
@pytest.mark.parametrize("params", [{"units": 4}, {"units": 3, "pieces": 5}, {"units": 4, "pieces": 1}, {"units": 2, "pieces": 3, "use_bias": False}])
def test_each_unit_takes_its_largest_piece(params: dict[str, Any], shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=shape).astype("float32")
    layer = Maxout(**params)
    layer.build(shape)
    for variable in layer.weights:
        variable.assign(random.normal(size=variable.shape))
    kernel = np.asarray(layer.kernel)
    bias = np.asarray(layer.bias) if layer.bias is not None else np.zeros(kernel.shape[1])
    expected = np.empty((*shape[:-1], layer.units))
    for unit in range(layer.units):
        columns = range(unit * layer.pieces, (unit + 1) * layer.pieces)
        expected[..., unit] = np.max([x @ kernel[:, column] + bias[column] for column in columns], axis=0)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    call = tf.function(layer, input_signature=[tf.TensorSpec([None] * (len(shape) - 1) + [shape[-1]])])
    np.testing.assert_allclose(call(x), expected, atol=1e-5)


def test_one_piece_is_a_dense_layer() -> None:
    x = np.random.default_rng(1).normal(size=(3, 6)).astype("float32")
    dense = keras.layers.Dense(4)
    expected = dense(x)
    layer = Maxout(4, pieces=1)
    layer.build(x.shape)
    layer.set_weights(dense.get_weights())
    np.testing.assert_allclose(layer(x), expected, atol=1e-6)


def test_gradients_reach_the_largest_piece_alone() -> None:
    layer = Maxout(1, pieces=2)
    layer.build((None, 1))
    layer.kernel.assign([[1.0, -1.0]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(np.float32([[3.0], [-2.0]])))
    np.testing.assert_allclose(tape.gradient(loss, layer.kernel.value), [[3.0, -2.0]])


def test_settings_of_the_weights_are_kept() -> None:
    layer = Maxout(3, kernel_initializer="he_normal", kernel_regularizer="l2", bias_constraint="non_neg", activity_regularizer="l1")
    again = Maxout.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert isinstance(again.activity_regularizer, keras.regularizers.L1)
