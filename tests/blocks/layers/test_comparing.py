"""Distances of two inputs, against numpy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import analyse
from blocks.layers.absolute_difference import AbsoluteDifference
from blocks.layers.distance import Distance
from blocks.spec import Shape, Spec
from tests.blocks.samples import graph_of

MEASURES = {
    "euclidean": lambda x, y: np.linalg.norm(x - y, axis=-1, keepdims=True),
    "squared_euclidean": lambda x, y: ((x - y) ** 2).sum(axis=-1, keepdims=True),
    "manhattan": lambda x, y: np.abs(x - y).sum(axis=-1, keepdims=True),
}


def pair(*leading: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    first, second = (random.normal(size=(3, *leading, 5)).astype("float32") for _ in range(2))
    return first, second


@pytest.mark.parametrize("leading", [(), (4,), (3, 4)])
@pytest.mark.parametrize("measure", MEASURES)
def test_distance(measure: str, leading: tuple[int, ...]) -> None:
    first, second = pair(*leading)
    layer = Distance(measure)
    expected = MEASURES[measure](first, second)
    np.testing.assert_allclose(layer([first, second]), expected, rtol=1e-5)
    assert layer.compute_output_shape([first.shape, second.shape]) == expected.shape
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    np.testing.assert_array_equal(again([first, second]), layer([first, second]))


def test_absolute_difference() -> None:
    first, second = pair(4)
    layer = AbsoluteDifference()
    np.testing.assert_array_equal(layer([first, second]), np.abs(first - second))
    assert layer.compute_output_shape([first.shape, second.shape]) == first.shape


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_equal_inputs_have_the_distance_0_and_a_finite_slope(measure: str, dtype: str) -> None:
    first = tf.constant(pair()[0], dtype)
    with tf.GradientTape() as tape:
        tape.watch(first)
        found = Distance(measure, dtype=dtype)([first, tf.identity(first)])
    assert not found.numpy().any()
    assert np.isfinite(tape.gradient(found, first).numpy()).all()


@pytest.mark.parametrize("block", ["Distance", "AbsoluteDifference"])
@pytest.mark.parametrize(("shapes", "received"), [([(6,), (5,)], "6 and 5"), ([(4, 6), (6,)], "4 x 6 and 6")])
def test_what_does_not_fit_is_said(block: str, shapes: list[Shape], received: str) -> None:
    (error,) = analyse(graph_of(block, {}, [Spec(shape) for shape in shapes])).errors
    assert error.text == f"{block}: invalid inputs. Expected: two equal shapes. Received: {received}."
    assert error.fix
