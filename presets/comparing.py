"""What networks share that look at several pictures through one encoder, whose weights all of them share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from blocks.augmentation import RandomRotation, RandomTranslation
from blocks.dense import Dense
from blocks.errors import closest
from blocks.features import Feature, FeatureKind, inputs_of, targets_of
from blocks.fields import Count
from blocks.graph import Fragment, NodeDocument
from blocks.normalization import UnitNormalization
from blocks.ports import Output
from blocks.spec import AnySpec
from blocks.walk import MODULE_PREFIX
from blocks.wiring import Node, Wiring
from presets import embedding_cnn, koch_cnn
from presets.base import IDENTITIES, Preset, Situation, get, registry, unasked
from presets.fronts import Entry, Subject

ENCODER = "Encoder"
USUAL_UNITS = 64
"""Numbers of the embedding behind an encoder that is made for something else."""
PAIRS = 'Or import them as "Pairs of pictures" (by command: --kind image-pairs).'
"""What gives a dataset whose samples are pairs."""
KNOWN = (embedding_cnn.EmbeddingCNN, koch_cnn.KochCNN)
"""The encoders that presets begin with: they are there before a comparing preset is declared."""


def encoders() -> list[str]:
    """Every ready preset that makes one vector of one picture."""
    return [name for name, preset in registry.all().items() if _encodes(preset)]


def _encodes(preset: Preset) -> bool:
    if isinstance(preset, Comparing) or "image" not in preset.subjects or preset.together:
        return False
    return bool({"category", "identity"} & set(preset.predicts))


def encoder_field(default: str) -> Any:
    """The parameter that names the encoder, which presets begin with differently."""
    extra: dict[str, Any] = {"control": "choice", "choices": encoders}
    return Field(
        default,
        description="The network that every picture passes, with the same weights: any preset that makes one vector of a picture.",
        json_schema_extra=extra,
    )


class Comparing(Preset):
    """Base of the presets that compare pictures.

    Without a dataset there is a branch for each picture, and an end that compares what the branches give. So it is with a dataset whose
    samples have a picture for each branch. A dataset may also have single pictures of known identity: then the branches are the samples
    of a batch, so that the network is one branch and its loss compares them (`form` shows all branches there too).

    Args:
        of_samples: Kinds of the targets that it predicts where a sample has a picture for each branch; none where it takes no such samples.
    """

    of_samples: ClassVar[tuple[FeatureKind, ...]] = ()
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("identity",)
    canonical_classes = 1
    minimum_size = 4

    encoder: str = encoder_field("EmbeddingCNN")
    embedding: Count | None = Field(
        None, description="Numbers of the embedding; empty: as the encoder has them, or 64 behind one that is made for classes."
    )
    augmentation: Literal["none", "shift"] = Field(
        "shift", description='"shift" moves and turns each training picture a little, by chance; "none" takes them as they are.'
    )

    form: Literal["encoder", "branches"] = Field(
        "encoder",
        description='With single pictures: "encoder" is the part that learns from them; "branches" shows the whole, to look at and for its code.',
        json_schema_extra={"frequent": False},
    )

    @field_validator("encoder")
    @classmethod
    def _known(cls, value: str) -> str:
        known = encoders()
        if value in known:
            return value
        near = closest(value, known)
        raise ValueError(f"Did you mean {near!r}?" if near else "Name a preset for pictures.")

    def misfit(self, features: Sequence[Feature]) -> str:
        pictures = sum(feature.kind == "image" for feature in inputs_of(list(features)))
        kinds = {target.kind for target in targets_of(list(features))}
        if not pictures or not kinds or (pictures == 1 and kinds == {"identity"}) or (pictures > 1 and kinds <= set(self.of_samples)):
            return super().misfit(features)
        return " ".join([f"{self.name} compares pictures.", IDENTITIES, *([PAIRS] if self.of_samples else [])])

    def looks_at(self, found: Sequence[Subject]) -> bool:
        return super().looks_at(found) or (bool(self.of_samples) and list(found) == ["image"] * len(self.branches))

    @abstractmethod
    def compared(self, net: Wiring, *places: Node) -> Node:
        """Adds what compares the branches, and returns what the Output takes."""

    @abstractmethod
    def loss(self) -> dict[str, Any]:
        """The loss that compares the samples of a batch."""

    @property
    def has_unit_length(self) -> bool:
        """Whether embeddings are brought to length 1 where the branches are compared."""
        return True

    def front(self, entry: Entry, nodes: dict[str, NodeDocument]) -> tuple[str, AnySpec]:
        own: dict[str, NodeDocument] = {}
        last, spec = self._tower(entry).front(entry, own)
        suffix = entry.name.removeprefix(entry.subject)
        ids = {name: name if name == entry.name else f"{name}{suffix}" for name in own}
        for name, document in own.items():
            nodes[ids[name]] = document.model_copy(update={"inputs": tuple(ids[source] for source in document.inputs)})
        return ids[last], spec

    def wire(self, net: Wiring, x: Node, *others: Node) -> Node:
        branches = [f"_{branch}" for branch in self.branches] if others else [""]
        first: Node | None = None
        places = []
        for branch, picture in zip(branches, (x, *others), strict=True):
            seen = self._moved(net, branch, picture)
            place = net.reuse(f"encoder{branch}", first, seen) if first else net.use(f"encoder{branch}", MODULE_PREFIX + ENCODER, seen)
            first = first or place
            places.append(place)
        return self.compared(net, *places) if others else places[0]

    def _moved(self, net: Wiring, branch: str, x: Node) -> Node:
        if self.augmentation == "none":
            return x
        x = net.add(f"shift{branch}", RandomTranslation(height_factor=0.08, width_factor=0.08), x)
        return net.add(f"turn{branch}", RandomRotation(factor=0.02), x)

    def modules(self, situation: Situation, inputs: Sequence[AnySpec]) -> dict[str, Fragment]:
        tower = self._tower(situation.entries[0])
        net = Wiring(unasked, inputs[0])
        x = tower.tower(net, tower.wire(net, *net.inputs), 1)
        if tower.head(None, self._units).head == "dense":
            x = net.add("embedded", Dense(units=self._units), x)
        if (len(situation.entries) == 1 or self.has_unit_length) and net.fragment(x).nodes[x.reference].block != UnitNormalization.__name__:
            x = net.add("length", UnitNormalization(), x)
        return {ENCODER: net.fragment(x)}

    def head(self, target: Feature | None, classes: int | None) -> Output:
        if target is not None and target.kind != "identity":
            return Output(target=target.name, units=1 if target.kind == "category" and classes == 2 else None)
        loss = self.loss() if target is not None and self.form == "encoder" else None
        return Output(target=target.name if target else None, head="none", activation="linear", loss=loss)

    def _situation(self, input_shape: Sequence[int] | None, classes: int | None, features: list[Feature]) -> Situation:
        found = super()._situation(input_shape, classes, features)
        if found.targets and len(found.entries) == 1 and self.form == "encoder":
            return found
        entries = found.entries if len(found.entries) > 1 else found.entries * len(self.branches)
        named = (replace(entry, name=f"{entry.name}_{branch}") for entry, branch in zip(entries, self.branches, strict=True))
        return replace(found, entries=tuple(named))

    @property
    def _units(self) -> int:
        return self.embedding or USUAL_UNITS

    def _tower(self, entry: Entry) -> Preset:
        """The encoder, fitted to a picture."""
        known = registry.get(self.encoder)
        given: dict[str, Any] = {"augmentation": "none"} if "augmentation" in type(known).model_fields else {}
        if self.embedding and "identity" in known.predicts:
            given["units"] = self.embedding
        return get(self.encoder, given).suited(Situation((entry,), classes=self._units))
