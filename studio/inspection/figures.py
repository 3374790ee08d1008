"""What to show of the values at a node: which kind of figure, its picture or numbers, and how to find one's way in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from blocks.features import Feature
from studio.inspection import colours, drawing, statistics
from studio.inspection.colours import Ramp
from studio.inspection.drawing import Drawing, Range
from studio.inspection.errors import PreviewError
from studio.inspection.labels import labels_of, vocabulary
from studio.inspection.trace import Flow

Kind = Literal["maps", "volume", "sequence", "vector", "picture", "tokens", "table"]
MAPS_PER_PAGE = 64
VALUES_PER_PAGE = 1_024
_MOST_CURVE = 4_096
_MOST_CHARACTERS = 20_000


class View(BaseModel):
    """What is looked at, and how.

    Args:
        output: Which of several outputs.
        page: Of maps (64 each), slices, or values (1,024 each); one that is too large becomes the last.
        channel: A single channel: of maps that one alone and larger, of a sequence its values, of a volume the one that is sliced.
        scale: "own" stretches each map over the whole range of colours, "common" all alike.
        colours: "auto" is from blue over white (zero) to red where numbers are negative, else from dark to light; "grey".
        weight: Which of the node's weights to draw, by name.
        weight_channel: Its single input channel; otherwise the mean of all, or the colours.
    """

    output: int = Field(0, ge=0)
    page: int = Field(0, ge=0)
    channel: int | None = Field(None, ge=0)
    scale: Literal["own", "common"] = "own"
    colours: Literal["auto", "grey"] = "auto"
    weight: str | None = None
    weight_page: int = Field(0, ge=0)
    weight_channel: int | None = Field(None, ge=0)


def figure(node: str, flow: Flow, value: Any, view: View, features: list[Feature]) -> dict[str, Any]:
    """The figure of what one sample is at a node.

    Args:
        value: A tensor with a batch axis of 1, or the columns of a table.

    Returns:
        `kind`, `shape`, `dtype`, `statistics` (None for texts and tables) and what belongs to the kind; see `studio.ui.api.preview`.
    """
    if isinstance(value, dict):
        return {**_empty("table", [len(value)], "columns"), "values": _cells(value, features)}
    array = np.asarray(np.asarray(value)[0])
    found = _empty("tokens", list(array.shape), "string")
    if array.dtype.kind in "OSU":
        texts = [bytes(text).decode("utf-8", "replace") if isinstance(text, bytes) else str(text) for text in array.reshape(-1)]
        return {**found, "values": [{"id": None, "token": text[:_MOST_CHARACTERS]} for text in texts[:VALUES_PER_PAGE]]}
    found["dtype"] = str(array.dtype)
    numbers = array if array.dtype.kind in "biu" and array.dtype != bool else array.astype(np.float32, copy=False)
    found["statistics"] = statistics.of(numbers).to_json()
    if flow.step.channels_first and numbers.ndim > 1:
        numbers = np.moveaxis(numbers, 0, -1)
    words = vocabulary(flow.step) if numbers.ndim < 2 and array.dtype.kind in "iu" and getattr(flow.step.block, "output_mode", "") == "int" else None
    if words is not None:
        return {**found, **_tokens(numbers.reshape(-1), words, view)}
    if not numbers.size:
        return {**found, "kind": "vector", "values": []}
    if numbers.ndim < 2:
        flat = numbers.reshape(-1)
        return {**found, "kind": "vector", **_vector(flat, labels_of(flow.step, len(flat), features), view)}
    if numbers.ndim == 2:
        return {**found, "kind": "sequence", **_sequence(node, numbers, view)}
    if numbers.ndim == 3 and flow.step.is_prepared and numbers.shape[-1] in (1, 3):
        made = drawing.picture(numbers)
        return {**found, "kind": "picture", "picture": made.png, "grid": grid_json(made), "channels": numbers.shape[-1]}
    if numbers.ndim == 3:
        return {**found, "kind": "maps", **_maps(node, numbers, view)}
    return {**found, "kind": "volume", **_volume(node, numbers, view)}


def tiles(maps: Sequence[np.ndarray], first: int, view: View, ramp: Ramp, common: Range | None) -> dict[str, Any]:
    """A grid of maps, numbered from `first`."""
    made = drawing.grid([np.asarray(each, dtype=np.float32) for each in maps], ramp, common)
    found = [numbered(number, np.asarray(each)) for number, each in enumerate(maps, start=first)]
    shown = common if view.scale == "common" or len(maps) > 1 else drawing.range_of(np.asarray(maps[0]), ramp)
    return {"picture": made.png, "grid": grid_json(made), "tiles": found, "colours": legend(ramp, shown)}


def numbered(index: int, values: np.ndarray) -> dict[str, Any]:
    """A tile with its ends and mean, of the finite numbers."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return {"index": index, "minimum": None, "mean": None, "maximum": None}
    return {"index": index, "minimum": float(finite.min()), "mean": float(finite.mean(dtype=np.float64)), "maximum": float(finite.max())}


def ramp_for(values: np.ndarray, view: View) -> Ramp:
    """The colours for these numbers."""
    if view.colours == "grey":
        return "grey"
    finite = values[np.isfinite(values)]
    return "diverging" if finite.size and finite.min() < 0 else "sequential"


def legend(ramp: Ramp, ends: Range | None) -> dict[str, Any]:
    """The colours in use; `range` is None where each tile has its own."""
    return {"name": ramp, "palette": colours.shown(ramp), "range": list(ends) if ends else None}


def grid_json(made: Drawing) -> dict[str, Any]:
    """Where the tiles of a drawing are."""
    return {
        "width": made.width, "height": made.height, "columns": made.columns, "rows": made.rows, "tile": list(made.tile), "gap": made.gap,
    }  # fmt: skip


def page_of(wanted: int, count: int, each: int) -> tuple[int, int]:
    """The page, as far as there is one, and how many there are."""
    pages = max(1, -(-count // each))
    return min(wanted, pages - 1), pages


def check_channel(node: str, channel: int | None, channels: int) -> None:
    """Refuses a channel that is not there."""
    if channel is not None and channel >= channels:
        raise PreviewError(f"{node}: invalid channel. Expected: 0 to {channels - 1:,}. Received: {channel:,}.")


def _empty(kind: Kind, shape: list[int], dtype: str) -> dict[str, Any]:
    return {
        "kind": kind, "shape": shape, "dtype": dtype, "statistics": None, "picture": None, "grid": None, "tiles": None, "colours": None,
        "values": None, "labels": None, "first": 0, "page": 0, "pages": 1, "channel": None, "channels": None,
    }  # fmt: skip


def _maps(node: str, numbers: np.ndarray, view: View) -> dict[str, Any]:
    channels = numbers.shape[-1]
    check_channel(node, view.channel, channels)
    page, pages = page_of(view.page if view.channel is None else view.channel // MAPS_PER_PAGE, channels, MAPS_PER_PAGE)
    shown = range(page * MAPS_PER_PAGE, min(channels, (page + 1) * MAPS_PER_PAGE)) if view.channel is None else range(view.channel, view.channel + 1)
    ramp = ramp_for(numbers, view)
    common = drawing.range_of(numbers, ramp) if view.scale == "common" else None
    drawn = tiles([numbers[..., channel] for channel in shown], shown[0], view, ramp, common)
    return {**drawn, "page": page, "pages": pages, "channel": view.channel, "channels": channels}


def _volume(node: str, numbers: np.ndarray, view: View) -> dict[str, Any]:
    channels = numbers.shape[-1]
    check_channel(node, view.channel, channels)
    channel = view.channel or 0
    slices = numbers.reshape(-1, *numbers.shape[-3:])[..., channel]
    page, pages = page_of(view.page, len(slices), MAPS_PER_PAGE)
    first = page * MAPS_PER_PAGE
    ramp = ramp_for(numbers, view)
    common = drawing.range_of(slices, ramp) if view.scale == "common" else None
    drawn = tiles(list(slices[first : first + MAPS_PER_PAGE]), first, view, ramp, common)
    return {**drawn, "page": page, "pages": pages, "channel": channel, "channels": channels}


def _sequence(node: str, numbers: np.ndarray, view: View) -> dict[str, Any]:
    channels = numbers.shape[-1]
    check_channel(node, view.channel, channels)
    ramp = ramp_for(numbers, view)
    ends = drawing.range_of(numbers, ramp)
    made = drawing.heat_map(np.asarray(numbers.T, dtype=np.float32), ramp, ends)
    found = {"picture": made.png, "grid": grid_json(made), "colours": legend(ramp, ends), "channel": view.channel, "channels": channels}
    return found if view.channel is None else {**found, "values": plain(numbers[:_MOST_CURVE, view.channel])}


def _vector(numbers: np.ndarray, labels: list[str] | None, view: View) -> dict[str, Any]:
    page, pages = page_of(view.page, len(numbers), VALUES_PER_PAGE)
    part = slice(page * VALUES_PER_PAGE, (page + 1) * VALUES_PER_PAGE)
    return {"values": plain(numbers[part]), "labels": labels[part] if labels else None, "first": part.start, "page": page, "pages": pages}


def _tokens(numbers: np.ndarray, words: list[str], view: View) -> dict[str, Any]:
    page, pages = page_of(view.page, len(numbers), VALUES_PER_PAGE)
    first = page * VALUES_PER_PAGE
    shown = numbers[first : first + VALUES_PER_PAGE].tolist()
    values = [{"id": number, "token": words[number] if 0 <= number < len(words) else None} for number in shown]
    return {"values": values, "first": first, "page": page, "pages": pages}


def plain(numbers: np.ndarray) -> list[float | int | None]:
    """Numbers for JSON: None for those that are not finite."""
    if numbers.dtype.kind in "biu":
        return [int(number) for number in numbers]
    return [float(number) if np.isfinite(number) else None for number in numbers]


def _cells(columns: dict[str, Any], features: list[Feature]) -> list[dict[str, Any]]:
    kinds = {feature.name: feature for feature in features}
    found = []
    for name, column in columns.items():
        cell = np.asarray(column)[0]
        value = plain(np.asarray([cell]))[0] if cell.__class__.__module__ == "numpy" else bytes(cell).decode("utf-8", "replace")
        feature = kinds.get(name)
        found.append(
            {
                "name": name,
                "kind": feature.kind if feature else "",
                "unit": feature.unit if feature else None,
                "value": value or None if isinstance(value, str) else value,
            }
        )
    return found
