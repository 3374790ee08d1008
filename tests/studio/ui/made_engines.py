"""Engines without a process: one that answers at once, one whose answers the test gives, one that is dead."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from studio.engine import Engine, analysis_of, figures_of


class Here(Engine):
    """Answers at once, and counts the questions."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def analyse(self, graph: dict[str, Any], features: list[dict[str, Any]], situation: dict[str, Any] | None = None) -> Future[dict[str, Any]]:
        self.asked += 1
        answer: Future[dict[str, Any]] = Future()
        answer.set_result(analysis_of(graph, features, situation))
        return answer

    def count(self, graph: dict[str, Any], features: list[dict[str, Any]], batch_size: int) -> Future[dict[str, Any]]:
        self.asked += 1
        answer: Future[dict[str, Any]] = Future()
        answer.set_result(figures_of(graph, features, batch_size))
        return answer


class Slow(Engine):
    """Answers when the test does."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Future[dict[str, Any]]] = []

    def analyse(self, graph: dict[str, Any], features: list[dict[str, Any]], situation: dict[str, Any] | None = None) -> Future[dict[str, Any]]:  # noqa: ARG002 - the test answers
        self.answers.append(Future())
        return self.answers[-1]

    def count(self, graph: dict[str, Any], features: list[dict[str, Any]], batch_size: int) -> Future[dict[str, Any]]:  # noqa: ARG002 - the test answers
        self.answers.append(Future())
        return self.answers[-1]


class Dead(Engine):
    """Breaks at every question.

    Args:
        error: What it breaks with.
    """

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.error = error or BrokenProcessPool()
        self.asked = 0

    def analyse(self, graph: dict[str, Any], features: list[dict[str, Any]], situation: dict[str, Any] | None = None) -> Future[dict[str, Any]]:  # noqa: ARG002 - whatever it is asked
        self.asked += 1
        answer: Future[dict[str, Any]] = Future()
        answer.set_exception(self.error)
        return answer
