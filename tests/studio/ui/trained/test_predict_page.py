"""The Predict page: what it shows, what it asks the engine, and what it refuses."""

from __future__ import annotations

import io
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from blocks.features import Feature
from studio.ui import prediction, prediction_form
from studio.ui.given import shown_picture
from studio.workspace import StudioError, Workspace
from tests.studio.ui.made_runs import made_run
from tests.studio.ui.trained.stand_in import StandInEngine, address, signs, stroke


def test_typical_values() -> None:
    number = Feature(name="a", role="input", kind="number", statistics={"median": 12.3456, "minimum": 1, "maximum": 20})
    category = Feature(name="b", role="input", kind="category", classes=("x", "y"), statistics={"counts": [1, 5]})
    date = Feature(name="c", role="input", kind="date", statistics={"maximum": "2026-01-02"})
    words = Feature(name="e", role="input", kind="words", statistics={"words": list("abcdefghij"), "example": "a car"})
    assert [prediction_form.typical(feature) for feature in (number, category, date, words)] == ["12.35", "y", "2026-01-02", "a car"]
    assert prediction_form.column(words)["words"] == list("abcdefgh")
    assert prediction_form.typical(Feature(name="d", role="input", kind="number")) == ""
    assert prediction_form.typical(number.model_copy(update={"statistics": {"median": 1234567.0}})) == "1234567"


def test_a_typed_row_is_read_and_a_wrong_number_named() -> None:
    features = [
        Feature(name="a", role="input", kind="number"),
        Feature(name="b", role="input", kind="category"),
        Feature(name="t", role="target", kind="number"),
    ]
    assert prediction_form.read_row(features, {"a": "12,5", "b": " x ", "t": "3"}) == {"a": 12.5, "b": "x"}
    assert prediction_form.read_row(features, {"a": ""}) == {"a": None, "b": ""}
    with pytest.raises(StudioError, match="a: 'tall' is not a number"):
        prediction_form.read_row(features, {"a": "tall"})


def test_form_of_a_picture_network(client: TestClient, workspace: Workspace) -> None:
    form = client.get(f"/api/prediction/{made_run(workspace).id}").json()
    assert (form["kind"], form["dataset"], len(form["target"]["classes"])) == ("image", "digits", 10)
    assert form["drawing"]["height"] == 8


def test_several_labels_are_not_drawn(client: TestClient, workspace: Workspace) -> None:
    form = client.get(f"/api/prediction/{made_run(workspace, dataset='objects').id}").json()
    assert (form["kind"], form["target"]["kind"], form["drawing"]) == ("image", "labels", None)


def test_wrong_and_missed_labels_are_marked_where_the_truth_is_known() -> None:
    target = Feature(name="t", role="target", kind="labels", classes=("a", "b", "c"))
    said = {"labels": ["a", "b"]}
    assert prediction._apart(target, said, {"labels": ["b", "c"]}) == {"wrong": ["a"], "missed": ["c"]}
    assert prediction._apart(target, said, None) == {}


def test_a_broken_picture_is_refused_in_one_sentence() -> None:
    with pytest.raises(StudioError, match="The picture can't be used: "):
        shown_picture(b"\x89PNG\r\n\x1a\nand nothing more")


def test_form_of_a_table_network(client: TestClient, workspace: Workspace) -> None:
    form = client.get(f"/api/prediction/{made_run(workspace, dataset='iris').id}").json()
    assert form["kind"] == "columns"
    assert [(column["kind"], float(column["value"]) > 0) for column in form["columns"]] == [("number", True)] * 4


# --- predictions


def test_predicting_a_drawing(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict_picture"] = {
        "predictions": [{"input": "picture", "label": "1", "probabilities": {"0": 0.25, "1": 0.75}}],
        "seen": signs(0, 255)[0],
    }
    run = made_run(workspace)
    answer = client.post(f"/api/prediction/{run.id}", json={"drawing": address(stroke()), "state": "last"}).json()
    assert (answer["label"], answer["probabilities"], answer["truth"], answer["given"]) == ("1", [0.25, 0.75], None, None)
    assert answer["seen"].startswith("data:image/png;base64,")
    _, (folder, state, content) = engine.asked[-1]
    assert (folder, state) == (str(run.folder), "last")
    assert Image.open(io.BytesIO(content)).size == (8, 8)


def test_predicting_a_sample_of_the_dataset_shows_the_truth(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict_picture"] = {"predictions": [{"input": "picture", "label": "1", "probabilities": {"1": 1.0}}], "seen": None}
    run = made_run(workspace)
    answer = client.post(f"/api/prediction/{run.id}", json={"row": 3}).json()
    assert answer["truth"] in "0123456789"
    assert answer["given"].startswith("data:image/png")
    assert "has no sample 99999" in client.post(f"/api/prediction/{run.id}", json={"row": 99999}).json()["error"]


def test_predicting_rows_of_tables(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict"] = {"predictions": [{"input": "row:1", "value": 12.5}], "warnings": ["age counts as a gap."]}
    run = made_run(workspace, dataset="concrete")
    answer = client.post(f"/api/prediction/{run.id}", json={"values": {"cement": "300,5"}}).json()
    assert (answer["value"], answer["notes"]) == (12.5, ["age counts as a gap."])
    payload = engine.asked[-1][1][1]
    assert payload["rows"][0]["cement"] == 300.5
    assert payload["rows"][0]["age"] is None
    stored = client.post(f"/api/prediction/{run.id}", json={"row": 0}).json()
    assert isinstance(stored["truth"], float)
    assert engine.asked[-1][1][1]["rows"][0]["cement"] > 0


def test_predicting_a_text_of_the_dataset(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict"] = {"predictions": [{"input": "x", "label": "German", "probabilities": {"German": 1.0}}]}
    answer = client.post(f"/api/prediction/{made_run(workspace, dataset='languages').id}", json={"row": 0}).json()
    assert answer["label"] == "German"
    assert len(engine.asked[-1][1][1]["texts"][0]) > 10


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({}, "Nothing was asked"),
        ({"picture": "data:image/png;base64,%%%"}, "did not arrive whole"),
        ({"picture": "http://x/y.png"}, "did not arrive whole"),
        ({"upload": "upload-00"}, "not there any more"),
    ],
    ids=["nothing", "damaged", "an address", "swept"],
)
def test_what_can_not_be_predicted_is_refused_with_a_sentence(
    client: TestClient, workspace: Workspace, question: dict[str, Any], sentence: str
) -> None:
    answer = client.post(f"/api/prediction/{made_run(workspace).id}", json=question)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


def test_a_drawing_for_a_network_of_photographs_is_refused(client: TestClient, workspace: Workspace) -> None:
    answer = client.post(f"/api/prediction/{made_run(workspace, dataset='iris').id}", json={"drawing": address(stroke())})
    assert "not trained on signs" in answer.json()["error"]


def test_a_helper_that_died_is_told_in_words(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict"] = BrokenProcessPool("gone")
    answer = client.post(f"/api/prediction/{made_run(workspace).id}", json={"text": "a"})
    assert "The helper process ended" in answer.json()["error"]


def test_a_table_file_is_predicted_and_downloaded(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    def predicted(folder: str, state: str, path: str, output: str, shown: int) -> dict[str, Any]:
        Path(output).write_text("input,label\nrow:1,a\n", "utf-8")
        return {"total": 1, "notes": [], "predictions": [{"input": "row:1", "label": "a", "probabilities": {"a": 0.75, "b": 0.25}}]}

    engine.answers["predict_file"] = predicted
    folder = workspace.temporary / "upload-abc123"
    folder.mkdir()
    (folder / "new.csv").write_text("a\n1\n", "utf-8")
    run = made_run(workspace, dataset="iris")
    answer = client.post(f"/api/prediction/{run.id}/table", json={"upload": "upload-abc123"}).json()
    assert (answer["rows"], answer["columns"], answer["total"]) == ([[1, "a", "75.0"]], ["", "species", "species %"], 1)
    assert client.get("/" + answer["download"]).text == "input,label\nrow:1,a\n"
    assert client.get(f"/api/prediction/{run.id}/table.csv?upload=upload-none").status_code == 400
