"""The code panel: code of a draft's network, out of the engine, kept, and as a file."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

import presets
from blocks.errors import BlocksError
from studio import drafts
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.engine import Engine
from studio.ui import code_view
from studio.ui.api import code as code_routes
from studio.ui.code_view import Codes, code_of
from studio.ui.context import Context
from studio.ui.launcher import Launcher
from studio.workspace import StudioError, Workspace


class Here(Engine):
    """Answers at once, and counts the questions."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def submit(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        self.asked += 1
        answer: Future[Any] = Future()
        answer.set_result(function(*args, **kwargs))
        return answer


class Slow(Engine):
    """Answers when the test does."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ARG002 - the test answers
        self.answers.append(Future())
        return self.answers[-1]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def digits(place: Workspace) -> Dataset:
    return store.load(place, "digits")


@pytest.fixture(scope="module")
def client(place: Workspace) -> Iterator[TestClient]:
    """The routes with an engine in a process of its own."""
    context = Context(place, Launcher(place, warm=False))
    app = FastAPI()
    app.include_router(code_routes.routes(context), prefix="/api")
    for kind in (StudioError, BlocksError):
        app.add_exception_handler(kind, refusal)
    with TestClient(app) as client:
        yield client
    context.close()


async def refusal(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": str(error)}, 400)


def asked(client: TestClient, **question: Any) -> dict[str, Any]:
    """The answer to a question, however long the engine takes to start."""
    while True:
        answer = client.post("/api/model/code", json=question)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        if not found["waiting"]:
            return found


def test_the_code_of_a_draft_comes_from_the_engine(client: TestClient) -> None:
    found = asked(client, dataset="digits", graph={"preset": "LeNet5"})
    assert found["problem"] is None
    assert found["code"].startswith("import keras\n")
    assert found["lines"] == len(found["code"].splitlines())
    compile(found["code"], "network", "exec")


def test_the_network_that_the_data_choose(client: TestClient) -> None:
    assert "keras.layers.Conv2D" in asked(client, dataset="digits")["code"]
    assert "ColumnEncoding(" in asked(client, dataset="penguins")["code"]


def test_every_problem_of_a_half_drawn_network_is_said(client: TestClient) -> None:
    nodes = {
        "image": {"block": "Input"},
        "a": {"block": "Conv2D", "params": {"filters": 0}, "inputs": ["image"]},
        "b": {"block": "Nothing", "inputs": ["image"]},
    }
    found = asked(client, dataset="digits", graph={"nodes": nodes})
    assert found["code"] == ""
    assert found["lines"] == 0
    assert [line.partition(":")[0] for line in found["problem"].splitlines()] == ["a", "b"]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"dataset": "nothing"}, "nothing"),
        ({"dataset": "digits", "graph": {"preset": "TextLSTM"}}, "takes texts"),
        ({"dataset": "digits", "graph": {"preset": "LeNet"}}, "Did you mean 'LeNet5'"),
        ({"dataset": "digits", "graph": {"nodes": 3}}, "graph"),
    ],
)
def test_what_is_no_network_is_a_problem_and_no_fault(client: TestClient, question: dict[str, Any], reason: str) -> None:
    assert reason in asked(client, **question)["problem"]


def test_a_draft_as_a_file(client: TestClient, place: Workspace) -> None:
    draft = drafts.create(place, {"dataset": "digits", "graph": {"preset": "ResNet20"}, "training": {"epochs": 3}})
    shown = client.get("/api/model/code", params={"draft": draft.id})
    assert shown.headers["content-disposition"] == "inline"
    saved = client.get("/api/model/code", params={"draft": draft.id, "download": 1})
    assert saved.headers["content-disposition"] == 'attachment; filename="ResNet20.py"'
    assert saved.headers["content-type"] == "text/plain; charset=utf-8"
    assert saved.text == shown.text == asked(client, dataset="digits", graph={"preset": "ResNet20"})["code"]


def test_there_is_no_file_of_what_has_problems(client: TestClient, place: Workspace) -> None:
    draft = drafts.create(place, {"dataset": "digits", "graph": {"nodes": {"a": {"block": "Nothing"}}}})
    answer = client.get("/api/model/code", params={"draft": draft.id, "download": 1})
    assert answer.status_code == 400
    assert "no block named 'Nothing'" in answer.json()["error"]
    assert client.get("/api/model/code", params={"draft": "0000"}).status_code == 400


def test_what_was_seen_before_is_not_asked_again(digits: Dataset) -> None:
    engine = Here()
    codes = Codes(engine, kept=2)
    graphs = [presets.get("MLP", units=[units]).graph(features=digits.features) for units in (4, 5, 6)]
    first = codes.of(graphs[0], digits, 60)
    assert codes.of(graphs[0].model_copy(update={"layout": {"dense1": (1.0, 2.0)}}), digits, 60) is first  # places on a canvas count for nothing
    assert engine.asked == 1
    for graph in graphs[1:]:
        codes.of(graph, digits, 60)
    codes.of(graphs[0], digits, 60)  # it had to make room
    assert engine.asked == 4


def test_an_answer_that_takes_long_is_waited_for_later(place: Workspace, digits: Dataset) -> None:
    engine = Slow()
    codes = Codes(engine)
    order = {"preset": "LeNet5"}
    assert code_view.code(place, codes, "digits", order, 0.0) == {"code": "", "lines": 0, "problem": None, "waiting": True}
    with pytest.raises(StudioError, match="not written yet"):
        code_view.file(place, codes, {"dataset": "digits", "graph": order}, 0.0)
    assert len(engine.answers) == 1
    graph = presets.get("LeNet5").graph(features=digits.features)
    made = code_of(graph.document(), [feature.model_dump(mode="json") for feature in digits.features])
    threading.Timer(0.1, engine.answers[0].set_result, (made,)).start()
    found = code_view.code(place, codes, "digits", order, 30)
    assert found == {**made, "waiting": False}
    assert found["code"]


def test_an_engine_that_breaks_is_asked_anew(digits: Dataset) -> None:
    engine = Slow()
    codes = Codes(engine)
    graph = presets.get("MLP").graph(features=digits.features)
    assert codes.of(graph, digits, 0.0) is None
    engine.answers[0].set_exception(BrokenProcessPool())
    with pytest.raises(StudioError, match="could not be written"):
        codes.of(graph, digits, 1)
    assert codes.of(graph, digits, 0.0) is None
    assert len(engine.answers) == 2


def test_the_page_process_loads_no_keras_for_it() -> None:
    frameworks = "{'keras', 'tensorflow', 'gradio'}"
    code = f"import json, sys\nimport studio.ui.api.code, studio.commands.code\nprint(json.dumps(sorted({frameworks} & set(sys.modules))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
