"""RReLU: slopes by chance in training, their mean afterwards."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.randomized_relu import RReLU

LIMITS = [(1 / 8, 1 / 3), (0.0, 0.5), (0.2, 0.2)]


@pytest.mark.parametrize(("lower", "upper"), LIMITS)
def test_prediction_takes_the_mean_slope(lower: float, upper: float) -> None:
    x = np.random.default_rng(0).normal(size=(4, 5, 3)).astype("float32")
    expected = np.where(x >= 0, x, x * (lower + upper) / 2)
    np.testing.assert_allclose(RReLU(lower, upper)(x), expected, atol=1e-6)
    np.testing.assert_allclose(RReLU(lower, upper)(x, training=False), expected, atol=1e-6)


def test_the_default_slope_of_prediction_is_11_of_48() -> None:
    np.testing.assert_allclose(RReLU()(np.float32([[-48.0, 2.0]])), [[-11.0, 2.0]], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize(("lower", "upper"), LIMITS[:2])
def test_slopes_are_spread_evenly_between_the_limits(lower: float, upper: float, dtype: str) -> None:
    layer = RReLU(lower, upper, seed=3, dtype=dtype)
    call = tf.function(lambda values: layer(values, training=True))
    slopes = -np.asarray(tf.cast(call(-np.ones((200, 1000), "float32")), "float32"))
    coarse = 0.0 if dtype == "float32" else 2**-9
    assert slopes.min() >= lower - coarse
    assert slopes.max() <= upper + coarse
    assert slopes.mean() == pytest.approx((lower + upper) / 2, abs=1e-3)
    assert slopes.std() == pytest.approx((upper - lower) / 12**0.5, abs=1e-3)
    counts, _ = np.histogram(slopes, bins=10, range=(lower, upper))
    assert np.abs(counts / slopes.size - 0.1).max() < (0.003 if dtype == "float32" else 0.02)


def test_training_lets_positive_values_pass_and_draws_anew() -> None:
    layer = RReLU(seed=1)
    x = np.random.default_rng(1).normal(size=(50, 20)).astype("float32")
    first, second = (np.asarray(layer(x, training=True)) for _ in range(2))
    np.testing.assert_array_equal(first[x >= 0], x[x >= 0])
    assert (first[x < 0] != second[x < 0]).mean() > 0.99


def test_gradients_are_the_drawn_slopes() -> None:
    layer = RReLU(seed=1)
    x = tf.constant(np.random.default_rng(1).normal(size=(50, 20)).astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
    np.testing.assert_allclose(tape.gradient(y, x), y / x, rtol=1e-5)


def test_the_seed_of_the_training_decides() -> None:
    x = -np.ones((3, 4), "float32")
    found = []
    for _ in range(2):
        keras.utils.set_random_seed(7)
        found.append(np.asarray(RReLU()(x, training=True)))
    np.testing.assert_array_equal(*found)
