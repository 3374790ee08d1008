"""Ways out where a node has too many or too few inputs, or an Input no feature."""

from __future__ import annotations

from collections.abc import Iterator

from blocks.base import Block
from blocks.editing.level import free_id
from blocks.errors import closest
from blocks.features import TABLE_INPUT, columns_of, inputs_of
from blocks.lint.base import CLASSES, PICTURES, SERIES, Edit, Example, Fix, Mend, sketch
from blocks.lint.failure import Failure
from blocks.merging import Concatenate
from blocks.ports import Input, Output

VECTOR = ("Input", {"shape": [4]})


class TooManyInputs(Mend):
    """Several inputs where a block takes one."""

    name = "too-many-inputs"
    why = "Most blocks look at one input; a merging block such as Concatenate or Add makes one of several."

    def fix(self, failure: Failure) -> Fix | None:
        block, count = failure.block, len(failure.document.inputs)
        if block is None or block.arity[1] is None or count <= block.arity[1] or failure.document.reuse:
            return None
        if isinstance(block, Input):
            return Fix("Remove its edges", tuple(_cut(failure, count, 0)))
        specs = failure.specs
        if block.arity != (1, 1) or not specs or Concatenate().problem(list(specs)) is not None:
            return None
        merging = free_id(failure.nodes, "Concatenate")
        edits: tuple[Edit, ...] = (
            {"do": "add", "block": "Concatenate", "inputs": list(failure.document.inputs), "place": failure.place},
            {"do": "connect", "source": merging, "to": failure.path, "index": 0},
            *_cut(failure, count, 1),
        )
        return Fix("Insert Concatenate", edits)

    def example(self) -> Example:
        graph = sketch(
            x=VECTOR, left=("Dense", {"activation": "relu"}, "x"), right=("Dense", {"activation": "tanh"}, "x"),
            both=("Dense", {"activation": "relu"}, "left", "right"), out=("Output", {"units": 2}, "both"),
        )  # fmt: skip
        return Example(graph, "both")


class TooFewInputs(Mend):
    """A block without an input, or a merging block with one."""

    name = "too-few-inputs"
    why = "A block works on what enters at its left; without an edge nothing does."

    def fix(self, failure: Failure) -> Fix | None:
        block, count = failure.block, len(failure.document.inputs)
        if block is None or failure.specs is None or count >= block.arity[0]:
            return None
        if count < block.arity[0] - 1:
            return None
        candidates = list(_candidates(failure))
        fitting = [name for name in candidates if _takes_too(failure, block, name)]
        if block.arity[0] > 1 and not fitting:
            return Fix("Remove it", ({"do": "remove", "nodes": [failure.path]},))
        chosen = next(iter(fitting or candidates), None)
        return Fix(f"Connect {chosen}", ({"do": "connect", "source": chosen, "to": failure.path, "index": count},)) if chosen else None

    def example(self) -> Example:
        return Example(sketch(x=VECTOR, dense=("Dense", {"activation": "relu"}), out=("Output", {"units": 2}, "dense")), "dense")


class UnboundInput(Mend):
    """An Input that names no feature of the dataset."""

    name = "unbound-input"
    why = "An Input takes its size from the feature that it lets in."

    def fix(self, failure: Failure) -> Fix | None:
        block = failure.block
        if not isinstance(block, Input) or block.spec() is not None or failure.document.inputs:
            return None
        features = list(failure.features)
        names = [TABLE_INPUT] if columns_of(features) else []
        names += [feature.name for feature in inputs_of(features) if not feature.is_column]
        taken = {document.params.get("feature") for document in failure.nodes.values() if document.block == Input.__name__}
        near = closest(block.feature, names) if block.feature else None
        chosen = near or next((name for name in names if name not in taken), next(iter(names), None))
        if chosen is None:
            return None
        return Fix(f"Set feature to {chosen}", ({"do": "set", "nodes": [failure.path], "params": {"feature": chosen}},))

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {"feature": "foto"}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"), out=("Output", {}, "flat")
        )
        return Example(graph, "image", (SERIES, PICTURES, CLASSES))


def _cut(failure: Failure, count: int, kept: int) -> Iterator[Edit]:
    """Takes the last edges out, so that so many are left."""
    return ({"do": "disconnect", "to": failure.path, "index": index} for index in range(count - 1, kept - 1, -1))


def _candidates(failure: Failure) -> Iterator[str]:
    """Nodes from which an edge could come: those with an open end first, the nearest before the node first."""
    behind = failure.behind()
    used = {reference.partition(":")[0] for document in failure.nodes.values() for reference in document.inputs}
    names = list(failure.nodes)
    place = names.index(failure.name)
    near = [*reversed(names[:place]), *names[place + 1 :]]
    usable = [
        name
        for name in near
        if name not in behind
        and failure.nodes[name].block != Output.__name__
        and failure.spec(name) is not None
        and name not in failure.document.inputs
    ]
    yield from (name for name in usable if name not in used)
    if failure.block is not None and failure.block.arity[0] == 1:
        yield from (name for name in usable if name in used)


def _takes_too(failure: Failure, block: Block, name: str) -> bool:
    spec = failure.spec(name)
    return spec is not None and block.problem([*(failure.specs or []), spec]) is None
