"""Every layer, at one of its inputs: computed alone it gives what it gives in a built model, and that can be shown."""

from __future__ import annotations

import json

import numpy as np
import pytest

import blocks
from blocks.base import LayerBlock
from blocks.graph import Graph
from blocks.spec import TableSpec
from studio.inspection.figures import View, figure
from studio.inspection.kernels import kernels, weights_json
from studio.inspection.memory import Memory
from studio.inspection.samples import Sample
from studio.inspection.trace import trace
from studio.inspection.values import Values
from studio.networks import weights
from tests.blocks import samples
from tests.studio.inspection.looking import pixels

NAMES = [name for name, block in blocks.all().items() if issubclass(block, LayerBlock)]


def with_features(graph: Graph) -> Graph:
    """The graph with each Input bound to a feature of its own name."""
    for node, document in graph.nodes.items():
        if document.block == "Input":
            graph = graph.with_node(node, params={**document.params, "feature": "columns" if document.params.get("columns") else node})
    return graph


@pytest.mark.parametrize("name", NAMES)
def test_a_block_alone_is_as_in_a_model(name: str) -> None:
    block = blocks.get(name)
    specs = samples.inputs_for(block)[0]
    graph = with_features(samples.graph_of(name, samples.params_for(block, specs), specs))
    given = samples.values_for(specs)
    traced = trace(graph, [])
    assert traced.messages == []
    entries = [node for node, document in graph.nodes.items() if document.block == "Input"]
    first = [{key: column[:1] for key, column in value.items()} if isinstance(value, dict) else value[:1] for value in given]
    named = {"columns" if isinstance(spec, TableSpec) else node: value for node, spec, value in zip(entries, specs, first, strict=True)}
    values = Values(Sample("s", named), None, Memory())
    flows = traced.flows["block"]
    found = values.at(flows)

    model = blocks.build(graph)
    made = [values.made(step).layer for step in traced.steps if step.path not in entries]
    weights.assign(model.weights, {name: value for layer in made for name, value in weights.values(layer.weights).items()})
    outputs = model(samples.fed(first), training=False)
    expected = np.asarray(outputs[0] if isinstance(outputs, list | tuple) else outputs)
    told = np.asarray(found[0])
    assert told.shape == expected.shape
    if expected.dtype.kind in "fiub":
        np.testing.assert_allclose(told.astype("float64"), expected.astype("float64"), rtol=1e-3, atol=1e-4)
    else:
        assert (told == expected).all()

    shown = figure("block", flows[0], found[0], View(), [])
    png = shown.pop("picture")
    assert png is None or pixels(png).size
    json.dumps(shown, allow_nan=False)
    step = flows[0].step
    if isinstance(step.block, LayerBlock):
        arrays = values.made(step).arrays()
        assert weights_json(arrays)["count"] == sum(array.size for array in arrays.values())
        for weight in (kernels(step, arrays, View()) or {"names": []})["names"]:
            drawn = kernels(step, arrays, View(weight=weight))
            assert drawn is not None
            assert pixels(drawn["picture"]).size
