"""Pictures: decoded by TensorFlow as an exported model decodes them, brought through the front, and kept as bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from blocks.features import Feature
from blocks.graph import Graph
from blocks.ports import Input
from blocks.walk import read_block
from studio.networks.entering.base import Entering, Whole, built
from studio.workspace import StudioError, replaced

MEMORY_SHARE = 0.25
"""Pictures are held in memory up to this share of it, and read from the cache file beyond."""

MEASURED_PICTURES = 2000
"""Mean and variance are measured on about as many training pictures, evenly chosen."""


class Pictures(Entering):
    """Encoded pictures."""

    kinds = ("image",)

    def measured(self, part: Graph, feature: Feature, values: Any) -> np.ndarray:  # noqa: ARG002
        import tensorflow as tf

        try:
            return decoded(part, values[:: max(1, len(values) // MEASURED_PICTURES)])
        except tf.errors.InvalidArgumentError as error:
            raise StudioError("What is measured on pictures needs them in one size. Insert Resizing behind the Input.") from error

    def behind(self, graph: Graph, feature: Feature, values: Any, whole: Whole) -> np.ndarray:  # noqa: ARG002
        if whole.workspace is None:
            return decoded(graph, values)
        path = whole.workspace.cache / f"{whole.key(graph.digest())}.npy"
        if not path.exists():
            with replaced(path) as partial:
                write_batches(partial, len(values), _batches(graph, values))
        return kept(path)


def kept(path: Path) -> np.ndarray:
    """A cached array: in memory, or where it is too large read from its file."""
    array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.array(array) if array.nbytes < psutil.virtual_memory().available * MEMORY_SHARE else array


def decoded(graph: Graph, encoded: list[bytes]) -> np.ndarray:
    """Pictures as uint8 (samples, height, width, channels), behind the front."""
    return np.concatenate(list(_batches(graph, encoded)))


def write_batches(path: Path, count: int, batches: Iterator[np.ndarray]) -> None:
    """Writes an array of so many samples batch by batch, so that memory holds one batch."""
    file: np.memmap | None = None
    place = 0
    for batch in batches:
        if file is None:
            file = np.lib.format.open_memmap(path, mode="w+", dtype=batch.dtype, shape=(count, *batch.shape[1:]))
        file[place : place + len(batch)] = batch
        place += len(batch)
    if file is not None:
        file.flush()


def _batches(graph: Graph, encoded: list[bytes]) -> Iterator[np.ndarray]:
    """Pictures decoded and resized by TensorFlow, as the exported model does it."""
    import tensorflow as tf

    model = built(graph) if len(graph.nodes) > 1 else None
    block = next(read_block(document) for document in graph.nodes.values() if document.block == Input.__name__)
    assert isinstance(block, Input)  # noqa: S101 - it was asked for by name
    channels = (block.shape or (0, 0, 3))[-1]

    def one(content: Any) -> Any:
        image = tf.io.decode_image(content, channels=channels, expand_animations=False)
        image.set_shape((None, None, channels))
        image = resized(image, *((size or None) for size in (block.shape or (0, 0))[:2]))
        return model(image[None], training=False)[0] if model else image

    pictures = tf.data.Dataset.from_tensor_slices(encoded).map(one, num_parallel_calls=2).batch(256)
    yield from pictures.as_numpy_iterator()


def resized(picture: Any, height: int | None, width: int | None) -> Any:
    """A picture, uint8 (any, any, channels), brought to a size if it has another; None leaves an axis as it is."""
    import tensorflow as tf

    shape = tf.shape(picture)
    size = tf.stack([shape[0] if height is None else height, shape[1] if width is None else width])

    def changed() -> Any:
        new = tf.image.resize(picture, size, method="bilinear", antialias=True)
        return tf.cast(tf.round(new), tf.uint8)

    same = tf.reduce_all(shape[:2] == size)
    return tf.ensure_shape(tf.cond(same, lambda: picture, changed), (height, width, picture.shape[-1]))
