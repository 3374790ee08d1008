"""EfficientChannelAttention, against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from blocks import analyse
from blocks.layers.eca import EfficientChannelAttention
from blocks.spec import Spec
from tests.blocks.samples import graph_of

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("sizes", [(7,), (4, 5), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("kernel_size", [None, 1, 3, 5])
def test_as_the_paper_says(kernel_size: int | None, sizes: tuple[int, ...]) -> None:
    x = RANDOM.normal(size=(3, *sizes, 9)).astype("float32")
    layer = EfficientChannelAttention(kernel_size=kernel_size)
    layer.build(x.shape)
    layer.set_weights([RANDOM.normal(size=variable.shape) for variable in layer.weights])
    window = layer.weights[0].numpy()[:, 0, 0].astype("float64")
    half = len(window) // 2
    means = np.pad(x.reshape(3, -1, 9).astype("float64").mean(1), [(0, 0), (half, half)])
    gates = 1 / (1 + np.exp(-np.stack([means[:, c : c + len(window)] @ window for c in range(9)], 1)))
    np.testing.assert_allclose(layer(x), x * gates.reshape(3, *(1 for _ in sizes), 9), atol=1e-5)


@pytest.mark.parametrize(("channels", "window"), [(1, 1), (8, 3), (64, 3), (128, 5), (256, 5), (512, 5), (1024, 5), (2048, 7)])
def test_windows_of_the_authors_code(channels: int, window: int) -> None:
    assert analyse(graph_of("EfficientChannelAttention", {}, [Spec((4, 4, channels))])).weights == window


def test_as_many_weights_as_in_eca_resnet_50() -> None:
    added = sum(
        blocks * analyse(graph_of("EfficientChannelAttention", {}, [Spec((7, 7, channels))])).weights
        for blocks, channels in ((3, 256), (4, 512), (6, 1024), (3, 2048))
    )
    assert added == 86
