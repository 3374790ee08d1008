"""What saved networks and modules are called: free text of any language, within limits."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from filelock import FileLock, Timeout

from studio.library.errors import LibraryError
from studio.workspace import Workspace, visible

LONGEST_TITLE = 200
LONGEST_NOTE = 2000
MOMENT_PATTERN = r"^\d{4}-\d\d-\d\dT[\d:.]{5,15}(Z|\+00:00)$"
"""A moment in ISO form and UTC, as `now` writes it; such texts are in the order of time."""
_PATIENCE_SECONDS = 30.0


def clean(text: str) -> str:
    """A name on one line, its accents written in one way, its control characters spelled out."""
    return visible(unicodedata.normalize("NFC", " ".join(text.split())))


def title(text: str, noun: str) -> str:
    """A name as it is kept.

    Args:
        noun: What is named, such as "network".

    Raises:
        LibraryError: It is empty or too long.
    """
    found = clean(text)
    if not found:
        raise LibraryError(f"The name of a {noun} can't be empty.")
    if len(found) > LONGEST_TITLE:
        raise LibraryError(f"The name of a {noun} has at most {LONGEST_TITLE} characters; this one has {len(found):,}.")
    return found


def note(text: str, noun: str) -> str:
    """A note or description as it is kept; it may have several lines.

    Raises:
        LibraryError: It is too long.
    """
    found = visible(text.strip(), keep="\n")
    if len(found) > LONGEST_NOTE:
        raise LibraryError(f"A {noun} has at most {LONGEST_NOTE:,} characters; this one has {len(found):,}.")
    return found


def free_title(wanted: str, taken: Collection[str]) -> str:
    """The name for a copy: "Net (copy)", "Net (copy 2)" ..."""
    number = 1
    while True:
        ending = " (copy)" if number == 1 else f" (copy {number})"
        found = wanted[: LONGEST_TITLE - len(ending)] + ending
        if found not in taken:
            return found
        number += 1


def now() -> str:
    """The moment, ISO time in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@contextmanager
def lock(workspace: Workspace, what: str) -> Iterator[None]:
    """Keeps other writers out, of this process and of others.

    Args:
        what: The name of the lock: "graphs" or "modules".

    Raises:
        LibraryError: Another writer has not ended in time.
    """
    held = FileLock(workspace.locks / f"{what}.lock", timeout=_PATIENCE_SECONDS)
    try:
        held.acquire()
    except Timeout as error:
        raise LibraryError(f"Another program has been writing to the {what} of this workspace for {_PATIENCE_SECONDS:g} s. Try again.") from error
    try:
        yield
    finally:
        held.release()
