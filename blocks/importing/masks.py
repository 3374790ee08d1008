"""Masks: what Keras passes along by itself needs no nodes; what a person passed has no counterpart in a graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from blocks.importing.document import Call, Entry, Model, Tensor, tensors
from blocks.importing.plain_values import is_mapping

TOLD = "use_causal_mask"
OWN_MASK = "attention_mask"
OF_SAMPLES = ("OnesLike", "ZerosLike", "FullLike", "BroadcastTo")
"""Functions in the way of a mask that look at the numbers that are masked for their shape only."""


def is_mask(name: str) -> bool:
    """Whether an argument of that name is a mask that Keras fills in."""
    return name.endswith("mask") and name not in (TOLD, OWN_MASK)


def data_of(call: Call) -> list[Tensor]:
    """The tensors that a call computes with."""
    given: list[Any] = [*call.arguments, *(value for name, value in call.keywords.items() if not is_mask(name))]
    return list(tensors(given))


def masks_of(call: Call) -> list[Tensor]:
    """The masks that a call is given."""
    return list(tensors([value for name, value in call.keywords.items() if is_mask(name)]))


class Masks:
    """Tells masks that come from padding from others.

    Args:
        model: Whose layers mask.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._padded = _padding(model.entries.values())

    def are_passed_along(self, masks: Iterable[Tensor]) -> bool:
        """Whether every mask goes back to a layer that marks padding, through functions alone."""
        return all(self._is_passed_along(mask) for mask in masks)

    def _is_passed_along(self, mask: Tensor) -> bool:
        waiting, seen, found = [mask], {mask[:3]}, False
        while waiting:
            tensor = waiting.pop()
            entry = self._model.entries.get(tensor.layer)
            if entry is None or not entry.is_operation or tensor.call >= len(entry.calls):
                return False
            call = entry.calls[tensor.call]
            sources = list(tensors([*call.arguments, *call.keywords.values()]))
            if entry.kind == "NotEqual" and len(sources) == 1 and (sources[0][:3], _number(call)) in self._padded:
                found = True
            elif entry.kind not in OF_SAMPLES:
                fresh = [source for source in sources if source[:3] not in seen]
                seen.update(source[:3] for source in fresh)
                waiting += fresh
        return found


def _padding(entries: Iterable[Entry]) -> set[tuple[tuple[str, int, int], float]]:
    """What is compared with which number to find padding: (the tensor, the number)."""
    found: set[tuple[tuple[str, int, int], float]] = set()
    for entry in entries:
        number = _marks(entry)
        if number is None:
            continue
        for call in entry.calls:
            found |= {(tensor[:3], number) for tensor in data_of(call)[:1]}
    return found


def _marks(entry: Entry) -> float | None:
    """The number that a layer takes for padding; None for a layer that marks nothing."""
    if entry.kind == "Masking":
        value = entry.config.get("mask_value", 0.0)
        return float(value) if isinstance(value, int | float) else None
    return 0.0 if entry.config.get("mask_zero") is True else None


def _number(call: Call) -> float | None:
    for value in [*call.arguments, *call.keywords.values()]:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        if is_mapping(value) and value.get("class_name") in ("__numpy__", "__tensor__") and is_mapping(value.get("config")):
            inner = value["config"].get("value")
            return float(inner) if isinstance(inner, int | float) else None
    return None
