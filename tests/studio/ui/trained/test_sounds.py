"""The Predict and Evaluate pages of networks that hear."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from fastapi.testclient import TestClient

from blocks.features import Feature
from studio.datasets import store
from studio.evaluation.result import Evaluation, Mistake
from studio.runs import Run
from studio.ui import evaluation_view
from studio.workspace import Workspace, write_json
from tests.studio.datasets.sounds import encoded, tone, wav
from tests.studio.ui.made_runs import made_run
from tests.studio.ui.trained.stand_in import StandInEngine

GRAPH = {
    "format": "studio.graph/1",
    "name": "Hearing",
    "nodes": {
        "sound": {"block": "Input", "params": {"feature": "sound"}},
        "dense": {"block": "Dense", "params": {"units": 4}, "inputs": ["sound"]},
        "label": {"block": "Output", "inputs": ["dense"]},
    },
}
SAID = {"predictions": [{"input": "sound", "label": "hum", "probabilities": {"bell": 0.25, "hum": 0.75}}]}


@pytest.fixture
def run(workspace: Workspace) -> Run:
    made = made_run(workspace, dataset="sounds", graph=GRAPH)
    features = store.load(workspace, "sounds").features
    write_json(made.features_path, [Feature.model_dump(feature, mode="json") for feature in features])
    return made


def address(content: bytes) -> str:
    return "data:audio/wav;base64," + base64.b64encode(content).decode()


def test_the_form_says_how_the_network_hears(client: TestClient, run: Run) -> None:
    form = client.get(f"/api/prediction/{run.id}").json()
    assert (form["kind"], form["dataset"], form["sound"]["rate"]) == ("sound", "sounds", 8_000)
    assert 0.4 < form["sound"]["seconds"] < 0.6


def test_a_recording_a_file_and_a_sample_are_asked_about(client: TestClient, workspace: Workspace, run: Run, engine: StandInEngine) -> None:
    engine.answers["predict"] = SAID
    recorded = wav(tone(300, rate=44_100), 44_100)
    answer = client.post(f"/api/prediction/{run.id}", json={"sound": address(recorded)}).json()
    assert (answer["label"], answer["probabilities"], answer["truth"]) == ("hum", [0.25, 0.75], None)
    assert (answer["heard"]["seconds"], answer["heard"]["rate"]) == (0.25, 44_100)
    assert answer["heard"]["sound"] == address(recorded)
    assert engine.asked[-1][1][1] == {"sounds": [("sound", recorded)], "explained": True, "state": "best"}

    sent = workspace.temporary / "upload-1" / "a.flac"
    sent.parent.mkdir()
    sent.write_bytes(encoded(tone(300), "FLAC"))
    answer = client.post(f"/api/prediction/{run.id}", json={"upload": "upload-1"}).json()
    assert answer["heard"]["seconds"] == 0.25
    assert engine.asked[-1][1][1]["sounds"][0][1][:4] == b"RIFF"

    answer = client.post(f"/api/prediction/{run.id}", json={"row": 3}).json()
    assert answer["truth"] == "bell"
    assert answer["heard"]["kind"] == "sound"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"sound": "data:audio/wav;base64,%%%"}, "did not arrive whole"),
        ({"sound": address(b"no sound at all")}, "The sound can't be used: not a WAV, FLAC, OGG or MP3 sound."),
        ({"row": 9999}, "has no sample 9999"),
        ({}, "Nothing was asked"),
    ],
)
def test_what_is_refused(question: dict[str, object], words: str, client: TestClient, run: Run) -> None:
    refused = client.post(f"/api/prediction/{run.id}", json=question)
    assert (refused.status_code, words in refused.json()["error"]) == (400, True)


def test_mistakes_are_seen_and_heard(workspace: Workspace, run: Run) -> None:
    mistake = Mistake(row=3, truth="bell", prediction="hum", loss=2.0, confidence=0.8)
    evaluation = Evaluation(
        run=run.id, split="test", state="best", samples=1, metrics={"accuracy": 0.0}, target="label", kind="category",
        classes=["bell", "hum"], confusion=[[0, 1], [0, 0]], worst=[mistake],
    )  # fmt: skip
    arrays = {
        "rows": np.array([3]), "truth": np.array([0]), "predicted": np.array([1]),
        "loss": np.array([2.0]), "probabilities": np.array([[0.2, 0.8]]),
    }  # fmt: skip
    (shown,) = evaluation_view.view(workspace, run, evaluation, arrays)["mistakes"]
    assert [part["kind"] for part in shown["parts"]] == ["sound", "label"]
    cell = evaluation_view.cell(workspace, run, evaluation, arrays, 0, 1, 0, 10)
    assert cell["samples"][0]["parts"][0]["sound"].endswith("sounds/3?feature=sound")
