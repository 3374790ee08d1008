from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.datasets import add, load
from studio.datasets.errors import DatasetError
from studio.workspace import Workspace
from tests.studio.datasets.uploads import refusal

Saved = Callable[..., Path]
GENERATOR = np.random.default_rng(0)
PICTURES = GENERATOR.integers(0, 256, (40, 5, 6), dtype=np.uint8)
LABELS = np.arange(40) % 4


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    def make(**arrays: object) -> Path:
        path = tmp_path / "arrays.npz"
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
        return path

    return make


@pytest.mark.parametrize("shape", [(40, 5, 6), (40, 5, 6, 1), (40, 5, 6, 3)])
def test_pictures_with_classes(shape: tuple[int, ...], workspace: Workspace, saved: Saved) -> None:
    values = GENERATOR.integers(0, 256, shape, dtype=np.uint8)
    manifest = add(workspace, saved(x=values, y=LABELS))
    dataset = load(workspace, manifest.name)
    assert manifest.kind == "image-classification"
    assert manifest.classes == ("0", "1", "2", "3")
    assert manifest.features[0].shape == (5, 6, 3 if shape[-1] == 3 else 1)
    decoded = np.stack([np.asarray(Image.open(io.BytesIO(data))) for data in dataset.images()])
    assert (decoded == values.reshape(decoded.shape)).all()
    assert dataset.targets().tolist() == LABELS.tolist()


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("X_train", "Y_train", "X_test", "Y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("trainx", "trainy", "testx", "testy"),
    ],
)
def test_given_parts(names: tuple[str, ...], workspace: Workspace, saved: Saved) -> None:
    parts = dict(zip(names, (PICTURES[:30], LABELS[:30], PICTURES[30:], LABELS[30:]), strict=True))
    manifest = add(workspace, saved(**parts))
    assert manifest.samples == 40
    assert manifest.splits["test"] == 10
    assert manifest.split_origin == "partly given"


@pytest.mark.parametrize("names", [("x", "y"), ("data", "target"), ("images", "labels"), ("arr_0", "arr_1"), ("features", "labels")])
def test_parts_without_split(names: tuple[str, str], workspace: Workspace, saved: Saved) -> None:
    assert add(workspace, saved(**{names[0]: PICTURES, names[1]: LABELS})).splits == {"train": 28, "validation": 6, "test": 6}


def test_numbers_become_arrays(workspace: Workspace, saved: Saved) -> None:
    values, goals = GENERATOR.normal(size=(50, 3, 2)), GENERATOR.normal(size=(50, 1))
    dataset = load(workspace, add(workspace, saved(x=values, y=goals)).name)
    assert dataset.kind == "arrays"
    assert dataset.features[0].shape == (3, 2)
    assert dataset.target.kind == "number"
    train = dataset.arrays("train")
    assert isinstance(train, np.memmap)
    assert train.shape == (35, 3, 2)
    assert dataset.features[0].statistics["mean"] == pytest.approx(float(train.mean()), abs=1e-6)
    pairs = {tuple(row.ravel().round(4)): float(goal) for row, goal in zip(values.astype(np.float32), goals[:, 0], strict=True)}
    for split in ("train", "validation", "test"):
        for row, goal in zip(dataset.arrays(split), dataset.targets(split), strict=True):
            assert pairs[tuple(row.ravel().round(4))] == pytest.approx(float(goal), abs=1e-6)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (np.array(["b", "a"] * 20), ("a", "b")),
        (np.array([b"b", b"a"] * 20), ("a", "b")),
        (np.eye(4)[LABELS], ("0", "1", "2", "3")),
        (LABELS.reshape(-1, 1), ("0", "1", "2", "3")),
        (LABELS.astype(float), ("0", "1", "2", "3")),
        (LABELS > 1, ("False", "True")),
        (np.arange(40), None),
        (np.arange(40) / 3, None),
    ],
)
def test_targets(y: np.ndarray, classes: tuple[str, ...] | None, workspace: Workspace, saved: Saved) -> None:
    manifest = add(workspace, saved(x=GENERATOR.normal(size=(40, 3)), y=y))
    assert manifest.classes == classes


def test_samples_that_are_not_finite_are_left_out(workspace: Workspace, saved: Saved) -> None:
    values = GENERATOR.normal(size=(40, 3))
    values[3, 1], values[7, 0] = np.nan, np.inf
    manifest = add(workspace, saved(x=values, y=LABELS))
    assert manifest.samples == 38
    assert "Left out 2 samples (a value is missing or not finite): 3, 7." in manifest.warnings


def test_fortran_order_is_read(workspace: Workspace, saved: Saved) -> None:
    values = GENERATOR.normal(size=(40, 3)).astype(np.float32)
    dataset = load(workspace, add(workspace, saved(x=np.asfortranarray(values), y=LABELS)).name)
    assert sorted(map(tuple, dataset.arrays().tolist())) == sorted(map(tuple, values.tolist()))


def test_pickled_objects_are_never_loaded(workspace: Workspace, tmp_path: Path) -> None:
    class Touch:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "executed",))

    np.savez(tmp_path / "evil.npz", x=np.array([Touch()] * 4, dtype=object), y=LABELS[:4])
    with pytest.raises(DatasetError, match="pickled"):
        add(workspace, tmp_path / "evil.npz")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("arrays", "settings", "words"),
    [
        ({"x": PICTURES}, {}, "has no targets"),
        ({"y": LABELS}, {}, "Expected: x_train"),
        ({"x": PICTURES, "y": LABELS[:30]}, {}, "40 samples, but 'y' has 30"),
        ({"x": PICTURES, "y": LABELS * 0}, {}, "same class|same value"),
        ({"x": PICTURES, "y": GENERATOR.normal(size=(40, 3))}, {}, "one class or one number"),
        ({"x": np.array(["a"] * 40), "y": LABELS}, {}, "are texts"),
        ({"x": PICTURES.astype(complex), "y": LABELS}, {}, "complex"),
        ({"x": PICTURES / 255, "y": LABELS}, {"kind": "image-classification"}, "needs uint8"),
        ({"x_train": PICTURES, "y_train": LABELS, "x_test": PICTURES[:, :4], "y_test": LABELS}, {}, "differ in shape"),
        ({"x": PICTURES, "y": LABELS}, {"target": "z"}, "no array 'z'"),
    ],
)
def test_refusals(arrays: dict[str, np.ndarray], settings: dict[str, str], words: str, workspace: Workspace, saved: Saved) -> None:
    with pytest.raises(DatasetError, match=words) as caught:
        add(workspace, saved(**arrays), **settings)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert list(workspace.datasets.iterdir()) == list(workspace.incoming.iterdir()) == []


def test_an_archive_that_unpacks_to_far_more_is_refused(workspace: Workspace, saved: Saved) -> None:
    path = saved(x=np.zeros((3000, 100, 100), dtype=np.uint8), y=np.arange(3000) % 2)
    with pytest.raises(DatasetError, match="would unpack"):
        add(workspace, path, options={"limits": {"ratio_bytes": 1_000_000}})


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_never_crash(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    with zipfile.ZipFile(folder / "d.npz", "w") as archive:
        for name, values in {"x": PICTURES[:8], "y": LABELS[:8]}.items():
            out = io.BytesIO()
            np.save(out, values)
            archive.writestr(f"{name}.npy", out.getvalue())
    content = bytearray((folder / "d.npz").read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / "d.npz").write_bytes(content)
    workspace = Workspace(folder / "workspace")
    message = refusal(lambda: add(workspace, folder / "d.npz"))
    assert "\n" not in message
    assert len(list(workspace.datasets.iterdir())) == (0 if message else 1)


def npy_files(names: dict[str, np.ndarray]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, values in names.items():
        out = io.BytesIO()
        np.save(out, values)
        found[name] = out.getvalue()
    return found


@pytest.mark.parametrize("rank", [1, 2, 3, 4, 5])
def test_arrays_in_files_of_their_own(rank: int, workspace: Workspace, zipped: Callable[..., Path], tmp_path: Path) -> None:
    values = GENERATOR.normal(size=(40, *range(2, rank + 1))).astype(np.float32)
    files = npy_files({"x_train.npy": values, "y_train.npy": LABELS, "x_test.npy": values[:12] + 1, "y_test.npy": LABELS[:12]})
    manifest = add(workspace, zipped(files), name="zip")
    dataset = load(workspace, manifest.name)
    assert (manifest.kind, manifest.samples, manifest.splits["test"]) == ("arrays", 52, 12)
    assert dataset.features[0].shape == (values.shape[1:] or (1,))
    np.testing.assert_array_equal(np.sort(dataset.arrays("test").ravel()), np.sort((values[:12] + 1).ravel()))
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert add(workspace, folder, name="folder").hash == manifest.hash


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"x.npy": PICTURES}, "x.npy and y.npy into one folder or zip"),
        ({"a/x.npy": PICTURES, "b/x.npy": PICTURES}, "several files named x.npy"),
        ({"a.npy": PICTURES, "b.npy": LABELS}, "Expected: x_train"),
        ({"x.npy": PICTURES, "y.npy": np.array([{}] * 40)}, "pickled Python objects"),
    ],
)
def test_arrays_in_files_of_their_own_that_are_refused(
    files: dict[str, np.ndarray], words: str, workspace: Workspace, zipped: Callable[..., Path]
) -> None:
    assert words in refusal(lambda: add(workspace, zipped(npy_files(files))))
    assert list(workspace.datasets.iterdir()) == list(workspace.incoming.iterdir()) == []
