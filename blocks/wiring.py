"""How a composite or preset writes down its nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from blocks.base import Block
from blocks.errors import BlocksError
from blocks.graph import Fragment, NodeDocument
from blocks.spec import AnySpec, Shape

Infer = Callable[[Block, tuple[AnySpec, ...]], tuple[AnySpec, ...]]
"""What a block gives for these inputs; raises WiringError where it can't take them."""


class WiringError(BlocksError, ValueError):
    """A composite that can't be wired for these inputs."""


@dataclass(frozen=True)
class Node:
    """A handle on one output of a node, or on an input of the composite."""

    reference: str


class Wiring:
    """Collects the inner nodes of a composite. Every node gets an explicit id, so that its weights keep their names.

    Args:
        infer: Works out shapes, and is asked only where a composite wants to know one.
        inputs: What arrives at the composite.
    """

    def __init__(self, infer: Infer, *inputs: AnySpec) -> None:
        self._infer = infer
        self._inputs = inputs
        self._blocks: dict[str, tuple[Block, tuple[Node, ...]]] = {}
        self._reused: dict[str, tuple[str, tuple[Node, ...]]] = {}
        self._modules: dict[str, tuple[str, tuple[Node, ...]]] = {}
        self._order: dict[str, None] = {}
        self._specs: dict[str, AnySpec] = {f"@{index}": spec for index, spec in enumerate(inputs)}

    @property
    def inputs(self) -> tuple[Node, ...]:
        """Handles on what arrives."""
        return tuple(Node(f"@{index}") for index in range(len(self._inputs)))

    def add(self, node_id: str, block: Block, *inputs: Node) -> Node:
        """Adds one node and returns its first output."""
        self._blocks[self._free(node_id)] = (block, inputs)
        return Node(node_id)

    def chain(self, start: Node, /, **blocks: Block) -> Node:
        """Adds blocks one after the other, the keyword being the node's id, and returns the last one's output."""
        for node_id, block in blocks.items():
            start = self.add(node_id, block, start)
        return start

    def reuse(self, node_id: str, original: Node, *inputs: Node) -> Node:
        """Adds another use of a node, with the same weights."""
        self._reused[self._free(node_id)] = (original.reference, inputs)
        return Node(node_id)

    def use(self, node_id: str, module: str, *inputs: Node) -> Node:
        """Adds a node that is a module of the document (`module:Name`); no shape behind it can be asked for."""
        self._modules[self._free(node_id)] = (module, inputs)
        return Node(node_id)

    def output(self, node: Node, number: int) -> Node:
        """Another output of the same node."""
        return Node(f"{node.reference.partition(':')[0]}:{number}")

    def shape(self, node: Node) -> Shape:
        """The shape at a node, without the batch axis.

        Raises:
            WiringError: The blocks up to the node don't fit together.
        """
        return self._spec(node).shape

    def channels(self, node: Node) -> int:
        """The size of the last axis at a node."""
        shape = self.shape(node)
        if not shape or shape[-1] is None:
            raise WiringError("The number of channels must be known here.")
        return shape[-1]

    def fragment(self, *outputs: Node) -> Fragment:
        """All that was added, with these outputs."""
        nodes = {
            node_id: NodeDocument(block=type(block).__name__, params=block.params(), inputs=tuple(node.reference for node in inputs))
            for node_id, (block, inputs) in self._blocks.items()
        }
        for node_id, (module, inputs) in self._modules.items():
            nodes[node_id] = NodeDocument(block=module, inputs=tuple(node.reference for node in inputs))
        for node_id, (original, inputs) in self._reused.items():
            nodes[node_id] = NodeDocument(reuse=original, inputs=tuple(node.reference for node in inputs))
        return Fragment(nodes={node_id: nodes[node_id] for node_id in self._order}, outputs=tuple(node.reference for node in outputs))

    def _free(self, node_id: str) -> str:
        """The id, if no node has it yet; it is then the last one's."""
        if node_id in self._order:
            raise WiringError(f"The node id {node_id!r} is used twice.")
        self._order[node_id] = None
        return node_id

    def _spec(self, node: Node) -> AnySpec:
        reference = node.reference
        if reference not in self._specs:
            node_id, _, _ = reference.partition(":")
            original, inputs = self._reused.get(node_id, (node_id, ()))
            block, own_inputs = self._blocks[original]
            found = self._infer(block, tuple(self._spec(source) for source in inputs or own_inputs))
            for number, spec in enumerate(found):
                self._specs[f"{node_id}:{number}"] = spec
            self._specs[node_id] = found[0]
        return self._specs[reference]
