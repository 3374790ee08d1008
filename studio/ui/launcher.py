"""Starts trainers for the page, from a warm spare where one waits."""

from __future__ import annotations

import logging
import threading
import time

import psutil

from blocks.errors import BlocksError
from studio import drafts
from studio.recipe import Recipe
from studio.runs import Run, all_runs
from studio.runs.process import Spare, prepare_resume, start
from studio.training.planning import plan
from studio.workspace import StudioError, Workspace

IDLE_SECONDS = 15 * 60
MEMORY_NEEDED_BYTES = 2_000_000_000
"""Free memory below which no spare is kept; a trainer with Keras takes 0.7 GB before it has data."""
DEATHS_ALLOWED = 2
"""Spares that may end by themselves before no more are made: something is wrong here, and cold trainers say what in their log."""
_LOOK_SECONDS = 2.0


class Launcher:
    """Keeps one spare trainer ready while somebody looks at the page: for any run, and at once for that of the draft changed last.

    Args:
        warm: False starts every trainer cold.
    """

    def __init__(self, workspace: Workspace, *, warm: bool = True) -> None:
        self._workspace = workspace
        self._log = workspace.spare_log
        self._warm = warm
        self._lock = threading.Lock()
        self._spare: Spare | None = None
        self._draft: tuple[str, int] | None = None
        self._prepared: tuple[str, int] | None = None
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
            try:
                self.look()
            except Exception:  # the edge of the thread: without a spare, trainers start cold
                logging.getLogger(__name__).exception("the spare trainer could not be looked after")
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
                self._spare, self._prepared = made, None
        if wanted:
            self._look_ahead()

    def _look_ahead(self) -> None:
        """Has the spare make ready what would be trained now, once the draft has rested from one look to the next."""
        if self._spare is None:
            return
        draft = drafts.latest(self._workspace)
        seen, self._draft = self._draft, (draft.id, draft.revision) if draft else None
        if draft is None or self._draft == self._prepared or seen not in (None, self._draft) or self._is_training():
            return
        try:
            recipe = plan(self._workspace, Recipe.read(draft.recipe)).recipe
        except (StudioError, BlocksError):
            return  # the line under the bar says what is wrong with it
        with self._lock:
            if self._spare is not None:
                self._spare.prepare(self._workspace, recipe)
                self._prepared = self._draft

    def _is_training(self) -> bool:
        return any(run.status().is_alive for run in all_runs(self._workspace)[:20])

    def _drop(self) -> None:
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()
