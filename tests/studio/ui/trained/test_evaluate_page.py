"""The Evaluate page: what it shows, what it asks the engine, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from studio.evaluation import measure, result
from studio.evaluation.result import Evaluation
from studio.runs import Run
from studio.ui import evaluation_view
from studio.workspace import Workspace, write_json
from tests.studio.ui.made_runs import made_run
from tests.studio.ui.trained.stand_in import StandInEngine, wait_for


def evaluated(run: Run, *, split: str = "test", classes: tuple[str, ...] = ("0", "1", "2")) -> Evaluation:
    """An evaluation of six samples, as it is kept: the third 0 was taken for 1, the last 2 for 0."""
    truth = np.array([0, 0, 0, 1, 2, 2])
    probabilities = np.array([[0.9, 0.1, 0], [0.8, 0.2, 0], [0.3, 0.7, 0], [0.2, 0.8, 0], [0.1, 0, 0.9], [0.6, 0, 0.4]], np.float32)
    if len(classes) > 3:
        probabilities = np.pad(probabilities, ((0, 0), (0, len(classes) - 3)))
    rows = np.arange(10, 16)
    facts, arrays = measure.of_classes(rows, truth, probabilities, classes)
    found = Evaluation(
        run=run.id,
        split=split,
        state="best",
        samples=6,
        metrics={"loss": 0.5, "accuracy": 4 / 6},
        target="label",
        weights_written=result.weights_written(run, "best"),
        **facts,
    )
    result.save(run, found, arrays)
    return found


def test_evaluation_of_classes(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace)
    evaluated(run)
    answer = client.get(f"/api/evaluation/{run.id}").json()
    assert (answer["working"], answer["problem"], answer["metrics"]) == (None, None, {"loss": 0.55, "accuracy": 0.875})
    shown = answer["evaluated"]
    assert shown["matrix"] == {"classes": [0, 1, 2], "counts": [[2, 1, 0], [0, 1, 0], [1, 0, 1]]}
    assert shown["wrong"] == 2
    assert {"truth": 0, "predicted": 1, "count": 1, "share": 1 / 3} in shown["pairs"]
    worst = shown["mistakes"][0]
    assert (worst["row"], worst["truth"], worst["predicted"], worst["probability"]) == (12, "0", "1", 0.7)
    assert worst["picture"].startswith("data:image/png")
    assert shown["per_class"][0]["recall"] == pytest.approx(2 / 3)


def test_a_cell_lists_its_samples_the_surest_first(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace)
    evaluated(run)
    cell = client.get(f"/api/evaluation/{run.id}/cell?truth=0&predicted=0").json()
    assert (cell["total"], [sample["row"] for sample in cell["samples"]]) == (2, [10, 11])
    everything = client.get(f"/api/evaluation/{run.id}/cell?truth=0&offset=1&limit=1").json()
    assert (everything["total"], [sample["row"] for sample in everything["samples"]]) == (3, [11])
    assert client.get(f"/api/evaluation/{run.id}/cell?truth=0&split=train").status_code == 400


def test_evaluation_of_numbers(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace, dataset="concrete")
    truth, values = np.array([10.0, 20, 30, 40]), np.array([11.0, 19, 33, 40])
    facts, arrays = measure.of_numbers(np.arange(4), truth, values)
    found = Evaluation(
        run=run.id,
        split="test",
        state="best",
        samples=4,
        metrics={"mae": 1.25},
        target="strength",
        unit="MPa",
        weights_written=result.weights_written(run, "best"),
        **facts,
    )
    result.save(run, found, arrays)
    shown = client.get(f"/api/evaluation/{run.id}").json()["evaluated"]
    assert shown["points"][2] == [30.0, 33.0, 2]
    assert sum(shown["residuals"]["counts"]) == 4
    assert shown["figures"]["mean"] == 0.75
    assert (shown["mistakes"][0]["row"], shown["mistakes"][0]["error"], shown["target"]["unit"]) == (2, 3.0, "MPa")
    assert len(shown["mistakes"][0]["cells"]) == len(shown["columns"]) == 8


def test_an_evaluation_of_older_weights_counts_as_none(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace)
    evaluated(run)
    np.savez(run.checkpoints / "best.npz", weights=np.ones(3))
    assert client.get(f"/api/evaluation/{run.id}").json()["evaluated"] is None


def test_figures_stay_when_the_dataset_is_gone(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace, dataset="not-here")
    evaluated(run)
    shown = client.get(f"/api/evaluation/{run.id}").json()["evaluated"]
    assert shown["wrong"] == 2
    assert "picture" not in shown["mistakes"][0]


def test_ordering_an_evaluation(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    run = made_run(workspace)
    engine.answers["evaluate"] = lambda folder, split, _: evaluated(Run(Path(folder)), split=split)
    client.post(f"/api/evaluation/{run.id}", json={"split": "validation"})
    assert wait_for(lambda: client.get(f"/api/evaluation/{run.id}?split=validation").json()["evaluated"])["samples"] == 6
    assert engine.asked == [("evaluate", (str(run.folder), "validation", "best"))]


def test_evaluating_data_of_ones_own(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    run = made_run(workspace)
    folder = workspace.temporary / "upload-abc123"
    folder.mkdir()
    (folder / "own.zip").write_bytes(b"zip")

    def measured(run_folder: str, state: str, data: str, keep: str) -> None:
        assert Path(data).name == "own.zip"
        write_json(Path(keep), evaluated(Run(Path(run_folder))).model_dump(mode="json"))

    engine.answers["evaluate_elsewhere"] = measured
    client.post(f"/api/evaluation/{run.id}", json={"upload": "upload-abc123"})
    shown = wait_for(lambda: client.get(f"/api/evaluation/{run.id}?upload=upload-abc123").json()["evaluated"])
    assert not shown["has_samples"]
    assert "picture" not in shown["mistakes"][0]
    assert client.get(f"/api/evaluation/{run.id}?upload=upload-none").status_code == 400


def test_of_many_classes_the_matrix_shows_those_with_mistakes(workspace: Workspace) -> None:
    run = made_run(workspace)
    classes = tuple(str(index) for index in range(150))
    evaluation = evaluated(run, classes=classes)
    assert evaluation.confusion is None
    shown = evaluation_view.view(workspace, run, evaluation, evaluation_view.arrays_of(run, "test", "best"))
    assert len(shown["matrix"]["classes"]) == evaluation_view.MATRIX_CLASSES
    assert shown["matrix"]["classes"][:3] == [0, 1, 2]
    assert shown["matrix"]["counts"][0][:3] == [2, 1, 0]
    json.dumps(shown, allow_nan=False)
