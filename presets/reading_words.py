"""What presets share that read a text as a row of words."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from blocks.features import Feature
from blocks.fields import Count
from blocks.text import TextVectorization
from presets.base import Preset
from presets.texts import suited_vectorization


class ReadingWords(Preset):
    """Base of the presets that give each word of a text a vector; vocabulary, length and cuts follow the dataset."""

    subjects = ("text",)
    canonical_shape = ()
    canonical_classes = 2

    max_tokens: Count = Field(10_000, ge=3, description="Largest vocabulary; with a dataset at most its distinct words.")
    sequence_length: Count | None = Field(None, description="Words per text; empty: as long as 95 % of the training texts, at most 400.")
    split: Literal["auto", "whitespace", "character"] = Field(
        "auto", description='Where to cut; "auto" cuts into characters where texts have no blanks.', json_schema_extra={"frequent": False}
    )

    def fitted(self, feature: Feature | None) -> Self:
        words = self.vectorization(feature)
        return self.model_copy(update={"max_tokens": words.max_tokens, "sequence_length": words.output_sequence_length, "split": words.split})

    def vectorization(self, feature: Feature | None) -> TextVectorization:
        return suited_vectorization(feature, self.max_tokens, sequence_length=self.sequence_length, split=self.split)
