"""What the list of runs says of each: its row, a small curve, the disk it uses; and what was deleted."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic_core import from_json

from studio import runs
from studio.runs import Run
from studio.runs.store import TRASH
from studio.ui import clock, summary
from studio.ui.curves import thin
from studio.workspace import Workspace, read_json, size_of

SPARKLINE_POINTS = 48
_VALIDATION = re.compile(rb'^\{[^\n]*"split": "validation"[^\n]*\}\n', re.MULTILINE)


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Every run as a row of the list, the newest first."""
    return [row(run) for run in runs.all_runs(workspace)]


def row(run: Run) -> dict[str, Any]:
    """A run as the list shows it: the row that all pages share, and what only this list needs."""
    status = summary.status_of(run)
    found = summary.run_row(run, status)
    facts = clock.facts(run)
    return {
        **found,
        "when": facts.first or status.started,
        "weights": facts.weights,
        "sparkline": _sparkline(str(run.metrics_path), _changed(run.metrics_path), "loss"),
        "best_epoch": best_epoch(run, found["monitor"]),
        "bytes": size_of(run.folder),
        "checkpoint_bytes": size_of(run.checkpoints),
        "has_state": any(run.checkpoints.glob("*.npz")),
        "has_results": run.results_path.exists(),
    }


def best_epoch(run: Run, monitor: str) -> int | None:
    """The epoch with the best validation value of the monitored figure."""
    values, epochs = _validation(str(run.metrics_path), _changed(run.metrics_path), monitor)
    if not values:
        return None
    from studio.settings import metrics

    higher = monitor != "loss" and metrics.all().get(monitor) is not None and metrics.get(monitor).mode == "max"
    return epochs[int(np.argmax(values) if higher else np.argmin(values))]


def deleted(workspace: Workspace) -> list[dict[str, Any]]:
    """The runs in the trash: the token that brings each back, its name, when it was deleted, and its size."""
    trash = workspace.runs / TRASH
    found = []
    for place in trash.iterdir() if trash.is_dir() else []:
        for folder in place.iterdir():
            found.append({"token": place.name, "run": folder.name, "title": _title(folder), "when": place.stat().st_mtime, "bytes": size_of(folder)})
    return sorted(found, key=lambda each: float(str(each["when"])), reverse=True)


def _title(folder: Path) -> str:
    try:
        return str(read_json(folder / "status.json").get("name") or folder.name)
    except FileNotFoundError:
        return folder.name


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _sparkline(path: str, changed: int, name: str) -> list[float]:
    values, _ = _validation(path, changed, name)
    kept = thin(np.arange(len(values), dtype=np.float64), np.array(values, np.float64), SPARKLINE_POINTS)
    return [float(f"{values[index]:.4g}") for index in kept]


@lru_cache(maxsize=2048)
def _validation(path: str, changed: int, name: str) -> tuple[list[float], list[int]]:
    """The validation values of one metric and their epochs; kept until the file changes."""
    if not changed:
        return [], []
    points = [from_json(line) for line in _VALIDATION.findall(Path(path).read_bytes())]
    chosen = [point for point in points if point["name"] == name]
    return [point["value"] for point in chosen], [point["epoch"] for point in chosen]
