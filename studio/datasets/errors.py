"""What can go wrong with data, and how it is said."""

from __future__ import annotations

from studio.workspace import StudioError


class DatasetError(StudioError, ValueError):
    """Data that can't be imported or a dataset that can't be used; one clear sentence."""


class DatasetInUseError(DatasetError):
    """A dataset that a run still needs."""
