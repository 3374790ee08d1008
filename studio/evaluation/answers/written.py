"""Answers that are texts, written token by token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.features import SPECIAL_TOKENS, Feature
from studio.evaluation.answers.base import Answering, Facts
from studio.evaluation.errors import EvaluationError
from studio.evaluation.prediction import Prediction
from studio.evaluation.result import Example
from studio.networks.writing import spelled, told
from studio.settings.spelling import distance

if TYPE_CHECKING:
    from studio.evaluation.opened import Answered, Opened
    from studio.networks.writing import Beam

MOST_EXAMPLES = 50
OTHER_SHARE = 0.01
"""Share of the texts in which an export may differ: where two tokens are equally likely, the last digit of a sum decides."""
NO_LOOP = "A single call of the network gives one token, not a text."


class Texts(Answering):
    """Texts, and how probable they are."""

    kinds = ("tokens",)
    main = "text"
    imported = True

    @property
    def by_words(self) -> bool:
        """Whether a token is a word with the blank before it."""
        return bool(self.head.target.statistics["level"] == "word")

    def read(self, outputs: np.ndarray) -> Any:
        return outputs.tolist()

    def difference(self, found: Any, expected: Any) -> float:
        said = [text.decode() if isinstance(text, bytes) else text for text in found]
        if len(said) != len(expected):
            return float("inf")
        share = sum(one != other for one, other in zip(said, expected, strict=True)) / max(1, len(said))
        return share if share > OTHER_SHARE else 0.0

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        return self._told(rows, truth, said, np.full(len(said), np.nan, np.float32))

    def facts(self, rows: np.ndarray, parts: Iterable[Answered]) -> Facts:
        output, name = self.head.output, spelled(self.head.target.name)
        kept = [(part.entries, part.targets[name], part.said[output], part.sure[output]) for part in parts]
        entries, truth, said, sure = (np.concatenate(values) for values in zip(*kept, strict=True))
        order = np.argsort(entries, kind="stable")
        return self._told(rows, truth[order], said[order], sure[order])

    def _told(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray, sure: np.ndarray) -> Facts:
        wrong = np.array([distance(one, other) for one, other in zip(truth, said, strict=True)], dtype=np.int32)
        rate = wrong / np.maximum(1, [len(text) for text in truth])
        order = np.lexsort((-wrong, -rate))
        worst = [place for place in order[:MOST_EXAMPLES].tolist() if wrong[place]]
        facts: dict[str, Any] = {
            "examples": [
                Example(
                    row=int(rows[place]), place=place,
                    scores={"character_errors": float(wrong[place]), "character_error_rate": float(rate[place]), "probability": float(sure[place])},
                )
                for place in worst
            ],
            "details": {"wrong": int((wrong > 0).sum()), "one_character": int((wrong == 1).sum())},
        }  # fmt: skip
        kept = {"truth": np.array(truth.tolist(), dtype=np.str_), "said": np.array(said.tolist(), dtype=np.str_)}
        return facts, {"rows": rows, **kept, "wrong": wrong, "probability": sure.astype(np.float32)}

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

    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        found = []
        for place, name in enumerate(names):
            details: dict[str, Any] = {"probability": float(outputs["probability"][place])}
            if "alternatives" in outputs:
                pairs = zip(outputs["alternatives"][place], outputs["alternative_probabilities"][place], strict=True)
                details["alternatives"] = [{"text": text.decode(), "probability": float(sure)} for text, sure in pairs if sure > 0]
            found.append(Prediction(name, text=outputs["text"][place].decode(), details=details))
        return found

    def printed(self) -> str:
        return '    print(name, "->", answer["text"][row].numpy().decode(), f"{float(answer[\'probability\'][row]):.3f}")'

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

    def companions(self, opened: Opened) -> dict[str, str]:  # noqa: ARG002 - the vocabulary is within the model
        return {}
