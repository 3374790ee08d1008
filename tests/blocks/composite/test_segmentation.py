"""U-Net and FCN from their blocks, with their printed figures."""

from __future__ import annotations

from typing import Any

import pytest

from blocks import Graph, analyse
from blocks.analysis import Analysis
from blocks.composite.convolutions import ConvolutionStage
from blocks.composite.fcn import FCNFusion
from blocks.composite.unet import UNetDown, UNetUp
from blocks.convolution import Conv2D
from blocks.ports import Input
from blocks.spec import Spec
from tests.blocks.composite.counting import giga, node
from tests.blocks.samples import graph_of

WIDTHS = (64, 128, 256, 512)


def unet(shape: tuple[int, ...], classes: int, up: dict[str, Any] | None = None, **params: Any) -> Analysis:
    nodes = {"input": node(Input(shape=shape))}
    x = "input"
    for level, filters in enumerate(WIDTHS, start=1):
        nodes[f"down{level}"] = node(UNetDown(filters=filters, **params), x)
        x = f"down{level}"
    nodes["bottom"] = node(ConvolutionStage(filters=1024, pooling=False, **params), x)
    x = "bottom"
    for level, filters in reversed(list(enumerate(WIDTHS, start=1))):
        nodes[f"up{level}"] = node(UNetUp(filters=filters, **params, **(up or {})), x, f"down{level}:1")
        x = f"up{level}"
    nodes["end"] = node(Conv2D(filters=classes, kernel_size=1), x)
    found = analyse(Graph.model_validate({"nodes": nodes}))
    assert not found.errors, found.errors[0].sentence()
    return found


def test_the_papers_network() -> None:
    """Figure 1 of arXiv:1505.04597: 572 x 572 in, 388 x 388 out; the weights are counted in a build from it (31,030,658)."""
    found = unet((572, 572, 1), 2, padding="valid")
    assert found.nodes["end"].output_shapes == ((388, 388, 2),)
    assert found.weights == 31_030_658
    assert giga(found) == 150.428
    sizes = [found.nodes[f"down{level}"].output_shapes[1][0] for level in (1, 2, 3, 4)]
    assert sizes == [568, 280, 136, 64]
    assert found.nodes["bottom"].output_shapes == ((28, 28, 1024),)
    crops = {level: found.nodes[f"up{level}/crop"].output_shapes[0][:2] for level in (1, 2, 3, 4)}
    assert crops == {4: (56, 56), 3: (104, 104), 2: (200, 200), 1: (392, 392)}


@pytest.mark.parametrize(("channels", "classes", "weights"), [(1, 1, 31_030_593), (3, 2, 31_031_810), (3, 21, 31_033_045)])
def test_with_borders(channels: int, classes: int, weights: int) -> None:
    found = unet((512, 512, channels), classes)
    assert found.weights == weights
    assert found.nodes["end"].output_shapes == ((512, 512, classes),)


def test_normalised() -> None:
    found = unet((512, 512, 3), 2, batch_normalization=True, use_bias=False)  # milesial's form
    assert (found.weights, found.trainable_weights) == (31_049_474, 31_037_698)


def test_enlarging_by_repetition_weighs_the_same() -> None:
    assert unet((64, 64, 1), 2, up={"enlarging": "upsampling"}).weights == 31_030_658


@pytest.mark.parametrize(
    ("params", "shapes", "expected"),
    [
        ({}, ((3, 4, 6), (7, 8, 6)), "a second one of 6 x 8, twice the first. Received: 3 x 4 x 6 and 7 x 8 x 6."),
        ({"padding": "valid"}, ((4, 4, 6), (7, 8, 6)), "a second one of at least 8 x 8. Received: 4 x 4 x 6 and 7 x 8 x 6."),
        ({"padding": "valid"}, ((4, 4, 6), (None, 9, 6)), "known sizes, to crop the second to the first. Received: 4 x 4 x 6 and any x 9 x 6."),
    ],
)
def test_sizes_that_do_not_meet_are_one_problem(params: dict[str, Any], shapes: tuple[tuple[int | None, ...], ...], expected: str) -> None:
    (message,) = analyse(graph_of("UNetUp", params, [Spec(shape) for shape in shapes])).errors
    assert message.text == f"UNetUp: invalid inputs. Expected: {expected}"
    assert message.fix


def test_what_is_too_small_is_one_problem() -> None:
    (message,) = analyse(graph_of("UNetDown", {"padding": "valid"}, [Spec((5, 8, 1))])).errors
    assert message.text == "UNetDown: invalid input. Expected: a height and width of at least 6. Received: 5 x 8 x 1."
    (message,) = analyse(graph_of("UNetUp", {"padding": "valid"}, [Spec((2, 2, 4)), Spec((8, 8, 4))])).errors
    assert message.text == "UNetUp: invalid input. Expected: a height and width of at least 3. Received: 2 x 2 x 4."


def test_odd_borders_are_cut_at_the_end() -> None:
    found = analyse(graph_of("UNetUp", {"padding": "valid", "convolutions": 1}, [Spec((4, 4, 6)), Spec((9, 11, 6))]))
    assert not found.errors
    assert found.nodes["block/crop"].output_shapes == ((8, 8, 6),)


@pytest.mark.parametrize(("fusions", "weights"), [(0, 134_346_581), (1, 134_357_354), (2, 134_362_751)])
def test_fcn(fusions: int, weights: int) -> None:
    """FCN-32s, -16s and -8s on VGG-16 with 21 classes (shelhamer/fcn.berkeleyvision.org), without the frozen interpolation."""
    nodes = {"input": node(Input(shape=(512, 512, 3)))}
    x = "input"
    for number, (convolutions, filters) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), start=1):
        nodes[f"stage{number}"] = node(ConvolutionStage(convolutions=convolutions, filters=filters), x)
        x = f"stage{number}"
    for number, (filters, size) in enumerate(((4096, 7), (4096, 1), (21, 1))):
        nodes[f"head{number}"] = node(Conv2D(filters=filters, kernel_size=size, padding="same"), x)
        x = f"head{number}"
    for number in range(fusions):
        nodes[f"fusion{number}"] = node(FCNFusion(), x, f"stage{4 - number}")
        x = f"fusion{number}"
    found = analyse(Graph.model_validate({"nodes": nodes}))
    assert not found.errors
    assert found.weights == weights
    assert found.nodes[x].output_shapes[0] == (16 * 2**fusions, 16 * 2**fusions, 21)


@pytest.mark.parametrize("upsampling", ["transposed", "bilinear"])
@pytest.mark.parametrize(("coarse", "fine", "size"), [((4, 4), (7, 8), (7, 8)), ((4, 5), (8, 10), (8, 10)), ((4, 4), (11, 9), (8, 8))])
def test_rounded_sizes_are_cropped(upsampling: str, coarse: tuple[int, int], fine: tuple[int, int], size: tuple[int, int]) -> None:
    found = analyse(graph_of("FCNFusion", {"upsampling": upsampling}, [Spec((*coarse, 3)), Spec((*fine, 5))]))
    assert not found.errors
    assert found.nodes["block"].output_shapes == ((*size, 3),)


def test_the_wrong_level_is_one_problem() -> None:
    (message,) = analyse(graph_of("FCNFusion", {}, [Spec((8, 8, 3)), Spec((8, 8, 5))])).errors
    assert message.text == "FCNFusion: invalid inputs. Expected: features of about 16 x 16, 2 times the scores. Received: 8 x 8 x 3 and 8 x 8 x 5."


def test_a_stage_without_borders() -> None:
    found = analyse(graph_of("ConvolutionStage", {"padding": "valid", "convolutions": 2}, [Spec((12, 13, 3))]))
    assert found.nodes["block"].output_shapes == ((4, 4, 64),)
    (message,) = analyse(graph_of("ConvolutionStage", {"padding": "valid"}, [Spec((5, 8, 3))])).errors
    assert message.text == "ConvolutionStage: invalid input. Expected: a height and width of at least 6. Received: 5 x 8 x 3."


def test_windows_with_holes_keep_the_size_and_see_the_whole() -> None:
    """Figure 5 of arXiv:1706.05587 over 2,048 channels; the weights are those of torchvision's ASPP."""
    found = analyse(graph_of("AtrousSpatialPyramidPooling", {}, [Spec((65, 65, 2048))]))
    assert not found.errors
    assert found.nodes["block"].output_shapes == ((65, 65, 256),)
    kernels = (2 + 9 * 3) * 2048 * 256 + 5 * 256 * 256
    assert found.trainable_weights == kernels + 2 * 256 * 6
    (message,) = analyse(graph_of("AtrousSpatialPyramidPooling", {}, [Spec((None, None, 8))])).errors
    assert message.text.startswith("AtrousSpatialPyramidPooling: invalid input. Expected: a known height and width.")


def test_a_distant_place_reaches_every_other() -> None:
    import numpy as np

    from blocks import build

    model = build(graph_of("AtrousSpatialPyramidPooling", {"filters": 16, "dilation_rates": [2], "dropout": 0.0}, [Spec((12, 12, 3))]))
    dark = np.random.default_rng(0).normal(size=(1, 12, 12, 3)).astype("float32")
    lit = dark.copy()
    lit[0, 0, 0] += 50.0
    changed = np.abs(model(lit).numpy() - model(dark).numpy()).max(axis=(0, 3))
    assert changed[11, 11] > 0
    assert changed.shape == (12, 12)
