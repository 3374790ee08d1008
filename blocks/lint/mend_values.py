"""Ways out where a value does not go with what arrives: a window, an axis, groups, the units of a head."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from blocks.base import LayerBlock, registry
from blocks.inference import too_small
from blocks.lint.base import CLASSES, PICTURES, Edit, Example, Fix, Mend, sketch
from blocks.lint.failure import Failure
from blocks.lint.functions import set_to
from blocks.lint.mend_axes import mismatch
from blocks.ports import Output
from blocks.spec import Spec

LARGEST_SIDE = 96
"""The side to which pictures of varying size are brought, in pixels, unless theirs are smaller."""
MOST_TRIED = 64
_NEAREST = re.compile(r"invalid (\w+)\. .*The nearest is ([\d,]+)\.", re.DOTALL)
_SET = re.compile(r'\b[Ss]et (\w+) to "?([\w.]*\w)"?')
_AXES = re.compile(r"Axes (\d), (\d) have equal sizes\.")
_INSTEAD = re.compile(r"^Use (\w+)")


class LargeWindow(Mend):
    """A window that is larger than the picture or sequence that it gets."""

    name = "large-window"
    why = 'With padding "same" a border of zeros is put around, so that the window fits everywhere.'

    def fix(self, failure: Failure) -> Fix | None:
        block = failure.block
        if not isinstance(block, LayerBlock) or failure.taken is None or too_small(block, failure.accepted) is None:
            return None
        padded = failure.reads({**failure.original.params, "padding": "same"})
        return set_to([failure.path], "padding", "same") if failure.solves(padded) else None

    def example(self) -> Example:
        graph = sketch(
            x=("Input", {"shape": [4, 4, 3]}), conv=("Conv2D", {"kernel_size": 5, "activation": "relu"}, "x"), flat=("Flatten", {}, "conv"),
            out=("Output", {"units": 2}, "flat"),
        )  # fmt: skip
        return Example(graph, "conv")


class HeadSize(Mend):
    """An Output without a dense layer that gets another number of values than there are classes."""

    name = "head-size"
    why = "Without a dense layer of its own, an Output takes what arrives as the prediction: one value for each class."

    def fix(self, failure: Failure) -> Fix | None:
        block, specs = failure.block, failure.taken
        if not isinstance(block, Output) or not specs or block.head != "none" or block.units is None or specs[0].shape[-1:] == (block.units,):
            return None
        if mismatch(failure) is not None or not specs[0].shape:
            return None
        source = failure.source()
        document = failure.nodes.get(source)
        known = registry.all().get(document.block) if document and not document.reuse else None
        width = next((name for name in ("units", "filters") if known is not None and name in known.model_fields and known is not Output), None)
        if width is not None and isinstance(known, type) and known.category in ("dense", "convolution"):
            return set_to([failure.at(source)], width, block.units)
        return set_to([failure.path], "head", "dense")

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"), dense=("Dense", {"units": 10}, "flat"),
            out=("Output", {"head": "none"}, "dense"),
        )  # fmt: skip
        return Example(graph, "out", (PICTURES, CLASSES))


class VaryingSize(Mend):
    """Pictures of varying size where one size is wanted."""

    name = "varying-size"
    why = "Pictures of one size can be put into one batch; Resizing brings all of them to it."

    def fix(self, failure: Failure) -> Fix | None:
        specs = failure.taken
        if failure.block is None or not specs or "Resizing" not in failure.message.fix or failure.block.problem(list(specs)) is None:
            return None
        if not isinstance(specs[0], Spec) or len(specs[0].shape) != 3 or None not in specs[0].shape[:2]:
            return None
        sides = zip(specs[0].shape[:2], ("median_height", "median_width"), strict=True)
        height, width = (size or self._side(failure, median) for size, median in sides)
        edit: Edit = {"do": "insert", "block": "Resizing", "params": {"height": height, "width": width}, "to": failure.path, "index": 0}
        return Fix("Insert Resizing", (edit,))

    def _side(self, failure: Failure, median: str) -> int:
        medians = [feature.statistics.get(median) for feature in failure.features if feature.kind == "image" and feature.role == "input"]
        known = [round(float(side)) for side in medians if side]
        return max(1, min([LARGEST_SIDE, *known]))

    def example(self) -> Example:
        varying = PICTURES.model_copy(update={"shape": (None, None, 3), "statistics": {"median_height": 40, "median_width": 40}})
        graph = sketch(
            image=("Input", {}), flip=("RandomFlip", {}, "image"), scaled=("Rescaling", {}, "flip"), pool=("GlobalAveragePooling2D", {}, "scaled"),
            out=("Output", {}, "pool"),
        )  # fmt: skip
        return Example(graph, "flip", (varying, CLASSES))


class ToldValue(Mend):
    """A parameter for which the message names a value that fits, or another block in its place."""

    name = "told-value"
    why = "Some values must go with the shape of what arrives, such as groups, which divide the channels."

    def fix(self, failure: Failure) -> Fix | None:
        block, specs = failure.block, failure.taken
        if block is None or not specs or block.problem(list(specs)) is None or mismatch(failure) is not None or failure.message.node != failure.path:
            return None
        for name, value in _told(failure):
            if name in type(block).model_fields and failure.solves(failure.reads({**failure.original.params, name: value})):
                return set_to([failure.path], name, value)
        if failure.message.fix.startswith("Remove it"):
            return Fix("Remove it", ({"do": "remove", "nodes": [failure.path]},))
        for name in _INSTEAD.findall(failure.message.fix):
            if name != type(block).__name__ and failure.solved_by(name):
                return Fix(f"Replace it by {name}", ({"do": "replace", "node": failure.path, "block": name},))
        return None

    def example(self) -> Example:
        graph = sketch(
            x=("Input", {"shape": [8, 8, 6]}), conv=("Conv2D", {"filters": 8, "groups": 4, "activation": "relu"}, "x"), flat=("Flatten", {}, "conv"),
            out=("Output", {"units": 2}, "flat"),
        )  # fmt: skip
        return Example(graph, "conv")


def _told(failure: Failure) -> Iterator[tuple[str, Any]]:
    """Parameters and values that the sentences of an error name."""
    sentence = f"{failure.message.text} {failure.message.fix}"
    nearest = _NEAREST.search(sentence)
    if nearest:
        named = int(nearest[2].replace(",", ""))
        yield from ((nearest[1], value) for value in range(named, max(0, named - MOST_TRIED), -1))  # the first may not go with another parameter
    axes = _AXES.search(sentence)
    if axes:
        yield "axes", [int(axes[1]), int(axes[2])]
    for name, value in _SET.findall(sentence):
        yield name, _read(value)
    if "Use -1 for" in sentence:
        yield "axis", -1


def _read(word: str) -> int | bool | str:
    """A value as a sentence has it."""
    return int(word) if word.isdigit() else word == "true" if word in ("true", "false") else word
