"""The networks of keras-hub as graphs that take raw pixels."""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.errors import BlocksError
from blocks.features import Feature
from blocks.graph import Graph
from blocks.importing import Imported, from_config
from blocks.inference import shape_only
from studio.hub import catalog, preset
from studio.hub.errors import HubError
from studio.hub.opening import Opened, opened
from studio.hub.preset import HubPreset
from studio.networks.keras_import.limits import ImportLimits
from studio.pretrained.fitting import COLOURS, Bare, picture_shape, prepared, with_body

if TYPE_CHECKING:
    import keras

BYTES = 4
"""Of a weight."""
USUAL_SIZE = (224, 224)
"""Where neither files nor dataset say one."""


class _Sized(Bare):
    """The same for a network whose weights belong to places in pictures of one size."""

    height: int = USUAL_SIZE[0]
    width: int = USUAL_SIZE[1]

    def size(self, height: int | None, width: int | None, feature: Feature | None) -> tuple[tuple[int, int], str]:  # noqa: ARG002
        wanted = (self.height, self.width)
        return wanted, "" if (height, width) == wanted else f"The network was trained on pictures of {self.height} x {self.width} pixels."


@dataclass(frozen=True)
class Taken:
    """A network of keras-hub and what became of it.

    Args:
        backbone: As keras-hub builds it, without memory for its weights.
        opened: The same of plain layers.
        imported: The same as a graph.
        graph: With front and head.
    """

    preset: HubPreset
    backbone: keras.Model
    opened: Opened
    imported: Imported
    graph: Graph


def graph(name: str, features: Sequence[Feature] | None = None) -> Graph:
    """A network of keras-hub that takes pixels from 0 to 255 and prepares them itself. Keras and keras-hub are loaded.

    Its layers stand in a module. Grey pictures are looked at as coloured ones.

    Args:
        name: Of keras-hub, or of a folder that `save_to_preset` wrote.
        features: The dataset's, which decide size and classes; without them they are those of the preset, and 1,000 classes.

    Raises:
        HubError: There is no such network, or it can't be had or taken.
        PretrainedError: The pictures are neither grey nor coloured.
        PresetError: The dataset doesn't fit.
    """
    return taken(preset.read(name), features).graph


def misfit(name: str, features: Sequence[Feature]) -> str:
    """Why a network can't take a dataset, in one sentence; "" when it can. Needs no Keras, and downloads nothing.

    Raises:
        HubError: There is no such network, or keras-hub is not installed.
    """
    catalog.package()
    if preset.folder(name) is None:
        catalog.get(name)
    return Bare(called=preset.called(name)).misfit(features)


def taken(found: HubPreset, features: Sequence[Feature] | None = None) -> Taken:
    """A network with its layers opened and written down as blocks.

    Raises:
        HubError: Its files don't belong together, it is too large, or a layer has no block.
        PretrainedError: The pictures are neither grey nor coloured.
        PresetError: The dataset doesn't fit.
    """
    made = _made(found, features)
    with shape_only():
        backbone = constructed(found, _sides(made, features))
        size = sum(math.prod(variable.shape) for variable in backbone.variables) * BYTES
        if size > ImportLimits().weights_bytes:
            raise HubError(f"The weights of {found.name} would take {size:,} bytes; networks here have at most {ImportLimits().weights_bytes:,}.")
        whole = opened(backbone)
    try:
        imported = from_config(json.loads(whole.model.to_json()))
    except BlocksError as error:
        raise HubError(f"{found.name} can't be taken: {str(error).splitlines()[0]}") from error
    return Taken(found, backbone, whole, imported, with_body(made, identifier(found.name), imported))


def constructed(found: HubPreset, sides: tuple[int, int]) -> keras.Model:
    """The backbone of keras-hub. Only arguments that its class names are given to it.

    Raises:
        HubError: keras-hub is not installed, or its class refuses the arguments.
    """
    catalog.package()
    import keras_hub

    kind = getattr(keras_hub.models, found.kind)
    known = inspect.signature(kind.__init__).parameters
    arguments = {name: value for name, value in found.arguments.items() if name in known}
    if found.family.fits_any_size:
        arguments[found.family.shape] = [*sides, COLOURS]
    try:
        return kind(**arguments)
    except Exception as error:  # what its constructor says to values that don't belong together
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise HubError(f"{found.name}: {found.kind} of keras-hub refuses its {catalog.CONFIG}: {said[:200].rstrip('.')}.") from error


def canonical_sides(found: HubPreset) -> tuple[int, int]:
    """The size that the network was trained on, in pixels."""
    return found.size or USUAL_SIZE


def identifier(name: str) -> str:
    """A name for the module that holds the layers."""
    found = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return found if found[:1].isalpha() else f"hub_{found}".rstrip("_")


def _made(found: HubPreset, features: Sequence[Feature] | None) -> Graph:
    """Front and head for a dataset."""
    sides = canonical_sides(found)
    bare = Bare(called=found.name) if found.family.fits_any_size else _Sized(called=found.name, height=sides[0], width=sides[1])
    shape = None if features else (*sides, COLOURS)
    return prepared(bare.graph(shape, features=features), identifier(found.name), found.preparation, features)


def _sides(made: Graph, features: Sequence[Feature] | None) -> tuple[int, int]:
    height, width, _ = picture_shape(made, features)
    assert height and width  # noqa: S101, PT018 - the front brings varying pictures to one size
    return height, width
