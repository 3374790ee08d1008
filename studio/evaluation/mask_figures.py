"""How well predicted masks agree with true ones: plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from blocks.features import IGNORED
from studio.evaluation.measure import MOST_MISTAKES
from studio.evaluation.result import Example

MOST_CLASSES_SHOWN = 100


def counts(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Pixels by true class (rows) and predicted class (columns); those without a class are left out."""
    kept = truth != IGNORED
    pairs = truth[kept].astype(np.int64) * classes + predicted[kept]
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def shares(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """IoU and Dice of every class; NaN where it neither occurs nor is predicted."""
    both, true, said = np.diag(matrix).astype(np.float64), matrix.sum(axis=1), matrix.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return both / (true + said - both), 2 * both / (true + said)


def of_masks(rows: np.ndarray, truth: np.ndarray, predicted: np.ndarray, classes: tuple[str, ...]) -> tuple[dict[str, Any], list[int]]:
    """Facts of an Evaluation, and the samples that it shows, the worst first.

    Args:
        truth: Class indices of pixels (samples, height, width), 255 for none.
        predicted: The same, without 255.
    """
    each = [counts(true, said, len(classes)) for true, said in zip(truth, predicted, strict=True)]
    total = np.sum(each, axis=0) if each else np.zeros((len(classes), len(classes)), np.int64)
    iou, dice = shares(total)
    scores = [_scores(matrix) for matrix in each]
    worst = sorted(range(len(rows)), key=lambda place: scores[place]["miou"])[:MOST_MISTAKES]
    table = [
        [name, _number(iou[place]), _number(dice[place]), int(total[place].sum()), int(total[:, place].sum())] for place, name in enumerate(classes)
    ]
    facts = {
        "classes": list(classes),
        "examples": [Example(row=int(rows[place]), place=number, scores=scores[place]) for number, place in enumerate(worst)],
        "details": {"table": {"columns": ["class", "iou", "dice", "pixels", "predicted_pixels"], "rows": table[:MOST_CLASSES_SHOWN]}},
    }
    return facts, worst


def _scores(matrix: np.ndarray) -> dict[str, float]:
    iou, dice = shares(matrix)
    total = matrix.sum()
    accuracy = float(np.trace(matrix) / total) if total else 0.0
    if not total:
        return {"miou": 0.0, "dice": 0.0, "accuracy": 0.0}
    return {"miou": float(np.nanmean(iou)), "dice": float(np.nanmean(dice)), "accuracy": accuracy}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
