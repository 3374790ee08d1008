"""What presets share that read one text and write another: their vocabularies, and where the texts enter."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field

from blocks.embedding import Embedding
from blocks.features import Feature, FeatureKind
from blocks.fields import Count, Probability
from blocks.regularization import Dropout
from blocks.text import TextVectorization
from blocks.wiring import Node, Wiring
from presets.base import Preset, Situation

LONGEST = 256
"""Tokens of a text that are read at the most."""
SPECIAL_TOKENS = 2
"""Padding and unknown words of TextVectorization."""


class TextToText(Preset):
    """Base of the presets that write texts.

    An encoder reads the whole source; a decoder sees the tokens that are already written and says at each place which comes next. In
    training these are the true ones (teacher forcing), afterwards its own.
    """

    subjects = ("text", "tokens")
    together = True
    shared = False
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("tokens",)
    canonical_shape = ()

    max_tokens: Count = Field(10_000, ge=3, description="Largest vocabulary of the texts that are read; with a dataset as large as it needs.")
    target_tokens: Count = Field(
        10_000,
        ge=3,
        description="Vocabulary of the texts that are written; with a dataset that of its target.",
        json_schema_extra={"frequent": False},
    )
    sequence_length: Count | None = Field(None, description="Tokens of a source; empty: as many as the longest training text has, at most 256.")
    embedding: Count = Field(64, description="Length of a token's vector.")
    dropout: Probability = Field(0.2, description="Share of values behind the embedding and before the end that are set to 0 in training.")
    split: Literal["auto", "whitespace", "character"] = Field(
        "auto", description='Where to cut sources; "auto" as the dataset says.', json_schema_extra={"frequent": False}
    )

    def suited(self, situation: Situation) -> Self:
        source = situation.entries[0].feature
        words = self.vectorization(source)
        target = situation.targets[0] if situation.targets else None
        written = len(target.classes or ()) if target else situation.classes
        update = {"max_tokens": words.max_tokens, "sequence_length": words.output_sequence_length, "split": words.split, "target_tokens": written}
        return self.model_copy(update=update)

    def vectorization(self, feature: Feature | None) -> TextVectorization:
        known = feature.statistics if feature else {}
        level = known.get("level", "word")
        split: Literal["whitespace", "character"] = ("character" if level == "character" else "whitespace") if self.split == "auto" else self.split
        distinct, longest = known.get("distinct_tokens"), known.get("maximum_tokens")
        as_counted = split == ("character" if level == "character" else "whitespace")
        most = max(3, min(self.max_tokens, int(distinct) + SPECIAL_TOKENS)) if distinct and as_counted else self.max_tokens
        length = self.sequence_length or (max(1, min(LONGEST, int(longest))) if longest and as_counted else 50)
        return TextVectorization(max_tokens=most, output_sequence_length=length, split=split, standardize=None)

    def embedded(self, net: Wiring, source: Node, before: Node) -> tuple[Node, Node]:
        """Vectors for the tokens of both sides; padding of the source is passed over."""
        x = net.add("source_embedding", Embedding(input_dim=self.max_tokens, output_dim=self.embedding, mask_zero=True), source)
        x = self.dropped(net, "source_dropout", x)
        return x, net.add("target_embedding", Embedding(input_dim=self.target_tokens, output_dim=self.embedding), before)

    def dropped(self, net: Wiring, node_id: str, x: Node) -> Node:
        """Values with some set to 0 in training."""
        return net.add(node_id, Dropout(rate=self.dropout), x) if self.dropout else x
