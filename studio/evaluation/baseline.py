"""What simple models of scikit-learn reach on the same numbers and the same split: the yardstick for a network on a table."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from blocks.features import TABLE_INPUT
from studio.datasets import store
from studio.evaluation.errors import EvaluationError
from studio.evaluation.evaluate import fold_of
from studio.evaluation.measure import confusion_matrix, residuals
from studio.evaluation.opened import Opened
from studio.networks.arrays import Samples, bound_inputs, samples

TREES = 200
SEED = 0


def baselines(opened: Opened, split: str = "test") -> dict[str, dict[str, float]]:
    """Figures of a linear model and of a random forest trained on the training split, by name, and those of the network.

    Linear is a logistic regression for classes and a ridge regression (chosen penalty) for numbers. All see the columns
    as the network's own encoding gives them.

    Raises:
        EvaluationError: The network takes no table.
    """
    if set(bound_inputs(opened.loaded.whole).values()) != {TABLE_INPUT}:
        raise EvaluationError("Baselines are for tables; this network takes something else.")
    dataset = fold_of(opened, store.load(opened.workspace, opened.loaded.recipe.dataset))
    seen = {part: samples(opened.workspace, dataset, opened.loaded.split, part) for part in ("train", split)}
    if not len(seen[split]):
        raise EvaluationError(f"There are no {split} samples to measure.")
    target = opened.head.target
    truth = seen[split].targets[target.name]
    own = opened.head.answering.read(opened.outputs(seen[split])[opened.head.output])
    found = {"network": _figures(truth, own.argmax(axis=1) if target.classes else own, target.classes)}
    x, y = _encoded(seen["train"]), seen["train"].targets[target.name]
    for name, model in _models(target.classes is not None).items():
        with warnings.catch_warnings():
            # A linear model that has not quite converged is a yardstick all the same.
            warnings.filterwarnings("ignore", module="sklearn")
            answers = np.full(len(truth), y[0]) if len(np.unique(y)) == 1 else model.fit(x, y).predict(_encoded(seen[split]))
        found[name] = _figures(truth, answers, target.classes)
    return found


def _models(classes: bool) -> dict[str, Any]:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression, RidgeCV

    if classes:
        return {
            "logistic_regression": LogisticRegression(max_iter=2000),
            "random_forest": RandomForestClassifier(TREES, random_state=SEED),
        }
    return {"ridge_regression": RidgeCV(np.logspace(-3, 3, 13)), "random_forest": RandomForestRegressor(TREES, random_state=SEED)}


def _encoded(seen: Samples) -> np.ndarray:
    return next(iter(seen.inputs.values()))


def _figures(truth: np.ndarray, answers: np.ndarray, classes: tuple[str, ...] | None) -> dict[str, float]:
    if classes is None:
        found = residuals(truth.reshape(-1), answers.reshape(-1))
        assert found is not None  # noqa: S101 - there are samples
        return {"mae": found.mae, "rmse": found.rmse, **({"r2": found.r2} if found.r2 is not None else {})}
    matrix = confusion_matrix(truth, answers.astype(np.int64), len(classes))
    right, support, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    there = support > 0
    f1 = 2 * right / np.maximum(support + predicted, 1)
    return {
        "accuracy": float(right.sum() / matrix.sum()),
        "balanced_accuracy": float((right[there] / support[there]).mean()),
        "f1": float(f1[(support + predicted) > 0].mean()),
    }
