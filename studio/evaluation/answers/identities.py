"""Answers that are a place among others: like samples lie near each other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.evaluation import identities
from studio.evaluation.answers.base import Answering, Facts
from studio.evaluation.prediction import Answers, Prediction

if TYPE_CHECKING:
    from studio.evaluation.opened import Opened
    from studio.networks.arrays import Samples

NEIGHBOURS = 6
"""One more than is shown, since a sample of the dataset finds itself first."""


class Embeddings(Answering):
    """Rows of numbers, of which only their distances mean something."""

    kinds = ("identity",)
    open_classes = True

    def read(self, outputs: np.ndarray) -> np.ndarray:
        return outputs.astype(np.float32)

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        return identities.of_identities(rows, truth, said, self.classes)

    def gathered(self, seen: Samples) -> Samples:
        from studio.networks.views.identities import Groups

        return Groups(seen.inputs, seen.targets)

    def tensors(self, found: Any) -> dict[str, Any]:
        return {"value": found}

    def whole(self, found: Any) -> Any:
        return found

    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        return [Prediction(name, value=value.tolist()) for name, value in zip(names, outputs["value"], strict=True)]

    def completed(self, found: Answers, opened: Opened) -> Answers:
        """The predictions with the nearest samples of the run's dataset; of exactly two also how far they are apart, and whether they
        are taken for the same."""
        from studio.evaluation import gallery

        known = gallery.of(opened)
        values = np.array([each.value for each in found.predictions], np.float32)
        together: dict[str, Any] = {}
        if len(values) == 2:
            together = {"distance": float(np.linalg.norm(values[0] - values[1]))}
            if known is not None:
                together |= {"same": together["distance"] <= known.threshold, "threshold": known.threshold}
        if known is None:
            dataset = opened.loaded.recipe.dataset
            return replace(
                found, together=together, warnings=[*found.warnings, f"The dataset {dataset!r} is no longer there, so nothing is compared with it."]
            )
        places, away = known.nearest(values, NEIGHBOURS) if len(values) else (np.zeros((0, 0), int), np.zeros((0, 0)))
        predictions = []
        for each, near, far in zip(found.predictions, places, away, strict=True):
            neighbours = [
                {"row": int(known.rows[place]), "label": self.classes[known.codes[place]], "distance": float(distance)}
                for place, distance in zip(near, far, strict=True)
            ]
            predictions.append(replace(each, label=neighbours[0]["label"], details={"neighbours": neighbours}))
        return replace(found, predictions=predictions, together=together)

    def printed(self) -> str:
        return '    away = float(tf.norm(answer["value"][row] - answer["value"][0]))\n    print(name, f"{away:.4f} away from the first")'

    def explained(self) -> str:
        return (
            'Output: "value" (float32), the place of each sample. The distance of two of them (the length of their difference) tells how\n'
            'unlike they are; up to "threshold" of verification.json they are best taken for the same.'
        )

    def printed_whole(self) -> str:
        return (
            'first = globals().setdefault("first", answer)\n    print(name, f"{float(((answer - first) ** 2).sum() ** 0.5):.4f} away from the first")'
        )

    def explained_whole(self) -> str:
        return "the place of each sample; the distance of two tells how unlike they are (threshold: verification.json)"

    def companions(self, opened: Opened) -> dict[str, str]:
        from studio.evaluation import gallery

        known = gallery.of(opened)
        return {} if known is None else {"verification.json": json.dumps({"threshold": known.threshold}, indent=1) + "\n"}
