"""Samples of every kind of data, of the dataset and of one's own, as the network would get them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blocks.ports import Input
from studio.datasets import store
from studio.inspection import samples
from studio.inspection.errors import PreviewError
from studio.inspection.samples import Sample, SampleOrder
from studio.networks import arrays
from studio.networks.front import bound, split
from studio.runs import Run
from studio.workspace import StudioError, Workspace
from tests.studio.inspection.looking import graph_of
from tests.studio.trained import encoded


def entered(workspace: Workspace, name: str, sample: Sample) -> Any:
    block = Input().bind(store.load(workspace, name).features)
    return samples.entered(block, sample)


def test_a_stored_picture_enters_as_in_training(workspace: Workspace, pictures_run: Run) -> None:
    dataset = store.load(workspace, "pictures")
    graph = bound(
        graph_of({"image": {"block": "Input"}, "resizing": {"block": "Resizing", "params": {"height": 9, "width": 9}, "inputs": ["image"]}}),
        dataset.features,
    )
    trained = arrays.samples(None, dataset, split(graph), "train").inputs["resizing"]
    for index in (0, 1, 5, len(dataset.rows("train")) - 1):
        sample = samples.stored(dataset, "train", index)
        pixels = np.asarray(entered(workspace, "pictures", sample))
        from blocks.build import build

        assert (np.asarray(build(split(graph).front)(pixels, training=False))[0] == trained[index]).all()
        assert sample.facts["label"] in ("rot", "blau")
        assert sample.facts["row"] == dataset.rows("train")[index]


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_stored_numbers_texts_and_rows_enter_as_in_training(
    workspace: Workspace, array_run: Run, text_run: Run, table_run: Run, part: samples.Split
) -> None:
    waves = store.load(workspace, "waves")
    assert np.array_equal(np.asarray(entered(workspace, "waves", samples.stored(waves, part, 2)))[0], waves.arrays(part)[2])
    sentences = store.load(workspace, "sentences")
    assert np.asarray(entered(workspace, "sentences", samples.stored(sentences, part, 2)))[0].decode() == sentences.texts(part)[2]
    people = store.load(workspace, "people")
    found = entered(workspace, "people", samples.stored(people, part, 2))
    for name, column in people.columns(part).items():
        value = np.asarray(found[name])[0]
        assert value.decode() == column[2] if isinstance(value, bytes) else np.array_equal(value, column[2], equal_nan=True)


@pytest.mark.parametrize(("index", "sentence"), [(269, r"There is no sample 269 in the validation split; it has 0 to 268."), (10**12, "no sample")])
def test_a_sample_that_is_not_there(workspace: Workspace, index: int, sentence: str) -> None:
    with pytest.raises(PreviewError, match=sentence):
        samples.stored(store.load(workspace, "digits"), "validation", index)


def test_ones_own_picture_is_brought_to_the_size_of_the_dataset(workspace: Workspace, digits_run: Run) -> None:
    features = store.load(workspace, "digits").features
    photo = encoded(np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8), "JPEG")
    sample = samples.own(features, SampleOrder(picture=photo))
    assert np.asarray(entered(workspace, "digits", sample)).shape == (1, 8, 8, 1)
    assert sample.key != samples.own(features, SampleOrder(picture=photo + b" ")).key


def test_ones_own_picture_reaches_the_network_as_in_a_prediction(workspace: Workspace, digits_run: Run) -> None:
    from studio.ui.engine_tasks import predict_picture

    content = encoded(np.random.default_rng(1).integers(0, 256, (8, 8), dtype=np.uint8))
    seen = predict_picture(str(digits_run.folder), "best", content)["seen"]
    pixels = np.asarray(entered(workspace, "digits", samples.own(store.load(workspace, "digits").features, SampleOrder(picture=content))))
    assert (np.asarray(Image.open(io.BytesIO(seen))) == pixels[0, ..., 0]).all()


def test_files_of_every_kind(workspace: Workspace, tmp_path: Path, text_run: Run, table_run: Run, array_run: Run) -> None:
    text = tmp_path / "say.txt"
    text.write_text("the sun is up", "utf-8")
    sample = samples.own(store.load(workspace, "sentences").features, SampleOrder(file=str(text)))
    assert np.asarray(entered(workspace, "sentences", sample)).tolist() == [b"the sun is up"]
    assert sample.facts == {"name": "say.txt"}
    table = tmp_path / "rows.csv"
    table.write_text("a,colour\n1.5,red\n2.5,blue\n", "utf-8")
    people = store.load(workspace, "people").features
    sample = samples.own(people, SampleOrder(file=str(table), index=1))
    found = entered(workspace, "people", sample)
    assert (float(found["a"][0]), found["colour"][0].numpy(), found["self"][0].numpy()) == (2.5, b"blue", pytest.approx(np.nan, nan_ok=True))
    assert "Missing in the table" in sample.notes[0]
    with pytest.raises(PreviewError, match="There is no sample 2 in the file; it has 0 to 1"):
        samples.own(people, SampleOrder(file=str(table), index=2))
    waves = tmp_path / "waves.npy"
    np.save(waves, np.arange(20, dtype=np.float32).reshape(2, 5, 2))
    sample = samples.own(store.load(workspace, "waves").features, SampleOrder(file=str(waves), index=1))
    assert np.asarray(entered(workspace, "waves", sample))[0, 0].tolist() == [10, 11]


def test_a_row_as_it_was_typed(workspace: Workspace, table_run: Run) -> None:
    sample = samples.own(store.load(workspace, "people").features, SampleOrder(record={"a": 3.25, "colour": "grün", "年龄": None}))
    found = entered(workspace, "people", sample)
    assert (float(found["a"][0]), found["colour"][0].numpy().decode()) == (3.25, "grün")
    assert np.isnan(found["年龄"][0])


@pytest.mark.parametrize(
    ("dataset", "order", "sentence"),
    [
        ("digits", {"text": "three"}, "The network takes pictures"),
        ("digits", {"picture": b"GIF89a nonsense"}, "The picture can't be read"),
        ("digits", {"picture": b""}, "The picture can't be read"),
        ("digits", {"file": "/nowhere/at/all.png"}, "There is no file 'all.png'"),
        ("digits", {"file": "/etc"}, "There is no file 'etc'"),
        ("penguins", {"text": "a penguin"}, "The network takes the rows of a table, not texts"),
        ("penguins", {"picture": b"x"}, "does not take pictures"),
        ("penguins", {"record": {"wheels": 4}}, "none of the columns"),
    ],
)
def test_what_is_no_sample_of_the_kind_is_refused(workspace: Workspace, dataset: str, order: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        samples.own(store.load(workspace, dataset).features, SampleOrder(**order))


def test_huge_pictures_are_refused_undecoded(workspace: Workspace, tmp_path: Path) -> None:
    features = store.load(workspace, "digits").features
    bomb = encoded(np.zeros((6_000, 5_000), np.uint8))
    with pytest.raises(PreviewError, match=r"The picture has 5,000 x 6,000 pixels, more than a preview decodes \(25 million\). Make it smaller."):
        samples.own(features, SampleOrder(picture=bomb))
    with pytest.raises(PreviewError, match="5,000 x 6,000 pixels"):
        samples.entered(Input(feature="image", shape=(0, 0, 1), dtype="uint8"), Sample("", {"image": [bomb]}))
    big = tmp_path / "big.png"
    with big.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(PreviewError, match=r"big.png is larger than 50 MB"):
        samples.own(features, SampleOrder(file=str(big)))


def test_an_input_without_a_feature_lets_nothing_in(workspace: Workspace) -> None:
    sample = samples.stored(store.load(workspace, "digits"), "validation", 0)
    with pytest.raises(PreviewError, match="takes no feature of the dataset"):
        samples.entered(Input(shape=(8, 8, 1)), sample)
    with pytest.raises(PreviewError, match="nothing for the feature 'sound'"):
        samples.entered(Input(feature="sound", shape=(8, 8, 1)), sample)
