"""Weights in files: read whatever wrote them, refused where they are none or hostile."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import zipfile
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import keras
import numpy as np
import pytest
from keras import layers

from blocks import Graph, build
from studio.networks.keras_import.limits import ImportLimits
from studio.transfer import files
from studio.transfer.matching import NothingFitsError, take_over
from studio.workspace import StudioError


def graph(classes: int = 3, **names: str) -> Graph:
    """A network with wrapped and nested layers; `names` renames nodes."""
    nodes: dict[str, Any] = {
        "image": {"block": "Input", "params": {"shape": [8, 8, 1]}},
        "conv": {"block": "Conv2D", "params": {"filters": 4}, "inputs": ["image"]},
        "norm": {"block": "BatchNormalization", "inputs": ["conv"]},
        "rows": {"block": "Reshape", "params": {"target_shape": [6, 24]}, "inputs": ["norm"]},
        "reader": {"block": "Bidirectional", "params": {"block": {"block": "LSTM", "params": {"units": 3}}}, "inputs": ["rows"]},
        "label": {"block": "Output", "params": {"units": classes, "activation": "softmax"}, "inputs": ["reader"]},
    }
    renamed = {
        names.get(node, node): {**document, "inputs": [names.get(each, each) for each in document.get("inputs", [])]}
        for node, document in nodes.items()
    }
    return Graph.model_validate({"nodes": renamed})


def disturbed(model: keras.Model, seed: int) -> keras.Model:
    """The model with other numbers in every weight."""
    rng = np.random.default_rng(seed)
    for variable in model.weights:
        variable.assign(np.abs(rng.normal(size=variable.shape)))
    return model


def written(model: keras.Model, kind: str, folder: Path) -> Path:
    path = folder / {"keras": "theirs.keras", "weights": "theirs.weights.h5", "saved_model": "theirs"}.get(kind, "theirs.zip")
    if kind == "zip":
        model.export(folder / "packed" / "within", verbose=False)
        shutil.make_archive(str(path.with_suffix("")), "zip", folder / "packed")
    elif kind == "zip of a keras file":
        (folder / "packed").mkdir()
        model.save(folder / "packed" / "model.keras")
        shutil.make_archive(str(path.with_suffix("")), "zip", folder / "packed")
    elif kind == "keras":
        model.save(path)
    elif kind == "weights":
        model.save_weights(path)
    else:
        model.export(path, verbose=False)
    return path


@pytest.mark.parametrize("kind", ["keras", "weights", "saved_model", "zip", "zip of a keras file"])
def test_every_kind_of_file_fills_the_same_network(tmp_path: Path, kind: str) -> None:
    theirs, ours = disturbed(build(graph()), 1), build(graph())
    report = take_over(ours, files.read(written(theirs, kind, tmp_path)), kind)
    assert (len(report.taken), report.left, report.unused) == (14, [], [])
    pictures = np.random.default_rng(0).normal(size=(5, 8, 8, 1)).astype("float32")
    np.testing.assert_allclose(ours(pictures), theirs(pictures), atol=1e-6)


@pytest.mark.parametrize("kind", ["keras", "weights", "saved_model"])
def test_a_head_of_other_classes_starts_anew_as_a_whole(tmp_path: Path, kind: str) -> None:
    ours = build(graph(classes=5))
    bias = np.array(ours.get_layer("label").bias.numpy())
    report = take_over(ours, files.read(written(disturbed(build(graph()), 1), kind, tmp_path)), "theirs")
    assert report.notes() == [
        "Took over 12 weights of theirs.",
        "Starts anew: label: kernel is 6 x 3 in theirs and 6 x 5 here.",
    ]
    np.testing.assert_array_equal(ours.get_layer("label").bias.numpy(), bias)


def test_layers_of_a_model_within_a_model_are_found_by_their_names(tmp_path: Path) -> None:
    inner = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3, name="conv"), layers.Dense(2, name="other")], name="backbone")
    image = keras.Input((8, 8, 1))
    keras.Model(image, layers.Flatten()(inner(image))).save_weights(tmp_path / "theirs.weights.h5")
    ours = build(graph())
    report = take_over(ours, files.read(tmp_path / "theirs.weights.h5"), "theirs")
    assert report.taken == ["conv/kernel", "conv/bias"]
    assert report.unused == ["other"]
    np.testing.assert_array_equal(ours.get_layer("conv").kernel.numpy(), inner.get_layer("conv").kernel.numpy())


def test_files_without_names_are_read_by_the_places_of_their_layers(tmp_path: Path) -> None:
    theirs = disturbed(build(graph()), 1)
    path = written(theirs, "weights", tmp_path)
    with h5py.File(path, "a") as file:
        file.visititems(lambda _, found: found.attrs.pop("name", None) and None)
    ours = build(graph(conv="renamed"))
    assert len(take_over(ours, files.read(path), "theirs").taken) == 14
    np.testing.assert_array_equal(ours.get_layer("renamed").kernel.numpy(), theirs.get_layer("conv").kernel.numpy())


def test_within_a_layer_of_the_same_name_the_order_decides_where_names_differ() -> None:
    theirs, ours = disturbed(build(graph()), 1), build(graph())
    arrays = {f"{v.path.split('/')[0]}/v{n}": np.array(v.numpy()) for n, v in enumerate(theirs.get_layer("conv").weights)}
    report = take_over(ours, arrays, "theirs")
    assert report.taken == ["conv/kernel", "conv/bias"]
    assert {left.name: left.reason for left in report.left}["norm"] == "theirs holds nothing for it."


def test_nothing_that_fits_is_one_clear_error(tmp_path: Path) -> None:
    path = written(build(graph()), "weights", tmp_path)
    nodes = {"x": {"block": "Input", "params": {"shape": [4]}}, "head": {"block": "Dense", "inputs": ["x"]}}
    ours = build(Graph.model_validate({"nodes": nodes}))
    before = [np.array(variable.numpy()) for variable in ours.weights]
    with pytest.raises(NothingFitsError, match=r"^None of the weights of theirs fit this network\. head: theirs holds nothing for it\."):
        take_over(ours, files.read(path), "theirs")
    assert all(np.array_equal(old, new.numpy()) for old, new in zip(before, ours.weights, strict=True))


class Trap:
    """What runs a command where it is unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("touch sprung",)


def hostile(name: str, folder: Path) -> Path:
    """A file that is not what it says, or holds what must not be opened."""
    path = folder / name
    if name == "pickle.keras" or name == "pickle.weights.h5":
        path.write_bytes(pickle.dumps(Trap()))
    elif name == "array.npy":
        np.save(path, np.array([Trap()], dtype=object), allow_pickle=True)
    elif name == "empty.keras":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", "{}")
    elif name == "link.weights.h5":
        with h5py.File(path, "w") as file:
            file["layers/conv/vars/0"] = h5py.ExternalLink("/etc/passwd", "/")
    elif name == "objects.weights.h5":
        with h5py.File(path, "w") as file:
            file["layers/conv/vars/0"] = np.array([b"text"])
    elif name == "bare_folder":
        path.mkdir()
    elif name == "linked_folder":
        (path / "variables").mkdir(parents=True)
        (path / "saved_model.pb").write_bytes(b"")
        (path / "variables" / "variables.index").symlink_to("/etc/passwd")
    elif name == "broken_folder":
        (path / "variables").mkdir(parents=True)
        (path / "saved_model.pb").write_bytes(b"")
        for part in ("index", "data-00000-of-00001"):
            (path / "variables" / f"variables.{part}").write_bytes(b"nonsense" * 20)
    elif name == "pickle.zip":
        path.write_bytes(pickle.dumps(Trap()))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inner in ARCHIVED[name]:
                archive.writestr(inner, b"nonsense" * 20)
    return path


ARCHIVED = {
    "pictures.zip": ["cats/1.png", "dogs/1.png"],
    "halves.zip": ["saved_model.pb", "fingerprint.pb"],
    "several.zip": ["a/saved_model.pb", "b/saved_model.pb"],
    "broken.zip": ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"],
    "outside.zip": ["saved_model.pb", "variables/variables.index", "../sprung"],
    "nested.zip": ["model.keras"],
}
HOSTILE = [
    *ARCHIVED,
    "pickle.zip",
    "pickle.keras",
    "pickle.weights.h5",
    "array.npy",
    "empty.keras",
    "link.weights.h5",
    "objects.weights.h5",
    "bare_folder",
    "linked_folder",
    "broken_folder",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_file_of_weights_is_refused_and_nothing_in_it_runs(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudioError) as caught:
        files.read(hostile(name, tmp_path))
    assert name.partition(".")[0] in str(caught.value) or "weight file is damaged" in str(caught.value)
    assert not Path("sprung").exists()


def test_a_lambda_in_the_configuration_is_never_looked_at(tmp_path: Path) -> None:
    theirs = build(graph())
    path = written(theirs, "keras", tmp_path)
    with zipfile.ZipFile(path) as archive:
        stored = archive.read("model.weights.h5")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", '{"class_name": "Lambda", "config": {"function": "exec"}}')
        archive.writestr("model.weights.h5", stored)
    assert len(take_over(build(graph()), files.read(path), "theirs").taken) == 14


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pictures.zip", r"^pictures\.zip holds no network\. Expected: one SavedModel or one \.keras file"),
        ("halves.zip", r"^halves\.zip is no SavedModel: saved_model\.pb or its variables are missing"),
        ("several.zip", r"^several\.zip holds several networks"),
        ("outside.zip", r"^outside\.zip holds a path that leads outside the archive"),
        ("nested.zip", r"^nested\.zip is not a \.keras file"),
    ],
)
def test_an_archive_says_what_is_wrong_with_it(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(StudioError, match=said):
        files.read(hostile(name, tmp_path))


def test_an_archive_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = written(build(graph()), "zip", tmp_path)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("within/variables/variables.index").header_offset
    path.write_bytes(content[: start + 80] + bytes(40) + content[start + 120 :])
    with pytest.raises(StudioError, match=r"^within/variables/variables\.index in theirs\.zip is damaged"):
        files.read(path)


def test_nothing_of_an_archive_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(build(graph()), "zip", tmp_path)
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    assert files.read(path)
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("kind", ["weights", "saved_model"])
def test_more_than_the_limits_allow_is_refused(tmp_path: Path, kind: str) -> None:
    path = written(build(graph()), kind, tmp_path)
    with pytest.raises(StudioError, match="limit `weights_bytes`"):
        files.read(path, ImportLimits(weights_bytes=200))


def test_an_archive_that_unpacks_to_more_than_the_limits_allow_is_refused(tmp_path: Path) -> None:
    path = written(build(graph()), "zip", tmp_path)
    with pytest.raises(StudioError, match="limit `total_bytes`"):
        files.read(path, ImportLimits(weights_bytes=200))


def test_a_name_that_would_move_the_cursor_is_shown_harmlessly(tmp_path: Path) -> None:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        group = file.create_group("layers/conv2d/vars")
        group["0"] = np.zeros(3)
        group.attrs["name"] = "\x1b[31mred"
    (tmp_path / "theirs.weights.h5").write_bytes(content.getvalue())
    with pytest.raises(NothingFitsError) as caught:
        take_over(build(graph()), files.read(tmp_path / "theirs.weights.h5"), "theirs")
    assert "\x1b" not in str(caught.value)
