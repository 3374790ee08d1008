"""The result of an evaluation, as it lies in a run folder. Reading it needs neither Keras nor scikit-learn."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from studio.runs.run import Run
from studio.workspace import read_json, replaced, write_json

FORMAT = "studio.evaluation/1"
FOLDER = "evaluation"
Split = Literal["train", "validation", "test"]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True)


class ClassFigures(_Fact):
    """How well one class is recognised.

    Args:
        precision: Share of the samples predicted as this class that are of it; 0 when it is never predicted.
        recall: Share of its samples that are found; 0 without samples.
        support: Its samples.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


class Confusion(_Fact):
    """How often one class is taken for another."""

    truth: str
    prediction: str
    count: int


class Mistake(_Fact):
    """A sample that the network gets wrong.

    Args:
        row: The sample's row in the dataset.
        truth: A class name, or a number in the target's unit.
        confidence: Probability of the predicted class; None for numbers and scores.
        loss: -log of the true class's probability, how far the strongest other score is from lying 1 below the true class's, or the absolute
            error in the target's unit.
        score: Of the predicted class, where scores are no probabilities.
    """

    row: int
    truth: str | float
    prediction: str | float
    loss: float
    confidence: float | None = None
    score: float | None = None


class Bin(_Fact):
    """Samples of about the same confidence: how sure the network was, and how often it was right."""

    confidence: float
    accuracy: float
    count: int


class Residuals(_Fact):
    """Errors (prediction - truth) in the target's unit; r2 has none.

    Args:
        r2: Share of the variance that is explained; None when all true values are equal.
    """

    mae: float
    rmse: float
    r2: float | None
    mean: float
    median_absolute: float
    largest_absolute: float


class Example(_Fact):
    """A sample whose truth and answer are more than a class or a number: a mask, a picture, a text.

    Args:
        row: The sample's row in the dataset.
        place: Where its answer stands in the arrays that are kept beside the evaluation.
        scores: Figures of this sample alone.
    """

    row: int
    place: int
    scores: dict[str, float] = Field(default_factory=dict)


class Evaluation(_Fact):
    """What a network is worth on one split, or on other data.

    Args:
        split: "train", "validation", "test", or "data" for other data than the run's.
        state: Which saved weights.
        metrics: `loss` and the recipe's metrics.
        confusion: Counts, one row per true class and one column per predicted class; None for numbers and above 100 classes.
        most_confused: Pairs of classes, the most frequent confusion first.
        worst: The samples with the largest loss first.
        calibration_error: Mean gap between confidence and accuracy, weighted by samples.
        pairs: Up to 1,000 triples (row, true value, predicted value).
        kind: The kind of the target; "" in results of older versions, which know classes and numbers only.
        examples: The samples that went worst first, where targets are more than a class or a number.
        details: What else the kind of answers tells, as JSON values.
        further: The same of the network's other outputs, by target; of each its own loss and metrics.
        notes: What did not fit, in sentences.
        weights_written: When the weights were saved, in nanoseconds since 1970; newer weights make the result old.
    """

    format: Literal["studio.evaluation/1"] = "studio.evaluation/1"
    run: str
    split: str
    state: str
    samples: int
    metrics: dict[str, float]
    target: str
    unit: str | None = None
    classes: list[str] | None = None
    confusion: list[list[int]] | None = None
    per_class: list[ClassFigures] = Field(default_factory=list)
    most_confused: list[Confusion] = Field(default_factory=list)
    worst: list[Mistake] = Field(default_factory=list)
    calibration: list[Bin] = Field(default_factory=list)
    calibration_error: float | None = None
    residuals: Residuals | None = None
    pairs: list[tuple[int, float, float]] = Field(default_factory=list)
    kind: str = ""
    examples: list[Example] = Field(default_factory=list)
    details: dict[str, Any] = Field(default_factory=dict)
    further: dict[str, Evaluation] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)
    weights_written: int = 0
    created: float = Field(default_factory=time.time)


def path_of(run: Run, split: str, state: str) -> Path:
    """Where an evaluation lies; its samples lie beside it as .npz."""
    return run.folder / FOLDER / f"{split}-{state}.json"


def key(number: int, name: str) -> str:
    """The name of an array that belongs to the output of that number, from 0."""
    return f"{number}:{name}" if number else name


def arrays_of(run: Run, split: str, state: str, number: int = 0) -> dict[str, np.ndarray] | None:
    """What an evaluation kept of each sample for one output; None when it kept nothing."""
    found = _arrays(run, split, state)
    if found is None:
        return None
    return {name.partition(":")[2] or name: values for name, values in found.items() if name == key(number, name.partition(":")[2] or name)}


def save(run: Run, evaluation: Evaluation, arrays: dict[str, np.ndarray]) -> None:
    """Writes an evaluation and what is known of its samples."""
    path = path_of(run, evaluation.split, evaluation.state)
    path.parent.mkdir(exist_ok=True)
    with replaced(path.with_suffix(".npz")) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    write_json(path, evaluation.model_dump(mode="json"))


def read(run: Run, split: str = "test", state: str = "best") -> Evaluation | None:
    """An evaluation that was made before; None when there is none, or the weights have changed since.

    Raises:
        StudioError: The file is damaged.
    """
    try:
        found = Evaluation.model_validate(read_json(path_of(run, split, state)))
    except (FileNotFoundError, ValidationError):
        return None
    return found if found.weights_written == weights_written(run, state) else None


def weights_written(run: Run, state: str) -> int:
    """When a state was saved, in nanoseconds since 1970; 0 when it was not."""
    try:
        return (run.checkpoints / f"{state}.npz").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def rows_of_cell(run: Run, split: str, state: str, truth: int, prediction: int, limit: int = 100) -> list[dict[str, Any]]:
    """The samples behind a cell of the confusion matrix, the surest predictions first.

    Args:
        truth: Index of the true class.
        prediction: Index of the predicted class.

    Returns:
        {"row", "confidence", "loss"} of each.
    """
    arrays = _arrays(run, split, state)
    if arrays is None or "predicted" not in arrays:
        return []
    inside = np.flatnonzero((arrays["truth"] == truth) & (arrays["predicted"] == prediction))
    confidence = arrays["probabilities" if "probabilities" in arrays else "scores"][inside, prediction]
    order = np.argsort(-confidence, kind="stable")[:limit]
    return [
        {"row": int(arrays["rows"][place]), "confidence": float(sure), "loss": float(arrays["loss"][place])}
        for place, sure in zip(inside[order], confidence[order], strict=True)
    ]


def probabilities_of(run: Run, split: str, state: str, row: int) -> list[float] | None:
    """The probabilities that were given to the sample of a row; None when it was not among them."""
    arrays = _arrays(run, split, state)
    if arrays is None or "probabilities" not in arrays:
        return None
    place = np.flatnonzero(arrays["rows"] == row)
    return [float(value) for value in arrays["probabilities"][place[0]]] if len(place) else None


def _arrays(run: Run, split: str, state: str) -> dict[str, np.ndarray] | None:
    try:
        with np.load(path_of(run, split, state).with_suffix(".npz"), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except FileNotFoundError:
        return None
