"""The weights in a file that a person brings: arrays are read, and nothing else of it. No code in it runs and no object is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.networks.keras_import.archive import opened
from studio.networks.keras_import.limits import ImportLimits
from studio.networks.keras_import.weight_file import LAYERS, Stored, read_weights
from studio.transfer.archives import SAVED_MODEL, VARIABLES, unpacked
from studio.workspace import StudioError, visible

KINDS = "a .keras file, a .weights.h5 file, the folder of a SavedModel that was exported here, or the .zip of an export"
CHECKPOINT = Path(VARIABLES) / VARIABLES
OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"
"""Where a checkpoint of TensorFlow keeps the names of its variables."""
MOST_OBJECT_BYTES = 100_000_000


class WeightsFileError(StudioError):
    """A file without weights that can be read."""


def read(path: Path, limits: ImportLimits | None = None, name: str = "") -> dict[str, np.ndarray]:
    """The weights of a file, by `layer/variable`, or by `layer/part/number` where the file numbers the variables of a layer.

    A SavedModel needs TensorFlow; the others need no framework. Of a .zip the network is read that it holds.

    Args:
        name: What people call the file.

    Raises:
        WeightsFileError: It is none of these, is damaged, or holds no weights.
        WeightsArchiveError: It is a .zip without such a network.
        DatasetError: It is a .zip that can't be opened, or that is hostile.
        KerasFileError: It is damaged, or holds more than the limits allow.
    """
    bounds = limits or ImportLimits()
    called = visible(name or path.name)
    if path.is_file() and path.suffix.casefold() == ".zip":
        with unpacked(path, bounds) as network:
            return read(network, bounds, called)
    if path.is_dir():
        found = _saved_model(path, bounds, called)
    elif path.suffix.casefold() == ".keras":
        with opened(path, bounds, name) as archive, archive.weights() as file:
            found = _by_layer(read_weights(file, bounds)) if file is not None else {}
    elif path.suffix.casefold() == ".h5":
        with path.open("rb") as file:
            found = _by_layer(read_weights(file, bounds))
    else:
        raise WeightsFileError(f"{called} is no file of weights. Expected: {KINDS}.")
    if not found:
        raise WeightsFileError(
            f"{called} holds no weights as Keras 3 writes them. Load it with Keras 3 and call model.save_weights('my.weights.h5')."
        )
    return found


def _by_layer(stored: Stored) -> dict[str, np.ndarray]:
    """Arrays by the name of their layer where the file has names, else by the place of their layer."""
    found: dict[str, np.ndarray] = {}
    for place, numbered in stored.arrays.items():
        layer, part = _layer_and_part(place)
        named = "/".join(filter(None, (stored.names.get(layer, layer), part)))
        for number, array in numbered.items():
            key = f"{named}/{number}"
            found[f"{place}/{number}" if key in found else key] = array
    return found


def _layer_and_part(place: str) -> tuple[str, str]:
    """A place in two: up to the innermost layer that a model lists, and what is within that layer."""
    parts = place.split("/")
    listed = [index for index, part in enumerate(parts[:-1]) if part == LAYERS]
    end = listed[-1] + 2 if listed else len(parts)
    return "/".join(parts[:end]), "/".join(parts[end:])


def _saved_model(folder: Path, limits: ImportLimits, name: str) -> dict[str, np.ndarray]:
    import tensorflow as tf

    files = sorted(folder.glob(f"{CHECKPOINT}.*"))
    if not (folder / SAVED_MODEL).is_file() or not files or any(file.is_symlink() or not file.is_file() for file in files):
        raise WeightsFileError(f"{name} is no SavedModel: {SAVED_MODEL} or its variables are missing. Expected: {KINDS}.")
    if sum(file.stat().st_size for file in files) > limits.weights_bytes:
        raise WeightsFileError(f"The weights in {name} are larger than {limits.weights_bytes:,} bytes (limit `weights_bytes`).")
    try:
        reader = tf.train.load_checkpoint(str(folder / CHECKPOINT))
        return dict(_variables(reader, limits))
    except (tf.errors.OpError, ValueError, RuntimeError, UnicodeDecodeError) as error:
        raise WeightsFileError(f"The variables in {name} are damaged: {str(error).splitlines()[0][:200]}.") from error


def _variables(reader: Any, limits: ImportLimits) -> Iterator[tuple[str, np.ndarray]]:
    """The numbers of a checkpoint by the names that the objects in it give them."""
    shapes, dtypes = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    size = 0
    for key, name in _names(reader.get_tensor(OBJECTS) if OBJECTS in shapes else b"", limits):
        if key not in shapes or not (dtypes[key].is_floating or dtypes[key].is_integer):
            continue
        size += int(np.prod(shapes[key], dtype=object)) * dtypes[key].size
        if size > limits.weights_bytes:
            raise ValueError(f"they hold more than {limits.weights_bytes:,} bytes (limit `weights_bytes`)")
        yield name, np.asarray(reader.get_tensor(key))


def _names(objects: bytes, limits: ImportLimits) -> Iterator[tuple[str, str]]:
    """(key in the checkpoint, name of the variable)."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

    if len(objects) > MOST_OBJECT_BYTES:
        raise ValueError("the list of its objects is too long")
    try:
        graph = TrackableObjectGraph.FromString(objects)
    except DecodeError as error:
        raise ValueError("the list of its objects can't be read") from error
    if len(graph.nodes) > limits.objects:
        raise ValueError(f"it lists more than {limits.objects:,} objects (limit `objects`)")
    for node in graph.nodes:
        for attribute in node.attributes:
            if attribute.full_name and "/" in attribute.full_name:
                yield attribute.checkpoint_key, attribute.full_name
