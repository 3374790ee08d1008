"""Trainer processes: started, prepared ahead, and found again."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from studio.recipe import Recipe
from studio.runs.run import Run
from studio.workspace import StudioError, Workspace, write_json

COMMAND = (sys.executable, "-m", "studio.training")


def start(run: Run) -> None:
    """Starts a cold trainer for a run."""
    process = spawn([*COMMAND, str(run.folder)], run.log_path)
    note_process(run, process.pid)


def resume(run: Run) -> None:
    """Starts a trainer that goes on from the last saved state.

    Raises:
        StudioError: The run is under way or finished, or its states were deleted.
    """
    prepare_resume(run)
    start(run)


def prepare_resume(run: Run) -> None:
    """Marks a run as queued again.

    Raises:
        StudioError: The run is under way or finished, or its states were deleted.
    """
    status = run.status()
    if status.is_alive:
        raise StudioError(f"The run {run.id!r} is under way.")
    if status.status == "finished":
        raise StudioError(f"The run {run.id!r} has finished; open it as a draft and train longer instead.")
    has_saved = any(event["event"] == "checkpoint" for event in run.events()[0])
    if has_saved and not (run.checkpoints / "last.npz").exists():
        raise StudioError(f"The saved states of {run.id!r} were deleted, so it can't go on. Open it as a draft to train anew.")
    run.control_path.unlink(missing_ok=True)
    run.launched_path.unlink(missing_ok=True)
    queued = status.model_copy(update={"status": "queued", "reason": "", "pid": None, "pid_started": None, "host": "", "started": time.time()})
    run.reserve()
    write_json(run.status_path, queued.model_dump(mode="json"))


class Spare:
    """A trainer that waits with Keras imported, so that a run starts at once.

    Until it has a run it belongs to this process: its standard input closes with us, and it ends.
    """

    def __init__(self, log: Path) -> None:
        self._process = spawn([*COMMAND, "--spare"], log, stdin=subprocess.PIPE)

    @property
    def is_waiting(self) -> bool:
        """Whether it lives."""
        return self._process.poll() is None

    def prepare(self, workspace: Workspace, recipe: Recipe) -> None:
        """Has everything made ready for a resolved recipe that may be trained next, in place of any earlier one."""
        self._send({"prepare": recipe.document(), "workspace": str(workspace.folder)})

    def take(self, run: Run) -> bool:
        """Hands a run over; False when the spare has died meanwhile."""
        if not self._send({"run": str(run.folder)}):
            return False
        self.close()
        note_process(run, self._process.pid)
        return True

    def _send(self, order: dict[str, Any]) -> bool:
        if not self.is_waiting or self._process.stdin is None:
            return False
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return False
        return True

    def close(self) -> None:
        """Ends a spare that has no run."""
        if self._process.stdin and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()


@contextlib.contextmanager
def started_ahead(workspace: Workspace) -> Iterator[Callable[[Run], None]]:
    """What starts a run with a trainer that imports Keras meanwhile, for as long as the run is being ordered; without a run it ends."""
    spare = Spare(workspace.spare_log)

    def hand_over(run: Run) -> None:
        if not spare.take(run):
            start(run)

    try:
        yield hand_over
    finally:
        spare.close()


def spawn(command: list[str], log: Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Starts a process in its own session, its output appended to a file (never a pipe, which somebody would have to empty)."""
    options: dict[str, object] = {"start_new_session": True}
    if os.name == "nt":
        options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}  # type: ignore[attr-defined,unused-ignore]
    with log.open("ab") as output:
        return subprocess.Popen(command, stdin=stdin, stdout=output, stderr=output, **options)  # type: ignore[call-overload,no-any-return]  # noqa: S603


def note_process(run: Run, pid: int) -> None:
    """Writes which process was asked to train; its own status, once it has one, counts more."""
    with contextlib.suppress(psutil.NoSuchProcess):
        write_json(run.launched_path, {"pid": pid, "pid_started": psutil.Process(pid).create_time(), "host": socket.gethostname()})
