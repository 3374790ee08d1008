"""Every metric against scikit-learn on random data, batch by batch, and refused where it means nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from blocks.features import Feature
from studio.settings import metrics
from studio.settings.targets import SettingsError, is_class, is_labels
from studio.workspace import StudioError
from tests.studio.settings.targets import DAY, FITTING, FIVE, LABELS, NO_TARGET, NUMBER, TEN, TWO, labels, probabilities, several

SAMPLES = 500
EVERY = {**FITTING, **NO_TARGET}
HERE = [name for name, entry in metrics.all().items() if any(entry.fits(target) for target in FITTING.values())]
"""Those of classes, labels and numbers; those of pictures, masks, texts ... have tests of their own."""


def _auc(true: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(np.mean([roc_auc_score(true == c, scores[:, c], sample_weight=weights) for c in np.unique(true)]))


def _of_classes(name: str, **settings: Any) -> Callable[..., float]:
    def figure(true: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
        import sklearn.metrics

        return float(getattr(sklearn.metrics, name)(true, scores.argmax(1), sample_weight=weights, **settings))

    return figure


def _of_scores(name: str, **settings: Any) -> Callable[..., float]:
    def figure(true: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
        import sklearn.metrics

        every = np.arange(scores.shape[1])
        return float(getattr(sklearn.metrics, name)(true, scores.astype(float), sample_weight=weights, labels=every, **settings))

    return figure


def _of_numbers(name: str, factor: float = 1.0) -> Callable[..., float]:
    def figure(true: np.ndarray, predicted: np.ndarray, weights: np.ndarray) -> float:
        import sklearn.metrics

        return factor * float(getattr(sklearn.metrics, name)(true.astype(float), predicted[:, 0].astype(float), sample_weight=weights))

    return figure


def _pearson(true: np.ndarray, predicted: np.ndarray, weights: np.ndarray) -> float:
    covariances = np.cov(true.astype(float), predicted[:, 0].astype(float), aweights=weights)
    return float(covariances[0, 1] / np.sqrt(covariances[0, 0] * covariances[1, 1]))


MACRO = {"average": "macro", "zero_division": 0}
SCIKIT: dict[str, Callable[..., float]] = {
    "accuracy": _of_classes("accuracy_score"),
    "balanced_accuracy": _of_classes("balanced_accuracy_score"),
    "precision": _of_classes("precision_score", **MACRO),
    "recall": _of_classes("recall_score", **MACRO),
    "f1": _of_classes("f1_score", **MACRO),
    "auc": _auc,
    "top_5_accuracy": _of_scores("top_k_accuracy_score", k=5),
    "cohen_kappa": _of_classes("cohen_kappa_score"),
    "matthews_correlation": _of_classes("matthews_corrcoef"),
    "cross_entropy": _of_scores("log_loss"),
    "mae": _of_numbers("mean_absolute_error"),
    "mse": _of_numbers("mean_squared_error"),
    "rmse": _of_numbers("root_mean_squared_error"),
    "mape": _of_numbers("mean_absolute_percentage_error", 100),
    "r2": _of_numbers("r2_score"),
    "pearson_correlation": _pearson,
}


def _of_labels(name: str, **settings: Any) -> Callable[..., float]:
    def figure(true: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
        import sklearn.metrics

        found = scores if name == "roc_auc_score" else scores > 0.5
        return float(getattr(sklearn.metrics, name)(true, found, sample_weight=weights, **settings))

    return figure


def _right_answers(true: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    return 1 - _of_labels("hamming_loss")(true, scores, weights)


SCIKIT_OF_LABELS: dict[str, Callable[..., float]] = {
    "accuracy": _right_answers,
    "precision": _of_labels("precision_score", **MACRO),
    "recall": _of_labels("recall_score", **MACRO),
    "f1": _of_labels("f1_score", **MACRO),
    "auc": _of_labels("roc_auc_score", average="macro"),
    "exact_match": _of_labels("accuracy_score"),
}


def expected_figure(name: str, target: Feature) -> Callable[..., float]:
    """The figure of scikit-learn."""
    return SCIKIT_OF_LABELS[name] if is_labels(target) else SCIKIT[name]


def data(target: Feature, classes_that_occur: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """True values and predictions that have something to do with each other."""
    random = np.random.default_rng(2)
    if is_labels(target):
        return several(SAMPLES, len(target.classes or ()))
    if not is_class(target):
        true = random.normal(2000, 10, SAMPLES).astype(np.float32)
        return true, (true + random.normal(1, 4, SAMPLES))[:, None].astype(np.float32)
    classes = len(target.classes or ())
    true = labels(SAMPLES, classes_that_occur or classes)
    scores = probabilities(SAMPLES, classes) + 0.3 * np.eye(classes, dtype=np.float32)[true]
    return true, (scores / scores.sum(1, keepdims=True)).astype(np.float32)


def measured(metric: Any, true: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The figure over batches of unequal size."""
    for start, stop in ((0, 64), (64, 100), (100, 101), (101, len(true))):
        metric.update_state(true[start:stop], predicted[start:stop], None if weights is None else weights[start:stop])
    return float(metric.result())


def test_every_metric_is_compared() -> None:
    assert set(SCIKIT) | set(SCIKIT_OF_LABELS) == set(HERE)
    assert set(SCIKIT_OF_LABELS) == {name for name, entry in metrics.all().items() if entry.fits(LABELS)}


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("name", metrics.all())
def test_equal_to_scikit_learn_where_it_fits_and_refused_where_not(name: str, kind: str) -> None:
    target, member = EVERY[kind], metrics.read(name)
    if not member.fits(target):
        with pytest.raises(SettingsError, match=f"The metric '{name}' does not fit the target '{target.name}' .*(These do: |None does)"):
            member.make(target)
        return
    true, predicted = data(target)
    metric = member.make(target)
    assert metric.name == name
    even, uneven = np.ones(SAMPLES), np.random.default_rng(3).uniform(0, 2, SAMPLES)
    figure, exact = expected_figure(name, target), {"rel": 2e-5, "abs": 5e-4 if name == "auc" else 1e-6}
    assert measured(metric, true, predicted) == pytest.approx(figure(true, predicted, even), **exact)
    metric.reset_state()
    assert measured(metric, true, predicted, uneven) == pytest.approx(figure(true, predicted, uneven), **exact)


@pytest.mark.parametrize("name", [name for name, entry in metrics.all().items() if entry.fits(FIVE)])
def test_classes_that_do_not_occur_are_left_out_as_scikit_learn_does(name: str) -> None:
    true, predicted = data(FIVE, classes_that_occur=3)
    expected = SCIKIT[name](true, predicted, np.ones(SAMPLES))
    assert measured(metrics.read(name).make(FIVE), true, predicted) == pytest.approx(expected, rel=1e-4, abs=5e-4 if name == "auc" else 0)


@pytest.mark.parametrize("name", SCIKIT_OF_LABELS)
def test_labels_that_nobody_has_count_as_scikit_learn_counts_them(name: str) -> None:
    true, predicted = data(LABELS)
    true[:, 1], predicted[:, 1] = 0, 0.1
    if name == "auc":  # scikit-learn knows no curve of such a label, we leave it out
        expected = SCIKIT_OF_LABELS[name](true[:, [0, 2, 3]], predicted[:, [0, 2, 3]], np.ones(SAMPLES))
    else:
        expected = SCIKIT_OF_LABELS[name](true, predicted, np.ones(SAMPLES))
    assert measured(metrics.read(name).make(LABELS), true, predicted) == pytest.approx(expected, rel=1e-4, abs=5e-4 if name == "auc" else 0)


@pytest.mark.parametrize("name", [name for name, entry in metrics.all().items() if entry.fits(TWO)])
def test_a_single_sigmoid_is_the_second_class(name: str) -> None:
    true, predicted = data(TWO)
    both, single = metrics.read(name).make(TWO), metrics.read(name).make(TWO)
    assert measured(single, true[:, None], predicted[:, 1:]) == pytest.approx(measured(both, true, predicted), rel=1e-5)


def test_auc_measures_networks_that_are_sure_of_themselves() -> None:
    random = np.random.default_rng(5)
    true = random.integers(0, 2, 4000)
    odds = random.normal(np.where(true == 1, 8, 5), 3)
    predicted = (1 / (1 + np.exp(-odds)))[:, None].astype(np.float32)
    expected = _auc(true, np.concatenate([1 - predicted, predicted], 1), np.ones(4000))
    assert measured(metrics.read("auc").make(TWO), true, predicted) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("name", HERE)
def test_nothing_seen_gives_a_number_and_the_config_makes_the_same_metric(name: str) -> None:
    import keras

    member = metrics.read(name)
    target = next(target for target in (TEN, NUMBER, LABELS) if member.fits(target))
    metric = member.make(target)
    assert np.isfinite(float(metric.result()))
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    true, predicted = data(target)
    assert measured(again, true, predicted) == measured(metric, true, predicted)
    assert [variable.shape for variable in again.variables] == [variable.shape for variable in metric.variables]


def test_preselected_metrics_and_directions() -> None:
    assert [metric.name for metric in metrics.default_for(TWO)] == ["accuracy"]
    assert [metric.name for metric in metrics.default_for(NUMBER)] == ["mae"]
    assert [metric.name for metric in metrics.default_for(LABELS)] == ["f1", "accuracy", "exact_match"]
    assert next(iter(metrics.fitting(TEN))) == "accuracy"
    assert "top_5_accuracy" in metrics.fitting(TEN)
    assert "top_5_accuracy" not in metrics.fitting(FIVE)
    assert {name for name in HERE if metrics.get(name).mode == "min"} == {"mae", "mse", "rmse", "mape", "cross_entropy"}
    with pytest.raises(StudioError, match="No metric fits the target 'day'"):
        metrics.default_for(DAY)


@pytest.mark.parametrize("units", [1, 2])
def test_all_metrics_run_inside_fit_and_evaluate(units: int) -> None:
    import keras

    keras.utils.set_random_seed(1)
    true, x = labels(96, 2), probabilities(96, 4)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(units, activation="sigmoid" if units == 1 else "softmax")])
    chosen = [entry.read().make(TWO) for entry in metrics.fitting(TWO).values()]
    model.compile(loss="binary_crossentropy" if units == 1 else "sparse_categorical_crossentropy", metrics=chosen)
    history = model.fit(x, true, epochs=1, batch_size=32, verbose=0, validation_data=(x, true)).history
    predicted = model.predict(x, verbose=0)
    scores = np.concatenate([1 - predicted, predicted], 1) if units == 1 else predicted
    for name in metrics.fitting(TWO):
        assert history[f"val_{name}"][-1] == pytest.approx(SCIKIT[name](true, scores, np.ones(96)), abs=5e-3 if name == "auc" else 1e-4), name
