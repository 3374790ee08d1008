"""What can go wrong with saved networks and modules, and how it is said."""

from __future__ import annotations

from studio.workspace import StudioError


class LibraryError(StudioError, ValueError):
    """A network or module that can't be read, saved or named so; one clear sentence."""


class NotKeptError(LibraryError):
    """There is no saved network, version or module of that name (any more)."""
