"""How raw inputs get to the first layer of a preset: what it can look at, and what prepares each of them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from blocks.audio import MelSpectrogram
from blocks.base import Block
from blocks.declaration import Declaration
from blocks.features import TABLE_INPUT, Feature, columns_of
from blocks.graph import NodeDocument
from blocks.ports import Input
from blocks.preprocessing import ColumnEncoding, Normalization, Rescaling, Resizing
from blocks.spec import AnySpec, Shape, Spec
from blocks.text import TextVectorization

Subject = Literal["image", "columns", "text", "array", "sound", "series", "tokens"]
"""What a network looks at."""

DEFAULT_SIDE = 96
"""The largest side, in pixels, to which pictures of varying size are brought."""

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


class Fronts(Declaration):
    """What every preset does before its body; each method is a choice that a preset may make otherwise.

    Args:
        minimum_size: The least height and width that it takes; smaller pictures are enlarged.
        any_size: Whether it takes pictures in sizes of their own, so that none is resized.
    """

    minimum_size: ClassVar[int] = 1
    any_size: ClassVar[bool] = False

    def front(self, entry: Entry, nodes: dict[str, NodeDocument]) -> tuple[str, AnySpec]:
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

    @property
    def least_size(self) -> int:
        """The least height and width with these parameters."""
        return self.minimum_size

    def size(self, height: int | None, width: int | None, feature: Feature | None) -> tuple[tuple[int, int], str]:
        """The height and width at which pictures enter, and why they are not their own ("" when they are)."""
        return picture_size(height, width, feature, self.least_size)

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


def subjects_of(inputs: list[Feature]) -> list[tuple[Subject, Feature]] | None:
    """The inputs with what they are, in their order, the columns of a table as one; None where nothing is known of a kind."""
    found: list[tuple[Subject, Feature]] = [("columns", feature) for feature in columns_of(inputs)[:1]]
    for feature in inputs:
        if feature.is_column:
            continue
        subject = next((each for each in SUBJECTS if each == feature.kind), None)
        if subject is None:
            return None
        found.append((subject, feature))
    return found


def bound_entry(subject: Subject, feature: Feature, features: list[Feature]) -> Entry:
    """The input of a dataset that is a preset's subject."""
    if subject == "columns":
        return Entry(subject, subject, (len(columns_of(features)),), None, bound=True)
    return Entry(NODES.get(subject, subject), subject, feature.shape, feature, bound=True)


def subject_of_shape(shape: Shape, subjects: tuple[Subject, ...]) -> Subject | None:
    """The first of the subjects that may have a shape; None where none does."""
    for subject in subjects:
        axes = {"image": len(shape) == 3, "text": len(shape) == 0, "array": len(shape) >= 1, "sound": len(shape) == 1, "series": len(shape) == 2}
        if axes.get(subject, False):
            return subject
    return None
