"""Problems of a network that is to be trained on a dataset, and their fixes made at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blocks.analysis import Analysis, analyse
from blocks.editing import EditError, apply
from blocks.errors import BlocksError
from blocks.features import Feature, targets_of
from blocks.graph import Graph
from blocks.levels import levels_of
from blocks.lint import Situation
from blocks.messages import Message
from studio.recipe import Recipe
from studio.training.planning import begun, resolved
from studio.transfer.sources import is_named
from studio.workspace import StudioError

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

MOST_FIXES = 200
"""Fixes that are made at once; more are a network to look at."""
SEVERITIES = ("error", "warning", "hint")


def situation_of(recipe: Recipe, features: Sequence[Feature], samples: int) -> Situation | None:
    """What the rules want to know of the training that a recipe orders; None where there is nothing to predict.

    Args:
        recipe: With settings left open or not.
        features: Those of its dataset.
        samples: Those of the training split.
    """
    if not targets_of(list(features)):
        return None
    try:
        planned = resolved(recipe.training, list(features), samples)
    except (StudioError, BlocksError):
        planned = recipe.training  # what was asked for may be what the network doesn't go with
    loss = planned.loss.get("name") if isinstance(planned.loss, dict) else planned.loss
    transfer = begun(recipe)
    return Situation(planned.batch_size if isinstance(planned.batch_size, int) else None, loss, transfer is not None and is_named(transfer))


def meant(recipe: Recipe, dataset: Dataset) -> Situation | None:
    """The same for a recipe and its dataset."""
    return situation_of(recipe, dataset.features, dataset.manifest.splits["train"])


def found(graph: Graph, features: Sequence[Feature], situation: Situation | None) -> list[Message]:
    """Everything that is found in a network, the worst first. Needs Keras."""
    return _by_severity(analyse(graph, features, situation).messages)


@dataclass(frozen=True)
class Mended:
    """A network after its fixes.

    Args:
        made: The findings whose fixes were made, in this order.
        left: What is found in it now.
    """

    graph: Graph
    made: list[Message] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)


def mended(graph: Graph, features: Sequence[Feature], situation: Situation | None) -> Mended:
    """Makes the fix of every finding, the worst first. Needs Keras.

    A fix that can't be made, that does not help, or after which there are more errors than before, is left out.
    """
    made: list[Message] = []
    tried: set[tuple[str, str, str]] = set()
    analysis = analyse(graph, features, situation)
    while len(made) < MOST_FIXES:
        message = next((each for each in _by_severity(analysis.messages) if each.edits and _key(each) not in tried), None)
        if message is None:
            break
        tried.add(_key(message))
        try:
            changed = _applied(graph, message, analysis, features)
        except EditError:
            continue
        after = analyse(changed, features, situation)
        if len(after.errors) <= len(analysis.errors) and _key(message) not in map(_key, after.messages):
            graph, analysis = changed, after
            made.append(message)
    return Mended(graph, made, _by_severity(analysis.messages))


def _applied(graph: Graph, message: Message, analysis: Analysis, features: Sequence[Feature]) -> Graph:
    insides = levels_of(graph, analysis, features)
    for edit in message.edits:
        graph = apply(graph, edit, insides.get).graph
    return graph


def _by_severity(messages: Sequence[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: SEVERITIES.index(message.severity))


def _key(message: Message) -> tuple[str, str, str]:
    return message.rule, message.node, message.text
