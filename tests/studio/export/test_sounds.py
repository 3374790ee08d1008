"""Exported networks that hear: WAV files or waveforms in, labels out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from studio.evaluation.predict import Predictor
from studio.export.service import Exported, export
from studio.runs import Run
from tests.studio.datasets.sounds import tone, wav


@pytest.fixture(scope="module")
def saved(sound_run: Run) -> Exported:
    return export(sound_run, "saved_model")


def served(found: Exported, signature: str, **inputs: Any) -> dict[str, np.ndarray]:
    import tensorflow as tf

    model = tf.saved_model.load(found.path)
    call = model.signatures[signature]
    return {name: values.numpy() for name, values in call(**{name: tf.constant(value) for name, value in inputs.items()}).items()}


def test_files_of_every_rate_and_length_agree(saved: Exported, sound_run: Run) -> None:
    assert saved.max_abs_difference is not None
    assert saved.max_abs_difference <= 1e-5
    files = [
        wav(tone(300)),
        wav(tone(1_500, seconds=2.0)),
        wav(tone(900, seconds=0.01)),
        wav(tone(700, rate=44_100), 44_100),
        wav(np.stack([tone(400, rate=11_025), tone(1_400, rate=11_025)], axis=1), 11_025),
    ]
    theirs = served(saved, "serving_default", audio=files)
    ours = Predictor(sound_run).sounds([(str(number), content) for number, content in enumerate(files)]).predictions
    assert [label.decode() for label in theirs["label"]] == [each.label for each in ours]
    np.testing.assert_allclose(theirs["probabilities"], [list(each.probabilities.values()) for each in ours], atol=1e-5)


def test_waveforms_are_taken_too(saved: Exported) -> None:
    samples = length(saved)
    values = np.stack([np.resize(tone(hertz, seconds=samples / 8_000), samples) for hertz in (320, 1_550)])
    rounded = (np.round(values * 32_767) / 32_768).astype("float32")
    as_files = served(saved, "serving_default", audio=[wav(each) for each in values])
    as_waves = served(saved, "waveform", waveform=rounded)
    np.testing.assert_allclose(as_waves["probabilities"], as_files["probabilities"], atol=1e-5)
    assert [label.decode() for label in as_waves["label"]] == ["low", "high"]


def length(found: Exported) -> int:
    """Samples of a waveform."""
    import tensorflow as tf

    _, named = tf.saved_model.load(found.path).signatures["waveform"].structured_input_signature
    return int(named["waveform"].shape[1])


@pytest.mark.parametrize("format", ["saved_model", pytest.param("keras", marks=pytest.mark.slow)])
def test_the_client_runs_without_this_program(sound_run: Run, tmp_path: Path, format: Literal["saved_model", "keras"]) -> None:  # noqa: A002
    found = export(sound_run, format)
    assert found.max_abs_difference is not None
    assert found.max_abs_difference <= 1e-5
    folder = Path(found.path) if format == "saved_model" else Path(found.path).parent
    readme = (folder / "README.txt").read_text("utf-8")
    assert "waveform" in readme
    assert "8000" in readme
    (tmp_path / "one.wav").write_bytes(wav(tone(1_500)))
    client = [sys.executable, "-I", str(folder / "client.py"), str(tmp_path / "one.wav")]
    done = subprocess.run(client, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[1] == "high"
