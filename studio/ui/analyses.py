"""Analyses of networks for the page: asked of the engine once, then kept."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import Any

from blocks.graph import Graph
from blocks.lint import Situation
from blocks.messages import Message
from studio.datasets.dataset import Dataset
from studio.engine import Engine
from studio.ui.kept import Kept
from studio.workspace import StudioError

KEPT = 300
UNCOUNTED = "The network could not be counted: the process that does it ended twice. The memory of this computer may be full."
Key = tuple[str, str, Situation | None]
"""What an analysis depends on: the graph, the content of the dataset, and the training that is meant."""


@dataclass(frozen=True)
class Judgement:
    """What is known of a network at this moment.

    Args:
        analysis: Its analysis; None where it is not known.
        waiting: Whether it will be known later, so that asking again is worth it.
    """

    analysis: dict[str, Any] | None = None
    waiting: bool = False

    @property
    def problem(self) -> str:
        """Why the network can't be trained: node, reason and fix of the first error, and how many there are beside it; else ""."""
        messages = [Message(**message) for message in (self.analysis or {}).get("messages", [])]
        errors = [message.sentence() for message in messages if message.severity == "error"]
        more = f" ({len(errors) - 1} more on the Model page.)" if len(errors) > 1 else ""
        return errors[0] + more if errors else ""

    @property
    def weights(self) -> int | None:
        """The number of weights of a network without errors."""
        return None if self.analysis is None or self.problem else self.analysis["weights"]


class Analyses:
    """Answers at once for a graph and a dataset that were seen before; the oldest make room.

    Args:
        engine: Where Keras is.
        kept: Analyses in memory; a deep network takes about 1 MB.
    """

    def __init__(self, engine: Engine, kept: int = KEPT) -> None:
        self._engine = engine
        self._kept: Kept[Key, dict[str, Any]] = Kept(kept, UNCOUNTED)

    def of(self, graph: Graph, dataset: Dataset | None, wait_seconds: float, situation: Situation | None = None) -> dict[str, Any] | None:
        """The analysis (`studio.engine.analysis_of`), or None if it is not there in time; ask again then.

        Args:
            dataset: What inputs and outputs bind to; None for a graph that says its sizes itself.
            situation: The training that is meant (`studio.lint.situation_of`), with which its problems are found, too.

        Raises:
            StudioError: The engine could not do it.
        """

        def ask() -> Future[dict[str, Any]]:
            features = [feature.model_dump(mode="json") for feature in (dataset.features if dataset else [])]
            meant = () if situation is None else (asdict(situation),)
            return self._engine.analyse(graph.document(), features, *meant)

        return self._kept.of(_key(graph, dataset, situation), ask, wait_seconds)

    def judge(self, graph: Graph, dataset: Dataset, wait_seconds: float, *, ask: bool = True, situation: Situation | None = None) -> Judgement:
        """What is known of a network, for decisions that an engine which is slow, dead or wrong must not hold up.

        Args:
            ask: False leaves the engine alone: only what was asked before counts.
        """
        if not ask and _key(graph, dataset, situation) not in self._kept:
            return Judgement()
        try:
            analysis = self.of(graph, dataset, wait_seconds, situation)
        except StudioError:
            return Judgement()
        except Exception:  # the edge of the engine's process: whatever went wrong in there, the trainer has the last word
            logging.getLogger(__name__).exception("a network could not be analysed")
            return Judgement()
        return Judgement(analysis, waiting=analysis is None)


def _key(graph: Graph, dataset: Dataset | None, situation: Situation | None) -> Key:
    return graph.digest(), dataset.manifest.hash if dataset else "", situation
