"""Composites, stacked as networks of keras.applications, compute what these compute.

Every weight gets numbers that depend on its name and shape alone, so that it doesn't matter in which order two networks hold them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from blocks import build
from blocks.activation import Activation, ReLU
from blocks.base import Block
from blocks.composite.convnext import ConvNeXtBlock
from blocks.composite.dense_block import DenseBlock, Transition
from blocks.composite.inception import InceptionA, InceptionB, InceptionC
from blocks.composite.inception_reduction import InceptionReductionA, InceptionReductionB, InceptionResNetReductionB
from blocks.composite.inception_residual import InceptionResNetA, InceptionResNetB, InceptionResNetC
from blocks.composite.mobile import DepthwiseSeparable, InvertedResidual, MBConv
from blocks.composite.residual import ResidualStage
from blocks.convolution import Conv2D
from blocks.normalization import BatchNormalization, LayerNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.reshaping import ZeroPadding2D
from tests.blocks.composite.counting import chain
from tests.blocks.composite.test_mobile import SMALL

RESNET_EPSILON = 1.001e-5
ROLES = {"depthwise_kernel": "kernel", "moving_variance": "variance"}


def filled(model: keras.Model) -> keras.Model:
    """The model with weights that follow from their names and shapes."""
    for variable in model.weights:
        role, shape = variable.name, tuple(variable.shape)
        if "layer_scale" in variable.path:  # which keras.applications gives no name
            role = "factor"
        role = ROLES.get(role, role)
        counted = tuple(size for size in shape if size > 1)  # a dense layer is a 1x1 convolution, one of as many groups as channels a depthwise one
        random = np.random.default_rng(zlib.crc32(f"{role}{counted}".encode()))
        values = random.normal(0.0, 1.0 / np.sqrt(np.prod(counted[:-1]) if role == "kernel" else 16), shape)
        variable.assign(np.abs(values) + 0.8 if role in ("gamma", "variance", "factor") else values)
    return model


def compare(reference: keras.Model, *blocks: Block) -> None:
    """Both give the same for random pictures (measured against the size of the numbers)."""
    shape = reference.input_shape[1:]
    ours = build(chain(shape, *blocks))
    assert ours.count_params() == reference.count_params()
    x = np.random.default_rng(0).normal(size=(2, *shape)).astype("float32")
    expected = np.asarray(filled(reference)(x, training=False))
    assert np.isfinite(expected).all()
    assert expected.std() > 0
    np.testing.assert_allclose(np.asarray(filled(ours)(x, training=False)) / np.abs(expected).max(), expected / np.abs(expected).max(), atol=2e-5)


def application(name: str, size: int, **params: Any) -> keras.Model:
    made: Callable[..., keras.Model] = getattr(keras.applications, name)
    return made(weights=None, include_top=False, pooling="avg", input_shape=(size, size, 3), **params)


def unit(filters: int, kernel_size: int, strides: int, function: str, padding: str = "same", epsilon: float = 1e-3, **params: Any) -> list[Block]:
    convolution = Conv2D.read({"filters": filters, "kernel_size": kernel_size, "strides": strides, "padding": padding, "use_bias": False})
    return [convolution, BatchNormalization(epsilon=epsilon, **params), Activation.read({"activation": function})]


MEAN = GlobalAveragePooling2D()
PADDED = ZeroPadding2D(padding=3)
POOL = [ZeroPadding2D(padding=1), MaxPooling2D(pool_size=3, strides=2)]

INCEPTION_STEM = ((32, 3, 2, "valid"), (32, 3, 1, "valid"), (64, 3, 1, "same"), (0, 0, 0, ""), (80, 1, 1, "valid"), (192, 3, 1, "valid"))
"""Filters, window, strides and padding; without filters a pooling."""


def test_resnet50() -> None:
    made = [
        ResidualStage(
            kind="bottleneck", strides_in="1x1", use_bias=True, epsilon=RESNET_EPSILON, blocks=blocks, filters=filters,
            strides=1 if filters == 64 else 2,
        )
        for filters, blocks in ((64, 3), (128, 4), (256, 6), (512, 3))
    ]  # fmt: skip
    stem = [PADDED, Conv2D(filters=64, kernel_size=7, strides=2), BatchNormalization(epsilon=RESNET_EPSILON), ReLU(), *POOL]
    compare(application("ResNet50", 64), *stem, *made, MEAN)


def test_densenet121() -> None:
    made: list[Block] = []
    for layers in (6, 12, 24, 16):
        made += [DenseBlock(layers=layers, epsilon=RESNET_EPSILON), Transition(epsilon=RESNET_EPSILON)]
    stem = [PADDED, *unit(64, 7, 2, "relu", "valid", RESNET_EPSILON), *POOL]
    compare(application("DenseNet121", 64), *stem, *made[:-1], BatchNormalization(epsilon=RESNET_EPSILON), ReLU(), MEAN)


def test_mobilenet() -> None:
    rows = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    made = [DepthwiseSeparable(filters=filters, strides=strides) for filters, strides in rows]
    compare(application("MobileNet", 64), *unit(32, 3, 2, "relu6"), *made, MEAN)


def test_mobilenet_v2() -> None:
    rows = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    made = [
        InvertedResidual(filters=filters, expansion=expansion, strides=strides if not number else 1)
        for expansion, filters, repeats, strides in rows for number in range(repeats)
    ]  # fmt: skip
    compare(application("MobileNetV2", 64), *unit(32, 3, 2, "relu6"), *made, *unit(1280, 1, 1, "relu6"), MEAN)


@pytest.mark.slow
def test_efficientnet_b0() -> None:
    """But for the preparation of pictures at its beginning: the reference starts behind it."""
    whole = application("EfficientNetB0", 64)
    start = next(layer for layer in whole.layers if layer.name == "stem_conv_pad")
    reference = keras.Model(start.input, whole.output)
    rows = [(1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 5, 40, 2, 2), (6, 3, 80, 3, 2), (6, 5, 112, 3, 1), (6, 5, 192, 4, 2), (6, 3, 320, 1, 1)]
    made = [
        MBConv(expansion=expansion, kernel_size=window, filters=filters, strides=strides if not number else 1)
        for expansion, window, filters, repeats, strides in rows for number in range(repeats)
    ]  # fmt: skip
    compare(reference, *unit(32, 3, 2, "silu"), *made, *unit(1280, 1, 1, "silu"), MEAN)


@pytest.mark.slow
def test_inception_v3() -> None:
    stem: list[Block] = []
    for filters, size, strides, padding in INCEPTION_STEM:
        stem += unit(filters, size, strides, "relu", padding, scale=False) if filters else [MaxPooling2D(pool_size=3, strides=2)]
    stem.append(MaxPooling2D(pool_size=3, strides=2))
    made: list[Block] = [
        *(InceptionA(filters_pool=pool, learned_scale=False) for pool in (32, 64, 64)),
        InceptionReductionA(learned_scale=False),
        *(InceptionB(filters_7x7_reduce=width, filters_7x7_middle=width, learned_scale=False) for width in (128, 160, 160, 192)),
        InceptionReductionB(learned_scale=False),
        *(InceptionC(learned_scale=False) for _ in range(2)),
    ]
    compare(application("InceptionV3", 96), *stem, *made, MEAN)


@pytest.mark.slow
def test_resnet50_v2() -> None:
    made = [
        ResidualStage(
            kind="pre_activation_bottleneck", strides_at="last", shortcut="pooling", use_bias=True, epsilon=RESNET_EPSILON, symmetric_padding=True,
            blocks=blocks, filters=filters, strides=2 if filters < 512 else 1,
        )
        for filters, blocks in ((64, 3), (128, 4), (256, 6), (512, 3))
    ]  # fmt: skip
    stem = [PADDED, Conv2D(filters=64, kernel_size=7, strides=2), *POOL]
    compare(application("ResNet50V2", 64), *stem, *made, BatchNormalization(epsilon=RESNET_EPSILON), ReLU(), MEAN)


@pytest.mark.slow
def test_mobilenet_v3_small() -> None:
    made = [
        InvertedResidual.read(
            {"kernel_size": window, "expanded_filters": inner, "filters": filters, "activation": activation, "strides": strides}
            | ({"squeeze_excitation": 4} if weighed else {})
        )
        for window, inner, filters, weighed, activation, strides in SMALL
    ]
    reference = application("MobileNetV3Small", 64, include_preprocessing=False)
    compare(reference, *unit(16, 3, 2, "hard_silu"), *made, *unit(576, 1, 1, "hard_silu"), MEAN)


@pytest.mark.slow
def test_inception_resnet_v2() -> None:
    stem: list[Block] = []
    for filters, size, strides, padding in INCEPTION_STEM:
        stem += unit(filters, size, strides, "relu", padding, scale=False) if filters else [MaxPooling2D(pool_size=3, strides=2)]
    stem.append(MaxPooling2D(pool_size=3, strides=2))
    made: list[Block] = [
        InceptionA(filters_1x1=96, learned_scale=False),
        *[InceptionResNetA(learned_scale=False)] * 10,
        InceptionReductionA(filters_double_reduce=256, filters_double_middle=256, filters_double=384, learned_scale=False),
        *[InceptionResNetB(learned_scale=False)] * 20,
        InceptionResNetReductionB(learned_scale=False),
        *[InceptionResNetC(learned_scale=False)] * 9,
        InceptionResNetC(scale=1.0, last_activation=False, learned_scale=False),
        *unit(1536, 1, 1, "relu", scale=False),
    ]
    compare(application("InceptionResNetV2", 96), *stem, *made, MEAN)


@pytest.mark.slow
def test_convnext_tiny() -> None:
    made: list[Block] = [Conv2D(filters=96, kernel_size=4, strides=4), LayerNormalization(epsilon=1e-6)]
    for number, (filters, blocks) in enumerate(((96, 3), (192, 3), (384, 9), (768, 3))):
        if number:
            made += [LayerNormalization(epsilon=1e-6), Conv2D(filters=filters, kernel_size=2, strides=2)]
        made += [ConvNeXtBlock()] * blocks
    compare(application("ConvNeXtTiny", 64, include_preprocessing=False), *made, MEAN, LayerNormalization(epsilon=1e-6))
