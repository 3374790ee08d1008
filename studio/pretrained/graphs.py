"""The networks of keras.applications as graphs that take raw pixels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import presets
from blocks.base import Block
from blocks.features import Feature
from blocks.graph import Graph
from blocks.importing import from_config
from blocks.preprocessing import Normalization, Rescaling
from studio.pretrained.applications import Application, Preparation, get
from studio.pretrained.fitting import COLOURS, Bare, picture_shape, prepared, with_body

MEANS, DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pixels, red, green and blue, between 0 and 1."""
CAFFE_MEANS = (123.68, 116.779, 103.939)
"""The same from 0 to 255, as the networks trained with Caffe have them; `weights.mapped` turns their first kernel, which wants blue first."""

PREPARATIONS: dict[Preparation, dict[str, Block]] = {
    "caffe": {"normalization": Normalization(mean=CAFFE_MEANS, variance=(1.0,) * COLOURS)},
    "tf": {"rescaling": Rescaling(scale=1 / 127.5, offset=-1.0)},
    "torch": {"rescaling": Rescaling(), "normalization": Normalization(mean=MEANS, variance=tuple(each**2 for each in DEVIATIONS))},
    "v2": {"rescaling": Rescaling(scale=1 / 128, offset=-1.0)},
}
"""What stands before the body, by the ids of the nodes."""


def graph(name: str, features: Sequence[Feature] | None = None) -> Graph:
    """A network of keras.applications that takes pixels from 0 to 255 and prepares them itself.

    Of a preset it is the preset's graph with another front. The other networks are made from their configuration, for which Keras is
    loaded; their layers stand in a module. Grey pictures are looked at as coloured ones.

    Args:
        features: The dataset's, which decide sizes and classes; without them they are those of the published weights.

    Raises:
        PretrainedError: There is no such network, or the pictures are neither grey nor coloured.
        PresetError: The dataset doesn't fit.
    """
    application = get(name)
    preset = presets.get(name) if application.is_preset else Bare(called=name)
    shape = None if features else (application.size, application.size, COLOURS)
    made = prepared(preset.graph(shape, features=features), name, PREPARATIONS[application.preparation], features)
    if application.is_preset:
        return made
    source = constructed(application, input_shape=(*picture_shape(made, features)[:2], COLOURS))
    return with_body(made, name, from_config(json.loads(source.to_json())))


def misfit(name: str, features: Sequence[Feature]) -> str:
    """Why a network can't take a dataset, in one sentence; "" when it can. Needs no Keras.

    Raises:
        PretrainedError: There is no such network.
    """
    application = get(name)
    return (presets.get(name) if application.is_preset else Bare(called=name)).misfit(features)


def constructed(application: Application, **arguments: Any) -> Any:
    """The network as Keras builds it, with fresh weights unless the arguments say otherwise."""
    import keras

    return getattr(keras.applications, application.constructor)(**{"weights": None, **application.arguments, **arguments})
