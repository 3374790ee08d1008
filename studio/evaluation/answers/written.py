"""Answers that are texts, written token by token."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.features import SPECIAL_TOKENS, Feature
from studio.evaluation.answers.base import Facts
from studio.evaluation.answers.spelling import Spelling
from studio.evaluation.errors import EvaluationError
from studio.networks.writing import spelled, told

if TYPE_CHECKING:
    from studio.evaluation.opened import Answered
    from studio.networks.writing import Beam

NO_LOOP = "A single call of the network gives one token, not a text."


class Texts(Spelling):
    """Texts that the network goes on writing."""

    kinds = ("tokens",)

    @property
    def by_words(self) -> bool:
        """Whether a token is a word with the blank before it."""
        return bool(self.head.target.statistics["level"] == "word")

    def read(self, outputs: np.ndarray) -> Any:
        return outputs.tolist()

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        return self.spelled(rows, truth, said, np.full(len(said), np.nan, np.float32))

    def facts(self, rows: np.ndarray, parts: Iterable[Answered]) -> Facts:
        output, name = self.head.output, spelled(self.head.target.name)
        kept = [(part.entries, part.targets[name], part.said[output], part.sure[output]) for part in parts]
        entries, truth, said, sure = (np.concatenate(values) for values in zip(*kept, strict=True))
        order = np.argsort(entries, kind="stable")
        return self.spelled(rows, truth[order], said[order], sure[order])

    def tensors(self, found: Any) -> dict[str, Any]:
        numbers, probability = told(found)
        return {"text": self._joined(numbers), "probability": probability}

    def searched(self, beam: Beam) -> dict[str, Any]:
        texts = self._joined(beam.numbers)
        return {"text": texts[:, 0], "probability": beam.probabilities[:, 0], "alternatives": texts, "alternative_probabilities": beam.probabilities}

    def _joined(self, numbers: Any) -> Any:
        """Rows of tokens as texts (in TensorFlow)."""
        import tensorflow as tf

        known = tf.constant([*[""] * len(SPECIAL_TOKENS), *self.classes[len(SPECIAL_TOKENS) :]])
        texts = tf.strings.reduce_join(tf.gather(known, numbers), axis=-1)
        return tf.strings.regex_replace(texts, "^ ", "") if self.by_words else texts

    def whole(self, found: Any) -> Any:  # noqa: ARG002
        raise EvaluationError(NO_LOOP)

    def explained(self) -> str:
        level = "words" if self.by_words else "characters"
        return (
            f'Outputs: "text" (string, UTF-8), {self.head.target.name!r}, written by {level} up to {(self.head.target.shape[0] or 1) - 1} of them; '
            'and "probability" (float32), how probable the whole text is.'
        )

    def printed_whole(self) -> str:
        raise EvaluationError(NO_LOOP)

    def explained_whole(self) -> str:
        raise EvaluationError(NO_LOOP)

    def import_asked(self, features: Sequence[Feature]) -> dict[str, Any]:
        source = next(feature.name for feature in features if feature.role == "input" and feature.is_given)
        return {"target": self.head.target.name, "options": {"text": source}}

    def as_known(self, found: list[Feature], known: list[Feature]) -> list[Feature]:  # noqa: ARG002 - vocabularies are those of the training
        return known
