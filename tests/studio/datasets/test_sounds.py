"""Sounds in class folders: what is kept, what is told, and what is left out."""

from __future__ import annotations

import contextlib
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.datasets import add, builtin, load, synthetic_sounds
from studio.datasets.errors import DatasetError
from studio.datasets.readers.sounds import SoundError, encode_wav, length_of, read_sound
from studio.workspace import Workspace
from tests.studio.datasets.sounds import RATE, encoded, read, sound_folders, tone, wav, with_sizes

LIMIT = 1_000_000


@pytest.mark.parametrize("prefix", ["", "data/"])
def test_class_folders_become_a_dataset(prefix: str, workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = sound_folders(10, prefix)
    manifest = add(workspace, zipped(files, "tones.zip"))
    assert (manifest.name, manifest.kind, manifest.samples, manifest.classes) == ("tones", "audio-classification", 20, ("high", "low"))
    assert manifest.guessed
    assert (manifest.splits, manifest.warnings) == ({"train": 14, "validation": 3, "test": 3}, [])
    sound, label = manifest.features
    assert (sound.name, sound.kind, sound.shape, sound.dtype) == ("sound", "sound", (RATE // 4,), "float32")
    assert sound.statistics == {"sample_rate": RATE, "median_seconds": 0.25, "minimum_seconds": 0.25, "maximum_seconds": 0.25}
    assert (label.role, label.statistics["counts"]) == ("target", [7, 7])
    dataset = load(workspace, "tones")
    table = dataset.table(["path", "sound", "sample_rate", "samples"])
    assert {files[path] == content for path, content in zip(table["path"], table["sound"], strict=True)} == {True}
    assert set(table["sample_rate"]) == {RATE}
    assert dataset.values("sound", "test")[0][:4] == b"RIFF"


def test_split_folders_are_kept_and_copies_are_named(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = {f"{split}/{path}": content for split in ("train", "val", "test") for path, content in sound_folders(4).items()}
    manifest = add(workspace, zipped(files))
    assert manifest.splits == {"train": 8, "validation": 8, "test": 8}
    assert any("16 sounds are copies of another" in warning for warning in manifest.warnings)


def test_rates_and_lengths_are_told(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = sound_folders(10)
    files |= {f"low/fast{number}.wav": wav(tone(400, rate=44_100, seed=number), 44_100) for number in range(3)}
    files["high/long.wav"] = wav(tone(1500, seconds=3.0))
    manifest = add(workspace, zipped(files))
    sound = manifest.features[0]
    assert sound.shape == (2_000,)
    assert sound.statistics["sample_rate"] == 8_000
    assert "Sounds are heard at 8,000 samples per second; the files have 8,000, 44,100." in manifest.warnings
    assert "1 sound is longer than 0.25 s: the loudest stretch is heard." in manifest.warnings


def test_high_rates_are_lowered_and_options_change_both(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = {f"{name}/{number}.wav": wav(tone(500, rate=44_100, seed=number), 44_100) for number in range(5) for name in "ab"}
    assert add(workspace, zipped(files)).features[0].shape == (4_000,)
    sound = add(workspace, zipped(files), name="other", options={"sample_rate": 11_025, "seconds": 0.1}).features[0]
    assert (sound.shape, sound.statistics["sample_rate"]) == ((1_102,), 11_025)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [([1.0] * 100, 1.0), ([1.0] * 99 + [1.2], 1.2), ([1.0] * 99 + [5.0], 1.0), ([30.0] * 5, 10.0)],
)
def test_the_length_is_that_of_nearly_all(seconds: list[float], expected: float) -> None:
    assert length_of(np.array(seconds), 10.0) == expected


@pytest.mark.parametrize(
    ("form", "subtype", "deep"),
    [("FLAC", "PCM_16", False), ("FLAC", "PCM_24", True), ("WAV", "PCM_24", True), ("WAV", "FLOAT", True), ("WAV", "PCM_U8", False),
     ("WAVEX", "PCM_16", False), ("OGG", "VORBIS", False), ("MP3", None, False)],
)  # fmt: skip
def test_other_formats_become_plain_files(form: str, subtype: str | None, deep: bool) -> None:
    values = np.stack([tone(300, seconds=0.5, rate=16_000), tone(300, seconds=0.5, rate=16_000)], axis=1)
    sound = read_sound(encoded(values, form, subtype, 16_000), LIMIT)
    found, rate = read(sound.data)
    assert (rate, found.shape[1], sound.deep, sound.cut) == (16_000, 1, deep, False)
    assert sound.samples == len(found)
    loudness = np.sqrt(np.mean(np.square(found / 32_768))) / np.sqrt(np.mean(np.square(values)))
    assert loudness == pytest.approx(1.0, abs=0.1)
    if form != "MP3" and subtype != "VORBIS":
        assert np.abs(found[:, 0] / 32_768 - values[:, 0]).max() < 0.01


def test_plain_files_are_kept_with_all_channels() -> None:
    data = wav(np.stack([tone(300), tone(900)], axis=1))
    assert read_sound(data, LIMIT).data == data
    values, _ = read(encode_wav(np.array([-2.0, -1.0, 0.0, 0.5, 2.0]), RATE))
    assert values[:, 0].tolist() == [-32_768, -32_768, 0, 16_384, 32_767]


def test_chunks_between_header_and_samples_are_passed_over() -> None:
    data = wav(tone(300))
    extra = b"LIST" + struct.pack("<I", 4) + b"INFO"
    listed = data[:36] + extra + data[36:]
    assert read_sound(listed, LIMIT).data == listed
    odd = data[:12] + b"junk" + struct.pack("<I", 3) + b"abc\0" + data[12:]
    assert (read(read_sound(odd, LIMIT).data)[0] == read(data)[0]).all()


GOOD = wav(tone(300))
BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty file"),
    "text": (b"not a sound at all", "not a WAV, FLAC, OGG or MP3 sound"),
    "cut header": (GOOD[:20], "damaged or cut off"),
    "no samples": (GOOD[:44], "no sound in it"),
    "size 0": (with_sizes(GOOD, 36, 0), "no sound in it"),
    "mp3 of nothing": (b"ID3\x03\0\0\0\0\0\0\xff\xfb\x90" + bytes(400), "damaged or cut off"),
    "rate of 1": (encoded(tone(300), "WAV", rate=1), "a sample rate of 1 Hz; 1,000 to 400,000 are read"),
    "not finite": (encoded(np.array([0.0, np.nan, np.inf]), "WAV", "FLOAT"), "values that are no numbers"),
    "65 channels": (encoded(np.zeros((10, 65)), "WAV", "PCM_24"), "65 channels; at most 64 are read"),
    "too long": (wav(np.zeros(LIMIT + 1)), "more than 1,000,000 values"),
    "too long, packed": (encoded(np.zeros(LIMIT + 1), "FLAC"), "more than 1,000,000 values"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_have_a_reason(name: str) -> None:
    data, reason = BAD[name]
    with pytest.raises(SoundError) as caught:
        read_sound(data, LIMIT)
    assert str(caught.value) == reason


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0xFFFFFFF0, 1_000_000_000])
def test_what_is_there_is_taken_where_a_header_announces_more(size: int) -> None:
    tracemalloc.start()
    sound = read_sound(with_sizes(GOOD, size, size), LIMIT)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (sound.cut, sound.samples) == (True, RATE // 4)
    assert most < 30_000_000


def test_a_packed_file_that_announces_more_costs_no_memory() -> None:
    data = bytearray(encoded(tone(300), "FLAC"))
    data[21] |= 0x0F  # the last 36 bits of these fields are the number of samples
    data[22:26] = b"\xff" * 4
    tracemalloc.start()
    with contextlib.suppress(SoundError):
        assert read_sound(bytes(data), LIMIT).samples <= RATE
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 30_000_000


def test_bad_files_are_named_and_the_others_used(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files: dict[str, Any] = sound_folders(6)
    files |= {f"low/bad {name}.wav": data for name, (data, _) in BAD.items() if "too long" not in name}
    files |= {"high/huge.wav": with_sizes(GOOD, 2**32 - 1, 2**32 - 1), "high/song.m4a": b"x", "high/notes.txt": b"hello", "silent": None}
    manifest = add(workspace, zipped(files))
    assert manifest.samples == 13
    text = "\n".join(manifest.warnings)
    for part in (
        "(empty file): low/bad empty.wav.",
        "low/bad no samples.wav, low/bad size 0.wav",
        "M4A is not read; save as WAV or FLAC",
        "(not a sound): high/notes.txt",
        "1 sound announces more than there is; what is there was taken: high/huge.wav.",
        "No sound in 1 class folder: silent",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("files", "options", "words"),
    [
        ({"a/1.wav": b"RIFF", "b/2.wav": b"RIFF"}, {}, "No class with usable sounds"),
        ({"only/1.wav": GOOD, "only/2.wav": wav(tone(400))}, {}, "one class folder"),
        ({"a/1.m4a": b"x", "b/2.m4a": b"x"}, {}, "Save the sounds as WAV or FLAC"),
        (sound_folders(5), {"sample_rate": 5}, "sample_rate"),
        (sound_folders(5), {"limits": {"sound_values": 100}}, "No class with usable sounds"),
    ],
)
def test_refusals_leave_nothing_behind(
    files: dict[str, bytes], options: dict[str, Any], words: str, workspace: Workspace, zipped: Callable[..., Path]
) -> None:
    with pytest.raises(DatasetError, match=words) as caught:
        add(workspace, zipped(files), options=options)
    assert "\n" not in str(caught.value)
    assert list(workspace.datasets.iterdir()) == []
    assert list(workspace.incoming.iterdir()) == []


def test_the_built_in_sounds_are_what_their_rule_makes() -> None:
    import soundfile

    made = dict(synthetic_sounds.sounds())
    with zipfile.ZipFile(builtin.SAMPLES / "sounds.zip") as archive:
        assert sorted(archive.namelist()) == sorted(made)
        for name in list(made)[::10]:
            values, rate = soundfile.read(io.BytesIO(archive.read(name)), dtype="int16")
            assert rate == synthetic_sounds.RATE
            assert np.abs(values.astype(int) - made[name]).max() <= synthetic_sounds.STEP
