"""The engine: a helper process with Keras on the CPU, for what the page may not do itself.

The page process never imports Keras. What needs it (shapes and weights of a network that is being changed, a prediction)
is a plain function of plain values that runs here. The process is started at its first use, ends with the process that
started it, and is replaced when it dies.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any, ParamSpec, TypeVar

from studio import runtime

P = ParamSpec("P")
R = TypeVar("R")


class Engine:
    """Runs functions in the helper process.

    Args:
        workers: Processes; each takes about 0.7 GB.
        preload: Whether a process imports Keras before its first function.
    """

    def __init__(self, workers: int = 1, *, preload: bool = True) -> None:
        self._workers = workers
        self._preload = preload
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._closed = False

    def warm(self) -> None:
        """Starts the process, so that the first question is answered sooner."""
        self.submit(_nothing)

    def submit(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Runs a function of a module, with values that can be pickled.

        A process that dies at it is replaced, and the function is tried once more; after that the future holds BrokenProcessPool.
        """
        answer: Future[R] = Future()
        self._try(answer, 1, lambda pool: pool.submit(function, *args, **kwargs))
        return answer

    def analyse(self, graph: dict[str, Any], features: list[dict[str, Any]], situation: dict[str, Any] | None = None) -> Future[dict[str, Any]]:
        """The analysis of a graph, as `analysis_of` gives it."""
        return self.submit(analysis_of, graph, features, situation)

    def count(self, graph: dict[str, Any], features: list[dict[str, Any]], batch_size: int) -> Future[dict[str, Any]]:
        """The figures of a graph, as `figures_of` gives them."""
        return self.submit(figures_of, graph, features, batch_size)

    def close(self) -> None:
        """Ends the process; nothing can be submitted any more."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _try(self, answer: Future[R], retries: int, order: Callable[[ProcessPoolExecutor], Future[R]]) -> None:
        pool = self._running()
        try:
            inner = order(pool)
        except BrokenProcessPool as error:
            self._failed(answer, retries, order, pool, error)
            return

        def done(finished: Future[R]) -> None:
            if finished.cancelled():
                answer.cancel()
                return
            error = finished.exception()
            if error is None:
                answer.set_result(finished.result())
            elif isinstance(error, BrokenProcessPool):
                self._failed(answer, retries, order, pool, error)
            else:
                answer.set_exception(error)

        inner.add_done_callback(done)

    def _failed(
        self, answer: Future[R], retries: int, order: Callable[[ProcessPoolExecutor], Future[R]], pool: ProcessPoolExecutor, error: BaseException
    ) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
            closed = self._closed
        pool.shutdown(wait=False)
        if closed or retries <= 0:
            answer.set_exception(error)
            return
        logging.getLogger(__name__).warning("the engine's process ended unexpectedly; it is replaced")
        # not in the callback's own thread: it belongs to the pool that has just broken
        threading.Thread(target=self._try, args=(answer, retries - 1, order), daemon=True).start()

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            if self._pool is None:
                self._pool = ProcessPoolExecutor(self._workers, multiprocessing.get_context("spawn"), _prepare, (self._preload,))
            return self._pool


def analysis_of(graph: dict[str, Any], features: list[dict[str, Any]], situation: dict[str, Any] | None = None) -> dict[str, Any]:
    """Shapes, weights, cost and problems of a graph as JSON values. Needs Keras: runs in the engine.

    Args:
        graph: A graph's document.
        features: The dataset's features as JSON; empty without a dataset.
        situation: The fields of `blocks.lint.Situation`; None where no training is meant.

    Returns:
        The fields of `blocks.Analysis`; `levels`: by the path of each composite the nodes inside it and its outputs; and
        `layers`: the nodes whose weights training can change, from the first to the last.
    """
    import blocks
    from blocks import freezing
    from blocks.features import Feature
    from blocks.figures import training_bytes
    from blocks.graph import Graph
    from blocks.levels import levels_of
    from blocks.lint import Situation

    document = Graph.model_validate(graph)
    bound = [Feature.model_validate(feature) for feature in features]
    meant = None if situation is None else Situation(**situation)
    analysis = blocks.analyse(document, bound, meant)
    levels = {path: inside.model_dump(mode="json") for path, inside in levels_of(document, analysis, bound).items()}
    memory = training_bytes(analysis, meant.batch_size) if meant and meant.batch_size else None
    # `asdict` would copy all of it value by value, which takes longer than the analysis of a small change
    nodes = {path: vars(node) for path, node in analysis.nodes.items()}
    messages = [vars(message) for message in analysis.messages]
    learning = freezing.layers(document, analysis)
    return {**vars(analysis), "nodes": nodes, "messages": messages, "levels": levels, "layers": learning, "training_bytes": memory}


def figures_of(graph: dict[str, Any], features: list[dict[str, Any]], batch_size: int) -> dict[str, Any]:
    """The totals of a graph on a dataset. Needs Keras: runs in the engine.

    Returns:
        The fields of `presets.figures.Figures` and `training_bytes`; or `problem`, why the graph can't be built.
    """
    import blocks
    from blocks.features import Feature
    from blocks.figures import training_bytes
    from blocks.graph import Graph
    from presets.figures import counted

    document = Graph.model_validate(graph)
    analysis = blocks.analyse(document, [Feature.model_validate(feature) for feature in features])
    if analysis.errors:
        return {"problem": analysis.errors[0].sentence(), "field_problems": {}}
    return {**counted(document, analysis), "training_bytes": training_bytes(analysis, batch_size)}


def _nothing() -> None:
    """Done as soon as the process is ready."""


def _prepare(preload: bool) -> None:
    """The process's first steps: it ends with its parent, and has Keras on the CPU."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    runtime.prepare()
    if preload:
        importlib.import_module("keras")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
