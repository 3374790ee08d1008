"""What a run's front has measured goes with its weights: an embedding's rows belong to its vocabulary, a kernel to its scale."""

from __future__ import annotations

from typing import Any

from blocks.graph import Graph, NodeDocument
from studio.networks.front import adaptable, adaptable_block


def with_measured(graph: Graph, other: Graph) -> tuple[Graph, list[str]]:
    """A bound graph with what the same nodes of another, adapted graph have measured; and the names of these nodes."""
    taken = []
    for name, _, _ in adaptable(graph):
        measured = [field.name for field in type(adaptable_block(graph, name)).form_fields() if field.from_data]
        theirs = other.nodes.get(name)
        if theirs is None or not _same(graph.nodes[name], theirs, measured):
            continue
        values = {key: theirs.params[key] for key in measured if theirs.params.get(key) is not None}
        if values:
            graph = graph.with_node(name, params={**graph.nodes[name].params, **values})
            taken.append(name)
    return graph, taken


def _same(ours: NodeDocument, theirs: NodeDocument, measured: list[str]) -> bool:
    def chosen(document: NodeDocument) -> dict[str, Any]:
        return {key: value for key, value in document.params.items() if key not in measured}

    return ours.block == theirs.block and chosen(ours) == chosen(theirs)
