"""Arrays of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blocks.features import Feature
from studio.datasets.errors import DatasetError
from studio.datasets.limits import Limits
from studio.datasets.readers.npz import Npz
from studio.evaluation.asking.base import Asking, Batch, Port, of, refuse_other
from studio.evaluation.errors import EvaluationError

SUFFIXES = {".npy", ".npz"}
_INPUT_NAMES = ("x", "x_test", "images", "data", "inputs", "input", "features", "arr_0")


class Arrays(Asking):
    """Arrays of the shape that the network takes."""

    kinds = ("array", "number")
    noun = "arrays of numbers"

    def files(self, paths: Sequence[Path], port: Port, features: Sequence[Feature]) -> list[Batch]:  # noqa: ARG002
        return [_of_file(path, port) for path in paths]

    def described(self, port: Port, feature: str) -> str:
        return f"{port.dtypes[feature]} {tuple(size or 'any' for size in port.shape)}"


def of_array(values: np.ndarray, port: Port, name: str = "sample") -> Batch:
    """An array of samples, or one sample without the first axis.

    Raises:
        EvaluationError: The shape does not fit, or a value is no finite number.
    """
    refuse_other(port, (*Arrays.kinds, "series"), "arrays")
    read = np.asarray(values)
    if read.dtype.kind not in "biuf":
        raise EvaluationError(f"{name}: numbers are expected, not {read.dtype}.")
    if read.ndim == len(port.shape) and _fits(read.shape, port.shape):
        read = read[None]
    if read.ndim == len(port.shape) and port.shape == (1,):
        read = read[:, None]
    if read.ndim != len(port.shape) + 1 or not _fits(read.shape[1:], port.shape):
        wanted = ", ".join(["samples", *(str(size or "any") for size in port.shape)])
        raise EvaluationError(f"{name}: invalid shape. Expected: ({wanted}). Received: {read.shape}.")
    read = read.astype(np.float32)
    if not np.isfinite(read).all():
        raise EvaluationError(f"{name}: some values are missing or not finite.")
    return Batch([f"{name}:{number}" for number in range(1, len(read) + 1)], {port.name: read})


def _of_file(path: Path, port: Port) -> Batch:
    if path.suffix.casefold() not in SUFFIXES or not path.is_file():
        raise EvaluationError(f"{path.name}: the network takes {of(port.kind).noun}; expected an .npy or .npz file.")
    if path.suffix.casefold() == ".npy":
        try:
            values = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise EvaluationError(f"{path.name} is not an .npy file of numbers, or is damaged.") from error
        return of_array(values, port, path.name)
    npz = Npz(path, path.name, Limits())
    try:
        named = {name.casefold(): name for name in npz.headers}
        chosen = next((named[name] for name in _INPUT_NAMES if name in named), None) or (next(iter(npz.headers)) if len(npz.headers) == 1 else None)
        if chosen is None:
            raise EvaluationError(f"{path.name} has the arrays {', '.join(npz.headers)}; expected one named x.")
        return of_array(npz.whole(chosen), port, path.name)
    except DatasetError as error:
        raise EvaluationError(str(error)) from error
    finally:
        npz.close()


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(size in (None, given) for size, given in zip(wanted, shape, strict=True))
