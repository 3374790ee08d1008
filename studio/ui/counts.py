"""Figures of networks on a dataset for the gallery: asked of the engine once, then kept."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from blocks.graph import Graph
from studio.datasets.dataset import Dataset
from studio.engine import Engine
from studio.ui.analyses import UNCOUNTED
from studio.ui.kept import Kept

KEPT = 2000


class Counts:
    """Answers at once for a graph and a dataset that were seen before; unlike `Analyses` it keeps the totals only, a few kB each.

    Args:
        engine: Where Keras is.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: Kept[tuple[str, str, int], dict[str, Any]] = Kept(KEPT, UNCOUNTED)

    def of(self, graph: Graph, dataset: Dataset, batch_size: int, wait_seconds: float) -> dict[str, Any] | None:
        """The figures (`studio.engine.figures_of`), or None if they are not there in time; ask again then.

        Raises:
            StudioError: The engine could not do it.
        """

        def ask() -> Future[dict[str, Any]]:
            features = [feature.model_dump(mode="json") for feature in dataset.features]
            return self._engine.count(graph.document(), features, batch_size)

        return self._kept.of((graph.digest(), dataset.manifest.hash, batch_size), ask, wait_seconds)
