"""Networks that hear: measured, and asked about files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.datasets import store
from studio.evaluation.errors import EvaluationError
from studio.evaluation.evaluate import evaluate
from studio.evaluation.predict import Predictor
from studio.evaluation.result import probabilities_of
from studio.inspection.samples import SampleOrder, chosen
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.datasets.sounds import encoded, tone, wav


@pytest.fixture(scope="module")
def tones(sound_run: Run) -> Predictor:
    return Predictor(sound_run)


def test_what_was_trained_is_measured_and_said_again(tones: Predictor, sound_run: Run, workspace: Workspace) -> None:
    found = evaluate(sound_run)
    assert found.metrics["accuracy"] == 1.0
    assert found.classes == ["high", "low"]
    dataset = store.load(workspace, "tones")
    rows = dataset.rows("test")
    said = tones.sounds([(str(row), content) for row, content in zip(rows, dataset.values("sound", "test"), strict=True)])
    for row, each in zip(rows, said.predictions, strict=True):
        assert list(each.probabilities.values()) == pytest.approx(probabilities_of(sound_run, "test", "best", int(row)), abs=1e-5)


def test_files_of_every_format_rate_and_length(tones: Predictor, tmp_path: Path) -> None:
    files = {
        "low.wav": wav(tone(320)),
        "long high.wav": wav(tone(1_600, seconds=3.0)),
        "low.flac": encoded(tone(350, rate=44_100), "FLAC", rate=44_100),
        "high.ogg": encoded(tone(1_550, rate=22_050), "OGG", rate=22_050),
        "low.mp3": encoded(tone(330, seconds=0.5, rate=16_000), "MP3", rate=16_000),
        "deep/high.wav": encoded(np.stack([tone(1_500)] * 2, axis=1), "WAV", "PCM_24"),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "text.wav").write_bytes(b"no sound")
    said = tones.files([tmp_path])
    assert {Path(each.input).name: each.label for each in said.predictions} == {Path(name).name: "low" if "low" in name else "high" for name in files}
    assert said.warnings == [f"Left out 1 sound (not a WAV, FLAC, OGG or MP3 sound): {tmp_path / 'text.wav'}."]
    with pytest.raises(EvaluationError, match="not a WAV"):
        tones.files([tmp_path / "text.wav"])
    with pytest.raises(EvaluationError, match="takes sounds, not texts"):
        tones.texts(["hello"])


def test_other_sounds_are_measured_with_their_folders(sound_run: Run, sounds_folder: Path, tmp_path: Path) -> None:
    whole = evaluate(sound_run, data=sounds_folder)
    assert (whole.samples, whole.metrics["accuracy"] > 0.9) == (40, True)
    (tmp_path / "low").mkdir()
    (tmp_path / "low" / "1.wav").write_bytes(wav(tone(310)))
    (tmp_path / "low" / "2.wav").write_bytes(b"")
    found = evaluate(sound_run, data=tmp_path)
    assert found.samples == 1
    assert any("empty file" in note for note in found.notes)


def test_a_sound_of_ones_own_can_be_looked_at(workspace: Workspace, sound_run: Run, tmp_path: Path) -> None:
    assert sound_run.recipe.dataset == "tones"
    dataset = store.load(workspace, "tones")
    stored = chosen(dataset, SampleOrder(split="test", index=0)).at("sound")
    assert (stored.shape, stored.dtype) == ((1, dataset.feature("sound").shape[0]), np.float32)
    (tmp_path / "mine.flac").write_bytes(encoded(tone(500, rate=44_100), "FLAC", rate=44_100))
    own = chosen(dataset, SampleOrder(file=str(tmp_path / "mine.flac")))
    assert own.facts == {"name": "mine.flac"}
    assert own.at("sound").shape == stored.shape
