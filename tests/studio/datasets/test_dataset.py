from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import Dataset, add, load
from studio.datasets.errors import DatasetError
from studio.workspace import Workspace
from tests.studio.datasets.uploads import class_folders, csv_text


@pytest.fixture
def pets(workspace: Workspace, zipped: Callable[..., Path]) -> Dataset:
    return load(workspace, add(workspace, zipped(class_folders({"cat": 20, "dog": 20}))).name)


@pytest.fixture
def table(workspace: Workspace, written: Callable[..., Path]) -> Dataset:
    return load(workspace, add(workspace, written(csv_text())).name)


def test_splits_share_the_rows(pets: Dataset) -> None:
    rows = [pets.rows(split) for split in ("train", "validation", "test")]
    assert sorted(np.concatenate(rows).tolist()) == list(range(40))
    for split, mine in zip(("train", "validation", "test"), rows, strict=True):
        assert (np.diff(mine) > 0).all()
        assert len(pets.images(split)) == len(pets.targets(split)) == len(mine) == pets.manifest.splits[split]
        frame = pets.table(["label", "row"], split)
        assert frame["row"].tolist() == mine.tolist()
        assert [pets.classes.index(label) for label in frame["label"]] == pets.targets(split).tolist()  # type: ignore[union-attr]
    with pytest.raises(DatasetError, match="no split 'val'"):
        pets.rows("val")


def test_other_splits_are_a_view(pets: Dataset) -> None:
    names = np.array(["train", "validation", "test", ""] * 10)
    view = pets.with_splits(names)
    assert view.rows("train").tolist() == list(range(0, 40, 4))
    assert len(view.images("test")) == 10
    assert view.table(["split"])["split"].tolist() == names.tolist()
    assert pets.manifest.splits["train"] == len(pets.rows("train")) == 28
    with pytest.raises(DatasetError, match="40 splits are needed"):
        pets.with_splits(["train"])


def test_arrays_of_other_splits(workspace: Workspace, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).normal(size=(20, 2)), y=np.arange(20) / 3)
    dataset = load(workspace, add(workspace, tmp_path / "a.npz").name)
    view = dataset.with_splits(["train", "test"] * 10)
    assert (view.arrays("test") == dataset.arrays()[1::2]).all()


def test_what_is_not_there_is_said(pets: Dataset, table: Dataset) -> None:
    with pytest.raises(DatasetError, match="no texts"):
        pets.texts()
    with pytest.raises(DatasetError, match="no pictures"):
        table.images()
    with pytest.raises(DatasetError, match="no arrays"):
        table.arrays()
    with pytest.raises(DatasetError, match="no column 'z'"):
        table.table(["z"])
    with pytest.raises(DatasetError, match="no feature 'z'"):
        table.feature("z")


def test_inputs_by_kind(pets: Dataset, table: Dataset) -> None:
    assert pets.input("test") == pets.images("test")
    assert set(table.input("test")) == {"a", "b", "colour"}


def test_thumbnails_are_pngs(pets: Dataset) -> None:
    image = Image.open(io.BytesIO(pets.thumbnail(3, 48)))
    assert image.format == "PNG"
    assert max(image.size) <= 48


def test_preview_of_pictures(pets: Dataset) -> None:
    found = pets.preview(6)
    assert [sample["label"] for sample in found["samples"]] == ["cat"] * 3 + ["dog"] * 3
    assert found["samples"][0].keys() == {"row", "split", "label", "path", "height", "width"}
    assert found["classes"] == [{"name": name, "train": 14, "validation": 3, "test": 3} for name in ("cat", "dog")]
    assert found["head"] is None
    assert json.dumps(found)


def test_preview_of_a_table(table: Dataset) -> None:
    found = table.preview()
    assert found["head"]["columns"] == ["label", "a", "b", "colour"]
    assert len(found["head"]["rows"]) == 50
    by_name = {histogram["name"]: histogram for histogram in found["histograms"]}
    assert sum(by_name["a"]["counts"]) == 60
    assert len(by_name["a"]["edges"]) == 21
    assert dict(zip(by_name["colour"]["values"], by_name["colour"]["counts"], strict=True)) == {"red": 20, "green": 20, "blue": 20}
    assert found["samples"] == []
    assert json.dumps(found)


def test_preview_of_dates_texts_and_numbers(workspace: Workspace, written: Callable[..., Path]) -> None:
    dated = "when,x,y\n" + "".join(f"2024-01-{n % 28 + 1:02},{n},{n * 1.5}\n" for n in range(60))
    found = load(workspace, add(workspace, written(dated, "dated.csv")).name).preview()
    by_name = {histogram["name"]: histogram for histogram in found["histograms"]}
    assert by_name["when"]["edges"][0] == "2024-01-01"
    assert by_name["y"]["kind"] == "number"
    assert found["classes"] == []
    texts = "text,label\n" + "".join(f"a text with many words number {n},{'ab'[n % 2]}\n" for n in range(60))
    found = load(workspace, add(workspace, written(texts, "texts.csv")).name).preview(4)
    assert [sample["text"].startswith("a text") for sample in found["samples"]] == [True] * 4
    assert json.dumps(found)
