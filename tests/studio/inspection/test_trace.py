"""What would have to be computed, found without computing: names as in a built model, and errors only where they matter."""

from __future__ import annotations

import pytest

import blocks
import presets
from blocks.build import Builder
from blocks.walk import Walk
from studio.inspection.errors import PreviewError
from studio.inspection.trace import flows_at, needed, part_of, trace, upstream
from tests.studio.inspection.looking import NODES, graph_of


@pytest.mark.parametrize("preset", ["ResNet20", "LeNet5", "VGG16"])
def test_every_node_of_an_analysis_has_outputs_of_its_shape(preset: str) -> None:
    graph = presets.get(preset).graph((32, 32, 3), 10)
    traced = trace(graph, [])
    analysed = blocks.analyse(graph).nodes
    assert {path: [flow.spec.shape for flow in flows] for path, flows in traced.flows.items()} == {
        path: list(node.output_shapes) for path, node in analysed.items()
    }


def test_layers_are_called_as_in_a_built_model() -> None:
    inside = {"nodes": {"conv": {"block": "Conv2D", "inputs": ["@0"]}}, "outputs": ["conv"]}
    nodes = {
        "image": {"block": "Input", "params": {"shape": [8, 8, 3]}},
        "part_conv": {"block": "Conv2D", "inputs": ["image"]},
        "part": {"block": "module:Part", "inputs": ["part_conv"]},
        "again": {"reuse": "part", "inputs": ["part_conv"]},
        "twice": {"reuse": "part_conv", "inputs": ["image"]},
    }
    graph = graph_of(nodes, Part=inside)
    builder = Builder()
    Walk(builder, graph.modules).graph(graph)
    assert trace(graph, []).names == {identity: layer.name for identity, layer in builder.layers.items()}
    assert trace(graph, []).names["part/conv"] == "part_conv_2"


def test_errors_behind_a_node_leave_it_alone() -> None:
    graph = graph_of({**NODES, "image": {"block": "Input", "params": {"shape": [8, 8, 1]}}})
    broken = graph.with_node("conv2", params={"filters": -1})
    assert flows_at(trace(part_of(broken, "relu"), []), "relu")[0].spec.shape == (6, 6, 6)
    with pytest.raises(PreviewError, match=r"^conv2: Conv2D: invalid filters"):
        flows_at(trace(part_of(broken, "label"), []), "label")


def test_an_error_is_told_where_it_is() -> None:
    graph = graph_of({**NODES, "image": {"block": "Input", "params": {"shape": [4, 4, 1]}}})
    with pytest.raises(PreviewError, match=r"^conv2: The picture is 2 x 2 here, smaller than the window of 3 x 3"):
        flows_at(trace(part_of(graph, "pool"), []), "pool")


def test_an_error_inside_a_module_leaves_what_stands_before_it() -> None:
    inside = {
        "nodes": {"conv": {"block": "Conv2D", "inputs": ["@0"]}, "wrong": {"block": "Nothing", "inputs": ["conv"]}},
        "outputs": ["wrong"],
    }
    nodes = {"image": {"block": "Input", "params": {"shape": [8, 8, 3]}}, "part": {"block": "module:Part", "inputs": ["image"]}}
    traced = trace(part_of(graph_of(nodes, Part=inside), "part/conv"), [])
    assert flows_at(traced, "part/conv")[0].spec.shape == (6, 6, 32)
    with pytest.raises(PreviewError, match=r"^part/wrong: "):
        flows_at(traced, "part")


def test_an_unknown_node_gets_the_closest_one() -> None:
    graph = presets.get("ResNet20").graph((32, 32, 3), 10)
    with pytest.raises(PreviewError, match=r"There is no node 'stag1' in this network. Did you mean 'stage1'\?"):
        part_of(graph, "stag1/block1")
    with pytest.raises(PreviewError, match=r"Did you mean 'stage1/block1/conv1'\?"):
        flows_at(trace(part_of(graph, "stage1"), []), "stage1/block1/con1")


def test_only_what_a_node_depends_on_is_walked() -> None:
    graph = graph_of({**NODES, "side": {"block": "Flatten", "inputs": ["image"]}, "tied": {"reuse": "conv1", "inputs": ["image"]}})
    assert list(upstream(graph, ["relu"]).nodes) == ["image", "rescaling", "conv1", "norm", "relu"]
    assert list(upstream(graph, ["tied"]).nodes) == ["image", "rescaling", "conv1", "tied"]


def test_steps_come_behind_those_that_they_take() -> None:
    graph = presets.get("ResNet20").graph((32, 32, 3), 10)
    traced = trace(graph, [])
    found = needed(traced.flows["stage2"])
    places = {step: place for place, step in enumerate(found)}
    assert all(places[flow.step] < places[step] for step in found for flow in step.inputs)
    assert all(not step.path.startswith("stage3") for step in found)
