"""What went right and wrong, from true and predicted values: plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.evaluation.result import Bin, ClassFigures, Confusion, Mistake, Residuals

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
    count = len(classes)
    predicted = probabilities.argmax(axis=1) if len(probabilities) else np.zeros(0, np.int64)
    loss = -np.log(np.maximum(probabilities[np.arange(len(truth)), truth], SMALLEST_PROBABILITY))
    matrix = confusion_matrix(truth, predicted, count)
    confidence = probabilities.max(axis=1) if len(probabilities) else np.zeros(0)
    bins, error = calibration(confidence, predicted == truth)
    wrong = np.flatnonzero(predicted != truth)
    worst = wrong[np.argsort(-loss[wrong], kind="stable")[:MOST_MISTAKES]]
    facts: dict[str, Any] = {
        "classes": list(classes),
        "confusion": matrix.tolist() if count <= MOST_CLASSES_SHOWN else None,
        "per_class": per_class(matrix, classes),
        "most_confused": most_confused(matrix, classes),
        "worst": [
            Mistake(
                row=int(rows[place]), truth=classes[truth[place]], prediction=classes[predicted[place]],
                loss=float(loss[place]), confidence=float(confidence[place]),
            )
            for place in worst
        ],
        "calibration": bins,
        "calibration_error": error,
    }  # fmt: skip
    kept = probabilities.astype(np.float16) if probabilities.size > 10_000_000 else probabilities.astype(np.float32)
    return facts, {
        "rows": rows,
        "truth": truth.astype(np.int32),
        "predicted": predicted.astype(np.int32),
        "loss": loss.astype(np.float32),
        "probabilities": kept,
    }


def of_numbers(rows: np.ndarray, truth: np.ndarray, values: np.ndarray) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Facts of an Evaluation, and the arrays to keep, for a number target of shape (samples,)."""
    error = np.abs(values.astype(np.float64) - truth)
    worst = np.argsort(-error, kind="stable")[:MOST_MISTAKES]
    shown = np.unique(np.linspace(0, max(len(rows) - 1, 0), min(len(rows), MOST_PAIRS)).round().astype(int)) if len(rows) else np.zeros(0, int)
    facts: dict[str, Any] = {
        "residuals": residuals(truth, values),
        "worst": [
            Mistake(row=int(rows[place]), truth=float(truth[place]), prediction=float(values[place]), loss=float(error[place])) for place in worst
        ],
        "pairs": [(int(rows[place]), float(truth[place]), float(values[place])) for place in shown],
    }
    return facts, {"rows": rows, "truth": truth.astype(np.float32), "values": values.astype(np.float32), "loss": error.astype(np.float32)}


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
