"""What evaluation refuses."""

from __future__ import annotations

from studio.workspace import StudioError


class EvaluationError(StudioError, ValueError):
    """Something that can't be evaluated, predicted or exported, in one sentence."""
