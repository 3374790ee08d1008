"""Analyses of networks for the page: asked of the engine once, then kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from blocks.graph import Graph
from studio.datasets.dataset import Dataset
from studio.engine import Engine
from studio.workspace import StudioError

KEPT = 300


class Analyses:
    """Answers at once for a graph and a dataset that were seen before; the oldest make room.

    Args:
        engine: Where Keras is.
        kept: Analyses in memory; a deep network takes about 1 MB.
    """

    def __init__(self, engine: Engine, kept: int = KEPT) -> None:
        self._engine = engine
        self._kept = kept
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], Future[dict[str, Any]]] = OrderedDict()

    def of(self, graph: Graph, dataset: Dataset | None, wait_seconds: float) -> dict[str, Any] | None:
        """The analysis (`studio.engine.analysis_of`), or None if it is not there in time; ask again then.

        Args:
            dataset: What inputs and outputs bind to; None for a graph that says its sizes itself.

        Raises:
            StudioError: The engine could not do it.
        """
        key = (graph.digest(), dataset.manifest.hash if dataset else "")
        with self._lock:
            answer = self._known.get(key)
            if answer is None:
                features = [feature.model_dump(mode="json") for feature in (dataset.features if dataset else [])]
                answer = self._known[key] = self._engine.analyse(graph.document(), features)
            self._known.move_to_end(key)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
        try:
            return answer.result(timeout=wait_seconds)
        except TimeoutError:
            return None
        except BrokenProcessPool as error:
            with self._lock:
                self._known.pop(key, None)
            raise StudioError(
                "The network could not be counted: the process that does it ended twice. The memory of this computer may be full."
            ) from error
