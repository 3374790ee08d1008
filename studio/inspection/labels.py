"""Names for the single numbers of a vector, where there are any: classes, words, columns."""

from __future__ import annotations

from typing import Any

from blocks.columns import ColumnCode
from blocks.features import Feature
from blocks.ports import Output
from blocks.preprocessing import ColumnEncoding
from blocks.text import TextVectorization
from studio.inspection.trace import Step

UNKNOWN = "[UNK]"


def labels_of(step: Step, size: int, features: list[Feature]) -> list[str] | None:
    """A name for each number that a node gives; None where they have none."""
    block = step.block
    found: list[str] | None = None
    if isinstance(block, Output):
        classes = next((feature.classes for feature in features if feature.name == block.target and feature.role == "target"), None)
        found = list(classes or ()) or None
    elif isinstance(block, ColumnEncoding):
        found = column_labels(list(block.columns or ()))
    elif getattr(block, "output_mode", "int") != "int":
        words = vocabulary(step)
        if words is not None:
            found = [*words, *[""] * (size - len(words))]
    return found if found is not None and len(found) == size else None


def vocabulary(step: Step) -> list[str] | None:
    """The word, character or value behind each number that a node gives as a number; None where it gives none."""
    block: Any = step.block
    if isinstance(block, TextVectorization):
        whole = block.output_mode == "int"
        return [*([""] if whole else []), UNKNOWN, *(block.vocabulary or ())]
    if getattr(block, "vocabulary", None) is None or not hasattr(block, "special"):
        return None
    return [str(value) for value in block.arguments()["vocabulary"]]


def column_labels(codes: list[ColumnCode]) -> list[str]:
    """What each number behind a ColumnEncoding says, in the order of its layer."""
    from blocks.layers.column_encoding import calendar_parts

    numbers, dates, categories, texts = ([code for code in codes if code.kind == kind] for kind in ("number", "date", "category", "words"))
    found = _measured(numbers) + _measured(dates)
    timed = [code for code in dates if code.times]
    for known, period in [(dates, "year"), (dates, "week"), *([(timed, "day")] if timed else [])]:
        found += [f"{code.name}: {function} of the {period}" for function in ("sine", "cosine") for code in known]
    if dates:
        for (chosen, _, places, _), unit in zip(calendar_parts(dates), ("month", "weekday", "part of the day"), strict=False):
            found += [f"{dates[index].name}: {unit} {place + 1}" for index in chosen for place in range(places)]
    for code in categories:
        found += [f"{code.name}: unknown", *(f"{code.name} = {value}" for value in code.classes), *[f"{code.name}: missing"] * code.missing]
    for code in texts:
        found += [*([f"{code.name}: word {word}" for word in code.words] or [f"{code.name}: no word"]), *[f"{code.name}: missing"] * code.missing]
    return found


def _measured(codes: list[ColumnCode]) -> list[str]:
    names = [code.name for code in codes]
    missing = [f"{code.name}: missing" for code in codes if code.missing]
    pieces = [f"{code.name} from {low:.4g}" for code in codes for low in code.edges[:-1]]
    return names + missing + pieces
