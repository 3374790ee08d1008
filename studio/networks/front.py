"""The front: the leading, unlearned part of a graph, which runs once over the data before training."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.analysis import analyse
from blocks.base import LayerBlock
from blocks.build import build
from blocks.features import Feature
from blocks.graph import Graph, NodeDocument, split_reference
from blocks.merging import Concatenate
from blocks.ports import Input, Output
from blocks.walk import in_order, read_block

if TYPE_CHECKING:
    import keras


SAMPLES = 4096
"""Pictures, texts or arrays that pass a front at once."""
ROWS = 32_768
"""Rows of a table that pass it at once; of many, dates that occur twice are read once."""
AT_ONCE = 2
"""Batches under way at once: most operations on a batch keep one core busy. More of them would take more memory."""


@dataclass(frozen=True)
class Split:
    """A graph in two: what runs once over the data, and what is trained.

    Args:
        front: The leading preprocessing; its open ends are the cuts. None of it is trained.
        network: The rest, with an Input of the same id in the place of each cut.
        cuts: For each Input of the whole graph, the node whose output the network takes.
    """

    front: Graph
    network: Graph
    cuts: dict[str, str]


def bound(graph: Graph, features: list[Feature]) -> Graph:
    """The graph with everything that the dataset decides written into its parameters."""
    nodes = {}
    for name, document in graph.nodes.items():
        if document.reuse or document.block.startswith("module:"):
            nodes[name] = document
        else:
            block = read_block(document).bind(features)
            nodes[name] = document.model_copy(update={"params": block.params()})
    return graph.model_copy(update={"nodes": nodes})


@contextmanager
def plain_numbers() -> Iterator[None]:
    """Layers made inside compute in float32: a front prepares data once, whatever the network is trained in."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def split(graph: Graph) -> Split:
    """Cuts a bound graph behind each Input at the last place where a number takes least bytes: for pictures before Rescaling.

    Texts and table columns must become numbers before the cut, since only numbers can be trained on.
    """
    with plain_numbers():
        analysis = analyse(graph)
    cuts = {name: _cut(graph, name, analysis.nodes) for name, document in graph.nodes.items() if document.block == Input.__name__}
    before = {name for cut in cuts.values() for name in leading_to(graph, cut)}
    front = part_of(graph, before).model_copy(update={"name": "front"})
    nodes = {}
    for name, document in graph.nodes.items():
        if name in cuts.values():
            node = analysis.nodes[name]
            dtype = "int32" if node.dtypes[0] == "int64" else node.dtypes[0]
            params = {"shape": [size or 0 for size in node.output_shapes[0]], "dtype": dtype}
            nodes[name] = NodeDocument(block=Input.__name__, params=params, title=document.title)
        elif name not in before:
            nodes[name] = document
    return Split(front, graph.model_copy(update={"nodes": nodes}), cuts)


def _cut(graph: Graph, start: str, nodes: dict[str, Any]) -> str:
    best, best_size = start, _item_size(nodes[start])
    for name in _passes(graph, start):
        size = _item_size(nodes[name])
        if size is not None and (best_size is None or size <= best_size):
            best, best_size = name, size
    return best


def _item_size(node: Any) -> int | None:
    """Bytes of one number at a node; None where there is none yet, or where the shape varies from sample to sample."""
    if node.dtypes[0] in ("string", "columns") or None in node.output_shapes[0]:
        return None
    return int(np.dtype(node.dtypes[0]).itemsize)


def _passes(graph: Graph, start: str) -> list[str]:
    """The nodes that all values of an Input pass, with nothing but preprocessing before them; branches of it may meet again."""
    sources = {name: _sources(document) for name, document in graph.nodes.items()}
    prepared = {start}
    found = []
    for name in in_order(graph.nodes)[0]:
        if not sources[name] or not sources[name] <= prepared or not _prepares(graph.nodes[name]):
            continue
        prepared.add(name)
        before = leading_to(graph, name)
        inner = before - {name}
        if all(user in before or not used & inner for user, used in sources.items()):
            found.append(name)
    return found


def _prepares(document: NodeDocument) -> bool:
    if document.reuse or document.block.startswith("module:"):
        return False
    block = read_block(document)
    return isinstance(block, Concatenate) or (isinstance(block, LayerBlock) and block.preprocessing)


def _sources(document: NodeDocument) -> set[str]:
    return {split_reference(reference)[0] for reference in document.inputs}


def without_training_only(graph: Graph) -> Graph:
    """The graph without its Outputs for training only and what leads to nothing else."""
    outputs = {name: read_block(document) for name, document in graph.nodes.items() if document.block == Output.__name__}
    kept = [name for name, block in outputs.items() if not getattr(block, "training_only", False)]
    if len(kept) == len(outputs):
        return graph
    names = {node for name in kept for node in leading_to(graph, name)}
    shared = {graph.nodes[name].reuse for name in names} - {None}
    return part_of(graph, names.union(*(leading_to(graph, str(name)) for name in shared)))


def leading_to(graph: Graph, node: str) -> set[str]:
    """A node and all nodes whose values reach it."""
    found = {node}
    ahead = [node]
    while ahead:
        new = _sources(graph.nodes[ahead.pop()]) - found
        found |= new
        ahead.extend(new)
    return found


def part_of(graph: Graph, names: Collection[str]) -> Graph:
    """The graph with some of its nodes only."""
    return graph.model_copy(update={"nodes": {name: document for name, document in graph.nodes.items() if name in names}})


def adapted(graph: Graph, values_at: Callable[[Graph, str], Any], keep: Collection[str] = ()) -> Graph:
    """The graph with what its adaptable blocks learn from the training split written into their parameters.

    Args:
        graph: A bound graph.
        keep: Nodes that stay as they are (`learned`).
        values_at: What the training split looks like behind the front part that it is given, an Input and the preprocessing
            behind it: called with the part and the Input's id.
    """
    for name, source, start in adaptable(graph):
        if name in keep:
            continue
        learned = adaptable_block(graph, name).adapt(values_at(part_of(graph, leading_to(graph, source)), start))
        graph = graph.with_node(name, params=learned.params())
    return graph


def adaptable(graph: Graph) -> list[tuple[str, str, str]]:
    """Nodes that measure something on the training split: (node, the node before it, the Input that it hangs on)."""
    found = []
    for name in in_order(graph.nodes)[0]:
        document = graph.nodes[name]
        if document.reuse or document.block.startswith("module:") or not document.inputs:
            continue
        block = read_block(document)
        if isinstance(block, LayerBlock) and block.adaptable:
            source = split_reference(document.inputs[0])[0]
            starts = [each for each in leading_to(graph, source) if not graph.nodes[each].inputs]
            if len(starts) == 1 and graph.nodes[starts[0]].block == Input.__name__:
                found.append((name, source, starts[0]))
    return found


def learned(graph: Graph) -> list[str]:
    """Adaptable nodes of a graph, before it is bound, that hold what was measured on other data: a vocabulary, mean and variance."""
    found = []
    for name, document in graph.nodes.items():
        if document.reuse or document.block.startswith("module:"):
            continue
        block = read_block(document)
        measured = [field.name for field in type(block).form_fields() if field.from_data]
        if isinstance(block, LayerBlock) and block.adaptable and any(document.params.get(field) for field in measured):
            found.append(name)
    return found


def adaptable_block(graph: Graph, node: str) -> LayerBlock:
    """The block of a node that `adaptable` names."""
    block = read_block(graph.nodes[node])
    assert isinstance(block, LayerBlock)  # noqa: S101 - `adaptable` has looked
    return block


def values_behind(part: Graph, values: Any) -> Any:
    """Values of an Input (an array, or a table's columns) behind a part of the front."""
    if len(part.nodes) == 1:
        return values
    with plain_numbers():
        model = build(part)
    return run(model, values)


def run(model: keras.Model, values: Any) -> np.ndarray:
    """A front model over all samples, in batches, without gradients."""
    samples = len(next(iter(values.values()))) if isinstance(values, dict) else len(values)
    batch_size = ROWS if isinstance(values, dict) else SAMPLES

    def behind(start: int) -> np.ndarray:
        batch = slice(start, start + batch_size)
        some = {name: column[batch] for name, column in values.items()} if isinstance(values, dict) else values[batch]
        return np.asarray(model(_tensors(some), training=False))

    first = behind(0)
    found = np.empty((samples, *first.shape[1:]), first.dtype)
    found[:batch_size] = first

    def fill(start: int) -> None:
        found[start : start + batch_size] = behind(start)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(fill, range(batch_size, samples, batch_size)))  # raises what a batch has raised
    return found


def _tensors(values: Any) -> Any:
    import tensorflow as tf

    if isinstance(values, dict):
        return {name: tf.convert_to_tensor(column) for name, column in values.items()}
    return tf.convert_to_tensor(values)
