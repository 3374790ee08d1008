"""Dense blocks, stacked as DenseNets whose figures are printed."""

from __future__ import annotations

from typing import Any

import pytest

from blocks import analyse
from blocks.base import Block
from blocks.composite.dense_block import DenseBlock, Transition
from blocks.convolution import Conv2D
from blocks.spec import Spec
from tests.blocks.composite.counting import classifier, figures, giga, imagenet_stem, normalised
from tests.blocks.samples import graph_of


def blocks_of(layers: tuple[int, ...], compression: float, **params: Any) -> list[Block]:
    found: list[Block] = []
    for number in layers:
        found += [DenseBlock(layers=number, **params), Transition(compression=compression)]
    return found[:-1]


def test_the_first_block_of_densenet_121() -> None:
    """6 layers of growth 32 on 64 channels; by hand, trainable: the layer with c channels has 2 c + 128 c + 2 * 128 + 9 * 128 * 32."""
    found = figures((56, 56, 64), DenseBlock(layers=6, growth_rate=32))
    assert found.trainable_weights == sum(130 * (64 + 32 * number) + 256 + 36_864 for number in range(6)) == 335_040
    assert found.nodes["n0"].output_shapes == ((56, 56, 256),)
    assert found.nodes["n0/layer3/conv1"].input_shapes == ((56, 56, 128),)


@pytest.mark.parametrize(
    ("layers", "weights", "billions"),
    [((6, 12, 24, 16), 7_978_856, 2.834), ((6, 12, 48, 32), 20_013_928, 4.291)],  # DenseNet-121 and -201: torchvision, keras.applications
)
def test_imagenet(layers: tuple[int, ...], weights: int, billions: float) -> None:
    found = figures((224, 224, 3), *imagenet_stem(), *blocks_of(layers, 0.5), *normalised(), *classifier())
    assert found.trainable_weights == weights
    assert giga(found) == billions


def test_cifar() -> None:
    """The paper's table 2: L = 100, k = 12 with bottleneck and compression 0.8 million (pytorchcv), L = 40, k = 12 without both 1.0 million."""

    def net(first: int, layers: int, compression: float, bottleneck: int) -> int:
        stem = Conv2D(filters=first, kernel_size=3, padding="same", use_bias=False)
        made = blocks_of((layers,) * 3, compression, growth_rate=12, bottleneck=bottleneck)
        return figures((32, 32, 3), stem, *made, *normalised(), *classifier(10)).trainable_weights

    assert net(24, 16, 0.5, 4) == 769_162
    assert net(16, 12, 1.0, 0) == 1_019_722


@pytest.mark.parametrize(("compression", "channels", "left"), [(0.5, 7, 3), (0.7, 10, 7), (1.0, 5, 5), (0.1, 30, 3)])
def test_compression_rounds_down(compression: float, channels: int, left: int) -> None:
    assert figures((9, 8, channels), Transition(compression=compression)).nodes["n0"].output_shapes == ((4, 4, left),)


@pytest.mark.parametrize(("shape", "compression"), [((1, 8, 6), 0.5), ((8, 8, 6), 0.1)])
def test_what_leaves_nothing_is_refused(shape: tuple[int, ...], compression: float) -> None:
    (message,) = analyse(graph_of("Transition", {"compression": compression}, [Spec(shape)])).errors
    assert message.text.startswith("Transition: invalid ")
