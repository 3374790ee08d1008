"""Answers of the engine, asked for once and then kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Generic, TypeVar

from studio.workspace import StudioError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Answers at once to a question that was asked before; the oldest make room.

    Args:
        most: Answers in memory.
        failed: What could not be done where the engine's process ends twice, as a sentence.
    """

    def __init__(self, most: int, failed: str) -> None:
        self._most = most
        self._failed = failed
        self._lock = threading.Lock()
        self._known: OrderedDict[K, Future[V]] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        with self._lock:
            return key in self._known

    def of(self, key: K, ask: Callable[[], Future[V]], wait_seconds: float) -> V | None:
        """The answer, or None if it is not there in time; ask again then.

        Args:
            ask: Asks the engine, the first time.

        Raises:
            StudioError: The engine could not do it.
        """
        with self._lock:
            answer = self._known.get(key)
            if answer is None:
                answer = self._known[key] = ask()
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        try:
            return answer.result(timeout=wait_seconds)
        except TimeoutError:
            return None
        except BrokenProcessPool as error:
            with self._lock:
                self._known.pop(key, None)
            raise StudioError(self._failed) from error
