"""What layers learned from data before training: means and vocabularies become parameters of the blocks, as they are in every graph here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from blocks.base import LayerBlock
from blocks.errors import BlocksError
from blocks.graph import Fragment, Graph, NodeDocument
from blocks.importing import Imported
from blocks.importing.decoders_vocabulary import without_special
from blocks.lookups import IntegerLookup, StringLookup
from blocks.preprocessing import Normalization
from blocks.text import TextVectorization
from blocks.walk import MODULE_PREFIX, read_block
from studio.networks.keras_import.weight_file import Left

UNKNOWN = "[UNK]"
VOCABULARY = "assets/{}/vocabulary.txt"
"""Where a `.keras` file keeps the words of the layer at a place."""


def with_learned(
    imported: Imported, arrays: Mapping[str, Mapping[str, np.ndarray]], text: Callable[[str], str | None]
) -> tuple[Graph, list[str], list[Left]]:
    """The graph with what the file says that its layers learned.

    Args:
        arrays: Of the weight file, by place and number.
        text: Reads a file of the archive; None where there is none.

    Returns:
        The graph; the places whose arrays are now parameters; and what could not be taken over.
    """
    graph, taken, left = imported.graph, [], []
    for path, place in imported.stored.items():
        block = _block_at(graph, path)
        if block is None:
            continue
        try:
            learned = _learned(block, arrays.get(place, {}), lambda place=place: text(VOCABULARY.format(place)))  # type: ignore[misc]
            if learned is not None:
                graph = with_parameters(graph, path, type(block).read({**block.params(), **learned}).params())
                taken.append(place)
        except (BlocksError, ValueError) as error:
            left.append(Left(path, f"what it learned is not taken over: {str(error).splitlines()[0]}"))
    return graph, taken, left


def _learned(block: LayerBlock, arrays: Mapping[str, np.ndarray], words: Callable[[], str | None]) -> dict[str, Any] | None:
    """What a block learned, as parameters that are not there yet; None for one that learns nothing, or of which the file holds nothing."""
    if isinstance(block, Normalization):
        return None if block.mean is not None or not {"0", "1"} <= set(arrays) else _mean(arrays["0"], arrays["1"])
    if not isinstance(block, TextVectorization | StringLookup | IntegerLookup):
        return None
    if block.vocabulary is not None:
        return {}  # the configuration had it, and the weight file holds the same once more
    text = words()
    if text is None:
        return None
    lines = text.splitlines()
    while lines and not lines[-1]:
        lines.pop()
    return _vocabulary(block, lines, arrays.get("idf_weights"))


def _mean(mean: np.ndarray, variance: np.ndarray) -> dict[str, Any]:
    if not np.any(mean) and np.all(variance == 1):
        return {}  # nothing was measured
    return {"mean": np.ravel(mean).tolist(), "variance": np.ravel(variance).tolist()}


def _vocabulary(block: TextVectorization | StringLookup | IntegerLookup, lines: list[str], weights: np.ndarray | None) -> dict[str, Any]:
    values: list[Any] = list(lines)
    if isinstance(block, IntegerLookup):
        values, special = [int(line) for line in lines], block.special(block.unknown)
    elif isinstance(block, StringLookup):
        special = block.special(UNKNOWN)
    else:
        special = ["", UNKNOWN] if block.output_mode == "int" else [UNKNOWN]
    kept = without_special(values, special)
    learned = {"vocabulary": kept, "max_tokens": max(block.max_tokens, len(kept) + len(special))}
    if block.output_mode != "tf_idf":
        return learned
    if weights is None or weights.ndim != 1 or len(weights) < len(kept):
        raise ValueError("the weights of its words don't stand in the file; they are measured anew on the training data.")
    return {**learned, "idf_weights": weights[len(weights) - len(kept) :].tolist()}


def _block_at(graph: Graph, path: str) -> LayerBlock | None:
    *around, last = path.split("/")
    document = _level(graph, around)[last]
    if document.reuse or document.block.startswith(MODULE_PREFIX):
        return None
    block = read_block(document)
    return block if isinstance(block, LayerBlock) else None


def _modules(graph: Graph, around: list[str]) -> Iterator[str]:
    """The names of the modules on the way to a node, from the outside."""
    level: Mapping[str, NodeDocument] = graph.nodes
    for node in around:
        module = level[node].block.removeprefix(MODULE_PREFIX)
        yield module
        level = graph.modules[module].nodes


def _level(graph: Graph, around: list[str]) -> Mapping[str, NodeDocument]:
    modules = list(_modules(graph, around))
    return graph.modules[modules[-1]].nodes if modules else graph.nodes


def with_parameters(graph: Graph, path: str, params: dict[str, Any]) -> Graph:
    """The graph with other parameters of one node, at whatever level it stands."""
    *around, last = path.split("/")
    modules = list(_modules(graph, around))
    if not modules:
        return graph.with_node(last, params=params)
    inside = graph.modules[modules[-1]]
    changed = Fragment(nodes={**inside.nodes, last: inside.nodes[last].model_copy(update={"params": params})}, outputs=inside.outputs)
    return graph.model_copy(update={"modules": {**graph.modules, modules[-1]: changed}})
