"""Answers that name any number of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from studio.evaluation import measure
from studio.evaluation.answers.base import Answering, Facts
from studio.evaluation.prediction import Prediction

THRESHOLD = 0.5
"""A label whose probability is above it is said."""
JOINT = "; "
"""What stands between labels that are written in one text."""


class Labels(Answering):
    """A probability for each label; those above 0.5 are the answer."""

    kinds = ("labels",)
    main = "probabilities"

    def read(self, outputs: np.ndarray) -> np.ndarray:
        return outputs

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        return measure.of_labels(rows, truth, said, self.classes, THRESHOLD)

    def tensors(self, found: Any) -> dict[str, Any]:
        import tensorflow as tf

        chosen = found > THRESHOLD
        names = tf.constant(list(self.classes))
        joined = tf.strings.reduce_join(tf.ragged.boolean_mask(tf.broadcast_to(names, tf.shape(found)), chosen), axis=-1, separator=JOINT)
        return {"label": joined, "probabilities": found, "chosen": chosen}

    def whole(self, found: Any) -> Any:
        return found

    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        return [
            Prediction(name, labels=self._said(row), probabilities=dict(zip(self.classes, row.tolist(), strict=True)))
            for name, row in zip(names, outputs["probabilities"], strict=True)
        ]

    def labelled(self, found: np.ndarray) -> list[str]:
        return [JOINT.join(self._said(row)) for row in found]

    def _said(self, row: np.ndarray) -> tuple[str, ...]:
        return tuple(name for name, value in zip(self.classes, row, strict=True) if value > THRESHOLD)

    def printed(self) -> str:
        return '    print(name, answer["label"][row].numpy().decode() or "(no label)")'

    def explained(self) -> str:
        return (
            f'Outputs: "probabilities" (float32, {len(self.classes)} numbers in the order of labels.txt, each for itself), "chosen" (bool, the same: '
            f'whether the probability is above {THRESHOLD}), and "label" (string, the chosen labels joined by "{JOINT}", "" for none).'
        )

    def printed_whole(self) -> str:
        return f'print(name, "{JOINT}".join(label for label, value in zip(labels, answer) if value > {THRESHOLD}) or "(no label)")'

    def explained_whole(self) -> str:
        return f"a probability for each label, in the order of labels.txt; those above {THRESHOLD} are the answer"
