"""How long a run trained, in one place for every page: from the start of its training to the end, waiting and pauses left out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from studio.runs import Run
from studio.runs.status import Status

BEGINNINGS = ("started", "resumed")
ENDINGS = ("finished", "stopped", "paused", "failed")


class Facts(NamedTuple):
    """What the events of a run tell.

    Args:
        first: When training began for the first time, in seconds since 1970; None before.
        weights: Numbers in all weights of the network.
        marks: Beginnings and endings with their times, in order.
    """

    first: float | None
    weights: int | None
    marks: tuple[tuple[str, float], ...]


def facts(run: Run) -> Facts:
    """The facts of a run; its events are read only when they have changed."""
    try:
        changed = run.events_path.stat().st_mtime_ns
    except FileNotFoundError:
        return Facts(None, None, ())
    return _facts(str(run.events_path), changed)


def seconds(run: Run, status: Status) -> float | None:
    """How long a run has trained; None before it began."""
    return training_seconds(facts(run).marks, status)


def training_seconds(marks: Sequence[tuple[str, float]], status: Status) -> float | None:
    """How long the trainer worked, pauses left out; None before it has started.

    Args:
        marks: Starts ("started", "resumed") and endings of the run with their times, in order.
        status: Its heartbeat ends what has no ending (the run goes on, or crashed).
    """
    total, since = 0.0, None
    for kind, time in marks:
        if kind in ENDINGS:
            total += time - since if since is not None else 0.0
            since = None
        elif since is None:
            since = time
        else:  # started again without an ending: it crashed meanwhile, and nobody knows when
            since = time
    if since is not None:
        total += max(0.0, (status.heartbeat or since) - since)
    return total if marks else None


@lru_cache(maxsize=1024)
def _facts(path: str, changed: int) -> Facts:  # noqa: ARG001 - the time is part of the key
    events, _ = Run(Path(path).parent).events()
    begun = [event for event in events if event["event"] in BEGINNINGS]
    marks = tuple((event["event"], event["time"]) for event in events if event["event"] in (*BEGINNINGS, *ENDINGS))
    return Facts(begun[0]["time"] if begun else None, begun[-1].get("weights") if begun else None, marks)
