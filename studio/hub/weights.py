"""The weights of networks of keras-hub by the names of our graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.hub import preset
from studio.hub.errors import HubError
from studio.hub.graphs import Taken, taken
from studio.networks.keras_import.limits import ImportLimits
from studio.networks.keras_import.taking import CHANCE, parts, take
from studio.networks.keras_import.weight_file import read_weights
from studio.pretrained.fitting import BODY

if TYPE_CHECKING:
    import keras


def arrays(name: str, model: keras.Model) -> dict[str, np.ndarray]:
    """The weights of a network of keras-hub, for a model built of its graph; the head starts anew. They are downloaded where they are not here.

    Args:
        name: Of keras-hub, or of a folder that `save_to_preset` wrote.
        model: `blocks.build(graph(name, features))`, or one that was made of it: what has kept its name is served.

    Returns:
        By path (`body_conv1/kernel`).

    Raises:
        HubError: There is no such network, its weights can't be had or are those of another, or the model has none of its layers.
        KerasFileError: The file of weights is damaged.
    """
    found = taken(preset.read(name))
    every = mapped(found, _stored(found))
    here = {variable.path for variable in model.weights}
    kept = {path: array for path, array in every.items() if path in here}
    if not kept:
        called = found.preset.name
        raise HubError(f"The network has no layer of {called}, so none of its weights fit. Begin with the network that {called} is.")
    return kept


def mapped(found: Taken, originals: dict[int, np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays of a backbone by the paths of our graph.

    Args:
        originals: By the identity of the variable of `found.backbone`.
    """
    learned = found.opened.learned

    def value(variable: keras.Variable) -> np.ndarray:
        standing = learned.get(id(variable))
        return standing(lambda each: originals[id(each)]) if standing else originals[id(variable)]

    places = {
        place: {number: value(variable) for number, variable in numbered.items()}
        for place, numbered in parts(found.opened.model).items()
        if place.rpartition("/")[2] != CHANCE
    }
    stored = {f"{BODY}/{path}": place for path, place in found.imported.stored.items()}
    return take(found.graph, stored, places, []).arrays


def _stored(found: Taken) -> dict[int, np.ndarray]:
    """The arrays of its file by the identity of the variable of the backbone.

    Raises:
        HubError: One is missing, or has another shape.
    """
    with found.preset.weights().open("rb") as file:
        stored = read_weights(file, ImportLimits()).arrays
    result: dict[int, np.ndarray] = {}
    for place, numbered in parts(found.backbone).items():
        if place.rpartition("/")[2] == CHANCE:
            continue
        for number, variable in numbered.items():
            array = stored.get(place, {}).get(number)
            if array is None or array.shape != tuple(variable.shape):
                has = "nothing" if array is None else " x ".join(map(str, array.shape)) or "one number"
                raise HubError(
                    f"The weights of {found.preset.name} are those of another network: for {variable.path} of the shape {tuple(variable.shape)} "
                    f"the file has {has}. Save both again with save_to_preset."
                )
            result[id(variable)] = array
    return result
