"""The arrays of a `.weights.h5` file. No link is followed, no object is loaded, and no other file is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np

from studio.networks.keras_import.archive import KerasFileError
from studio.networks.keras_import.limits import ImportLimits

if TYPE_CHECKING:
    import h5py  # type: ignore[import-untyped]

VARIABLE = re.compile(r"^(?:(?P<place>.*)/)?vars/(?P<number>\d{1,6}|idf_weights)$")
OLD_LAYERS, LAYERS = "_layer_checkpoint_dependencies", "layers"
"""What Keras called the layers of a model in the files of its first versions, and what it calls them."""
OPTIMIZER = "optimizer"
VARIABLES = "vars"
LONGEST_NAME = 500
NUMBERS = "fiub"
HARMLESS_FILTERS = (1, 2, 3, 32_000)
"""Compression that HDF5 and h5py bring along: deflate, shuffle, checksum, lzf. Others would load a library from this machine."""
BFLOAT16 = np.dtype("V2")


class Left(NamedTuple):
    """Something that was not taken over."""

    name: str
    reason: str

    def sentence(self) -> str:
        return f"{self.name}: {self.reason}"


@dataclass
class Stored:
    """What a weight file holds.

    Args:
        arrays: By the place of a layer (`layers/conv2d_1`, `layers/bidirectional/forward_layer/cell`) and the number of the variable; the
            weights of words are `idf_weights`.
        names: What the file calls the layer at a place (`conv1`); older files don't say.
    """

    arrays: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)


def read_weights(file: IO[bytes], limits: ImportLimits) -> Stored:
    """All arrays of layers in a weight file.

    Raises:
        KerasFileError: It is damaged, or holds more than the limits allow.
    """
    import h5py

    try:
        with h5py.File(file, "r") as opened:
            return _Reader(limits).read(opened)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise KerasFileError(f"The weight file is damaged: {str(error).splitlines()[0][:200] if str(error) else type(error).__name__}.") from error


class _Reader:
    def __init__(self, limits: ImportLimits) -> None:
        self._limits = limits
        self._found = Stored()
        self._objects = 0
        self._bytes = 0

    def read(self, file: h5py.File) -> Stored:
        import h5py

        waiting: list[tuple[str, Any, int]] = [("", file, 0)]
        while waiting:
            path, group, depth = waiting.pop()
            if depth > self._limits.depth:
                raise KerasFileError(f"The weight file nests groups more than {self._limits.depth} levels deep (limit `depth`).")
            for name in group:
                self._objects += 1
                if self._objects > self._limits.objects:
                    raise KerasFileError(f"The weight file holds more than {self._limits.objects:,} groups and arrays (limit `objects`).")
                inner = f"{path}/{name}" if path else name
                if not path and name == OPTIMIZER:
                    continue
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    self._leave(inner, "it is a link to another place, which is not followed.")
                    continue
                found = group.get(name)
                if isinstance(found, h5py.Dataset):
                    self._take(inner, found)
                elif isinstance(found, h5py.Group):
                    if name == VARIABLES:
                        self._name(path.replace(OLD_LAYERS, LAYERS), found)
                    waiting.append((inner, found, depth + 1))
        return self._found

    def _take(self, path: str, dataset: h5py.Dataset) -> None:
        place = VARIABLE.match(path.replace(OLD_LAYERS, LAYERS))
        if place is None:
            self._leave(path, "it stands where no weights of Keras stand.")
            return
        reason = _unreadable(dataset)
        if reason:
            self._leave(path, reason)
            return
        self._bytes += int(np.prod(dataset.shape, dtype=object)) * dataset.dtype.itemsize
        if self._bytes > self._limits.weights_bytes:
            raise KerasFileError(f"The weights hold more than {self._limits.weights_bytes:,} bytes (limit `weights_bytes`).")
        array = np.asarray(dataset[()])
        if array.dtype == BFLOAT16:
            array = (np.ascontiguousarray(array).view(np.uint16).astype(np.uint32) << 16).view(np.float32)
        self._found.arrays.setdefault(place["place"] or "", {})[place["number"]] = array

    def _name(self, place: str, group: h5py.Group) -> None:
        name = group.attrs.get("name")
        if isinstance(name, str) and 0 < len(name) <= LONGEST_NAME:
            self._found.names[place] = name

    def _leave(self, path: str, reason: str) -> None:
        self._found.left.append(Left(path[:200], reason))


def _unreadable(dataset: h5py.Dataset) -> str:
    """Why an array is not read; "" for plain numbers that stand in the file itself."""
    if dataset.external or dataset.is_virtual:
        return "its numbers stand in other files, which are not opened."
    if dataset.dtype.kind not in NUMBERS and dataset.dtype != BFLOAT16:
        return "it holds no numbers."
    if dataset.shape is None:
        return "it is empty."
    created = dataset.id.get_create_plist()
    if any(created.get_filter(number)[0] not in HARMLESS_FILTERS for number in range(created.get_nfilters())):
        return "it is packed in a way that Keras does not use."
    return ""
