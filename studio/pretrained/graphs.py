"""The networks of keras.applications as graphs that take raw pixels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import presets
from blocks.base import Block
from blocks.features import Feature, inputs_of
from blocks.graph import Fragment, Graph, NodeDocument
from blocks.importing import from_config
from blocks.merging import Concatenate
from blocks.preprocessing import Normalization, Rescaling, Resizing
from blocks.walk import read_block
from blocks.wiring import Node, Wiring
from presets import Preset
from presets.fronts import as_node
from studio.pretrained.applications import CLASSES, Application, Preparation, PretrainedError, get

COLOURS = 3
MEANS, DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pixels, red, green and blue, between 0 and 1."""
CAFFE_MEANS = (123.68, 116.779, 103.939)
"""The same from 0 to 255, as the networks trained with Caffe have them; `weights.mapped` turns their first kernel, which wants blue first."""

PREPARATIONS: dict[Preparation, dict[str, Block]] = {
    "caffe": {"normalization": Normalization(mean=CAFFE_MEANS, variance=(1.0,) * COLOURS)},
    "tf": {"rescaling": Rescaling(scale=1 / 127.5, offset=-1.0)},
    "torch": {"rescaling": Rescaling(), "normalization": Normalization(mean=MEANS, variance=tuple(each**2 for each in DEVIATIONS))},
    "v2": {"rescaling": Rescaling(scale=1 / 128, offset=-1.0)},
}
"""What stands before the body, by the ids of the nodes."""
FRONT, BODY = "rescaling", "body"
"""The node with which a preset prepares pictures, and the one that holds a network that is no preset."""


class _Bare(Preset):
    """A front and a head with nothing between them, which fit themselves to a dataset as those of any preset do."""

    canonical_classes = CLASSES
    minimum_size = 32

    def wire(self, net: Wiring, x: Node) -> Node:  # noqa: ARG002
        return x


def graph(name: str, features: Sequence[Feature] | None = None) -> Graph:
    """A network of keras.applications that takes pixels from 0 to 255 and prepares them itself.

    Of a preset it is the preset's graph with another front. The other networks are made from their configuration, for which Keras is
    loaded; their layers stand in a module. Grey pictures are looked at as coloured ones.

    Args:
        features: The dataset's, which decide sizes and classes; without them they are those of the published weights.

    Raises:
        PretrainedError: There is no such network, or the pictures are neither grey nor coloured.
        PresetError: The dataset doesn't fit.
    """
    application = get(name)
    preset = presets.get(name) if application.is_preset else _Bare()
    shape = None if features else (application.size, application.size, COLOURS)
    made = _prepared(preset.graph(shape, features=features), application, features)
    return made if application.is_preset else _with_body(made, application, features)


def misfit(name: str, features: Sequence[Feature]) -> str:
    """Why a network can't take a dataset, in one sentence; "" when it can. Needs no Keras.

    Raises:
        PretrainedError: There is no such network.
    """
    application = get(name)
    return (presets.get(name) if application.is_preset else _Bare()).misfit(features)


def _prepared(made: Graph, application: Application, features: Sequence[Feature] | None) -> Graph:
    """The graph with the front of the application."""
    before = made.nodes[FRONT].inputs
    channels = _shape(made, features)[-1]
    if channels not in (1, COLOURS):
        raise PretrainedError(f"{application.name} was trained on coloured pictures; these have {channels} channels. Choose another network.")
    chain: dict[str, Block] = {"colours": Concatenate()} if channels == 1 else {}
    chain |= PREPARATIONS[application.preparation]
    front: dict[str, NodeDocument] = {}
    last = before[0]
    for node, block in chain.items():
        front[node] = as_node(block, *([last] * COLOURS if isinstance(block, Concatenate) else [last]))
        last = node
    nodes: dict[str, NodeDocument] = {}
    for node, document in made.nodes.items():
        if node == FRONT:
            nodes |= front
        else:
            nodes[node] = document.model_copy(update={"inputs": tuple(last if each == FRONT else each for each in document.inputs)})
    return made.model_copy(update={"name": application.name, "nodes": nodes})


def _with_body(made: Graph, application: Application, features: Sequence[Feature] | None) -> Graph:
    """The bare graph with the layers of the application before its Outputs."""
    ends = {name: document for name, document in made.nodes.items() if document.block == "Output"}
    front = next(iter(ends.values())).inputs[0]
    imported = from_config(json.loads(constructed(application, input_shape=(*_shape(made, features)[:2], COLOURS)).to_json())).graph
    entry = {name: "@0" for name, document in imported.nodes.items() if document.block == "Input"}
    inside = {
        name: document.model_copy(update={"inputs": tuple(entry.get(each, each) for each in document.inputs)})
        for name, document in imported.nodes.items()
        if document.block not in ("Input", "Output")
    }
    outputs = next(document.inputs for document in imported.nodes.values() if document.block == "Output")
    rest = {name: document for name, document in made.nodes.items() if name not in ends}
    body = {BODY: NodeDocument(block=f"module:{application.name}", inputs=(front,), title=application.name)}
    heads = {name: document.model_copy(update={"inputs": (BODY,)}) for name, document in ends.items()}
    modules = {**imported.modules, application.name: Fragment(nodes=inside, outputs=outputs)}
    return made.model_copy(update={"name": application.name, "nodes": {**rest, **body, **heads}, "modules": modules})


def _shape(made: Graph, features: Sequence[Feature] | None) -> tuple[int | None, ...]:
    """Height, width and channels of the pictures at the front. Keras is not asked, so that the page can make a preset's graph itself."""
    entry = next(document for document in made.nodes.values() if document.block == "Input")
    height, width, channels = inputs_of(list(features))[0].shape if features else entry.params["shape"]
    resized = made.nodes.get("resizing")
    block = read_block(resized) if resized else None
    return (block.height, block.width, channels) if isinstance(block, Resizing) else (height, width, channels)


def constructed(application: Application, **arguments: Any) -> Any:
    """The network as Keras builds it, with fresh weights unless the arguments say otherwise."""
    import keras

    return getattr(keras.applications, application.constructor)(**{"weights": None, **application.arguments, **arguments})
