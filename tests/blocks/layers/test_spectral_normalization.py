"""SpectralNormalization: the largest singular value of a kernel becomes 1 in training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.spectral_normalization import SpectralNormalization

LAYERS: dict[str, tuple[Any, tuple[int, ...], str]] = {
    "dense": (lambda dtype: keras.layers.Dense(5, dtype=dtype), (4, 6), "float32"),
    "convolution": (lambda dtype: keras.layers.Conv2D(5, 3, dtype=dtype), (2, 6, 6, 3), "float32"),
    "transposed": (lambda dtype: keras.layers.Conv2DTranspose(5, 2, strides=2, dtype=dtype), (2, 4, 4, 3), "float32"),
    "depthwise": (lambda dtype: keras.layers.DepthwiseConv2D(3, depth_multiplier=2, dtype=dtype), (2, 6, 6, 3), "float32"),
    "embedding": (lambda dtype: keras.layers.Embedding(400, 4, dtype=dtype), (4, 6), "int32"),
}


def sample(shape: tuple[int, ...], dtype: str) -> Any:
    random = np.random.default_rng(0)
    return tf.constant(random.integers(0, 400, shape) if dtype == "int32" else random.normal(size=shape), dtype)


def spectral_norm(kernel: Any) -> float:
    matrix = np.asarray(kernel.value).reshape(-1, kernel.shape[-1])
    return float(np.linalg.norm(matrix, 2))


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", LAYERS)
def test_the_kernel_stretches_by_1_at_most(name: str, policy: str) -> None:
    make, shape, dtype = LAYERS[name]
    layer = SpectralNormalization(make(policy), power_iterations=10, dtype=policy)
    x = sample(shape, dtype)
    assert layer(x).dtype == policy.removeprefix("mixed_")
    layer.kernel.assign(layer.kernel * 3.0)
    step = tf.function(lambda values: layer(values, training=True))
    for _ in range(20):
        step(x)
    assert layer.kernel.dtype == "float32"
    assert spectral_norm(layer.kernel) == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("name", LAYERS)
def test_prediction_is_that_of_the_inner_layer(name: str) -> None:
    make, shape, dtype = LAYERS[name]
    inner = make("float32")
    layer = SpectralNormalization(inner)
    x = sample(shape, dtype)
    expected = inner(x)
    before = layer(x)
    assert before.dtype == tf.float32
    np.testing.assert_allclose(before, expected, atol=1e-6)
    assert layer.compute_output_shape(shape) == tuple(expected.shape)


def test_it_is_what_keras_does_in_whole_precision() -> None:
    x = sample((4, 6), "float32")
    own, theirs = SpectralNormalization(keras.layers.Dense(5), 3), keras.layers.SpectralNormalization(keras.layers.Dense(5), 3)
    own(x)
    theirs(x)
    own.set_weights(theirs.get_weights())
    for _ in range(3):
        np.testing.assert_allclose(own(x, training=True), theirs(x, training=True), atol=1e-6)
    for one, other in zip(own.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_mixed_precision_does_not_round_the_weights() -> None:
    """Why there is a layer of our own: Keras's leaves numbers of 16 bits in the kernel."""
    x = sample((4, 6), "float32")
    layer = SpectralNormalization(keras.layers.Dense(5, dtype="mixed_bfloat16"), dtype="mixed_bfloat16")
    layer(x, training=True)
    kernel = tf.constant(layer.kernel.value)
    assert (tf.cast(tf.cast(kernel, "bfloat16"), "float32") != kernel).numpy().mean() > 0.9


def test_a_kernel_of_zeros_stays() -> None:
    layer = SpectralNormalization(keras.layers.Dense(5, kernel_initializer="zeros"))
    layer(sample((4, 6), "float32"), training=True)
    np.testing.assert_array_equal(layer.kernel, np.zeros((6, 5)))


def test_it_trains() -> None:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), SpectralNormalization(keras.layers.Dense(5)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(64, 6))
    history = model.fit(x, x.sum(axis=1), epochs=20, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert spectral_norm(model.layers[0].kernel) < 1.1
