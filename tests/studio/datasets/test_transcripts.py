"""Imports of pictures and sounds with what is written or said in them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import DatasetError, add, builtin, load, synthetic_melodies, synthetic_plates
from studio.datasets.kinds.transcripts import needed_steps
from studio.datasets.readers.sounds import encode_wav
from studio.workspace import Workspace

TEXTS = ["007", "a b", "aab", "Zürich", "  7  8 ", "1e3", "NA", "x", "y2", "z-1", "q", "007b"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def picture(number: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(number).integers(0, 256, (8, 24), np.uint8)).save(out, "PNG")
    return out.getvalue()


def sound(number: int, seconds: float) -> bytes:
    return encode_wav(np.random.default_rng(number).normal(0, 0.1, round(8_000 * seconds)).astype(np.float32), 8_000)


def upload(folder: Path, files: Mapping[str, bytes], table: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "list.csv").write_text(table, "utf-8")
    return folder


def plates(tmp_path: Path, texts: list[str], header: str = "file,text") -> Path:
    files = {f"p/{number}.png": picture(number) for number in range(len(texts))}
    return upload(tmp_path / "plates", files, "\n".join([header, *(f"p/{number}.png,{text}" for number, text in enumerate(texts))]) + "\n")


def test_texts_are_taken_as_they_are_spelled(workspace: Workspace, tmp_path: Path) -> None:
    manifest = add(workspace, plates(tmp_path, TEXTS), kind="transcription")
    target = manifest.target
    assert (manifest.kind, manifest.samples, target.kind, target.name, manifest.classes) == ("transcription", 12, "transcript", "text", None)
    cleaned = [" ".join(text.split()) for text in TEXTS]
    dataset = load(workspace, manifest.name)
    assert dataset.table(["text"])["text"].tolist() == cleaned
    assert target.classes == ("", *sorted(set("".join(cleaned))))
    assert target.shape == (6,)
    rows = dataset.rows("train")
    learned = [cleaned[row] for row in rows]
    assert target.statistics["needed_steps"] == max(map(needed_steps, learned))
    numbers = dataset.values("text", "train")
    assert ["".join(target.classes[number] for number in row) for row in numbers.tolist()] == learned


def test_the_steps_that_a_text_needs() -> None:
    assert [needed_steps(text) for text in ("", "a", "abc", "aab", "aaa")] == [0, 1, 3, 4, 5]


def test_the_column_is_guessed_and_said_or_named(workspace: Workspace, tmp_path: Path) -> None:
    lines = "\n".join(["picture,word,kind", *(f"p/{number}.png,w{number},{'ab'[number % 2]}" for number in range(12))]) + "\n"
    folder = upload(tmp_path / "words", {f"p/{number}.png": picture(number) for number in range(12)}, lines)
    guessed = add(workspace, folder, kind="transcription")
    assert (guessed.target.name, [feature.name for feature in guessed.inputs]) == ("word", ["image"])
    assert any("The target was guessed: 'word'" in warning for warning in guessed.warnings)
    named = add(workspace, folder, kind="transcription", target="kind")
    assert named.target.name == "kind"
    with pytest.raises(DatasetError, match="Did you mean 'word'"):
        add(workspace, folder, kind="transcription", target="wort")


def test_rows_without_a_text_and_characters_that_are_never_learned_are_said(workspace: Workspace, tmp_path: Path) -> None:
    splits = ["train"] * 8 + ["validation"] * 2 + ["test"] * 2
    texts = ["ab", "ba", "", "aa", "bb", "abb", "bab", "a", "b", "ab", "a?", "b"]
    lines = "\n".join(["file,text,split", *(f"p/{number}.png,{text},{splits[number]}" for number, text in enumerate(texts))]) + "\n"
    folder = upload(tmp_path / "words", {f"p/{number}.png": picture(number) for number in range(12)}, lines)
    manifest = add(workspace, folder, kind="transcription")
    assert manifest.samples == 11
    assert any("Left out 1 row without a value for the target 'text'" in warning for warning in manifest.warnings)
    assert any("No training picture for 1 character: ?" in warning for warning in manifest.warnings)


def test_other_kinds_are_not_taken_for_transcripts(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="for what is seen or heard in listed files choose transcription"):
        add(workspace, plates(tmp_path, [f"text number {number}" for number in range(12)], "file,words"))
    with pytest.raises(DatasetError, match="same text in every row"):
        add(workspace, plates(tmp_path / "same", ["x"] * 12), kind="transcription")
    with pytest.raises(DatasetError, match="can't become transcription"):
        add(workspace, upload(tmp_path / "alone", {}, "a,b\n1,2\n"), kind="transcription")


def test_sounds_are_heard_to_their_ends(workspace: Workspace, tmp_path: Path) -> None:
    seconds = [0.3] * 11 + [1.5]
    files = {f"{number}.wav": sound(number, each) for number, each in enumerate(seconds)} | {"broken.wav": b"RIFF nothing"}
    table = "\n".join(
        [
            "name|said|split",
            *(f"{number}|{'ab' * (number % 3 + 1)}|train" for number in range(10, 12)),
            *(f"{number}|{'ab' * (number % 3 + 1)}|{'train' if number < 6 else 'test'}" for number in range(10)),
            "broken|a|train",
        ]
    )
    manifest = add(workspace, upload(tmp_path / "sounds", files, table + "\n"), kind="transcription")
    (heard,) = manifest.inputs
    assert (heard.kind, heard.shape, manifest.target.name) == ("sound", (12_000,), "said")
    assert any("Left out 1 sound" in warning for warning in manifest.warnings)


def test_the_built_in_plates(workspace: Workspace) -> None:
    manifest = builtin.add(workspace, "plates")
    assert (manifest.kind, manifest.samples, manifest.target.name, manifest.warnings) == ("transcription", synthetic_plates.COUNT, "text", [])
    assert load(workspace, "plates").table(["text"])["text"].tolist() == [text for _, text in synthetic_plates.samples()]
    assert manifest.target.classes == ("", *sorted(synthetic_plates.CHARACTERS))


def test_the_built_in_melodies(workspace: Workspace) -> None:
    manifest = builtin.add(workspace, "melodies")
    assert (manifest.kind, manifest.samples, manifest.target.name, manifest.inputs[0].kind) == ("transcription", 240, "notes", "sound")
    assert load(workspace, "melodies").table(["notes"])["notes"].tolist() == [text for _, text in synthetic_melodies.samples()]
    assert manifest.target.classes == ("", *sorted(synthetic_melodies.PITCHES))
