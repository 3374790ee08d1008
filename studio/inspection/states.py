"""The saved states of runs: which there are, and their weights by the name of each."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from blocks.errors import BlocksError
from blocks.graph import Graph
from studio import runs
from studio.inspection.errors import PreviewError
from studio.inspection.trace import trace
from studio.networks import weights
from studio.networks.front import split
from studio.runs.run import Run
from studio.workspace import StudioError, Workspace

FIRST = ("best", "last")
_DAMAGED = (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile)


def states_of(run: Run) -> list[dict[str, Any]]:
    """Every saved state of a run: `state`, `epoch` (None where it does not say) and `saved` (seconds since 1970); best and last come first."""
    return [{"state": name, "epoch": _epoch(_path(run, name)), "saved": _path(run, name).stat().st_mtime} for name in _names(run)]


def sources(workspace: Workspace, dataset: str) -> list[dict[str, Any]]:
    """The runs of a dataset that have a saved state, the newest first: `run`, `title`, `network`, `status` and `states` (see `states_of`)."""
    found = []
    for run in runs.all_runs(workspace):
        kept = states_of(run)
        if not kept:
            continue
        used, network = _facts(str(run.recipe_path), run.recipe_path.stat().st_mtime_ns)
        if used == dataset:
            status = run.status()
            found.append({"run": run.id, "title": status.name or run.id, "network": network, "status": status.status, "states": kept})
    return found


@lru_cache(maxsize=2_000)
def _facts(recipe: str, changed: int) -> tuple[str, str]:  # noqa: ARG001 - the time is part of the key
    """Dataset and network of a run; nothing for one whose recipe is damaged."""
    try:
        read = Run(Path(recipe).parent).recipe
    except (StudioError, BlocksError):
        return "", ""
    name = read.graph.name if isinstance(read.graph, Graph) else ""
    return read.dataset, name or "network"


def _names(run: Run) -> list[str]:
    return sorted((path.stem for path in run.checkpoints.glob("*.npz") if not path.name.startswith(".")), key=_place)


def _place(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def _path(run: Run, state: str) -> Path:
    return run.checkpoints / f"{state}.npz"


def _epoch(path: Path) -> int | None:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            meta = json.loads(bytes(file[weights.META]))
    except _DAMAGED:
        return None
    epoch = meta.get("epoch") if isinstance(meta, dict) else None
    return epoch if isinstance(epoch, int) else None


@dataclass(frozen=True)
class Trained:
    """One saved state of a run.

    Args:
        key: As `saved_key` gives it.
        whole: The run's graph, bound and adapted.
        ordered: The run's graph as it was ordered.
    """

    run: Run
    state: str
    key: str
    whole: Graph
    ordered: Graph

    @cached_property
    def names(self) -> dict[str, str]:
        """By node, at every level, the name under which its weights are saved."""
        return trace(split(self.whole).network, []).names

    @cached_property
    def scales(self) -> dict[str, dict[str, float]]:
        """By output how its number was standardised for training."""
        with self.opened() as kept:
            scales: dict[str, dict[str, float]] = kept.meta.get("scales", {})
            return scales

    @contextmanager
    def opened(self) -> Iterator[Kept]:
        """The arrays of the state, each read when it is asked for."""
        try:
            with _path(self.run, self.state).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                yield Kept(file)
        except _DAMAGED as error:
            raise PreviewError(f"The state {self.state!r} of {self.run.id!r} can't be read: {error}.") from error


class Kept:
    """An opened state."""

    def __init__(self, file: Any) -> None:
        self._file = file

    @property
    def meta(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(bytes(self._file[weights.META]))
        return found

    def array(self, name: str) -> np.ndarray | None:
        """A weight of the network by its path (`conv1/kernel`); None where there is none."""
        entry = f"network/{name}".replace("/", "|")  # as `studio.networks.weights` writes names
        return np.asarray(self._file[entry]) if entry in self._file.files else None


def saved_key(run: Run, state: str) -> str:
    """What the weights of a saved state depend on: another text as soon as they are saved anew.

    Raises:
        PreviewError: There is no such state.
    """
    known = _names(run)
    if state not in known:
        has = f"It has: {', '.join(known)}." if known else "Nothing has been saved yet, or its checkpoints were deleted."
        raise PreviewError(f"The run {run.id!r} has no saved state {state[:80]!r}. {has}")
    saved = _path(run, state).stat()
    return f"{run.folder.resolve()} {state} {saved.st_mtime_ns} {saved.st_size}"


def open_state(run: Run, state: str) -> Trained:
    """A saved state of a run.

    Raises:
        StudioError: There is no such state, or the run's files are damaged.
    """
    key = saved_key(run, state)
    ordered = run.recipe.graph
    whole = Graph.load(run.front_path)
    return Trained(run, state, key, whole, ordered if isinstance(ordered, Graph) else whole)
