"""Starts trainers for the page, from a warm spare where one waits."""

from __future__ import annotations

import threading
import time

import psutil

from studio.runs import Run
from studio.runs.process import Spare, prepare_resume, start
from studio.workspace import Workspace

IDLE_SECONDS = 15 * 60
MEMORY_NEEDED_BYTES = 2_000_000_000
"""Free memory below which no spare is kept; a trainer with Keras takes 0.7 GB before it has data."""
DEATHS_ALLOWED = 2
"""Spares that may end by themselves before no more are made: something is wrong here, and cold trainers say what in their log."""
_LOOK_SECONDS = 10.0


class Launcher:
    """Keeps one spare trainer ready while somebody looks at the page.

    Args:
        warm: False starts every trainer cold.
    """

    def __init__(self, workspace: Workspace, *, warm: bool = True) -> None:
        self._log = workspace.folder / "spare.log"
        self._warm = warm
        self._lock = threading.Lock()
        self._spare: Spare | None = None
        self._deaths = 0
        self._visited = float("-inf")
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None

    def visit(self) -> None:
        """Notes that a page is open: a spare is prepared, and kept for a while."""
        self._visited = time.monotonic()
        if self._warm and not self._ended.is_set():
            with self._lock:
                if self._watcher is None:
                    self._watcher = threading.Thread(target=self._watch, name="spare trainer", daemon=True)
                    self._watcher.start()

    def start(self, run: Run) -> None:
        """Trains a queued run in a process of its own."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is None or not spare.take(run):
            start(run)

    def resume(self, run: Run) -> None:
        """Goes on with a run from its last saved state.

        Raises:
            StudioError: The run is under way, finished, or has no saved state any more.
        """
        prepare_resume(run)
        self.start(run)

    def close(self) -> None:
        """Ends the spare."""
        self._ended.set()
        self._drop()

    def _watch(self) -> None:
        while not self._ended.is_set():
            self.look()
            self._ended.wait(_LOOK_SECONDS)

    def look(self) -> None:
        """Prepares a spare where one is wanted and missing, and ends one that is not wanted."""
        wanted = time.monotonic() - self._visited < IDLE_SECONDS and not self._ended.is_set()
        waiting = self._spare is not None and self._spare.is_waiting
        free = psutil.virtual_memory().available
        if not wanted or (not waiting and free < MEMORY_NEEDED_BYTES) or free < MEMORY_NEEDED_BYTES / 4:
            self._drop()
        elif not waiting and self._deaths < DEATHS_ALLOWED:
            if self._spare is not None:
                self._deaths += 1
            made = Spare(self._log)
            with self._lock:
                self._spare = made

    def _drop(self) -> None:
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()
