"""Sounds: decoded and brought to one rate and length as an exported model does it, brought through the front, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from blocks.features import Feature
from blocks.graph import Graph
from studio.networks.entering.base import Entering, Whole, built
from studio.networks.entering.pictures import kept, write_batches
from studio.networks.sounds import heard
from studio.workspace import replaced

MEASURED_SOUNDS = 2000
"""Mean and variance are measured on about as many training sounds, evenly chosen."""
BATCH = 32


class Sounds(Entering):
    """Encoded sounds."""

    kinds = ("sound",)

    def measured(self, part: Graph, feature: Feature, values: Any) -> np.ndarray:
        return np.concatenate(list(_batches(part, feature, values[:: max(1, len(values) // MEASURED_SOUNDS)])))

    def behind(self, graph: Graph, feature: Feature, values: Any, whole: Whole) -> np.ndarray:
        if whole.workspace is None:
            return np.concatenate(list(_batches(graph, feature, values)))
        path = whole.workspace.cache / f"{whole.key(graph.digest())}.npy"
        if not path.exists():
            with replaced(path) as partial:
                write_batches(partial, len(values), _batches(graph, feature, values))
        return kept(path)


def _batches(graph: Graph, feature: Feature, encoded: list[bytes]) -> Iterator[np.ndarray]:
    """Sounds behind a part of the front."""
    import tensorflow as tf

    model = built(graph) if len(graph.nodes) > 1 else None
    rate, samples = int(feature.statistics["sample_rate"]), int(feature.shape[0] or 0)
    sounds = tf.data.Dataset.from_tensor_slices(encoded).map(lambda content: heard(content, rate, samples), num_parallel_calls=2).batch(BATCH)
    for batch in sounds.as_numpy_iterator():
        yield np.asarray(model(batch, training=False)) if model else batch
