"""Rules about sizes: pictures that shrink to nothing, windows larger than what they see, layers that hold nearly all weights."""

from __future__ import annotations

import math
from collections.abc import Iterator

from blocks.base import LayerBlock
from blocks.convolution import Conv1D, Conv2D, Conv3D
from blocks.dense import Dense
from blocks.fields import per_axis
from blocks.lint.base import CLASSES, PICTURES, Check, Example, Fix, sketch
from blocks.lint.functions import set_to
from blocks.lint.network import Network, Part
from blocks.lint.situation import Situation
from blocks.messages import Message

MANY_WEIGHTS = 1_000_000
MOST_OF_ALL = 0.5
"""The share of all weights from which on the layer behind a Flatten is worth a word."""
SPARSE = 2
"""Layers that may still look at a single place: at the end of many networks, one does."""
_CONVOLUTIONS = (Conv1D, Conv2D, Conv3D)


class HeavyDense(Check):
    """A dense layer behind Flatten that holds most of all weights."""

    name = "heavy-dense"
    severity = "hint"
    in_training = True
    why = (
        "A dense layer behind Flatten has a weight for every place and channel. Global pooling keeps one number per channel: far fewer weights, "
        "less memory, and less learning by heart."
    )

    def find(self, network: Network) -> Iterator[Message]:
        total = network.analysis.weights
        for part in network.parts.values():
            flat = network.source(part)
            if flat is None or part.figures.weights < max(MANY_WEIGHTS, MOST_OF_ALL * total) or not _is_dense(part):
                continue
            while flat is not None and flat.name not in ("Flatten", "Input") and flat.shape == flat.taken:
                flat = network.source(flat)  # dropout and the like between
            if flat is None or flat.name != "Flatten" or not 2 <= len(flat.taken) <= 4 or network.taker(flat) is None:
                continue
            pooling = f"Global{'Max' if len(flat.taken) == 2 else 'Average'}Pooling{len(flat.taken) - 1}D"
            share = 100 * part.figures.weights // total
            text = f"It holds {part.figures.weights:,} weights, {share} % of all, since {flat.path} gives it {flat.shape[0] or 0:,} numbers."
            fix = Fix(f"Replace {flat.path} by {pooling}", ({"do": "replace", "node": flat.path, "block": pooling},))
            yield self.message(part.path, text, f"Use {pooling} in place of {flat.path}, or pool more before it.", fix)

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), scaled=("Rescaling", {}, "image"),
            conv=("Conv2D", {"filters": 16, "padding": "same", "activation": "relu"}, "scaled"),
            flat=("Flatten", {}, "conv"), dense=("Dense", {"units": 128, "activation": "relu"}, "flat"), out=("Output", {}, "dense"),
        )  # fmt: skip
        return Example(graph, "dense", (PICTURES, CLASSES), Situation())


class WideWindow(Check):
    """A window of which some places never meet the picture."""

    name = "wide-window"
    severity = "hint"
    in_training = True
    why = "Where the window reaches beyond both ends at once, its outer weights only ever see the zeros of the padding and learn nothing."

    def find(self, network: Network) -> Iterator[Message]:
        shrunk = {each.path for _, victims in _shrunk(network) for each in victims}
        for part in network.parts.values():
            if not part.written or not isinstance(part.block, _CONVOLUTIONS) or part.path in shrunk:
                continue
            sizes = part.taken[:-1]
            largest = max(per_axis(part.block.kernel_size, 1)) * max(per_axis(part.block.dilation_rate, 1))
            if all(size is None or largest < 2 * size for size in sizes):
                continue
            windows = part.block.windows()
            if all(size is None or window < 2 * size for size, (window, _) in zip(sizes, windows, strict=True)):
                continue
            fitting = [window if size is None else min(window, 2 * size - 1) for size, (window, _) in zip(sizes, windows, strict=True)]
            here, given = (" x ".join(str(number or "?") for number in each) for each in (sizes, [window for window, _ in windows]))
            text = f"Its window of {given} reaches far beyond the {here} that it sees."
            plain = part.block.dilation_rate in (1, (1,) * len(sizes))
            fix = set_to([part.path], "kernel_size", fitting[0] if len(set(fitting)) == 1 else fitting) if plain else None
            yield self.message(part.path, text, f"A window of {' x '.join(map(str, fitting))} sees all of it.", fix)

    def example(self) -> Example:
        graph = sketch(
            x=("Input", {"shape": [4, 4, 3]}), conv=("Conv2D", {"kernel_size": 9, "padding": "same", "activation": "relu"}, "x"),
            flat=("Flatten", {}, "conv"), out=("Output", {"units": 2}, "flat"),
        )  # fmt: skip
        return Example(graph, "conv", situation=Situation())


class ShrunkTooEarly(Check):
    """A step that leaves a single place long before the end."""

    name = "shrunk-too-early"
    in_training = True
    why = "With one place left there are no patterns to find any more: of the windows behind it only the middle sees something."

    def find(self, network: Network) -> Iterator[Message]:
        for part, victims in _shrunk(network):
            text = f"It leaves a single place, but {len(victims)} layers behind it look for patterns."
            pools = "pool_size" in type(part.block).model_fields
            fix = Fix("Remove it", ({"do": "remove", "nodes": [part.path]},)) if pools else set_to([part.path], "strides", 1)
            advice = "Remove it, or another pooling before it." if pools else "Set its strides to 1, or pool less before it."
            yield self.message(part.path, text, advice, fix)

    def example(self) -> Example:
        conv = {"filters": 8, "padding": "same", "activation": "relu"}
        graph = sketch(
            x=("Input", {"shape": [8, 8, 3]}), conv1=("Conv2D", conv, "x"), pool=("MaxPooling2D", {"pool_size": 8}, "conv1"),
            conv2=("Conv2D", conv, "pool"),
            conv3=("Conv2D", conv, "conv2"), conv4=("Conv2D", conv, "conv3"), flat=("Flatten", {}, "conv4"), out=("Output", {"units": 2}, "flat"),
        )  # fmt: skip
        return Example(graph, "pool", situation=Situation())


def _shrunk(network: Network) -> list[tuple[Part, list[Part]]]:
    """Parts that leave a single place of several, and the parts behind each whose windows look for more."""
    found = []
    for part in network.parts.values():
        if part.written and _is_single(part.shape) and len(part.taken) == len(part.shape) and not _is_single(part.taken) and _steps(part):
            victims = []
            following = network.taker(part)
            while following is not None and len(following.shape) == len(part.shape):
                if _looks_around(following):
                    victims.append(following)
                following = network.taker(following)
            if len(victims) > SPARSE:
                found.append((part, victims))
    return found


def _is_single(shape: tuple[int | None, ...]) -> bool:
    return len(shape) > 1 and math.prod(size or 0 for size in shape[:-1]) == 1


def _steps(part: Part) -> bool:
    """Whether it moves its window by more than one place."""
    windows = part.block.windows() if isinstance(part.block, LayerBlock) else None
    return any(step > 1 for _, step in windows or ()) and getattr(part.block, "data_format", "") != "channels_first"


def _looks_around(part: Part) -> bool:
    windows = part.block.windows() if isinstance(part.block, LayerBlock) else None
    return any(size > 1 for size, _ in windows or ())


def _is_dense(part: Part) -> bool:
    return isinstance(part.block, Dense) or (part.name == "Output" and part.figures.weights > 0)
