"""Text files in class folders become a dataset of texts."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from studio.datasets import store
from studio.datasets.errors import DatasetError
from studio.workspace import Workspace

CLASSES = {"sea": "waves salt harbour gull anchor", "city": "tram street crowd lamp tower"}


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def written(folder: Path, count: int = 12, around: str = "") -> Path:
    for label, words in CLASSES.items():
        (folder / around / label).mkdir(parents=True)
        for number in range(count):
            (folder / around / label / f"{number}.txt").write_text(f"{words} {number}\nsecond line of {label}\n", "utf-8")
    return folder


def test_folders_are_classes(place: Workspace, tmp_path: Path) -> None:
    manifest = store.add(place, written(tmp_path / "texts"))
    assert (manifest.kind, manifest.samples, manifest.classes) == ("text-classification", 24, ("city", "sea"))
    assert manifest.guessed
    assert not manifest.warnings
    dataset = store.load(place, "texts")
    assert any("gull anchor 3\nsecond line" in text for text in dataset.texts())
    assert sorted(dataset.manifest.splits.values()) == [3, 4, 17]


def test_given_splits_are_kept(place: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "reviews"
    written(folder, 8, "train")
    written(folder, 4, "test")
    manifest = store.add(place, folder)
    assert manifest.splits["test"] == 8
    assert manifest.split_origin == "partly given"


def test_a_zip_with_one_folder_around_everything(place: Workspace, tmp_path: Path) -> None:
    folder = written(tmp_path / "inner")
    with zipfile.ZipFile(tmp_path / "mail.zip", "w") as archive:
        for file in sorted(folder.rglob("*.txt")):
            archive.write(file, Path("mail") / file.relative_to(folder))
    assert store.add(place, tmp_path / "mail.zip").samples == 24


def test_what_is_no_text_is_named(place: Workspace, tmp_path: Path) -> None:
    folder = written(tmp_path / "texts")
    (folder / "sea" / "empty.txt").touch()
    (folder / "sea" / "binary.txt").write_bytes(bytes(range(256)) * 4)
    (folder / "city" / "chinese.txt").write_bytes("你好世界，这是一个城市".encode("gb18030"))
    (folder / "city" / "notes.pdf").write_bytes(b"%PDF-1.4")
    manifest = store.add(place, folder)
    assert manifest.samples == 25
    told = " ".join(manifest.warnings)
    for name in ("sea/empty.txt", "sea/binary.txt", "city/notes.pdf"):
        assert name in told
    assert any("这是一个城市" in text for text in store.load(place, "texts").texts())


def test_one_class_is_refused(place: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    for name in ("a", "b"):
        (folder / "sea" / name).mkdir(parents=True)
        (folder / "sea" / name / "1.txt").write_text("waves", "utf-8")
    (folder / "sea" / "2.txt").write_text("salt", "utf-8")
    with pytest.raises(DatasetError):
        store.add(place, folder)
    assert not store.names(place)


def test_a_single_text_file_is_read_as_a_table_as_before(place: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    path.write_text("a\tb\n" + "".join(f"{number}\t{'xy'[number % 2]}\n" for number in range(20)), "utf-8")
    assert store.add(place, path).kind == "table-classification"
