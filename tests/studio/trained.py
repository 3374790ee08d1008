"""Tiny runs on data of every kind, trained once per session."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio import runs
from studio.datasets import store
from studio.recipe import Recipe
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.datasets.sounds import encoded as packed
from tests.studio.datasets.sounds import tone, wav

COLUMNS = ["Größe (cm)", "class", "年龄", "a", "A", "seen on", "colour", "self", "concatenate", "wears / trägt"]
"""Names that no runtime takes as they are: letters beyond ASCII, a keyword, two that differ in case only."""
TEXTS = {
    "en": ["the cat sat on the mat", "a dog and a bone", "the sun is up", "where is the book", "rain falls on the roof", "an old house"],
    "de": ["die Katze saß auf dem Dach", "ein Hund und ein Knochen", "die Sonne ist da", "wo ist das Buch", "Regen fällt", "ein altes Haus"],
    "zh": ["猫 坐 在 垫子 上", "一 只 狗 和 骨头", "太阳 出来 了", "书 在 哪里", "雨 落 在 屋顶", "一 座 老 房子"],
}


def encoded(pixels: np.ndarray, kind: str = "PNG", **options: Any) -> bytes:
    """A picture file of an array."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def trained(workspace: Workspace, recipe: dict[str, Any]) -> Run:
    """Trains by a recipe in this process."""
    from studio.training.planning import plan
    from studio.training.trainer import train_folder

    planned = plan(workspace, Recipe.read(recipe))
    run = runs.create(workspace, planned.recipe, planned.network)
    train_folder(run.folder)
    assert run.status().status == "finished", run.status().reason
    return run


def train(workspace: Workspace, dataset: str, nodes: dict[str, Any], **training: Any) -> Run:
    """Trains a tiny network of these nodes."""
    graph = {"name": f"tiny {dataset}", "nodes": nodes}
    return trained(workspace, {"dataset": dataset, "graph": graph, "training": {"epochs": 3, "steps_per_execution": 2, **training}})


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="session")
def digits_run(workspace: Workspace) -> Run:
    """Grey pictures of one size, without Resizing."""
    nodes = {
        "image": {"block": "Input"},
        "rescaling": {"block": "Rescaling", "inputs": ["image"]},
        "conv": {"block": "Conv2D", "params": {"filters": 8, "activation": "relu"}, "inputs": ["rescaling"]},
        "flatten": {"block": "Flatten", "inputs": ["conv"]},
        "dropout": {"block": "Dropout", "params": {"rate": 0.2}, "inputs": ["flatten"]},
        "label": {"block": "Output", "inputs": ["dropout"]},
    }
    return train(workspace, "digits", nodes, batch_size=32)


@pytest.fixture(scope="session")
def pictures_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Coloured pictures of different sizes in two class folders."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for number in range(40):
        name = ("rot", "blau")[number % 2]
        size = (int(rng.integers(9, 30)), int(rng.integers(9, 30)))
        pixels = rng.integers(0, 120, (*size, 3), dtype=np.uint8)
        pixels[..., 0 if name == "rot" else 2] += 100
        (folder / name).mkdir(exist_ok=True)
        kind = "JPEG" if number % 4 == 0 else "PNG"
        (folder / name / f"{number}.{kind.lower()}").write_bytes(encoded(pixels, kind))
    return folder


@pytest.fixture(scope="session")
def pictures_run(workspace: Workspace, pictures_folder: Path) -> Run:
    """Coloured pictures of different sizes, brought to one and standardised by the front; with a layer that Keras lacks."""
    store.add(workspace, pictures_folder, name="pictures")
    nodes = {
        "image": {"block": "Input"},
        "resizing": {"block": "Resizing", "params": {"height": 12, "width": 10}, "inputs": ["image"]},
        "rescaling": {"block": "Rescaling", "inputs": ["resizing"]},
        "standard": {"block": "Normalization", "inputs": ["rescaling"]},
        "conv": {"block": "Conv2D", "params": {"filters": 4}, "inputs": ["standard"]},
        "weigh": {"block": "SqueezeExcitation", "params": {"ratio": 2}, "inputs": ["conv"]},
        "norm": {"block": "BatchNormalization", "inputs": ["weigh"]},
        "pool": {"block": "GlobalAveragePooling2D", "inputs": ["norm"]},
        "label": {"block": "Output", "inputs": ["pool"]},
    }
    return train(workspace, "pictures", nodes, batch_size=8)


def table_rows(count: int = 120, seed: int = 0) -> list[dict[str, str]]:
    """Rows with gaps, dates with and without times, free text, and a target that depends on them."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        day = f"20{int(rng.integers(10, 24)):02d}-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 29)):02d}"
        size, old, colour = rng.normal(170, 10), int(rng.integers(18, 90)), str(rng.choice(["red", "grün", "blue"]))
        score = (size - 170) / 10 + (old - 50) / 20 + (colour == "red")
        row = {
            "Größe (cm)": f"{size:.1f}",
            "class": str(rng.choice(["x", "y"])),
            "年龄": str(old),
            "a": f"{rng.normal():.3f}",
            "A": f"{rng.normal():.3f}",
            "seen on": f"{day} {int(rng.integers(0, 24)):02d}:15:00",
            "colour": colour,
            "self": f"{rng.normal(1000, 5):.2f}",
            "concatenate": f"{rng.normal():.4f}",
            "wears / trägt": f"{colour.title()} {'wool-hat' if old > 50 else 'coat'}, no. {size:.3f}",
            "outcome": "low" if score < -0.5 else "high" if score > 0.8 else "middle",
            "price €": f"{120_000 + 30_000 * score:.0f}",
        }
        rows.append({name: "" if name not in ("outcome", "price €") and rng.random() < 0.06 else value for name, value in row.items()})
    return rows


def write_table(path: Path, rows: list[dict[str, str]], columns: list[str], delimiter: str = ",") -> Path:
    """A text table of the columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=delimiter, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


TABLE_NODES = {
    "columns": {"block": "Input"},
    "encoding": {"block": "ColumnEncoding", "inputs": ["columns"]},
    "dense": {"block": "Dense", "params": {"units": 16, "activation": "relu"}, "inputs": ["encoding"]},
    "out": {"block": "Output", "inputs": ["dense"]},
}


@pytest.fixture(scope="session")
def table_run(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A table with three classes."""
    path = write_table(tmp_path_factory.mktemp("table") / "people.csv", table_rows(), [*COLUMNS, "outcome"])
    store.add(workspace, path, target="outcome")
    return train(workspace, "people", TABLE_NODES, batch_size=16, epochs=15)


@pytest.fixture(scope="session")
def price_run(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same table with a large number to predict."""
    path = write_table(tmp_path_factory.mktemp("table") / "prices.csv", table_rows(), [*COLUMNS, "price €"])
    store.add(workspace, path, target="price €")
    return train(workspace, "prices", TABLE_NODES, batch_size=16, epochs=15, metrics=["mae", "rmse"])


@pytest.fixture(scope="session")
def text_run(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Sentences in three languages."""
    rows = [{"text": f"{sentence} {number}", "language": language} for language, those in TEXTS.items() for sentence in those for number in range(4)]
    path = write_table(tmp_path_factory.mktemp("texts") / "sentences.csv", rows, ["text", "language"])
    store.add(workspace, path, target="language", options={"text": "text"})
    nodes = {
        "text": {"block": "Input"},
        "words": {"block": "TextVectorization", "params": {"max_tokens": 100, "output_sequence_length": 8}, "inputs": ["text"]},
        "embedding": {"block": "Embedding", "params": {"input_dim": 100, "output_dim": 8}, "inputs": ["words"]},
        "pool": {"block": "GlobalAveragePooling1D", "inputs": ["embedding"]},
        "label": {"block": "Output", "inputs": ["pool"]},
    }
    return train(workspace, "sentences", nodes, batch_size=8)


@pytest.fixture(scope="session")
def sounds_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Low and high tones in two class folders, of several rates, lengths and formats."""
    folder = tmp_path_factory.mktemp("sounds")
    for name, hertz in (("low", 300), ("high", 1500)):
        (folder / name).mkdir()
        for number in range(20):
            rate = 11_025 if number % 4 == 1 else 8_000
            values = tone(hertz + 10 * number, 0.2 + 0.01 * (number % 5), rate, seed=hertz + number)
            flac = number % 5 == 2
            (folder / name / f"{number:02}.{'flac' if flac else 'wav'}").write_bytes(
                packed(values, "FLAC", None, rate) if flac else wav(values, rate)
            )
    return folder


@pytest.fixture(scope="session")
def sound_run(workspace: Workspace, sounds_folder: Path) -> Run:
    """Sounds behind a spectrogram."""
    store.add(workspace, sounds_folder, name="tones")
    spectrogram = {"num_mel_bins": 16, "sampling_rate": 8_000, "fft_length": 256, "sequence_stride": 128, "expand_dims": True}
    nodes = {
        "sound": {"block": "Input"},
        "spectrogram": {"block": "MelSpectrogram", "params": spectrogram, "inputs": ["sound"]},
        "norm": {"block": "Normalization", "inputs": ["spectrogram"]},
        "conv": {"block": "Conv2D", "params": {"filters": 8, "activation": "relu"}, "inputs": ["norm"]},
        "flatten": {"block": "Flatten", "inputs": ["conv"]},
        "label": {"block": "Output", "inputs": ["flatten"]},
    }
    return train(workspace, "tones", nodes, batch_size=8, epochs=6)


@pytest.fixture(scope="session")
def array_run(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Arrays of shape (5, 2) with two classes and a single sigmoid, trained in bfloat16."""
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (90, 5, 2)).astype("float32")
    path = tmp_path_factory.mktemp("arrays") / "waves.npz"
    np.savez(path, x=x, y=(x.mean(axis=(1, 2)) > 3).astype(int))
    store.add(workspace, path)
    nodes = {
        "x": {"block": "Input"},
        "norm": {"block": "Normalization", "inputs": ["x"]},
        "flatten": {"block": "Flatten", "inputs": ["norm"]},
        "dense": {"block": "Dense", "params": {"units": 8, "activation": "relu"}, "inputs": ["flatten"]},
        "out": {"block": "Output", "params": {"units": 1}, "inputs": ["dense"]},
    }
    return train(workspace, "waves", nodes, batch_size=16, precision="mixed_bfloat16")
