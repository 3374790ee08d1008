"""Which layers of a network training changes: the last ones of it, and the rest stays frozen."""

from __future__ import annotations

from collections.abc import Sequence

from blocks.analysis import analyse
from blocks.base import LayerBlock
from blocks.errors import InvalidValueError, invalid
from blocks.features import Feature
from blocks.figures import Analysis
from blocks.graph import Graph, NodeDocument
from blocks.walk import MODULE_PREFIX, in_order, read_block


def layers(graph: Graph, analysis: Analysis) -> list[str]:
    """The top-level nodes whose weights training can change, frozen or not, in topological order.

    A composite is one of them, however many layers it holds; a node that shares the weights of another is none.
    """
    return [name for name in in_order(graph.nodes)[0] if name in analysis.nodes and analysis.nodes[name].weights and _learns(graph.nodes[name])]


def _learns(document: NodeDocument) -> bool:
    if document.reuse or document.block.startswith(MODULE_PREFIX):
        return not document.reuse
    block = read_block(document)
    return not (isinstance(block, LayerBlock) and block.preprocessing)


def freeze(graph: Graph, keep_last: int, features: Sequence[Feature] | None = None) -> Graph:
    """The graph in which the last layers are trained and all before them are frozen.

    Args:
        keep_last: How many of `layers` are trained, from the end; 0 freezes all of them.
        features: The dataset's features, to which Inputs and Outputs bind.

    Raises:
        InvalidValueError: There are not so many layers.
    """
    found = layers(graph, analyse(graph, features))
    if not 0 <= keep_last <= len(found):
        raise InvalidValueError(invalid("Freezing", "keep_last", f"a whole number from 0 to {len(found)}, the layers with weights", keep_last))
    trained = set(found[len(found) - keep_last :])
    return graph.with_trainable({name: name in trained for name in found})


def thaw(graph: Graph) -> Graph:
    """The graph with every top-level node trained."""
    return graph.with_trainable(dict.fromkeys(graph.nodes, True))


def frozen(graph: Graph) -> list[str]:
    """The top-level nodes that are frozen."""
    return [name for name, document in graph.nodes.items() if not document.trainable]
