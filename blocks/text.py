"""Text: from strings to numbers to vectors."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from pydantic import Field

from blocks.base import LayerBlock
from blocks.fields import FROM_DATA, RARE, Count

NO_WORD = "[NO WORD]"
"""Stands alone in the vocabulary as long as no word is known, because Keras wants one."""


class TextVectorization(LayerBlock):
    """Splits texts into words or characters and gives each its number in a vocabulary.

    Use it right behind a text Input. The vocabulary is learned from the training texts: the most frequent words get the
    smallest numbers, 0 stands for the padding behind short texts and 1 for words that aren't in it. Before that all words are unknown.

    Formula: y[i] = number of the i-th word; "count": y[w] = how often word w occurs; "tf_idf": y[w] = that times ln(1 + texts / (1 + texts with w))
    Shapes: () -> (output_sequence_length); "multi_hot", "count" and "tf_idf": (max_tokens).
    Source: tf_idf: Salton and Buckley (1988), doi:10.1016/0306-4573(88)90021-0.
    """

    category = "text"
    layer = "keras.layers.TextVectorization"
    ranks = (0,)
    preprocessing = True
    takes_text = True
    adaptable = True

    max_tokens: Count = Field(10_000, ge=3, description="Largest size of the vocabulary; rarer words count as unknown.")
    output_sequence_length: Count | None = Field(
        100, description="Words (or characters) per text: longer texts are cut, shorter ones padded; empty: as the longest of a batch.",
        json_schema_extra={"shown_if": {"output_mode": "int"}},
    )  # fmt: skip
    split: Literal["whitespace", "character"] = Field("whitespace", description='Where to split; "character" also suits languages without blanks.')
    output_mode: Literal["int", "multi_hot", "count", "tf_idf"] = Field(
        "int", description='"int" keeps the order, for an Embedding; the others give one number per word of the vocabulary, for Dense.'
    )
    standardize: Literal["lower_and_strip_punctuation", "lower", "strip_punctuation"] | None = Field(
        "lower_and_strip_punctuation", description="What is done to the text before it is split; empty: nothing.", json_schema_extra=RARE
    )
    ngrams: int | None = Field(
        None, ge=2, le=5, description="Also takes pairs (2) or longer runs of words as one; empty: single words only.", json_schema_extra=RARE
    )
    vocabulary: tuple[str, ...] | None = Field(
        None,
        description="The words in the order of their numbers, from 2 on; learned from the training texts.",
        json_schema_extra=FROM_DATA,
    )
    idf_weights: tuple[float, ...] | None = Field(
        None,
        description='Weight of each word for "tf_idf"; learned from the training texts.',
        json_schema_extra=FROM_DATA,
    )

    def arguments(self) -> dict[str, Any]:
        given = {**self._without_words(), "vocabulary": list(self.vocabulary or ()) or [NO_WORD]}
        if self.output_mode == "tf_idf":
            given["idf_weights"] = list(self.idf_weights or ()) or [1.0 if self.vocabulary else 0.0] * len(given["vocabulary"])
        return given

    def _without_words(self) -> dict[str, Any]:
        """Arguments of a layer that is yet to learn its vocabulary."""
        given = self.model_dump(exclude={"vocabulary", "idf_weights"})
        bag = {"output_sequence_length": None, "pad_to_max_tokens": True} if self.output_mode != "int" else {}
        return {**given, **bag}

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        import keras

        numbers = layer(inputs[0])
        # Bags come as whole numbers, although Keras 3.15 announces decimal ones.
        return numbers if self.output_mode == "int" else keras.ops.cast(numbers, "float32")

    def adapt(self, values: Any) -> Self:
        import keras
        import tensorflow as tf

        layer = keras.layers.TextVectorization(**self._without_words())
        with tf.device("CPU"):
            layer.adapt(tf.constant(np.asarray(values, dtype=object).astype(str)))
        words = tuple(str(word) for word in layer.get_vocabulary(include_special_tokens=False))
        weights = None
        if self.output_mode == "tf_idf":
            weights = tuple(float(value) for value in keras.ops.convert_to_numpy(layer._lookup_layer.idf_weights)[1 : len(words) + 1])
        return self.model_copy(update={"vocabulary": words, "idf_weights": weights})
