"""A block explained with the numbers that hold in this network: sizes, weights, cost, what it sees and what it saves."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.base import Block, LayerBlock
from blocks.formulas import Formula, FormulaError, Quantities, formula_in, grouped
from blocks.spec import Shape, shape_text

if TYPE_CHECKING:
    from blocks.analysis import NodeAnalysis

AXIS_NAMES: dict[int, tuple[str, ...]] = {
    1: (),
    2: ("steps",),
    3: ("height", "width"),
    4: ("depth", "height", "width"),
    5: ("steps", "depth", "height", "width"),
}
"""The axes before the channels, by how many axes a sample has."""
WINDOW_NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
WINDOW_FIELDS = {"kernel_size": "kernel", "pool_size": "pool"}


@dataclass(frozen=True)
class Line:
    """One thing said about a block.

    Args:
        label: What it is about: "Shape", "Weights", "Multiply-adds" ...
        text: The formula with numbers put in and its result, or the plain figure.
        value: The result, where it is one number.
    """

    label: str
    text: str
    value: int | float | None = None


def explain(block: Block, found: NodeAnalysis) -> list[Line]:
    """What the figures of a node are, and how they come about.

    Args:
        found: The node's analysis.
    """
    numbers = quantities(block, found.input_shapes, found.output_shapes)
    lines = [Line("Shape", f"{_listed(found.input_shapes)} -> {_listed(found.output_shapes)}")]
    if isinstance(block, LayerBlock):
        lines += _effective_kernel(block)
        lines += _sizes(block, found)
    lines.append(_figure("Weights", block.section("Weights"), found.weights, numbers))
    lines += _other_weights(block, found, numbers)
    if found.multiply_adds:
        lines.append(_figure("Multiply-adds", block.section("Multiply-adds"), found.multiply_adds, numbers))
        if any(size is None for shape in (*found.input_shapes, *found.output_shapes) for size in shape):
            lines.append(Line("Unknown sizes", "counted as 1 each"))
    if isinstance(block, LayerBlock):
        lines += _saving(block, found.multiply_adds, numbers)
    if found.receptive_field:
        lines.append(Line("Receptive field so far", shape_text(found.receptive_field)))
    return lines


def quantities(block: Block, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
    """What the names of formulas stand for: parameters, axes of the first input, and ("new height") axes of the first output.

    Parameters go by their names with blanks, `use_bias` as `bias`; windows per axis, as `kernel height`. `channels` and `features`
    are the last axis, `places` the product of the others, `values` that of all; an unknown size counts as 1.
    """
    found: dict[str, int | float] = {"inputs": len(inputs)}
    for prefix, shapes in (("", inputs), ("new ", outputs)):
        if shapes:
            found |= {f"{prefix}{name}": size for name, size in _axes(shapes[0]).items()}
    for name, value in block:
        spoken = name.removeprefix("use_").replace("_", " ")
        if isinstance(value, bool | int | float):
            found[spoken] = value if isinstance(value, float) else int(value)
    if inputs and len(inputs[0]) > 1:
        found |= _windows(block, len(inputs[0]) - 1)
    return {**found, **block.quantities(inputs, outputs)}


def _axes(shape: Shape) -> dict[str, int]:
    known = [size or 1 for size in shape]
    if not known:
        return {"values": 1}
    named = dict(zip(AXIS_NAMES.get(len(known), ()), known, strict=False))
    return {**named, "channels": known[-1], "features": known[-1], "places": math.prod(known[:-1]), "values": math.prod(known)}


def _windows(block: Block, axes: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for field, spoken in WINDOW_FIELDS.items():
        value = getattr(block, field, None)
        if value is None or axes not in WINDOW_NAMES:
            continue
        sizes = (value,) * axes if isinstance(value, int) else tuple(value)
        found |= {f"{spoken} {name}": size for name, size in zip(WINDOW_NAMES[axes], sizes, strict=False)}
        found[f"{spoken} places"] = math.prod(sizes)
    return found


def _listed(shapes: Sequence[Shape]) -> str:
    return " and ".join(shape_text(shape) for shape in shapes) or "nothing"


def _sizes(block: LayerBlock, found: NodeAnalysis) -> list[Line]:
    """One line per axis that changes by a formula; axes with the same numbers share a line."""
    if not found.input_shapes:
        return []
    output = found.output_shapes[0]
    first = 1 if getattr(block, "data_format", "") == "channels_first" else 0
    names = dict(enumerate(AXIS_NAMES.get(len(output), ()), first))
    last = "features" if len(output) == 1 else "channels"
    lines: dict[tuple[str, int | float], list[str]] = {}
    for size in block.sizes(found.input_shapes[0]):
        formula = Formula(size.formula)
        key = (formula.worked_out(size.numbers), formula.value(size.numbers))
        lines.setdefault(key, []).append(size.name or names.get(size.axis, last if size.axis == len(output) - 1 else f"axis {size.axis + 1}"))
    return [Line(", ".join(axes).capitalize(), text, value) for (text, value), axes in lines.items()]


def _effective_kernel(block: LayerBlock) -> list[Line]:
    kernel, dilation = getattr(block, "kernel_size", None), getattr(block, "dilation_rate", 1)
    if kernel is None or dilation in (1, (1, 1), (1, 1, 1)):
        return []
    pairs = list(zip(_each(kernel, dilation), _each(dilation, kernel), strict=True))
    formula = Formula("k + (k - 1) * (r - 1)")
    worked = [formula.worked_out({"k": size, "r": rate}) for size, rate in pairs]
    if len(set(worked)) == 1:
        return [Line("Effective kernel", worked[0])]
    return [Line("Effective kernel", "; ".join(f"{name}: {text}" for name, text in zip(WINDOW_NAMES[len(pairs)], worked, strict=True)))]


def _each(value: int | tuple[int, ...], other: int | tuple[int, ...]) -> tuple[int, ...]:
    axes = max(len(each) if isinstance(each, tuple) else 1 for each in (value, other))
    return (value,) * axes if isinstance(value, int) else value


def _figure(label: str, section: str, figure: int, numbers: Quantities) -> Line:
    """The figure with the way to it, where its section begins with a formula that comes to it."""
    formula = _applicable(section, numbers)
    if formula is None or not figure or formula.value(numbers) != figure:  # such as weights that another node counts
        return Line(label, grouped(figure) if figure else "none", figure)
    return Line(label, _plainly(formula.worked_out(numbers)), figure)


def _applicable(section: str, numbers: Quantities) -> Formula | None:
    """The formula that a section begins with, if it can be worked out with these numbers."""
    formula = formula_in(section) if section else None
    try:
        return formula if formula is not None and formula.value(numbers) is not None else None
    except FormulaError:
        return None


def _plainly(worked: str) -> str:
    """A formula with its result, without divisions by 1: `(5 * 5 * 1 / 1 + 1) * 6 = 156` without the `/ 1`."""
    way, equals, result = worked.rpartition(" = ")
    way = re.sub(r" / 1(?![\d.e])", "", way)
    return f"{way}{equals}{result}" if way != result.replace(",", "") else result


def _other_weights(block: Block, found: NodeAnalysis, numbers: Quantities) -> list[Line]:
    """What is to be said of weights that another node counts, and of those that don't learn."""
    if found.weights and found.trainable_weights != found.weights:
        return [Line("Trainable weights", grouped(found.trainable_weights) if found.trainable_weights else "none", found.trainable_weights)]
    formula, products = (_applicable(block.section(name), numbers) for name in ("Weights", "Multiply-adds"))
    shared = formula.value(numbers) if formula is not None and not found.weights else 0
    if formula is None or not shared or (products is not None and products.value(numbers) != found.multiply_adds):
        return []
    return [Line("Shared weights", _plainly(formula.worked_out(numbers)), shared)]


def _saving(block: LayerBlock, multiply_adds: int, numbers: Quantities) -> list[Line]:
    if not block.standard or not multiply_adds:
        return []
    plain = Formula(block.standard).value(numbers)
    if plain <= multiply_adds:
        return []
    return [Line("Saving", f"{plain / multiply_adds:.3g}x fewer multiply-adds than a standard convolution ({grouped(plain)})")]
