"""Enlarging by cubic interpolation, as Pillow does it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from blocks.layers.cubic_upsampling import CubicUpSampling2D


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_as_pillow(factor: int) -> None:
    pixels = np.random.default_rng(0).integers(90, 160, (13, 17, 3), dtype=np.uint8)  # nothing is cut off at 0 or 255
    made = np.asarray(CubicUpSampling2D(factor)(pixels[None].astype("float32")))[0]
    expected = Image.fromarray(pixels).resize((17 * factor, 13 * factor), Image.Resampling.BICUBIC)
    assert np.abs(made - np.asarray(expected)).max() < 1.2  # it rounds after each direction


def test_a_plain_picture_stays_plain_up_to_its_border() -> None:
    made = np.asarray(CubicUpSampling2D(3)(np.full((1, 4, 5, 2), 7.0, "float32")))
    assert made.shape == (1, 12, 15, 2)
    assert np.abs(made - 7).max() < 1e-5


def test_of_any_size_in_one_function() -> None:
    import keras
    import tensorflow as tf

    source = keras.Input((None, None, 3))
    model = keras.Model(source, CubicUpSampling2D(2)(source))
    call = tf.function(model, input_signature=[tf.TensorSpec((None, None, None, 3))])
    assert call(tf.zeros((2, 5, 6, 3))).shape == (2, 10, 12, 3)
    assert call(tf.zeros((1, 7, 3, 3))).shape == (1, 14, 6, 3)
