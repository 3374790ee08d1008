"""ChannelAttention and SpatialAttention, against plain numpy, and CBAM as both of them."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from blocks import analyse
from blocks.layers.cbam import ChannelAttention, SpatialAttention
from blocks.spec import Spec
from tests.blocks.samples import graph_of

RANDOM = np.random.default_rng(6)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def given_weights(layer: Any, x: Any) -> dict[str, Any]:
    layer.build(x.shape)
    layer.set_weights([np.abs(RANDOM.normal(size=variable.shape)) for variable in layer.weights])
    return {"/".join(variable.path.split("/")[-2:]): variable.numpy().astype("float64") for variable in layer.weights}


@pytest.mark.parametrize("sizes", [(7,), (4, 5), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("params", [{"ratio": 4}, {"squeezed_channels": 3, "use_bias": False}], ids=str)
def test_channels(params: dict[str, Any], sizes: tuple[int, ...]) -> None:
    x = RANDOM.normal(size=(3, *sizes, 9)).astype("float32")
    layer = ChannelAttention(**params)
    w = given_weights(layer, x)
    listed = x.reshape(3, -1, 9).astype("float64")

    def mlp(values: Any) -> Any:
        return np.maximum(values @ w["squeeze/kernel"] + w.get("squeeze/bias", 0), 0) @ w["excite/kernel"] + w.get("excite/bias", 0)

    gates = sigmoid(mlp(listed.mean(1)) + mlp(listed.max(1)))
    np.testing.assert_allclose(layer(x), x * gates.reshape(3, *(1 for _ in sizes), 9), atol=1e-5)


@pytest.mark.parametrize("sizes", [(9,), (6, 7), (4, 5, 3)], ids=str)
@pytest.mark.parametrize("batch_normalization", [False, True])
@pytest.mark.parametrize("kernel_size", [3, 7])
def test_places(kernel_size: int, batch_normalization: bool, sizes: tuple[int, ...]) -> None:
    x = RANDOM.normal(size=(2, *sizes, 4)).astype("float32")
    layer = SpatialAttention(kernel_size=kernel_size, batch_normalization=batch_normalization)
    w = given_weights(layer, x)
    half = kernel_size // 2
    shown = np.stack([x.mean(-1), x.max(-1)], -1).astype("float64")
    padded = np.pad(shown, [(0, 0), *((half, half) for _ in sizes), (0, 0)])
    sums = np.zeros((2, *sizes))
    for place in product(*(range(size) for size in sizes)):
        window = padded[(slice(None), *(slice(start, start + kernel_size) for start in place))]
        sums[(slice(None), *place)] = (window * w["window/kernel"][..., 0]).reshape(2, -1).sum(1)
    if batch_normalization:
        sums = (sums - w["norm/moving_mean"]) / np.sqrt(w["norm/moving_variance"] + 1e-5) * w["norm/gamma"] + w["norm/beta"]
    np.testing.assert_allclose(layer(x), x * sigmoid(sums)[..., None], atol=1e-5)


def test_as_many_weights_as_in_cbam_resnet_50() -> None:
    """CBAM-ResNet-50 has 28,089,624 weights, ResNet-50 25,557,032: sixteen blocks, 3, 4, 6 and 3 of four widths."""
    added = 0
    for blocks, channels in ((3, 256), (4, 512), (6, 1024), (3, 2048)):
        added += blocks * analyse(graph_of("CBAM", {}, [Spec((7, 7, channels))])).trainable_weights
    assert added == 28_089_624 - 25_557_032
