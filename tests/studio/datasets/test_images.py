from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import add, load
from studio.datasets.errors import DatasetError
from studio.workspace import Workspace
from tests.studio.datasets.uploads import class_folders, picture


@pytest.mark.parametrize("prefix", ["", "data/", "a/b/c/"])
def test_class_folders_below_wrapping_folders(prefix: str, workspace: Workspace, zipped: Callable[..., Path]) -> None:
    manifest = add(workspace, zipped(class_folders({"cat": 10, "dog": 10}, prefix), "pets.zip"))
    assert (manifest.name, manifest.kind, manifest.samples, manifest.classes) == ("pets", "image-classification", 20, ("cat", "dog"))
    assert manifest.splits == {"train": 14, "validation": 3, "test": 3}
    assert manifest.split_origin == "made"
    assert manifest.warnings == []
    image, label = manifest.features
    assert (image.name, image.kind, image.shape, image.dtype) == ("image", "image", (6, 8, 3), "uint8")
    assert (label.name, label.role, label.statistics["counts"]) == ("label", "target", [7, 7])


def test_a_folder_is_the_same_dataset_as_its_zip(workspace: Workspace, zipped: Callable[..., Path], tmp_path: Path) -> None:
    files = class_folders({"cat": 5, "dog": 5})
    for path, content in files.items():
        (tmp_path / "pets" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / path).write_bytes(content)
    first = add(workspace, tmp_path / "pets")
    second = add(workspace, zipped({f"wrapped/{path}": content for path, content in files.items()}, "other.zip"))
    assert first.name == second.name == "pets"
    assert "already" in second.warnings[-1]


@pytest.mark.parametrize(
    ("folders", "splits", "origin"),
    [
        (("train", "test"), {"train": 17, "validation": 3, "test": 20}, "partly given"),
        (("Training", "VAL"), {"train": 17, "validation": 20, "test": 3}, "partly given"),
        (("TRAIN", "valid", "Test"), {"train": 20, "validation": 20, "test": 20}, "given"),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_split_folders(
    folders: tuple[str, ...], splits: dict[str, int], origin: str, inside: bool, workspace: Workspace, zipped: Callable[..., Path]
) -> None:
    files: dict[str, bytes] = {}
    for number, folder in enumerate(folders):
        for path, content in class_folders({"a": 10, "b": 10}, seed=100 * number).items():
            label, name = path.split("/")
            files[f"top/{label}/{folder}/{name}" if inside else f"top/{folder}/{label}/{name}"] = content
    manifest = add(workspace, zipped(files))
    assert manifest.classes == ("a", "b")
    assert manifest.splits == splits
    assert manifest.split_origin == origin


def test_numbers_as_classes_are_sorted_as_numbers(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    assert add(workspace, zipped(class_folders({"10": 3, "9": 3, "1": 3}))).classes == ("1", "9", "10")


def test_bad_files_are_named_and_the_others_used(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files: dict[str, bytes | None] = dict(class_folders({"a": 6, "b": 6}))
    files |= {
        "a/cut.jpg": picture(form="JPEG", size=(50, 50))[:300],
        "b/empty.png": b"",
        "b/notes.txt": b"hello",
        "a/inner.zip": b"PK",
        "b/x.tiff": b"II",
        "c": None,
        "root.png": picture(99),
    }
    manifest = add(workspace, zipped(files))
    assert manifest.samples == 12
    text = "\n".join(manifest.warnings)
    for part in (
        "(damaged or cut off): a/cut.jpg.",
        "(empty file): b/empty.png.",
        "notes.txt",
        "(archives inside an archive are not unpacked): a/inner.zip",
        "TIFF is not read",
        "root.png",
    ):
        assert part in text
    assert "No picture in 1 class folder: c" in text


def test_many_bad_files_are_counted(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = class_folders({"a": 6, "b": 6}) | {f"a/bad{number:03}.png": b"" for number in range(100)}
    assert any(
        warning.startswith("Left out 100 pictures (empty file): a/bad000.png") and warning.endswith("and 80 more.")
        for warning in add(workspace, zipped(files)).warnings
    )


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (class_folders({"only": 5}), "one class folder"),
        ({f"{number}.png": picture(number) for number in range(5)}, "no class folder"),
        (class_folders({"images": 5, "masks": 5}), "as photographs do"),
        (class_folders({"images": 5, "masks": 5}, "train/") | class_folders({"images": 5, "masks": 5}, "test/"), "as photographs do"),
        ({"a/1.wav": b"RIFF", "b/2.wav": b"RIFF"}, "sounds"),
        ({"a/1.txt": b"one text", "b/2.txt": b"another"}, "at least 3 are needed"),
        ({"a/1.mp4": b"x", "b/2.mp4": b"x"}, "videos"),
        ({"a/1.xyz": b"x"}, "nothing that can be imported"),
        ({"a/1.png": b"", "b/1.png": b""}, "at least two classes"),
        ({"a": None}, "no files"),
        (class_folders({"a": 1, "b": 1}), "at least 3"),
    ],
)
def test_refusals_leave_nothing_behind(files: dict[str, bytes], words: str, workspace: Workspace, zipped: Callable[..., Path]) -> None:
    with pytest.raises(DatasetError, match=words) as caught:
        add(workspace, zipped(files))
    assert "\n" not in str(caught.value)
    assert list(workspace.datasets.iterdir()) == []
    assert list(workspace.incoming.iterdir()) == []


def test_copies_stay_in_one_split(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = class_folders({"a": 20, "b": 20})
    files |= {f"{path[0]}/copy{path[2:]}": content for path, content in files.items()}
    manifest = add(workspace, zipped(files))
    assert any("40 pictures are copies" in warning for warning in manifest.warnings)
    table = load(workspace, manifest.name).table(["image", "split"])
    assert (table.groupby("image")["split"].nunique() == 1).all()


def test_copies_across_given_splits_are_reported(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files = (
        class_folders({"a": 10, "b": 10}, "train/") | class_folders({"a": 10, "b": 10}, "val/", seed=50) | class_folders({"a": 10, "b": 10}, "test/")
    )
    assert any("in more than one split" in warning for warning in add(workspace, zipped(files)).warnings)


def test_grey_sets_have_one_channel_and_mixed_sizes_none(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    files: dict[str, bytes] = {}
    for number in range(10):
        out = io.BytesIO()
        Image.fromarray(np.full((5, 4 + number, 3), number * 20, np.uint8)).save(out, "PNG")
        files[f"{number % 2}/{number}.png"] = out.getvalue()
    feature = add(workspace, zipped(files)).features[0]
    assert feature.shape == (5, None, 1)
    assert feature.statistics["maximum_width"] <= 13


def test_progress_grows_to_the_end(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    seen: list[float] = []
    add(workspace, zipped(class_folders({"a": 60, "b": 60})), progress=lambda *told: seen.append(told[0]))
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)


def test_row_groups_are_small_and_rows_stable(workspace: Workspace, zipped: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.datasets.kinds.files.GROUP_ROWS", 7)
    files = class_folders({"a": 20, "b": 20})
    dataset = load(workspace, add(workspace, zipped(files)).name)
    assert dataset.table(["row"])["row"].tolist() == list(range(40))
    for path, row, image in dataset.table(["path", "row", "image"]).itertuples(index=False):
        assert files[path] == image == dataset.image(row)
