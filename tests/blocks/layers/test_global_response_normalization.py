"""Global response normalisation, against plain numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.global_response_normalization import GlobalResponseNormalization

SHAPES = [(2, 5, 4), (2, 3, 4, 5), (2, 3, 2, 4, 3), (2, 3, 4, 1)]


def slow(x: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
    x = x.astype("float64")
    lengths = np.sqrt((x**2).sum(axis=tuple(range(1, x.ndim - 1)), keepdims=True))
    return gamma * (x * lengths / (lengths.mean(-1, keepdims=True) + epsilon)) + beta + x


@pytest.mark.parametrize("epsilon", [1e-6, 0.5])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_formula(shape: tuple[int, ...], epsilon: float) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=shape).astype("float32")
    layer = GlobalResponseNormalization(epsilon)
    np.testing.assert_allclose(layer(x), x, atol=1e-6)  # gamma and beta start at 0
    gamma, beta = random.normal(size=(2, shape[-1])).astype("float32")
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    np.testing.assert_allclose(layer(x), slow(x, gamma, beta, epsilon), atol=1e-5)


def test_a_silent_channel_has_finite_gradients() -> None:
    x = np.random.default_rng(1).normal(size=(2, 3, 3, 4)).astype("float32")
    x[..., 1] = 0.0
    layer = GlobalResponseNormalization()
    layer.build(x.shape)
    layer.gamma.assign(np.ones(4))
    for values in (x, np.zeros_like(x)):
        given = tf.constant(values)
        with tf.GradientTape() as tape:
            tape.watch(given)
            loss = tf.reduce_sum(layer(given) ** 2)
        for gradient in tape.gradient(loss, [given, layer.gamma.value, layer.beta.value]):
            assert np.isfinite(gradient).all()


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_sums_in_whole_precision(dtype: str) -> None:
    x = (np.random.default_rng(3).normal(size=(2, 6, 6, 4)) * 100).astype("float32")  # squares beyond what float16 holds
    layer = GlobalResponseNormalization(dtype=dtype)
    layer.build(x.shape)
    layer.gamma.assign(np.ones(4))
    y = tf.cast(layer(x), "float32")
    np.testing.assert_allclose(y, slow(x, 1.0, 0.0, 1e-6), rtol=3e-2, atol=1.0)
