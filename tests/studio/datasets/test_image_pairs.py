"""Pairs of pictures: drawn from class folders, and listed in a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import add, builtin, load
from studio.datasets.dataset import Dataset
from studio.datasets.errors import DatasetError
from studio.datasets.folds import folds_of
from studio.datasets.kinds.image_pairs import drawn
from studio.datasets.splits import linked
from studio.workspace import Workspace
from tests.studio.datasets.uploads import class_folders, picture

Zipped = Callable[..., Path]
PEOPLE = dict.fromkeys("abcdefghij", 3)
COUNT = 40


def folders_of(dataset: Dataset) -> list[tuple[str, str]]:
    """The class folders of both pictures of every row."""
    rows = dataset.table(["first_path", "second_path"]).itertuples(index=False, name=None)
    return [(first.split("/")[-2], second.split("/")[-2]) for first, second in rows]


def pictures(count: int = 2 * COUNT, folder: str = "pics/") -> dict[str, bytes]:
    return {f"{folder}{number:03}.png": picture(number) for number in range(count)}


def rows(header: str, cells: Callable[[int], str], count: int = COUNT) -> str:
    return "\n".join([header, *(cells(number) for number in range(count))]) + "\n"


def apart(number: int) -> str:
    """Two pictures that are in no other row, and a class."""
    return f"{2 * number:03}.png,{2 * number + 1:03}.png,{('no', 'yes')[number % 2]}"


def test_every_picture_comes_first_in_a_pair_of_its_class_and_of_two(workspace: Workspace, zipped: Zipped) -> None:
    manifest = add(workspace, zipped(class_folders(PEOPLE), "people.zip"), kind="image-pairs", options={"pairs": 1})
    assert (manifest.kind, manifest.samples, manifest.classes, manifest.warnings) == ("image-pairs", 60, ("different", "same"), [])
    assert manifest.splits == {"train": 36, "validation": 12, "test": 12}
    assert [(each.name, each.kind, each.shape, each.role) for each in manifest.features] == [
        ("image_a", "image", (6, 8, 3), "input"), ("image_b", "image", (6, 8, 3), "input"), ("same", "category", (), "target"),
    ]  # fmt: skip
    assert manifest.target.statistics["counts"] == [18, 18]
    dataset = load(workspace, "people")
    found = folders_of(dataset)
    assert [int(first == second) for first, second in found] == dataset.targets().tolist()
    splits: dict[str, set[str]] = {}
    for pair, split in zip(found, dataset.splits.tolist(), strict=True):
        for name in pair:
            splits.setdefault(name, set()).add(split)
    assert sorted(len(each) for each in splits.values()) == [1] * 10
    table = dataset.table(["first_path", "second_path", "image_a", "image_b"])
    files = class_folders(PEOPLE)
    assert (table["first_path"] != table["second_path"]).all()
    assert all(bytes(row.image_b) == files[row.second_path] for row in table.itertuples())
    assert sorted(table["first_path"]) == sorted([*files, *files])


def test_small_data_give_more_pairs_and_none_comes_twice(workspace: Workspace, zipped: Zipped) -> None:
    manifest = add(workspace, zipped(class_folders(PEOPLE)), kind="image-pairs")
    dataset = load(workspace, manifest.name)
    pairs = list(dataset.table(["first_path", "second_path"]).itertuples(index=False, name=None))
    assert len(set(pairs)) == len(pairs)
    assert np.bincount(dataset.targets()).tolist() == [30 * 2, 30 * 2]  # a picture has two others of its class


def test_drawing_follows_from_the_seed() -> None:
    codes = np.repeat(np.arange(8), 5)
    splits = np.where(codes < 4, "train", "test")
    first, again, other = (drawn(codes, splits, 1, seed)[0] for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_single_pictures_are_only_compared_with_others(workspace: Workspace, zipped: Zipped) -> None:
    files = {**class_folders({**PEOPLE, "alone": 1}), "a/cut.png": picture()[:60], "notes.txt": "nothing"}
    dataset = load(workspace, add(workspace, zipped(files), kind="image-pairs").name)
    text = "\n".join(dataset.manifest.warnings)
    assert "Left out 1 picture (damaged or cut off): a/cut.png." in text
    assert "Left out 1 file (not a picture): notes.txt." in text
    assert "Only one picture in 1 class, which can't be compared with another of its own: alone." in text
    alone = [answer for pair, answer in zip(folders_of(dataset), dataset.targets(), strict=True) if "alone" in pair]
    assert alone
    assert not any(alone)
    assert [first for first, _ in folders_of(dataset)].count("alone") == 1


def test_too_few_classes_are_refused(workspace: Workspace, zipped: Zipped) -> None:
    with pytest.raises(DatasetError, match=r"^3 classes have at least two samples; 6 are needed"):
        add(workspace, zipped(class_folders({"a": 3, "b": 3, "c": 3})), kind="image-pairs")
    assert list(workspace.datasets.iterdir()) == []


def test_pictures_of_many_sizes_and_colours_have_one_shape(workspace: Workspace, zipped: Zipped) -> None:
    grey = {f"{name}/{number}.png": picture(number, (5 + number, 9), "L") for name in "abcdefg" for number in range(3)}
    manifest = add(workspace, zipped({**grey, "a/colour.png": picture(7)}), kind="image-pairs")
    assert [each.shape for each in manifest.inputs] == [(None, None, 3)] * 2


def test_a_table_of_loose_pictures_is_one_of_pairs(workspace: Workspace, zipped: Zipped) -> None:
    manifest = add(workspace, zipped({**pictures(), "pairs.csv": rows("left,right,alike", apart)}, "faces.zip"))
    assert (manifest.kind, manifest.samples, manifest.classes) == ("image-pairs", COUNT, ("no", "yes"))
    assert [each.name for each in manifest.features] == ["left", "right", "alike"]
    assert manifest.reading["files"] == "left,right"
    dataset = load(workspace, "faces")
    table = dataset.table(["left", "right", "first_path", "second_path"])
    assert all(bytes(row.left) == pictures()[row.first_path] and bytes(row.right) == pictures()[row.second_path] for row in table.itertuples())
    assert [len(fold) for fold in folds_of(dataset, 4)] == [10] * 4
    assert dataset.preview(4)["samples"][0]["paths"] == [table["first_path"][0], table["second_path"][0]]


def test_beside_class_folders_pairs_are_asked_for(workspace: Workspace, zipped: Zipped) -> None:
    files = {**class_folders({"a": 20, "b": 20}), "pairs.csv": rows("x,y,same,who", lambda n: f"a/{n}.png,b/{n}.png,{n % 2},p{n % 4}", 20)}
    path = zipped(files)
    assert add(workspace, path).kind == "image-classification"
    manifest = add(workspace, path, kind="image-pairs", target="same")
    assert (manifest.samples, manifest.target.name, manifest.target.kind, manifest.classes) == (20, "same", "category", ("0", "1"))
    assert "other columns are kept, but not used: who" in "\n".join(manifest.warnings)
    assert "image-pairs" in add(workspace, path, name="again").other_kinds


def test_a_number_can_be_predicted(workspace: Workspace, zipped: Zipped) -> None:
    text = rows("likeness,a,b", lambda n: f"{n / 7:.3f},pics/{2 * n:03}.png,pics/{2 * n + 1:03}.png")
    manifest = add(workspace, zipped({**pictures(), "pairs.csv": text}), kind="image-pairs")
    assert (manifest.target.name, manifest.target.kind) == ("likeness", "number")
    np.testing.assert_allclose(load(workspace, manifest.name).targets(), [round(n / 7, 3) for n in range(COUNT)], rtol=1e-6)


def test_a_column_may_be_called_as_its_answer_and_names_may_be_missing(workspace: Workspace, zipped: Zipped) -> None:
    def cells(number: int) -> str:
        return f"{2 * number:03}.png,{2 * number + 1:03}.png,{('different', 'same')[number % 2]}"

    named = add(workspace, zipped({**pictures(), "pairs.csv": rows("a,b,same", cells)}))
    assert (named.target.name, named.classes, named.samples) == ("same", ("different", "same"), COUNT)
    bare = add(workspace, zipped({**pictures(), "pairs.csv": "\n".join(map(cells, range(COUNT)))}, "bare.zip"))
    assert ([each.name for each in bare.features], bare.samples) == (["column_1", "column_2", "column_3"], COUNT)


def test_rows_that_lead_nowhere_are_left_out(workspace: Workspace, zipped: Zipped) -> None:
    bad = "\n".join(
        ["004.png,004.png,yes", "000.png,001.png,no", "../../etc/passwd,001.png,yes", "absent.png,002.png,no", "broken.png,003.png,no", ""]
    )
    files = {**pictures(), "pics/broken.png": picture()[:50], "pairs.csv": rows("l,r,same", apart) + bad}
    manifest = add(workspace, zipped(files), kind="image-pairs")
    text = "\n".join(manifest.warnings)
    assert manifest.samples == COUNT
    for sentence in (
        "Left out 1 row (both columns name the same file): pics/004.png.",
        "Left out 1 row (its pair is named in a row before it): pics/000.png + pics/001.png.",
        "Left out 1 row (the path leads outside the upload): ../../etc/passwd.",
        "Left out 1 row (the file is not in the upload): absent.png.",
        "Left out 1 picture (damaged or cut off): pics/broken.png.",
    ):
        assert sentence in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rows("l,r", lambda n: f"{n:03}.png,{n + 1:03}.png"), "lie in no class folder"),
        (rows("l,r,same", apart, 2), "There are 2 usable pairs; at least 3 are needed."),
        (rows("l,r,same", lambda n: f"{2 * n:03}.png,{2 * n + 1:03}.png,yes"), "has the same value in every row"),
        (rows("l,r,x,y", lambda n: f"{n:03}.png,{n + 1:03}.png,{n + 2:03}.png,{n % 2}"), "lie in no class folder"),
    ],
)
def test_tables_without_pairs_are_refused(text: str, said: str, workspace: Workspace, zipped: Zipped) -> None:
    loose = {f"{number:03}.png": picture(number) for number in range(2 * COUNT)}
    with pytest.raises(DatasetError, match=said):
        add(workspace, zipped({**loose, "pairs.csv": text}), kind="image-pairs")
    assert list(workspace.datasets.iterdir()) == []


def test_pairs_that_share_a_picture_stay_together_where_that_is_possible(workspace: Workspace, zipped: Zipped) -> None:
    family = rows("l,r,same", lambda n: f"{n // 4 * 5:03}.png,{n // 4 * 5 + 1 + n % 4:03}.png,{n % 2}")
    dataset = load(workspace, add(workspace, zipped({**pictures(), "p.csv": family})).name)
    assert all(len(set(dataset.splits[start : start + 4].tolist())) == 1 for start in range(0, COUNT, 4))
    assert not dataset.manifest.warnings[1:]
    chain = rows("l,r,same", lambda n: f"{n:03}.png,{n + 1:03}.png,{n % 2}")
    linked_all = add(workspace, zipped({**pictures(), "p.csv": chain}, "chain.zip"))
    assert set(linked_all.splits.values()) == {28, 6}
    assert "are in pairs of more than one split" in "\n".join(linked_all.warnings)
    with pytest.raises(DatasetError, match="can't be cut into folds by chance"):
        folds_of(load(workspace, linked_all.name), 3)


def test_given_splits_are_kept(workspace: Workspace, zipped: Zipped) -> None:
    text = rows("l,r,same,split", lambda n: f"{apart(n)},{('train', 'val', 'test')[max(0, n - 37)]}")
    manifest = add(workspace, zipped({**pictures(), "p.csv": text}))
    assert (manifest.splits, manifest.split_origin) == ({"train": 38, "validation": 1, "test": 1}, "given")


def test_members_link_pairs() -> None:
    assert len(set(linked(np.array([[0, 1], [2, 3], [1, 4], [5, 6], [4, 2]])).tolist())) == 2


def test_the_built_in_set_has_the_split_of_its_signs(workspace: Workspace) -> None:
    manifest = builtin.add(workspace, "sign_pairs")
    assert (manifest.kind, manifest.samples, manifest.splits) == ("image-pairs", 5400, {"train": 3900, "validation": 750, "test": 750})
    signs = load(workspace, builtin.add(workspace, "signs").name)
    unseen = set(signs.table(["label"], split="test")["label"])
    dataset = load(workspace, manifest.name)
    tested = {name for pair, split in zip(folders_of(dataset), dataset.splits, strict=True) if split == "test" for name in pair}
    assert tested == unseen
