"""Presets: named architectures as parameters in, graph out."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from blocks.base import Block
from blocks.errors import BlocksError, UnknownNameError, closest
from blocks.features import Feature, FeatureKind, inputs_of, targets_of
from blocks.graph import Fragment, Graph, NodeDocument
from blocks.ports import Output
from blocks.registry import Registry
from blocks.spec import AnySpec, shape_text
from blocks.wiring import Node, Wiring
from presets.fronts import NODES, SUBJECTS, Entry, Fronts, Subject, as_node, bound_entry, subject_of_shape, subjects_of
from presets.golden import Golden, Stages

registry: Registry[Preset] = Registry("preset", "presets")
families: dict[str, type[Preset]] = {}

PREDICTED: dict[FeatureKind, str] = {
    "category": "a class", "number": "a number", "labels": "several labels", "mask": "a mask", "image": "a picture", "tokens": "a text",
    "transcript": "a transcript", "identity": "an embedding",
}  # fmt: skip
"""What a network says to a target of each kind."""
IDENTITIES = 'Import class folders that become "Pictures, same or not" (by command: --kind verification).'
"""What gives a dataset whose target is an identity."""


class PresetError(BlocksError, ValueError):
    """A preset that doesn't fit the data."""


@dataclass(frozen=True)
class Situation:
    """What a preset is fitted to.

    Args:
        entries: The inputs, in the order of the preset's subjects.
        classes: Number of classes where there is no dataset.
        targets: The dataset's targets; none without one.
    """

    entries: tuple[Entry, ...]
    classes: int
    targets: tuple[Feature, ...] = ()


class Preset(Fronts, abc.ABC):
    """Base of all presets: `wire` writes the body between the prepared input and the Output.

    Args:
        family: The name under which `presets.get` takes parameters; the class name when empty.
        subjects: What it can look at.
        together: Whether it looks at one input of each of its subjects at once, and not at one of any of them.
        branches: What tells several inputs of one subject apart, in the names of their nodes; none where it looks at one.
        predicts: Kinds of the targets that its end is made for.
        shared: Whether it can predict several targets from the same body, each at an Output of its own.
        target_axes: How many axes a target of numbers may have.
        year: When its paper appeared.
        paper: Author, title and address.
        variants: Ready choices of parameters by their well-known names.
        canonical_shape: The input shape of the paper, without the batch; for texts () and for tables one size. `canonical` says that of a variant.
        canonical_shapes: The same of the other subjects of a network that looks at several.
        canonical_classes: The number of classes of the paper.
        side_weight: Factor of the loss of each head in the middle.
        golden: Printed figures that it reproduces.
    """

    subjects: ClassVar[tuple[Subject, ...]] = ("image",)
    together: ClassVar[bool] = False
    branches: ClassVar[tuple[str, ...]] = ()
    shared: ClassVar[bool] = True
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("category", "number", "labels")
    target_axes: ClassVar[int] = 1
    year: ClassVar[int] = 0
    paper: ClassVar[str] = ""
    variants: ClassVar[dict[str, dict[str, Any]]] = {}
    canonical_shape: ClassVar[tuple[int, ...]] = ()
    canonical_shapes: ClassVar[dict[Subject, tuple[int, ...]]] = {}
    canonical_classes: ClassVar[int] = 10
    side_weight: ClassVar[float] = 0.3
    golden: ClassVar[tuple[Golden, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.year and not cls.__name__.startswith("_"):
            families[cls.__name__] = cls
            for name, params in (cls.variants or {cls.__name__: {}}).items():
                registry.add(name, cls.read(params))

    @abc.abstractmethod
    def wire(self, net: Wiring, x: Node) -> Node:
        """Adds the body to `net` and returns what the Output takes. Only the shape at `x` may be asked for.

        With `together` it is given one node for each subject, in their order.
        """

    @property
    def name(self) -> str:
        """The variant's name, or the family's with the parameters that differ."""
        for name, params in self.variants.items():
            if self.params() == type(self).read(params).params():
                return name
        listed = ", ".join(f"{key}={value}" for key, value in self.params().items())
        return f"{type(self).__name__}({listed})" if listed else type(self).__name__

    @property
    def canonical(self) -> tuple[tuple[int, ...], int]:
        """The input shape and the number of classes for which these parameters were published."""
        return self.canonical_shape, self.canonical_classes

    def misfit(self, features: Sequence[Feature]) -> str:
        """Why the preset can't take this dataset, in one sentence; "" when it can."""
        name = self.name
        inputs, targets = inputs_of(list(features)), targets_of(list(features))
        if not targets or (len(targets) > 1 and not self.shared):
            return f"{name} predicts one target; the dataset has {len(targets)}."
        for target in targets:
            reason = self._misfit_of(target)
            if reason:
                return reason
        if not inputs:
            return "The dataset has no input."
        wanted = (_all if self.together else _either)([SUBJECTS[subject] for subject in self.subjects])
        found = [subject for subject, _ in subjects_of(inputs) or ()]
        if not found:
            return f"{name} takes {wanted}; the dataset has inputs of other kinds."
        if not self.looks_at(found):
            if len(found) > 1 and len(set(found)) == 1:
                return f"{name} takes {wanted}; each sample of the dataset has {len(found)} inputs of this kind."
            return f"{name} takes {wanted}; the dataset has {_all([SUBJECTS[subject] for subject in found])}."
        varying = next((each for each in inputs if each.kind == "array" and None in each.shape), None)
        if varying is not None:
            return f"{name} takes arrays of one size; those of {varying.name!r} vary."
        return ""

    def looks_at(self, found: Sequence[Subject]) -> bool:
        """Whether it takes a dataset with these inputs, one entry for each."""
        if self.together:
            return sorted(found) == sorted(self.subjects)
        return len(found) == 1 and found[0] in self.subjects

    def _misfit_of(self, target: Feature) -> str:
        """Why its end can't be made for a target; "" when it can."""
        if target.kind not in self.predicts:
            found = PREDICTED.get(target.kind, article(target.kind))
            if self.predicts == ("identity",):
                return f"{self.name} learns which pictures show the same; {target.name!r} is {found}. {IDENTITIES}"
            return f"{self.name} predicts {_either([PREDICTED[kind] for kind in self.predicts])}; {target.name!r} is {found}."
        if target.kind == "number" and len(target.shape) > self.target_axes:
            return f"{self.name} predicts numbers in a row; {target.name!r} has the shape {shape_text(target.shape)}."
        if target.kind in ("category", "labels") and len(target.classes or ()) < 2:
            return f"{target.name!r} has fewer than two classes."
        return ""

    def fits(self, features: Sequence[Feature]) -> bool:
        """Whether the preset can take this dataset."""
        return not self.misfit(features)

    def graph(self, input_shape: Sequence[int] | None = None, classes: int | None = None, features: Sequence[Feature] | None = None) -> Graph:
        """The network.

        With `features`, inputs, target, sizes and head follow the dataset; otherwise the given numbers, or those of the paper.

        Args:
            input_shape: Without the batch axis: (height, width, channels), (features,) for an MLP, () for a text.

        Raises:
            PresetError: The dataset, or the shape, doesn't fit.
        """
        situation = self._situation(input_shape, classes, list(features or []))
        nodes: dict[str, NodeDocument] = {}
        fitted = self.suited(situation)
        fronts = [fitted.front(entry, nodes) for entry in situation.entries]
        net = Wiring(unasked, *(spec for _, spec in fronts))
        body = fitted.wire(net, *net.inputs)
        targets = situation.targets or (None,)
        ends = [fitted.tower(net, body, number) for number, _ in enumerate(targets, start=1)]
        sides = fitted.side_ends(net)
        ids = {f"@{place}": last for place, (last, _) in enumerate(fronts)}
        for node_id, document in net.fragment(*ends, *sides.values()).nodes.items():
            nodes[node_id] = document.model_copy(update={"inputs": tuple(ids.get(reference, reference) for reference in document.inputs)})
        for target, end in zip(targets, ends, strict=True):
            final = ids.get(end.reference, end.reference)
            classes = len(target.classes or ()) or None if target else situation.classes
            head = self.head(target, classes)
            nodes[_unused("value" if target and target.kind == "number" else "label", nodes)] = as_node(head, final)
            beside = head.model_copy(update={"training_only": True, "loss_weight": self.side_weight})
            for name, side in sides.items():
                nodes[_unused(name, nodes)] = as_node(beside, side.reference)
        return Graph(name=self.name.partition("(")[0], nodes=nodes, modules=fitted.modules(situation, [spec for _, spec in fronts]))

    def _situation(self, input_shape: Sequence[int] | None, classes: int | None, features: list[Feature]) -> Situation:
        if features:
            reason = self.misfit(features)
            if reason:
                raise PresetError(reason)
            found = subjects_of(inputs_of(features)) or []
            entries = [bound_entry(subject, feature, features) for subject in self.subjects for kind, feature in found if kind == subject]
            return Situation(tuple(entries), 0, tuple(targets_of(features)))
        own_shape, own_classes = self.canonical
        shape = tuple(input_shape) if input_shape is not None else own_shape
        subject = subject_of_shape(shape, self.subjects)
        if subject is None:
            wanted = " or ".join(SUBJECTS[each] for each in self.subjects)
            raise PresetError(f"{self.name}: invalid input_shape. Expected: the shape of {wanted}. Received: {shape_text(shape)}.")
        shapes: dict[Subject, tuple[int, ...]] = {each: self.canonical_shapes[each] for each in self.subjects if self.together and each != subject}
        entries = [
            Entry(NODES.get(each, each), each, {**shapes, subject: shape}[each]) for each in self.subjects if each == subject or each in shapes
        ]
        return Situation(tuple(entries), classes or own_classes)

    def head(self, target: Feature | None, classes: int | None) -> Output:
        """The end of the network for one target: what turns the body's values into the prediction."""
        return Output(target=target.name) if target else Output(units=classes, activation="softmax")

    def tower(self, net: Wiring, body: Node, number: int) -> Node:  # noqa: ARG002 - a preset may add to it
        """What stands between the body and the Output of a target.

        Args:
            number: Of the target, from 1.
        """
        return body

    def side_ends(self, net: Wiring) -> dict[str, Node]:  # noqa: ARG002 - a preset may add to it
        """What further Outputs for training only take, by their ids: heads in the middle, behind nodes that `wire` has added."""
        return {}

    def modules(self, situation: Situation, inputs: Sequence[AnySpec]) -> dict[str, Fragment]:  # noqa: ARG002 - a preset may bring some
        """Composites that the network brings along, by name.

        Args:
            inputs: What the prepared inputs give.
        """
        return {}

    def suited(self, situation: Situation) -> Self:
        """The preset with parameters that inputs and targets decide."""
        return self.fitted(situation.entries[0].feature)

    def fitted(self, feature: Feature | None) -> Self:  # noqa: ARG002 - a preset may look at it
        """The preset with parameters that the input feature decides."""
        return self


def unasked(block: Block, inputs: tuple[AnySpec, ...]) -> tuple[AnySpec, ...]:  # noqa: ARG001
    """What a preset's wiring answers where it is asked for a shape."""
    raise PresetError(f"A preset is wired from its parameters; it asked for the shape behind {type(block).__name__}.")


def _unused(wanted: str, nodes: dict[str, NodeDocument]) -> str:
    """An id that no node has: label, label_2 ..."""
    number, found = 2, wanted
    while found in nodes:
        number, found = number + 1, f"{wanted}_{number}"
    return found


def article(noun: str) -> str:
    """A noun with its article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _all(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def get(name: str, params: dict[str, Any]) -> Preset:
    """A variant, or a family, with parameters.

    Raises:
        UnknownNameError: There is neither; the message names the closest one.
        InvalidValueError: A parameter is refused.
    """
    known = registry.all()
    if name in known and not params:
        return known[name]
    if name in known:
        return type(known[name]).read({**known[name].model_dump(mode="json"), **params})
    if name in families:
        return families[name].read(params)
    near = closest(name, [*known, *families])
    raise UnknownNameError(f"There is no preset named {name!r}. " + (f"Did you mean {near!r}?" if near else f"Known: {', '.join(known)}."))


__all__ = ["Golden", "Preset", "PresetError", "Stages", "get", "registry"]
