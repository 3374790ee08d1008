"""Run folders: what is written, how it is read, and what becomes of a process that is gone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from studio import runs
from studio.recipe import Recipe
from studio.runs import Run, process
from studio.runs.status import Status, observed
from studio.runs.writer import RunWriter
from studio.workspace import StudioError, Workspace, write_json
from tests.processes import spares_of


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return runs.create(workspace, Recipe.read({"dataset": "digits", "training": {"epochs": 3}}), "LeNet-5")


def test_a_new_run_is_queued_and_named_after_data_and_network(run: Run) -> None:
    assert run.id == "digits-LeNet-5"
    assert run.status().status == "queued"
    assert run.recipe.dataset == "digits"


def test_the_same_name_twice_gives_two_folders(workspace: Workspace, run: Run) -> None:
    second = runs.create(workspace, run.recipe, "LeNet-5")
    assert second.id == "digits-LeNet-5-2"
    assert [each.id for each in runs.all_runs(workspace)] == [second.id, run.id]
    assert runs.get(workspace, "latest").id == second.id


@pytest.mark.parametrize("name", ["", ".", "..", "../runs", "no-such-run", "a/b"])
def test_only_plain_names_of_runs_are_found(workspace: Workspace, name: str) -> None:
    with pytest.raises(StudioError, match="no run"):
        runs.get(workspace, name)


def test_points_are_read_behind_a_cursor(run: Run) -> None:
    with RunWriter(run) as writer:
        writer.values(1, 1, "train", {"loss": 2.5, "nothing": float("nan")})
        points, cursor = run.metrics()
        assert [(point.step, point.name, point.value) for point in points] == [(1, "loss", 2.5)]
        writer.values(2, 1, "validation", {"loss": 2.0})
        points, cursor = run.metrics(cursor)
        assert [point.split for point in points] == ["validation"]
        assert run.metrics(cursor) == ([], cursor)


def test_a_line_that_is_being_written_is_left_for_the_next_reading(run: Run) -> None:
    line = json.dumps({"step": 1, "epoch": 1, "split": "train", "name": "loss", "value": 1.0, "time": 0.0})
    run.metrics_path.write_text(f"{line}\n{line[:20]}", "utf-8")
    points, cursor = run.metrics()
    assert len(points) == 1
    run.metrics_path.write_text(f"{line}\n{line}\n", "utf-8")
    assert len(run.metrics(cursor)[0]) == 1


def test_lines_behind_the_restored_step_are_cut_off(run: Run) -> None:
    with RunWriter(run) as writer:
        for step in range(1, 6):
            writer.values(step, 1, "train", {"loss": float(step)})
    with RunWriter(run) as writer:
        writer.cut_metrics(3)
    points, _ = run.metrics()
    assert [point.step for point in points] == [1, 2, 3]


def test_a_wish_is_taken_once(run: Run) -> None:
    with RunWriter(run) as writer:
        assert writer.take_wish() is None
        run.wish("stop")
        assert writer.take_wish() == "stop"
        assert writer.take_wish() is None


def test_the_heart_beats_while_the_run_is_open(run: Run) -> None:
    with RunWriter(run) as writer:
        writer.update(status="running")
        first = run.status().heartbeat or 0
        time.sleep(1.3)
        status = run.status()
        assert (status.heartbeat or 0) > first
        assert status.status == "running"
        assert status.resources["memory_bytes"] > 0


def test_a_process_that_is_gone_makes_a_crash() -> None:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    status = Status(status="running", host=socket.gethostname(), pid=gone.pid, pid_started=time.time(), started=time.time(), step=7)
    found = observed(status)
    assert found.status == "crashed"
    assert "step 7" in found.reason


def test_a_process_number_used_again_does_not_count() -> None:
    mine = psutil.Process()
    status = Status(status="running", host=socket.gethostname(), pid=mine.pid, pid_started=mine.create_time() - 100)
    assert observed(status).status == "crashed"
    assert observed(status.model_copy(update={"pid_started": mine.create_time()})).status == "running"


def test_a_run_of_another_machine_is_judged_by_its_heartbeat() -> None:
    status = Status(status="running", host="elsewhere", pid=1, heartbeat=1000.0)
    assert observed(status, now=1030.0).status == "running"
    assert observed(status, now=1061.0).status == "crashed"


def test_a_deleted_run_comes_back(workspace: Workspace, run: Run) -> None:
    write_json(run.status_path, Status(status="finished").model_dump(mode="json"))
    token = runs.remove(workspace, run.id)
    assert runs.all_runs(workspace) == []
    assert runs.restore(workspace, token).id == run.id
    runs.remove(workspace, run.id)
    runs.empty_trash(workspace)
    assert not any((workspace.runs / ".trash").iterdir())


def test_what_is_under_way_is_neither_deleted_nor_renamed(workspace: Workspace, run: Run) -> None:
    for act in (
        lambda: runs.remove(workspace, run.id),
        lambda: runs.rename(workspace, run.id, "x"),
        lambda: runs.remove_checkpoints(workspace, run.id),
    ):
        with pytest.raises(StudioError, match="under way"):
            act()


def test_a_finished_run_is_not_resumed(run: Run) -> None:
    write_json(run.status_path, Status(status="finished").model_dump(mode="json"))
    with pytest.raises(StudioError, match="has finished"):
        process.prepare_resume(run)


def test_a_run_without_its_states_is_not_resumed(run: Run) -> None:
    with RunWriter(run) as writer:
        writer.event("checkpoint")
    write_json(run.status_path, Status(status="stopped", step=10).model_dump(mode="json"))
    with pytest.raises(StudioError, match="deleted"):
        process.prepare_resume(run)


def test_a_run_that_failed_before_its_first_state_begins_anew(run: Run) -> None:
    write_json(run.status_path, Status(status="failed", step=10).model_dump(mode="json"))
    process.prepare_resume(run)
    assert run.status().status == "queued"


def test_a_trainer_that_dies_before_its_first_word_is_a_crash(run: Run) -> None:
    dead = process.spawn([sys.executable, "-c", "raise SystemExit(3)"], run.log_path)
    process.note_process(run, dead.pid)
    dead.wait()
    assert run.status().status == "crashed"


@pytest.mark.slow
def test_a_trainer_started_ahead_ends_without_a_run(tmp_path: Path) -> None:
    with process.started_ahead(Workspace(tmp_path)):
        (ahead,) = spares_of(os.getpid())
    assert not psutil.wait_procs([ahead], timeout=60)[1]
