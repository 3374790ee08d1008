"""What the Evaluate page shows of predictions: a confusion matrix, figures per class, mistakes; for numbers a scatter and the errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MATRIX_CLASSES = 40
"""Classes that a matrix has room for; of more, those with the most mistakes are shown."""
SHOWN_MISTAKES = 24
SHOWN_PAIRS = 12
SHOWN_POINTS = 1500
RESIDUAL_BINS = 40


@dataclass(frozen=True)
class Predictions:
    """What a network said to the samples of a split.

    Args:
        rows: Stable index of each sample in its dataset.
        targets: Class indices, or numbers, shape (samples,).
        outputs: Probabilities (samples, classes), or numbers (samples,).
    """

    rows: NDArray[np.int64]
    targets: NDArray[Any]
    outputs: NDArray[np.float32]

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The likeliest class of each sample."""
        return self.outputs.argmax(axis=-1).astype(np.int64)

    @property
    def errors(self) -> NDArray[np.float64]:
        """Predicted minus true, in the target's unit."""
        return self.outputs.astype(np.float64) - self.targets.astype(np.float64)


def of_classes(predictions: Predictions, classes: list[str]) -> dict[str, Any]:
    """Everything about a classification, but the samples themselves.

    Returns:
        `matrix` (`classes`: their indices; `counts`: rows are true, columns predicted), `per_class`, `pairs`, `mistakes` (places in
        the predictions, the surest first) and `wrong` (how many in all).
    """
    counts = confusion(predictions, len(classes))
    shown = matrix_classes(counts)
    return {
        "classes": classes,
        "matrix": {"classes": shown.tolist(), "counts": counts[np.ix_(shown, shown)].tolist()},
        "per_class": per_class(counts, classes),
        "pairs": pairs(counts),
        "mistakes": mistakes(predictions)[:SHOWN_MISTAKES].tolist(),
        "wrong": int((predictions.predicted != predictions.targets).sum()),
    }


def confusion(predictions: Predictions, classes: int) -> NDArray[np.int64]:
    """How often each true class (row) was taken for each class (column)."""
    flat = predictions.targets.astype(np.int64) * classes + predictions.predicted
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


def matrix_classes(counts: NDArray[np.int64], limit: int = MATRIX_CLASSES) -> NDArray[np.int64]:
    """The classes to show in a matrix, in their order: all, or those that mistakes touch most."""
    if len(counts) <= limit:
        return np.arange(len(counts))
    wrong = counts - np.diag(np.diag(counts))
    return np.sort(np.argsort(-(wrong.sum(axis=0) + wrong.sum(axis=1)), kind="stable")[:limit])


def per_class(counts: NDArray[np.int64], classes: list[str]) -> list[dict[str, Any]]:
    """Samples, precision, recall and F1 of every class; None where a figure has no meaning (nothing to divide by)."""
    hits, true, taken = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    found = []
    for index, name in enumerate(classes):
        precision = _share(hits[index], taken[index])
        recall = _share(hits[index], true[index])
        f1 = _share(2 * hits[index], true[index] + taken[index])
        found.append({"index": index, "name": name, "samples": int(true[index]), "precision": precision, "recall": recall, "f1": f1})
    return found


def pairs(counts: NDArray[np.int64], limit: int = SHOWN_PAIRS) -> list[dict[str, Any]]:
    """The confusions that happen most: true class, the class it was taken for, how often, and the share of the true class."""
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    places = [divmod(int(place), len(counts)) for place in order]
    return [
        {"truth": truth, "predicted": taken, "count": int(wrong[truth, taken]), "share": _share(wrong[truth, taken], counts[truth].sum())}
        for truth, taken in places
        if wrong[truth, taken] > 0
    ]


def mistakes(predictions: Predictions) -> NDArray[np.int64]:
    """Places of the samples that were taken for a wrong class, the surest first."""
    wrong = np.flatnonzero(predictions.predicted != predictions.targets)
    return wrong[np.argsort(-predictions.outputs[wrong].max(axis=-1), kind="stable")] if len(wrong) else wrong


def cell(predictions: Predictions, truth: int | None, predicted: int | None) -> NDArray[np.int64]:
    """Places of the samples of a cell of the matrix, the surest first; None for all true, or all predicted classes."""
    chosen = np.ones(len(predictions.rows), dtype=np.bool_)
    if truth is not None:
        chosen &= predictions.targets == truth
    if predicted is not None:
        chosen &= predictions.predicted == predicted
    places = np.flatnonzero(chosen)
    return places[np.argsort(-predictions.outputs[places].max(axis=-1), kind="stable")] if len(places) else places


def of_numbers(predictions: Predictions) -> dict[str, Any]:
    """Everything about a regression, but the samples themselves.

    Returns:
        `points` (true, predicted, place) of at most 1,500 evenly chosen samples, `residuals` (`edges`, `counts`), `mistakes` (places,
        the largest error first), `bias` (mean error) and `spread` (standard deviation of the errors).
    """
    errors = predictions.errors
    chosen = np.unique(np.linspace(0, len(errors) - 1, min(len(errors), SHOWN_POINTS)).round().astype(np.int64))
    counts, edges = np.histogram(errors, bins=min(RESIDUAL_BINS, max(5, round(np.sqrt(len(errors))))))
    return {
        "points": [[_short(predictions.targets[place]), _short(predictions.outputs[place]), int(place)] for place in chosen],
        "residuals": {"edges": [_short(edge) for edge in edges], "counts": counts.tolist()},
        "mistakes": np.argsort(-np.abs(errors), kind="stable")[:SHOWN_MISTAKES].tolist(),
        "bias": _short(errors.mean()),
        "spread": _short(errors.std()),
    }


def told(predictions: Predictions, place: int, classes: list[str] | None) -> dict[str, Any]:
    """One prediction beside the truth."""
    found: dict[str, Any] = {"place": place, "row": int(predictions.rows[place])}
    if classes is None:
        truth, value = float(predictions.targets[place]), float(predictions.outputs[place])
        return {**found, "truth": _short(truth), "predicted": _short(value), "error": _short(value - truth)}
    truth, taken = int(predictions.targets[place]), int(predictions.predicted[place])
    probabilities = predictions.outputs[place]
    return {
        **found,
        "truth": classes[truth],
        "predicted": classes[taken],
        "probability": _short(probabilities[taken]),
        "truth_probability": _short(probabilities[truth]),
    }


def _share(part: Any, whole: Any) -> float | None:
    return round(float(part) / float(whole), 6) if whole else None


def _short(value: Any) -> float:
    return float(f"{float(value):.6g}")
