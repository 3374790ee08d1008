"""A node that the analysis could not pass, with all that a way out depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from blocks.base import Block, LayerBlock, registry
from blocks.editing.adding import kept_params
from blocks.errors import BlocksError
from blocks.features import Feature
from blocks.figures import Analysis
from blocks.graph import Graph, NodeDocument, split_reference
from blocks.inference import as_accepted
from blocks.messages import Message
from blocks.ports import Input
from blocks.spec import AnySpec, Spec
from blocks.walk import MODULE_PREFIX, read_block


@dataclass(frozen=True)
class Failure:
    """One error about one node of the graph or of a module.

    Args:
        place: The level of the node: "" for the graph, or the path of the node whose inside it is.
        nodes: The nodes of that level.
    """

    message: Message
    graph: Graph
    analysis: Analysis
    features: Sequence[Feature]
    place: str
    name: str
    nodes: Mapping[str, NodeDocument]

    @property
    def path(self) -> str:
        """The path of the node."""
        return self.message.node

    @property
    def document(self) -> NodeDocument:
        """The node."""
        return self.nodes[self.name]

    @property
    def original(self) -> NodeDocument:
        """The node, or the one whose weights it uses."""
        return self.nodes.get(self.document.reuse or "", self.document)

    @cached_property
    def block(self) -> Block | None:
        """The node's block, bound to the dataset; None where it is unknown, a module, or refuses its parameters."""
        return self.read(self.original)

    @cached_property
    def specs(self) -> list[AnySpec] | None:
        """What arrives; None where something is missing."""
        found = [self.spec(reference) for reference in self.document.inputs]
        return None if None in found else [spec for spec in found if spec is not None]

    @property
    def taken(self) -> list[AnySpec] | None:
        """What arrives at a block with as many inputs as it may have; None where that is not the trouble."""
        if self.block is None or self.specs is None:
            return None
        least, most = self.block.arity
        return self.specs if least <= len(self.specs) <= (len(self.specs) if most is None else most) else None

    @property
    def accepted(self) -> list[AnySpec]:
        """What arrives as the layer gets it, of the right kind of numbers."""
        specs = self.specs or []
        return [as_accepted(self.block, spec) for spec in specs] if isinstance(self.block, LayerBlock) else specs

    def read(self, document: NodeDocument) -> Block | None:
        """The block of a node, or None."""
        try:
            return read_block(document).bind(list(self.features))
        except BlocksError:
            return None

    def reads(self, params: dict[str, object], block: str = "") -> Block | None:
        """The node's block with other parameters (or another block with them), or None if these are refused."""
        return self.read(NodeDocument(block=block or self.original.block, params=params))

    def solves(self, block: Block | None) -> bool:
        """Whether a block would take what arrives."""
        return block is not None and self.specs is not None and block.problem(list(self.specs)) is None

    def solved_by(self, block: str) -> bool:
        """Whether another block in the node's place, with the parameters that it takes over, would take what arrives."""
        if block not in registry or self.document.reuse:
            return False
        return self.solves(self.reads(kept_params(block, self.document.params), block))

    def at(self, name: str) -> str:
        """The path of another node of the level."""
        return f"{self.place}/{name}" if self.place else name

    def spec(self, reference: str) -> AnySpec | None:
        """What an edge of this level carries, if the analysis knows."""
        return _spec(self, self.place, self.nodes, reference)

    def source(self, index: int = 0) -> str:
        """The node at the beginning of an edge; "" for a port of the module."""
        name = split_reference(self.document.inputs[index])[0] if index < len(self.document.inputs) else ""
        return name if name in self.nodes else ""

    def shares(self, name: str) -> bool:
        """Whether other nodes take what a node gives, too."""
        takers = [taker for taker, document in self.nodes.items() for each in document.inputs if split_reference(each)[0] == name]
        return len(takers) > 1

    def behind(self) -> set[str]:
        """The node, and all of its level that hang on it."""
        followers: dict[str, list[str]] = {}
        for name, document in self.nodes.items():
            for source in {document.reuse or "", *(split_reference(reference)[0] for reference in document.inputs)}:
                followers.setdefault(source, []).append(name)
        found, waiting = {self.name}, [self.name]
        while waiting:
            for follower in followers.get(waiting.pop(), []):
                if follower not in found:
                    found.add(follower)
                    waiting.append(follower)
        return found


def failure_of(message: Message, graph: Graph, analysis: Analysis, features: Sequence[Feature]) -> Failure | None:
    """The failure that a message tells of; None where its node stands in a ready composite, whose inside can't be changed as long as it fails."""
    *around, name = message.node.split("/")
    place = "/".join(around)
    nodes = _level(graph, place)
    if nodes is None or name not in nodes:
        return None
    return Failure(message, graph, analysis, features, place, name, nodes)


def _level(graph: Graph, place: str) -> Mapping[str, NodeDocument] | None:
    """The nodes of the graph, or of the module at a place."""
    nodes: Mapping[str, NodeDocument] = graph.nodes
    for name in place.split("/") if place else []:
        document = nodes.get(name)
        if document is not None and document.reuse:
            document = nodes.get(document.reuse)
        if document is None or not document.block.startswith(MODULE_PREFIX):
            return None
        module = graph.modules.get(document.block.removeprefix(MODULE_PREFIX))
        if module is None:
            return None
        nodes = module.nodes
    return nodes


def _spec(failure: Failure, place: str, nodes: Mapping[str, NodeDocument], reference: str) -> AnySpec | None:
    if reference.startswith("@"):
        outer, _, holder = place.rpartition("/")
        level = _level(failure.graph, outer) if place else None
        index = int(reference[1:])
        if level is None or holder not in level or index >= len(level[holder].inputs):
            return None
        return _spec(failure, outer, level, level[holder].inputs[index])
    name, number = split_reference(reference)
    figures = failure.analysis.nodes.get(f"{place}/{name}" if place else name)
    if figures is None or number >= len(figures.output_shapes):
        return None
    if figures.dtypes[number] == "columns" and name in nodes:
        block = failure.read(nodes[name])
        return block.spec() if isinstance(block, Input) else None
    return Spec(figures.output_shapes[number], figures.dtypes[number])
