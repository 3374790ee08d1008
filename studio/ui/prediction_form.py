"""What a page asks for to predict: pictures, a text, or the columns of a table, with typical values filled in."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from blocks.features import Feature, columns_of
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.evaluation.series import is_forecast
from studio.runs import Run
from studio.ui import shown
from studio.ui.drawing import LOOKED_AT, Style, style_of
from studio.workspace import StudioError, Workspace

SEVERAL = "several"
_SIGNIFICANT = 4
_SHOWN_WORDS = 8


def described(workspace: Workspace, run: Run) -> dict[str, Any]:
    """The input that a run's network takes, and what it predicts.

    Returns:
        `kind` ("image", "sound", "series", "text", "array", "columns", or "several" for files and texts together, or with columns),
        `parts` (name and kind of each of several inputs that is no column), `columns` (for tables), `drawing` (the style of the training
        pictures, where a drawing makes sense), `sound` (for sounds: the rate and the seconds that the network hears), `series` (how files
        hold series), `compares` (whether two samples can be compared), `target` (name, kind, unit, classes), `dataset` (its name, or None
        when it is gone).
    """
    from studio.evaluation.opened import features_of

    features = features_of(run)
    kind = kind_of(features)
    target = next((feature for feature in features if feature.role == "target"), None)
    found: dict[str, Any] = {"kind": kind, "columns": [], "drawing": None, "sound": heard(features), "dataset": None, "target": None}
    found["series"] = series_form(features)
    found["parts"] = [{"name": each.name, "kind": each.kind} for each in parts_of(features)] if kind == SEVERAL else []
    found["compares"] = target is not None and shown.of(target.kind).compares
    if target:
        classes = list(target.classes) if target.classes else None
        found["target"] = {"name": target.name, "kind": target.kind, "unit": target.unit, "classes": classes}
    if kind in ("columns", SEVERAL):
        found["columns"] = [column(feature) for feature in features if feature.role == "input" and feature.is_column]
    try:
        found["dataset"] = store.load(workspace, run.recipe.dataset).manifest.name
    except StudioError:
        return found
    if kind == "image" and not (target and target.kind == "labels"):  # of several things on a picture, one drawn sign tells nothing
        style = drawing_style(workspace, run)
        found["drawing"] = style.to_json() if style else None
    return found


def own_sample(dataset: Dataset) -> dict[str, Any]:
    """How a person hands over a sample like those of a dataset.

    Returns:
        `kind` ("image", "text", "array" or "columns"; None where it has several inputs, so that one file or text is no sample), `columns`
        (for tables), and `drawing` (the style of its pictures, where a drawing makes sense).
    """
    given = [feature for feature in dataset.features if feature.role == "input"]
    kind = kind_of(given)
    if kind != "columns" and len(given) > 1:
        return {"kind": None, "columns": [], "drawing": None}
    style = style_in(dataset) if kind == "image" else None
    columns = [column(feature) for feature in given] if kind == "columns" else []
    return {"kind": kind, "columns": columns, "drawing": style.to_json() if style else None}


def parts_of(features: list[Feature]) -> list[Feature]:
    """The inputs that are no columns of a table."""
    return [feature for feature in features if feature.role == "input" and not feature.is_column and feature.is_given]


def kind_of(features: list[Feature]) -> str:
    """What the inputs are: pictures, sounds, series, texts, arrays, the columns of a table, or several of these together."""
    parts = parts_of(features)
    if len(parts) > 1 or (parts and columns_of(features)):
        return SEVERAL
    kinds = {feature.kind for feature in features if feature.role == "input"}
    return next((kind for kind in ("image", "sound", "series", "text", "array") if kind in kinds), "columns")


def heard(features: list[Feature]) -> dict[str, Any] | None:
    """At which rate and for how long a network hears sounds; None where none is an input."""
    sound = next((feature for feature in features if feature.role == "input" and feature.kind == "sound"), None)
    if sound is None:
        return None
    rate = int(sound.statistics["sample_rate"])
    return {"rate": rate, "seconds": (sound.shape[0] or 0) / rate}


def series_form(features: list[Feature]) -> str | None:
    """How files hold the series that a network takes: "forecast" (one, to be continued), "long", "wide" or "arrays"; None where it takes none."""
    series = next((feature for feature in features if feature.role == "input" and feature.kind == "series"), None)
    if series is None:
        return None
    return "forecast" if is_forecast(series) else str(series.statistics.get("form", "long"))


def column(feature: Feature) -> dict[str, Any]:
    """One column as a field: its kind, a typical value, and what it may hold."""
    statistics = feature.statistics
    return {
        "name": feature.name,
        "kind": feature.kind,
        "unit": feature.unit,
        "value": typical(feature),
        "choices": list(feature.classes or ()),
        "minimum": statistics.get("minimum"),
        "maximum": statistics.get("maximum"),
        "words": list(statistics.get("words") or ())[:_SHOWN_WORDS],
    }


def typical(feature: Feature) -> str:
    """The median of a number, the commonest of the categories, the last of the dates, a text of middle length."""
    statistics = feature.statistics
    if feature.kind == "words":
        return str(statistics.get("example") or "")
    if feature.kind == "number":
        middle = statistics.get("median", statistics.get("mean"))
        return "" if middle is None else f"{middle:.{_SIGNIFICANT}g}" if abs(middle) < 10**_SIGNIFICANT else f"{middle:.0f}"
    if feature.kind == "category" and feature.classes:
        counts = statistics.get("counts") or [0]
        return feature.classes[max(range(min(len(counts), len(feature.classes))), key=lambda index: counts[index])]
    return str(statistics.get("maximum") or "")


def read_row(features: list[Feature], typed: dict[str, Any]) -> dict[str, Any]:
    """A typed row as the network's columns: numbers read (a comma counts as the decimal sign), nothing for what is empty.

    Raises:
        StudioError: A number can't be read; the column is named.
    """
    row: dict[str, Any] = {}
    for feature in features:
        if feature.role != "input" or not feature.is_column:
            continue
        text = str(typed.get(feature.name) if typed.get(feature.name) is not None else "").strip()
        if feature.kind == "number":
            row[feature.name] = _number(feature.name, text)
        else:
            row[feature.name] = text
    return row


def _number(name: str, text: str) -> float | None:
    if not text:
        return None
    try:
        return float(re.sub(r"^([-+]?\d*),(\d+)$", r"\1.\2", text).replace(" ", ""))
    except ValueError:
        raise StudioError(f"{name}: {text[:60]!r} is not a number. Write it as 12.5, or leave the field empty.") from None


def drawing_style(workspace: Workspace, run: Run) -> Style | None:
    """How to make a drawing look like the training pictures of a run; None where they are not grey signs on a plain ground."""
    return style_in(store.load(workspace, run.recipe.dataset))


def style_in(dataset: Dataset) -> Style | None:
    """How to make a drawing look like the training pictures of a dataset; None where they are not grey signs on a plain ground."""
    image = next((feature for feature in dataset.features if feature.role == "input" and feature.kind == "image"), None)
    if image is None or image.shape[-1] != 1:
        return None
    return _style(str(dataset.folder), dataset.manifest.hash)


@lru_cache(maxsize=16)
def _style(folder: str, content: str) -> Style | None:  # noqa: ARG001 - the hash is part of the key
    dataset = Dataset(Path(folder))
    rows = dataset.rows("train")
    chosen = rows[:: max(1, len(rows) // LOOKED_AT)][:LOOKED_AT]
    name = next(feature.name for feature in dataset.features if feature.role == "input" and feature.kind == "image")
    return style_of([bytes(content) for content in dataset.table([name], rows=chosen)[name]])
