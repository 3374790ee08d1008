"""The future is hidden, in every precision."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.causal_mask import CausalMask

RANDOM = np.random.default_rng(4)


@pytest.mark.parametrize("shape", [(2, 4, 4), (2, 3, 4, 6), (2, 5, 3)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
def test_later_steps_get_nothing(shape: tuple[int, ...], dtype: str) -> None:
    x = RANDOM.normal(size=shape) * 100
    found = CausalMask(dtype=dtype)(keras.ops.cast(x, dtype))
    assert keras.backend.standardize_dtype(found.dtype) == dtype
    values = keras.ops.convert_to_numpy(keras.ops.cast(found, "float64"))
    assert np.isfinite(values).all()
    seen = np.tril(np.ones(shape[-2:], bool))
    exact = keras.ops.convert_to_numpy(keras.ops.cast(keras.ops.cast(x, dtype), "float64"))
    np.testing.assert_array_equal(np.where(seen, values, 0), np.where(seen, exact, 0))
    shares = keras.ops.convert_to_numpy(keras.ops.cast(keras.ops.softmax(found, axis=-1), "float64"))
    assert not np.any(shares[..., ~seen])
    np.testing.assert_allclose(shares.sum(-1), 1, atol=0.02)


def test_unknown_lengths() -> None:
    traced = tf.function(CausalMask(), input_signature=[tf.TensorSpec([None, None, None])])
    for size in (2, 5):
        x = RANDOM.normal(size=(1, size, size)).astype("float32")
        np.testing.assert_allclose(traced(x), np.where(np.tril(np.ones((size, size))), x, -1e9))
