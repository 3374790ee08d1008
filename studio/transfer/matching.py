"""Weights of one network put into another: layer by layer, where names and shapes agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from studio.networks import weights
from studio.networks.keras_import.taking import CHANCE, parts
from studio.networks.keras_import.weight_file import Left
from studio.workspace import StudioError, visible

if TYPE_CHECKING:
    import keras

SHOWN = 8
"""Layers that a sentence lists before it counts the rest."""


class NothingFitsError(StudioError):
    """None of the weights has a place in the network."""


@dataclass
class Report:
    """What was taken over.

    Args:
        source: What the weights are of, for people.
        taken: Names of weights.
        left: Layers of the network that start anew, and why.
        unused: Layers of the source that the network lacks.
    """

    source: str
    taken: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def notes(self) -> list[str]:
        """The report as sentences."""
        found = [f"Took over {len(self.taken)} weights of {self.source}."]
        found += [f"Starts anew: {left.sentence()}" for left in self.left[:SHOWN]]
        if len(self.left) > SHOWN:
            found.append(f"{len(self.left) - SHOWN} more layers start anew.")
        if self.unused:
            more = f" and {len(self.unused) - SHOWN} more" if len(self.unused) > SHOWN else ""
            found.append(f"Layers of {self.source} that this network lacks: {', '.join(self.unused[:SHOWN])}{more}.")
        return found


class _Place(NamedTuple):
    """A variable of the network.

    Args:
        name: Its path (`conv1/kernel`).
        keys: What a source may call it.
    """

    name: str
    keys: tuple[str, ...]
    variable: Any


def take_over(network: keras.Model, arrays: Mapping[str, np.ndarray], source: str) -> Report:
    """Puts arrays into a network and says what became of them.

    The variables of a layer are taken over together or not at all. They are found by their names, by their numbers within a
    layer of that name, by the place of the layer in the file, or as a whole by the order in which a layer of that name has them.

    Args:
        arrays: By `layer/variable`, `layer/part/number`, or the place in a weight file of Keras.

    Raises:
        NothingFitsError: No layer fits.
    """
    report, used = Report(source), set()
    by_layer: dict[str, list[str]] = {}
    for key in arrays:
        if not key.startswith(CHANCE):
            by_layer.setdefault(key.split("/")[0], []).append(key)
    for layer, places in _layers(network).items():
        keys = _found(places, arrays, by_layer.get(layer, []))
        reason = _misfit(places, keys, arrays, source)
        if reason:
            report.left.append(Left(layer, reason))
            continue
        for place, key in zip(places, keys or [], strict=True):
            place.variable.assign(arrays[key].astype(np.dtype(place.variable.numpy().dtype), copy=False))
            report.taken.append(place.name)
            used.add(key)
    taken = {layer for layer, keys in by_layer.items() if used & set(keys)} | {left.name for left in report.left}
    report.unused = [visible(layer)[:80] for layer, keys in by_layer.items() if layer not in taken and not used & set(keys)]
    if not report.taken:
        raise NothingFitsError(_nothing(report))
    return report


def _nothing(report: Report) -> str:
    reasons = " ".join(left.sentence() for left in report.left[:3])
    theirs = f" It has {', '.join(report.unused[:SHOWN])}." if report.unused else ""
    return f"None of the weights of {report.source} fit this network. {reasons}{theirs} Take the same network, or begin without these weights."


def _layers(network: keras.Model) -> dict[str, list[_Place]]:
    names = {id(variable): name for name, variable in weights.named(network.weights).items()}
    found: dict[str, list[_Place]] = {}
    for place, number, variable in _numbered(network):
        name = names.get(id(variable))
        if name is None:
            continue  # the state of chance
        layer = name.split("/")[0]
        part = "/".join(place.split("/")[2:])
        within = "/".join(filter(None, (layer, part, number)))
        found.setdefault(layer, []).append(_Place(name, (name, within, f"{place}/{number}"), variable))
    return found


def _numbered(network: keras.Model) -> Iterator[tuple[str, str, Any]]:
    """The network's variables with their places in a weight file of Keras."""
    for place, variables in parts(network).items():
        for number, variable in variables.items():
            yield place, number, variable


def _found(places: list[_Place], arrays: Mapping[str, np.ndarray], named: list[str]) -> list[str] | None:
    """What the source calls the variables of a layer; None where it lacks one of them."""
    keys = [next((key for key in place.keys if key in arrays), "") for place in places]
    if all(keys):
        return keys
    in_order = [arrays[key].shape for key in named] == [tuple(place.variable.shape) for place in places]
    return named if in_order else None


def _misfit(places: list[_Place], keys: list[str] | None, arrays: Mapping[str, np.ndarray], source: str) -> str:
    """Why a layer can't be taken over; "" if it can."""
    if keys is None:
        return f"{source} holds nothing for it."
    for place, key in zip(places, keys, strict=True):
        shape = tuple(place.variable.shape)
        if arrays[key].shape != shape:
            return f"{place.name.rpartition('/')[2]} is {_text(arrays[key].shape)} in {source} and {_text(shape)} here."
        if arrays[key].dtype.kind not in "fiub":
            return f"{source} holds no numbers for it."
    return ""


def _text(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one number"
