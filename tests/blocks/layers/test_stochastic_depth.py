"""StochasticDepth: whole samples by chance in training, nothing afterwards."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.stochastic_depth import StochasticDepth


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 2, 3)])
def test_samples_fall_or_are_enlarged(rate: float, shape: tuple[int, ...], dtype: str) -> None:
    layer = StochasticDepth(rate, seed=5, dtype=dtype)
    x = np.random.default_rng(0).uniform(1.0, 2.0, size=(20_000, *shape)).astype("float32")
    call = tf.function(lambda values: layer(values, training=True))
    y = np.asarray(tf.cast(call(x), "float32")).reshape(len(x), -1)
    fallen = (y == 0).all(axis=1)
    assert ((y != 0).all(axis=1) | fallen).all(), "a sample falls as a whole"
    np.testing.assert_allclose(y[~fallen], (x.reshape(len(x), -1) / (1 - rate))[~fallen], rtol=1e-5 if dtype == "float32" else 2e-2)
    assert fallen.mean() == pytest.approx(rate, abs=0.012)
    assert y.mean() == pytest.approx(x.mean(), rel=0.05)


@pytest.mark.parametrize("training", [False, None])
def test_nothing_happens_in_prediction(training: bool | None) -> None:
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    np.testing.assert_array_equal(StochasticDepth(0.5)(x, training=training), x)


def test_frozen_it_rests() -> None:
    layer = StochasticDepth(0.5)
    x = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")
    layer.trainable = False
    np.testing.assert_array_equal(layer(x, training=True), x)
    layer.trainable = True
    assert (np.asarray(layer(x, training=True)) == 0).any()


def test_rate_0_does_nothing_in_training() -> None:
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    np.testing.assert_array_equal(StochasticDepth(0.0)(x, training=True), x)


def test_a_fallen_sample_has_no_gradient_even_where_values_are_not_finite() -> None:
    layer = StochasticDepth(0.5, seed=1)
    x = tf.fill((40, 2), np.float32("inf"))
    y = np.asarray(layer(x, training=True))
    assert (y == 0).any()
    assert not np.isnan(y).any()


def test_the_seed_of_the_training_decides() -> None:
    found = []
    for _ in range(2):
        keras.utils.set_random_seed(7)
        found.append(np.asarray(StochasticDepth(0.5)(np.ones((30, 1), "float32"), training=True)))
    np.testing.assert_array_equal(*found)
