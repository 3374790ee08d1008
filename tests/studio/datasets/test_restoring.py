"""Pictures alone: super-resolution, denoising and autoencoding."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.restoring import noisy, seed_of
from studio.workspace import Workspace
from tests.studio.datasets.uploads import picture, refusal

SIZES = [(64, 64), (65, 81), (90, 72), (40, 90), (128, 128)]
PHOTO = (70, 66)


@pytest.fixture
def photos(zipped: Callable[..., Path]) -> Path:
    """Five pictures of five sizes, one of them a JPEG, in folders that mean nothing."""
    files = {f"trip/day {number}/{number}.png": picture(number, size) for number, size in enumerate(SIZES)}
    return zipped({**files, "trip/photo.jpg": picture(9, PHOTO, form="JPEG"), "trip/notes.txt": "rain"})


def added(workspace: Workspace, path: Path, kind: str = "super-resolution", **options: object) -> Dataset:
    return store.load(workspace, store.add(workspace, path, kind=kind, options=options).name)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_inputs_are_the_pictures_made_smaller_by_pillow(workspace: Workspace, photos: Path, scale: int) -> None:
    dataset = added(workspace, photos, scale=scale)
    assert dataset.kind == "super-resolution"
    assert len(dataset) == sum(min(size) // scale >= 16 for size in [*SIZES, PHOTO])  # those that are too small are left out
    for small, large in zip(dataset.values("image"), dataset.values("picture"), strict=True):
        whole = opened(large)
        assert [side % scale for side in whole.size] == [0, 0]
        expected = whole.resize((whole.width // scale, whole.height // scale), Image.Resampling.BICUBIC)
        assert np.array_equal(np.asarray(opened(small)), np.asarray(expected))
    image, target = dataset.features
    assert (image.shape, target.shape) == ((None, None, 3), (None, None, 3))
    assert image.statistics["scale"] == target.statistics["scale"] == scale
    assert target.statistics["median_height"] == scale * image.statistics["median_height"]
    assert any("notes.txt" in warning for warning in dataset.manifest.warnings)


def test_what_needs_no_cutting_is_kept_as_it_came(workspace: Workspace, photos: Path) -> None:
    dataset = added(workspace, photos)
    by_name = dict(zip(dataset.table(["path"])["path"], dataset.values("picture"), strict=True))
    assert by_name["trip/photo.jpg"] == picture(9, PHOTO, form="JPEG")
    assert opened(by_name["trip/day 1/1.png"]).size == (64, 80)
    assert np.array_equal(np.asarray(opened(by_name["trip/day 1/1.png"])), np.asarray(opened(picture(1, (65, 81))))[:80, :64])


def test_noise_follows_from_the_picture_and_the_seed(workspace: Workspace, photos: Path, tmp_path: Path, zipped: Callable[..., Path]) -> None:
    dataset = added(workspace, photos, degradation="noise", noise=10.0)
    assert dataset.feature("image").statistics["noise"] == 10.0
    assert dataset.target.statistics["scale"] == 1
    low, high = (np.asarray(opened(dataset.values(name)[-1])).astype(int) for name in ("image", "picture"))
    assert 7 < (low - high)[(high > 30) & (high < 225)].std() < 13
    other = Workspace(tmp_path / "other")
    alone = {f"{number}.png": picture(number, size) for number, size in reversed(list(enumerate(SIZES)))}
    again = added(other, zipped(alone, "again.zip"), degradation="noise", noise=10.0)
    pairs = [dict(zip(each.values("picture"), each.values("image"), strict=True)) for each in (dataset, again)]
    assert all(pairs[0][content] == low for content, low in pairs[1].items())
    assert added(other, photos, degradation="noise", noise=10.0, seed=1).values("image") != dataset.values("image")


def test_noise_is_clipped_and_seeded() -> None:
    pixels = np.full((20, 20, 3), 250, np.uint8)
    assert noisy(pixels, 60.0, seed_of(b"12345678", 0)).max() == 255
    assert np.array_equal(noisy(pixels, 60.0, seed_of(b"12345678", 0)), noisy(pixels, 60.0, seed_of(b"12345678", 0)))


def test_grey_pictures_have_one_channel(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    path = zipped({f"{number}.png": picture(number, (40, 40), "L") for number in range(4)})
    assert added(workspace, path).features[0].shape == (None, None, 1)
    assert added(workspace, path, "autoencoding").features[0].shape == (40, 40, 1)


def test_autoencoding_stores_each_picture_once(workspace: Workspace, photos: Path) -> None:
    dataset = added(workspace, photos, "autoencoding")
    assert len(dataset) == 6
    assert dataset.target.column == "image"
    assert dataset.values("picture", "train") == dataset.values("image", "train")
    assert list(dataset.table(["picture", "row"], rows=[1, 4]).columns) == ["picture", "row"]
    assert dataset.table(["image", "picture"], split="test").notna().all().all()
    assert dataset.manifest.bytes < 1.2 * sum(map(len, dataset.values("image"))) + 50_000
    assert dataset.features[0].shape == (None, None, 3)


def test_splits(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    many = {f"{number}.png": picture(number, (40, 40)) for number in range(12)}
    assert added(workspace, zipped(many)).manifest.splits == {"train": 8, "validation": 2, "test": 2}
    given = {f"{'train' if number < 9 else 'test'}/{number}.png": content for number, content in enumerate(many.values())}
    dataset = added(workspace, zipped(given, "given.zip"))
    assert dataset.manifest.splits["test"] == 3
    assert dataset.manifest.split_origin == "partly given"


def test_kinds_must_be_asked_for(workspace: Workspace, photos: Path) -> None:
    with pytest.raises(DatasetError, match="one folder per class"):
        store.add(workspace, _flat(photos))
    assert {"super-resolution", "autoencoding"} <= set(store.add(workspace, photos).other_kinds)


def _flat(photos: Path) -> Path:
    import zipfile

    path = photos.with_name("flat.zip")
    with zipfile.ZipFile(photos) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(Path(name).name, source.read(name))
    return path


@pytest.mark.parametrize("kind", ["super-resolution", "autoencoding"])
def test_bad_files_are_left_out_by_name(workspace: Workspace, zipped: Callable[..., Path], kind: str) -> None:
    good = {f"{number}.png": picture(number, (40, 40)) for number in range(4)}
    bad = {"cut.png": picture(7, (40, 40))[:60], "empty.jpg": b"", "liar.png": b"no picture", "copy.png": picture(0, (40, 40)), "scan.tiff": b"II*"}
    dataset = added(workspace, zipped({**good, **bad}), kind)
    assert len(dataset) == 4
    said = " ".join(dataset.manifest.warnings)
    assert all(name in said for name in bad)


@pytest.mark.parametrize(
    ("files", "options", "sentence"),
    [
        ({"a.txt": b"words"}, {}, "can't become super-resolution"),
        ({"a.png": picture(1, (40, 40)), "b.png": picture(2, (40, 40))}, {}, "2 usable samples; at least 3 are needed"),
        ({f"{n}.png": picture(n, (20, 20)) for n in range(5)}, {}, "0 usable samples.*smaller than 32 pixels"),
        ({f"{n}.png": picture(n, (40, 40)) for n in range(5)}, {"scale": 5}, "scale.*from 2 to 4"),
        ({f"{n}.png": picture(n, (40, 40)) for n in range(5)}, {"degradation": "fog"}, "degradation.*'downscale'"),
        ({f"{n}.png": picture(n, (40, 40)) for n in range(5)}, {"degradation": "noise", "noise": 0}, "noise.*above 0"),
    ],
)
def test_what_cannot_become_a_dataset_is_refused(
    workspace: Workspace, zipped: Callable[..., Path], files: dict[str, bytes], options: dict[str, object], sentence: str
) -> None:
    import re

    said = refusal(lambda: store.add(workspace, zipped(files), kind="super-resolution", options=options))
    assert re.search(sentence, said), said
    assert not store.names(workspace)
    assert not list(workspace.incoming.iterdir())


@pytest.mark.parametrize(("name", "kind", "splits"), [("scenes", "super-resolution", (8, 2, 2)), ("cloth", "autoencoding", (204, 36, 60))])
def test_built_in_sets(workspace: Workspace, name: str, kind: str, splits: tuple[int, int, int]) -> None:
    dataset = store.load(workspace, name)
    assert dataset.kind == kind
    assert tuple(dataset.manifest.splits.values()) == splits
    assert dataset.manifest.licence == "CC0 1.0"


def test_built_in_sets_are_what_their_program_makes(tmp_path: Path) -> None:
    import zipfile

    from studio.datasets.builtin import SAMPLES
    from studio.datasets.synthetic_pictures import cloths, scenes

    for name, made in (("scenes", scenes), ("cloth", cloths)):
        first, content = next(made())
        with zipfile.ZipFile(SAMPLES / f"{name}.zip") as archive:
            kept = np.asarray(opened(archive.read(first))).astype(int)
        assert np.abs(kept - np.asarray(opened(content))).max() <= 2
