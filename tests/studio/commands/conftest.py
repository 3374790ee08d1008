"""Commands as a person runs them: processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio import runs
from studio.runs import Run
from studio.workspace import Workspace

ROOT = Path(__file__).parents[3]
PATIENT_SECONDS = 120.0


class Command:
    """A command under way."""

    def __init__(self, arguments: list[str], folder: Path) -> None:
        paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio.cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def interrupt(self) -> None:
        """Presses Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> tuple[int, str, str]:
        """Waits for its exit code and what it said on stdout and stderr."""
        out, err = self.process.communicate(timeout=PATIENT_SECONDS)
        assert "Traceback" not in out + err
        return self.process.returncode, out, err

    def answer(self) -> dict[str, Any]:
        """The one object of --json, with nothing else on stdout, after exit code 0."""
        code, out, err = self.end()
        assert code == 0, err
        assert out.count("\n") == 1
        found: dict[str, Any] = json.loads(out)
        return found


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Starts commands in a workspace of the test; what is still under way afterwards is ended."""
    started: list[Command] = []

    def start(*arguments: object) -> Command:
        started.append(Command([*map(str, arguments), "--workspace", str(tmp_path / "workspace")], tmp_path))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()
    for run in runs.all_runs(Workspace(tmp_path / "workspace")):
        if run.status().is_alive and (pid := run.status().pid):
            os.kill(pid, signal.SIGTERM)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def until(condition: Callable[[], Any], what: str) -> Any:
    """Waits for something to become true, and returns it."""
    end = time.monotonic() + PATIENT_SECONDS
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} has not come in {PATIENT_SECONDS:g} s")


def training(place: Workspace, epoch: int = 2) -> Run:
    """The only run of a workspace, once it is at work."""

    def found() -> Run | None:
        every = runs.all_runs(place)
        status = every[0].status() if every else None
        assert status is None or status.status in ("queued", "running"), status
        return every[0] if status and status.status == "running" and status.epoch >= epoch else None

    run: Run = until(found, "the training")
    return run
