"""Pictures and sounds with a transcript, from the import to the export: small networks read letters and hear tones."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from studio import answers
from studio.datasets import store
from studio.datasets.builtin import SAMPLES
from studio.datasets.readers.sounds import encode_wav
from studio.evaluation.evaluate import answered, evaluate
from studio.evaluation.predict import Predictor
from studio.evaluation.result import arrays_of
from studio.export.service import export
from studio.runs import Run
from studio.ui import evaluation_view, shown
from studio.workspace import Workspace
from tests.studio.trained import trained

SMALL = {"preset": "CRNN", "params": {"filters": 4, "units": 24, "layers": 1, "batch_normalization": "all"}}
PITCHES = {"a": 400, "b": 800, "c": 1_600}
RATE = 8_000


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("transcription"))


@pytest.fixture(scope="module")
def run(workspace: Workspace) -> Run:
    training = {"epochs": 25, "batch_size": 16, "optimizer": {"name": "adam", "learning_rate": 0.01}}
    return trained(workspace, {"dataset": "plates", "graph": SMALL, "training": training})


@pytest.fixture(scope="module")
def plates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the built-in plates: plates/NNN.png and plates.csv."""
    folder = tmp_path_factory.mktemp("plates")
    with zipfile.ZipFile(SAMPLES / "plates.zip") as archive:
        archive.extractall(folder)
    return folder


def test_letters_are_learned_and_figures_follow_each_epoch(run: Run) -> None:
    results = run.results()
    assert set(results["test"]) == {"loss", "character_error_rate", "exact_match"}
    assert results["train"]["character_error_rate"] < 0.5
    assert {point.name for point in run.metrics()[0]} == {"loss", "character_error_rate", "exact_match", "batch_loss", "learning_rate"}


def test_an_evaluation_measures_what_training_measured(run: Run, workspace: Workspace) -> None:
    found = evaluate(run)
    assert found.metrics == pytest.approx(run.results()["test"], abs=1e-5)
    kept = arrays_of(run, "test", "best")
    assert kept is not None
    dataset = store.load(workspace, "plates")
    assert kept["truth"].tolist() == dataset.table(["text"], rows=dataset.rows("test"))["text"].tolist()
    assert (kept["truth"] == kept["said"]).mean() == pytest.approx(found.metrics["exact_match"])
    assert ((kept["probability"] >= 0) & (kept["probability"] <= 1)).all()
    rates = [example.scores["character_error_rate"] for example in found.examples]
    assert rates == sorted(rates, reverse=True)
    json.dumps(answered(found))
    view = evaluation_view.view(workspace, run, found, kept)
    example = view["examples"][0]
    assert ([part["kind"] for part in example["given"]], example["said"]["kind"]) == (["picture"], "difference")
    assert "".join(text for kind, text in example["said"]["pieces"] if kind != "wrong") == example["truth"]["text"]


def test_other_data_count_unknown_characters_as_wrong(run: Run, plates: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    (folder / "plates").mkdir(parents=True)
    lines = (plates / "plates.csv").read_text("utf-8").splitlines()[:31]
    for line in lines[1:]:
        name = line.split(",")[0]
        (folder / name).write_bytes((plates / name).read_bytes())
    (folder / "list.csv").write_text("\n".join(lines) + "\n", "utf-8")
    right = evaluate(run, data=folder)
    (folder / "list.csv").write_text("\n".join([lines[0], *(f"{line}éé" for line in lines[1:])]) + "\n", "utf-8")
    wrong = evaluate(run, data=folder)
    assert (right.samples, wrong.samples) == (30, 30)
    assert right.notes == wrong.notes == []
    length = sum(len(line.split(",")[1]) for line in lines[1:])
    expected = (right.metrics["character_error_rate"] * length + 60) / (length + 60)
    assert wrong.metrics["character_error_rate"] == pytest.approx(expected, abs=0.02)
    assert wrong.metrics["exact_match"] == 0
    assert np.isfinite(wrong.metrics["loss"])


def test_other_answers_that_were_near(run: Run, plates: Path) -> None:
    files = sorted((plates / "plates").iterdir())[:12]
    plain = [each.answer() for each in Predictor(run).files(files).predictions]
    searched = [each.answer() for each in Predictor(run, beams=4).files(files).predictions]
    assert "alternatives" not in plain[0]
    for one, other in zip(plain, searched, strict=True):
        shares = [each["probability"] for each in other["alternatives"]]
        assert shares == sorted(shares, reverse=True)
        assert other["text"] == other["alternatives"][0]["text"]
        assert other["probability"] >= one["probability"] - 1e-6 or one["text"] not in [each["text"] for each in other["alternatives"]]
        assert len({each["text"] for each in other["alternatives"]}) == len(shares)
        assert sum(shares) <= 1 + 1e-5
    told = answers.predict(str(run.folder), {"pictures": [("plate", files[0].read_bytes())], "explained": True})["predictions"][0]
    part = shown.of("transcript").told(Predictor(run).opened.head.target, told, None)
    assert part is not None
    assert (part["kind"], part["text"]) == ("writing", searched[0]["text"])
    assert all(other["text"] != part["text"] for other in part["alternatives"])


@pytest.mark.parametrize("kind", ["saved_model", "keras"])
def test_exports_say_the_same(run: Run, plates: Path, tmp_path: Path, kind: str) -> None:
    made = export(run, kind, tmp_path / "model")
    assert (made.max_abs_difference, made.samples_checked) == (0, 90)
    file = plates / "plates" / "003.png"
    done = subprocess.run([sys.executable, str(tmp_path / "model" / "client.py"), str(file)], capture_output=True, text=True, check=True, timeout=300)
    (said,) = Predictor(run).files([file]).predictions
    assert str(said.text) in done.stdout.splitlines()[-1].split()


def tones(text: str, random: np.random.Generator) -> bytes:
    """A tone for each letter, of some length, with a pause behind it."""
    parts = [np.zeros(round(RATE * random.uniform(0.02, 0.1)))]
    for letter in text:
        parts += [np.sin(2 * np.pi * PITCHES[letter] * np.arange(round(RATE * random.uniform(0.08, 0.12))) / RATE), np.zeros(RATE // 16)]
    values = 0.5 * np.concatenate(parts)
    return encode_wav((values + random.normal(0, 0.01, len(values))).astype(np.float32), RATE)


def test_sounds_are_heard_and_written_down(workspace: Workspace, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    folder = tmp_path / "tones"
    folder.mkdir()
    texts = ["".join(random.choice(list(PITCHES), random.integers(1, 5))) for _ in range(120)]
    for number, text in enumerate(texts):
        (folder / f"{number}.wav").write_bytes(tones(text, random))
    (folder / "said.csv").write_text("\n".join(["file,text", *(f"{number}.wav,{text}" for number, text in enumerate(texts))]) + "\n", "utf-8")
    store.add(workspace, folder, kind="transcription")
    small = {"preset": "SpeechCRNN", "params": {"filters": 8, "units": 24, "layers": 1}}
    training = {"epochs": 25, "batch_size": 16, "optimizer": {"name": "adam", "learning_rate": 0.01}}
    run = trained(workspace, {"dataset": "tones", "graph": small, "training": training})
    assert evaluate(run).metrics["character_error_rate"] < 0.2
    (said,) = Predictor(run).files([folder / "0.wav"]).predictions
    assert said.text == texts[0]
    assert export(run, "saved_model", tmp_path / "model").max_abs_difference == 0
