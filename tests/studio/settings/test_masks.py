"""Losses and metrics of masks, against plain NumPy and scikit-learn."""

from __future__ import annotations

import re

import numpy as np
import pytest

from blocks.features import IGNORED, Feature
from studio.settings import losses, metrics
from studio.settings.targets import SettingsError, described, is_mask
from tests.studio.settings.targets import FIVE, NUMBER, probabilities

MASK = Feature(name="mask", role="target", kind="mask", shape=(6, 5), dtype="int32", classes=("ground", "cat", "dog"))
SAMPLES, CLASSES = 7, 3
LOSSES = [name for name, loss in losses.all().items() if loss.fits(MASK)]
METRICS = [name for name, metric in metrics.all().items() if metric.fits(MASK)]


def data(with_gaps: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Class numbers of pixels (some without a class), the last sample of one class, and probabilities."""
    random = np.random.default_rng(3)
    true = random.integers(0, CLASSES, (SAMPLES, 6, 5)).astype(np.uint8)
    true[-1] = 1
    if with_gaps:
        true[random.random(true.shape) < 0.2] = IGNORED
    said = probabilities(true.size, CLASSES).reshape(*true.shape, CLASSES)
    return true, said


def by_sample(name: str, true: np.ndarray, said: np.ndarray) -> np.ndarray:
    """The loss of each sample, as its formula says."""
    found = []
    for truth, guess in zip(true, said, strict=True):
        kept = truth != IGNORED
        y, q = np.eye(CLASSES)[truth[kept]], guess[kept].astype(np.float64)
        p = (y * q).sum(axis=1)
        both, there, given = (y * q).sum(axis=0), y.sum(axis=0), q.sum(axis=0)
        shown = there > 0
        area = {
            "dice": 2 * both / (there + given),
            "jaccard": both / (there + given - both),
            "tversky": both / (both + 0.3 * (given - both) + 0.7 * (there - both)),
        }
        entropy = -np.log(p).mean()
        value = {
            "sparse_categorical_crossentropy": entropy,
            "categorical_focal_crossentropy": (-0.25 * (1 - p) ** 2 * np.log(p)).mean(),
            "dice_crossentropy": entropy + 1 - area["dice"][shown].mean(),
            **{each: 1 - values[shown].mean() for each, values in area.items()},
        }[name]
        found.append(value)
    return np.array(found)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_their_formulas(name: str) -> None:
    true, said = data()
    loss = losses.read(name).make(MASK, units=CLASSES)
    expected = by_sample(name, true, said)
    assert float(loss(true, said)) == pytest.approx(expected.mean(), rel=1e-5)
    weights = np.linspace(0, 1, SAMPLES).astype(np.float32)
    assert float(loss(true, said, sample_weight=weights)) == pytest.approx((weights * expected).mean(), rel=1e-5)
    parts = [float(loss(true[start : start + 2], said[start : start + 2])) * len(true[start : start + 2]) for start in range(0, SAMPLES, 2)]
    assert sum(parts) / SAMPLES == pytest.approx(expected.mean(), rel=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_lead_from_wrong_to_right_and_come_back_from_their_configuration(name: str) -> None:
    import keras
    import tensorflow as tf

    true, said = data()
    loss = losses.read(name).make(MASK)
    tensor = tf.constant(said)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = loss(true, tensor)
    gradient = tape.gradient(value, tensor).numpy()
    assert np.isfinite(gradient).all()
    assert not gradient[true == IGNORED].any()
    kept = true != IGNORED
    assert (np.take_along_axis(gradient, np.where(kept, true, 0)[..., None].astype(int), -1)[..., 0][kept] < 0).all()
    perfect = np.eye(CLASSES, dtype=np.float32)[np.where(kept, true, 0)]
    assert float(loss(true, perfect)) == pytest.approx(0, abs=1e-5)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert float(again(true, said)) == pytest.approx(float(value), rel=1e-6)


def test_class_weights_and_smoothing_of_pixels() -> None:
    true, said = data(with_gaps=False)
    p = np.take_along_axis(said, true[..., None].astype(int), -1)[..., 0]
    weights = np.array([0.5, 2.0, 1.0])
    loss = losses.read("sparse_categorical_crossentropy").make(MASK, class_weights=weights)
    assert float(loss(true, said)) == pytest.approx((-np.log(p) * weights[true]).mean(), rel=1e-5)
    smoothed = losses.read("dice_crossentropy").make(MASK, label_smoothing=0.3)
    plain = losses.read("dice_crossentropy").make(MASK)
    spread = 0.7 * -np.log(p) + 0.1 * -np.log(said).sum(axis=-1)
    assert float(smoothed(true, said)) - float(plain(true, said)) == pytest.approx((spread + np.log(p)).mean(), rel=1e-4)
    with pytest.raises(SettingsError, match="'jaccard' takes no label smoothing"):
        losses.read("jaccard").make(MASK, label_smoothing=0.1)


@pytest.mark.parametrize("name", LOSSES)
def test_a_sample_without_any_class_costs_nothing(name: str) -> None:
    _, said = data()
    assert float(losses.read(name).make(MASK)(np.full((SAMPLES, 6, 5), IGNORED, np.uint8), said)) == 0


@pytest.mark.parametrize("with_weights", [False, True])
@pytest.mark.parametrize("name", METRICS)
def test_metrics_are_those_of_scikit_learn_over_all_pixels(name: str, with_weights: bool) -> None:
    from sklearn.metrics import accuracy_score, f1_score, jaccard_score

    true, said = data()
    weights = np.linspace(0.5, 1, SAMPLES).astype(np.float32) if with_weights else np.ones(SAMPLES, np.float32)
    kept = true != IGNORED
    settings = {"sample_weight": np.broadcast_to(weights[:, None, None], true.shape)[kept]}
    pair = true[kept], said.argmax(axis=-1)[kept]
    expected = {
        "miou": lambda: jaccard_score(*pair, average="macro", **settings),
        "dice": lambda: f1_score(*pair, average="macro", **settings),
        "accuracy": lambda: accuracy_score(*pair, **settings),
    }[name]()
    metric = metrics.read(name).make(MASK)
    for start, stop in ((0, 3), (3, SAMPLES)):
        metric.update_state(true[start:stop], said[start:stop], weights[start:stop] if with_weights else None)
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


def test_classes_that_neither_occur_nor_are_predicted_are_left_out() -> None:
    true = np.zeros((1, 2, 2), np.uint8)
    said = np.eye(CLASSES, dtype=np.float32)[np.array([[[0, 0], [0, 1]]])]
    metric = metrics.read("miou").make(MASK)
    metric.update_state(true, said)
    assert float(metric.result()) == pytest.approx((3 / 4 + 0) / 2)


def test_what_is_preselected_and_what_is_refused() -> None:
    assert losses.default_for(MASK).name == "dice_crossentropy"
    assert [metric.name for metric in metrics.default_for(MASK)] == ["miou", "dice", "accuracy"]
    assert set(LOSSES) == {"sparse_categorical_crossentropy", "categorical_focal_crossentropy", "dice", "jaccard", "tversky", "dice_crossentropy"}
    assert is_mask(MASK)
    assert not is_mask(MASK.model_copy(update={"classes": ("ground",)}))
    assert described(MASK) == "'mask' (a mask of 3 classes)"
    for target in (FIVE, NUMBER):
        with pytest.raises(SettingsError, match=re.escape(f"The loss 'dice' does not fit the target {described(target)}. These do: ")):
            losses.read("dice").make(target)
        with pytest.raises(SettingsError, match="The metric 'miou' does not fit"):
            metrics.read("miou").make(target)
    with pytest.raises(SettingsError, match=r"needs an output of 3 units\. The network has 2"):
        losses.read("dice").make(MASK, units=2)
