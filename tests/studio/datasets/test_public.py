"""Public sets: what Keras downloads becomes a dataset, and without a network one sentence says so."""

from __future__ import annotations

import gzip
import shutil
import urllib.error
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from studio.datasets import public, store
from studio.datasets.errors import DatasetError
from studio.workspace import Workspace

WORDS = {"good": 1, "bad": 2, "film": 3, "story": 4, "the": 5}


def pictures(side: int, channels: int, classes: int) -> Any:
    rng = np.random.default_rng(0)
    shape = (side, side, channels) if channels > 1 else (side, side)
    parts = [(rng.integers(0, 256, (count, *shape), dtype=np.uint8), (np.arange(count) % classes).astype(np.uint8)) for count in (300, 100)]
    return tuple((x, y[:, None] if channels > 1 else y) for x, y in parts)


def texts(classes: int) -> Any:
    rng = np.random.default_rng(0)

    def part(count: int) -> tuple[list[list[int]], np.ndarray]:
        return [[1, *(rng.integers(1, 6, 8) + public.FIRST_WORD).tolist()] for _ in range(count)], np.arange(count) % classes

    return part(200), part(100)


def housing() -> Any:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 50, (200, 8))
    x[:, 0] = rng.uniform(-124, -115, 200)
    y = x[:, 7] * 1000 + rng.normal(0, 10, 200)
    return (x[:150], y[:150]), (x[150:], y[150:])


LOADED = {
    "mnist": pictures(28, 1, 10),
    "fashion_mnist": pictures(28, 1, 10),
    "cifar10": pictures(32, 3, 10),
    "cifar100": pictures(32, 3, 100),
    "imdb": texts(2),
    "reuters": texts(46),
    "california_housing": housing(),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    (tmp_path / "keras").mkdir()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path / "keras"))  # Keras reads the variable once
    return Workspace(tmp_path / "workspace")


@pytest.mark.parametrize("name", sorted(public.all_sets()))
def test_what_keras_loads_becomes_a_dataset(name: str, place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    module = getattr(keras.datasets, name)
    monkeypatch.setattr(module, "load_data", lambda **_: LOADED[name])
    if hasattr(module, "get_word_index"):
        monkeypatch.setattr(module, "get_word_index", lambda: WORDS)
    known = public.all_sets()[name]
    manifest = store.add(place, name)
    assert (manifest.name, manifest.kind, manifest.title) == (name, known.kind, known.title)
    assert manifest.credit
    assert manifest.licence
    (train, _), (test, _) = LOADED[name]
    assert manifest.samples == len(train) + len(test)
    assert manifest.splits["test"] == len(test)
    assert store.add(place, name).name == name
    assert not any(place.incoming.iterdir())
    assert store.load(place, name).manifest.hash == manifest.hash


def test_words_are_those_that_keras_counts(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [1, WORDS["good"] + public.FIRST_WORD, 2, WORDS["film"] + public.FIRST_WORD]
    parts = tuple(([numbers, [1, 5, 6]] * 20, np.array([1, 0] * 20)) for _ in range(2))
    monkeypatch.setattr(keras.datasets.imdb, "load_data", lambda **_: parts)
    monkeypatch.setattr(keras.datasets.imdb, "get_word_index", lambda: WORDS)
    store.add(place, "imdb")
    dataset = store.load(place, "imdb")
    assert set(dataset.texts()) == {"good film", "bad film"}
    assert dataset.classes == ("negative", "positive")


@pytest.mark.parametrize(("written", "name"), [("MNIST", "mnist"), ("Fashion-MNIST", "fashion_mnist"), ("cifar-100", "cifar100"), ("digits", None)])
def test_names_are_read_as_people_write_them(written: str, name: str | None) -> None:
    assert public.known_as(written) == name


def test_a_file_of_that_name_comes_first(place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mnist").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match="holds no files"):
        store.add(place, "mnist")


def test_the_download_itself(place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything but the network: Keras's own download, cache and reader, on files of the published form."""
    (x_train, y_train), (x_test, y_test) = LOADED["fashion_mnist"]
    served = tmp_path / "served"
    served.mkdir()
    for prefix, x, y in (("train", x_train, y_train), ("t10k", x_test, y_test)):
        (served / f"{prefix}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(bytes(8) + y.tobytes()))
        (served / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(bytes(16) + x.tobytes()))
    asked: list[str] = []

    def retrieve(address: str, target: str, *_: Any) -> None:
        asked.append(address)
        shutil.copy(served / address.rpartition("/")[2], target)

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", retrieve)
    told: list[str] = []
    manifest = store.add(place, "fashion-mnist", progress=lambda _, text: told.append(text))
    assert manifest.classes is not None
    assert set(manifest.classes) == set(public.FASHION)
    assert told[0] == "Downloading Fashion-MNIST (31 MB)"
    assert len(asked) == 4
    store.add(place, "fashion-mnist")
    assert len(asked) == 4, "the second time everything is in the cache"


@pytest.mark.parametrize("name", sorted(public.all_sets()))
def test_without_a_network_one_sentence_says_so(name: str, place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise urllib.error.URLError("[Errno -2] Name or service not known")

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", refuse)
    with pytest.raises(DatasetError, match=r"could not be downloaded: there is no way to the internet from here \(.*Name or service.*such as digits"):
        store.add(place, name)
    assert not any(place.incoming.iterdir())
    assert not store.names(place)


def test_another_content_than_published_is_refused(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", lambda _, target, *__: Path(target).write_bytes(b"something else"))
    with pytest.raises(DatasetError, match="its hash differs"):
        store.add(place, "mnist")


def test_training_on_one_that_is_not_there_says_how_to_get_it(place: Workspace) -> None:
    with pytest.raises(DatasetError, match="studio datasets add cifar10"):
        store.load(place, "CIFAR-10")
