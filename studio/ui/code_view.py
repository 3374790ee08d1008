"""The Keras code of networks for the page: asked of the engine once, then kept."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from blocks.errors import BlocksError
from blocks.features import Feature
from blocks.graph import Graph
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.engine import Engine
from studio.recipe import Recipe
from studio.ui import network_view
from studio.ui.kept import Kept
from studio.workspace import StudioError, Workspace

KEPT = 100
"""Codes in memory; that of a deep network takes 60 kB."""
UNWRITTEN = "The code could not be written: the process that does it ended twice. The memory of this computer may be full."


def code_of(graph: dict[str, Any], features: list[dict[str, Any]]) -> dict[str, Any]:
    """The code of a graph as JSON values. Needs Keras: runs in the engine.

    Args:
        graph: A graph's document.
        features: The dataset's features as JSON; empty without a dataset.

    Returns:
        `code`, its `lines`, and the `problem` that there is none of (else None).
    """
    from blocks.graph_code import graph_code

    try:
        code = graph_code(Graph.model_validate(graph), [Feature.model_validate(feature) for feature in features])
    except BlocksError as error:
        return _answer("", str(error))
    return _answer(code)


class Codes:
    """Answers at once for a graph and a dataset that were seen before; the oldest make room.

    Args:
        engine: Where Keras is.
        kept: Codes in memory.
    """

    def __init__(self, engine: Engine, kept: int = KEPT) -> None:
        self._engine = engine
        self._kept: Kept[tuple[str, str], dict[str, Any]] = Kept(kept, UNWRITTEN)

    def of(self, graph: Graph, dataset: Dataset | None, wait_seconds: float) -> dict[str, Any] | None:
        """The code (`code_of`), or None if it is not there in time; ask again then.

        Args:
            dataset: What inputs and outputs bind to; None for a graph that says its sizes itself.

        Raises:
            StudioError: The engine could not do it.
        """

        def ask() -> Future[dict[str, Any]]:
            features = [feature.model_dump(mode="json") for feature in (dataset.features if dataset else [])]
            return self._engine.submit(code_of, graph.document(), features)

        return self._kept.of((graph.digest(), dataset.manifest.hash if dataset else ""), ask, wait_seconds)


def code(workspace: Workspace, codes: Codes, name: str, order: dict[str, Any] | None, wait_seconds: float) -> dict[str, Any]:
    """The code of a draft's network.

    Args:
        name: The draft's dataset.
        order: The draft's graph: None (the data choose), a preset with parameters, a file, or the graph itself.
        wait_seconds: How long to wait for the engine.

    Returns:
        As `code_of`, and whether it is still `waiting` for it.
    """
    try:
        graph, dataset = _network(workspace, {"dataset": name, "graph": order})
    except (StudioError, BlocksError) as error:
        return {**_answer("", str(error)), "waiting": False}
    found = codes.of(graph, dataset, wait_seconds)
    return {**(found or _answer("")), "waiting": found is None}


def file(workspace: Workspace, codes: Codes, recipe: dict[str, Any], wait_seconds: float) -> tuple[str, str]:
    """The code of a draft's network, and the network's name.

    Raises:
        StudioError, BlocksError: There is no such dataset, the network can't be made or has problems, or the engine is not ready.
    """
    graph, dataset = _network(workspace, recipe)
    found = codes.of(graph, dataset, wait_seconds)
    if found is None:
        raise StudioError("The code is not written yet; the helper process may still be starting. Try again in a moment.")
    if found["problem"]:
        raise StudioError(found["problem"])
    return found["code"], graph.name


def _network(workspace: Workspace, recipe: dict[str, Any]) -> tuple[Graph, Dataset]:
    """A draft's network and dataset."""
    values = {key: value for key, value in recipe.items() if key in ("dataset", "graph") and value is not None}
    return network_view.graph(workspace, values), store.load(workspace, Recipe.read(values).dataset)


def _answer(code: str, problem: str | None = None) -> dict[str, Any]:
    return {"code": code, "lines": code.count("\n"), "problem": problem}
