"""Lint: what is wrong with a network beyond shapes, tied to the data and the training, with a fix for one click.

A rule is one class in a module of this package: it has a name, a severity, a reason and an example that provokes it, and gives
messages with edits (`blocks.editing`). `Check` rules look at networks that may well be built; `Mend` rules know a way out of the
errors that `blocks.analyse` reports. Nothing here needs Keras.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from blocks.features import Feature
from blocks.figures import Analysis
from blocks.graph import Graph
from blocks.lint.base import checks
from blocks.lint.network import network_of
from blocks.lint.situation import Situation
from blocks.messages import Message

__all__ = ["Situation", "lint"]


def lint(graph: Graph, analysis: Analysis, features: Sequence[Feature] = (), situation: Situation | None = None) -> list[Message]:
    """What the rules find in a network.

    Args:
        analysis: The figures of this graph with these features.
        features: The dataset's features.
        situation: How it is to be trained. Without it, rules that depend on the training and mere advice are left out, and what
            only harms a training is a warning.
    """
    network = network_of(graph, analysis, features, situation)
    found: list[Message] = []
    for check in checks():
        if check.in_training and situation is None:
            continue
        for message in check.find(network):
            harmless = message.severity == "error" and check.builds and situation is None
            found.append(replace(message, severity="warning") if harmless else message)
    return found
