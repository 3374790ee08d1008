"""Pictures with masks: which files belong together, what is left out, and what is stored."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import add, load
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.pairs import find_pairs
from studio.datasets.kinds.segmentation import strata
from studio.datasets.readers.source import File
from studio.workspace import Workspace
from tests.studio.datasets.uploads import class_folders, picture

Zipped = Callable[..., Path]


def mask(seed: int, size: tuple[int, int] = (8, 6), value: int = 255, **settings: object) -> bytes:
    """A mask with one box; `size` is width, height."""
    chance = np.random.default_rng(seed)
    pixels = np.zeros((size[1], size[0]), np.uint8)
    top, left = int(chance.integers(0, size[1] - 2)), int(chance.integers(0, size[0] - 2))
    pixels[top : top + 2, left : left + 1 + seed % 4] = value
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", **settings)
    return out.getvalue()


def pairs(count: int, images: str = "images/{}.png", masks: str = "masks/{}.png", first: int = 0) -> dict[str, bytes]:
    """Files of so many pairs."""
    numbers = range(first, first + count)
    return {images.format(number): picture(number) for number in numbers} | {masks.format(number): mask(number) for number in numbers}


@pytest.mark.parametrize(
    ("images", "masks"),
    [
        ("images/{}.png", "masks/{}.png"),
        ("set/Images/{}.png", "set/Annotations/{}.png"),
        ("JPEGImages/{}.png", "SegmentationClass/{}.png"),
        ("img/{}.png", "gt/{}_mask.png"),
        ("images/cat_{}.png", "masks/cat_{}_segmentation.png"),
        ("photos/{}_leftImg8bit.png", "labels/{}_gtFine_labelIds.png"),
        ("{}.png", "{}_mask.png"),
        ("all/{}.png", "all/mask_{}.png"),
        ("a/images/{}.png", "a/masks/{}.png"),
        ("train/{}.png", "trainannot/{}.png"),
        ("image_{}/images/p.png", "image_{}/masks/p.png"),
    ],
)
def test_usual_names_are_guessed(images: str, masks: str, workspace: Workspace, zipped: Zipped) -> None:
    manifest = add(workspace, zipped(pairs(20, images, masks)))
    assert (manifest.kind, manifest.samples, manifest.guessed) == ("segmentation", 20, True)
    assert manifest.warnings == []
    dataset = load(workspace, manifest.name)
    paths = dataset.table(["path"])["path"]
    stored = dataset.values("mask")
    for path, found in zip(paths, stored, strict=True):
        number = int("".join(filter(str.isdigit, path.replace("8bit", ""))))
        with Image.open(io.BytesIO(found)) as opened, Image.open(io.BytesIO(mask(number))) as wanted:
            assert opened.mode == "L"
            assert (np.asarray(opened) == np.asarray(wanted) // 255).all()


def test_what_a_network_is_told(workspace: Workspace, zipped: Zipped) -> None:
    manifest = add(workspace, zipped(pairs(40)))
    image, target = manifest.features
    assert (image.kind, image.role, image.shape) == ("image", "input", (6, 8, 3))
    assert (target.kind, target.role, target.shape, target.dtype) == ("mask", "target", (6, 8), "int32")
    assert target.classes == ("background", "object")
    assert manifest.splits == {"train": 28, "validation": 6, "test": 6}
    dataset = load(workspace, manifest.name)
    pixels = [np.asarray(Image.open(io.BytesIO(each))) for each in dataset.values("mask", "train")]
    assert target.statistics["counts"] == np.bincount(np.stack(pixels).reshape(-1)).tolist()
    assert target.statistics["colours"] == [[0, 0, 0], [230, 159, 0]]
    assert manifest.reading["masks"] == "40 in grey values"
    again = add(workspace, zipped(pairs(40), "other.zip"))
    assert again.name == manifest.name


def test_folders_that_name_splits(workspace: Workspace, zipped: Zipped) -> None:
    files: dict[str, bytes] = {}
    for first, (split, count) in enumerate((("train", 9), ("val", 4), ("test", 5))):
        files |= pairs(count, f"{split}/images/{{}}.png", f"{split}/masks/{{}}.png", 100 * first)
    assert add(workspace, zipped(files)).splits == {"train": 9, "validation": 4, "test": 5}
    files = pairs(9, "images/train/{}.png", "masks/train/{}.png") | pairs(4, "images/val/{}.png", "masks/val/{}.png", 50)
    manifest = add(workspace, zipped(files))
    assert (manifest.splits["validation"], manifest.split_origin) == (4, "partly given")
    files = pairs(9, "train_images/{}.png", "train_masks/{}.png") | pairs(4, "test_images/{}.png", "test_masks/{}.png")
    assert add(workspace, zipped(files)).splits["test"] == 4


def test_what_stays_alone_or_does_not_fit_is_named(workspace: Workspace, zipped: Zipped) -> None:
    files = pairs(12) | {
        "images/lonely.png": picture(70), "masks/nobody.png": mask(71), "images/big.png": picture(72, (20, 20)), "masks/big.png": mask(72),
        "images/cut.png": picture(73)[:50], "masks/cut.png": mask(73), "images/odd.png": picture(74), "masks/odd.png": b"no picture",
        "masks/1_mask.png": mask(75), "notes.docx": b"x", "images/copy.png": picture(3), "masks/copy.png": mask(3),
    }  # fmt: skip
    manifest = add(workspace, zipped(files))
    assert manifest.samples == 13
    told = " ".join(manifest.warnings)
    for name in ("lonely.png", "nobody.png", "big.png", "cut.png", "odd.png", "1_mask.png", "notes.docx", "1 picture is a copy"):
        assert name in told
    assert "of another size than the picture" in told
    dataset = load(workspace, manifest.name)
    both = [dataset.splits[row] for row, path in enumerate(dataset.table(["path"])["path"]) if path in ("images/3.png", "images/copy.png")]
    assert len(set(both)) == 1


def test_names_of_classes_beside(workspace: Workspace, zipped: Zipped) -> None:
    manifest = add(workspace, zipped({**pairs(10), "classes.txt": b"sea\nship\n"}))
    assert manifest.classes == ("sea", "ship")
    assert manifest.reading["class_names"] == "classes.txt"
    assert manifest.warnings == []


@pytest.mark.parametrize(
    "files",
    [
        class_folders({"with_mask": 8, "without_mask": 8}),
        class_folders({"mask": 8, "hat": 8}),
        class_folders({"label": 8, "seal": 8}),
        class_folders({"cat": 8, "dog": 8}, "train/") | class_folders({"cat": 8, "dog": 8}, "test/", seed=50),
    ],
)
def test_class_folders_stay_class_folders(files: dict[str, bytes], workspace: Workspace, zipped: Zipped) -> None:
    assert add(workspace, zipped(files)).kind == "image-classification"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (class_folders({"images": 5, "masks": 5}), "as photographs do"),
        ({f"images/{n}.png": picture(n) for n in range(6)} | {f"masks/x{n}.png": mask(n) for n in range(6)}, "No mask has the name of a picture"),
        ({**{f"images/{n}.png": picture(n) for n in range(6)}, **{f"masks/{n}.png": mask(n, value=0) for n in range(6)}}, "All 6 masks are empty"),
        ({**{f"images/{n}.png": picture(n, (9, 9)) for n in range(6)}, **{f"masks/{n}.png": mask(n) for n in range(6)}}, "of another size"),
        (pairs(2), "at least 3 are needed"),
    ],
)
def test_hostile_sets_are_refused_in_one_sentence(files: dict[str, bytes], words: str, workspace: Workspace, zipped: Zipped) -> None:
    with pytest.raises(DatasetError, match=words) as refusal:
        add(workspace, zipped(files))
    assert "\n" not in str(refusal.value)
    assert list(workspace.datasets.iterdir()) == []
    assert list(workspace.incoming.iterdir()) == []


def test_other_kinds_can_be_asked_for(workspace: Workspace, zipped: Zipped) -> None:
    manifest = add(workspace, zipped(pairs(10)), kind="image-classification")
    assert (manifest.kind, manifest.classes) == ("image-classification", ("images", "masks"))
    with pytest.raises(DatasetError, match="can't become segmentation"):
        add(workspace, zipped(class_folders({"cat": 5, "dog": 5}), "cats.zip"), kind="segmentation")


def test_the_same_name_in_several_folders() -> None:
    names = ["a/images/1.png", "b/images/1.png", "a/masks/1.png", "b/masks/1.png"]
    found = find_pairs([File(name, 1, name) for name in names])
    assert [(pair.picture.path, pair.mask.path) for pair in found.pairs] == [("a/images/1.png", "a/masks/1.png"), ("b/images/1.png", "b/masks/1.png")]


def test_rare_classes_come_into_every_split() -> None:
    pixels = np.zeros((100, 3), np.int64)
    pixels[:, 0] = 50
    pixels[:, 1] = np.arange(100) + 1
    pixels[::20, 2] = 5
    found = strata(pixels)
    rare = np.flatnonzero(pixels[:, 2])
    assert len({int(each) for each in found[rare]} & {int(each) for each in found[pixels[:, 2] == 0]}) == 0
    common = found[pixels[:, 2] == 0]
    assert (np.diff(common) >= 0).all() or (np.diff(common) <= 0).all()
