"""Zeros around that make a convolution a full one."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from blocks.full_padding import FullPadding1D, FullPadding2D, FullPadding3D


def full(values: Any, kernel: Any, dilation: int) -> Any:
    """Every overlap of the kernel and the values, summed up."""
    span = [(size - 1) * dilation for size in kernel.shape]
    padded = np.pad(values, [(each, each) for each in span])
    found = np.zeros([size + each for size, each in zip(values.shape, span, strict=True)])
    for place in np.ndindex(*found.shape):
        window = padded[tuple(slice(start, start + each + 1, dilation) for start, each in zip(place, span, strict=True))]
        found[place] = (window * kernel).sum()
    return found


@pytest.mark.parametrize(("block", "convolution", "size"), [
    (FullPadding1D, keras.layers.Conv1D, (3,)),
    (FullPadding2D, keras.layers.Conv2D, (3, 2)),
    (FullPadding3D, keras.layers.Conv3D, (2, 3, 2)),
])  # fmt: skip
@pytest.mark.parametrize("dilation", [1, 2])
def test_the_convolution_behind_is_full(block: Any, convolution: Any, size: tuple[int, ...], dilation: int) -> None:
    random = np.random.default_rng(0)
    values, kernel = random.normal(size=(5, 6, 4)[: len(size)]), random.normal(size=size)
    given = size[0] if len(size) == 1 else size
    padding = block.read({"kernel_size": given, "dilation_rate": dilation}).make()
    layer = convolution(1, given, dilation_rate=dilation, use_bias=False)
    layer.build((1, *(None,) * len(size), 1))
    layer.set_weights([kernel[..., None, None]])
    found = layer(padding(values[None, ..., None].astype("float32")))
    np.testing.assert_allclose(np.asarray(found)[0, ..., 0], full(values, kernel, dilation), atol=1e-5)


def test_one_dimension_is_what_numpy_calls_full() -> None:
    values, kernel = np.arange(4.0), np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(full(values, kernel[::-1], 1), np.convolve(values, kernel, "full"))
