"""A run's curves on their way to the browser: what is new since a cursor, compact, and thinned out where it is long.

An answer holds groups: the series of one split that have the same steps share their axes. Axes are sent as the first value and
then differences, times in milliseconds since the run's first point, values with five significant digits: about 15 bytes per point.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json

POINTS = 8000
"""Points per series that the history is thinned out to; more than any screen has columns."""
_GUARD_BYTES = 96


@dataclass(frozen=True)
class Lines:
    """What metrics.jsonl holds behind a cursor.

    Args:
        cursor: Where to go on the next time. It names a place and a digest of what stands before it, so that a file that
            was cut off and written on (a resumed run) is noticed.
        reset: The cursor did not fit any more, and these are the lines from the start.
    """

    points: list[dict[str, Any]]
    cursor: str
    reset: bool
    origin: float


def answer(path: Path, cursor: str = "", limit: int = POINTS) -> dict[str, Any]:
    """The JSON that a page gets: `cursor`, `reset` and `groups`."""
    lines = read_lines(path, cursor)
    return {"cursor": lines.cursor, "reset": lines.reset, "groups": groups(lines.points, lines.origin, limit)}


def read_lines(path: Path, cursor: str = "") -> Lines:
    """The whole lines behind a cursor; a line that is still being written waits for the next time."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return Lines([], "", bool(cursor), 0.0)
    with file:
        place = _place(file.read, file.seek, cursor)
        file.seek(place)
        content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        end = place + len(whole)
        file.seek(0)
        first = file.readline() if end else b""
        guard = _guard(file.read, file.seek, end)
    points = from_json(b"[" + whole.rstrip(b"\n").replace(b"\n", b",") + b"]") if whole else []
    origin = float(from_json(first)["time"]) if first.endswith(b"\n") else 0.0
    return Lines(points, f"{end}.{guard}" if end else "", bool(cursor) and place == 0, origin)


def groups(points: Sequence[dict[str, Any]], origin: float, limit: int = POINTS) -> list[dict[str, Any]]:
    """Points as groups of series with common axes.

    Args:
        origin: The time (seconds since 1970) that counts as 0.
    """
    series: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for point in points:
        series.setdefault((point["split"], point["name"]), []).append(point)
    together: dict[tuple[str, bytes], dict[str, Any]] = {}
    for (split, name), entries in series.items():
        steps = np.array([entry["step"] for entry in entries], np.int64)
        values = np.array([entry["value"] for entry in entries], np.float64)
        kept = thin(steps.astype(np.float64), values, limit)
        axes = (split, steps[kept].tobytes())
        if axes not in together:
            together[axes] = {
                "split": split,
                "names": [],
                "step": _differences(steps[kept]),
                "epoch": _differences(np.array([entry["epoch"] for entry in entries], np.int64)[kept]),
                "time": _differences(np.array([round((entry["time"] - origin) * 1000) for entry in entries], np.int64)[kept]),
                "values": [],
            }
        together[axes]["names"].append(name)
        together[axes]["values"].append([float(f"{value:.5g}") for value in values[kept]])
    return list(together.values())


def thin(x: NDArray[np.float64], y: NDArray[np.float64], limit: int) -> NDArray[np.intp]:
    """Indices of at most `limit` points that keep the curve's look.

    Largest triangle three buckets: from each of `limit - 2` equal parts the point that spans the largest triangle with the point kept
    before and the mean of the part behind; first and last point stay.

    Source: Steinarsson (2013), "Downsampling Time Series for Visual Representation", section 4.2.
    """
    size = len(x)
    if limit < 3 or size <= limit:
        return np.arange(size)
    edges = np.linspace(1, size - 1, limit - 1).astype(np.intp)
    counts = np.diff(edges)
    mean_x = np.append(np.add.reduceat(x, edges[:-1])[: limit - 2], 0.0)
    mean_y = np.append(np.add.reduceat(y, edges[:-1])[: limit - 2], 0.0)
    # reduceat sums the last part up to the very end: without the last point, which is a part of its own
    mean_x[limit - 3] -= x[-1]
    mean_y[limit - 3] -= y[-1]
    mean_x[:-1] /= counts
    mean_y[:-1] /= counts
    mean_x[-1], mean_y[-1] = x[-1], y[-1]
    kept = np.empty(limit, np.intp)
    kept[0], kept[-1] = 0, size - 1
    before = 0
    for part in range(limit - 2):
        start, end = edges[part], edges[part + 1]
        area = np.abs((x[before] - mean_x[part + 1]) * (y[start:end] - y[before]) - (x[before] - x[start:end]) * (mean_y[part + 1] - y[before]))
        before = start + int(np.argmax(area))
        kept[part + 1] = before
    return kept


def _differences(values: NDArray[np.int64]) -> list[int]:
    return np.diff(values, prepend=0).tolist()  # type: ignore[no-any-return]


def _place(read: Any, seek: Any, cursor: str) -> int:
    offset, _, guard = cursor.partition(".")
    if not offset.isdigit() or not guard:
        return 0
    place = int(offset)
    return place if _guard(read, seek, place) == guard else 0


def _guard(read: Any, seek: Any, place: int) -> str:
    start = max(0, place - _GUARD_BYTES)
    seek(start)
    content = read(place - start)
    return f"{zlib.crc32(content):08x}" if len(content) == place - start else "short"
