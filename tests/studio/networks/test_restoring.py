"""Cut-outs and whole pictures of super-resolution."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from PIL import Image

import presets
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.networks.arrays import Samples, samples
from studio.networks.entering.base import Whole
from studio.networks.front import Split, bound, split
from studio.networks.pixels import pixels_of
from studio.networks.views.restoring import CutOuts, WholePictures, scattered, turned
from studio.workspace import StudioError, Workspace
from tests.studio.datasets.uploads import picture


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("restoring"))


@pytest.fixture(scope="module")
def photos(place: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("upload") / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, size in enumerate([(96, 64), (64, 96), (70, 90), (100, 100), (64, 64), (80, 80)]):
            archive.writestr(f"{number}.png", picture(number, size))
    return store.load(place, store.add(place, path, kind="super-resolution").name)


def parts_of(dataset: Dataset, preset: str = "ESPCN", **params: object) -> Split:
    return split(bound(presets.get(preset, **params).graph(features=dataset.features), dataset.features))


def cut_outs(place: Workspace, photos: Dataset) -> CutOuts:
    found = samples(place, photos, parts_of(photos), "train")
    assert isinstance(found, CutOuts)
    return found


def test_an_epoch_has_enough_cut_outs_and_takes_each_picture_as_often(place: Workspace, photos: Dataset) -> None:
    train = cut_outs(place, photos)
    assert len(train) == 4 * 128
    order = train.order(np.random.default_rng(0))
    assert np.array_equal(np.sort(order % len(train)), np.arange(len(train)))
    assert not np.array_equal(order, train.order(np.random.default_rng(1)))
    assert np.array_equal(order, train.order(np.random.default_rng(0)))


def test_a_cut_out_is_a_function_of_its_number(place: Workspace, photos: Dataset) -> None:
    train = cut_outs(place, photos)
    order = train.order(np.random.default_rng([0, 7]))[:20]
    inputs, targets = train.gather(order)
    again, _ = train.gather(order[::-1])
    assert np.array_equal(inputs["image"], again["image"][::-1])
    later, _ = train.gather(train.order(np.random.default_rng([0, 8]))[:20])
    assert not np.array_equal(inputs["image"], later["image"])
    assert inputs["image"].shape == (20, 24, 24, 3)
    assert targets["picture"].shape == (20, 48, 48, 3)


def test_input_and_target_of_a_cut_out_belong_together(place: Workspace, photos: Dataset) -> None:
    train = cut_outs(place, photos)
    inputs, targets = train.gather(np.arange(40))
    for low, high in zip(inputs["image"], targets["picture"], strict=True):
        small = np.asarray(Image.fromarray(high).resize((24, 24), Image.Resampling.BICUBIC)).astype(int)
        inside = np.s_[3:-3, 3:-3]
        assert np.abs(small[inside] - low.astype(int)[inside]).max() <= 3


def test_figures_are_measured_on_whole_pictures(place: Workspace, photos: Dataset) -> None:
    train = cut_outs(place, photos)
    test = samples(place, photos, parts_of(photos), "test")
    for seen, part in ((train.whole(), "train"), (test.whole(), "test")):
        assert isinstance(seen, WholePictures)
        batches = list(seen.batches(256))
        assert [batch.tolist() for batch in batches] == [[entry] for entry in range(len(seen))]
        pixels = pixels_of(photos.values("picture", part), 3, _whole(photos, part), "picture")
        for batch in batches:
            inputs, targets = seen.gather(batch)
            assert np.array_equal(targets["picture"][0], pixels[int(batch[0])])
            assert [2 * side for side in inputs["image"].shape[1:3]] == list(targets["picture"].shape[1:3])
    assert len(train.glance()) == 4
    assert len(test.first(1)) == 1


def _whole(dataset: Dataset, part: str) -> Whole:
    return Whole(None, dataset, part)


def test_of_very_large_pictures_the_middle_is_measured(place: Workspace, photos: Dataset) -> None:
    train = cut_outs(place, photos)
    seen = WholePictures({}, {}, pairs=train.pairs, chosen=np.arange(4), largest=40)
    for number in range(4):
        inputs, targets = seen.gather(np.array([number]))
        high = train.pairs.high[number]
        assert inputs["image"].shape[1:3] == (20, 20)
        top, left = ((size // 2 - 20) // 2 * 2 for size in high.shape[:2])
        assert np.array_equal(targets["picture"][0], high[top : top + 40, left : left + 40])


def test_the_cache_holds_what_is_computed_without_it(place: Workspace, photos: Dataset) -> None:
    parts = parts_of(photos)
    for _ in range(2):  # written, and read
        kept, fresh = (samples(workspace, photos, parts, "train") for workspace in (place, None))
        for one, other in zip(kept.gather(np.arange(9)), fresh.gather(np.arange(9)), strict=True):
            assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_network_of_another_scale_is_refused_in_words(place: Workspace, photos: Dataset) -> None:
    graph = presets.get("ESPCN_x3").graph((24, 24, 3), classes=3)
    bent = graph.with_node("image", params={"feature": "image"}).with_node("label", params={"target": "picture", "head": "none"})
    with pytest.raises(StudioError, match=r"makes 72 x 72 pixels of 24 x 24; this dataset wants 48 x 48 \(2 times\)"):
        samples(place, photos, split(bound(bent, photos.features)), "train")


def test_autoencoding_takes_the_picture_that_enters_as_its_target(place: Workspace, photos: Dataset) -> None:
    path = place.temporary / "again.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(6):
            archive.writestr(f"{number}.png", picture(number, (30 + number, 20)))
    dataset = store.load(place, store.add(place, path, kind="autoencoding").name)
    seen: Samples = samples(place, dataset, parts_of(dataset, "ConvAutoencoder"), "train")
    inputs, targets = seen.gather(np.arange(len(seen)))
    assert np.array_equal(next(iter(inputs.values())), targets["picture"])
    assert targets["picture"].dtype == np.uint8


def test_scattered_numbers_look_drawn() -> None:
    found = scattered(np.arange(3000)) % 10
    assert found.shape == (3000, 3)
    assert all(250 < count < 350 for column in found.T for count in np.bincount(column.astype(int)))
    assert abs(np.corrcoef(found[:, 0], found[:, 1])[0, 1]) < 0.05
    assert abs(np.corrcoef(found[:-1, 0], found[1:, 0])[0, 1]) < 0.05


def test_there_are_eight_ways_to_lay_down_a_square() -> None:
    square = np.arange(9).reshape(3, 3, 1)
    assert len({turned(square, turn).tobytes() for turn in range(8)}) == 8


def test_sizes_of_pixels_come_from_the_files(photos: Dataset) -> None:
    pixels = pixels_of(photos.values("image"), 3, _whole(photos, "train"), "image")
    assert pixels.sizes.tolist() == photos.table(["height", "width"]).to_numpy().tolist()
