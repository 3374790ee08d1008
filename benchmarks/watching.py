"""What measurements of whole commands share: seconds, processor seconds and memory of a process and those that it started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

LIMIT_SECONDS = 3600.0
EVERY_SECONDS = 0.05
HEADING = "| step | seconds | processor seconds | peak memory, MB |\n|---|---|---|---|"


@dataclass(frozen=True)
class Taken:
    """What a command took.

    Args:
        seconds: On the wall until it ended, or until what was waited for was there.
        processor_seconds: Of all its processes.
        megabytes: The most memory that they held at once.
    """

    seconds: float
    processor_seconds: float
    megabytes: float

    def row(self, step: str) -> str:
        """A row below `HEADING`."""
        return f"| {step} | {self.seconds:.1f} | {self.processor_seconds:.1f} | {self.megabytes:.0f} |"


@dataclass
class Watched:
    """A process and those that it started, looked at again and again."""

    process: psutil.Process
    megabytes: float = 0.0
    used: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Adds up what all of them hold and have used by now."""
        held = 0
        for each in [self.process, *self.process.children(recursive=True)]:
            try:
                held += each.memory_info().rss
                self.used[each.pid] = sum(each.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue
        self.megabytes = max(self.megabytes, held / 1e6)


def taken(command: list[str], is_there: Callable[[], bool] | None = None) -> Taken:
    """Runs a command to its end, or until something is there; then everything is ended."""
    begun = time.perf_counter()
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
    watched = Watched(process)
    while process.poll() is None and time.perf_counter() - begun < LIMIT_SECONDS:
        watched.look()
        if is_there is not None and is_there():
            break
        time.sleep(EVERY_SECONDS)
    seconds = time.perf_counter() - begun
    for each in [*process.children(recursive=True), process] if process.poll() is None else []:
        each.kill()
    if process.wait() > 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Taken(seconds, sum(watched.used.values()), watched.megabytes)
