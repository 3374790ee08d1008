"""Answers that are transcripts: what a network says at each step, without repeats and blanks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.features import PADDING, Feature
from studio.datasets.tokens import LOST
from studio.evaluation.answers.base import Facts
from studio.evaluation.answers.spelling import Spelling

if TYPE_CHECKING:
    from studio.evaluation.opened import Answered


class Transcripts(Spelling):
    """Texts of characters that are seen or heard."""

    kinds = ("transcript",)

    def read(self, outputs: np.ndarray) -> Any:
        from studio.settings.keras_transcripts import best_path

        return self._texts(np.asarray(best_path(outputs)))

    def difference(self, found: Any, expected: Any) -> float:
        """Also of a .keras file, which gives what the network says at each step."""
        return super().difference(self.read(found) if getattr(found, "ndim", 1) == 3 else found, expected)

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        return self.spelled(rows, np.array(self._texts(truth), dtype=object), np.array(said, dtype=object), np.full(len(said), np.nan, np.float32))

    def facts(self, rows: np.ndarray, parts: Iterable[Answered]) -> Facts:
        from studio.settings.keras_transcripts import best_path, likelihood

        entries, truth, said, sure = [], [], [], []
        for part in parts:
            steps = part.outputs[self.head.output]
            numbers = best_path(steps)
            entries.append(part.entries)
            truth += self._texts(part.targets[self.head.target.name])
            said += self._texts(np.asarray(numbers))
            sure.append(np.asarray(likelihood(numbers, steps)))
        order = np.argsort(np.concatenate(entries), kind="stable")
        return self.spelled(rows, np.array(truth, dtype=object)[order], np.array(said, dtype=object)[order], np.concatenate(sure)[order])

    def _texts(self, numbers: np.ndarray) -> list[str]:
        """Rows of numbers as texts; what only other data have in their vocabulary is no character of this one."""
        known = [*self.classes, LOST]
        return ["".join(known[min(number, len(self.classes))] for number in row if number != PADDING) for row in numbers.tolist()]

    def tensors(self, found: Any) -> dict[str, Any]:
        from studio.settings.keras_transcripts import best_path, likelihood

        if self.head.beams > 1:
            return self._searched(found)
        numbers = best_path(found)
        return {"text": self._joined(numbers), "probability": likelihood(numbers, found)}

    def _searched(self, found: Any) -> dict[str, Any]:
        """The likeliest texts, found by following several beginnings along the steps (in TensorFlow)."""
        import tensorflow as tf

        from studio.settings.keras_transcripts import SMALLEST_PROBABILITY, likelihood

        count, steps = tf.shape(found)[0], tf.shape(found)[1]
        likely = tf.transpose(tf.math.log(tf.maximum(tf.roll(found, -1, axis=2), SMALLEST_PROBABILITY)), (1, 0, 2))  # the blank is last there
        paths, _ = tf.nn.ctc_beam_search_decoder(likely, tf.fill((count,), steps), self.head.beams, self.head.beams)
        rows = [tf.sparse.to_dense(path, default_value=-1) for path in paths]
        numbers = [tf.cast(row, tf.int32) + 1 for row in rows]
        numbers = [tf.pad(row, [[0, 0], [0, steps - tf.shape(row)[1]]]) for row in numbers]
        sure = tf.stack([likelihood(row, found) for row in numbers], axis=1)
        texts = tf.stack([self._joined(row) for row in numbers], axis=1)
        order = tf.argsort(sure, axis=1, direction="DESCENDING", stable=True)
        texts, sure = (tf.gather(values, order, batch_dims=1) for values in (texts, sure))
        return {"text": texts[:, 0], "probability": sure[:, 0], "alternatives": texts, "alternative_probabilities": sure}

    def _joined(self, numbers: Any) -> Any:
        """Rows of numbers as texts (in TensorFlow)."""
        import tensorflow as tf

        return tf.strings.reduce_join(tf.gather(tf.constant(list(self.classes)), numbers), axis=-1)

    def whole(self, found: Any) -> Any:
        return found

    def explained(self) -> str:
        steps = self.head.given[0] if self.head.given else "the"
        return (
            f'Outputs: "text" (string, UTF-8), {self.head.target.name!r}, of the likeliest characters at {steps} steps; '
            'and "probability" (float32), how probable the whole text is.'
        )

    def printed_whole(self) -> str:
        best = "answer.reshape(-1, answer.shape[-1]).argmax(-1)"
        return f"print(name, ''.join(labels[one] for one, other in zip({best}, [0, *{best}]) if one and one != other))"

    def explained_whole(self) -> str:
        return "probabilities at each step in the order of labels.txt, whose first line is empty and stands for no character"

    def import_asked(self, features: Sequence[Feature]) -> dict[str, Any]:  # noqa: ARG002
        return {"target": self.head.target.name}

    def as_known(self, found: list[Feature], known: list[Feature]) -> list[Feature]:
        """With characters that the network does not know behind those that it knows: they count as wrong."""
        given = {feature.name: feature for feature in found}
        return [self._extended(feature, given[feature.name]) if feature.name == self.head.target.name else feature for feature in known]

    @staticmethod
    def _extended(target: Feature, other: Feature) -> Feature:
        known = target.classes or ()
        return target.model_copy(update={"shape": other.shape, "classes": (*known, *(each for each in other.classes or () if each not in known))})

    def companions(self, opened: Any) -> dict[str, str]:  # noqa: ARG002
        return {"labels.txt": "".join(f"{label}\n" for label in self.classes)}
