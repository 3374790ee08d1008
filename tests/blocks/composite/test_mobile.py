"""Blocks for small devices, stacked as networks whose figures are printed."""

from __future__ import annotations

from typing import Any

import pytest

from blocks import analyse
from blocks.base import Block
from blocks.composite.fasternet import FasterNetBlock
from blocks.composite.mobile import DepthwiseSeparable, InvertedResidual, MBConv, multiple_of
from blocks.composite.shuffle import ShuffleUnit, ShuffleUnitV2
from blocks.composite.squeeze import Fire
from blocks.convolution import Conv2D
from blocks.dense import Dense
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.spec import Spec
from tests.blocks.composite.counting import classifier, figures, mega, unit
from tests.blocks.samples import graph_of

IMAGENET = (224, 224, 3)


def test_mobilenet_1() -> None:
    rows = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]  # table 1 of arXiv:1704.04861
    found = figures(IMAGENET, *unit(32, 3, 2), *(DepthwiseSeparable(filters=filters, strides=strides) for filters, strides in rows), *classifier())
    assert found.trainable_weights == 4_231_976  # keras.applications 3.15.1; the paper's table 9 says 4.2 million
    assert mega(found) == 568.74


def test_mobilenet_2() -> None:
    rows = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]  # table 2 of arXiv:1801.04381
    made = [
        InvertedResidual(filters=filters, expansion=expansion, strides=strides if not number else 1)
        for expansion, filters, repeats, strides in rows for number in range(repeats)
    ]  # fmt: skip
    found = figures(IMAGENET, *unit(32, 3, 2), *made, *unit(1280), *classifier())
    assert found.trainable_weights == 3_504_872  # torchvision 0.29.1, keras.applications
    assert mega(found) == 300.77
    assert found.weights == 3_538_984


LARGE = [
    (3, 16, 16, False, "relu", 1), (3, 64, 24, False, "relu", 2), (3, 72, 24, False, "relu", 1), (5, 72, 40, True, "relu", 2),
    (5, 120, 40, True, "relu", 1), (5, 120, 40, True, "relu", 1), (3, 240, 80, False, "hard_silu", 2), (3, 200, 80, False, "hard_silu", 1),
    (3, 184, 80, False, "hard_silu", 1), (3, 184, 80, False, "hard_silu", 1), (3, 480, 112, True, "hard_silu", 1),
    (3, 672, 112, True, "hard_silu", 1), (5, 672, 160, True, "hard_silu", 2), (5, 960, 160, True, "hard_silu", 1),
    (5, 960, 160, True, "hard_silu", 1),
]  # fmt: skip
SMALL = [
    (3, 16, 16, True, "relu", 2), (3, 72, 24, False, "relu", 2), (3, 88, 24, False, "relu", 1), (5, 96, 40, True, "hard_silu", 2),
    (5, 240, 40, True, "hard_silu", 1), (5, 240, 40, True, "hard_silu", 1), (5, 120, 48, True, "hard_silu", 1), (5, 144, 48, True, "hard_silu", 1),
    (5, 288, 96, True, "hard_silu", 2), (5, 576, 96, True, "hard_silu", 1), (5, 576, 96, True, "hard_silu", 1),
]  # fmt: skip
"""Tables 1 and 2 of arXiv:1905.02244: window, inner channels, filters, weighing, activation, strides."""


@pytest.mark.parametrize(
    ("rows", "last", "head", "weights", "millions"), [(LARGE, 960, 1280, 5_483_032, 216.59), (SMALL, 576, 1024, 2_542_856, 56.51)]
)  # torchvision 0.29.1
def test_mobilenet_3(rows: list[tuple[Any, ...]], last: int, head: int, weights: int, millions: float) -> None:
    made = [
        InvertedResidual.read(
            {"kernel_size": window, "expanded_filters": inner, "filters": filters, "activation": activation, "strides": strides}
            | ({"squeeze_excitation": 4} if weighed else {})
        )
        for window, inner, filters, weighed, activation, strides in rows
    ]  # fmt: skip
    end: list[Block] = [GlobalAveragePooling2D(), Dense(units=head), Dense(units=1000)]
    found = figures(IMAGENET, *unit(16, 3, 2), *made, *unit(last), *end)
    assert found.trainable_weights == weights
    assert mega(found) == millions


def test_efficientnet_b0() -> None:
    rows = [
        (1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 5, 40, 2, 2), (6, 3, 80, 3, 2), (6, 5, 112, 3, 1), (6, 5, 192, 4, 2), (6, 3, 320, 1, 1),
    ]  # fmt: skip
    made = [
        MBConv(expansion=expansion, kernel_size=window, filters=filters, strides=strides if not number else 1)
        for expansion, window, filters, repeats, strides in rows for number in range(repeats)
    ]  # fmt: skip
    found = figures(IMAGENET, *unit(32, 3, 2), *made, *unit(1280), *classifier())
    assert found.trainable_weights == 5_288_548  # torchvision 0.29.1, keras.applications; table 1 of arXiv:1905.11946
    assert mega(found) == 385.81
    assert found.nodes["n3/excitation"].weights == 8 * 65 + 32  # of the first block: 32 / 4 units in the middle over 32 channels


@pytest.mark.parametrize(
    ("value", "step", "expected"), [(16 / 4, 8, 8), (72 / 4, 8, 24), (120 / 4, 8, 32), (96 / 4, 8, 24), (20, 8, 24), (36, 8, 40)]
)
def test_multiples(value: float, step: int, expected: int) -> None:
    assert multiple_of(value, step) == expected


@pytest.mark.parametrize(
    ("first", "rows", "weights"),
    [
        # tables 1 of arXiv:1602.07360 and of its repository's version 1.1; torchvision 0.29.1
        ((96, 7), [(16, 64), (16, 64), (32, 128), None, (32, 128), (48, 192), (48, 192), (64, 256), None, (64, 256)], 1_248_424),
        ((64, 3), [(16, 64), (16, 64), None, (32, 128), (32, 128), None, (48, 192), (48, 192), (64, 256), (64, 256)], 1_235_496),
    ],
)
def test_squeezenet(first: tuple[int, int], rows: list[tuple[int, int] | None], weights: int) -> None:
    pool = MaxPooling2D(pool_size=3, strides=2)
    made: list[Block] = [Fire(squeeze_filters=row[0], expand_filters=row[1]) if row else pool for row in rows]
    stem = Conv2D(filters=first[0], kernel_size=first[1], strides=2)
    assert figures(IMAGENET, stem, pool, *made, Conv2D(filters=1000, kernel_size=1), GlobalAveragePooling2D()).trainable_weights == weights


@pytest.mark.parametrize(("groups", "width", "weights", "millions"), [(1, 144, 1_531_936, 143.08), (3, 240, 1_865_728, 137.46)])  # pytorchcv 0.0.74
def test_shufflenet_1(groups: int, width: int, weights: int, millions: float) -> None:
    made: list[Block] = []
    for number, repeats in enumerate((4, 8, 4)):  # table 1 of arXiv:1707.01083
        made.append(ShuffleUnit(filters=width * 2**number, groups=groups, strides=2, group_first=number > 0))
        made += [ShuffleUnit(groups=groups) for _ in range(repeats - 1)]
    found = figures(IMAGENET, *unit(24, 3, 2), MaxPooling2D(pool_size=3, strides=2, padding="same"), *made, *classifier())
    assert found.trainable_weights == weights
    assert mega(found) == millions


def test_shufflenet_2() -> None:
    made: list[Block] = []
    for width, repeats in ((116, 4), (232, 8), (464, 4)):  # table 5 of arXiv:1807.11164
        made += [ShuffleUnitV2(filters=width, strides=2), *[ShuffleUnitV2()] * (repeats - 1)]
    found = figures(IMAGENET, *unit(24, 3, 2), MaxPooling2D(pool_size=3, strides=2, padding="same"), *made, *unit(1024), *classifier())
    assert found.trainable_weights == 2_278_604  # torchvision 0.29.1
    assert mega(found) == 144.91


@pytest.mark.parametrize(
    ("width", "depths", "activation", "weights", "millions"),
    [(40, (1, 2, 8, 2), "gelu", 3_905_500, 335.42), (192, (3, 4, 18, 3), "relu", 93_465_192, 15_494)],  # JierunChen/FasterNet: T0 and L
)
def test_fasternet(width: int, depths: tuple[int, ...], activation: str, weights: int, millions: float) -> None:
    made: list[Block] = []
    for number, depth in enumerate(depths):
        side = 4 if number == 0 else 2
        made += [Conv2D(filters=width * 2**number, kernel_size=side, strides=side, use_bias=False), BatchNormalization()]
        made += [FasterNetBlock.read({"activation": activation})] * depth
    end: list[Block] = [GlobalAveragePooling2D(), Dense(units=1280, use_bias=False), Dense(units=1000)]
    found = figures(IMAGENET, *made, *end)
    assert found.trainable_weights == weights
    assert mega(found) == millions if millions < 1000 else round(found.multiply_adds / 1e6) == millions


@pytest.mark.parametrize(
    ("name", "params", "field"),
    [
        ("Fire", {"bypass": True}, "bypass"),
        ("ShuffleUnit", {"groups": 4}, "groups"),
        ("ShuffleUnit", {"filters": 12}, "filters"),
        ("ShuffleUnit", {"filters": 6, "strides": 2}, "filters"),
        ("ShuffleUnitV2", {"filters": 8}, "filters"),
        ("ShuffleUnitV2", {"filters": 7, "strides": 2}, "filters"),
        ("FasterNetBlock", {"n_div": 7}, "n_div"),
    ],
)
def test_what_does_not_fit_is_one_problem(name: str, params: dict[str, Any], field: str) -> None:
    (message,) = analyse(graph_of(name, params, [Spec((8, 8, 6))])).errors
    assert message.text.startswith(f"{name}: invalid {field}. Expected: ")


def test_odd_channels_of_shufflenet_2() -> None:
    (message,) = analyse(graph_of("ShuffleUnitV2", {}, [Spec((8, 8, 7))])).errors
    assert message.text.startswith("ShuffleUnitV2: invalid input. Expected: an even number of channels. Received: 7.")


@pytest.mark.parametrize("size", [7, 8, 9])
def test_steps_round_up(size: int) -> None:
    for block in (ShuffleUnit(strides=2), ShuffleUnitV2(strides=2), MBConv(strides=2), DepthwiseSeparable(strides=2), InvertedResidual(strides=2)):
        shape = figures((size, 8, 6), block).nodes["n0"].output_shapes[0]
        assert shape[:2] == (-(-size // 2), 4), type(block).__name__
