"""From the weights of a Keras file to those of the network that our graph builds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.analysis import analyse, output_nodes
from blocks.build import Builder
from blocks.graph import Graph
from blocks.walk import Walk
from studio.networks import weights
from studio.networks.front import plain_numbers
from studio.networks.keras_import.weight_file import Left

if TYPE_CHECKING:
    import keras

CHANCE = "seed_generator"
"""What keeps the state of chance; trainings have one of their own."""


@dataclass
class Taken:
    """What was taken over.

    Args:
        arrays: By path, as a built network names its weights (`conv1/kernel`).
        left: What was not: arrays of the file that nothing takes, and weights of the network that stay as they start.
    """

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The paths of the weights that were taken over."""
        return list(self.arrays)


def take(graph: Graph, stored: dict[str, str], arrays: dict[str, dict[str, np.ndarray]], used: list[str]) -> Taken:
    """Matches the arrays of a file with the weights of a graph, layer by layer, by their places within the layer and by shape.

    Args:
        stored: By the path of a node, the place of its layer in the file.
        arrays: By place and number.
        used: Places whose arrays have become parameters.
    """
    errors = analyse(graph).errors
    if errors:
        return Taken(left=[Left("all weights", f"the network can't be built yet. {errors[0].sentence()}")])
    with plain_numbers():
        layers, names = _built(graph)
    taken = Taken()
    open_places = {place: set(numbered) for place, numbered in arrays.items() if not any(f"{place}/".startswith(f"{each}/") for each in used)}
    for path, layer in layers.items():
        place = stored.get(path)
        for inner, variables in parts(layer).items():
            where = "/".join(filter(None, (place, inner))) if place else None
            for number, variable in variables.items():
                name = names.get(id(variable))
                if name is None:
                    continue  # the state of chance
                _match(taken, name, variable, arrays.get(where, {}).get(number) if where else None)
                open_places.get(where or "", set()).discard(number)
    taken.left += _unused(open_places)
    return taken


def _match(taken: Taken, name: str, variable: Any, array: np.ndarray | None) -> None:
    shape = tuple(variable.shape)
    if array is None:
        taken.left.append(Left(name, "the file holds nothing for it; it starts anew."))
    elif array.shape != shape:
        taken.left.append(Left(name, f"the file has {_text(array.shape)}, the network {_text(shape)}; it starts anew."))
    else:
        taken.arrays[name] = array.astype(np.dtype(variable.numpy().dtype), copy=False)


def _text(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one number"


def _unused(places: dict[str, set[str]]) -> list[Left]:
    return [
        Left(f"{place}/{number}" if place else number, "no part of the network takes it.")
        for place, numbers in places.items()
        if place.rpartition("/")[2] != CHANCE
        for number in sorted(numbers)
    ]


def _built(graph: Graph) -> tuple[dict[str, keras.layers.Layer], dict[int, str]]:
    """The layers of a graph by the paths of their nodes, and the names of all weights by the identities of their variables."""
    import keras

    builder = Builder()
    values = Walk(builder, graph.modules).graph(graph)
    outputs = [values[node][0].tensor for node in output_nodes(graph)]
    model = keras.Model(keras.tree.flatten(list(builder.inputs.values())), outputs)
    return builder.layers, {id(variable): name for name, variable in weights.named(model.weights).items()}


def parts(layer: keras.layers.Layer) -> dict[str, dict[str, Any]]:
    """The variables of a layer as a weight file orders them: by the path of the part within the layer ("" for its own), then by number.

    Keras's own walk is asked, so that both sides count alike. This is the only private call of the module.
    """
    from keras.src.saving import saving_lib

    class Listing(saving_lib.NpzIOStore):  # type: ignore[misc]
        """Takes variables in the place of a file."""

        def __init__(self) -> None:
            self.found: dict[str, dict[str, Any]] = {}

        def __bool__(self) -> bool:
            return True

        def make(self, path: str, metadata: Any = None) -> dict[str, Any]:  # noqa: ARG002 - as Keras calls it
            return self.found.setdefault(path, {})

    listing = Listing()
    saving_lib._save_state(layer, listing, None, "", set())
    return {path: variables for path, variables in listing.found.items() if variables}
