"""The preview's routes, asked as a page asks them, with the engine in its own process."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from blocks.errors import BlocksError
from studio import drafts
from studio.runs import Run
from studio.ui.api import preview, uploads
from studio.ui.context import Context
from studio.ui.launcher import Launcher
from studio.workspace import StudioError, Workspace
from tests.studio.inspection.looking import NODES, pixels
from tests.studio.trained import TABLE_NODES, encoded

GRAPH = {"nodes": NODES}


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> Iterator[TestClient]:
    """An app with just these routes."""
    context = Context(workspace, Launcher(workspace, warm=False))
    app = FastAPI()
    app.include_router(preview.routes(context), prefix="/api")
    app.include_router(uploads.routes(context), prefix="/api")

    async def refusal(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, 400)

    for kind in (StudioError, BlocksError):
        app.add_exception_handler(kind, refusal)
    with TestClient(app) as client:
        yield client
    context.close()


def asked(client: TestClient, **body: Any) -> dict[str, Any]:
    response: httpx.Response = client.post("/api/model/preview", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def content(address: str) -> bytes:
    head, _, body = address.partition(",")
    assert head == "data:image/png;base64"
    return base64.b64decode(body)


def test_a_node_of_the_canvas(client: TestClient) -> None:
    found = asked(client, dataset="digits", graph=GRAPH, node="conv1")
    assert (found["kind"], found["shape"], found["computed"]) == ("maps", [6, 6, 6], 3)
    assert pixels(content(found["picture"])).shape[:2] == (found["grid"]["height"], found["grid"]["width"])
    assert pixels(content(found["kernels"]["picture"])).size
    again = asked(client, dataset="digits", graph=GRAPH, node="conv1", channel=2, sample={"split": "validation", "index": 0})
    assert again["computed"] == 0
    assert [each["index"] for each in again["tiles"]] == [2]
    assert asked(client, dataset="digits", graph=GRAPH, node="conv1", sample={"split": "train", "index": 7})["computed"] == 3


def test_a_draft_with_a_preset(client: TestClient, workspace: Workspace) -> None:
    draft = drafts.create(workspace, {"dataset": "digits", "graph": {"preset": "ResNet20"}})
    found = asked(client, draft=draft.id, node="stage1/block2")
    assert (found["composite"], found["shape"]) == (True, [8, 8, 16])
    automatic = drafts.create(workspace, {"dataset": "iris"})
    assert asked(client, draft=automatic.id, node="columns")["kind"] == "table"


def test_weights_of_a_run(client: TestClient, digits_run: Run) -> None:
    listed = client.get("/api/model/preview/sources", params={"dataset": "digits"}).json()["runs"]
    run = next(each for each in listed if each["run"] == digits_run.id)
    assert [each["state"] for each in run["states"]] == ["best", "last"]
    graph = digits_run.recipe.document()["graph"]
    found = asked(client, dataset="digits", graph=graph, node="label", source={"run": run["run"], "state": "last"})
    assert found["weights_taken"] == {"run": run["run"], "state": "last", "taken": 4, "of": 4, "left": []}
    assert found["answer"]["label"] in found["labels"]


def test_how_many_samples(client: TestClient) -> None:
    found = client.get("/api/model/preview/samples", params={"dataset": "digits", "split": "test"}).json()
    assert found["count"] == found["splits"]["test"] > 0
    assert sum(found["splits"].values()) == 1_797
    assert client.get("/api/model/preview/samples", params={"dataset": "digits", "split": "other"}).status_code == 422


def test_samples_of_ones_own(client: TestClient, table_run: Run) -> None:
    picture = encoded(np.full((8, 8), 200, np.uint8))
    address = "data:image/png;base64," + base64.b64encode(picture).decode()
    shown = asked(client, dataset="digits", graph=GRAPH, node="image", sample={"picture": address})
    assert shown["statistics"]["mean"] == 200
    sent = client.post("/api/uploads", params={"name": "mine.png"}, content=picture).json()
    uploaded = asked(client, dataset="digits", graph=GRAPH, node="image", sample={"upload": sent["upload"]})
    assert (uploaded["picture"], uploaded["sample"]) == (shown["picture"], {"name": "mine.png"})
    row = asked(client, dataset="people", graph={"nodes": TABLE_NODES}, node="columns", sample={"values": {"a": "2,5", "colour": "red"}})
    cells = {each["name"]: each["value"] for each in row["values"]}
    assert (cells["a"], cells["colour"], cells["self"]) == (2.5, "red", None)
    said = asked(client, dataset="languages", node="text", sample={"text": "das Recht"})
    assert said["values"] == [{"id": None, "token": "das Recht"}]


def test_how_ones_own_sample_is_given(client: TestClient) -> None:
    def own(dataset: str) -> dict[str, Any]:
        found: dict[str, Any] = client.get("/api/model/preview/own", params={"dataset": dataset}).json()
        return found

    signs = own("digits")
    assert (signs["kind"], signs["columns"]) == ("image", [])
    assert (signs["drawing"]["height"], signs["drawing"]["ground"], signs["drawing"]["ink"]) == (8, 0.0, 1.0)
    assert own("languages") == {"kind": "text", "columns": [], "drawing": None}
    people = own("people")
    assert people["kind"] == "columns"
    assert {"a": "number", "colour": "category"}.items() <= {each["name"]: each["kind"] for each in people["columns"]}.items()


def test_a_sign_that_is_drawn_stands_as_those_of_the_dataset(client: TestClient) -> None:
    strokes = np.zeros((280, 280), np.uint8)
    strokes[20:60, 200:220] = 255  # small, in a corner
    address = "data:image/png;base64," + base64.b64encode(encoded(strokes)).decode()
    shown = asked(client, dataset="digits", graph=GRAPH, node="image", sample={"drawing": address})
    assert shown["shape"] == [8, 8, 1]
    drawn = pixels(content(shown["picture"]))[16::32, 16::32, 0]
    rows, columns = np.nonzero(drawn > 64)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 7, 2, 5)
    refused = client.post("/api/model/preview", json={"dataset": "digits", "graph": GRAPH, "node": "image", "sample": {"drawing": "data:,"}})
    assert (refused.status_code, "did not arrive whole" in refused.text) == (400, True)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"node": "conv9"}, "There is no node 'conv9'"),
        ({"node": "conv1", "sample": {"picture": "data:image/png;base64,%%%"}}, "did not arrive whole"),
        ({"node": "conv1", "sample": {"picture": "file:///etc/passwd"}}, "did not arrive whole"),
        ({"node": "conv1", "sample": {"upload": "../../secret"}}, "That upload is not there any more"),
        ({"node": "conv1", "sample": {"index": 100_000}}, "There is no sample 100,000 in the validation split"),
        ({"node": "conv1", "source": {"run": "nobody"}}, "There is no run named 'nobody'"),
        ({"node": "conv1", "draft": "nonesuch"}, "There is no draft 'nonesuch'"),
        ({"node": "conv1", "dataset": "nothing"}, "There is no dataset named 'nothing'"),
        ({"node": "conv1", "graph": {"nodes": "many"}}, "recipe: "),
    ],
)
def test_what_can_not_be_shown_is_one_sentence(client: TestClient, body: dict[str, Any], sentence: str) -> None:
    response = client.post("/api/model/preview", json={"dataset": "digits", "graph": GRAPH, **body})
    assert response.status_code == 400
    assert sentence in response.json()["error"]
