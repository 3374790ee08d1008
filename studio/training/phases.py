"""What a training trains for a while: all of the network, or the end of it behind layers that are frozen, until these are trained, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blocks.build import Built, build
from blocks.freezing import freeze, frozen, thaw
from blocks.graph import Graph
from studio.networks.arrays import Samples
from studio.networks.entering import Whole
from studio.settings.transfer import Unfreeze
from studio.training.steps import Compiled
from studio.transfer import shortcut
from studio.workspace import StudioError

if TYPE_CHECKING:
    from studio.training.ready import Ready

NOTHING_FROZEN = "There is nothing to unfreeze: no layer is frozen. Say how many layers are trained first, such as transfer.train_last=1."


@dataclass(frozen=True)
class Phase:
    """What is trained, and on what.

    Args:
        validation: Gives the validation split, always the same.
        notes: What the log should tell.
    """

    compiled: Compiled
    train: Samples
    validation: Callable[[], Samples]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Later:
    """What is trained from some epoch on.

    Args:
        epoch: Epochs done before.
        begin: Unfreezes layers; their weights are those of the moment, the optimizer is new.
    """

    epoch: int
    begin: Callable[[], Phase]


def of(model: Compiled, graph: Graph, built: Built, made: Ready) -> Phase:
    """The phase in which a network is trained as it is frozen now: by its features where that leads to the same.

    Args:
        model: The whole network.
        graph: The network's, with what is frozen.
    """
    frozen_nodes = frozen(graph)
    notes = [f"Frozen: {_listed(frozen_nodes)}."] if frozen_nodes else []
    if model.augmentation and frozen_nodes:
        notes.append("Augmentation changes the samples in each epoch, so the frozen layers run in each, too.")
    found = None if model.augmentation else shortcut.find(graph, built, made.train)
    if found is None:
        return Phase(model, made.train, lambda: made.validation, notes)
    part = Compiled(found.rest, model.optimizer, model.heads, model.xla, whole=model.network)
    key = (made.parts.front.digest(), str(made.recipe.folds))
    train = found.features(made.train, Whole(made.workspace, made.dataset, "train"), *key)
    kept: list[Samples] = []

    def validation() -> Samples:
        if not kept:
            kept.append(found.features(made.validation, Whole(made.workspace, made.dataset, "validation"), *key))
        return kept[0]

    notes.append("What the frozen layers give was computed once; the epochs train the rest.")
    return Phase(part, train, validation, notes)


def unfrozen(graph: Graph, built: Built, unfreeze: Unfreeze) -> Graph:
    """The graph with more of its layers trained; those of the network follow.

    Raises:
        StudioError: Nothing is frozen.
    """
    if not frozen(graph):
        raise StudioError(NOTHING_FROZEN)
    changed = thaw(graph) if unfreeze.layers == "all" else freeze(graph, unfreeze.layers)
    for layer, example in zip(built.model.layers, build(changed).layers, strict=True):
        layer.trainable = example.trainable
    return changed


def _listed(names: list[str], shown: int = 6) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
