"""Ways out where what arrives has too many or too few axes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from blocks.base import Block, LayerBlock, registry
from blocks.lint.base import CLASSES, SERIES, TEXTS, Edit, Example, Fix, Mend, sketch
from blocks.lint.failure import Failure
from blocks.ports import Input, Output
from blocks.recurrence import Recurrent, WithStates
from blocks.recurrent import Bidirectional
from blocks.spec import Shape, Spec

MOST_FLATTENED = 10_000
"""Numbers that are lined up; of more, each channel is pooled."""
COLOURS = 3


class Mismatch(NamedTuple):
    """An input with another number of axes than a block takes."""

    edge: int
    shape: Shape
    wanted: tuple[int, ...]


class SequenceForVector(Mend):
    """A recurrent layer that gives every step, where its last output is wanted."""

    name = "sequence-for-vector"
    why = "A recurrent layer gives a vector for each step, or only the last one, which has read the whole sequence."

    def fix(self, failure: Failure) -> Fix | None:
        found = mismatch(failure)
        if found is None or len(found.shape) - 1 not in found.wanted:
            return None
        return _with_sequences(failure, found, False)

    def example(self) -> Example:
        graph = sketch(x=("Input", {}), lstm=("LSTM", {"return_sequences": True}, "x"), drop=("Dropout", {}, "lstm"), out=("Output", {}, "drop"))
        return Example(graph, "out", (SERIES, CLASSES))


class VectorForSequence(Mend):
    """A recurrent layer that gives its last output only, where another one wants every step."""

    name = "vector-for-sequence"
    why = "A recurrent layer behind another one reads its output step by step, so that the first must give every step."

    def fix(self, failure: Failure) -> Fix | None:
        found = mismatch(failure)
        if found is None or len(found.shape) + 1 not in found.wanted:
            return None
        return _with_sequences(failure, found, True)

    def example(self) -> Example:
        reader = {"block": {"block": "LSTM", "params": {"units": 8}}}
        graph = sketch(
            text=("Input", {}), words=("TextVectorization", {}, "text"), vectors=("Embedding", {}, "words"),
            first=("Bidirectional", reader, "vectors"), second=("LSTM", {}, "first"), out=("Output", {}, "second"),
        )  # fmt: skip
        return Example(graph, "second", (TEXTS, CLASSES))


class ManyAxes(Mend):
    """A picture or sequence where a vector is wanted."""

    name = "many-axes"
    why = "Flatten lines up all numbers in one vector; global pooling keeps one number for each channel, whatever the size."

    def fix(self, failure: Failure) -> Fix | None:
        found = mismatch(failure)
        if found is None or len(found.shape) <= max(found.wanted) or _with_sequences(failure, found, False):
            return None
        if found.wanted != (1,):
            return _sibling(failure, len(found.shape)) or _step_by_step(failure, found)
        pooling = f"GlobalAveragePooling{len(found.shape) - 1}D"
        flat = None not in found.shape and math.prod(size or 1 for size in found.shape) <= MOST_FLATTENED
        if not flat and pooling not in registry:
            return None
        return _inserted(failure, found, "Flatten" if flat else pooling, {})

    def example(self) -> Example:
        graph = sketch(text=("Input", {}), words=("TextVectorization", {}, "text"), vectors=("Embedding", {}, "words"), out=("Output", {}, "vectors"))
        return Example(graph, "out", (TEXTS, CLASSES))


class FewAxes(Mend):
    """A vector where a sequence or picture is wanted, or a sequence where a picture is."""

    name = "few-axes"
    why = "Convolution and recurrence look at neighbours, so that they want steps, or height and width, besides the channels."

    def fix(self, failure: Failure) -> Fix | None:
        found = mismatch(failure)
        if found is None or min(found.wanted) <= len(found.shape) or _with_sequences(failure, found, True):
            return None
        return _before_flattening(failure, found) or next(_ways(failure, found), None)

    def example(self) -> Example:
        graph = sketch(
            x=("Input", {"shape": [8, 8, 3]}), flat=("Flatten", {}, "x"), conv=("Conv2D", {"activation": "relu"}, "flat"),
            flat2=("Flatten", {}, "conv"), out=("Output", {"units": 2}, "flat2"),
        )  # fmt: skip
        return Example(graph, "conv")


def mismatch(failure: Failure) -> Mismatch | None:
    """The first input with a number of axes that the block does not take."""
    block = failure.block
    specs = failure.taken or []
    for index, spec in enumerate(specs[:1] if isinstance(block, WithStates) else specs):
        wanted = block.ranks if block else ()
        if isinstance(block, Output) and block.sample_shape is not None:
            wanted = (len(block.sample_shape) + 1,)
        if isinstance(spec, Spec) and spec.dtype != "string" and wanted and len(spec.shape) not in wanted:
            return Mismatch(index, spec.shape, wanted)
    return None


def _with_sequences(failure: Failure, found: Mismatch, given: bool) -> Fix | None:
    """Lets the recurrent layer before the node give every step, or only the last."""
    if abs(len(found.shape) - min(found.wanted, key=lambda rank: abs(rank - len(found.shape)))) != 1:
        return None
    for name, block in _upwards(failure, found.edge):
        edit: Edit | None = None
        if isinstance(block, Recurrent) and block.return_sequences != given:
            edit = {"return_sequences": given}
        elif isinstance(block, Bidirectional) and isinstance(block.inner, Recurrent) and block.inner.return_sequences != given:
            held = block.model_dump()["block"]
            edit = {"block": {"block": held["block"], "params": {**held["params"], "return_sequences": given}}}
        if edit is not None:
            return Fix(f"Set return_sequences to {str(given).lower()}", ({"do": "set", "nodes": [failure.at(name)], "params": edit},))
        if not _keeps_axes(failure, name, len(found.shape)):
            return None
    return None


def _upwards(failure: Failure, index: int) -> Iterator[tuple[str, Block | None]]:
    """The nodes before an input along first edges, and their blocks."""
    name, seen = failure.source(index), set[str]()
    while name in failure.nodes and name not in seen:
        seen.add(name)
        document = failure.nodes[name]
        yield name, failure.read(failure.nodes.get(document.reuse or "", document))
        name = document.inputs[0].partition(":")[0] if document.inputs else ""


def _keeps_axes(failure: Failure, name: str, rank: int) -> bool:
    """Whether a node takes as many axes as it gives, and one input."""
    figures = failure.analysis.nodes.get(failure.at(name))
    return figures is not None and len(figures.input_shapes) == 1 and len(figures.input_shapes[0]) == rank


def _before_flattening(failure: Failure, found: Mismatch) -> Fix | None:
    """Takes away the Flatten or global pooling before the node, or the node itself if it only does the same again."""
    if len(found.shape) == 1 and type(failure.block).__name__.startswith(("Global", "MaxPooling", "AveragePooling")):
        return Fix("Remove it", ({"do": "remove", "nodes": [failure.path]},))
    source = failure.source(found.edge)
    block = failure.nodes[source].block if source else ""
    taken = failure.spec(failure.nodes[source].inputs[0]) if source and failure.nodes[source].inputs else None
    if not (block == "Flatten" or block.startswith("Global")) or taken is None or len(taken.shape) not in found.wanted:
        return None
    if failure.shares(source):
        reference = failure.nodes[source].inputs[0]
        return Fix(f"Connect it before {source}", ({"do": "connect", "source": reference, "to": failure.path, "index": found.edge},))
    return Fix(f"Remove {source}", ({"do": "remove", "nodes": [failure.at(source)]},))


def _ways(failure: Failure, found: Mismatch) -> Iterator[Fix]:
    """Another shape for data as they come, the sibling for that number of axes, or an axis of size 1 more."""
    rank, shape = len(found.shape), [size or 0 for size in found.shape]
    known = None not in found.shape
    if known and 3 in found.wanted and _comes_from_data(failure, found.edge):
        if rank == 2 and min(shape) > 1:
            yield _inserted(failure, found, "Reshape", {"target_shape": [*shape, 1]})
        for colours in (1, COLOURS) if rank == 1 else ():
            side = math.isqrt(shape[0] // colours)
            if side > 1 and side * side * colours == shape[0]:
                yield _inserted(failure, found, "Reshape", {"target_shape": [side, side, colours]})
    sibling = _sibling(failure, rank)
    if sibling is not None:
        yield sibling
    if known and rank + 1 in found.wanted and rank > 0:
        yield _inserted(failure, found, "Reshape", {"target_shape": [*shape, 1]})


def _sibling(failure: Failure, rank: int) -> Fix | None:
    """The block of the same kind for so many axes: Conv1D for sequences, Conv2D for pictures."""
    name = type(failure.block).__name__
    sibling = re.sub(r"\dD", f"{rank - 1}D", name)
    if sibling == name or not failure.solved_by(sibling):
        return None
    return Fix(f"Replace it by {sibling}", ({"do": "replace", "node": failure.path, "block": sibling},))


def _step_by_step(failure: Failure, found: Mismatch) -> Fix | None:
    """A picture as the sequence of its rows, which a recurrent layer reads, or of its places."""
    if 2 not in found.wanted or len(found.shape) != 3 or None in found.shape:
        return None
    height, width, channels = (size or 0 for size in found.shape)
    rows = isinstance(failure.block, WithStates)
    return _inserted(failure, found, "Reshape", {"target_shape": [height, width * channels] if rows else [height * width, channels]})


def _comes_from_data(failure: Failure, index: int) -> bool:
    """Whether only preparation stands between an Input and an input of the node."""
    for _, block in _upwards(failure, index):
        if isinstance(block, Input):
            return True
        if not (isinstance(block, LayerBlock) and (block.preprocessing or block.augmentation)):
            return False
    return False


def _inserted(failure: Failure, found: Mismatch, block: str, params: dict[str, object]) -> Fix:
    edit: Edit = {"do": "insert", "block": block, "params": params, "to": failure.path, "index": found.edge}
    return Fix(f"Insert {block}", (edit,))
