"""Figures are those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from studio.evaluation import measure

CLASSES = ("a", "b", "c", "never")


def _case() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(4), 200)
    probabilities[:, 3] = 0
    return rng.integers(0, 3, 200), probabilities / probabilities.sum(axis=1, keepdims=True)


def test_classes() -> None:
    truth, probabilities = _case()
    predicted = probabilities.argmax(axis=1)
    facts, arrays = measure.of_classes(np.arange(1000, 1200), truth, probabilities, CLASSES)
    labels = range(4)
    np.testing.assert_array_equal(facts["confusion"], metrics.confusion_matrix(truth, predicted, labels=labels))
    expected = np.array(metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0))
    found = np.array([(each.precision, each.recall, each.f1, each.support) for each in facts["per_class"]]).T
    np.testing.assert_allclose(found, expected)
    worst = facts["worst"]
    assert [each.loss for each in worst] == sorted((each.loss for each in worst), reverse=True)
    assert all(each.truth != each.prediction for each in worst)
    place = worst[0].row - 1000
    assert worst[0].loss == pytest.approx(-np.log(probabilities[place, truth[place]]))
    assert arrays["probabilities"].shape == (200, 4)
    counts = [each.count for each in facts["most_confused"]]
    assert counts == sorted(counts, reverse=True)
    assert sum(each.count for each in facts["calibration"]) == 200


def test_a_sure_and_right_network_is_calibrated() -> None:
    bins, error = measure.calibration(np.array([1.0, 1.0, 0.95]), np.array([True, True, True]))
    assert error == pytest.approx(0.05 / 3)
    assert [each.count for each in bins] == [3]


def test_numbers() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(100, 20, 300)
    values = truth + rng.normal(1, 5, 300)
    facts, _ = measure.of_numbers(np.arange(300), truth, values)
    found = facts["residuals"]
    assert found.mae == pytest.approx(metrics.mean_absolute_error(truth, values))
    assert found.rmse == pytest.approx(metrics.root_mean_squared_error(truth, values))
    assert found.r2 == pytest.approx(metrics.r2_score(truth, values))
    assert found.mean == pytest.approx((values - truth).mean())
    assert facts["worst"][0].loss == pytest.approx(np.abs(values - truth).max())
    assert len(facts["pairs"]) == 300


def test_no_spread_gives_no_r2() -> None:
    found = measure.residuals(np.ones(3), np.array([1.0, 2.0, 3.0]))
    assert found is not None
    assert found.r2 is None
    assert measure.residuals(np.zeros(0), np.zeros(0)) is None
