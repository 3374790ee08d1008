"""What can go wrong with blocks, and how it is said."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blocks.messages import Message


class BlocksError(Exception):
    """Root of everything that this package raises on purpose."""


class UnknownNameError(BlocksError, ValueError):
    """A name that no registry entry, field or node carries."""


class InvalidValueError(BlocksError, ValueError):
    """One or more parameters that a declaration refuses."""


class GraphError(BlocksError, ValueError):
    """A graph that can't be built. `messages` holds every problem, not only the first."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self.messages = list(messages)
        super().__init__("\n".join(message.sentence() for message in self.messages))


def invalid(owner: str, name: str, expected: str, received: object, advice: str = "") -> str:
    """The one form of sentence in which a refused value is reported."""
    sentence = f"{owner}: invalid {name}. Expected: {expected}. Received: {received!r}."
    return f"{sentence} {advice}".rstrip()


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be, ignoring case, or None."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.5)
    return by_folded[found[0]] if found else None
