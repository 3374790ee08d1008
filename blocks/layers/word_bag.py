"""Which words a text holds: a part of the encoding of columns."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from blocks.words import IDEOGRAPHS, MARKS


@keras.saving.register_keras_serializable(package="blockstudio")
class WordBag(keras.layers.Layer):  # type: ignore[misc]
    """For each of some words, whether a text holds it.

    Shapes: (batch,) strings -> (batch, words), and one number more with `missing`. A bag without words gives one zero.

    Args:
        words: In lower case.
        missing: Whether a last number says that there is no text.
    """

    def __init__(self, words: list[str], missing: bool = False, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.words = list(words)
        self.missing = missing
        # Made here and not at the first call: a table made inside a traced call is lost.
        self._lookup = keras.layers.StringLookup(vocabulary=self.words, num_oov_indices=1, mask_token=None) if self.words else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        parts = [self._held(inputs)]
        if self.missing:
            parts.append(tf.cast(tf.strings.strip(inputs) == "", tf.float32)[:, None])
        return tf.concat(parts, axis=1)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return (input_shape[0], max(len(self.words), 1) + self.missing)

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), "float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "words": self.words, "missing": self.missing}

    def _held(self, texts: Any) -> Any:
        if self._lookup is None:
            return tf.zeros_like(texts[:, None], dtype=tf.float32)
        found = split_words(texts)
        rows = tf.cast(found.value_rowids(), tf.int64)
        places = tf.cast(self._lookup(found.values), tf.int64)
        size = tf.stack([tf.size(texts, tf.int64), tf.constant(len(self.words) + 1, tf.int64)])
        counts = tf.scatter_nd(tf.stack([rows, places], axis=1), tf.ones_like(rows, dtype=tf.float32), size)
        return tf.minimum(tf.reshape(counts, (-1, len(self.words) + 1))[:, 1:], 1.0)


def split_words(texts: Any) -> Any:
    """The words of each text in lower case: runs of letters and digits; signs of scripts without blanks one by one."""
    spaced = tf.strings.regex_replace(tf.strings.lower(texts, encoding="utf-8"), rf"[^\pL\pN{MARKS}]+", " ")
    return tf.strings.split(tf.strings.regex_replace(spaced, f"([{IDEOGRAPHS}])", r" \1 "))
