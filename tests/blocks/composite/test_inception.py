"""Inception modules, stacked as networks whose figures are printed; stems and heads are counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from blocks import analyse
from blocks.base import Block
from blocks.composite.inception import InceptionA, InceptionB, InceptionC, InceptionV1
from blocks.composite.inception_reduction import InceptionReductionA, InceptionReductionB, InceptionResNetReductionB
from blocks.composite.inception_residual import InceptionResNetA, InceptionResNetB, InceptionResNetC
from blocks.pooling import MaxPooling2D
from blocks.spec import Spec
from tests.blocks.composite.counting import figures
from tests.blocks.samples import graph_of

V1 = ("filters_1x1", "filters_3x3_reduce", "filters_3x3", "filters_5x5_reduce", "filters_5x5", "filters_pool")
A = ("filters_1x1", "filters_window_reduce", "filters_window", "filters_double_reduce", "filters_double", "filters_pool")
RA = ("filters_3x3_reduce", "filters_3x3", "filters_double_reduce", "filters_double_middle", "filters_double")
HALVED = MaxPooling2D(pool_size=3, strides=2, padding="same")

GOOGLENET = (
    (64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64), None,
    (192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64), (112, 144, 288, 32, 64, 64),
    (256, 160, 320, 32, 128, 128), None,
    (256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128),
)  # fmt: skip
"""Table 1 of arXiv:1409.4842, from 3a to 5b; None is a pooling."""


def normalised_unit(entering: int, leaving: int, places: int, trained: int = 2) -> int:
    """Trainable weights of a convolution without bias and its normalisation."""
    return entering * leaving * places + trained * leaving


def test_module_3a() -> None:
    found = figures((28, 28, 192), InceptionV1())
    assert found.weights == 163_696  # by hand: 64 * 193 + 96 * 193 + 128 * 865 + 16 * 193 + 32 * 401 + 32 * 193
    assert found.nodes["n0"].output_shapes == ((28, 28, 256),)


@pytest.mark.parametrize(
    ("params", "stem", "weights"),
    [
        # 7x7, 1x1 and 3x3 convolutions with bias; bvlc_googlenet
        ({}, 3 * 64 * 49 + 64 + 64 * 65 + (64 * 9 + 1) * 192, 6_998_552),
        # torchvision 0.29.1
        (
            {"batch_normalization": True, "window": 3},
            normalised_unit(3, 64, 49) + normalised_unit(64, 64, 1) + normalised_unit(64, 192, 9),
            6_624_904,
        ),
    ],
)
def test_googlenet(params: dict[str, Any], stem: int, weights: int) -> None:
    modules: list[Block] = [InceptionV1(**dict(zip(V1, row, strict=True)), **params) if row else HALVED for row in GOOGLENET]
    found = figures((28, 28, 192), *modules)
    assert found.nodes[f"n{len(modules) - 1}"].output_shapes == ((7, 7, 1024),)
    assert found.trainable_weights + stem + 1025 * 1000 == weights


def test_batch_normalised_inception() -> None:
    """Version 2 with the biases of the Caffe files (Cadene's pretrainedmodels 0.7.4, pytorchcv): 11,295,240."""

    def a(*widths: int, **params: Any) -> InceptionA:
        return InceptionA(**dict(zip(A, widths, strict=True)), window=3, use_bias=True, **params)

    def step(*widths: int) -> InceptionReductionA:
        return InceptionReductionA(**dict(zip(RA, widths, strict=True)), padding="same", use_bias=True)

    found = figures(
        (28, 28, 192),
        a(64, 64, 64, 64, 96, 32), a(64, 64, 96, 64, 96, 64), step(128, 160, 64, 96, 96),
        a(224, 64, 96, 96, 128, 128), a(192, 96, 128, 96, 128, 128), a(160, 128, 160, 128, 160, 128), a(96, 128, 192, 160, 192, 128),
        step(128, 192, 192, 256, 256),
        a(352, 192, 320, 160, 224, 128), a(352, 192, 320, 192, 224, 128, pooling="max"),
    )  # fmt: skip
    assert found.nodes["n9"].output_shapes == ((7, 7, 1024),)
    stem = 3 * 64 * 49 + 64 * 64 + 64 * 192 * 9 + 3 * (64 + 64 + 192)
    assert found.trainable_weights + stem + 1025 * 1000 == 11_295_240


@pytest.mark.parametrize(("learned_scale", "trained", "weights"), [(True, 2, 23_834_568), (False, 1, 23_817_352)])  # torchvision; keras.applications
def test_version_3(learned_scale: bool, trained: int, weights: int) -> None:
    modules: list[Block] = [
        *(InceptionA(filters_pool=pool, learned_scale=learned_scale) for pool in (32, 64, 64)),
        InceptionReductionA(learned_scale=learned_scale),
        *(InceptionB(filters_7x7_reduce=width, filters_7x7_middle=width, learned_scale=learned_scale) for width in (128, 160, 160, 192)),
        InceptionReductionB(learned_scale=learned_scale),
        *(InceptionC(learned_scale=learned_scale) for _ in range(2)),
    ]
    found = figures((35, 35, 192), *modules)
    assert [found.nodes[f"n{number}"].output_shapes[0] for number in (2, 3, 7, 8, 10)] == [
        (35, 35, 288), (17, 17, 768), (17, 17, 768), (8, 8, 1280), (8, 8, 2048),
    ]  # fmt: skip
    units = ((3, 32, 9), (32, 32, 9), (32, 64, 9), (64, 80, 1), (80, 192, 9))
    assert found.trainable_weights + sum(normalised_unit(*unit, trained) for unit in units) + 2049 * 1000 == weights


def test_version_4() -> None:
    """42,679,816 (timm 1.0.31)."""
    modules: list[Block] = [
        *(InceptionA(**dict(zip(A, (96, 64, 96, 64, 96, 96), strict=True)), window=3) for _ in range(4)),
        InceptionReductionA(filters_double_reduce=192, filters_double_middle=224, filters_double=256),
        *(
            InceptionB(filters_1x1=384, filters_7x7_reduce=192, filters_7x7_middle=224, filters_7x7=256, filters_pool=128)
            for _ in range(7)
        ),
        InceptionReductionB(filters_3x3=192, filters_7x7_reduce=256, filters_7x7=320),
        *(
            InceptionC(
                filters_1x1=256, filters_3x3=256, filters_double_reduce=384, filters_double_1x3=448, filters_double=512, filters_pool=256
            )
            for _ in range(3)
        ),
    ]  # fmt: skip
    found = figures((35, 35, 384), *modules)
    assert [found.nodes[f"n{number}"].output_shapes[0] for number in (3, 4, 12, 15)] == [(35, 35, 384), (17, 17, 1024), (8, 8, 1536), (8, 8, 1536)]
    units = (
        (3, 32, 9), (32, 32, 9), (32, 64, 9), (64, 96, 9), (160, 64, 1), (64, 96, 9), (160, 64, 1), (64, 64, 7), (64, 64, 7), (64, 96, 9),
        (192, 192, 9),
    )  # fmt: skip
    assert found.trainable_weights + sum(normalised_unit(*unit) for unit in units) + 1537 * 1000 == 42_679_816


@pytest.mark.parametrize(("learned_scale", "trained", "weights"), [(True, 2, 55_843_464), (False, 1, 55_813_192)])  # timm; keras.applications
def test_inception_resnet_2(learned_scale: bool, trained: int, weights: int) -> None:
    shared: dict[str, Any] = {"learned_scale": learned_scale}
    modules: list[Block] = [
        InceptionA(filters_1x1=96, **shared),
        *(InceptionResNetA(**shared) for _ in range(10)),
        InceptionReductionA(filters_double_reduce=256, filters_double_middle=256, filters_double=384, **shared),
        *(InceptionResNetB(**shared) for _ in range(20)),
        InceptionResNetReductionB(**shared),
        *(InceptionResNetC(**shared) for _ in range(9)),
        InceptionResNetC(scale=1.0, last_activation=False, **shared),
    ]
    found = figures((35, 35, 192), *modules)
    assert [found.nodes[f"n{number}"].output_shapes[0] for number in (0, 11, 32, 42)] == [(35, 35, 320), (17, 17, 1088), (8, 8, 2080), (8, 8, 2080)]
    units = ((3, 32, 9), (32, 32, 9), (32, 64, 9), (64, 80, 1), (80, 192, 9), (2080, 1536, 1))
    assert found.trainable_weights + sum(normalised_unit(*unit, trained) for unit in units) + 1537 * 1000 == weights


def test_inception_resnet_1() -> None:
    """24,357,096: 22,564,096 before the dense layer (facenet's code, which ends in a sixth module C without activation)."""
    narrow = {"filters_double_reduce": 32, "filters_double_middle": 32, "filters_double": 32}
    modules: list[Block] = [
        *(InceptionResNetA(**narrow) for _ in range(5)),
        InceptionReductionA(filters_double_reduce=192, filters_double_middle=192, filters_double=256),
        *(InceptionResNetB(filters_1x1=128, filters_middle=128, filters_last=128) for _ in range(10)),
        InceptionResNetReductionB(filters_second=256, filters_double_middle=256, filters_double=256),
        *(InceptionResNetC(filters_middle=192, filters_last=192) for _ in range(5)),
        InceptionResNetC(filters_middle=192, filters_last=192, scale=1.0, last_activation=False),
    ]
    found = figures((35, 35, 256), *modules)
    assert found.nodes[f"n{len(modules) - 1}"].output_shapes == ((8, 8, 1792),)
    units = ((3, 32, 9), (32, 32, 9), (32, 64, 9), (64, 80, 1), (80, 192, 9), (192, 256, 9))
    assert found.trainable_weights + sum(normalised_unit(*unit) for unit in units) == 22_564_096


@pytest.mark.parametrize("name", ["InceptionReductionA", "InceptionReductionB", "InceptionResNetReductionB"])
def test_too_small_a_picture_is_one_problem(name: str) -> None:
    (message,) = analyse(graph_of(name, {}, [Spec((2, 8, 6))])).errors
    assert message.text.startswith(f"{name}: invalid input. Expected: a height and width of at least 3. Received: 2 x 8 x 6.")
    assert not analyse(graph_of(name, {"padding": "same"}, [Spec((2, 8, 6))])).errors


def test_an_unknown_number_of_channels_is_one_problem() -> None:
    (message,) = analyse(graph_of("InceptionV1", {}, [Spec((8, 8, None))])).errors
    assert message.text.startswith("InceptionV1: invalid input. Expected: a known number of channels.")
