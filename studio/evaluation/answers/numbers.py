"""Answers that are numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from studio.evaluation import measure
from studio.evaluation.answers.base import Answering, Facts
from studio.evaluation.prediction import Prediction
from studio.networks.loaded import TargetScale


class Numbers(Answering):
    """Numbers in the target's unit: one, or as many as the target's shape has."""

    kinds = ("number",)

    @property
    def scale(self) -> TargetScale:
        return self.head.scale or TargetScale()

    @property
    def size(self) -> float:
        return max(1.0, self.scale.largest)

    def read(self, outputs: np.ndarray) -> np.ndarray:
        values: np.ndarray = self.scale.in_units(outputs.astype(np.float32))
        return values[:, 0] if self._is_single(values) else values

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        return measure.of_numbers(rows, truth, said)

    def tensors(self, found: Any) -> dict[str, Any]:
        value = self.scale.in_units(found)
        return {"value": value[:, 0] if self._is_single(value) else value}

    def whole(self, found: Any) -> Any:
        import keras

        if self.head.scale is not None:
            found = keras.layers.Rescaling(self.scale.scale, self.scale.offset, dtype="float32", name=f"{self.head.output}_in_units")(found)
        return keras.ops.squeeze(found, axis=-1) if self._is_single(found) else found

    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        return [Prediction(name, value=value.tolist()) for name, value in zip(names, outputs["value"], strict=True)]

    def printed(self) -> str:
        single = 'float(answer["value"][row])' if not self.head.target.shape else 'answer["value"][row].numpy().tolist()'
        return f"    print(name, {single})"

    def explained(self) -> str:
        unit = f" in {self.head.target.unit}" if self.head.target.unit else ""
        return f'Output: "value" (float32), {self.head.target.name!r}{unit}.'

    def printed_whole(self) -> str:
        return "print(name, float(answer))" if not self.head.target.shape else "print(name, answer.tolist())"

    def explained_whole(self) -> str:
        return repr(self.head.target.name)

    @staticmethod
    def _is_single(values: Any) -> bool:
        return len(values.shape) == 2 and values.shape[-1] == 1
