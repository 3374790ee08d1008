"""Which presets `studio presets` lists, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from blocks.features import Feature
from presets import Preset
from presets.tasks import Task, task_of

Sort = Literal["name", "year", "weights", "multiply-adds"]


def is_meant(name: str, preset: Preset, task: Task | None, search: str, features: Sequence[Feature] | None) -> bool:
    """Whether a preset is for the task, has all searched words in what is said of it, and takes the dataset; None and "" mean any."""
    said = " ".join([name, type(preset).__name__, preset.display_name(), preset.summary(), preset.paper, str(preset.year)]).lower()
    return (
        (task is None or task_of(type(preset)) == task)
        and all(word in said for word in search.lower().split())
        and (features is None or preset.fits(features))
    )


def order(sort: Sort) -> Callable[[tuple[str, dict[str, Any]]], tuple[Any, str]]:
    """The key of an entry (its name, and its figures) by which a list is sorted."""
    key = sort.replace("-", "_")
    return lambda entry: (entry[1].get(key, 0), entry[0])
