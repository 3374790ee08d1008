"""What is said of a block in a network: the exact lines of well-known cases."""

from __future__ import annotations

from typing import Any

import pytest

import blocks
from blocks import Graph, analyse
from blocks.explanation import Line, explain, quantities
from blocks.spec import Shape, Spec
from tests.blocks.samples import graph_of


def lines(name: str, params: dict[str, Any], *shapes: Shape) -> list[Line]:
    found = analyse(graph_of(name, params, [Spec(shape) for shape in shapes]))
    assert not found.errors, [message.sentence() for message in found.errors]
    return explain(blocks.get(name).read(params), found.nodes["block"])


def told(name: str, params: dict[str, Any], *shapes: Shape) -> list[tuple[str, str]]:
    return [(line.label, line.text) for line in lines(name, params, *shapes)]


def test_a_convolution() -> None:
    """The first layer of LeNet-5."""
    assert lines("Conv2D", {"filters": 6, "kernel_size": 5}, (28, 28, 1)) == [
        Line("Shape", "28 x 28 x 1 -> 24 x 24 x 6"),
        Line("Height, width", "floor((28 - 5) / 1) + 1 = 24", 24),
        Line("Weights", "(5 * 5 * 1 + 1) * 6 = 156", 156),
        Line("Multiply-adds", "24 * 24 * 5 * 5 * 1 * 6 = 86,400", 86_400),
        Line("Receptive field so far", "5 x 5"),
    ]


def test_a_convolution_with_steps() -> None:
    """The first layer of ResNet-50 (with a border, He et al. 2015): 118,013,952 multiply-adds."""
    assert told("Conv2D", {"filters": 64, "kernel_size": 7, "strides": 2, "padding": "same", "use_bias": False}, (224, 224, 3)) == [
        ("Shape", "224 x 224 x 3 -> 112 x 112 x 64"),
        ("Height, width", "ceil(224 / 2) = 112"),
        ("Weights", "(7 * 7 * 3 + 0) * 64 = 9,408"),
        ("Multiply-adds", "112 * 112 * 7 * 7 * 3 * 64 = 118,013,952"),
        ("Receptive field so far", "7 x 7"),
    ]


def test_dilation_says_how_large_the_window_becomes_before_it_says_the_size() -> None:
    assert told("Conv2D", {"filters": 6, "kernel_size": 3, "dilation_rate": 2}, (28, 28, 1)) == [
        ("Shape", "28 x 28 x 1 -> 24 x 24 x 6"),
        ("Effective kernel", "3 + (3 - 1) * (2 - 1) = 5"),
        ("Height, width", "floor((28 - 5) / 1) + 1 = 24"),
        ("Weights", "(3 * 3 * 1 + 1) * 6 = 60"),
        ("Multiply-adds", "24 * 24 * 3 * 3 * 1 * 6 = 31,104"),
        ("Receptive field so far", "5 x 5"),
    ]


def test_axes_that_differ_have_a_line_each() -> None:
    assert told("Conv2D", {"filters": 6, "kernel_size": [3, 5], "dilation_rate": [2, 1]}, (28, 20, 4)) == [
        ("Shape", "28 x 20 x 4 -> 24 x 16 x 6"),
        ("Effective kernel", "height: 3 + (3 - 1) * (2 - 1) = 5; width: 5 + (5 - 1) * (1 - 1) = 5"),
        ("Height", "floor((28 - 5) / 1) + 1 = 24"),
        ("Width", "floor((20 - 5) / 1) + 1 = 16"),
        ("Weights", "(3 * 5 * 4 + 1) * 6 = 366"),
        ("Multiply-adds", "24 * 16 * 3 * 5 * 4 * 6 = 138,240"),
        ("Receptive field so far", "5 x 5"),
    ]


@pytest.mark.parametrize(
    ("name", "params", "weights", "multiply_adds", "saving"),
    [
        (
            "Conv2D", {"filters": 64, "padding": "same", "groups": 4},
            "(3 * 3 * 32 / 4 + 1) * 64 = 4,672", "28 * 28 * 3 * 3 * 32 / 4 * 64 = 3,612,672",
            "4x fewer multiply-adds than a standard convolution (14,450,688)",
        ),
        (
            "SeparableConv2D", {"filters": 64, "padding": "same"},
            "3 * 3 * 32 * 1 + (32 * 1 + 1) * 64 = 2,400", "28 * 28 * 32 * 1 * (3 * 3 + 64) = 1,831,424",
            "7.89x fewer multiply-adds than a standard convolution (14,450,688)",
        ),
        (
            "DepthwiseConv2D", {"depth_multiplier": 2, "padding": "same"},
            "(3 * 3 + 1) * 32 * 2 = 640", "28 * 28 * 3 * 3 * 32 * 2 = 451,584",
            "32x fewer multiply-adds than a standard convolution (14,450,688)",
        ),
    ],
)  # fmt: skip
def test_what_lighter_convolutions_save(name: str, params: dict[str, Any], weights: str, multiply_adds: str, saving: str) -> None:
    """Howard et al. (2017): depthwise and 1x1 together cost 1 / filters + 1 / window of the standard convolution: here 7.89 times less."""
    found = dict(told(name, params, (28, 28, 32)))
    assert (found["Weights"], found["Multiply-adds"], found["Saving"]) == (weights, multiply_adds, saving)


def test_nothing_is_said_of_a_saving_where_there_is_none() -> None:
    assert "Saving" not in dict(told("Conv2D", {"filters": 64}, (28, 28, 32)))
    assert "Saving" not in dict(told("SeparableConv2D", {"filters": 1, "kernel_size": 1}, (8, 8, 1)))


def test_other_blocks() -> None:
    assert told("Dense", {"units": 10}, (100,)) == [
        ("Shape", "100 -> 10"),
        ("Weights", "(100 + 1) * 10 = 1,010"),
        ("Multiply-adds", "1 * 100 * 10 = 1,000"),
    ]
    assert told("MaxPooling2D", {}, (28, 28, 3)) == [
        ("Shape", "28 x 28 x 3 -> 14 x 14 x 3"),
        ("Height, width", "floor((28 - 2) / 2) + 1 = 14"),
        ("Weights", "none"),
        ("Receptive field so far", "2 x 2"),
    ]
    assert told("Flatten", {}, (4, 5, 6)) == [("Shape", "4 x 5 x 6 -> 120"), ("Features", "4 * 5 * 6 = 120"), ("Weights", "none")]
    assert told("Add", {}, (8, 6), (8, 6)) == [("Shape", "8 x 6 and 8 x 6 -> 8 x 6"), ("Weights", "none"), ("Receptive field so far", "1")]
    assert told("LSTM", {"units": 64}, (20, 8)) == [("Shape", "20 x 8 -> 64"), ("Weights", "4 * (64 + 8 + 1) * 64 = 18,688")]
    assert dict(told("Conv2DTranspose", {}, (28, 28, 32)))["Height, width"] == "28 * 2 = 56"


def test_sizes_that_are_unknown() -> None:
    assert told("Conv2D", {"filters": 32}, (None, None, 3)) == [
        ("Shape", "any x any x 3 -> any x any x 32"),
        ("Weights", "(3 * 3 * 3 + 1) * 32 = 896"),
        ("Multiply-adds", "1 * 1 * 3 * 3 * 3 * 32 = 864"),
        ("Unknown sizes", "counted as 1 each"),
        ("Receptive field so far", "3 x 3"),
    ]


def network(**changes: dict[str, Any]) -> Graph:
    """Two convolutions, the second one twice, and a normalisation."""
    nodes: dict[str, Any] = {
        "picture": {"block": "Input", "params": {"shape": [28, 28, 4]}},
        "first": {"block": "Conv2D", "params": {"filters": 4, "padding": "same"}, "inputs": ["picture"]},
        "pool": {"block": "MaxPooling2D", "params": {}, "inputs": ["first"]},
        "again": {"reuse": "first", "inputs": ["pool"]},
        "norm": {"block": "BatchNormalization", "params": {}, "inputs": ["again"]},
        "flat": {"block": "Flatten", "params": {}, "inputs": ["norm"]},
        "end": {"block": "Output", "params": {"units": 10}, "inputs": ["flat"]},
    }
    return Graph.model_validate({"nodes": {name: {**node, **changes.get(name, {})} for name, node in nodes.items()}})


def of(graph: Graph, node: str) -> list[tuple[str, str]]:
    found = analyse(graph)
    assert not found.errors, [message.sentence() for message in found.errors]
    document = graph.nodes[graph.nodes[node].reuse or node]
    return [(line.label, line.text) for line in explain(blocks.get(document.block).read(document.params), found.nodes[node])]


def test_weights_that_are_used_again_are_counted_once() -> None:
    assert of(network(), "again") == [
        ("Shape", "14 x 14 x 4 -> 14 x 14 x 4"),
        ("Height, width", "ceil(14 / 1) = 14"),
        ("Weights", "none"),
        ("Shared weights", "(3 * 3 * 4 + 1) * 4 = 148"),
        ("Multiply-adds", "14 * 14 * 3 * 3 * 4 * 4 = 28,224"),
        ("Receptive field so far", "8 x 8"),
    ]
    assert analyse(network()).weights == 148 + 16 + (784 + 1) * 10


def test_what_one_value_sees_grows_from_block_to_block() -> None:
    fields = [dict(of(network(), node)).get("Receptive field so far") for node in ("first", "pool", "again", "norm", "flat")]
    assert fields == ["3 x 3", "4 x 4", "8 x 8", "8 x 8", None]


def test_weights_that_do_not_learn() -> None:
    found = of(network(), "norm")
    assert ("Trainable weights", "8") in found
    assert dict(found)["Weights"].endswith("= 16")
    assert ("Trainable weights", "none") in of(network(first={"trainable": False}), "first")
    assert "Trainable weights" not in dict(of(network(), "first"))


def test_an_output() -> None:
    assert dict(of(network(), "end"))["Weights"] == "(784 + 1) * 10 = 7,850"
    plain = of(network(end={"params": {"units": 784, "head": "none"}}), "end")
    assert plain == [("Shape", "784 -> 784"), ("Weights", "none")]


def test_a_composite_tells_its_figures() -> None:
    found = lines("Residual", {"filters": 8}, (8, 8, 8))
    figures = {line.label: line.value for line in found}
    assert figures["Weights"] == 2 * 3 * 3 * 8 * 8 + 2 * 4 * 8
    assert figures["Multiply-adds"] == 2 * 8 * 8 * 3 * 3 * 8 * 8
    assert figures["Trainable weights"] == 2 * 3 * 3 * 8 * 8 + 2 * 2 * 8


def test_every_line_is_a_line_of_text_with_the_result_behind_it() -> None:
    for name, params, shape in (("Conv2D", {"filters": 2000}, (512, 512, 999)), ("Dense", {"units": 10_000_000}, (10_000,))):
        for line in lines(name, params, shape):
            assert "\n" not in line.text
            assert line.value is None or line.text.endswith(f"{line.value:,}")


def test_the_names_in_formulas() -> None:
    numbers = quantities(blocks.get("Conv2D").read({"filters": 6, "kernel_size": [3, 5], "use_bias": False}), [(28, 20, 4)], [(26, 16, 6)])
    expected = {
        "inputs": 1, "height": 28, "width": 20, "channels": 4, "features": 4, "places": 560, "values": 2240, "new height": 26, "new width": 16,
        "new channels": 6, "new features": 6, "new places": 416, "new values": 2496, "filters": 6, "bias": 0, "groups": 1, "kernel height": 3,
        "kernel width": 5, "kernel places": 15, "strides": 1, "dilation rate": 1,
    }  # fmt: skip
    assert expected.items() <= numbers.items()
    assert quantities(blocks.get("Conv1D").read({"kernel_size": 7}), [(20, 8)], [(14, 32)])["kernel length"] == 7
    assert quantities(blocks.get("ReLU").read({}), [()], [()])["values"] == 1
