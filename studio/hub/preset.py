"""A preset of keras-hub as values: what its files say, checked before anything is made of it. No class is looked up, and no code is run."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from blocks.base import Block
from blocks.preprocessing import Normalization, Rescaling
from studio.hub import catalog, download
from studio.hub.catalog import CONFIG, CONVERTER, WEIGHTS
from studio.hub.errors import HubError
from studio.hub.families import FAMILIES, Family, refusal
from studio.pretrained.fitting import COLOURS
from studio.workspace import visible

MOST_BYTES = 1_000_000
"""Of a configuration."""
MOST_VALUES, MOST_NUMBER, MOST_REPEATS, LONGEST_TEXT, DEEPEST = 5_000, 65_536, 1_000, 100, 4
"""How many values, how large a number, how many layers of a kind, how long a text and how many lists within each other it may have."""
STAGES = "stackwise_stage_filters"
"""Where HGNetV2 says it."""
LEFT_OUT = ("name", "trainable", "dtype")
"""Arguments that every backbone has and that are decided here."""

PerColour = TypeAdapter(float | tuple[float, float, float] | None)


@dataclass(frozen=True)
class HubPreset:
    """A network of keras-hub before it is built.

    Args:
        name: What people call it.
        kind: The class of its backbone.
        arguments: Of that class: plain numbers, texts and lists of them.
        size: Height and width of the pictures that it was trained on; None where its files don't say.
        preparation: What stands before it, by the ids of the nodes.
        source: Its folder, or the preset of keras-hub that it is.
    """

    name: str
    kind: str
    arguments: dict[str, Any]
    size: tuple[int, int] | None
    preparation: dict[str, Block]
    source: Path | catalog.Published

    @property
    def family(self) -> Family:
        return FAMILIES[self.kind]

    def weights(self) -> Path:
        """Its file of weights, downloaded where it is not here.

        Raises:
            HubError: It can't be had.
        """
        found = _file(self.source, WEIGHTS)
        if found is None:
            raise HubError(f"There is no {WEIGHTS} in {self.name}, and no other file of weights is read. Save the backbone with save_to_preset.")
        return found


def folder(name: str) -> Path | None:
    """The folder that a name behind `hub:` is; None for a name of keras-hub's."""
    path = Path(name).expanduser()
    return path.resolve() if path.is_dir() else None


def called(name: str) -> str:
    """What people call a network: its name, or that of its folder."""
    path = folder(name)
    return visible(path.name)[:80] if path else name


def read(name: str) -> HubPreset:
    """What the files of a network say. Those of a preset of keras-hub are downloaded where they are not here.

    Args:
        name: Of keras-hub, or of a folder that `save_to_preset` wrote.

    Raises:
        HubError: There is no such network, it can't be had or taken, or its files say something that a backbone doesn't.
    """
    source = folder(name) or catalog.get(name)
    said = called(name)
    found = _file(source, CONFIG)
    if found is None:
        raise HubError(f"{said} is no preset of keras-hub: there is no {CONFIG} in it. Save the backbone with save_to_preset.")
    config = _json(found, said)
    kind = config.get("class_name") if isinstance(config, dict) else None
    given = config.get("config") if isinstance(config, dict) else None
    if not isinstance(kind, str) or not isinstance(given, dict):
        raise HubError(f"{said} is no preset of keras-hub: its {CONFIG} names no class and no arguments.")
    if kind not in FAMILIES:
        raise HubError(refusal(said, kind))
    arguments = {key: value for key, value in given.items() if key not in LEFT_OUT}
    _check(said, arguments, FAMILIES[kind])
    converter = _file(source, CONVERTER)
    size, preparation = _prepared(said, _json(converter, said) if converter else None)
    return HubPreset(said, kind, arguments, size or _trained_size(said, arguments, FAMILIES[kind]), preparation, source)


def _file(source: Path | catalog.Published, name: str) -> Path | None:
    """A file of a preset. In a folder nothing leads out of it."""
    if not isinstance(source, Path):
        return download.file(source, name)
    found = source / name
    if not found.exists():
        return None
    if not found.is_file() or found.resolve().parent != source:
        raise HubError(f"{name} in {visible(source.name)} is no file of that folder; links to other places are not followed.")
    return found


def _json(path: Path, said: str) -> Any:
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    try:
        if len(content) > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise HubError(f"{path.name} of {said} could not be read: {str(error).splitlines()[0][:200]}.") from error


def _check(said: str, arguments: dict[str, Any], family: Family) -> None:
    """Raises HubError where an argument is more than a backbone of keras-hub has."""
    values = 0
    for name, value in arguments.items():
        for plain in _plain(value, 0):
            values += 1
            if plain is NotImplemented or values > MOST_VALUES or not isinstance(name, str):
                raise HubError(f"{CONFIG} of {said}: {str(name)[:80]!r} is no number, short text or list of them, as backbones of keras-hub have.")
    repeats = sum(abs(plain) for name in family.repeats for plain in _plain(arguments.get(name), 0) if isinstance(plain, int | float))
    repeats += sum(abs(row[3] * row[4]) for row in _rows(arguments.get(STAGES)))
    if repeats > MOST_REPEATS:
        raise HubError(f"{CONFIG} of {said} asks for {repeats:,} layers of a kind; networks have at most {MOST_REPEATS:,}.")


def _rows(value: Any) -> list[list[Any]]:
    """The stages of a network whose rows of numbers say so: how many blocks stand fourth, how many layers in each fifth."""
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, list) and len(row) > 4 and all(isinstance(number, int | float) for number in row)]


def _plain(value: Any, depth: int) -> Iterator[Any]:
    """The values within lists; NotImplemented for what may not be there."""
    if isinstance(value, list) and depth < DEEPEST:
        for each in value:
            yield from _plain(each, depth + 1)
    elif value is None or isinstance(value, bool):
        yield value
    elif isinstance(value, int | float):
        yield value if math.isfinite(value) and abs(value) <= MOST_NUMBER else NotImplemented
    else:
        yield value if isinstance(value, str) and len(value) <= LONGEST_TEXT else NotImplemented


def _trained_size(said: str, arguments: dict[str, Any], family: Family) -> tuple[int, int] | None:
    shape = arguments.get(family.shape)
    if shape is None and family.fits_any_size:
        return None
    if not isinstance(shape, list) or len(shape) != COLOURS or shape[2] != COLOURS:
        raise HubError(f"{CONFIG} of {said}: {family.shape} is not the shape of coloured pictures.")
    sides = shape[:2]
    return (sides[0], sides[1]) if all(isinstance(side, int) and side > 0 for side in sides) else None


def _prepared(said: str, converter: Any) -> tuple[tuple[int, int] | None, dict[str, Block]]:
    """The size of the pictures, and what an image converter does with pixels: times a scale, and an offset, each per colour or for all.

    Without a converter pixels from 0 to 255 become values from 0 to 1.
    """
    if converter is None:
        return None, {"rescaling": Rescaling()}
    config = converter.get("config") if isinstance(converter, dict) else None
    try:
        if not isinstance(config, dict):
            raise ValueError("it has no values")
        scale, offset = _scale_and_offset(config)
        size = TypeAdapter(tuple[int, int] | None).validate_python(config.get("image_size") or _old_size(config))
        if size and not all(0 < side <= MOST_NUMBER for side in size):
            raise ValueError("its image_size is no size of pictures")
    except (ValueError, TypeError) as error:
        reason = "its scale, offset or image_size are no numbers" if isinstance(error, ValidationError | TypeError) else str(error)
        raise HubError(f"{CONVERTER} of {said} could not be read: {reason}.") from error
    if isinstance(scale, float) and isinstance(offset, float):
        return size, {"rescaling": Rescaling(scale=scale, offset=offset)}
    scales, offsets = _each(scale), _each(offset)
    means = tuple(-shift / factor for factor, shift in zip(scales, offsets, strict=True))
    return size, {"normalization": Normalization(mean=means, variance=tuple(1 / factor**2 for factor in scales))}


def _scale_and_offset(config: dict[str, Any]) -> tuple[Any, Any]:
    scale: Any = PerColour.validate_python(config.get("scale"))
    offset: Any = PerColour.validate_python(config.get("offset"))
    if config.get("mean") is not None and config.get("variance") is not None:  # as older files have it
        deviations = [math.sqrt(each) for each in _each(PerColour.validate_python(config["variance"]))]
        factors = _each(1.0 if scale is None else scale)
        scale = tuple(factor / each for factor, each in zip(factors, deviations, strict=True))
        offset = tuple(-mean / each for mean, each in zip(_each(PerColour.validate_python(config["mean"])), deviations, strict=True))
    scale, offset = 1.0 if scale is None else scale, 0.0 if offset is None else offset
    if not all(math.isfinite(each) and each > 0 for each in _each(scale)) or not all(map(math.isfinite, _each(offset))):
        raise ValueError("its scale is not above 0, or a number is not finite")
    return scale, offset


def _old_size(config: dict[str, Any]) -> Any:
    return (config["height"], config["width"]) if config.get("height") and config.get("width") else None


def _each(value: Any) -> tuple[float, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,) * COLOURS
