from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from studio.recipe import Recipe
from studio.runs import Status
from studio.ui import clock, comparison, redraft, runlist, summary
from studio.ui.app import create_app
from studio.workspace import StudioError, Workspace
from tests.studio.ui.made_runs import START, lines, made_run


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, TestClient]:
    workspace = Workspace(tmp_path_factory.mktemp("served"))
    return workspace, TestClient(create_app(workspace, warm=False), base_url="http://127.0.0.1")


def test_row_tells_what_the_folder_holds(workspace: Workspace) -> None:
    row = runlist.row(made_run(workspace))
    assert row["sparkline"] == [1.0, 0.5, 0.6]
    assert (row["best_epoch"], row["seconds"], row["weights"], row["when"]) == (2, 6.0, 1234, START)
    assert row["metrics"]["test"] == {"loss": 0.55, "accuracy": 0.875}
    assert row["has_state"]
    assert row["bytes"] > row["checkpoint_bytes"] > 0


def test_sparkline_of_a_long_run_is_thinned_out_and_keeps_its_ends(workspace: Workspace) -> None:
    values = tuple(1 / (1 + epoch) for epoch in range(500))
    sparkline = runlist.row(made_run(workspace, losses=values))["sparkline"]
    assert len(sparkline) == runlist.SPARKLINE_POINTS
    assert (sparkline[0], sparkline[-1]) == (1.0, 0.002)


@pytest.mark.parametrize(
    ("marks", "seconds"),
    [
        ([], None),
        ([("started", 10.0), ("finished", 15.0)], 5.0),
        ([("started", 10.0), ("paused", 15.0), ("resumed", 100.0), ("finished", 101.0)], 6.0),
        ([("started", 10.0)], 20.0),
        ([("started", 10.0), ("paused", 15.0), ("resumed", 20.0)], 15.0),
    ],
    ids=["queued", "whole", "pause", "under way", "under way again"],
)
def test_duration_leaves_pauses_out(marks: list[tuple[str, float]], seconds: float | None) -> None:
    assert clock.training_seconds(marks, Status(status="running", heartbeat=30.0)) == seconds


def test_every_page_says_the_time_of_the_training_itself(workspace: Workspace) -> None:
    run = made_run(workspace)
    waited = run.status().model_copy(update={"started": START - 60.0, "heartbeat": START + 9.0})
    run.status_path.write_text(waited.model_dump_json(), "utf-8")
    assert summary.run_row(run)["seconds"] == runlist.row(run)["seconds"] == 6.0
    run.events_path.unlink()
    assert summary.run_row(run)["seconds"] is None


def test_comparison_names_what_differs(workspace: Workspace) -> None:
    first = made_run(workspace, training={"epochs": 3})
    second = made_run(workspace, training={"epochs": 5, "optimizer": {"name": "sgd", "learning_rate": 0.1}})
    rows = {(row["part"], row["field"]): row for row in comparison.compare([first, second])["rows"]}
    assert rows["training", "epochs"] == {"part": "training", "field": "epochs", "values": ["3", "5"], "same": False}
    assert rows["training", "optimizer.learning_rate"]["values"] == [None, "0.1"]
    assert rows["graph", "dense.units"] == {"part": "graph", "field": "dense.units", "values": ["16", "16"], "same": True}
    assert next(iter(rows)) == ("dataset", "")


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (True, "yes"), (0.001, "0.001"), ([3, 3], "3, 3"), ({"name": "adam", "beta": 0.9}, "adam beta=0.9")]
)
def test_values_as_a_person_reads_them(value: object, text: str) -> None:
    assert comparison.written(value) == text


def test_draft_of_a_run_keeps_what_was_chosen_and_leaves_out_what_holds_anyway(workspace: Workspace) -> None:
    run = made_run(
        workspace, training={"epochs": 7, "l2": 0.01, "steps_per_execution": 4, "device": "cpu", "optimizer": {"name": "adam", "learning_rate": 0.5}}
    )
    document = redraft.draft_recipe(workspace, run)
    assert document["training"]["epochs"] == 7
    assert document["training"]["l2"] == 0.01
    assert document["training"]["optimizer"]["learning_rate"] == 0.5
    assert not set(redraft.SETTLED_BY_TRYING) & set(document["training"])
    assert "seed" not in document["training"]
    assert document["graph"]["nodes"]["dense"]["params"] == {"units": 16}
    assert "transfer" not in document
    Recipe.read(document)


def test_draft_of_a_run_with_the_usual_network_leaves_the_network_open(workspace: Workspace) -> None:
    from studio.training.planning import plan

    usual = plan(workspace, Recipe.read({"dataset": "digits"})).recipe
    run = made_run(workspace, **usual.document())
    assert redraft.draft_recipe(workspace, run) == {"dataset": "digits"}


def test_continuing_names_the_run_whose_weights_to_begin_with(workspace: Workspace) -> None:
    run = made_run(workspace)
    assert redraft.draft_recipe(workspace, run, continued=True)["transfer"] == {"run": run.id, "state": "best"}
    for file in run.checkpoints.iterdir():
        file.unlink()
    with pytest.raises(StudioError, match="no saved weights"):
        redraft.draft_recipe(workspace, run, continued=True)


def test_draft_of_a_run_whose_dataset_is_gone_keeps_every_setting(workspace: Workspace) -> None:
    document = redraft.draft_recipe(workspace, made_run(workspace, dataset="no-longer-here", training={"epochs": 3}))
    assert document["dataset"] == "no-longer-here"
    assert document["training"]["seed"] == 0


def test_delete_and_undo(served: tuple[Workspace, TestClient]) -> None:
    workspace, client = served
    run = made_run(workspace, name="Gone soon")
    token = client.delete(f"/api/runs/{run.id}").json()["token"]
    listed = client.get("/api/run-list").json()
    assert run.id not in [row["run"] for row in listed["runs"]]
    assert [(row["token"], row["title"]) for row in listed["deleted"]] == [(token, "Gone soon")]
    assert client.post(f"/api/deleted-runs/{token}/restore").json()["run"] == run.id
    assert client.get("/api/run-list").json()["deleted"] == []
    client.delete(f"/api/runs/{run.id}")
    assert client.delete("/api/deleted-runs").json() == {"deleted": []}
    assert client.post(f"/api/deleted-runs/{token}/restore").status_code == 400


def test_rename_shows_another_name_and_keeps_the_link(served: tuple[Workspace, TestClient]) -> None:
    workspace, client = served
    run = made_run(workspace)
    assert client.post(f"/api/runs/{run.id}/title", json={"title": "最好的"}).json()["title"] == "最好的"
    assert client.get(f"/api/run-list/{run.id}").json()["title"] == "最好的"


def test_deleting_weights_keeps_curves(served: tuple[Workspace, TestClient]) -> None:
    workspace, client = served
    run = made_run(workspace)
    size = client.get(f"/api/run-list/{run.id}").json()["checkpoint_bytes"]
    assert client.delete(f"/api/runs/{run.id}/checkpoints").json() == {"freed": size}
    row = client.get(f"/api/run-list/{run.id}").json()
    assert (row["checkpoint_bytes"], row["has_state"], len(row["sparkline"])) == (0, False, 3)


def test_opening_as_a_draft_makes_one(served: tuple[Workspace, TestClient]) -> None:
    workspace, client = served
    run = made_run(workspace, training={"epochs": 4})
    draft = client.post(f"/api/runs/{run.id}/draft", json={"continued": True}).json()
    assert client.get(f"/api/drafts/{draft['id']}").json()["recipe"]["transfer"]["run"] == run.id
    assert draft["line"]["settings"]["epochs"] == 4


def test_only_the_named_files_can_be_downloaded(served: tuple[Workspace, TestClient]) -> None:
    workspace, client = served
    run = made_run(workspace)
    answer = client.get(f"/api/runs/{run.id}/files/recipe.yaml")
    assert answer.text.startswith("format: studio.recipe/1")
    assert "attachment" in answer.headers["content-disposition"]
    for name in ("status.json", "..%2F..%2Fsecret", "train.py"):
        assert client.get(f"/api/runs/{run.id}/files/{name}").status_code in (400, 404)


def test_unknown_and_running_runs_are_refused_with_a_sentence(served: tuple[Workspace, TestClient]) -> None:
    import os

    import psutil

    workspace, client = served
    assert client.get("/api/run-list/nothing").json() == {"error": "There is no run named 'nothing'."}
    run = made_run(workspace)
    status = run.status().model_copy(update={"status": "running", "pid": os.getpid(), "pid_started": psutil.Process().create_time()})
    import socket

    run.status_path.write_text(status.model_copy(update={"host": socket.gethostname()}).model_dump_json(), "utf-8")
    answer = client.delete(f"/api/runs/{run.id}")
    assert answer.status_code == 400
    assert "under way" in answer.json()["error"]


def test_comparison_route(served: tuple[Workspace, TestClient]) -> None:
    workspace, client = served
    names = [made_run(workspace, name="left").id, made_run(workspace, name="right", training={"seed": 5}).id]
    rows = client.get("/api/run-comparison", params={"run": names}).json()["rows"]
    assert [row["field"] for row in rows if not row["same"]] == ["seed"]


def test_a_log_line_that_is_still_being_written_waits(workspace: Workspace) -> None:
    run = made_run(workspace)
    with run.metrics_path.open("a") as file:
        file.write('{"step": 40, "epoch": 4, "split": "validation", "na')
    assert runlist.row(run)["sparkline"] == [1.0, 0.5, 0.6]
    lines(run.metrics_path, [])
    assert runlist.row(run)["sparkline"] == []
