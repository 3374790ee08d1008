"""The same network without composites and modules: every layer a node of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from blocks.analysis import analyse, output_nodes
from blocks.base import Block, LayerBlock
from blocks.errors import GraphError
from blocks.features import Feature
from blocks.graph import MAXIMUM_NODES, Graph, NodeDocument, split_reference
from blocks.inference import InferenceError, infer
from blocks.messages import Message
from blocks.ports import Input
from blocks.spec import AnySpec
from blocks.walk import MODULE_PREFIX, Walk

LONGEST_ID = 120
"""Characters of an id, as `blocks.graph.Identifier` has it."""
ENDING = "Identity"
"""The block that sets off an open end which other nodes use too."""


@dataclass(frozen=True)
class Source:
    """One output of a node, by its place in the list."""

    node: int
    number: int
    spec: AnySpec


@dataclass(frozen=True)
class FlatNode:
    """A layer, an Input or an augmentation, wherever it stood.

    Args:
        name: Its id; that of the layer in the built model, except where it reuses another's.
        path: Where it stood, such as `stage1/block2/conv1`.
        identity: Where the node stood whose weights it uses.
        block: Bound to the dataset.
        given: As the document or the composite has it.
        original: The place in the list of the node whose weights it uses, if that is another.
    """

    name: str
    path: str
    identity: str
    block: Block
    given: Block
    inputs: tuple[Source, ...]
    trainable: bool
    original: int | None = None

    @property
    def makes_layer(self) -> bool:
        """Whether the built model gets a layer for it."""
        return isinstance(self.block, Input) or (self.original is None and not _is_augmentation(self.block))


@dataclass(frozen=True)
class Flat:
    """A whole graph's nodes in the order in which they are built.

    Args:
        ends: By the node that gives it, what leaves the network.
    """

    nodes: list[FlatNode]
    ends: dict[str, Source]


class _Flattener:
    """The visitor that notes every leaf."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.nodes: list[FlatNode] = []
        self.messages: list[Message] = []
        self._features = list(features)
        self._given: dict[int, tuple[Block, Block]] = {}
        self._first: dict[str, int] = {}

    def bound(self, block: Block) -> Block:
        found = block.bind(self._features)
        self._given[id(found)] = (found, block)  # with the block itself, so that no other one gets its number
        return found

    def spec(self, value: Source) -> AnySpec:
        return value.spec

    def report(self, message: Message) -> None:
        self.messages.append(message)

    def leave(self, path: str, inputs: list[Source], outputs: list[Source]) -> None:
        """Composites leave nothing behind."""

    def leaf(self, path: str, identity: str, block: Block, inputs: list[Source], trainable: bool) -> list[Source] | None:
        place = len(self.nodes)
        if isinstance(block, Input):
            spec = block.spec()
            assert spec is not None  # noqa: S101 - Input.problem has refused it otherwise
            outputs: tuple[AnySpec, ...] = (spec,)
            original = None
        else:
            assert isinstance(block, LayerBlock)  # noqa: S101 - there is no other kind of leaf
            try:
                outputs = infer(block, tuple(value.spec for value in inputs)).outputs
            except InferenceError as error:
                self.report(Message(path, "error", error.text, error.fix))
                return None
            first = self._first.setdefault(identity, place)
            original = first if first != place else None
        given = self._given[id(block)][1]
        self.nodes.append(FlatNode("", path, identity, block, given, tuple(inputs), trainable, original))
        return [Source(place, number, spec) for number, spec in enumerate(outputs)]


def flat(graph: Graph, features: Sequence[Feature] | None = None) -> Flat:
    """Every node of a graph, at whatever level it stood, with the name of its layer.

    Raises:
        GraphError: With every problem of the graph.
    """
    analysis = analyse(graph, features)
    if analysis.errors:
        raise GraphError(analysis.errors)
    visitor = _Flattener(features or ())
    values = Walk(visitor, graph.modules, adjust=visitor.bound).graph(graph)
    ends = output_nodes(graph)
    if visitor.messages or any(node not in values for node in ends):
        raise GraphError(visitor.messages)
    return Flat(_named(visitor.nodes), {node: values[node][0] for node in ends})


def flatten(graph: Graph, features: Sequence[Feature] | None = None) -> Graph:
    """The same network with every composite and module replaced by the blocks inside, in the order in which they are built.

    The ids are the names of the layers, such as `stage1_block2_conv1`; a taken one gets `_2`. Parameters stay as they are: what a
    dataset decides is not written into them. An open end that other nodes use too, or that is a further output of a layer, gets an
    Identity that is named as the node it came from.

    Args:
        features: The dataset's features, to which Inputs and Outputs bind.

    Raises:
        GraphError: With every problem of the graph, or the names that would be too long.
    """
    found = flat(graph, features)
    _check_size(found)
    names = [node.name for node in found.nodes]
    nodes = {node.name: _document(graph, node, names) for node in found.nodes}
    if not any(document.block == "Output" for document in graph.nodes.values()):
        nodes = _ended(nodes, {end: _reference(source, names) for end, source in found.ends.items()})
    kept = {node.name for node in found.nodes if node.path == node.name}
    layout = {node: place for node, place in graph.layout.items() if node in kept}
    return Graph(name=graph.name, nodes=nodes, layout=layout)


def _named(nodes: list[FlatNode]) -> list[FlatNode]:
    """The nodes with ids: first those of layers, as the built model names them, then those that have no layer of their own."""
    taken: set[str] = set()
    found = list(nodes)
    for layers in (True, False):
        for place, node in enumerate(nodes):
            if node.makes_layer == layers:
                place_of_weights = node.identity if layers and not isinstance(node.block, Input) else node.path
                found[place] = replace(node, name=free_name(place_of_weights.replace("/", "_"), taken))
                taken.add(found[place].name)
    return found


def free_name(name: str, taken: set[str]) -> str:
    """The name, or with the first number behind it that makes it free."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _document(graph: Graph, node: FlatNode, names: list[str]) -> NodeDocument:
    common = {
        "inputs": tuple(_reference(source, names) for source in node.inputs),
        "trainable": node.trainable or not isinstance(node.block, LayerBlock),
        "title": _title(graph, node.path),
    }
    if node.original is not None:
        return NodeDocument(reuse=names[node.original], **common)
    return NodeDocument(block=type(node.given).__name__, params=node.given.params(), **common)


def _reference(source: Source, names: list[str]) -> str:
    return f"{names[source.node]}:{source.number}" if source.number else names[source.node]


def _title(graph: Graph, path: str) -> str:
    """What a person called the node, in the document or in one of its modules."""
    level: Mapping[str, NodeDocument] = graph.nodes
    *outer, last = path.split("/")
    for part in outer:
        document = level[part]
        block = level[document.reuse].block if document.reuse else document.block
        if not block.startswith(MODULE_PREFIX):
            return ""
        level = graph.modules[block.removeprefix(MODULE_PREFIX)].nodes
    return level[last].title


def _ended(nodes: dict[str, NodeDocument], ends: dict[str, str]) -> dict[str, NodeDocument]:
    """The nodes so that what leaves the network is open, and nothing else."""
    wanted = {split_reference(reference)[0] for reference in ends.values()}
    while loose := set(nodes) - wanted - _used(nodes):
        nodes = {node: document for node, document in nodes.items() if node not in loose}
    used = _used(nodes)
    found = dict(nodes)
    for end, reference in ends.items():
        node, number = split_reference(reference)
        if node in used or number or list(ends.values()).count(reference) > 1:
            found[free_name(end, set(found))] = NodeDocument(block=ENDING, inputs=(reference,))
    return found


def _used(nodes: Mapping[str, NodeDocument]) -> set[str]:
    taken = {split_reference(reference)[0] for document in nodes.values() for reference in document.inputs}
    return taken | {document.reuse for document in nodes.values() if document.reuse}


def _check_size(found: Flat) -> None:
    problems = [
        Message(node.path, "error", f"Its name would have more than {LONGEST_ID} characters.", "Shorten the names of the modules around it.")
        for node in found.nodes
        if len(node.name) > LONGEST_ID
    ]
    if len(found.nodes) > MAXIMUM_NODES:
        problems.append(Message("", "error", f"The network would have more than {MAXIMUM_NODES:,} nodes.", "Leave some of its parts closed."))
    if problems:
        raise GraphError(problems)


def _is_augmentation(block: Block) -> bool:
    return isinstance(block, LayerBlock) and block.augmentation
