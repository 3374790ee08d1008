"""Long orders that a page gave (an evaluation, an export): begun once, asked about by any tab, carried out beside the quick questions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from blocks.errors import BlocksError
from studio.engine import Engine
from studio.ui.engine_tasks import answer
from studio.workspace import StudioError

IDLE_SECONDS = 120.0


@dataclass
class _Order:
    began: float = field(default_factory=time.monotonic)
    problem: str | None = None


class Work:
    """Orders under way in this page process, by key (`PAGE/RUN/...`).

    They have a helper process of their own, so that quick questions need not wait behind them; it is closed when nothing was ordered
    for two minutes. What an order makes is written to disk by whoever carries it out; this only knows that it is under way, or why it
    failed. It ends with the page process, as does its helper.
    """

    def __init__(self, engine: Callable[[], Engine] = Engine, idle_seconds: float = IDLE_SECONDS) -> None:
        self._make = engine
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._orders: dict[str, _Order] = {}
        self._engine: Engine | None = None
        self._idle: threading.Timer | None = None

    def warm(self) -> None:
        """Starts the helper, so that an order that is likely to come finds it ready."""
        with self._lock:
            if self._engine is not None:
                return
            engine = self._engine = self._make()
            self._rest()
        engine.warm()

    def begin(self, key: str, function: Callable[..., Any], *args: Any) -> None:
        """Has the helper carry out `function(*args)`, unless the same order is under way."""
        with self._lock:
            known = self._orders.get(key)
            if known is not None and known.problem is None:
                return
            order = self._orders[key] = _Order()
            if self._idle:
                self._idle.cancel()
            if self._engine is None:
                self._engine = self._make()
            engine = self._engine
        threading.Thread(target=self._carry_out, args=(key, order, engine, function, args), name=f"order {key}", daemon=True).start()

    def state(self, key: str) -> dict[str, Any]:
        """`working` (seconds since the start, or None) and `problem` (why the last one failed, or None)."""
        with self._lock:
            order = self._orders.get(key)
        if order is None:
            return {"working": None, "problem": None}
        if order.problem is not None:
            return {"working": None, "problem": order.problem}
        return {"working": round(time.monotonic() - order.began, 1), "problem": None}

    def under_way(self, prefix: str) -> str | None:
        """The key of the order that was given last among those that begin so: one that goes on, or else one that failed."""
        with self._lock:
            found = [key for key in self._orders if key.startswith(prefix)]
            going = [key for key in found if self._orders[key].problem is None]
        chosen = going or found
        return chosen[-1] if chosen else None

    def close(self) -> None:
        """Ends the helper process."""
        with self._lock:
            if self._idle:
                self._idle.cancel()
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _carry_out(self, key: str, order: _Order, engine: Engine, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        problem = None
        try:
            answer(engine.submit(function, *args))
        except (StudioError, BlocksError) as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - the edge of a thread: whatever it was, the page must say so
            import traceback

            traceback.print_exc()
            problem = f"{type(error).__name__}: {str(error)[:300]}"
        with self._lock:
            order.problem = problem
            if problem is None:
                del self._orders[key]
            if all(each.problem is not None for each in self._orders.values()):
                self._rest()

    def _rest(self) -> None:
        """Has the helper closed after a while without orders."""
        self._idle = threading.Timer(self._idle_seconds, self.close)
        self._idle.daemon = True
        self._idle.start()
