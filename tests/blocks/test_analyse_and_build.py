"""Graphs as wholes: what the analysis reports, and what is built."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
import pytest

from blocks import Feature, Graph, GraphError, analyse, build
from blocks.convolution import Conv2D
from blocks.inference import shape_only, too_small
from blocks.spec import Spec


def graph(modules: dict[str, Any] | None = None, **nodes: Any) -> Graph:
    """A graph from `name=("Block", {params}, [inputs], {other fields})`."""
    documents: dict[str, Any] = {}
    for name, parts in nodes.items():
        block, params, inputs, more = (*parts, {}, [], {})[:4] if len(parts) < 2 else (*parts, *([], {})[len(parts) - 2 :])[:4]
        documents[name] = {"block": block, "params": params, "inputs": inputs, **more}
        if "reuse" in more:
            del documents[name]["block"], documents[name]["params"]
    return Graph.model_validate({"nodes": documents, "modules": modules or {}})


VECTOR = ("Input", {"shape": [4]})
PICTURE = ("Input", {"shape": [8, 8, 3]})


def texts(found: Graph) -> dict[str, str]:
    return {message.node: message.sentence() for message in analyse(found).errors}


def test_all_problems_at_once_each_with_its_node() -> None:
    found = texts(
        graph(
            x=VECTOR,
            a=("Dens", {}, ["x"]),
            b=("Dense", {"units": 0, "unit": 3}, ["x"]),
            c=("Dense", {}, ["y"]),
            d=("Conv2D", {}, ["x"]),
            e=("Add", {}, ["x"]),
            f=("Dense", {}, ["f"]),
            h=("Flatten", {}, ["x:3"]),
        )
    )
    assert "Did you mean 'Dense'?" in found["a"]
    assert "Dense: invalid units. Expected: a whole number from 1 to" in found["b"]
    assert "Did you mean 'units'?" in found["b"]
    assert "Its input 'y' does not exist." in found["c"]
    assert "Expected: a picture (height, width, channels). Received: 4. Insert Reshape" in found["d"]
    assert found["e"] == "e: It needs at least 2 inputs, but one is connected. Connect one more block to it."
    assert "cycle" in found["f"]
    assert set(found) >= {"a", "b", "c", "d", "e", "f"}
    with pytest.raises(GraphError) as error:
        build(graph(x=VECTOR, a=("Dens", {}, ["x"]), b=("Dense", {"units": 0}, ["x"])))
    assert len(error.value.messages) == 2


def test_a_missing_second_output_is_reported() -> None:
    found = texts(graph(x=VECTOR, h=("Flatten", {}, ["x:3"])))
    assert found == {"h": "h: Its input 'x:3' does not exist. x has 1 output, counted from 0."}


def test_cycles_are_named_and_what_lies_before_them_is_still_analysed() -> None:
    found = analyse(graph(x=VECTOR, a=("Dense", {}, ["x"]), b=("Add", {}, ["a", "c"]), c=("ReLU", {}, ["b"])))
    assert {message.node for message in found.errors} == {"b", "c"}
    assert found.nodes["a"].output_shapes == ((64,),)


def test_figures_of_nested_nodes() -> None:
    found = analyse(graph(x=PICTURE, s=("ResidualStage", {"blocks": 2, "filters": 5, "strides": 2}, ["x"])))
    assert found.nodes["s"].block == "ResidualStage"
    assert found.nodes["s/block1/shortcut_conv"].output_shapes == ((4, 4, 5),)
    assert found.nodes["s"].weights == found.weights == sum(node.weights for path, node in found.nodes.items() if path.count("/") == 2)
    expected = 9 * (3 + 5) * 5 + 8 * 5 + (3 + 4) * 5 + 9 * 10 * 5 + 8 * 5
    assert found.weights == expected
    assert found.nodes["s"].multiply_adds == 16 * (9 * 3 * 5 + 9 * 5 * 5 + 3 * 5 + 2 * 9 * 5 * 5)


def test_receptive_field() -> None:
    found = analyse(graph(x=PICTURE, a=("Conv2D", {"kernel_size": 3}, ["x"]), p=("MaxPooling2D", {}, ["a"]), b=("Conv2D", {"kernel_size": 3}, ["p"])))
    assert found.nodes["a"].receptive_field == (3, 3)
    assert found.nodes["p"].receptive_field == (4, 4)
    assert found.nodes["b"].receptive_field == (8, 8)


def test_reuse_shares_weights_and_is_counted_once() -> None:
    twice = {"a": ("Dense", {"units": 3}, ["x"]), "b": ("", {}, ["y"], {"reuse": "a"})}
    shared = graph(x=VECTOR, y=VECTOR, **twice, m=("Subtract", {}, ["a", "b"]), o=("Output", {"units": 1}, ["m"]))
    found = analyse(shared)
    assert not found.errors
    assert found.weights == 4 * 3 + 3 + 4
    model = build(shared)
    assert model.count_params() == found.weights
    value = np.ones((2, 4), "float32")
    same = model({"x": value, "y": value})
    np.testing.assert_allclose(same, np.full((2, 1), same[0, 0]))
    composite = graph(x=PICTURE, y=PICTURE, a=("Residual", {"filters": 3}, ["x"]), b=("", {}, ["y"], {"reuse": "a"}), m=("Add", {}, ["a", "b"]))
    assert analyse(composite).weights == build(composite).count_params() == 9 * 6 * 3 + 8 * 3


@pytest.mark.parametrize("original", ["nobody", "b", "c"])
def test_reuse_of_what_has_no_block_is_reported(original: str) -> None:
    found = texts(graph(x=VECTOR, a=("Dense", {}, ["x"]), c=("", {}, ["x"], {"reuse": "a"}), b=("", {}, ["x"], {"reuse": original})))
    assert "b" in found


TWICE = {
    "nodes": {
        "first": {"block": "Dense", "params": {"units": 4}, "inputs": ["@0"]},
        "second": {"block": "Dense", "params": {"units": 4}, "inputs": ["first"]},
    },
    "outputs": ["second", "first"],
}


def test_modules_nest_and_have_several_outputs() -> None:
    modules = {
        "Twice": TWICE,
        "Four": {
            "nodes": {"a": {"block": "module:Twice", "inputs": ["@0"]}, "b": {"block": "module:Twice", "inputs": ["a"]}},
            "outputs": ["b", "a:1"],
        },
    }
    found = graph(modules, x=VECTOR, m=("module:Four", {}, ["x"]), n=("", {}, ["m"], {"reuse": "m"}))
    analysis = analyse(found)
    assert not analysis.errors
    assert analysis.nodes["m"].block == "module:Four"
    assert analysis.weights == 4 * 20
    assert analysis.nodes["n/b/second"].weights == 0
    model = build(found)
    assert model.count_params() == 4 * 20
    assert "m_a_first" in {layer.name for layer in model.layers}


def test_a_module_that_contains_itself_is_reported() -> None:
    alone = {"A": {"nodes": {"a": {"block": "module:A", "inputs": ["@0"]}}, "outputs": ["a"]}}
    assert "contains itself" in " ".join(texts(graph(alone, x=VECTOR, m=("module:A", {}, ["x"]))).values())
    pair = {
        "A": {"nodes": {"b": {"block": "module:B", "inputs": ["@0"]}}, "outputs": ["b"]},
        "B": {"nodes": {"a": {"block": "module:A", "inputs": ["@0"]}}, "outputs": ["a"]},
    }
    assert "contains itself" in " ".join(texts(graph(pair, x=VECTOR, m=("module:A", {}, ["x"]))).values())


def test_modules_that_multiply_end() -> None:
    modules: dict[str, Any] = {"M0": {"nodes": {"r": {"block": "ReLU", "inputs": ["@0"]}}, "outputs": ["r"]}}
    for level in range(1, 12):
        nodes = {f"n{number}": {"block": f"module:M{level - 1}", "inputs": [f"n{number - 1}" if number else "@0"]} for number in range(10)}
        modules[f"M{level}"] = {"nodes": nodes, "outputs": ["n9"]}
    assert "more than 50,000 nodes" in " ".join(texts(graph(modules, x=VECTOR, m=("module:M11", {}, ["x"]))).values())


def test_missing_modules_and_arguments_are_reported() -> None:
    found = texts(graph({"Twice": TWICE}, x=VECTOR, a=("module:Twicce", {}, ["x"]), b=("module:Twice", {}, [])))
    assert "Did you mean 'Twice'?" in found["a"]
    assert any(path.startswith("b") for path in found)


def test_frozen_nodes_freeze_what_is_below() -> None:
    frozen = graph(
        x=PICTURE, a=("Residual", {"filters": 3}, ["x"], {"trainable": False}), f=("Flatten", {}, ["a"]), o=("Output", {"units": 2}, ["f"])
    )
    found, model = analyse(frozen), build(frozen)
    trainable = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert found.trainable_weights == trainable == 8 * 8 * 3 * 2 + 2


def test_layer_names_follow_paths_and_taken_ones_get_a_number() -> None:
    model = build(graph(x=PICTURE, a=("Residual", {"filters": 3}, ["x"]), a_conv1=("ReLU", {}, ["a"])))
    names = [layer.name for layer in model.layers]
    assert "a_conv1" in names
    assert "a_conv1_2" in names


def test_hints_and_open_ends() -> None:
    found = analyse(graph(x=VECTOR, a=("Dense", {}, ["x"]), b=("Dense", {"units": 2}, ["x"])))
    assert found.outputs == ["a", "b"]
    assert [message.severity for message in found.messages] == ["hint"]
    found = analyse(graph(x=VECTOR, a=("Dense", {}, ["x"]), o=("Output", {"units": 2}, ["x"])))
    assert found.outputs == ["o"]
    assert [(message.node, message.severity) for message in found.messages] == [("a", "warning")]
    pixels = analyse(graph(x=("Input", {"shape": [8, 8, 3], "dtype": "uint8"}), a=("Conv2D", {}, ["x"])))
    assert any("Insert Rescaling" in message.fix for message in pixels.messages)
    assert analyse(Graph()).errors
    assert any("There is no Input" in message.text for message in analyse(graph(a=("Dense", {}, []))).errors)


def test_binding_to_features() -> None:
    features = [
        Feature(name="photo", role="input", kind="image", dtype="uint8", shape=(8, 8, 1)),
        Feature(name="kind", role="target", kind="category", dtype="int32", classes=("x", "y", "z")),
    ]
    bound = graph(i=("Input", {}), r=("Rescaling", {}, ["i"]), f=("Flatten", {}, ["r"]), o=("Output", {}, ["f"]))
    found = analyse(bound, features)
    assert not found.messages
    assert found.nodes["i"].output_shapes == ((8, 8, 1),)
    assert found.nodes["o"].output_shapes == ((3,),)
    output = build(bound, features)(np.zeros((2, 8, 8, 1), "uint8"))
    np.testing.assert_allclose(output, np.full((2, 3), 1 / 3), atol=1e-6)
    assert "no shape" in " ".join(message.sentence() for message in analyse(bound).errors)


def test_the_same_seed_gives_the_same_weights_with_or_without_analysis() -> None:
    net = graph(x=PICTURE, a=("Residual", {"filters": 4}, ["x"]), f=("Flatten", {}, ["a"]), o=("Output", {"units": 2}, ["f"]))
    keras.utils.set_random_seed(3)
    first = build(net).get_weights()
    keras.utils.set_random_seed(3)
    analyse(net)
    second = build(net).get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_analysis_allocates_nothing() -> None:
    """A layer of ten thousand million weights is analysed at once."""
    start = time.perf_counter()
    found = analyse(graph(x=("Input", {"shape": [1_000_000]}), a=("Dense", {"units": 10_000}, ["x"])))
    assert found.weights == 10_000_010_000
    assert time.perf_counter() - start < 2


def test_shape_only_leaves_nothing_behind() -> None:
    with shape_only():
        keras.layers.Dense(3)(keras.KerasTensor((None, 4)))
    layer = keras.layers.Dense(2)
    assert layer(np.ones((1, 3), "float32")).shape == (1, 2)


def test_a_layer_that_leaves_nothing_of_its_input_is_reported() -> None:
    found = texts(graph(x=PICTURE, a=("Conv2D", {"kernel_size": 9}, ["x"]), b=("MaxPooling2D", {"pool_size": 9}, ["x"])))
    assert set(found) == {"a", "b"}


def test_a_thousand_nodes_are_analysed_quickly() -> None:
    nodes: dict[str, Any] = {"n0": ("Input", {"shape": [8]})}
    for number in range(1, 1001):
        nodes[f"n{number}"] = ("Dense", {"units": 8}, [f"n{number - 1}"])
    net = graph(**nodes)
    analyse(net)
    start = time.perf_counter()
    assert analyse(net).weights == 1000 * 72
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("given", "block", "params", "sentence"),
    [
        (
            [2, 2, 3],
            "Conv2D",
            {"kernel_size": 5},
            'small: The picture is 2 x 2 here, smaller than the window of 5 x 5. Set padding to "same", or use',
        ),
        ([8, 8, 3], "Conv2D", {"kernel_size": 3, "dilation_rate": 4}, "The picture is 8 x 8 here, smaller than the window of 9 x 9."),
        ([8, 1, 3], "MaxPooling2D", {}, "The picture is 8 x 1 here, smaller than the window of 2 x 2."),
        ([2, 3], "Conv1D", {"kernel_size": 3}, "The sequence is 2 long here, shorter than the window of 3."),
        ([1, 4, 4, 2], "Conv3D", {"kernel_size": 2}, "The picture is 1 x 4 x 4 here, smaller than the window of 2 x 2 x 2."),
    ],
)
def test_a_window_that_is_larger_than_what_it_gets_is_refused_with_both_sizes_and_a_fix(
    given: list[int], block: str, params: dict[str, Any], sentence: str
) -> None:
    [said] = texts(graph(x=("Input", {"shape": given}), small=(block, {"padding": "valid", **params}, ["x"]))).values()
    assert sentence in said
    assert "pooling blocks before it." in said
    assert texts(graph(x=("Input", {"shape": given}), small=(block, {**params, "padding": "same"}, ["x"]))) == {}


def test_a_size_that_is_unknown_fits_any_window() -> None:
    assert too_small(Conv2D(kernel_size=3), [Spec((None, None, 3))]) is None
    said = too_small(Conv2D(kernel_size=3), [Spec((None, 2, 3))])
    assert said is not None
    assert said.text == "The picture is ? x 2 here, smaller than the window of 3 x 3."


def test_pooling_until_nothing_is_left_is_said_with_the_sizes() -> None:
    shrunk = ("MaxPooling2D", {"pool_size": 8}, ["x"])
    [said] = texts(graph(x=PICTURE, y=shrunk, z=("MaxPooling2D", {}, ["y"]))).values()
    assert said.startswith("z: The picture is 1 x 1 here, smaller than the window of 2 x 2.")
