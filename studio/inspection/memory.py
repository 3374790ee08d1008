"""What was computed, kept for the next question as long as there is room for it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

LIMIT_BYTES = 200_000_000


class Memory:
    """Values by key; those that were used longest ago make room.

    Args:
        limit: Most bytes of all values together; a value that is larger alone is not kept.
    """

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self.limit = limit
        self.bytes = 0
        self._kept: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: str) -> bool:
        return key in self._kept

    def get(self, key: str) -> Any | None:
        """The value, or None where it is not kept (any more)."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: str, value: Any, size: int) -> None:
        """Keeps a value of so many bytes."""
        self._drop(key)
        if size > self.limit:
            return
        self._kept[key] = (value, size)
        self.bytes += size
        while self.bytes > self.limit:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        _, size = self._kept.pop(key, (None, 0))
        self.bytes -= size
