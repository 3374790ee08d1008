"""Keras models that are imported, and the networks that are built of what came of them."""

from __future__ import annotations

import json
from typing import Any

import keras
import numpy as np

import blocks
from blocks.graph import Graph
from blocks.importing import Imported, from_config


def imported(model: keras.Model) -> Imported:
    """The model by way of its JSON, as a file has it."""
    return from_config(json.loads(model.to_json()))


def nodes(graph: Graph) -> dict[str, tuple[Any, ...]]:
    """What a graph says of its nodes, without layout and titles."""
    return {name: (node.block, node.params, node.inputs, node.reuse, node.trainable) for name, node in graph.nodes.items()}


def block_of(found: Imported, layer: str) -> tuple[str, dict[str, Any]]:
    """Block and parameters of a layer."""
    node = found.graph.nodes[found.layers[layer]]
    return node.block, node.params


def _listed(value: Any) -> list[Any]:
    return list(keras.tree.flatten(value))


def check_computes_the_same(model: keras.Model, values: list[Any], tolerance: float = 1e-6) -> Imported:
    """The network of the import, given the model's weights layer by layer, computes what the model computes."""
    found = imported(model)
    network = blocks.build(found.graph)
    for name, path in found.layers.items():
        layer = _layer(model, name)
        if layer is not None and layer.weights:
            network.get_layer(path.replace("/", "_")).set_weights(layer.get_weights())
    names = [found.layers[tensor._keras_history.operation.name] for tensor in model.inputs]
    given = values[0] if len(values) == 1 else dict(zip(names, values, strict=True))
    results = network(given, training=False)
    expected = _listed(model(_as_taken(model, values), training=False))
    for tensor, theirs in zip(model.outputs, expected, strict=True):
        mine = results[_end(found, tensor._keras_history)] if isinstance(results, dict) else results
        np.testing.assert_allclose(_array(mine).reshape(theirs.shape), _array(theirs), atol=tolerance, rtol=1e-5)
    return found


def _end(found: Imported, history: Any) -> str:
    """The Output behind a node, or the node that has become it."""
    node = found.layers.get(history.operation.name, "")
    reference = f"{node}:{history.tensor_index}" if history.tensor_index else node
    outputs = {name: each for name, each in found.graph.nodes.items() if each.block == "Output"}
    return node if node in outputs else next(name for name, each in outputs.items() if each.inputs[0] == reference)


def _array(value: Any) -> np.ndarray[Any, Any]:
    return np.asarray(keras.ops.convert_to_numpy(value))


def _layer(model: Any, name: str) -> Any:
    """A layer by its name with those of the models around it; None for a function or a model."""
    for part in name.split("/"):
        model = next((each for each in model.layers if each.name == part), None)
        if model is None:
            return None
    return None if isinstance(model, keras.Model) else model


def _as_taken(model: keras.Model, values: list[Any]) -> Any:
    taken = getattr(model, "_inputs_struct", None)  # which a Sequential lacks
    if isinstance(taken, dict):
        return dict(zip(sorted(taken), values, strict=True))
    return values[0] if len(values) == 1 else values


def random(*shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")
