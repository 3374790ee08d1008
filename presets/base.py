"""Presets: named architectures as parameters in, graph out."""

from __future__ import annotations

import abc
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from blocks.base import Block
from blocks.declaration import Declaration
from blocks.errors import BlocksError, UnknownNameError, closest
from blocks.features import TABLE_INPUT, Feature, columns_of, inputs_of, targets_of
from blocks.graph import Graph, NodeDocument
from blocks.ports import Input, Output
from blocks.preprocessing import ColumnEncoding, Normalization, Rescaling, Resizing
from blocks.registry import Registry
from blocks.spec import AnySpec, Shape, Spec, shape_text
from blocks.text import TextVectorization
from blocks.wiring import Node, Wiring

Subject = Literal["image", "columns", "text", "array"]
"""What a network looks at."""

DEFAULT_SIDE = 96
"""The largest side, in pixels, to which pictures of varying size are brought."""

registry: Registry[Preset] = Registry("preset", "presets")
families: dict[str, type[Preset]] = {}

SUBJECTS: dict[Subject, str] = {"image": "pictures", "columns": "tables", "text": "texts", "array": "arrays of numbers"}


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
class Situation:
    """What a preset is fitted to.

    Args:
        feature: The input feature, where there is a dataset and the subject is no table.
        classes: Number of classes, or None for numbers as targets.
    """

    subject: Subject
    shape: Shape
    classes: int | None
    feature: Feature | None = None
    target: Feature | None = None


class Preset(Declaration, abc.ABC):
    """Base of all presets: `wire` writes the body between the prepared input and the Output.

    Args:
        family: The name under which `presets.get` takes parameters; the class name when empty.
        subjects: What it can look at.
        year: When its paper appeared.
        paper: Author, title and address.
        variants: Ready choices of parameters by their well-known names.
        canonical_shape: The input shape of the paper, without the batch; for texts () and for tables one size.
        canonical_classes: The number of classes of the paper.
        minimum_size: The least height and width that it takes; smaller pictures are enlarged.
        golden: Printed figures that it reproduces.
    """

    subjects: ClassVar[tuple[Subject, ...]] = ("image",)
    year: ClassVar[int] = 0
    paper: ClassVar[str] = ""
    variants: ClassVar[dict[str, dict[str, Any]]] = {}
    canonical_shape: ClassVar[tuple[int, ...]] = ()
    canonical_classes: ClassVar[int] = 10
    minimum_size: ClassVar[int] = 1
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
        """Adds the body to `net` and returns what the Output takes. Only the shape at `x` may be asked for."""

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
        wanted = " or ".join(SUBJECTS[subject] for subject in self.subjects)
        if len(targets) != 1:
            return f"{name} predicts one target; the dataset has {len(targets)}."
        if targets[0].kind not in ("category", "number") or targets[0].shape:
            return f"{name} predicts a class or a number; {targets[0].name!r} is neither."
        if targets[0].kind == "category" and len(targets[0].classes or ()) < 2:
            return f"{targets[0].name!r} has fewer than two classes."
        if not inputs:
            return "The dataset has no input."
        subject = _subject(inputs)
        if subject is None:
            return f"{name} takes {wanted}; the dataset has several kinds of inputs."
        if subject not in self.subjects:
            return f"{name} takes {wanted}; the dataset has {SUBJECTS[subject]}."
        if subject == "array" and None in inputs[0].shape:
            return f"{name} takes arrays of one size; those of {inputs[0].name!r} vary."
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
        fitted = self.fitted(situation.feature)
        last, spec = fitted._front(situation, nodes)
        net = Wiring(_unasked, spec)
        (start,) = net.inputs
        end = fitted.wire(net, start)
        inside = net.fragment(end)
        for node_id, document in inside.nodes.items():
            nodes[node_id] = document.model_copy(update={"inputs": tuple(last if reference == "@0" else reference for reference in document.inputs)})
        final = last if end.reference == "@0" else end.reference
        target = situation.target
        head = Output(target=target.name) if target else Output(units=situation.classes, activation="softmax")
        name = "value" if target and target.kind == "number" else "label"
        nodes[name] = _document(head, final)
        return Graph(name=self.name.partition("(")[0], nodes=nodes)

    def _situation(self, input_shape: Sequence[int] | None, classes: int | None, features: list[Feature]) -> Situation:
        if features:
            reason = self.misfit(features)
            if reason:
                raise PresetError(reason)
            inputs, target = inputs_of(features), targets_of(features)[0]
            subject = _subject(inputs)
            assert subject is not None  # noqa: S101 - misfit has refused it
            shape: Shape = (len(columns_of(features)),) if subject == "columns" else inputs[0].shape
            return Situation(subject, shape, len(target.classes or ()) or None, None if subject == "columns" else inputs[0], target)
        shape = tuple(input_shape) if input_shape is not None else self.canonical_shape
        subject = _subject_of_shape(shape, self.subjects)
        if subject is None:
            wanted = " or ".join(SUBJECTS[each] for each in self.subjects)
            raise PresetError(f"{self.name}: invalid input_shape. Expected: the shape of {wanted}. Received: {shape_text(shape)}.")
        return Situation(subject, shape, classes or self.canonical_classes)

    def _front(self, situation: Situation, nodes: dict[str, NodeDocument]) -> tuple[str, AnySpec]:
        """Adds the Input and what prepares it; returns the last node and what it gives."""
        subject, feature = situation.subject, situation.feature
        if feature is not None or subject == "columns":
            nodes[subject] = _document(Input(feature=feature.name if feature else TABLE_INPUT))
        else:
            kind: Any = {"image": "uint8", "text": "string"}.get(subject, "float32")
            nodes[subject] = _document(Input(shape=tuple(size or 0 for size in situation.shape), dtype=kind))
        if subject == "columns":
            nodes["encoding"] = _document(self.column_encoding(), subject)
            return "encoding", Spec((None,))
        if subject == "text":
            vectorization = self.vectorization(feature)
            nodes["words"] = _document(vectorization, subject)
            length = vectorization.output_sequence_length if vectorization.output_mode == "int" else vectorization.max_tokens
            return "words", Spec((length,), "int64" if vectorization.output_mode == "int" else "float32")
        if subject == "array":
            if feature is None:
                return subject, Spec(situation.shape)
            nodes["normalization"] = _document(Normalization(), subject)
            return "normalization", Spec(situation.shape)
        return self._picture_front(situation, nodes)

    def _picture_front(self, situation: Situation, nodes: dict[str, NodeDocument]) -> tuple[str, AnySpec]:
        last: str = situation.subject
        height, width, channels = situation.shape
        size, reason = picture_size(height, width, situation.feature, self.minimum_size)
        if reason:
            nodes["resizing"] = _document(Resizing(height=size[0], width=size[1]), last, title=reason)
            last = "resizing"
        nodes["rescaling"] = _document(Rescaling(), last)
        return "rescaling", Spec((*size, channels))

    def fitted(self, feature: Feature | None) -> Self:  # noqa: ARG002 - a preset may look at it
        """The preset with parameters that the input feature decides."""
        return self

    def column_encoding(self) -> ColumnEncoding:
        """How the columns of a table become numbers."""
        return ColumnEncoding()

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


def _document(block: Block, *inputs: str, title: str = "") -> NodeDocument:
    return NodeDocument(block=type(block).__name__, params=block.params(), inputs=inputs, title=title)


def _unasked(block: Block, inputs: tuple[AnySpec, ...]) -> tuple[AnySpec, ...]:  # noqa: ARG001
    raise PresetError(f"A preset is wired from its parameters; it asked for the shape behind {type(block).__name__}.")


def _subject(inputs: list[Feature]) -> Subject | None:
    if all(feature.is_column for feature in inputs):
        return "columns"
    if len(inputs) != 1:
        return None
    kind = inputs[0].kind
    return kind if kind in ("image", "text", "array") else None


def _subject_of_shape(shape: Shape, subjects: tuple[Subject, ...]) -> Subject | None:
    for subject in subjects:
        if (subject == "image" and len(shape) == 3) or (subject == "text" and len(shape) == 0) or (subject == "array" and len(shape) >= 1):
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
