"""The route that takes a Keras file: graph and report out, weights kept, nothing left of the upload."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from keras import layers

from blocks.errors import BlocksError
from blocks.graph import Graph
from studio.networks import imported
from studio.ui.api import graph_import
from studio.ui.context import Context
from studio.ui.launcher import Launcher
from studio.workspace import StudioError, Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> Iterator[TestClient]:
    context = Context(workspace, Launcher(workspace, warm=False))
    app = FastAPI()
    app.include_router(graph_import.routes(context))
    for kind in (StudioError, BlocksError):
        app.add_exception_handler(kind, lambda _, error: JSONResponse({"error": str(error)}, 400))
    with TestClient(app) as client:
        yield client
    context.close()


def test_file_becomes_a_graph(client: TestClient, workspace: Workspace, tmp_path: Path) -> None:
    keras.Sequential([keras.Input((4,), name="entry"), layers.Dense(2, name="label")], name="net").save(tmp_path / "net.keras")
    answered = client.post("/model/import", params={"name": "../my net.keras"}, content=(tmp_path / "net.keras").read_bytes())
    assert answered.status_code == 200, answered.text
    told = answered.json()
    assert set(told) == {"graph", "report", "transfer"}
    assert list(Graph.model_validate(told["graph"]).nodes) == ["entry", "label"]
    assert told["report"] == {"nodes": 2, "notes": [], "weights_taken": ["label/kernel", "label/bias"], "weights_left": []}
    kept = imported.load(workspace, told["transfer"]["weights"])
    assert (set(kept.arrays), kept.source) == ({"label/kernel", "label/bias"}, "my-net.keras")
    assert list(workspace.temporary.iterdir()) == []


def test_refusal_names_the_layers_and_needs_no_engine(client: TestClient, workspace: Workspace, tmp_path: Path) -> None:
    entry = keras.Input((4,))
    keras.Model(entry, layers.Lambda(lambda x: x, name="code")(entry)).save(tmp_path / "net.keras")
    answered = client.post("/model/import", params={"name": "net.keras"}, content=(tmp_path / "net.keras").read_bytes())
    assert answered.status_code == 400
    assert answered.json()["error"].startswith("code (Lambda): it holds Python code, which is never run.")
    assert list(workspace.temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["net.keras", "net.json", "net"])
def test_what_is_no_model(name: str, client: TestClient, workspace: Workspace) -> None:
    answered = client.post("/model/import", params={"name": name}, content=b"hello")
    assert answered.status_code == 400
    assert "is not" in answered.json()["error"]
    assert list(workspace.temporary.iterdir()) == []
