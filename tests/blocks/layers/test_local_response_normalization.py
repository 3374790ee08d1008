"""Local response normalisation, against a loop over channels and against TensorFlow's own operation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.local_response_normalization import LocalResponseNormalization

PARAMETERS: list[dict[str, Any]] = [
    {},
    {"bias": 1.0, "alpha": 1e-4, "convention": "caffe"},
    {"depth_radius": 1, "bias": 1.0, "alpha": 2.0, "beta": 0.5},
    {"depth_radius": 3, "bias": 0.5, "alpha": 1.5, "beta": 1.0, "convention": "caffe"},
    {"depth_radius": 50, "alpha": 0.3},
    {"depth_radius": 50, "alpha": 0.3, "convention": "caffe"},
    {"alpha": 0.0},
    {"beta": 0.0},
]


def slow(x: Any, depth_radius: int = 2, bias: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, convention: str = "tensorflow") -> Any:
    found = np.empty(x.shape)
    factor = alpha / (2 * depth_radius + 1) if convention == "caffe" else alpha
    for channel in range(x.shape[-1]):
        near = x[..., max(0, channel - depth_radius) : channel + depth_radius + 1].astype("float64")
        found[..., channel] = x[..., channel] / (bias + factor * (near**2).sum(-1)) ** beta
    return found


@pytest.mark.parametrize("shape", [(3, 7), (2, 4, 7), (2, 4, 5, 7), (2, 3, 4, 5, 6), (2, 3, 3, 1)])
@pytest.mark.parametrize("params", PARAMETERS)
def test_it_is_the_sum_over_neighbours(params: dict[str, Any], shape: tuple[int, ...]) -> None:
    x = (np.random.default_rng(0).normal(size=shape) * 3).astype("float32")
    layer = LocalResponseNormalization(**params)
    expected = slow(x, **params)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    np.testing.assert_allclose(tf.function(layer, input_signature=[tf.TensorSpec([None] * (len(shape) - 1) + [shape[-1]])])(x), expected, atol=1e-5)


def test_conventions_are_those_of_tensorflow_and_caffe() -> None:
    x = (np.random.default_rng(1).normal(size=(2, 4, 5, 9)) * 20).astype("float32")
    plain = tf.nn.local_response_normalization(x, depth_radius=2, bias=1.0, alpha=1e-4, beta=0.75)
    np.testing.assert_allclose(LocalResponseNormalization(2, 1.0, 1e-4, 0.75)(x), plain, atol=1e-5)
    divided = tf.nn.local_response_normalization(x, depth_radius=2, bias=1.0, alpha=2e-5, beta=0.75)
    np.testing.assert_allclose(LocalResponseNormalization(2, 1.0, 1e-4, 0.75, "caffe")(x), divided, atol=1e-5)
    assert np.abs(divided - plain).max() > 1e-2


@pytest.mark.parametrize("convention", ["tensorflow", "caffe"])
def test_gradients_are_those_of_tensorflow(convention: str) -> None:
    x = tf.constant((np.random.default_rng(2).normal(size=(2, 3, 3, 9)) * 2).astype("float32"))
    found = []
    for function in (
        LocalResponseNormalization(2, 1.0, 0.5, 0.75, convention),
        lambda values: tf.nn.local_response_normalization(values, 2, 1.0, 0.1 if convention == "caffe" else 0.5, 0.75),
    ):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(function(x) ** 2)
        found.append(tape.gradient(loss, x))
    np.testing.assert_allclose(*found, atol=1e-5)


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_sums_in_whole_precision(dtype: str) -> None:
    x = (np.random.default_rng(3).normal(size=(2, 3, 3, 9)) * 200).astype("float32")  # squares beyond what float16 holds
    y = LocalResponseNormalization(dtype=dtype)(x)
    assert y.dtype == dtype.removeprefix("mixed_")
    np.testing.assert_allclose(tf.cast(y, "float32"), slow(x), rtol=1e-2)
