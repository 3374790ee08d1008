"""What the engine finds wrong with a draft's network stands beside Train, and Train refuses it; a good one is never held up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import presets
from studio import drafts
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.engine import Engine
from studio.lint import meant
from studio.recipe import Recipe
from studio.runs import Run
from studio.ui import summary
from studio.ui.analyses import Analyses
from studio.ui.api import drafts as api
from studio.ui.context import Context
from studio.ui.launcher import Launcher
from studio.workspace import StudioError, Workspace
from tests.studio.ui.conftest import BASE
from tests.studio.ui.made_engines import Dead, Here, Slow


class Recorder(Launcher):
    """Starts nothing, and notes what it was to start."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace, warm=False)
        self.started: list[str] = []

    def start(self, run: Run) -> None:
        self.started.append(run.id)


@pytest.fixture
def workspace(tmp_path: Any) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def digits(workspace: Workspace) -> Dataset:
    return store.load(workspace, "digits")


def good(dataset: Dataset) -> dict[str, Any]:
    return presets.get("LeNet5").graph(features=dataset.features).document()


def broken(dataset: Dataset, *nodes: str) -> dict[str, Any]:
    graph = presets.get("LeNet5").graph(features=dataset.features)
    for node in nodes:
        graph = graph.with_node(node, params={"filters": 0})
    return graph.document()


def line_of(workspace: Workspace, engine: Engine, graph: dict[str, Any] | None) -> dict[str, Any]:
    return summary.line(workspace, {"dataset": "digits", "graph": graph} if graph else {"dataset": "digits"}, Analyses(engine))


def test_an_error_of_the_network_is_said_with_node_reason_and_fix(workspace: Workspace, digits: Dataset) -> None:
    line = line_of(workspace, Here(), broken(digits, "conv2"))
    assert line["problem"]["page"] == "model"
    assert line["problem"]["text"].startswith("conv2: ")
    assert "filters" in line["problem"]["text"]
    assert line["network"]["weights"] is None
    assert not line["checking"]
    several = line_of(workspace, Here(), broken(digits, "conv1", "conv2"))
    assert several["problem"]["text"].endswith("(1 more on the Model page.)")


def test_a_good_network_brings_its_weights(workspace: Workspace, digits: Dataset) -> None:
    line = line_of(workspace, Here(), good(digits))
    assert line["problem"] is None
    assert line["network"]["weights"] > 1000


def test_hints_and_warnings_hold_nothing_up(workspace: Workspace, digits: Dataset) -> None:
    graph = good(digits)
    graph["nodes"]["end"] = {"block": "ReLU", "inputs": ["image"]}  # nothing uses it: a warning
    analyses = Analyses(Here())
    line = summary.line(workspace, {"dataset": "digits", "graph": graph}, analyses)
    messages = (line["problem"] or {}).get("text", "")
    assert messages == ""
    assert line["network"]["weights"] > 1000


def test_the_network_that_the_data_choose_is_not_asked_about(workspace: Workspace) -> None:
    engine = Slow()
    line = line_of(workspace, engine, None)
    assert (engine.answers, line["problem"], line["checking"]) == ([], None, False)


def test_what_is_known_of_the_network_that_the_data_choose_is_shown(workspace: Workspace, digits: Dataset) -> None:
    engine = Here()
    analyses = Analyses(engine)
    first = summary.line(workspace, {"dataset": "digits"}, analyses)
    analyses.of(chosen(workspace, digits), digits, 60, meant(Recipe.read({"dataset": "digits"}), digits))
    assert first["network"]["weights"] is None
    assert summary.line(workspace, {"dataset": "digits"}, analyses)["network"]["weights"] > 0


def chosen(workspace: Workspace, dataset: Dataset) -> Any:
    from studio.ui import network_view

    return network_view.graph(workspace, {"dataset": dataset.name})


def test_a_slow_engine_is_asked_again_later(workspace: Workspace, digits: Dataset) -> None:
    engine = Slow()
    line = line_of(workspace, engine, good(digits))
    assert line["problem"] is None
    assert line["checking"]
    assert len(engine.answers) == 1


@pytest.mark.parametrize("engine", [Dead(), Dead(ValueError("something in Keras"))])
def test_a_dead_engine_and_one_that_fails_are_not_waited_for(workspace: Workspace, digits: Dataset, engine: Dead) -> None:
    line = line_of(workspace, engine, good(digits))
    assert (line["problem"], line["checking"]) == (None, False)
    assert engine.asked == 1


def test_a_closed_engine_holds_nothing_up(workspace: Workspace, digits: Dataset) -> None:
    engine = Engine()
    engine.close()
    line = line_of(workspace, engine, good(digits))
    assert (line["problem"], line["checking"]) == (None, False)


@contextmanager
def serving(workspace: Workspace, engine: Engine) -> Iterator[tuple[TestClient, Recorder]]:
    launcher = Recorder(workspace)
    app = FastAPI()
    app.include_router(api.routes(Context(workspace, launcher, engine=engine)))
    with TestClient(app, base_url=BASE, raise_server_exceptions=True) as client:
        yield client, launcher


@pytest.mark.parametrize("engine", [Slow(), Dead(), Dead(ValueError("something in Keras"))])
def test_train_starts_a_good_network_whatever_the_engine_does(
    workspace: Workspace, digits: Dataset, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "TRAIN_SECONDS", 0.2)
    draft = drafts.create(workspace, {"dataset": "digits", "graph": good(digits)})
    with serving(workspace, engine) as (client, launcher):
        began = time.monotonic()
        run = client.post(f"/drafts/{draft.id}/train", json={"revision": 1}).json()["run"]
        assert launcher.started == [run]
        assert time.monotonic() - began < 5


def test_train_waits_for_an_answer_that_comes_in_time(workspace: Workspace, digits: Dataset) -> None:
    from studio.engine import analysis_of

    engine = Slow()
    graph = broken(digits, "conv2")
    draft = drafts.create(workspace, {"dataset": "digits", "graph": graph})
    told = analysis_of(graph, [feature.model_dump(mode="json") for feature in digits.features])
    with serving(workspace, engine) as (client, launcher):
        client.get(f"/drafts/{draft.id}")
        threading.Timer(0.2, engine.answers[0].set_result, (told,)).start()
        with pytest.raises(StudioError, match=r"^conv2: "):
            client.post(f"/drafts/{draft.id}/train", json={"revision": 1})
        assert launcher.started == []
        assert list(workspace.runs.iterdir()) == []


def test_through_the_app_a_broken_network_is_refused_with_the_sentence_of_the_line(client: TestClient, app_workspace: Workspace) -> None:
    dataset = store.load(app_workspace, "digits")
    draft = client.post("/api/drafts", json={"recipe": {"dataset": "digits", "graph": broken(dataset, "conv2")}}).json()
    assert draft["line"]["problem"] is None or draft["line"]["problem"]["text"].startswith("conv2: ")
    for _ in range(30):
        answer = client.get(f"/api/drafts/{draft['id']}/line").json()
        if not answer["line"]["checking"]:
            break
    assert answer["revision"] == 1
    text = answer["line"]["problem"]["text"]
    assert text.startswith("conv2: ")
    refused = client.post(f"/api/drafts/{draft['id']}/train", json={"revision": 1})
    assert (refused.status_code, refused.json()["error"]) == (400, text)
    mended = client.patch(f"/api/drafts/{draft['id']}", json={"revision": 1, "set": {"graph": {"preset": "LeNet5"}}}).json()
    for _ in range(30):
        answer = client.get(f"/api/drafts/{draft['id']}/line").json()
        if not answer["line"]["checking"]:
            break
    assert mended["line"]["problem"] is None
    assert answer["line"]["problem"] is None
    assert answer["line"]["network"]["weights"] > 1000
