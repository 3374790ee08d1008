"""From a dataset's split to the arrays that a network takes: the front run once, the result kept."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from blocks.build import build
from blocks.features import TABLE_INPUT
from blocks.graph import Graph
from blocks.ports import Input
from blocks.walk import read_block
from studio.networks import front as fronts
from studio.workspace import StudioError, Workspace, replaced

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

MEMORY_SHARE = 0.25
"""Pictures are held in memory up to this share of it, and read from the cache file beyond."""

MEASURED_PICTURES = 2000
"""Mean and variance are measured on about as many training pictures, evenly chosen."""


@dataclass(frozen=True)
class Samples:
    """One split as a network takes it.

    Args:
        inputs: By id of the network's Input.
        targets: Class indices (int32) or numbers (float32) by target name; shape (samples,) or (samples, ...).
    """

    inputs: dict[str, np.ndarray]
    targets: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))


def raw_values(dataset: Dataset, feature: str, split: str) -> Any:
    """What arrives at an Input bound to this feature: arrays, strings, encoded pictures, or a table's columns."""
    if feature == TABLE_INPUT:
        return dataset.columns(split)
    kind = next(each.kind for each in dataset.features if each.name == feature)
    if kind == "image":
        return dataset.images(split)
    if kind == "text":
        return dataset.texts(split)
    if kind == "array":
        return np.asarray(dataset.arrays(split), dtype="float32")
    return dataset.columns(split)[feature]


def bound_inputs(graph: Graph) -> dict[str, str]:
    """Input ids of a bound graph with the features they take."""
    found = {}
    for name, document in graph.nodes.items():
        if document.block == Input.__name__:
            block = read_block(document)
            assert isinstance(block, Input)  # noqa: S101 - it was asked for by name
            found[name] = block.feature or ""
    return found


def adapt_front(graph: Graph, dataset: Dataset, keep: Collection[str] = ()) -> Graph:
    """The bound graph with what its front learns from the training split written in.

    Args:
        keep: Nodes that stay as they are, since the weights behind them were trained on what they hold.

    Raises:
        StudioError: Pictures that are to be measured have several sizes.
    """
    features = bound_inputs(graph)

    def values_at(part: Graph, start: str) -> Any:
        values = raw_values(dataset, features[start], "train")
        if isinstance(values, list):
            return _measured(part, values[:: max(1, len(values) // MEASURED_PICTURES)])
        return fronts.values_behind(part, values)

    return fronts.adapted(graph, values_at, keep)


def _measured(part: Graph, encoded: list[bytes]) -> np.ndarray:
    import tensorflow as tf

    try:
        return decoded(part, encoded)
    except tf.errors.InvalidArgumentError as error:
        raise StudioError("What is measured on pictures needs them in one size. Insert Resizing behind the Input.") from error


def samples(workspace: Workspace | None, dataset: Dataset, split: fronts.Split, part: str) -> Samples:
    """One split of a dataset behind the front.

    Args:
        workspace: Where decoded pictures are kept for the next time; None keeps nothing.
        split: The bound, adapted graph in two.
        part: "train", "validation" or "test".
    """
    inputs = {}
    for name, feature in bound_inputs(split.front).items():
        part_graph = branch(split, name)
        values = raw_values(dataset, feature, part)
        if isinstance(values, list):
            inputs[split.cuts[name]] = _pictures(workspace, dataset, part_graph, values, part)
        else:
            inputs[split.cuts[name]] = fronts.run(_built(part_graph), values) if len(part_graph.nodes) > 1 else np.asarray(values)
    targets = {feature.name: dataset.targets(part) for feature in dataset.features if feature.role == "target"}
    return Samples({name: _compact(array) for name, array in inputs.items()}, targets)


def _built(graph: Graph) -> Any:
    with fronts.plain_numbers():
        return build(graph)


def _compact(array: np.ndarray) -> np.ndarray:
    return array.astype("int32") if array.dtype == np.int64 else array


def branch(split: fronts.Split, start: str) -> Graph:
    """The part of the front behind one Input."""
    chain = {split.cuts[start]}
    name = split.cuts[start]
    while name != start:
        name = split.front.nodes[name].inputs[0].partition(":")[0]
        chain.add(name)
    return split.front.model_copy(update={"nodes": {node: document for node, document in split.front.nodes.items() if node in chain}})


def _pictures(workspace: Workspace | None, dataset: Dataset, graph: Graph, encoded: list[bytes], part: str) -> np.ndarray:
    if workspace is None:
        return decoded(graph, encoded)
    key = hashlib.sha256(f"{dataset.manifest.hash} {_rows_digest(dataset, part)} {graph.digest()}".encode()).hexdigest()[:32]
    path = workspace.cache / f"{key}.npy"
    if not path.exists():
        with replaced(path) as partial:
            _decode_into(partial, graph, encoded)
    array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.array(array) if array.nbytes < psutil.virtual_memory().available * MEMORY_SHARE else array


def _rows_digest(dataset: Dataset, part: str) -> str:
    """Which samples a split holds: the same name means others in each fold of a cross-validation."""
    return hashlib.sha256(dataset.rows(part).tobytes()).hexdigest()


def decoded(graph: Graph, encoded: list[bytes]) -> np.ndarray:
    """Pictures as uint8 (samples, height, width, channels), behind the front."""
    return np.concatenate(list(_batches(graph, encoded)))


def _decode_into(path: Path, graph: Graph, encoded: list[bytes]) -> None:
    """Writes the decoded pictures batch by batch, so that memory holds one batch."""
    file: np.memmap | None = None
    place = 0
    for batch in _batches(graph, encoded):
        if file is None:
            file = np.lib.format.open_memmap(path, mode="w+", dtype=batch.dtype, shape=(len(encoded), *batch.shape[1:]))
        file[place : place + len(batch)] = batch
        place += len(batch)
    if file is not None:
        file.flush()


def _batches(graph: Graph, encoded: list[bytes]) -> Iterator[np.ndarray]:
    """Pictures decoded and resized by TensorFlow, as the exported model does it."""
    import tensorflow as tf

    model = _built(graph) if len(graph.nodes) > 1 else None
    block = next(read_block(document) for document in graph.nodes.values() if document.block == Input.__name__)
    assert isinstance(block, Input)  # noqa: S101 - it was asked for by name
    channels = (block.shape or (0, 0, 3))[-1]

    def one(content: Any) -> Any:
        image = tf.io.decode_image(content, channels=channels, expand_animations=False)
        image.set_shape((None, None, channels))
        return model(image[None], training=False)[0] if model else image

    pictures = tf.data.Dataset.from_tensor_slices(encoded).map(one, num_parallel_calls=2).batch(256)
    yield from pictures.as_numpy_iterator()
