"""Pictures that are to be told from each other: no class is in two splits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import add, load
from studio.datasets.errors import DatasetError
from studio.datasets.folds import folds_of, with_fold
from studio.datasets.report import Report
from studio.datasets.splits import complete_by_class
from studio.workspace import Workspace
from tests.studio.datasets.uploads import class_folders, picture

PEOPLE = dict.fromkeys("abcdefghij", 3)


def splits_of(workspace: Workspace, name: str) -> dict[str, set[str]]:
    """The splits of every class."""
    dataset = load(workspace, name)
    found: dict[str, set[str]] = {}
    for label, split in zip(dataset.table(["label"])["label"], dataset.splits, strict=True):
        found.setdefault(label, set()).add(str(split))
    return found


def test_classes_are_split_and_other_files_passed_over(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = {**class_folders(PEOPLE), "pairs.csv": "a,b,same\na/0.png,a/1.png,1\n"}
    manifest = add(workspace, zipped(files, "people.zip"), kind="verification")
    assert (manifest.kind, manifest.samples, manifest.classes) == ("verification", 30, tuple("abcdefghij"))
    assert manifest.splits == {"train": 18, "validation": 6, "test": 6}
    assert manifest.warnings == ["Left out 1 file (not a picture): pairs.csv."]
    image, label = manifest.features
    assert (image.kind, image.shape, label.kind, label.role, label.dtype) == ("image", (6, 8, 3), "identity", "target", "int32")
    assert sum(label.statistics["counts"]) == 18
    found = splits_of(workspace, "people")
    assert all(len(splits) == 1 for splits in found.values())
    assert sorted("".join(splits) for splits in found.values()) == ["test"] * 2 + ["train"] * 6 + ["validation"] * 2


def test_it_must_be_asked_for(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    manifest = add(workspace, zipped(class_folders(PEOPLE)))
    assert manifest.kind == "image-classification"
    assert "verification" in manifest.other_kinds


@pytest.mark.parametrize(
    ("folders", "splits", "origin"),
    [
        ({"train": "abcd", "val": "ef", "test": "ghi"}, {"train": 8, "validation": 4, "test": 6}, "given"),
        ({"train": "abcdef", "test": "gh"}, {"train": 8, "validation": 4, "test": 4}, "partly given"),
        ({"train": "abcdef", "validation": "gh"}, {"train": 8, "validation": 4, "test": 4}, "partly given"),
    ],
)
def test_given_splits_are_kept(
    folders: dict[str, str], splits: dict[str, int], origin: str, workspace: Workspace, zipped: Callable[..., Path]
) -> None:
    files: dict[str, bytes] = {}
    for number, (folder, names) in enumerate(folders.items()):
        files |= class_folders(dict.fromkeys(names, 2), f"{folder}/", seed=100 * number)
    manifest = add(workspace, zipped(files), kind="verification")
    assert (manifest.splits, manifest.split_origin) == (splits, origin)
    assert all(len(found) == 1 for found in splits_of(workspace, manifest.name).values())


@pytest.mark.parametrize(
    ("folders", "said"),
    [({"train": "abcdef", "test": "abcdef"}, "have classes in common"), ({"train": "abcdefg", "test": "h"}, "made anew: each needs")],
)
def test_given_splits_that_measure_nothing_are_made_anew(
    folders: dict[str, str], said: str, workspace: Workspace, zipped: Callable[..., Path]
) -> None:
    files: dict[str, bytes] = {}
    for number, (folder, names) in enumerate(folders.items()):
        files |= class_folders(dict.fromkeys(names, 2), f"{folder}/", seed=100 * number)
    manifest = add(workspace, zipped(files), kind="verification")
    assert manifest.split_origin == "made"
    assert any(said in warning for warning in manifest.warnings)
    assert all(len(found) == 1 for found in splits_of(workspace, manifest.name).values())


def test_folders_inside_folders_are_classes(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = class_folders({f"{script}/sign{number}": 2 for script in ("Greek", "Latin") for number in range(4)}, "images/")
    manifest = add(workspace, zipped(files), kind="verification")
    assert manifest.classes == tuple(f"{script}/sign{number}" for script in ("Greek", "Latin") for number in range(4))
    assert any("Folders inside folders are classes of their own" in warning for warning in manifest.warnings)


def test_too_few_classes_are_refused_and_nothing_is_left(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = class_folders({"a": 3, "b": 3, "c": 3, "d": 3, "e": 3, "alone": 1, "single": 1})
    with pytest.raises(DatasetError, match=r"^5 classes have at least two samples; 6 are needed, 2 each for training, validation and test, because"):
        add(workspace, zipped(files), kind="verification")
    with pytest.raises(DatasetError, match="1 class has at least two samples"):
        add(workspace, zipped(class_folders({"a": 2, "b": 1})), kind="verification")
    assert list(workspace.datasets.iterdir()) == []
    assert list(workspace.incoming.iterdir()) == []


def test_single_pictures_are_learned_from_and_broken_ones_left_out(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = {**class_folders({**PEOPLE, "alone": 1}), "a/cut.png": picture()[:60], "b/again.png": picture(999), "c/copy.png": picture(999)}
    manifest = add(workspace, zipped(files), kind="verification")
    text = "\n".join(manifest.warnings)
    assert "Left out 1 picture (damaged or cut off): a/cut.png." in text
    assert "Only one picture in 1 class, which can't be compared with another of its own: alone." in text
    assert "1 picture lies with the same content in more than one class." in text
    assert splits_of(workspace, manifest.name)["alone"] == {"train"}


def test_the_split_follows_from_the_seed() -> None:
    codes = np.repeat(np.arange(40), 5)
    first, again, other = (complete_by_class(None, codes, Report(), seed)[0] for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()
    assert {name: len(set(codes[first == name])) for name in ("train", "validation", "test")} == {"train": 28, "validation": 6, "test": 6}


def test_folds_keep_classes_whole(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    dataset = load(workspace, add(workspace, zipped(class_folders(PEOPLE)), kind="verification").name)
    codes = dataset.targets()
    folds = folds_of(dataset, 3)
    assert sorted(np.concatenate(folds).tolist()) == list(range(30))
    assert sum(len(set(codes[fold])) for fold in folds) == 10
    other = with_fold(dataset, 2, 3)
    assert all(len(set(other.splits[codes == code])) == 1 for code in range(10))
    assert all(len(set(codes[other.rows(name)])) >= 2 for name in ("train", "validation", "test"))
    with pytest.raises(DatasetError, match="can't be cut into 6 folds"):
        folds_of(dataset, 6)
