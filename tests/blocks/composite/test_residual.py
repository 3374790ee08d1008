"""Residual blocks, stacked as networks whose figures are printed; each names its source."""

from __future__ import annotations

from typing import Any

import pytest

import blocks
from blocks import InvalidValueError, analyse
from blocks.base import Block
from blocks.composite.bottleneck import ResidualBottleneck, ResNeXtBlock
from blocks.composite.pre_activation import PreActivationResidual, WideResidual
from blocks.composite.residual import Residual, ResidualStage
from blocks.composite.resnet_in_resnet import GeneralizedResidual, ResNetInResNetBlock
from blocks.convolution import Conv2D
from blocks.merging import Concatenate
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.spec import Spec
from tests.blocks.composite.counting import chain, classifier, figures, giga, imagenet_stem, normalised, unit
from tests.blocks.samples import graph_of

IMAGENET, CIFAR = (224, 224, 3), (32, 32, 3)
FOUR = (64, 128, 256, 512)
DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


def stages(numbers: tuple[int, ...], **params: Any) -> list[Block]:
    """Four stages, all but the first of which halve the size."""
    return [
        ResidualStage(blocks=blocks, filters=filters, strides=1 if filters == FOUR[0] else 2, **params)
        for filters, blocks in zip(FOUR, numbers, strict=True)
    ]


@pytest.mark.parametrize(
    ("depth", "params", "weights", "billions"),
    [
        (50, {}, 25_557_032, 4.089),  # torchvision 0.29.1
        (50, {"strides_in": "1x1"}, 25_557_032, 3.858),  # pytorchcv 0.0.74; the paper's table 1 says 3.8
        (101, {}, 44_549_160, 7.801),  # torchvision
        (50, {"attention": "squeeze_excitation", "strides_in": "1x1"}, 28_088_024, 3.860),  # hujie-frank/SENet, the authors' files
        (50, {"attention": "cbam"}, 28_089_624, 4.096),  # pytorchcv; the paper's table 4 says 28.09 million
    ],
)
def test_bottlenecks_of_imagenet(depth: int, params: dict[str, Any], weights: int, billions: float) -> None:
    found = figures(IMAGENET, *imagenet_stem(), *stages(DEPTHS[depth], kind="bottleneck", **params), *classifier())
    assert found.trainable_weights == weights
    assert giga(found) == billions


def test_biases_as_in_keras_applications() -> None:
    found = figures(
        IMAGENET,
        Conv2D(filters=64, kernel_size=7, strides=2),
        *imagenet_stem()[1:],
        *stages(DEPTHS[50], kind="bottleneck", use_bias=True),
        *classifier(),
    )
    assert (found.weights, found.trainable_weights) == (25_636_712, 25_583_592)  # keras.applications 3.15.1


def test_basic_blocks_of_imagenet() -> None:
    found = figures(IMAGENET, *imagenet_stem(), *stages((2, 2, 2, 2)), *classifier())
    assert found.trainable_weights == 11_689_512  # ResNet-18, in every source
    assert giga(found) == 1.814


@pytest.mark.parametrize(
    ("groups", "widths", "weights", "billions"),
    [(32, (4, 8, 16, 32), 25_028_904, 4.230), (1, (128, 256, 512, 1024), 68_883_240, 11.398)],  # torchvision: ResNeXt-50 32x4d, Wide ResNet-50-2
)
def test_other_widths_of_imagenet(groups: int, widths: tuple[int, ...], weights: int, billions: float) -> None:
    made = [
        ResidualStage(kind="bottleneck", blocks=blocks, filters=filters, strides=1 if filters == 64 else 2, groups=groups, width_per_group=width)
        for filters, blocks, width in zip(FOUR, DEPTHS[50], widths, strict=True)
    ]
    found = figures(IMAGENET, *imagenet_stem(), *made, *classifier())
    assert found.trainable_weights == weights
    assert giga(found) == billions


def test_the_ready_resnext_block() -> None:
    """ResNeXt-29 8x64d: nine blocks for small pictures (pytorchcv; the paper's table 7 says 34.4 million)."""
    made = [
        ResNeXtBlock(filters=filters, cardinality=8, group_width=width, strides=2 if filters > 256 and not number else 1)
        for filters, width in ((256, 64), (512, 128), (1024, 256)) for number in range(3)
    ]  # fmt: skip
    assert figures(CIFAR, *unit(64, 3), *made, *classifier(10)).trainable_weights == 34_426_698


def test_pre_activation_of_imagenet() -> None:
    stem = [*imagenet_stem()[:1], imagenet_stem()[-1]]  # no normalisation: the first block has it
    found = figures(IMAGENET, *stem, *stages(DEPTHS[50], kind="pre_activation_bottleneck"), *normalised(), *classifier())
    assert found.trainable_weights == 25_549_352  # timm 1.0.31, resnetv2_50
    assert giga(found) == 4.089


def test_pre_activation_as_in_keras_applications() -> None:
    """The last block of a stage takes the step, by a shortcut without weights."""
    settings: dict[str, Any] = {"kind": "pre_activation_bottleneck", "strides_at": "last", "shortcut": "pooling", "use_bias": True}
    made = [
        ResidualStage(blocks=blocks, filters=filters, strides=2 if filters < 512 else 1, **settings)
        for filters, blocks in zip(FOUR, DEPTHS[50], strict=True)
    ]
    stem = [Conv2D(filters=64, kernel_size=7, strides=2, padding="same"), imagenet_stem()[-1]]
    found = figures(IMAGENET, *stem, *made, *normalised(), *classifier())
    assert (found.weights, found.trainable_weights) == (25_613_800, 25_568_360)  # keras.applications 3.15.1, ResNet50V2
    assert giga(found) == 3.482


def test_pre_activation_of_cifar() -> None:
    stem = Conv2D(filters=16, kernel_size=3, padding="same", use_bias=False)
    made = [ResidualStage(kind="pre_activation", blocks=3, filters=filters, strides=1 if filters == 16 else 2) for filters in (16, 32, 64)]
    assert figures(CIFAR, stem, *made, *normalised(), *classifier(10)).trainable_weights == 272_282  # pytorchcv, ResNet-20 v2


def test_wide() -> None:
    """WRN-28-10 (the paper's table 5 says 36.5 million, pytorchcv counts them)."""
    stem = Conv2D(filters=16, kernel_size=3, padding="same", use_bias=False)
    made = [WideResidual(filters=filters, strides=2 if filters > 16 and not number else 1) for filters in (16, 32, 64) for number in range(4)]
    found = figures(CIFAR, stem, *made, *normalised(), *classifier(10))
    assert found.trainable_weights == 36_479_194
    assert giga(found) == 5.243


def rir_head(classes: int) -> list[Block]:
    return [Concatenate(), Conv2D(filters=classes, kernel_size=1, use_bias=False), BatchNormalization(), GlobalAveragePooling2D()]


def test_resnet_in_resnet() -> None:
    """16 units of 48, 96 and 192 channels per stream, steps at the 5th and 11th (pytorchcv); its two first convolutions weigh 2 * (27 * 48 + 96)."""
    widths = [48] * 4 + [96] * 6 + [192] * 6
    units = [GeneralizedResidual(filters=width, strides=2 if number in (4, 10) else 1) for number, width in enumerate(widths)]
    found = figures((32, 32, 48), *units, *rir_head(10))
    assert found.trainable_weights + 2 * (27 * 48 + 96) == 9_492_980
    blocks = [ResNetInResNetBlock(filters=widths[2 * number], strides=2 if number in (2, 5) else 1) for number in range(8)]
    assert figures((32, 32, 48), *blocks, *rir_head(10)).trainable_weights == found.trainable_weights


@pytest.mark.parametrize("kind", ["basic", "bottleneck", "pre_activation", "pre_activation_bottleneck"])
@pytest.mark.parametrize("shortcut", ["projection", "padding", "pooling"])
def test_every_shortcut(kind: str, shortcut: str) -> None:
    found = figures((8, 8, 16), ResidualStage.read({"kind": kind, "blocks": 2, "filters": 32, "strides": 2, "shortcut": shortcut, "expansion": 1}))
    projections = {name for name in found.nodes if name.endswith("shortcut_conv")}
    assert projections == (set() if shortcut == "padding" else {"n0/block1/shortcut_conv"})
    same = figures((8, 8, 16), ResidualStage.read({"kind": kind, "blocks": 2, "filters": 16, "strides": 2, "shortcut": shortcut, "expansion": 1}))
    assert any(name.endswith("shortcut_conv") for name in same.nodes) == (shortcut == "projection")


def test_padding_adds_channels_only() -> None:
    (message,) = analyse(graph_of("Residual", {"filters": 4, "shortcut": "padding"}, [Spec((8, 8, 6))])).errors
    assert "can't go from 6 to 4 channels" in message.text


def test_ids_stay() -> None:
    """States of trained networks name their weights by them."""
    found = figures((8, 8, 16), ResidualStage(blocks=1, filters=32, strides=2))
    inner = {name.removeprefix("n0/block1/") for name in found.nodes if name.startswith("n0/block1/")}
    assert inner == {"conv1", "norm1", "relu1", "conv2", "norm2", "add", "relu2", "shortcut_conv", "shortcut_norm"}
    found = figures((8, 8, 16), ResidualStage(blocks=1, filters=32, strides=2, shortcut="padding"))
    assert {"n0/block1/shortcut_pool", "n0/block1/shortcut_swap", "n0/block1/shortcut_pad", "n0/block1/shortcut_swap_back"} <= set(found.nodes)


def test_groups_are_shared_out_or_refused() -> None:
    for block in (ResidualBottleneck, ResidualStage):
        with pytest.raises(InvalidValueError, match=r"groups \(5\) must divide filters \(64\)"):
            block.read({"groups": 5})
    assert ResidualBottleneck.read({"groups": 5, "width_per_group": 2}).inner == 10


def test_options_have_their_place() -> None:
    settings: dict[str, Any] = {"attention": "cbam", "dropout": 0.1, "stochastic_depth": 0.2, "filters": 8}
    for block in (Residual, ResidualBottleneck, PreActivationResidual):
        nodes = chain((8, 8, 8), block.read(settings))
        names = set(analyse(nodes).nodes)
        assert {"n0/attention/channel", "n0/dropout", "n0/stochastic_depth"} <= names


def test_streams_of_two_shapes_are_refused() -> None:
    for name in ("GeneralizedResidual", "ResNetInResNetBlock"):
        (message,) = analyse(graph_of(name, {}, [Spec((8, 8, 6)), Spec((8, 8, 5))])).errors
        assert message.text.startswith(f"{name}: invalid inputs. Expected: two streams of one shape.")


@pytest.mark.parametrize("name", ["Residual", "PreActivationResidual"])
def test_groups_share_out_the_3x3_convolutions(name: str) -> None:
    plain, apart = (analyse(graph_of(name, {"filters": 8, "groups": groups}, [Spec((6, 6, 8))])) for groups in (1, 4))
    assert plain.weights - apart.weights == 2 * 9 * 8 * 8 * 3 // 4
    [error] = analyse(graph_of(name, {"filters": 8, "groups": 4}, [Spec((6, 6, 6))])).errors
    assert "Conv2D: invalid groups. Expected: a divisor of the 6 channels. Received: 4. The nearest is 3." in error.sentence()
    with pytest.raises(InvalidValueError, match=r"groups \(3\) must divide filters \(8\)"):
        blocks.get(name).read({"filters": 8, "groups": 3})


@pytest.mark.parametrize("kind", ["basic", "bottleneck", "pre_activation", "pre_activation_bottleneck"])
def test_dilation_keeps_the_size_and_the_weights_and_sees_further(kind: str) -> None:
    settings = {"kind": kind, "blocks": 2, "filters": 8}
    plain = figures((16, 16, 8), ResidualStage.read(settings))
    dilated = figures((16, 16, 8), ResidualStage.read({**settings, "first_dilation_rate": 2, "dilation_rate": 4}))
    assert dilated.nodes["n0"].output_shapes == plain.nodes["n0"].output_shapes
    assert dilated.weights == plain.weights
    sides = [max(found.nodes["n0"].receptive_field or ()) for found in (plain, dilated)]
    convolutions = 1 if "bottleneck" in kind else 2
    assert sides[0] == 1 + 2 * 2 * convolutions
    assert sides[1] == 1 + 2 * (2 + 4) * convolutions


def test_a_step_and_dilation_exclude_each_other() -> None:
    for block, params in (
        ("Residual", {"strides": 2, "dilation_rate": 2}),
        ("ResidualStage", {"strides": 2, "first_dilation_rate": 2}),
        ("ResidualStage", {"strides": 2, "strides_at": "last", "blocks": 2, "dilation_rate": 2}),
        ("MBConv", {"strides": 2, "dilation_rate": 2}),
    ):
        with pytest.raises(InvalidValueError, match="strides and dilation_rate can't both be above 1"):
            blocks.get(block).read(params)
    found = figures((16, 16, 4), ResidualStage(blocks=2, filters=8, strides=2, dilation_rate=2))
    assert found.nodes["n0"].output_shapes == ((8, 8, 8),)
