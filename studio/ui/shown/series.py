"""Series: single stretches as small drawings, whole ones and their forecasts as charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.dataset import Dataset
from studio.datasets.kinds.sequences import NAME
from studio.datasets.kinds.series import TIME
from studio.datasets.kinds.timing import text_of
from studio.datasets.manifest import SPLITS
from studio.datasets.values import read
from studio.datasets.values.series import whole
from studio.ui.curves import thin
from studio.ui.shown.base import Part, Showing

DRAWN_STEPS = 240
"""Steps of a stretch that a small drawing has room for."""
DRAWN_COLUMNS = 6
CHART_POINTS = 2_000
"""Points of a line of a chart."""
CHARTS = 4
"""Columns of which each gets a chart."""
WORST = 6
"""Windows whose forecasts are drawn because they are furthest off."""
DIGITS = 5


class Series(Showing):
    """Windows and sequences."""

    kinds = ("series",)

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        values = read(dataset, feature, np.asarray(rows, dtype=np.int64))
        figures = feature.statistics
        name, before = (TIME, "") if "horizon" in figures else (NAME, f"{figures.get('sequence') or 'row'} ")
        frame = dataset.table([name, feature.name], rows=rows)
        captions = [f"{before}{caption}" for caption in frame[name]]
        lengths = [int(last - first) for first, last in frame[feature.name]]
        return [{**stretch(one[-length:], feature), "caption": caption} for one, caption, length in zip(values, captions, lengths, strict=True)]

    def overview(self, dataset: Dataset, feature: Feature) -> list[Part]:
        """The columns to be predicted over all of the time, in the colours of the splits."""
        if "horizon" not in feature.statistics:
            return []
        series, times = whole(dataset.folder)
        starts = _starts(dataset, feature)
        window, names = int(feature.shape[0] or 1), feature.statistics["columns"]
        splits = dataset.splits
        borders = [0, *(int(starts[splits == split].min()) + window for split in SPLITS[1:]), len(series)]
        return [
            chart(
                names[column],
                [
                    line(split, times[first : last + 1], series[first : last + 1, column], split)
                    for split, first, last in zip(SPLITS, borders[:-1], borders[1:], strict=True)
                ],
                feature,
                dataset.target.unit,
            )
            for column in range(min(int(feature.statistics["targets"]), CHARTS))
        ]

    def measured(self, dataset: Dataset, feature: Feature, arrays: Mapping[str, np.ndarray]) -> list[Part]:
        """The forecasts over the true series; of several steps the first and the last one ahead."""
        if "horizon" not in feature.statistics or "values" not in arrays:
            return []
        series, times = whole(dataset.folder)
        figures = feature.statistics
        columns, horizon = int(figures["targets"]), int(figures["horizon"])
        first = _starts(dataset, feature)[arrays["rows"]] + int(feature.shape[0] or 1)
        said = arrays["values"].reshape(len(first), horizon, columns)
        span = slice(int(first.min()), int(first.max()) + horizon)
        found = []
        for column in range(min(columns, CHARTS)):
            lines = [line("truth", times[span], series[span, column], "truth")]
            for ahead in sorted({1, horizon}):
                name, look = ("said" if horizon == 1 else "ahead"), ("said" if ahead == 1 else "far")
                lines.append(line(name, times[first + ahead - 1], said[:, ahead - 1, column], look, steps=ahead))
            found.append(chart(figures["columns"][column], lines, feature, dataset.target.unit))
        if horizon > 1:
            found.append(by_step(series, first, said, feature, dataset.target.unit))
            for place in np.argsort(-arrays["loss"], kind="stable")[:WORST]:
                start, end = int(first[place]), int(first[place]) + horizon
                window, came = series[start - int(feature.shape[0] or 1) : start], series[start:end, :columns]
                when = text_of(float(times[start]), figures["time_kind"], whole_days=bool((times % 86400 == 0).all()))
                drawn = continued(window, feature, dataset.target.unit, said[place], came)
                found += [{**part, "title": f"{part['title']}, {when}"} for part in drawn]
        return found


def by_step(series: NDArray[np.float32], first: NDArray[np.int64], said: np.ndarray, feature: Feature, unit: str | None) -> Part:
    """How far the forecasts are off, step by step, and how far the last value is."""
    columns, horizon = said.shape[2], said.shape[1]
    truth = series[first[:, None] + np.arange(horizon)][:, :, :columns].astype(np.float64)
    last = series[first - 1, None, :columns].astype(np.float64)
    steps = np.arange(1, horizon + 1, dtype=np.float64)
    lines = [
        line("network", steps, np.abs(said - truth).mean(axis=(0, 2)), "said"),
        line("naive", steps, np.abs(last - truth).mean(axis=(0, 2)), "naive"),
    ]
    return {**chart("", lines, feature, unit), "about": "steps", "moments": "number"}


def continued(window: np.ndarray, feature: Feature, unit: str | None, said: np.ndarray, truth: np.ndarray | None) -> list[Part]:
    """A window with what is forecast and, where it is known, what came: (steps, columns), (horizon, targets)."""
    names = feature.statistics["columns"]
    steps = len(window)
    found = []
    for column in range(min(said.shape[1], CHARTS)):
        behind = np.arange(1 - steps, 1, dtype=np.float64)
        ahead = np.arange(0, said.shape[0] + 1, dtype=np.float64)
        lines = [line("past", behind, window[:, column], "truth")]
        if truth is not None:
            lines.append(line("truth", ahead, np.append(window[-1, column], truth[:, column]), "future", points=True))
        lines.append(line("said", ahead, np.append(window[-1, column], said[:, column]), "said", points=True))
        found.append({**chart(names[column], lines, feature, unit), "about": "window", "moments": "number"})
    return found


def stretch(values: np.ndarray, feature: Feature) -> Part:
    """A stretch as a small drawing: each column from its least to its largest value."""
    figures = feature.statistics
    names = list(figures.get("columns") or [str(number) for number in range(1, values.shape[1] + 1)])
    low = np.minimum(np.asarray(figures.get("minimum", values.min(axis=0)), np.float64), values.min(axis=0))
    high = np.maximum(np.asarray(figures.get("maximum", values.max(axis=0)), np.float64), values.max(axis=0))
    places = np.unique(np.linspace(0, len(values) - 1, min(len(values), DRAWN_STEPS)).round().astype(int))
    heights = (values[places] - low) / np.where(high > low, high - low, 1.0)
    return {
        "kind": "series",
        "columns": names[:DRAWN_COLUMNS],
        "more": max(0, len(names) - DRAWN_COLUMNS),
        "heights": [[round(float(height), 3) for height in column] for column in heights.T[:DRAWN_COLUMNS]],
        "first": int(figures.get("targets", 1)),
        "last": [_short(value) for value in values[-1][:DRAWN_COLUMNS]],
        "steps": len(values),
        "blank": round(max(0.0, 1 - len(values) / (feature.shape[0] or len(values))), 3),
    }


def chart(title: str, lines: list[dict[str, Any]], feature: Feature, unit: str | None) -> Part:
    """Lines over the time."""
    return {"kind": "chart", "title": title, "lines": lines, "unit": unit, "moments": feature.statistics.get("time_kind", "row"), "about": "series"}


def line(name: str, x: np.ndarray, y: np.ndarray, look: str, steps: int | None = None, points: bool = False) -> dict[str, Any]:
    """One line of a chart, thinned out.

    Args:
        name: A key of the pages' words.
        look: How it is drawn: as a split, the truth, what is said ...
        steps: A number in its name.
    """
    across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
    kept = thin(across, up, CHART_POINTS)
    return {
        "name": name,
        "steps": steps,
        "look": look,
        "points": points,
        "x": [float(value) for value in across[kept]],
        "y": [_short(value) for value in up[kept]],
    }


def _starts(dataset: Dataset, feature: Feature) -> NDArray[np.int64]:
    found = dataset.stored([feature.name])[feature.name]
    return np.asarray(found.combine_chunks().flatten().to_numpy(zero_copy_only=False)).reshape(-1, 2)[:, 0]


def _short(value: Any) -> float:
    return float(f"{float(value):.{DIGITS}g}")
