"""Files of arrays that are odd or meant badly, each made on the spot."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import add, load
from studio.workspace import Workspace
from tests.studio.datasets.uploads import refusal

X, Y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2


def saved(values: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, values)
    return out.getvalue()


def claimed(shape: tuple[int, ...], kind: str = "<f4", fortran: bool = False, header: str = "") -> bytes:
    """An array that says it has this shape, without any value."""
    text = header or repr({"descr": kind, "fortran_order": fortran, "shape": shape})
    text += " " * (64 - (len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text.encode()


def packed(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "arrays.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


REFUSED = {
    "enormous": ({"x.npy": claimed((10**12,))}, "'x' claims the shape (1000000000000,), but is damaged or cut off"),
    "enormous in Fortran's order": ({"x.npy": claimed((10**6, 10**6), fortran=True)}, "'x' claims the shape (1000000, 1000000)"),
    "enormous texts": ({"x.npy": saved(X), "y.npy": claimed((40,), "<U100000000")}, "'y' claims the shape (40,)"),
    "without width": ({"x.npy": claimed((10**12, 0)), "y.npy": claimed((10**12, 0))}, "has the shape (1000000000000, 0), which holds no values"),
    "empty texts": ({"x.npy": saved(X), "y.npy": claimed((10**12,), "|S0")}, "'y' claims the shape"),
    "below zero": ({"x.npy": claimed((-40, 3))}, "'x' claims the shape (-40, 3)"),
    "beyond 64 bits": ({"x.npy": claimed((2**62, 2**62, 0))}, "holds no values"),
    "a single value": ({"x.npy": saved(np.float32(3))}, "'x' is a single value"),
    "no samples": ({"x.npy": saved(X[:0]), "y.npy": saved(Y[:0])}, "'x' holds no samples"),
    "no pixels": ({"x.npy": saved(np.zeros((40, 0, 5), np.uint8))}, "holds no values"),
    "code": ({"x.npy": claimed((), header="__import__('os').abort()")}, "'x' is not a plain NumPy array"),
    "deep brackets": ({"x.npy": claimed((), header="(" * 9000)}, "'x' is not a plain NumPy array"),
    "long header": ({"x.npy": b"\x93NUMPY\x02\0" + b"\xff" * 4 + b"x"}, "'x' is not a plain NumPy array"),
    "structured": ({"x.npy": saved(np.zeros(40, dtype=[("a", "i4"), ("b", "f8")]))}, "'x' is of type"),
    "complex": ({"x.npy": saved(X + 1j)}, "'x' is of type complex128"),
    "dates": ({"x.npy": saved(np.arange(40).astype("datetime64[D]"))}, "'x' is of type datetime64[D]"),
    "cut off": ({"x.npy": saved(X)[:-100]}, "'x' is damaged or cut off"),
    "not a number": ({"x.npy": saved(X * np.nan)}, "There are 0 usable samples; at least 3 are needed"),
    "beyond 32 bits": ({"x.npy": saved(X * 1e200)}, "There are 0 usable samples; at least 3 are needed"),
    "unnamed classes": ({"x.npy": saved(X), "y.npy": saved(np.array(["", " a"] * 20))}, "sample 0 (counted from 0) has an empty text"),
    "fewer targets": ({"x.npy": saved(X), "y.npy": saved(Y[:30])}, "'x' has 40 samples, but 'y' has 30"),
    "pictures": ({"cat/0.png": b"\x89PNG", "dog/0.png": b"\x89PNG"}, "has the arrays y. Expected: x_train"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case: str, workspace: Workspace, tmp_path: Path) -> None:
    files, words = REFUSED[case]
    path = packed(tmp_path, {"y.npy": saved(Y), **files})
    message = refusal(lambda: add(workspace, path))
    assert words in message
    assert "\n" not in message
    assert len(message) < 400
    assert list(workspace.datasets.iterdir()) == list(workspace.incoming.iterdir()) == []


ACCEPTED = {
    "half": ({"x.npy": saved(X.astype(np.float16))}, ""),
    "big end first": ({"x.npy": saved(X.astype(">f8")), "y.npy": saved(Y.astype(">i2"))}, ""),
    "true and false": ({"x.npy": saved(X > 0)}, ""),
    "five axes": ({"x.npy": saved(np.zeros((40, 2, 2, 2, 2)))}, ""),
    "one axis": ({"x.npy": saved(np.arange(40.0))}, ""),
    "junk behind": ({"x.npy": saved(X) + b"junk"}, ""),
    "texts that act": ({"y.npy": saved(np.array(["a\x1b[31m\n", "b/../c"] * 20))}, ""),
    "broken bytes": ({"y.npy": saved(np.array([b"\xff", b"b"] * 20))}, ""),
    "objects beside": ({"meta.npy": claimed((1,), "|O")}, "holds pickled Python objects, which are never loaded"),
    "notes beside": ({"readme.txt": b"hello"}, "is not a plain NumPy array"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str, workspace: Workspace, tmp_path: Path) -> None:
    files, words = ACCEPTED[case]
    manifest = add(workspace, packed(tmp_path, {"x.npy": saved(X), "y.npy": saved(Y), **files}))
    assert manifest.samples == 40
    assert words in " ".join(manifest.warnings)
    assert all(name.isprintable() for name in manifest.classes or ())
    assert np.isfinite(load(workspace, manifest.name).arrays()).all()


def test_names_without_an_ending_are_read(workspace: Workspace, tmp_path: Path) -> None:
    assert add(workspace, packed(tmp_path, {"x": saved(X), "y": saved(Y)})).samples == 40


def test_a_lone_array_is_refused_with_the_way_to_save_two(workspace: Workspace, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    assert "numpy.savez(file, x=..., y=...)" in refusal(lambda: add(workspace, tmp_path / "x.npy"))
