"""What stands around the layers of a pretrained network: pixels prepared as it was trained with, and a head for the dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks.base import Block
from blocks.features import Feature, inputs_of
from blocks.graph import Fragment, Graph, NodeDocument
from blocks.importing import Imported
from blocks.merging import Concatenate
from blocks.preprocessing import Resizing
from blocks.walk import read_block
from blocks.wiring import Node, Wiring
from presets import Preset
from presets.fronts import as_node
from studio.pretrained.applications import CLASSES, PretrainedError

COLOURS = 3
FRONT, BODY = "rescaling", "body"
"""The node with which a preset prepares pictures, and the one that holds a network that is no preset."""


class Bare(Preset):
    """A front and a head with nothing between them, which fit themselves to a dataset as those of any preset do.

    Args:
        called: The network whose layers will stand there.
    """

    canonical_classes = CLASSES
    minimum_size = 32

    called: str = "The network"

    @property
    def name(self) -> str:
        return self.called

    def wire(self, net: Wiring, x: Node) -> Node:  # noqa: ARG002
        return x


def prepared(made: Graph, name: str, preparation: Mapping[str, Block], features: Sequence[Feature] | None) -> Graph:
    """A graph with another preparation of pixels. Grey pictures are looked at as coloured ones.

    Args:
        preparation: What stands before the body, by the ids of the nodes.

    Raises:
        PretrainedError: The pictures are neither grey nor coloured.
    """
    before = made.nodes[FRONT].inputs
    channels = picture_shape(made, features)[-1]
    if channels not in (1, COLOURS):
        raise PretrainedError(f"{name} was trained on coloured pictures; these have {channels} channels. Choose another network.")
    chain: dict[str, Block] = {"colours": Concatenate()} if channels == 1 else {}
    chain |= preparation
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
    return made.model_copy(update={"name": name, "nodes": nodes})


def with_body(made: Graph, name: str, imported: Imported) -> Graph:
    """A bare graph with imported layers before its Outputs, in a module."""
    ends = {node: document for node, document in made.nodes.items() if document.block == "Output"}
    front = next(iter(ends.values())).inputs[0]
    entry = {node: "@0" for node, document in imported.graph.nodes.items() if document.block == "Input"}
    inside = {
        node: document.model_copy(update={"inputs": tuple(entry.get(each, each) for each in document.inputs)})
        for node, document in imported.graph.nodes.items()
        if document.block not in ("Input", "Output")
    }
    outputs = next(document.inputs for document in imported.graph.nodes.values() if document.block == "Output")
    rest = {node: document for node, document in made.nodes.items() if node not in ends}
    body = {BODY: NodeDocument(block=f"module:{name}", inputs=(front,), title=name)}
    heads = {node: document.model_copy(update={"inputs": (BODY,)}) for node, document in ends.items()}
    modules = {**imported.graph.modules, name: Fragment(nodes=inside, outputs=outputs)}
    return made.model_copy(update={"name": name, "nodes": {**rest, **body, **heads}, "modules": modules})


def picture_shape(made: Graph, features: Sequence[Feature] | None) -> tuple[int | None, ...]:
    """Height, width and channels of the pictures at the front. Keras is not asked, so that the page can make a preset's graph itself."""
    entry = next(document for document in made.nodes.values() if document.block == "Input")
    height, width, channels = inputs_of(list(features))[0].shape if features else entry.params["shape"]
    resized = made.nodes.get("resizing")
    block = read_block(resized) if resized else None
    return (block.height, block.width, channels) if isinstance(block, Resizing) else (height, width, channels)
