"""Normalisations: what they compute over other axes, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import blocks
from blocks.analysis import analyse
from blocks.base import LayerBlock
from blocks.build import build
from blocks.spec import Spec
from tests.blocks.block_checks import check_built, check_layer
from tests.blocks.samples import graph_of

X = np.random.default_rng(0).normal(2.0, 3.0, size=(4, 6, 4, 8)).astype("float32")


def run(name: str, params: dict[str, Any], x: Any = X, training: bool = False) -> Any:
    """The block with random weights on x, and these weights."""
    block = blocks.get(name).read(params)
    assert isinstance(block, LayerBlock)
    layer = block.make()
    layer.build(x.shape)
    for variable in layer.trainable_variables:
        variable.assign(np.random.default_rng(1).normal(size=variable.shape))
    return np.asarray(layer(x, training=training) if training else layer(x)), [np.asarray(variable) for variable in layer.trainable_variables]


def spread(weights: Any, axes: tuple[int, ...]) -> Any:
    """Weights so that they meet the axes of X."""
    return np.reshape(weights, [size if axis in axes else 1 for axis, size in enumerate(X.shape)])


def standard(x: Any, axes: tuple[int, ...], epsilon: float = 1e-3) -> Any:
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


@pytest.mark.parametrize("axes", [(-1,), (1,), (2, 3), (1, 3), (3, 1), (1, 2, 3)])
def test_layer_normalization_over_any_axes(axes: tuple[int, ...]) -> None:
    y, (gamma, beta) = run("LayerNormalization", {"axis": axes})
    own = tuple(sorted(axis % 4 for axis in axes))
    np.testing.assert_allclose(y, standard(X, own) * spread(gamma, own) + spread(beta, own), atol=1e-5)


@pytest.mark.parametrize("axes", [(-1,), (3,), (2, 3), (3, 2), (1, 2, 3)])
def test_root_mean_square_over_the_last_axes(axes: tuple[int, ...]) -> None:
    y, (scale,) = run("RMSNormalization", {"axis": axes})
    own = tuple(sorted(axis % 4 for axis in axes))
    np.testing.assert_allclose(y, X / np.sqrt((X**2).mean(own, keepdims=True) + 1e-6) * spread(scale, own), atol=1e-5)


@pytest.mark.parametrize("axes", [(-1,), (1,), (1, 2), (1, 3)])
def test_unit_length_over_any_axes(axes: tuple[int, ...]) -> None:
    y, _ = run("UnitNormalization", {"axis": axes})
    own = tuple(axis % 4 for axis in axes)
    np.testing.assert_allclose(y, X / np.sqrt((X**2).sum(own, keepdims=True)), atol=1e-5)


@pytest.mark.parametrize("axis", [-1, 1, 2, 3])
@pytest.mark.parametrize("groups", [1, 2, -1])
def test_group_normalization_over_any_axis(groups: int, axis: int) -> None:
    y, (gamma, beta) = run("GroupNormalization", {"groups": groups, "axis": axis})
    own = axis % 4
    moved = np.moveaxis(X, own, -1)
    count = moved.shape[-1] if groups == -1 else groups
    grouped = standard(moved.reshape(*moved.shape[:-1], count, -1), (1, 2, 4))
    expected = np.moveaxis(grouped.reshape(moved.shape), -1, own)
    np.testing.assert_allclose(y, expected * spread(gamma, (own,)) + spread(beta, (own,)), atol=1e-5)


@pytest.mark.parametrize("axis", [-1, 1])
def test_batch_normalization_in_training(axis: int) -> None:
    y, (gamma, beta) = run("BatchNormalization", {"axis": axis}, training=True)
    own = axis % 4
    others = tuple(other for other in range(4) if other != own)
    np.testing.assert_allclose(y, standard(X, others) * spread(gamma, (own,)) + spread(beta, (own,)), atol=1e-5)


def test_renormalisation_corrects_by_the_running_figures() -> None:
    """Ioffe (2017): with the running mean 0 and deviation 1 of the beginning, the correction leaves x as it is within its limits."""
    y, (gamma, beta) = run("BatchNormalization", {"renorm": True}, training=True)
    np.testing.assert_allclose(y, X * gamma + beta, atol=1e-4, rtol=1e-3)
    y, (gamma, beta) = run("BatchNormalization", {"renorm": True, "rmin": 1.0, "rmax": 1.0, "dmax": 0.0}, training=True)
    np.testing.assert_allclose(y, standard(X, (0, 1, 2)) * gamma + beta, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "params", "shape", "text"),
    [
        ("BatchNormalization", {"axis": 3}, (8, 6), "BatchNormalization: invalid axis. Expected: -1, or 1 to 2. Received: 3."),
        ("BatchNormalization", {"axis": 1}, (None, 6), "BatchNormalization: invalid input. Expected: a known size of every axis in `axis`."),
        ("LayerNormalization", {"axis": [1, 2]}, (None, 6), "LayerNormalization: invalid input. Expected: a known size of every axis in `axis`."),
        ("GroupNormalization", {}, (8, 6), "GroupNormalization: invalid groups. Expected: a divisor of the 6 channels. Received: 32."),
        ("GroupNormalization", {"groups": 4}, (8, 6), "GroupNormalization: invalid groups. Expected: a divisor of the 6 channels. Received: 4."),
        ("GroupNormalization", {"groups": -1}, (6,), "GroupNormalization: invalid groups. Expected: groups of more than one value"),
        ("RMSNormalization", {"axis": 1}, (6, 6), "RMSNormalization: invalid axis. Expected: the last axes, without a gap. Received: 1."),
        ("RMSNormalization", {"axis": [1, 3]}, (6, 6, 6), "RMSNormalization: invalid axis. Expected: the last axes, without a gap. Received: 1, 3."),
        ("UnitNormalization", {"axis": 2}, (6,), "UnitNormalization: invalid axis. Expected: -1, or 1 to 1. Received: 2."),
        ("LocalResponseNormalization", {}, (8, None), "LocalResponseNormalization: invalid input. Expected: a known size"),
        ("SpectralNormalization", {"block": "Conv2D"}, (6,), "Conv2D: invalid input. Expected: a picture"),
        ("SpectralNormalization", {"block": "Embedding"}, (6,), "Embedding: invalid input. Expected: whole numbers."),
    ],
)
def test_what_does_not_fit_is_refused_with_advice(name: str, params: dict[str, Any], shape: tuple[int | None, ...], text: str) -> None:
    errors = analyse(graph_of(name, params, [Spec(shape)])).errors
    assert len(errors) == 1
    assert errors[0].text.startswith(text)
    assert errors[0].fix


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("GroupNormalization", {"groups": 0}),
        ("BatchNormalization", {"axis": 0}),
        ("BatchNormalization", {"renorm": True, "rmin": 2.0, "rmax": 1.0}),
        ("LayerNormalization", {"axis": [1, -1]}),
        ("LayerNormalization", {"axis": [2, 2]}),
        ("SpectralNormalization", {"block": "LSTM"}),
        ("SpectralNormalization", {"block": "SeparableConv2D"}),
        ("SpectralNormalization", {"block": "SpectralNormalization"}),
    ],
)
def test_senseless_values_are_refused(name: str, params: dict[str, Any]) -> None:
    with pytest.raises(blocks.InvalidValueError, match=rf"^{name}: "):
        blocks.get(name).read(params)


@pytest.mark.parametrize(
    ("name", "params", "shape"),
    [
        ("BatchNormalization", {"renorm": True, "scale": False, "rmax": 3.0}, (5, 6)),
        ("BatchNormalization", {"axis": 1, "center": False, "synchronized": True}, (5, 6)),
        ("LayerNormalization", {"axis": [1, 3], "center": False}, (5, 2, 6)),
        ("GroupNormalization", {"axis": 2, "groups": -1}, (5, 4, 6)),
        ("GroupNormalization", {"axis": 1, "groups": 5}, (5, None, 6)),
        ("RMSNormalization", {"axis": [1, 2]}, (5, 6)),
        ("SpectralNormalization", {"block": {"block": "Conv2DTranspose", "params": {"filters": 3, "strides": 3}}}, (5, 4, 6)),
        ("SpectralNormalization", {"block": {"block": "Dense", "params": {"units": 3, "dtype": "float64"}}}, (5, 6)),
        ("SpectralNormalization", {"block": {"block": "EinsumDense", "params": {"output_shape": [3]}}, "dtype": "bfloat16"}, (5, 6)),
    ],
)
def test_figures_are_those_of_the_layer(name: str, params: dict[str, Any], shape: tuple[int | None, ...]) -> None:
    known = tuple(size or 7 for size in shape)
    check_layer(name, params, [Spec(known)])
    assert not analyse(graph_of(name, params, [Spec(shape)])).errors


def test_spectral_normalization_of_an_embedding_takes_large_numbers_in_mixed_precision() -> None:
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        params = {"block": {"block": "Embedding", "params": {"input_dim": 1000, "output_dim": 3}}}
        _, model = check_built("SpectralNormalization", params, [Spec((5,), "int32")])
        embeddings = model.layers[-1].layer.embeddings
        numbers = np.int32([[0, 257, 259, 998, 999]])
        expected = np.asarray(embeddings)[numbers]
        np.testing.assert_allclose(np.asarray(model(numbers)).astype("float32"), expected, atol=1e-3)
    finally:
        keras.config.set_dtype_policy(before)


def test_a_network_learns_with_every_normalization() -> None:
    for name in ("BatchNormalization", "GroupNormalization", "GlobalResponseNormalization", "LocalResponseNormalization", "LayerScale"):
        params = {"groups": 2} if name == "GroupNormalization" else {}
        model = build(graph_of(name, params, [Spec((4, 4, 4))]))
        model.compile("sgd", "mse")
        model.fit(np.ones((4, 4, 4, 4)), np.zeros((4, 4, 4, 4)), verbose=0)
