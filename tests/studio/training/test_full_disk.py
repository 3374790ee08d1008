"""A disk that is full while a network trains: it is said, and nothing is lost."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio import jobs
from studio.recipe import Recipe
from studio.runs import Run, process
from studio.runs import writer as writing
from studio.runs.writer import RunWriter
from studio.workspace import Workspace, full_disk, write_json

ROOT = Path(__file__).parents[3]
RECIPE = {"dataset": "digits", "graph": {"preset": "SimpleCNN", "params": {}}, "training": {"epochs": 2}}
SMALL = (
    "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY));"
    "runpy.run_module('studio.training', run_name='__main__', alter_sys=True)"
)


def no_room() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_error_behind_others_is_found() -> None:
    try:
        try:
            raise no_room()
        except OSError:
            raise ValueError("closed file")  # noqa: B904 - as it comes up when a file is closed that could not be written
    except ValueError as error:
        found = full_disk(error)
    assert found is not None
    assert found.errno == errno.ENOSPC
    assert full_disk(FileNotFoundError(errno.ENOENT, "gone")) is None
    assert full_disk(ValueError()) is None


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def queued(workspace: Workspace) -> Run:
    return jobs.order(workspace, Recipe.read(RECIPE), start=lambda _: None)


def test_a_run_has_room_left_to_say_how_it_ended(queued: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with room for nothing as long as the reserve is there."""

    def write(path: Path, content: object) -> None:
        if queued.reserve_path.exists():
            raise no_room()
        write_json(path, content)

    with RunWriter(queued) as writer:
        monkeypatch.setattr(writing, "write_json", write)
        monkeypatch.setattr(writing, "HEARTBEAT_SECONDS", 0.0)
        with pytest.raises(OSError, match="space"):
            writer.update(status="running")
        assert any(thread.name == "heartbeat" for thread in threading.enumerate())
        writer.make_room()
        writer.end("failed", "The disk is full.")
    assert (queued.status().status, queued.status().reason) == ("failed", "The disk is full.")
    assert not queued.reserve_path.exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_training_that_can_save_nothing_says_so_and_goes_on_later(queued: Run) -> None:
    """No file can be larger than 100 kB, so the first state that is saved finds no room."""
    subprocess.run([sys.executable, "-c", SMALL, queued.folder], check=False, cwd=ROOT, timeout=240)
    status = queued.status()
    assert status.status == "failed"
    assert status.reason.startswith("The disk is full. Make room where the workspace is, then resume")
    assert [file.name for file in queued.checkpoints.iterdir()] == ["best.npz"]  # the last state is larger, and no part of it is left
    process.resume(queued)
    jobs.wait(queued)
    assert queued.status().status == "finished", queued.status().reason
