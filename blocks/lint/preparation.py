"""Rules about what lies between the data and the first layer that learns."""

from __future__ import annotations

from collections.abc import Iterator

from blocks.base import LayerBlock
from blocks.embedding import Embedding
from blocks.features import Feature, inputs_of
from blocks.graph import split_reference
from blocks.lint.base import CLASSES, PICTURES, SERIES, TEXTS, Check, Example, Fix, sketch
from blocks.lint.functions import set_to
from blocks.lint.lookups import vocabulary_of
from blocks.lint.network import Network, Part, Port
from blocks.lint.situation import Situation
from blocks.merging import Concatenate
from blocks.messages import Message, Severity
from blocks.preprocessing import Rescaling

SMALL = 0.1
"""A factor below it brings pixels down to numbers around 1."""


class RawPixels(Check):
    """Pixels from 0 to 255 that reach a layer which computes."""

    name = "raw-pixels"
    why = "Weights start so that numbers around 1 stay around 1; with 255 in the place of 1, the first steps overshoot."

    def find(self, network: Network) -> Iterator[Message]:
        entrances: dict[str, dict[int, None]] = {}
        for part in network.parts.values():
            if not isinstance(part.block, LayerBlock) or part.block.takes_integers or part.block.category == "normalization":
                continue
            takers = network.takers.get(part.path, []) if isinstance(part.block, Concatenate) else []
            if takers and all(_prepares(network.parts[port.part]) for port in takers):
                continue  # grey pictures as coloured ones, which are prepared behind it
            for index, source in enumerate(network.sources(part)):
                if _is_picture(source) and part.name != "Normalization":
                    node, number = _entrance(network, source, Port(part.path, index))
                    entrances.setdefault(node, {})[number] = None
        for node, numbers in entrances.items():
            fix = Fix("Insert Rescaling", tuple({"do": "insert", "block": "Rescaling", "to": node, "index": number} for number in numbers))
            yield self.message(node, "It gets pixels from 0 to 255.", "Insert Rescaling (scale 1/255) before it.", fix)

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), conv=("Conv2D", {"activation": "relu"}, "image"), flat=("Flatten", {}, "conv"), out=("Output", {}, "flat")
        )
        return Example(graph, "conv", (PICTURES, CLASSES))


class RescaledTwice(Check):
    """Pixels that are scaled down by two blocks."""

    name = "rescaled-twice"
    why = "Twice 1/255 makes all pixels nearly 0, so that the network sees next to no difference between pictures."

    def find(self, network: Network) -> Iterator[Message]:
        for part in network.parts.values():
            if isinstance(part.block, Rescaling) and abs(part.block.scale) < SMALL:
                earlier = next(
                    (each for each in _prepared(network, part) if isinstance(each.block, Rescaling) and abs(each.block.scale) < SMALL), None
                )
                if earlier is not None:
                    fix = Fix("Remove it", ({"do": "remove", "nodes": [part.path]},))
                    yield self.message(part.path, f"{earlier.path} has scaled the values down already.", "Remove one of the two.", fix)

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), one=("Rescaling", {}, "image"), two=("Rescaling", {}, "one"), flat=("Flatten", {}, "two"), out=("Output", {}, "flat")
        )
        return Example(graph, "two", (PICTURES, CLASSES))


class RawNumbers(Check):
    """Arrays of numbers that enter as they are."""

    name = "raw-numbers"
    severity = "hint"
    in_training = True
    why = (
        "Channels with large numbers drown the others; Normalization measures each one on the training data and brings it to mean 0 and deviation 1."
    )

    def find(self, network: Network) -> Iterator[Message]:
        arrays = {feature.name for feature in inputs_of(list(network.features)) if feature.kind == "array" and feature.dtype.startswith("float")}
        for part, block in network.inputs():
            takers = [network.parts[port.part] for port in network.takers.get(part.path, [])]
            if block.feature in arrays and takers and not any(_prepares(taker) for taker in takers) and 1 <= len(part.shape) <= 4 and part.shape[-1]:
                fix = Fix("Insert Normalization", ({"do": "add", "block": "Normalization", "after": part.path},))
                yield self.message(part.path, f"The numbers of {block.feature!r} enter as they are.", "Insert Normalization behind it.", fix)

    def example(self) -> Example:
        return Example(sketch(x=("Input", {}), lstm=("LSTM", {}, "x"), out=("Output", {}, "lstm")), "x", (SERIES, CLASSES), Situation())


class MisplacedAugmentation(Check):
    """Augmentation that the trainer could not apply, since it stands behind something else than an Input and its preparation."""

    name = "misplaced-augmentation"
    severity = "error"
    builds = False
    why = "Augmentation changes training pictures before they enter the network, so that it must stand where they still are pictures of the data."

    def find(self, network: Network) -> Iterator[Message]:
        leading: dict[str, Part | None] = {}
        for part in network.parts.values():
            before = leading[part.inputs[0].part] if part.inputs else None
            leads = _leads(network, part, before)
            leading[part.path] = part if leads else before
            if isinstance(part.block, LayerBlock) and part.block.augmentation and not leads:
                text = f"{part.name} stands behind a part of the network, where it can't change the training samples."
                yield self.message(part.path, text, "Move it right behind the Input, or behind Rescaling.", _moved(part, before))

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), scaled=("Rescaling", {}, "image"), conv=("Conv2D", {"activation": "relu"}, "scaled"),
            turn=("RandomRotation", {}, "conv"), flat=("Flatten", {}, "turn"), out=("Output", {}, "flat"),
        )  # fmt: skip
        return Example(graph, "turn", (PICTURES, CLASSES))


class SmallVocabulary(Check):
    """An Embedding with fewer vectors than there are numbers."""

    name = "small-vocabulary"
    severity = "error"
    why = "Each number picks the vector at its place: the first one beyond the last place ends the training with an error."

    def find(self, network: Network) -> Iterator[Message]:
        for part in network.parts.values():
            source = network.source(part)
            if source is None or not isinstance(part.block, Embedding):
                continue
            found = vocabulary_of(source.block, _texts_behind(network, source))
            if found is None or part.block.input_dim >= found.numbers:
                continue
            severity: Severity = "error" if found.sure else "warning"
            text = f"It has vectors for {part.block.input_dim:,} numbers, but {source.path} gives up to {found.numbers:,}."
            fix = set_to([part.path], "input_dim", found.numbers)
            yield self.message(part.path, text, f"Set its input_dim to {found.numbers}.", fix, severity)

    def example(self) -> Example:
        graph = sketch(
            text=("Input", {}), words=("TextVectorization", {"max_tokens": 800}, "text"), vectors=("Embedding", {"input_dim": 500}, "words"),
            lstm=("LSTM", {}, "vectors"), out=("Output", {}, "lstm"),
        )  # fmt: skip
        return Example(graph, "vectors", (TEXTS, CLASSES))


def _entrance(network: Network, source: Part, port: Port) -> tuple[str, int]:
    """The input at which pixels enter: of the composite around a layer, where they come from outside of it."""
    path, number = port
    while "/" in path and not source.path.startswith(path.rpartition("/")[0] + "/"):
        path = path.rpartition("/")[0]
        document = network.graph.nodes.get(path)
        taken = [split_reference(reference)[0] for reference in document.inputs] if document else []
        outermost = source.path.split("/")[0]
        number = taken.index(outermost) if outermost in taken else 0
    return path, number


def _is_picture(part: Part) -> bool:
    return part.figures.dtypes[:1] == ("uint8",)


def _upwards(network: Network, part: Part) -> Iterator[Part]:
    """The parts before one, along first inputs, the nearest first."""
    while part.inputs:
        part = network.parts[part.inputs[0].part]
        yield part


def _prepared(network: Network, part: Part) -> Iterator[Part]:
    """The parts right before one that prepare or augment."""
    for earlier in _upwards(network, part):
        if not _prepares(earlier):
            return
        yield earlier


def _prepares(part: Part) -> bool:
    return isinstance(part.block, LayerBlock) and (part.block.preprocessing or part.block.augmentation)


def _leads(network: Network, part: Part, before: Part | None) -> bool:
    """Whether there is only preparation, in the graph itself, between the Input and a part (and the part itself is that, too).

    Args:
        before: The last part on the way here of which that is true.
    """
    document = network.graph.nodes.get(part.path)
    if document is None or document.reuse:
        return False
    return part.name == "Input" or (before is not None and _prepares(part) and [port.part for port in part.inputs] == [before.path])


def _moved(part: Part, behind: Part | None) -> Fix | None:
    """Takes augmentation out and puts it behind the last part where pictures are still those of the data."""
    if behind is None or len(behind.shape) != 3 or None in behind.shape:
        return None
    moved = {"do": "add", "block": part.name, "params": part.block.params(), "after": behind.path}
    return Fix(f"Move it behind {behind.path}", ({"do": "remove", "nodes": [part.path]}, moved))


def _texts_behind(network: Network, part: Part) -> Feature | None:
    """The feature from which a part gets texts."""
    source = network.source(part)
    name = getattr(source.block, "feature", None) if source else None
    return next((feature for feature in network.features if feature.name == name), None)
