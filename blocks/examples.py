"""A block at work on sample inputs, so that its formulas can be read with numbers put in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.analysis import Analysis, NodeAnalysis, analyse
from blocks.base import Block, Composite, LayerBlock
from blocks.errors import BlocksError
from blocks.explanation import Line, explain
from blocks.graph import Graph
from blocks.ports import Input
from blocks.spec import Shape

NODE = "block"
LEADING: dict[int, tuple[int, ...]] = {0: (), 1: (), 2: (20,), 3: (28, 28), 4: (16, 16, 16), 5: (8, 16, 16, 16), 6: (4, 8, 16, 16, 16)}
"""Axes before the channels, by how many axes a sample has."""
CHANNELS = (16, 32, 64, 3, 1, 4, 12)
FIRST_CHANNELS = {"convolution": 1, "preprocessing": 3, "augmentation": 3}
"""Where the blocks of a category mostly stand: the channels to try first for pictures."""
ANY = [3, 1, 2, 4]
"""The numbers of axes to try for a block that takes any."""
VECTORS = ("input and output",)
"""Categories whose blocks mostly stand behind a vector, although they take any."""
FEATURES = 64
SOUND = 16_000
"""Numbers in one second of speech."""
KINDS = ("float32", "int32")
COLUMNS = (("age", "float32"), ("colour", "string"), ("seen", "string"))
GIVEN: dict[str, dict[str, Any]] = {
    "Input": {"shape": (28, 28, 1)},
    "Output": {"units": 10},
    "Permute": {"dims": (2, 1)},
    "ColumnEncoding": {
        "columns": [
            {"name": "age", "kind": "number", "mean": 30.0, "standard_deviation": 10.0, "median": 29.0},
            {"name": "colour", "kind": "category", "classes": ["blue", "red"]},
            {"name": "seen", "kind": "date", "mean": 19_000.0, "standard_deviation": 100.0, "median": 19_000.0},
        ]
    },
}
"""What an example sets where there are no defaults that suit a sample; a dataset would say it."""
MOST_TRIES = 120


class NoExampleError(BlocksError, ValueError):
    """The block can't take the inputs."""


@dataclass(frozen=True)
class Part:
    """One node inside a composite."""

    node: str
    block: str
    output_shapes: tuple[Shape, ...]
    weights: int
    multiply_adds: int


@dataclass(frozen=True)
class Example:
    """What a block does to inputs of certain shapes.

    Args:
        block: The block with its parameters.
        found: Its figures.
        lines: The figures with the way to them.
        parts: The nodes inside a composite.
    """

    block: Block
    found: NodeAnalysis
    lines: list[Line] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def example(block: type[Block], params: dict[str, Any] | None = None, shapes: Sequence[Shape] = ()) -> Example:
    """The block on a sample. It needs Keras.

    Args:
        params: Parameters that differ from the defaults.
        shapes: Of the inputs, without the batch; one stands for all of them. Where none is given, a fitting one is looked for.

    Raises:
        InvalidValueError: A parameter is refused.
        NoExampleError: The block can't take these inputs, or none was found that it takes.
    """
    made = block.read({**GIVEN.get(block.__name__, {}), **(params or {})})
    count = len(shapes) if len(shapes) > 1 else max(made.arity[0], 1) if made.arity[1] != 0 else 0
    tries = _given(made, shapes, count) if shapes and count else _tried(made, count)
    first: Example | None = None
    reason = ""
    for inputs in itertools.islice(tries, MOST_TRIES):
        analysis = analyse(_graph(made, inputs))
        if NODE not in analysis.nodes or analysis.errors:
            reason = reason or "; ".join(message.sentence() for message in analysis.errors if message.node == NODE).removeprefix(f"{NODE}: ")
            continue
        found = _example(made, analysis)
        if not (isinstance(made, LayerBlock) and made.standard) or any(line.label == "Saving" for line in found.lines):
            return found
        first = first or found  # another sample may show what the block saves
    if first is None:
        raise NoExampleError(reason or f"{block.__name__}: no fitting input was found.")
    return first


def _given(block: Block, shapes: Sequence[Shape], count: int) -> Iterator[list[dict[str, Any]]]:
    for kind in _kinds(block):
        yield [{"shape": [size or 0 for size in shape], "dtype": kind} for shape in (list(shapes) if len(shapes) > 1 else list(shapes) * count)]


def _tried(block: Block, count: int) -> Iterator[list[dict[str, Any]]]:
    """Inputs to try, the likely ones first: all alike, then each twice or half as large as the one before, then of different numbers of axes."""
    if count == 0:
        yield []
        return
    if isinstance(block, LayerBlock) and block.takes_table:
        yield [{"columns": COLUMNS}]
        return
    ranks = sorted(block.ranks, key=_unlikely(block)) or ([1, *ANY] if block.category in VECTORS else ANY)
    for kind in _kinds(block):
        for rank in ranks:
            yield from ([{"shape": list(shape), "dtype": kind}] * count for shape in _shapes(block, rank))
    for rank in ranks if count > 1 else ():
        *sizes, channels = _shapes(block, rank)[0] or (1,)
        growing = [{"shape": [*((size or 1) * 2**step for size in sizes), channels], "dtype": KINDS[0]} for step in range(count)]
        yield from (growing, growing[::-1])
    for mixed in itertools.product(ranks if len(ranks) > 1 else ANY, repeat=count) if count > 1 else ():
        if len(set(mixed)) > 1:
            yield [{"shape": list(_shapes(block, rank)[0]), "dtype": "float32"} for rank in mixed]


def _unlikely(block: Block) -> Callable[[int], int]:
    """Single numbers come last; pictures first where a block looks along axes of any number."""
    pictures = {2, 3, 4} <= set(block.ranks) and 1 not in block.ranks
    return lambda rank: 9 if rank == 0 else -1 if rank == 3 and pictures else rank


def _kinds(block: Block) -> tuple[str, ...]:
    if isinstance(block, LayerBlock) and block.takes_text:
        return ("string",)
    return KINDS[::-1] if isinstance(block, LayerBlock) and block.takes_integers and block.category == "text" else KINDS


def _shapes(block: Block, rank: int) -> list[Shape]:
    if rank == 0:
        return [()]
    if rank == 1:
        return [(FEATURES,), (10,), (1,), (SOUND,)]
    first = FIRST_CHANNELS.get(block.category, CHANNELS[0]) if rank == 3 else CHANNELS[0]
    return [(*LEADING[rank], channels) for channels in dict.fromkeys((first, *CHANNELS))]


def _graph(block: Block, inputs: list[dict[str, Any]]) -> Graph:
    nodes: dict[str, Any] = {f"input{number}": {"block": Input.__name__, "params": params} for number, params in enumerate(inputs, 1)}
    nodes[NODE] = {"block": type(block).__name__, "params": block.model_dump(mode="json", exclude_defaults=True), "inputs": list(nodes)}
    return Graph.model_validate({"nodes": nodes})


def _example(block: Block, analysis: Analysis) -> Example:
    found = analysis.nodes[NODE]
    return Example(block, found, explain(block, found), _parts(block, analysis) if isinstance(block, Composite) else [])


def _parts(block: Composite, analysis: Analysis) -> list[Part]:
    from blocks.spec import Spec
    from blocks.walk import expand

    analysed = analysis.nodes[NODE]
    inside = expand(block, tuple(Spec(shape) for shape in analysed.input_shapes))
    parts = []
    for node, document in inside.nodes.items():
        figures = analysis.nodes[f"{NODE}/{node}"]
        name = document.block or inside.nodes[document.reuse or node].block
        parts.append(Part(node, name, figures.output_shapes, figures.weights, figures.multiply_adds))
    return parts
