"""What can't be shown, and why."""

from __future__ import annotations

from studio.workspace import StudioError


class PreviewError(StudioError, ValueError):
    """A node, sample or state that can't be shown, in one sentence."""
