"""Asking a trained network about new data."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from studio.evaluation import inputs
from studio.evaluation.inputs import Batch
from studio.evaluation.opened import EvaluationError, open_network
from studio.evaluation.raw import Port, RawModel
from studio.networks.loaded import State
from studio.runs.run import Run
from studio.workspace import replaced

STEPS = {"image": 64, "text": 256}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Prediction:
    """What the network says to one sample.

    Args:
        input: The file, sentence or row.
        probabilities: By class, in the order of the classes; empty for numbers.
        value: In the target's unit; None for classes.
    """

    input: str
    label: str | None = None
    probabilities: dict[str, float] = field(default_factory=dict)
    value: float | list[float] | None = None

    def answer(self) -> dict[str, Any]:
        """The object of the command line."""
        if self.label is None:
            return {"input": self.input, "value": self.value}
        return {"input": self.input, "label": self.label, "probabilities": self.probabilities}


@dataclass
class Answers:
    """Predictions in the order of what was asked, and what was left out."""

    predictions: list[Prediction] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        """The object of the command line."""
        found: dict[str, Any] = {"predictions": [each.answer() for each in self.predictions]}
        return {**found, "warnings": self.warnings} if self.warnings else found


class Predictor:
    """A trained network kept ready for questions.

    Args:
        run: The run.
        state: "best" or "last".

    Raises:
        StudioError: Nothing has been saved yet.
    """

    def __init__(self, run: Run, state: State = "best") -> None:
        self.opened = open_network(run, state)
        self.model = RawModel(self.opened)

    @property
    def port(self) -> Port:
        """The network's only input.

        Raises:
            EvaluationError: It has several.
        """
        if len(self.model.ports) != 1:
            raise EvaluationError("The network has several inputs; predictions for such networks are made in Python, through `values`.")
        return self.model.ports[0]

    def files(self, paths: Sequence[Path | str]) -> Answers:
        """Picture files, folders or zips of them; table files (one prediction per row); text files; .npy and .npz arrays."""
        return self._answered(inputs.of_files([Path(path).expanduser() for path in paths], self.port, self.opened.features))

    def texts(self, texts: Sequence[str]) -> Answers:
        """Sentences."""
        return self._answered([inputs.of_texts(texts, self.port)])

    def pictures(self, contents: Sequence[tuple[str, bytes]]) -> Answers:
        """Encoded pictures with their names: PNG, JPEG, GIF, BMP or WebP."""
        return self._answered([inputs.of_pictures(contents, self.port)])

    def rows(self, rows: Sequence[Mapping[str, Any]]) -> Answers:
        """Rows of a table by column name."""
        return self._answered([inputs.of_records(rows, self.port, self.opened.features)])

    def array(self, values: np.ndarray) -> Answers:
        """An array of samples, or one sample."""
        return self._answered([inputs.of_array(values, self.port)])

    def values(self, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Probabilities or values to raw input by signature name, as an exported model takes it."""
        import tensorflow as tf

        count = len(next(iter(values.values())))
        step = min(STEPS.get(port.kind, 1024) for port in self.model.ports)
        parts: dict[str, list[np.ndarray]] = {}
        for start in range(0, max(count, 1), step):
            batch = {name: tf.convert_to_tensor(part[start : start + step], self.model.signature[name].dtype) for name, part in values.items()}
            for name, answer in self._call(batch).items():
                parts.setdefault(name, []).append(answer.numpy())
        return {name: np.concatenate(arrays) for name, arrays in parts.items()}

    @cached_property
    def _call(self) -> Any:
        import tensorflow as tf

        return tf.function(self.model, input_signature=[self.model.signature])

    def _answered(self, batches: Sequence[Batch]) -> Answers:
        found = Answers()
        for batch in batches:
            found.warnings += batch.warnings
            outputs = self.values(batch.values)
            if "value" in outputs:
                found.predictions += [Prediction(name, value=value.tolist()) for name, value in zip(batch.names, outputs["value"], strict=True)]
                continue
            classes = self.opened.head.classes or ()
            for name, row in zip(batch.names, outputs["probabilities"], strict=True):
                chances = {each: float(value) for each, value in zip(classes, row, strict=True)}
                found.predictions.append(Prediction(name, classes[int(row.argmax())], chances))
        return found


def write_csv(path: Path, predictions: Sequence[Prediction]) -> None:
    """Writes predictions as a table; texts that a spreadsheet would run as a formula get a leading quote."""
    classes = list(dict.fromkeys(name for each in predictions for name in each.probabilities))
    valued = any(each.label is None for each in predictions)
    header = ["input", "value"] if valued else ["input", "label", *(f"p({name})" for name in classes)]
    with replaced(path) as partial, partial.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([harmless(name) for name in header])
        for each in predictions:
            answer: list[Any] = (
                [each.value] if valued else [harmless(each.label or ""), *(f"{each.probabilities.get(name, 0.0):.7g}" for name in classes)]
            )
            writer.writerow([harmless(each.input), *answer])


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
