"""Adaptive pooling and the spatial pyramid against plain numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import analyse
from blocks.adaptive_pooling import AdaptiveAveragePooling2D, AdaptiveMaxPooling3D
from blocks.layers.bin_pooling import AdaptivePooling, SpatialPyramidPooling
from tests.blocks.samples import graph_of

KINDS: dict[str, Callable[..., Any]] = {"average": np.mean, "max": np.max}
SIZES = [(1, 1), (1, 4), (2, 3), (5, 1), (6, 3), (7, 3), (8, 5), (3, 8), (13, 6)]


def in_bins(values: Any, axis: int, count: int, reduce: Callable[..., Any]) -> Any:
    size = values.shape[axis]
    parts = [values.take(range(b * size // count, -(-(b + 1) * size // count)), axis) for b in range(count)]
    return np.stack([reduce(part, axis=axis) for part in parts], axis)


def random(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "count"), SIZES)
def test_a_sequence(kind: str, size: int, count: int) -> None:
    values = random(2, size, 3)
    found = AdaptivePooling((count,), kind)(values)
    np.testing.assert_allclose(found, in_bins(values, 1, count, KINDS[kind]), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("counts", [(1, 1), (2, 5), (3, 1), (9, 7)])
def test_a_picture(kind: str, data_format: str, counts: tuple[int, int]) -> None:
    values = random(2, 7, 8, 5)
    first = 1 if data_format == "channels_last" else 2
    expected = in_bins(in_bins(values, first, counts[0], KINDS[kind]), first + 1, counts[1], KINDS[kind])
    layer = AdaptivePooling(counts, kind, data_format)
    np.testing.assert_allclose(layer(values), expected, atol=1e-5)
    assert layer.compute_output_shape(values.shape) == expected.shape
    np.testing.assert_allclose(tf.function(layer)(values), expected, atol=1e-5)  # where Keras's own layer fails with a size of 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_a_volume_in_any_precision(kind: str, dtype: str) -> None:
    values = random(2, 5, 4, 3, 2)
    expected = values
    for axis, count in ((1, 2), (2, 3), (3, 1)):
        expected = in_bins(expected, axis, count, KINDS[kind])
    found = AdaptivePooling((2, 3, 1), kind, dtype=dtype)(values)
    assert keras.backend.standardize_dtype(found.dtype) == dtype
    np.testing.assert_allclose(tf.cast(found, "float32"), expected, atol=1e-5 if dtype == "float64" else 2e-2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("counts", [(1, 1), (3, 2)])
def test_unknown_sizes(kind: str, counts: tuple[int, int]) -> None:
    entry = keras.Input((None, None, 3))
    model = keras.Model(entry, AdaptivePooling(counts, kind)(entry))
    assert model.output_shape == (None, *counts, 3)
    for height, width in ((7, 5), (4, 9), (2, 1)):
        values = random(2, height, width, 3)
        expected = in_bins(in_bins(values, 1, counts[0], KINDS[kind]), 2, counts[1], KINDS[kind])
        np.testing.assert_allclose(model.predict(values, verbose=0), expected, atol=1e-5)


def test_gradients() -> None:
    """A value's gradient is its share of the bins that it is in."""
    values = tf.constant(random(1, 5, 1))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(values)
        mean, largest = (tf.reduce_sum(AdaptivePooling((2,), kind)(values)) for kind in KINDS)  # bins 0 to 2 and 2 to 4
    np.testing.assert_allclose(tape.gradient(mean, values)[0, :, 0], [1 / 3, 1 / 3, 2 / 3, 1 / 3, 1 / 3], atol=1e-6)
    expected = np.zeros(5)
    for bin_ in (values.numpy()[0, :3, 0], values.numpy()[0, 2:, 0]):
        expected[np.where(values.numpy()[0, :, 0] == bin_.max())] += 1
    np.testing.assert_allclose(tape.gradient(largest, values)[0, :, 0], expected, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("levels", [(1,), (1, 2, 4), (3, 6)])
def test_the_pyramid(kind: str, levels: tuple[int, ...]) -> None:
    entry = keras.Input((None, None, 3))
    layer = SpatialPyramidPooling(levels, kind)
    model = keras.Model(entry, layer(entry))
    for height, width in ((6, 6), (7, 4), (13, 9)):
        values = random(2, height, width, 3)
        grids = [in_bins(in_bins(values, 1, level, KINDS[kind]), 2, level, KINDS[kind]).reshape(2, -1) for level in levels]
        expected = np.concatenate(grids, axis=-1)
        assert model.output_shape == (None, expected.shape[-1])
        np.testing.assert_allclose(model.predict(values, verbose=0), expected, atol=1e-5)
        np.testing.assert_allclose(layer(values), expected, atol=1e-5)


def test_blocks_take_varying_sizes() -> None:
    from blocks.spec import Spec

    for block, shape, expected in (
        (AdaptiveAveragePooling2D, (None, None, 3), (7, 7, 3)),
        (AdaptiveMaxPooling3D, (None, 4, None, 3), (7, 7, 7, 3)),
    ):
        found = analyse(graph_of(block.__name__, {"output_size": 7}, [Spec(shape)]))
        assert not found.errors
        assert found.nodes["block"].output_shapes == (expected,)
