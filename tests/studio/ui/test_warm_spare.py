"""A real spare trainer and a page process that dies: idle it goes with it, with a run it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from studio import runs
from studio.runs import Run
from studio.workspace import Workspace

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
PAGE = """
import sys, time
from studio import jobs
from studio.recipe import Recipe
from studio.ui import launcher
from studio.workspace import Workspace
launcher.MEMORY_NEEDED_BYTES = 0
workspace = Workspace(sys.argv[1])
page = launcher.Launcher(workspace)
page.visit()
sys.stdin.readline()
order = {"dataset": "iris", "training": {"epochs": int(sys.argv[2]), "early_stopping": False}}
print(jobs.order(workspace, Recipe.read(order), page.start).id, flush=True)
time.sleep(600)
"""


class PageProcess:
    """A stand-in for the page process: it keeps a spare, and orders one training when it is told to."""

    def __init__(self, folder: Path, epochs: int) -> None:
        self.workspace = Workspace(folder)
        paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-c", PAGE, str(folder), str(epochs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )
        self.spare = until(lambda: next(iter(psutil.Process(self.process.pid).children()), None))

    def order(self) -> Run:
        """Presses Train."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("train\n")
        self.process.stdin.flush()
        return runs.get(self.workspace, self.process.stdout.readline().strip())

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()


def until(condition: Callable[[], Any], seconds: float = 120.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Callable[[int], PageProcess]]:
    started: list[PageProcess] = []

    def start(epochs: int) -> PageProcess:
        started.append(PageProcess(tmp_path / "workspace", epochs))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        if each.spare.is_running():
            each.spare.kill()


def is_warm(page: PageProcess) -> bool:
    return page.spare.memory_info().rss > 400_000_000 and page.spare.cpu_percent(0.5) < 20


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("warm", [True, False], ids=["idle", "importing"])
def test_a_spare_without_a_run_goes_with_its_page(page: Callable[[int], PageProcess], warm: bool) -> None:
    made = page(1)
    if warm:
        until(lambda: is_warm(made))
    made.kill()
    until(lambda: has_ended(made.spare), 10)
    assert runs.all_runs(made.workspace) == []


def test_a_page_that_dies_while_its_spare_trains_leaves_the_training_alone(page: Callable[[int], PageProcess]) -> None:
    made = page(100_000)
    until(lambda: is_warm(made))
    run = made.order()
    until(lambda: run.status().epoch >= 2)
    assert run.status().pid == made.spare.pid
    assert os.getsid(made.spare.pid) == made.spare.pid
    step = run.status().step
    made.kill()
    until(lambda: run.status().step > step + 200)
    assert (run.status().status, run.status().pid) == ("running", made.spare.pid)
    assert "Traceback" not in run.log_tail()
    run.wish("stop")
    until(lambda: run.status().status == "stopped")
    assert set(run.results()) == {"train", "validation", "test"}
    until(lambda: has_ended(made.spare), 30)


def test_an_order_given_right_before_the_page_dies_is_carried_out(page: Callable[[int], PageProcess]) -> None:
    """The spare still imports Keras then, and finds the order in its pipe together with the end of the page."""
    made = page(2)
    run = made.order()
    os.kill(made.process.pid, signal.SIGKILL)
    until(lambda: run.status().status == "finished")
    assert (run.status().pid, run.status().epoch) == (made.spare.pid, 2)


def test_a_spare_that_is_killed_with_a_run_is_a_crash_that_another_resumes(page: Callable[[int], PageProcess]) -> None:
    made = page(60)
    run = made.order()
    until(lambda: run.status().epoch >= 2)
    made.spare.kill()
    until(lambda: run.status().status == "crashed", 10)
    assert "ended from outside" in run.status().reason
    from studio.runs.process import resume

    resume(run)
    until(lambda: run.status().status == "finished")
    assert run.status().epoch == 60
