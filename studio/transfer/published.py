"""Networks that come with weights, by the names that a recipe gives them: those of keras.applications, and `hub:NAME` of keras-hub."""

from __future__ import annotations

from collections.abc import Sequence

from blocks.features import Feature
from blocks.graph import Graph
from studio import hub, pretrained

IMAGENET = "imagenet:"
"""What stands before the name of a network of keras.applications where weights are meant."""


def graph(name: str, features: Sequence[Feature]) -> Graph:
    """The network fitted to a dataset.

    Raises:
        PretrainedError: There is no such network, it can't be had, or it does not look at such pictures.
        PresetError: The dataset doesn't fit.
    """
    return hub.graph(name.removeprefix(hub.PREFIX), features) if name.startswith(hub.PREFIX) else pretrained.graph(name, features)


def misfit(name: str, features: Sequence[Feature]) -> str:
    """Why a network can't take a dataset, in one sentence; "" when it can. Needs no Keras.

    Raises:
        PretrainedError: There is no such network.
    """
    return hub.misfit(name.removeprefix(hub.PREFIX), features) if name.startswith(hub.PREFIX) else pretrained.misfit(name, features)


def weights_of(name: str) -> str:
    """Its weights, as `transfer.weights` names them."""
    return name if name.startswith(hub.PREFIX) else f"{IMAGENET}{name}"
