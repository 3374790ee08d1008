"""The steps by which a draft's network came about: undone and done again without limit, also after a reload or a restart.

Beside each draft lies a file of lines, one per step, undo or redo; reading them in order gives the steps and where one
stands among them. A step is a delta of two documents, so that thousands of them stay small. A line that was cut off by a
crash is passed over, and where the draft's network was changed without a step, the history begins anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from blocks.editing import deltas
from studio import drafts
from studio.workspace import Workspace

Value = dict[str, Any] | None
"""The network of a recipe: a document, an order of a preset or a file, or None where the data choose."""


@dataclass(frozen=True)
class Step:
    """One change of a network.

    Args:
        change: How the values before and after come out of each other.
        before: A hash of the value before, as `after`.
        key: What was changed; steps in a row with the same key (what is typed into one field) are one.
        selected: The nodes that were chosen before and after.
    """

    change: dict[str, Any]
    before: str
    after: str
    key: str = ""
    selected: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def document(self) -> dict[str, Any]:
        return {
            "change": self.change,
            "before": self.before,
            "after": self.after,
            "key": self.key,
            "selected": [list(each) for each in self.selected],
        }

    @classmethod
    def read(cls, values: dict[str, Any]) -> Step:
        """A step from its JSON values."""
        first, second = values["selected"]
        return cls(values["change"], values["before"], values["after"], values["key"], (tuple(first), tuple(second)))


@dataclass
class History:
    """The steps of one draft; those behind `position` were undone.

    Args:
        size: Bytes of the file that have been read or written here.
    """

    path: Path
    steps: list[Step] = field(default_factory=list)
    position: int = 0
    size: int = 0

    @classmethod
    def load(cls, workspace: Workspace, draft: str) -> History:
        """The history of a draft; an empty one where nothing was kept."""
        history = cls(drafts.steps_path(workspace, draft))
        for kind, content in _lines(history.path):
            history._replay(kind, content)
        history.size = _size(history.path)
        return history

    @property
    def is_current(self) -> bool:
        """Whether nobody else has written to the file since."""
        return self.size == _size(self.path)

    @property
    def can_undo(self) -> bool:
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        return self.position < len(self.steps)

    def follows(self, value: Value) -> bool:
        """Whether the steps lead to this value; otherwise it was changed without a step."""
        if self.can_undo:
            return self.steps[self.position - 1].after == digest(value)
        return not self.steps or self.steps[0].before == digest(value)

    def add(self, old: Value, new: Value, key: str = "", before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> None:
        """Notes a step; what was undone before it is gone.

        Args:
            before: The chosen nodes before the step, as `after` behind it.
        """
        if not self.follows(old):
            self._write("begin", {})
        last = self.steps[self.position - 1] if self.can_undo else None
        if last is not None and key and last.key == key and not self.can_redo:
            first = _turned(old, last.change, 0)
            self._write("merge", Step(_change(first, new), last.before, digest(new), key, (last.selected[0], after)).document())
        else:
            self._write("step", Step(_change(old, new), digest(old), digest(new), key, (before, after)).document())

    def before(self, value: Value) -> tuple[Value, tuple[str, ...]] | None:
        """The value before the last step, and the nodes that were chosen then; None where there is nothing to undo."""
        if not self.can_undo or not self.follows(value):
            return None
        step = self.steps[self.position - 1]
        return _turned(value, step.change, 0), step.selected[0]

    def behind(self, value: Value) -> tuple[Value, tuple[str, ...]] | None:
        """The value after the step that was undone last, and the nodes that were chosen then; None where there is none."""
        if not self.can_redo or not self.follows(value):
            return None
        step = self.steps[self.position]
        return _turned(value, step.change, 1), step.selected[1]

    def undo(self) -> None:
        """Notes that the last step was undone, once its value is the draft's."""
        self._write("undo", {})

    def redo(self) -> None:
        """Notes that a step was done again, once its value is the draft's."""
        self._write("redo", {})

    def _write(self, kind: str, content: dict[str, Any]) -> None:
        with self.path.open("ab+") as file:
            if file.tell() and _last_byte(file) != b"\n":
                file.write(b"\n")  # a line that was cut off ends here
            file.write(json.dumps([kind, content], separators=(",", ":")).encode("ascii") + b"\n")
            self.size = file.tell()
        self._replay(kind, content)

    def _replay(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "begin":
            self.steps, self.position = [], 0
        elif kind == "step":
            del self.steps[self.position :]
            self.steps.append(Step.read(content))
            self.position += 1
        elif kind == "merge" and self.can_undo:
            self.steps[self.position - 1] = Step.read(content)
        elif kind == "undo":
            self.position = max(0, self.position - 1)
        elif kind == "redo":
            self.position = min(len(self.steps), self.position + 1)


class Histories:
    """The histories of the drafts that were edited last, so that their files are read once."""

    def __init__(self, workspace: Workspace, kept: int = 50) -> None:
        self._workspace = workspace
        self._kept = kept
        self._known: OrderedDict[str, History] = OrderedDict()

    def of(self, draft: str) -> History:
        """The history of a draft, read anew where another process has written to it."""
        history = self._known.get(draft)
        if history is None or not history.is_current:
            history = self._known[draft] = History.load(self._workspace, draft)
        self._known.move_to_end(draft)
        while len(self._known) > self._kept:
            self._known.popitem(last=False)
        return history


def digest(value: Value) -> str:
    """A hash of a network, its layout included."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _change(old: Value, new: Value) -> dict[str, Any]:
    if old is not None and new is not None and "nodes" in old and "nodes" in new:
        return {"delta": deltas.between(old, new)}
    return {"values": [old, new]}


def _turned(value: Value, change: dict[str, Any], side: int) -> Value:
    if "values" in change:
        found: Value = change["values"][side]
        return found
    turn = deltas.forward if side else deltas.backward
    return turn(value or {}, change["delta"])


def _last_byte(file: BinaryIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for line in content.split(b"\n"):
        try:
            kind, values = json.loads(line)
            if kind in ("step", "merge"):
                Step.read(values)
        except (ValueError, KeyError, TypeError):
            continue  # cut off, or not ours: what hangs on it no longer follows, and the history begins anew
        yield kind, values
