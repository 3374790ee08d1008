"""Ways out of the errors that an analysis reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from blocks.features import Feature
from blocks.figures import Analysis
from blocks.graph import Graph
from blocks.lint.base import mends
from blocks.lint.failure import failure_of
from blocks.messages import Message

MOST_MENDED = 20
"""Errors for which a way out is looked for; of more, the first ones come first."""


def mended(messages: Sequence[Message], graph: Graph, analysis: Analysis, features: Sequence[Feature]) -> list[Message]:
    """Errors with the first way out that a rule knows for each; as they are where none does."""
    return [_mended(message, graph, analysis, features) for message in messages[:MOST_MENDED]] + list(messages[MOST_MENDED:])


def _mended(message: Message, graph: Graph, analysis: Analysis, features: Sequence[Feature]) -> Message:
    failure = failure_of(message, graph, analysis, features)
    if failure is None:
        return message
    for mend in mends():
        fix = mend.fix(failure)
        if fix is not None:
            return replace(message, edits=fix.edits, button=fix.button, rule=mend.name, why=mend.why)
    return message
