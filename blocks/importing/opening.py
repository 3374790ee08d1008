"""Models within a model that had better not be closed ones: what prepares data must stand behind an Input itself to run ahead of the training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from blocks.importing.classes import block_of
from blocks.importing.document import Call, Entry, Model, Tensor, read_model
from blocks.importing.masks import data_of

MOST_OPENED = 50
"""Models that are opened at the most."""
PLAIN = ("Cast", "Clip", "Round")
"""Functions that prepare data."""


def opened(model: Model) -> Model:
    """The outermost model with the layers of some inner ones in their place.

    These are models that are used once and only prepare or augment data, and one that carries the name of the model around it,
    as in the files that this program writes.
    """
    kept: set[str] = set()
    openings = 0
    while openings < MOST_OPENED:
        found = next((entry for entry in model.entries.values() if entry.is_model and len(entry.calls) == 1 and entry.name not in kept), None)
        if found is None:
            break
        inner = read_model(found.kind, found.config, said=found.said, place=found.place)
        fits = len(data_of(found.calls[0])) == len(inner.inputs)
        if fits and (inner.name == model.name != "" or all(_prepares(entry) for entry in inner.entries.values())):
            model = _spliced(model, found, inner)
            openings += 1
        else:
            kept.add(found.name)
    return model


def _prepares(entry: Entry) -> bool:
    if entry.is_input:
        return True
    if entry.is_operation:
        return entry.kind in PLAIN
    if entry.is_model:
        return all(_prepares(inner) for inner in read_model(entry.kind, entry.config).entries.values())
    block = block_of(entry)
    return block is not None and (block.preprocessing or block.augmentation)


def _spliced(model: Model, opened_entry: Entry, inner: Model) -> Model:
    """The model with the layers of an inner one."""
    given = data_of(opened_entry.calls[0])
    entering = {tensor.layer: outer for tensor, outer in zip(inner.inputs, given, strict=True)}
    layers = [entry for entry in inner.entries.values() if not entry.is_input]
    names = _free_names([entry.name for entry in layers], opened_entry.name, set(model.entries) - {opened_entry.name})

    def inside(value: Any) -> Any:
        if isinstance(value, Tensor):
            outer = entering.get(value.layer)
            return value._replace(layer=names[value.layer]) if outer is None else outer._replace(shape=value.shape or outer.shape)
        return _mapped(value, inside)

    def outside(value: Any) -> Any:
        if isinstance(value, Tensor):
            if value.layer != opened_entry.name or value.output >= len(inner.outputs):
                return value
            end = inside(inner.outputs[value.output])
            return end._replace(shape=value.shape or end.shape, dtype=value.dtype or end.dtype)
        return _mapped(value, outside)

    entries: dict[str, Entry] = {}
    for entry in model.entries.values():
        for each, change in [(layer, inside) for layer in layers] if entry is opened_entry else [(entry, outside)]:
            name = names[each.name] if change is inside else each.name
            calls = tuple(Call(change(call.arguments), change(call.keywords)) for call in each.calls)
            entries[name] = replace(each, name=name, calls=calls)
    return replace(model, entries=entries, outputs=[outside(tensor) for tensor in model.outputs])


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, list):
        return [change(each) for each in value]
    if isinstance(value, dict) and "class_name" not in value:
        return {key: change(each) for key, each in value.items()}
    return value


def _free_names(names: list[str], around: str, taken: set[str]) -> dict[str, str]:
    """Names for layers that move in, by those that they had."""
    found: dict[str, str] = {}
    for name in names:
        free, number = name, 1
        while free in taken:
            free, number = f"{around}_{name}" if number == 1 else f"{around}_{name}_{number}", number + 1
        taken.add(free)
        found[name] = free
    return found
