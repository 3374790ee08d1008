"""What a network's preparation learns from the training split, as far as a preview needs it."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np

from blocks.features import Feature
from blocks.graph import Graph
from studio.inspection.memory import Memory
from studio.inspection.states import Trained
from studio.inspection.trace import trace, upstream
from studio.networks.arrays import adapt_front
from studio.networks.front import adaptable, bound

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

MOST_ROWS = 20_000
MOST_PICTURES = 1_000
MOST_STORED_BYTES = 50_000_000
MOST_MEASURED_BYTES = 200_000_000


def prepared(graph: Graph, dataset: Dataset, trained: Trained | None, memory: Memory) -> Graph:
    """The graph, bound to the dataset, with what its preparation learns written into its parameters.

    What a run has learned is taken over where its preparation is the same; otherwise it is measured on a part of the
    training split, evenly chosen. Nodes behind the preparation play no part, so that changing them costs nothing.

    Args:
        graph: A graph without errors, as far as it goes.
    """
    features = dataset.features
    whole = bound(graph, features)
    names = [name for name, _, _ in adaptable(whole)]
    if not names:
        return whole
    chain = upstream(whole, names)
    if trained is not None:
        ordered = upstream(bound(trained.ordered, features), names)
        learned = upstream(trained.whole, names)
        if chain.nodes == ordered.nodes and set(learned.nodes) == set(chain.nodes):
            return _with(whole, learned)
    key = hashlib.sha256(f"prepared {dataset.manifest.hash} {chain.digest()}".encode()).hexdigest()
    found: Graph | None = memory.get(key)
    if found is None:
        found = adapt_front(chain, _part(dataset, chain, features))
        memory.put(key, found, len(found.to_json()))
    return _with(whole, found)


def _with(graph: Graph, learned: Graph) -> Graph:
    return graph.model_copy(update={"nodes": {**graph.nodes, **learned.nodes}})


def _part(dataset: Dataset, chain: Graph, features: list[Feature]) -> Dataset:
    """The dataset with a training split of as many samples as can be measured at once."""
    rows = dataset.rows("train")
    pictures = any(feature.role == "input" and feature.kind == "image" for feature in features)
    most = MOST_PICTURES if pictures else MOST_ROWS
    stored = max(1, dataset.manifest.bytes // max(1, len(dataset)))
    sizes = [math.prod(size or 1 for size in flow.spec.shape) for flows in trace(chain, features).flows.values() for flow in flows]
    largest = 4 * max(sizes, default=1)
    most = max(1, min(most, MOST_STORED_BYTES // stored, MOST_MEASURED_BYTES // max(1, largest)))
    kept = rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(int)]
    splits = np.full(len(dataset), "", dtype="U10")
    splits[kept] = "train"
    return dataset.with_splits(splits)
