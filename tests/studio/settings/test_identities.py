"""Losses and metrics of embeddings, against what loops over samples and scikit-learn say."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from blocks.features import Feature
from studio.settings import losses, metrics
from studio.settings.collected import Collected
from studio.settings.likeness import Likeness, distances, nearest
from studio.settings.targets import SettingsError
from tests.studio.settings.targets import FIVE, NUMBER

WHO = Feature(name="who", role="target", kind="identity", dtype="int32", classes=tuple("abcdef"))
LOSSES = sorted(name for name, entry in losses.all().items() if entry.fits(WHO))
METRICS = sorted(name for name, entry in metrics.all().items() if entry.fits(WHO))


def batch(seed: int = 0, samples: int = 14, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Class numbers, and embeddings of unit length that have something to do with them."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, classes, samples).astype(np.int32)
    values = random.normal(size=(classes, 5))[codes] + random.normal(0, 0.8, (samples, 5))
    return codes, (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def by_loops(name: str, codes: np.ndarray, values: np.ndarray) -> float:
    """The losses with their defaults as their papers write them, sample by sample."""
    count = range(len(codes))
    d = np.array([[np.linalg.norm(values[i] - values[j]) for j in count] for i in count], np.float64)
    same = [[j for j in count if j != i and codes[j] == codes[i]] for i in count]
    other = [[j for j in count if codes[j] != codes[i]] for i in count]
    anchors = [i for i in count if same[i] and other[i]]
    pairs = [(i, j) for i in count for j in same[i]]
    if name == "contrastive":
        apart = [max(0.0, 1 - d[i, j]) ** 2 for i in count for j in other[i]]
        return float(np.mean([d[i, j] ** 2 for i, j in pairs]) + np.mean(apart)) / 2
    if name == "cosine_embedding":
        cosines = values.astype(np.float64) @ values.T
        opened = [max(0.0, cosines[i, j]) for i in count for j in other[i]]
        return float(np.mean([1 - cosines[i, j] for i, j in pairs]) + np.mean(opened)) / 2
    if name == "pair_cross_entropy":
        p = 1 / (1 + np.exp(-8 * (1 - d)))
        return -float(np.mean([np.log(p[i, j]) for i, j in pairs]) + np.mean([np.log(1 - p[i, j]) for i in count for j in other[i]])) / 2
    if name == "triplet":
        return float(np.mean([max(0.0, d[i, j] ** 2 - d[i, k] ** 2 + 0.2) for i, j in pairs for k in other[i]]))
    if name == "triplet_batch_hard":
        return float(np.mean([max(0.0, max(d[i, same[i]]) - min(d[i, other[i]]) + 0.2) for i in anchors]))
    if name == "triplet_semihard":
        negatives = {(i, j): [d[i, k] for k in other[i] if d[i, k] > d[i, j]] for i, j in pairs}
        chosen = {(i, j): min(found) if found else max(d[i, other[i]]) for (i, j), found in negatives.items()}
        return float(np.mean([max(0.0, d[i, j] ** 2 - chosen[i, j] ** 2 + 0.2) for i, j in pairs]))
    if name == "quadruplet":
        first = np.mean([max(0.0, max(d[i, same[i]]) ** 2 - min(d[i, other[i]]) ** 2 + 0.2) for i in anchors])
        between = {i: [d[j, k] ** 2 for j, k in combinations(other[i], 2) if codes[j] != codes[k]] for i in anchors}
        return float(first + np.mean([max(0.0, max(d[i, same[i]]) ** 2 - min(between[i]) + 0.1) for i in anchors if between[i]]))
    likeness = values.astype(np.float64) @ values.T / 0.1
    shares = {i: np.log(np.exp(likeness[i, [k for k in count if k != i]]).sum()) for i in count}
    return float(np.mean([-np.mean([likeness[i, j] - shares[i] for j in same[i]]) for i in count if same[i]]))


def value_and_gradient(loss: Any, codes: np.ndarray, values: np.ndarray) -> tuple[float, np.ndarray]:
    import tensorflow as tf

    tensor = tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = loss(codes, tensor)
    return float(value), tape.gradient(value, tensor).numpy()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_losses_are_those_of_their_papers(name: str, seed: int) -> None:
    codes, values = batch(seed)
    for shaped in (codes, codes[:, None]):
        value, gradient = value_and_gradient(losses.read(name).make(WHO), shaped, values)
        assert value == pytest.approx(by_loops(name, codes, values), rel=1e-4)
    assert np.isfinite(gradient).all()
    assert (gradient != 0).any()


def test_the_soft_margin_goes_on_beyond_any_margin() -> None:
    codes, values = np.array([0, 0, 1, 1], np.int32), np.array([[1, 0], [1, 0], [-1, 0], [-1, 0]], np.float32)
    hard, soft = (losses.read({"name": "triplet_batch_hard", "soft": soft}).make(WHO) for soft in (False, True))
    assert float(hard(codes, values)) == 0
    assert float(soft(codes, values)) == pytest.approx(np.log1p(np.exp(-2)), rel=1e-4)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(
    ("codes", "values"),
    [
        (np.zeros(6, np.int32), batch()[1][:6]),  # one class alone
        (np.arange(6, dtype=np.int32), batch()[1][:6]),  # every sample of a class of its own
        (np.array([0, 0, 1, 1], np.int32), np.zeros((4, 3), np.float32)),  # a network that says the same to all
        (np.array([3], np.int32), batch()[1][:1]),
    ],
)
def test_batches_without_anything_to_compare_harm_nothing(name: str, codes: np.ndarray, values: np.ndarray) -> None:
    value, gradient = value_and_gradient(losses.read(name).make(WHO), codes, values)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_for_identities_and_come_back_from_their_configuration(name: str) -> None:
    import keras

    member = losses.read(name)
    assert not member.fits(FIVE)
    assert not member.fits(NUMBER)
    with pytest.raises(SettingsError, match=f"The loss '{name}' does not fit the target 'kind'"):
        member.make(FIVE)
    codes, values = batch()
    loss = member.make(WHO)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert float(again(codes, values)) == float(loss(codes, values))
    assert loss.name == name


def test_what_is_preselected() -> None:
    assert losses.default_for(WHO).name == "supervised_contrastive"
    assert [metric.name for metric in metrics.default_for(WHO)] == ["recall_at_1", "equal_error_rate", "one_shot_accuracy", "auc"]
    assert METRICS == ["auc", "equal_error_rate", "one_shot_accuracy", "recall_at_1", "recall_at_5"]
    assert not [name for name in METRICS if name != "auc" and metrics.get(name).fits(FIVE)]


def measured(name: str, codes: np.ndarray, values: np.ndarray) -> float:
    metric: Any = metrics.read(name).make(WHO)
    assert isinstance(metric, Collected)
    for start in range(0, len(codes), 50):
        metric.update_state(codes[start : start + 50], values[start : start + 50])
    assert len(metric) == len(codes)
    found = metric.result()
    metric.reset_state()
    assert len(metric) == 0
    return float(found)


def test_pairs_are_judged_as_scikit_learn_does() -> None:
    from sklearn.metrics import roc_auc_score, roc_curve

    codes, values = batch(3, 160, 9)
    first, second = np.triu_indices(len(codes), 1)
    same, away = codes[first] == codes[second], np.linalg.norm(values[first] - values[second], axis=1)
    assert measured("auc", codes, values) == pytest.approx(roc_auc_score(same, -away), abs=1e-6)
    false, true, _ = roc_curve(same, -away, drop_intermediate=False)
    fine = np.linspace(0, 1, 200_001)
    error = fine[np.argmin(np.abs(np.interp(fine, false, true) - (1 - fine)))]
    assert measured("equal_error_rate", codes, values) == pytest.approx(error, abs=1e-3)
    pairs = Likeness.of(codes, values).pairs
    rate, threshold = pairs.equal_error
    assert (away[same] > threshold).mean() == pytest.approx(rate, abs=2e-3)
    assert (away[~same] <= threshold).mean() == pytest.approx(rate, abs=2e-3)
    curve = np.array(pairs.curve(60))
    assert (np.diff(curve, axis=0) >= 0).all()
    assert curve[-1].tolist() == [1, 1]


@pytest.mark.parametrize(("name", "count"), [("recall_at_1", 1), ("recall_at_5", 5)])
def test_recall_looks_at_all_other_samples(name: str, count: int) -> None:
    codes, values = batch(4, 130, 40)
    alone = np.bincount(codes)[codes] == 1
    assert alone.any()
    away = distances(values, values)
    np.fill_diagonal(away, np.inf)
    hits = [(codes[np.argsort(row, kind="stable")[:count]] == codes[i]).any() for i, row in enumerate(away)]
    assert measured(name, codes, values) == pytest.approx(np.mean(np.array(hits)[~alone]))


def test_one_shot_asks_about_twenty_classes_at_a_time() -> None:
    random = np.random.default_rng(0)
    codes = np.repeat(np.arange(30, dtype=np.int32), 6)
    right, chance = np.eye(30, dtype=np.float32)[codes], random.normal(size=(180, 8)).astype(np.float32)
    assert measured("one_shot_accuracy", codes, right) == 1
    assert measured("one_shot_accuracy", codes, chance) == pytest.approx(1 / 20, abs=0.02)
    assert Likeness.of(codes, chance).ways == 20
    few = Likeness.of(np.array([0, 0, 0, 1, 1, 2]), random.normal(size=(6, 8)))
    assert few.ways == 2  # the third class has one sample alone
    assert few.one_shot() == few.one_shot()


@pytest.mark.parametrize("name", METRICS)
def test_nothing_to_compare_gives_a_number(name: str) -> None:
    metric: Any = metrics.read(name).make(WHO)
    assert np.isfinite(metric.result())
    for codes in (np.zeros(1, np.int32), np.zeros(5, np.int32), np.arange(5, dtype=np.int32)):
        assert np.isfinite(measured(name, codes, np.full((len(codes), 3), np.nan, np.float32)))


def test_of_many_samples_whole_classes_are_compared() -> None:
    codes = np.repeat(np.arange(700, dtype=np.int32), 10)
    found = Likeness.of(codes, np.zeros((7000, 2), np.float32))
    assert len(found.codes) == 4000
    assert (np.unique(found.codes, return_counts=True)[1] == 10).all()


def test_the_nearest_come_in_order_and_a_sample_is_not_its_own_neighbour() -> None:
    gallery = np.array([[0.0], [1.0], [3.0], [6.0]], np.float32)
    places, away = nearest(gallery, gallery, 2, np.arange(4))
    assert places.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert away.tolist() == [[1, 3], [1, 2], [2, 3], [3, 5]]
    assert nearest(gallery, gallery[:1], 9)[0].tolist() == [[0, 1, 2, 3]]
