"""LayerScale: one factor per channel."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.layer_scale import LayerScale


@pytest.mark.parametrize("initial_value", [1e-6, 0.1, 1.0])
@pytest.mark.parametrize("shape", [(3, 4), (2, 5, 4), (2, 3, 3, 4)])
def test_it_multiplies_each_channel(shape: tuple[int, ...], initial_value: float) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=shape).astype("float32")
    layer = LayerScale(initial_value)
    np.testing.assert_allclose(layer(x), x * initial_value, rtol=1e-6)
    gamma = random.normal(size=4)
    layer.gamma.assign(gamma)
    np.testing.assert_allclose(layer(x), x * gamma, atol=1e-5)


def test_half_precision_keeps_whole_weights() -> None:
    layer = LayerScale(0.1, dtype="mixed_bfloat16")
    y = layer(np.ones((2, 4), "float32"))
    assert y.dtype == tf.bfloat16
    assert layer.gamma.dtype == "float32"
    np.testing.assert_allclose(tf.cast(y, "float32"), 0.1, rtol=1e-2)
