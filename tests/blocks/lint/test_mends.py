"""Ways out of errors: for each, what the button says, and that the node is passed afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from blocks import Feature, Graph, Message, analyse
from blocks.editing import apply
from blocks.lint.base import CLASSES, COLUMNS, PICTURES, SERIES, TEXTS, sketch

VECTOR = ("Input", {"shape": [4]})
PICTURE = ("Input", {"shape": [8, 8, 3]})
OUT = ("Output", {"units": 2})


def error(graph: Graph, node: str, features: tuple[Feature, ...] = ()) -> Message:
    (found,) = [message for message in analyse(graph, features).errors if message.node == node]
    return found


def mended(graph: Graph, message: Message) -> Graph:
    for edit in message.edits:
        graph = apply(graph, edit).graph
    return graph


def behind(block: str, params: dict[str, Any], *nodes: tuple[Any, ...]) -> Graph:
    """A block that is called `it` behind nodes one after the other, called n0, n1 ..."""
    before = {f"n{number}": node if not number else (node[0], node[1], f"n{number - 1}") for number, node in enumerate(nodes)}
    return sketch(**before, it=(block, params, f"n{len(nodes) - 1}"))


@pytest.mark.parametrize(
    ("graph", "button", "blocks"),
    [
        (behind("Dens", {}, VECTOR), "Replace it by Dense", ["Dense"]),
        (behind("Dense", {"units": 0}, VECTOR), "Set units to 1", ["Dense"]),
        (behind("Dense", {"units": 10**9}, VECTOR), "Set units to 10000000", ["Dense"]),
        (behind("Dense", {"activation": "sigmoit"}, VECTOR), "Set activation to sigmoid", ["Dense"]),
        (behind("Dense", {"units": "many"}, VECTOR), "Reset units", ["Dense"]),
        (behind("Dense", {"unit": 7}, VECTOR), "Rename unit to units", ["Dense"]),
        (behind("Dense", {"unit": 7, "units": 3}, VECTOR), "Reset unit", ["Dense"]),
        (behind("Dense", {"unit": 7, "use_bias": "perhaps"}, VECTOR), "Correct the parameters", ["Dense"]),
        (behind("Conv2D", {"strides": 2, "dilation_rate": 2}, PICTURE), "Reset strides", ["Conv2D"]),
        (behind("LSTM", {}, PICTURE), "Insert Reshape", ["LSTM", "Reshape"]),
        (behind("MixerBlock", {}, PICTURE), "Insert Reshape", ["MixerBlock", "Reshape"]),
        (behind("ConvolutionStage", {}, ("Input", {"shape": [1, 1, 3]})), "Set pooling to false", ["ConvolutionStage"]),
        (behind("Conv1D", {}, PICTURE), "Replace it by Conv2D", ["Conv2D"]),
        (behind("Conv2D", {"kernel_size": 3}, ("Input", {"shape": [9, 4]}), ("Dense", {})), "Replace it by Conv1D", ["Conv1D", "Dense"]),
        (behind("Conv2D", {}, ("Input", {"shape": [9, 8]})), "Insert Reshape", ["Conv2D", "Reshape"]),
        (behind("Conv2D", {}, ("Input", {"shape": [784]})), "Insert Reshape", ["Conv2D", "Reshape"]),
        (behind("Conv2D", {}, ("Input", {"shape": [3 * 64]}), ("Rescaling", {})), "Insert Reshape", ["Conv2D", "Rescaling", "Reshape"]),
        (behind("LSTM", {}, VECTOR), "Insert Reshape", ["LSTM", "Reshape"]),
        (behind("GlobalAveragePooling2D", {}, PICTURE, ("Flatten", {})), "Remove it", ["Flatten"]),
        (behind("Conv2D", {}, PICTURE, ("GlobalMaxPooling2D", {})), "Remove n1", ["Conv2D"]),
        (behind("LSTM", {}, ("Input", {"shape": [5, 2]}), ("GRU", {}), ("Dropout", {})), "Set return_sequences to true", ["Dropout", "GRU", "LSTM"]),
        (behind("Conv2D", {"kernel_size": 5}, ("Input", {"shape": [4, 4, 3]})), "Set padding to same", ["Conv2D"]),
        (behind("MaxPooling1D", {"pool_size": 5}, ("Input", {"shape": [4, 3]})), "Set padding to same", ["MaxPooling1D"]),
        (behind("Softmax", {"axis": 3}, VECTOR), "Set axis to -1", ["Softmax"]),
        (behind("GroupNormalization", {"groups": 4}, ("Input", {"shape": [8, 8, 6]})), "Set groups to 3", ["GroupNormalization"]),
        (behind("PReLU", {"shared_axes": "none"}, ("Input", {"shape": [0, 3]})), "Set shared_axes to all", ["PReLU"]),
        (behind("RandomHue", {}, ("Input", {"shape": [8, 8, 1]})), "Remove it", []),
    ],
)  # fmt: skip
def test_a_single_node(graph: Graph, button: str, blocks: list[str]) -> None:
    message = error(graph, "it")
    assert message.button == button
    assert message.why
    changed = mended(graph, message)
    assert sorted(node.block for name, node in changed.nodes.items() if node.block != "Input") == blocks
    assert analyse(changed).errors == []


@pytest.mark.parametrize(
    ("one", "other", "block", "button"),
    [
        ([8, 8, 3], [8, 8, 5], "Add", "Insert Conv2D"),
        ([8, 8, 3], [4, 4, 3], "Add", "Insert MaxPooling2D"),
        ([8, 8, 3], [4, 4, 5], "Multiply", "Insert Conv2D"),
        ([8, 8, 5], [4, 4, 3], "Add", "Insert MaxPooling2D and Conv2D"),
        ([8, 6, 5], [4, 6, 5], "Concatenate", "Insert MaxPooling2D"),
        ([9, 5], [9, 2], "Average", "Insert Conv1D"),
        ([5], [3], "Add", "Replace it by Concatenate"),
        ([5], [3], "Maximum", "Insert Dense"),
        ([8, 8, 3], [4], "Concatenate", "Insert GlobalAveragePooling2D"),
        ([8, 8, 3], [4], "Add", "Pool globally and concatenate"),
    ],
)  # fmt: skip
def test_inputs_that_do_not_go_together(one: list[int], other: list[int], block: str, button: str) -> None:
    graph = sketch(x=("Input", {"shape": one}), y=("Input", {"shape": other}), both=(block, {}, "x", "y"))
    message = error(graph, "both")
    assert message.button == button
    assert analyse(mended(graph, message)).errors == []


def test_sizes_that_no_step_brings_together_have_no_fix() -> None:
    graph = sketch(x=("Input", {"shape": [8, 8, 3]}), y=("Input", {"shape": [7, 7, 3]}), both=("Add", {}, "x", "y"))
    assert error(graph, "both").edits == ()


def test_an_edge_that_is_missing_comes_from_the_open_end_before() -> None:
    graph = sketch(x=VECTOR, left=("Dense", {}, "x"), right=("Dense", {}, "x"), both=("Add", {}, "left"), out=(*OUT, "both"))
    message = error(graph, "both")
    assert message.button == "Connect right"
    assert mended(graph, message).nodes["both"].inputs == ("left", "right")
    alone = sketch(x=VECTOR, left=("Dense", {}, "x"), both=("Add", {}, "left"), out=(*OUT, "both"))
    assert mended(alone, error(alone, "both")).nodes["out"].inputs == ("left",)


def test_an_input_with_edges_loses_them() -> None:
    graph = sketch(x=VECTOR, y=("Input", {"shape": [4]}, "x", "x"), out=(*OUT, "y"))
    assert mended(graph, error(graph, "y")).nodes["y"].inputs == ()


def test_fewer_outputs_than_named() -> None:
    graph = sketch(x=VECTOR, dense=("Dense", {}, "x:2"), out=(*OUT, "dense"))
    assert mended(graph, error(graph, "dense")).nodes["dense"].inputs == ("x",)


@pytest.mark.parametrize(
    ("block", "params", "features", "button"),
    [
        ("Dense", {}, (*COLUMNS, CLASSES), "Insert ColumnEncoding"),
        ("Dense", {}, (TEXTS, CLASSES), "Insert TextVectorization"),
        ("Embedding", {"input_dim": 50}, (TEXTS, CLASSES), "Insert TextVectorization"),
        ("Conv1D", {}, (TEXTS, CLASSES), "Insert TextVectorization and Embedding"),
    ],
)  # fmt: skip
def test_kinds_of_data(block: str, params: dict[str, Any], features: tuple[Feature, ...], button: str) -> None:
    graph = sketch(x=("Input", {}), it=(block, params, "x"))
    message = error(graph, "it", features)
    assert message.button == button
    assert analyse(mended(graph, message), features).errors == []


def test_pictures_of_varying_size_are_brought_to_the_median() -> None:
    varying = PICTURES.model_copy(update={"shape": (None, None, 3), "statistics": {"median_height": 40.0, "median_width": 60.0}})
    graph = sketch(image=("Input", {}), crop=("CenterCrop", {}, "image"))
    message = error(graph, "crop", (varying, CLASSES))
    assert message.edits[0]["params"] == {"height": 40, "width": 60}
    assert analyse(mended(graph, message), (varying, CLASSES)).errors == []


def test_an_output_of_a_sequence_takes_the_last_step_or_a_mean() -> None:
    steps = sketch(x=("Input", {}), lstm=("LSTM", {"return_sequences": True}, "x"), dense=("Dense", {}, "lstm"), out=("Output", {}, "dense"))
    assert error(steps, "out", (SERIES, CLASSES)).edits == ({"do": "set", "nodes": ["lstm"], "params": {"return_sequences": False}},)
    long = sketch(x=("Input", {"shape": [500, 64]}), conv=("Conv1D", {"filters": 64}, "x"), out=("Output", {"target": "kind"}, "conv"))
    assert error(long, "out", (CLASSES,)).button == "Insert GlobalAveragePooling1D"


def test_errors_inside_of_modules_are_mended_there() -> None:
    modules = {"Twice": {"nodes": {"a": {"block": "Conv2D", "params": {"kernel_size": 9}, "inputs": ["@0"]}}, "outputs": ["a"]}}
    nodes = {"x": {"block": "Input", "params": {"shape": [8, 8, 3]}}, "m": {"block": "module:Twice", "inputs": ["x"]}}
    graph = Graph.model_validate({"nodes": nodes, "modules": modules})
    message = error(graph, "m/a")
    assert message.rule == "large-window"
    assert analyse(mended(graph, message)).errors == []


def test_names_that_are_far_off_have_no_fix() -> None:
    assert error(behind("Xyzzy", {}, VECTOR), "it").edits == ()
    assert error(sketch(x=VECTOR, it=("Dense", {}, "qqqqqq")), "it").edits == ()
