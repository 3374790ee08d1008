"""What the outputs of a network mean: each module reads, measures and tells the answers to some kinds of targets."""

from __future__ import annotations

from studio.evaluation.answers.base import Answering, Facts, of, registry

__all__ = ["Answering", "Facts", "of", "registry"]
