"""Functions that need no node: what blocks do by themselves, and what precision alone asks for."""

from __future__ import annotations

from collections import defaultdict

from blocks.importing.document import Entry, Model, Tensor
from blocks.importing.errors import Problem
from blocks.importing.masks import data_of

PICTURES = ("Resizing", "CenterCrop", "AutoContrast", "Equalization", "ContrastLimitedAdaptiveHistogramEqualization")
"""Layers whose blocks give whole pixels where whole pixels enter."""

WANTED = {
    **dict.fromkeys(("Embedding", "ReversibleEmbedding"), "int32"),
    **dict.fromkeys(("TextVectorization", "StringLookup"), "string"),
}
"""Layers that take one kind of values only."""

Place = tuple[str, int]
"""A layer's name and the number of the call."""


class Passing:
    """What stands for the tensors of calls that need no node.

    Args:
        live: The calls on the way to the outputs.
        outermost: Whether it is no model within another.
    """

    def __init__(self, model: Model, live: set[Place], *, outermost: bool) -> None:
        self._model = model
        self._live = live
        self.instead: dict[Place, Tensor] = {}
        self.notes: list[Problem] = []
        self.users: dict[Place, list[Place]] = defaultdict(list)
        for name, call in live:
            calls = model.entries[name].calls
            for tensor in data_of(calls[call]) if calls else ():
                self.users[(tensor.layer, tensor.call)].append((name, call))
        ends = [(tensor.layer, tensor.call) for tensor in model.outputs]
        for name, call in sorted(live):
            entry = model.entries[name]
            if entry.is_operation and entry.kind == "Cast":
                self._cast(entry, call)
        for name, entry in model.entries.items():
            if entry.kind in PICTURES and not entry.is_operation and len(entry.calls) == 1 and (name, 0) in live:
                self._whole_pixels(entry, ends)
        if outermost:
            for place in ends:
                self._single_numbers(place)

    def resolved(self, tensor: Tensor) -> Tensor:
        """What takes the place of a tensor."""
        passed: dict[Place, None] = {}
        while (place := (tensor.layer, tensor.call)) in self.instead and place not in passed:
            passed[place] = None
            tensor = self.instead[place]
        self.instead |= dict.fromkeys(passed, tensor)  # so that no way is gone twice
        return tensor

    def wanted_kind(self, name: str) -> str:
        """What all that takes an input wants, whatever the file says of it: "int32" to look numbers up, "string", or "" for anything."""
        users = {self._wants(self._model.entries[user]) for user, _ in self.users.get((name, 0), [])}
        return users.pop() if len(users) == 1 else ""

    def _wants(self, entry: Entry) -> str:
        if entry.is_operation:
            return "int32" if entry.kind == "Cast" and _is_whole(str(entry.config.get("dtype"))) else ""
        return WANTED.get(entry.kind, "")

    def _cast(self, entry: Entry, call: int) -> None:
        sources = data_of(entry.calls[call])
        dtype = entry.config.get("dtype")
        if len(sources) != 1 or not isinstance(dtype, str):
            return
        source = sources[0]
        from_input = self._model.entries[source.layer].is_input and self.wanted_kind(source.layer) == "int32"
        if dtype.startswith(("float", "bfloat")) and source.dtype != "string":
            if dtype != "float32" and dtype != source.dtype:
                self.notes.append(Problem(entry.said, entry.kind, "precision follows the training."))
        elif not (_is_whole(dtype) and (_is_whole(source.dtype) or from_input)):
            return
        self.instead[(entry.name, call)] = source

    def _whole_pixels(self, entry: Entry, ends: list[Place]) -> None:
        """Pixels that are rounded and made whole again behind a layer, as its block does by itself."""
        sources = data_of(entry.calls[0])
        if not sources or self.resolved(sources[0]).dtype != "uint8":
            return
        places: list[Place] = [(entry.name, 0)]
        for kinds in (("Clip", "Round"), ("Round", "Cast"), ("Cast",)):
            users = self.users.get(places[-1], [])
            if len(users) != 1 or places[-1] in ends:
                break
            follower = self._model.entries[users[0][0]]
            if not follower.is_operation or follower.kind not in kinds or len(follower.calls) != 1:
                break
            places.append(users[0])
            if follower.kind == "Cast":
                break
        last = self._model.entries[places[-1][0]]
        if last.kind == "Cast" and last.config.get("dtype") == "uint8" and len(places) > 2:
            for place in places[1:]:
                self.instead[place] = Tensor(entry.name, 0, 0, dtype="uint8")
        else:
            self.notes.append(Problem(entry.said, entry.kind, "it gives whole pixels here, where whole pixels enter."))

    def _single_numbers(self, place: Place) -> None:
        """What takes the last axis off single numbers at the very end: an Output keeps it."""
        entry = self._model.entries[place[0]]
        if not entry.is_operation or entry.kind != "Squeeze" or self.users.get(place):
            return
        (source,) = data_of(entry.calls[place[1]])[:1] or (None,)
        if source is not None and source.shape is not None and len(source.shape) == 2 and entry.config.get("axis") in (None, -1, 1, [-1], [1]):
            self.instead[place] = source
            self.notes.append(Problem(entry.said, entry.kind, "each number that comes out keeps an axis of size 1."))


def _is_whole(dtype: str) -> bool:
    return dtype.startswith(("int", "uint", "bool"))


def live_calls(model: Model) -> set[Place]:
    """The calls that the outputs depend on, masks left aside; InputLayers are all among them."""
    found: set[Place] = {(name, 0) for name, entry in model.entries.items() if entry.is_input}
    waiting = [(tensor.layer, tensor.call) for tensor in model.outputs]
    while waiting:
        place = waiting.pop()
        if place in found:
            continue
        found.add(place)
        calls = model.entries[place[0]].calls
        if calls:
            waiting += [(tensor.layer, tensor.call) for tensor in data_of(calls[place[1]])]
    return found
