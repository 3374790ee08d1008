"""What networks are for: the groups in which they are shown."""

from __future__ import annotations

from typing import Literal, get_args

from presets.base import Preset
from presets.fronts import Subject

Task = Literal["picture", "pixels", "text", "sound", "table", "series", "several"]
TASKS: tuple[Task, ...] = get_args(Task)
"""Every task, in the order in which the groups are shown."""

_OF_SUBJECT: dict[Subject, Task] = {
    "image": "picture", "columns": "table", "array": "table", "text": "text", "tokens": "text", "sound": "sound", "series": "series",
}  # fmt: skip


def task_of(family: type[Preset]) -> Task:
    """What a family is for.

    Several, where it looks at inputs of different kinds, or at several of one kind, at once; pixels, where it says something of each
    pixel; otherwise by what it looks at first.
    """
    if family.branches or (family.together and "tokens" not in family.subjects):
        return "several"
    if {"mask", "image"} & set(family.predicts):
        return "pixels"
    return _OF_SUBJECT[family.subjects[0]]
