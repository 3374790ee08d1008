"""Answers that name one of several classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from blocks.features import FeatureKind
from blocks.lint.functions import PROBABILITIES
from blocks.ports import Output
from studio.evaluation import measure
from studio.evaluation.answers.base import Answering, Facts
from studio.evaluation.prediction import Prediction

if TYPE_CHECKING:
    from studio.evaluation.opened import Head


LARGEST_SCORE = 10.0
"""Scores are about as large; exports may differ by as many times more than probabilities."""


class OneOfN(Answering):
    """Probabilities over classes, of which the largest is the answer."""

    kinds: ClassVar[tuple[FeatureKind, ...]] = ("category",)
    main = "probabilities"

    @classmethod
    def of_head(cls, head: Head) -> Answering:
        return cls(head) if gives_probabilities(head.block) else Scores(head)

    def read(self, outputs: np.ndarray) -> np.ndarray:
        return np.concatenate([1 - outputs, outputs], axis=-1) if outputs.shape[-1] == 1 else outputs

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        return measure.of_classes(rows, truth, said, self.classes)

    def tensors(self, found: Any) -> dict[str, Any]:
        import tensorflow as tf

        probabilities = tf.concat([1 - found, found], axis=-1) if found.shape[-1] == 1 else found
        return {"label": tf.gather(tf.constant(list(self.classes)), tf.argmax(probabilities, axis=-1)), "probabilities": probabilities}

    def whole(self, found: Any) -> Any:
        import keras

        return keras.ops.concatenate([keras.ops.subtract(1.0, found), found], axis=-1) if found.shape[-1] == 1 else found

    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        return [
            Prediction(name, label=self.classes[int(row.argmax())], probabilities=_by_class(self.classes, row))
            for name, row in zip(names, outputs["probabilities"], strict=True)
        ]

    def labelled(self, found: np.ndarray) -> list[str]:
        return [self.classes[place] for place in found.argmax(axis=-1)]

    def printed(self) -> str:
        return '    print(name, answer["label"][row].numpy().decode(), f"{float(tf.reduce_max(answer[\'probabilities\'][row])):.3f}")'

    def explained(self) -> str:
        return f'Outputs: "label" (string) and "probabilities" (float32, {len(self.classes)} numbers in the order of labels.txt).'

    def printed_whole(self) -> str:
        return "print(name, labels[int(answer.argmax())], f'{float(answer.max()):.3f}')"

    def explained_whole(self) -> str:
        return "probabilities in the order of labels.txt"


class Scores(OneOfN):
    """A score for each class, of which the largest is the answer: those of a support vector machine are no probabilities.

    A single score speaks for the second class above 0 and for the first one below.
    """

    kinds = ()
    main = "scores"

    @property
    def size(self) -> float:
        return LARGEST_SCORE

    def read(self, outputs: np.ndarray) -> np.ndarray:
        return np.concatenate([-outputs, outputs], axis=-1) if outputs.shape[-1] == 1 else outputs

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        return measure.of_scores(rows, truth, said, self.classes)

    def tensors(self, found: Any) -> dict[str, Any]:
        import tensorflow as tf

        scores = tf.concat([-found, found], axis=-1) if found.shape[-1] == 1 else found
        return {"label": tf.gather(tf.constant(list(self.classes)), tf.argmax(scores, axis=-1)), "scores": scores}

    def whole(self, found: Any) -> Any:
        import keras

        return keras.ops.concatenate([keras.ops.negative(found), found], axis=-1) if found.shape[-1] == 1 else found

    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        return [
            Prediction(name, label=self.classes[int(row.argmax())], scores=_by_class(self.classes, row))
            for name, row in zip(names, outputs["scores"], strict=True)
        ]

    def printed(self) -> str:
        return super().printed().replace("probabilities", "scores")

    def explained(self) -> str:
        return f"{super().explained().replace('probabilities', 'scores')} The largest score is the label; scores are no probabilities."

    def explained_whole(self) -> str:
        return "scores (no probabilities) in the order of labels.txt, of which the largest is the answer"


def gives_probabilities(block: Output) -> bool:
    """Whether an Output for classes gives probabilities; what it passes on as it arrives is taken for some."""
    return block.head == "none" or block.activation in PROBABILITIES


def _by_class(classes: Sequence[str], row: np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(classes, row, strict=True)}
