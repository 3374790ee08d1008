"""What went right and wrong, from true and predicted values: plain NumPy."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from studio.evaluation.result import Bin, ClassFigures, Confusion, Example, Mistake, Residuals

MOST_CLASSES_SHOWN = 100
MOST_PAIRS = 1_000
MOST_MISTAKES = 50
MOST_CONFUSED = 20
BINS = 10
SMALLEST_PROBABILITY = 1e-12


def of_classes(
    rows: np.ndarray, truth: np.ndarray, probabilities: np.ndarray, classes: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Facts of an Evaluation, and the arrays to keep, for a class target.

    Args:
        truth: Class indices, shape (samples,).
        probabilities: Shape (samples, classes).
    """
    loss = -np.log(np.maximum(probabilities[np.arange(len(truth)), truth], SMALLEST_PROBABILITY))
    facts, arrays = _of_one_class(rows, truth, probabilities, loss, classes, "probabilities")
    confidence = probabilities.max(axis=1) if len(probabilities) else np.zeros(0)
    bins, error = calibration(confidence, arrays["predicted"] == truth)
    return {**facts, "calibration": bins, "calibration_error": error}, arrays


def of_scores(rows: np.ndarray, truth: np.ndarray, scores: np.ndarray, classes: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """As `of_classes`, for scores that are no probabilities: how sure they are can't be told, and the hinge ranks the mistakes."""
    own = scores[np.arange(len(truth)), truth]
    others = np.where(np.arange(len(classes)) == truth[:, None], -np.inf, scores)
    loss = np.maximum(0.0, 1.0 + others.max(axis=1, initial=-np.inf) - own)
    return _of_one_class(rows, truth, scores, loss, classes, "scores")


def _of_one_class(
    rows: np.ndarray, truth: np.ndarray, said: np.ndarray, loss: np.ndarray, classes: tuple[str, ...], what: Literal["probabilities", "scores"]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What is told of answers of which the largest number names the class.

    Args:
        said: Shape (samples, classes).
        loss: By which the mistakes are ranked.
        what: The meaning of `said`.
    """
    count = len(classes)
    predicted = said.argmax(axis=1) if len(said) else np.zeros(0, np.int64)
    largest = said.max(axis=1) if len(said) else np.zeros(0)
    matrix = confusion_matrix(truth, predicted, count)
    wrong = np.flatnonzero(predicted != truth)
    worst = wrong[np.argsort(-loss[wrong], kind="stable")[:MOST_MISTAKES]]
    surety = "confidence" if what == "probabilities" else "score"
    facts: dict[str, Any] = {
        "classes": list(classes),
        "confusion": matrix.tolist() if count <= MOST_CLASSES_SHOWN else None,
        "per_class": per_class(matrix, classes),
        "most_confused": most_confused(matrix, classes),
        "worst": [
            Mistake(
                row=int(rows[place]), truth=classes[truth[place]], prediction=classes[predicted[place]], loss=float(loss[place]),
                **{surety: float(largest[place])},
            )
            for place in worst
        ],
    }  # fmt: skip
    kept = said.astype(np.float16) if said.size > 10_000_000 else said.astype(np.float32)
    return facts, {
        "rows": rows,
        "truth": truth.astype(np.int32),
        "predicted": predicted.astype(np.int32),
        "loss": loss.astype(np.float32),
        what: kept,
    }


def of_labels(
    rows: np.ndarray, truth: np.ndarray, probabilities: np.ndarray, labels: tuple[str, ...], threshold: float
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Facts of an Evaluation, and the arrays to keep, for a target of any number of labels.

    Args:
        truth: 1 for each label of a sample, shape (samples, labels).
        probabilities: The same shape.
        threshold: Labels with more are said.
    """
    true, said = truth > 0.5, probabilities > threshold
    sure = np.clip(probabilities.astype(np.float64), SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    loss = -np.where(true, np.log(sure), np.log(1 - sure)).mean(axis=1)
    wrong = (true != said).sum(axis=1)
    order = np.lexsort((np.arange(len(rows)), -loss, -wrong))[:MOST_MISTAKES]
    bins, error = calibration(probabilities.reshape(-1), true.reshape(-1))
    facts: dict[str, Any] = {
        "classes": list(labels),
        "per_class": _per_label(true, said, labels),
        "calibration": bins,
        "calibration_error": error,
        "examples": [
            Example(row=int(rows[place]), place=int(place), scores={"wrong_labels": float(wrong[place]), "loss": float(loss[place])})
            for place in order
        ],
        "details": {"threshold": threshold, "wrong": int((wrong > 0).sum())},
    }
    return facts, {
        "rows": rows,
        "truth": true,
        "predicted": said,
        "loss": loss.astype(np.float32),
        "probabilities": probabilities.astype(np.float32),
    }


def _per_label(true: np.ndarray, said: np.ndarray, labels: tuple[str, ...]) -> list[ClassFigures]:
    hits, support, given = (true & said).sum(axis=0), true.sum(axis=0), said.sum(axis=0)
    precision, recall, f1 = hits / np.maximum(given, 1), hits / np.maximum(support, 1), 2 * hits / np.maximum(support + given, 1)
    return [
        ClassFigures(name=name, precision=float(precision[i]), recall=float(recall[i]), f1=float(f1[i]), support=int(support[i]))
        for i, name in enumerate(labels)
    ]


def of_numbers(rows: np.ndarray, truth: np.ndarray, values: np.ndarray) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Facts of an Evaluation, and the arrays to keep, for a target of numbers, shape (samples,) or (samples, numbers).

    Of several numbers per sample the mean absolute error ranks the samples; pairs are told of single ones only.
    """
    truth, values = (array.reshape(len(rows), math.prod(array.shape[1:])) for array in (truth, values))
    single = truth.shape[1] == 1
    error = np.abs(values.astype(np.float64) - truth).mean(axis=1)
    worst = np.argsort(-error, kind="stable")[:MOST_MISTAKES]
    shown = np.unique(np.linspace(0, max(len(rows) - 1, 0), min(len(rows), MOST_PAIRS)).round().astype(int)) if len(rows) else np.zeros(0, int)
    if not single:
        shown = shown[:0]
    facts: dict[str, Any] = {
        "residuals": residuals(truth.reshape(-1), values.reshape(-1)),
        "worst": [
            Mistake(
                row=int(rows[place]), truth=float(truth[place].mean()), prediction=float(values[place].mean()), loss=float(error[place])
            )
            for place in worst
        ],
        "pairs": [(int(rows[place]), float(truth[place, 0]), float(values[place, 0])) for place in shown],
    }  # fmt: skip
    kept = {"truth": truth[:, 0] if single else truth, "values": values[:, 0] if single else values}
    return facts, {"rows": rows, **{name: array.astype(np.float32) for name, array in kept.items()}, "loss": error.astype(np.float32)}


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, count: int) -> np.ndarray:
    """Counts with a row per true class and a column per predicted class."""
    return np.bincount(truth.astype(np.int64) * count + predicted, minlength=count * count).reshape(count, count)


def per_class(matrix: np.ndarray, classes: tuple[str, ...]) -> list[ClassFigures]:
    """Precision, recall and F1 of every class, as scikit-learn defines them (0 where there is nothing to divide by)."""
    right = np.diag(matrix).astype(np.float64)
    predicted, support = matrix.sum(axis=0), matrix.sum(axis=1)
    precision = right / np.maximum(predicted, 1)
    recall = right / np.maximum(support, 1)
    f1 = 2 * right / np.maximum(predicted + support, 1)
    return [
        ClassFigures(name=name, precision=float(precision[i]), recall=float(recall[i]), f1=float(f1[i]), support=int(support[i]))
        for i, name in enumerate(classes)
    ]


def most_confused(matrix: np.ndarray, classes: tuple[str, ...]) -> list[Confusion]:
    """The most frequent confusions."""
    errors = matrix.copy()
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[:MOST_CONFUSED]
    found = [(int(place) // len(classes), int(place) % len(classes)) for place in order]
    return [Confusion(truth=classes[i], prediction=classes[j], count=int(errors[i, j])) for i, j in found if errors[i, j]]


def calibration(confidence: np.ndarray, right: np.ndarray) -> tuple[list[Bin], float | None]:
    """Ten bins of confidence with the accuracy in each, and the expected calibration error.

    Source: Guo et al. (2017), On calibration of modern neural networks, arXiv:1706.04599, section 2.
    """
    if not len(confidence):
        return [], None
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = []
    for number in range(BINS):
        inside = place == number
        if inside.any():
            bins.append(Bin(confidence=float(confidence[inside].mean()), accuracy=float(right[inside].mean()), count=int(inside.sum())))
    return bins, sum(each.count * abs(each.confidence - each.accuracy) for each in bins) / len(confidence)


def residuals(truth: np.ndarray, values: np.ndarray) -> Residuals | None:
    """Figures of the errors; None without samples."""
    if not len(truth):
        return None
    exact = truth.astype(np.float64)
    error = values.astype(np.float64) - exact
    spread = float(((exact - exact.mean()) ** 2).sum())
    return Residuals(
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt((error**2).mean())),
        r2=1 - float((error**2).sum()) / spread if spread > 0 else None,
        mean=float(error.mean()),
        median_absolute=float(np.median(np.abs(error))),
        largest_absolute=float(np.abs(error).max()),
    )
