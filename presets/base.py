"""Presets: named architectures as parameters in, graph out."""

from __future__ import annotations

import abc
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from blocks.audio import MelSpectrogram
from blocks.base import Block
from blocks.declaration import Declaration
from blocks.errors import BlocksError, UnknownNameError, closest
from blocks.features import TABLE_INPUT, Feature, FeatureKind, columns_of, inputs_of, targets_of
from blocks.graph import Graph, NodeDocument
from blocks.ports import Input, Output
from blocks.preprocessing import ColumnEncoding, Normalization, Rescaling, Resizing
from blocks.registry import Registry
from blocks.spec import AnySpec, Shape, Spec, shape_text
from blocks.text import TextVectorization
from blocks.wiring import Node, Wiring

Subject = Literal["image", "columns", "text", "array", "sound", "series", "tokens"]
"""What a network looks at."""

DEFAULT_SIDE = 96
"""The largest side, in pixels, to which pictures of varying size are brought."""

registry: Registry[Preset] = Registry("preset", "presets")
families: dict[str, type[Preset]] = {}

SUBJECTS: dict[Subject, str] = {
    "image": "pictures",
    "columns": "tables",
    "text": "texts",
    "array": "arrays of numbers",
    "sound": "sounds",
    "series": "time series",
    "tokens": "what is already written",
}
NODES: dict[Subject, str] = {"tokens": "target_before"}
"""Ids of Inputs that are not called as what they let in."""
PREDICTED: dict[FeatureKind, str] = {
    "category": "a class", "number": "a number", "labels": "several labels", "mask": "a mask", "image": "a picture", "tokens": "a text",
    "identity": "an embedding",
}  # fmt: skip
"""What a network says to a target of each kind."""


class PresetError(BlocksError, ValueError):
    """A preset that doesn't fit the data."""


@dataclass(frozen=True)
class Golden:
    """A figure that is printed somewhere and that the preset must reproduce.

    Args:
        params: Parameters besides those of the variant.
        trainable_weights: Weights that training changes.
        multiply_adds: Products of one sample; None where nobody printed them.
        source: Where the figure stands.
    """

    variant: str
    input_shape: tuple[int, ...]
    classes: int
    trainable_weights: int
    source: str
    multiply_adds: int | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One input that a preset is fitted to.

    Args:
        name: What its Input is called in the graph.
        feature: The dataset's feature; None without a dataset, and for the columns of a table together.
        bound: Whether there is a dataset.
    """

    name: str
    subject: Subject
    shape: Shape
    feature: Feature | None = None
    bound: bool = False


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


class Preset(Declaration, abc.ABC):
    """Base of all presets: `wire` writes the body between the prepared input and the Output.

    Args:
        family: The name under which `presets.get` takes parameters; the class name when empty.
        subjects: What it can look at.
        together: Whether it looks at one input of each of its subjects at once, and not at one of any of them.
        predicts: Kinds of the targets that its end is made for.
        shared: Whether it can predict several targets from the same body, each at an Output of its own.
        target_axes: How many axes a target of numbers may have.
        year: When its paper appeared.
        paper: Author, title and address.
        variants: Ready choices of parameters by their well-known names.
        canonical_shape: The input shape of the paper, without the batch; for texts () and for tables one size.
        canonical_shapes: The same of the other subjects of a network that looks at several.
        canonical_classes: The number of classes of the paper.
        minimum_size: The least height and width that it takes; smaller pictures are enlarged.
        any_size: Whether it takes pictures in sizes of their own, so that none is resized.
        golden: Printed figures that it reproduces.
    """

    subjects: ClassVar[tuple[Subject, ...]] = ("image",)
    together: ClassVar[bool] = False
    shared: ClassVar[bool] = True
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("category", "number", "labels")
    target_axes: ClassVar[int] = 1
    year: ClassVar[int] = 0
    paper: ClassVar[str] = ""
    variants: ClassVar[dict[str, dict[str, Any]]] = {}
    canonical_shape: ClassVar[tuple[int, ...]] = ()
    canonical_shapes: ClassVar[dict[Subject, tuple[int, ...]]] = {}
    canonical_classes: ClassVar[int] = 10
    minimum_size: ClassVar[int] = 1
    any_size: ClassVar[bool] = False
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
        found = _subjects(inputs)
        if found is None or (not self.together and len(found) > 1):
            return f"{name} takes {wanted}; the dataset has several kinds of inputs."
        if set(found) != set(self.subjects) if self.together else not set(found) <= set(self.subjects):
            return f"{name} takes {wanted}; the dataset has {_all([SUBJECTS[subject] for subject in found])}."
        varying = next((each for each in inputs if each.kind == "array" and None in each.shape), None)
        if varying is not None:
            return f"{name} takes arrays of one size; those of {varying.name!r} vary."
        return ""

    def _misfit_of(self, target: Feature) -> str:
        """Why its end can't be made for a target; "" when it can."""
        if target.kind not in self.predicts:
            found = PREDICTED.get(target.kind, article(target.kind))
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
        fronts = [fitted._front(entry, nodes) for entry in situation.entries]
        net = Wiring(_unasked, *(spec for _, spec in fronts))
        body = fitted.wire(net, *net.inputs)
        targets = situation.targets or (None,)
        ends = [fitted.tower(net, body, number) for number, _ in enumerate(targets, start=1)]
        ids = {f"@{place}": last for place, (last, _) in enumerate(fronts)}
        for node_id, document in net.fragment(*ends).nodes.items():
            nodes[node_id] = document.model_copy(update={"inputs": tuple(ids.get(reference, reference) for reference in document.inputs)})
        for target, end in zip(targets, ends, strict=True):
            final = ids.get(end.reference, end.reference)
            classes = len(target.classes or ()) or None if target else situation.classes
            nodes[_unused("value" if target and target.kind == "number" else "label", nodes)] = as_node(self.head(target, classes), final)
        return Graph(name=self.name.partition("(")[0], nodes=nodes)

    def _situation(self, input_shape: Sequence[int] | None, classes: int | None, features: list[Feature]) -> Situation:
        if features:
            reason = self.misfit(features)
            if reason:
                raise PresetError(reason)
            found = _subjects(inputs_of(features)) or {}
            entries = [_bound_entry(subject, found[subject], features) for subject in self.subjects if subject in found]
            return Situation(tuple(entries), 0, tuple(targets_of(features)))
        shape = tuple(input_shape) if input_shape is not None else self.canonical_shape
        subject = _subject_of_shape(shape, self.subjects)
        if subject is None:
            wanted = " or ".join(SUBJECTS[each] for each in self.subjects)
            raise PresetError(f"{self.name}: invalid input_shape. Expected: the shape of {wanted}. Received: {shape_text(shape)}.")
        shapes: dict[Subject, tuple[int, ...]] = {each: self.canonical_shapes[each] for each in self.subjects if self.together and each != subject}
        entries = [
            Entry(NODES.get(each, each), each, {**shapes, subject: shape}[each]) for each in self.subjects if each == subject or each in shapes
        ]
        return Situation(tuple(entries), classes or self.canonical_classes)

    def _front(self, entry: Entry, nodes: dict[str, NodeDocument]) -> tuple[str, AnySpec]:
        """Adds the Input and what prepares it; returns the last node and what it gives."""
        name, subject, feature = entry.name, entry.subject, entry.feature
        if entry.bound:
            nodes[name] = as_node(Input(feature=feature.name if feature else TABLE_INPUT))
        else:
            kind: Any = {"image": "uint8", "text": "string", "tokens": "int32"}.get(subject, "float32")
            nodes[name] = as_node(Input(shape=tuple(size or 0 for size in entry.shape), dtype=kind))
        if subject == "columns" and entry.bound:
            nodes["encoding"] = as_node(self.column_encoding(), name)
            return "encoding", Spec((None,))
        if subject == "text":
            return self.text_front(name, feature, nodes)
        if subject in ("array", "series") and feature is not None:
            nodes["normalization"] = as_node(Normalization(), name)
            return "normalization", Spec(entry.shape)
        if subject == "sound":
            return self._sound_front(entry, nodes)
        if subject == "tokens":
            return name, Spec(entry.shape, "int32")
        return self._picture_front(entry, nodes) if subject == "image" else (name, Spec(entry.shape))

    def _sound_front(self, entry: Entry, nodes: dict[str, NodeDocument]) -> tuple[str, AnySpec]:
        spectrogram = self.spectrogram(entry.feature, entry.shape[0] or 0)
        if spectrogram is None:
            return entry.name, Spec(entry.shape)
        nodes["spectrogram"] = as_node(spectrogram, entry.name)
        nodes["normalization"] = as_node(Normalization(), "spectrogram")
        return "normalization", Spec((spectrogram.steps(entry.shape[0] or 0), spectrogram.num_mel_bins, 1))

    def _picture_front(self, entry: Entry, nodes: dict[str, NodeDocument]) -> tuple[str, AnySpec]:
        last = entry.name
        height, width, channels = entry.shape
        size, reason = self.size(height, width, entry.feature) if not self.any_size else ((height, width), "")
        if reason:
            nodes["resizing"] = as_node(Resizing(height=size[0], width=size[1]), last, title=reason)
            last = "resizing"
        nodes["rescaling"] = as_node(Rescaling(), last)
        return "rescaling", Spec((*size, channels))

    def head(self, target: Feature | None, classes: int | None) -> Output:
        """The end of the network for one target: what turns the body's values into the prediction."""
        return Output(target=target.name) if target else Output(units=classes, activation="softmax")

    def size(self, height: int | None, width: int | None, feature: Feature | None) -> tuple[tuple[int, int], str]:
        """The height and width at which pictures enter, and why they are not their own ("" when they are)."""
        return picture_size(height, width, feature, self.minimum_size)

    def tower(self, net: Wiring, body: Node, number: int) -> Node:  # noqa: ARG002 - a preset may add to it
        """What stands between the body and the Output of a target.

        Args:
            number: Of the target, from 1.
        """
        return body

    def suited(self, situation: Situation) -> Self:
        """The preset with parameters that inputs and targets decide."""
        return self.fitted(situation.entries[0].feature)

    def fitted(self, feature: Feature | None) -> Self:  # noqa: ARG002 - a preset may look at it
        """The preset with parameters that the input feature decides."""
        return self

    def column_encoding(self) -> ColumnEncoding:
        """How the columns of a table become numbers."""
        return ColumnEncoding()

    def spectrogram(self, feature: Feature | None, samples: int) -> MelSpectrogram | None:  # noqa: ARG002 - a preset may look at it
        """How sounds of so many samples become pictures of time and pitch; None: they enter as they are."""
        return None

    def text_front(self, text: str, feature: Feature | None, nodes: dict[str, NodeDocument]) -> tuple[str, AnySpec]:
        """Adds what turns texts into numbers behind their Input; returns the last node and what it gives."""
        vectorization = self.vectorization(feature)
        nodes["words"] = as_node(vectorization, text)
        length = vectorization.output_sequence_length if vectorization.output_mode == "int" else vectorization.max_tokens
        return "words", Spec((length,), "int64" if vectorization.output_mode == "int" else "float32")

    def vectorization(self, feature: Feature | None) -> TextVectorization:  # noqa: ARG002 - a preset may look at it
        """How texts become numbers."""
        return TextVectorization()


def picture_size(height: int | None, width: int | None, feature: Feature | None, minimum: int) -> tuple[tuple[int, int], str]:
    """The size at which pictures enter a network, and why it isn't their own ("" when it is).

    Varying sizes become a square of the median side, at most 96 pixels; what is smaller than `minimum` is enlarged.
    """
    reason = ""
    if height is None or width is None:
        known = feature.statistics if feature else {}
        sides = [float(known[name]) for name in ("median_height", "median_width") if known.get(name)]
        side = min(DEFAULT_SIDE, max(1, round(statistics.mean(sides)))) if sides else DEFAULT_SIDE
        height = width = side
        reason = f"The pictures' sizes vary; they become {side} x {side}."
    if min(height, width) < minimum:
        factor = minimum / min(height, width)
        small = f"{height} x {width}"
        height, width = max(minimum, round(height * factor)), max(minimum, round(width * factor))
        reason = f"The network needs at least {minimum} x {minimum} pixels; {small} becomes {height} x {width}."
    return (height, width), reason


def as_node(block: Block, *inputs: str, title: str = "") -> NodeDocument:
    """A block as a node of a graph."""
    return NodeDocument(block=type(block).__name__, params=block.params(), inputs=inputs, title=title)


def _unasked(block: Block, inputs: tuple[AnySpec, ...]) -> tuple[AnySpec, ...]:  # noqa: ARG001
    raise PresetError(f"A preset is wired from its parameters; it asked for the shape behind {type(block).__name__}.")


def _subjects(inputs: list[Feature]) -> dict[Subject, Feature] | None:
    """The inputs by what they are, the columns of a table as one; None where two are of one kind, or nothing is known of a kind."""
    found: dict[Subject, Feature] = {}
    columns = columns_of(inputs)
    if columns:
        found["columns"] = columns[0]
    for feature in inputs:
        if feature.is_column:
            continue
        subject = next((each for each in SUBJECTS if each == feature.kind), None)
        if subject is None or subject in found:
            return None
        found[subject] = feature
    return found


def _bound_entry(subject: Subject, feature: Feature, features: list[Feature]) -> Entry:
    if subject == "columns":
        return Entry(subject, subject, (len(columns_of(features)),), None, bound=True)
    return Entry(NODES.get(subject, subject), subject, feature.shape, feature, bound=True)


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


def _subject_of_shape(shape: Shape, subjects: tuple[Subject, ...]) -> Subject | None:
    for subject in subjects:
        axes = {"image": len(shape) == 3, "text": len(shape) == 0, "array": len(shape) >= 1, "sound": len(shape) == 1, "series": len(shape) == 2}
        if axes.get(subject, False):
            return subject
    return None


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


__all__ = ["Golden", "Preset", "PresetError", "get", "picture_size", "registry"]
