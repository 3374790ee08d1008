"""Long orders that a page gave (an evaluation, an export): begun once, asked about by any tab."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from blocks.errors import BlocksError
from studio.workspace import StudioError


@dataclass
class _Order:
    began: float = field(default_factory=time.monotonic)
    problem: str | None = None


class Work:
    """Orders under way in this page process, by key.

    What an order makes is written to disk by whoever carries it out; this only knows that it is under way, or why it failed. It ends
    with the page process, as do the helper processes that carry it out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[str, _Order] = {}

    def begin(self, key: str, call: Callable[[], Any]) -> None:
        """Carries out `call` in a thread, unless the same order is under way."""
        with self._lock:
            known = self._orders.get(key)
            if known is not None and known.problem is None:
                return
            order = self._orders[key] = _Order()
        threading.Thread(target=self._carry_out, args=(key, order, call), name=f"order {key}", daemon=True).start()

    def state(self, key: str) -> dict[str, Any]:
        """`working` (seconds since the start, or None) and `problem` (why the last one failed, or None)."""
        with self._lock:
            order = self._orders.get(key)
            if order is None:
                return {"working": None, "problem": None}
            if order.problem is not None:
                return {"working": None, "problem": order.problem}
            return {"working": round(time.monotonic() - order.began, 1), "problem": None}

    def forget(self, key: str) -> None:
        """Forgets why an order failed."""
        with self._lock:
            order = self._orders.get(key)
            if order is not None and order.problem is not None:
                del self._orders[key]

    def under_way(self, prefix: str) -> list[str]:
        """Keys of the orders under way that begin so."""
        with self._lock:
            return [key for key, order in self._orders.items() if key.startswith(prefix) and order.problem is None]

    def _carry_out(self, key: str, order: _Order, call: Callable[[], Any]) -> None:
        try:
            call()
        except (StudioError, BlocksError) as error:
            order.problem = str(error)
        except Exception as error:  # noqa: BLE001 - the edge of a thread: whatever it was, the page must say so
            import traceback

            traceback.print_exc()
            order.problem = f"{type(error).__name__}: {str(error)[:300]}"
        else:
            with self._lock:
                del self._orders[key]
