"""Run folders: their format, read and written, and the processes behind them."""

from __future__ import annotations

from studio.runs.run import Point, Run
from studio.runs.status import Status
from studio.runs.store import all_runs, create, discard, empty_trash, get, remove, remove_checkpoints, rename, restore, uses

__all__ = [
    "Point",
    "Run",
    "Status",
    "all_runs",
    "create",
    "discard",
    "empty_trash",
    "get",
    "remove",
    "remove_checkpoints",
    "rename",
    "restore",
    "uses",
]
