"""Every loss on every target: finite with a gradient where it fits, refused with one sentence where it does not."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from blocks.features import Feature
from studio.settings import losses
from studio.settings.targets import SettingsError, is_class, is_labels
from studio.workspace import StudioError
from tests.studio.settings.targets import CHANGE, DAY, FITTING, FIVE, LABELS, NO_TARGET, NUMBER, PRICE, TEN, TWO, labels, probabilities, several

LEFT_OUT = {
    "Loss": "the base class",
    "Circle": "judges embeddings, not predictions",
    "Dice": "measures the overlap of regions, so it wants a mask; with one label per sample it is the absolute error",
    "Tversky": "as Dice",
}
SAMPLES = 12
EVERY = {**FITTING, **NO_TARGET}
HERE = [name for name, entry in losses.all().items() if any(entry.fits(target) for target in FITTING.values())]
"""Those of classes, labels and numbers; those of pictures, masks, texts ... have tests of their own."""


def outputs(target: Feature, units: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Labels (batch,) or (batch, labels), and predictions (batch, units) as a training sees them."""
    if is_labels(target):
        return several(SAMPLES, len(target.classes or ()))
    if is_class(target):
        classes = len(target.classes or ())
        predicted = probabilities(SAMPLES, classes)
        return labels(SAMPLES, classes), predicted[:, 1:] if units == 1 else predicted
    random = np.random.default_rng(0)
    return random.normal(size=SAMPLES).astype(np.float32), random.normal(size=(SAMPLES, 1)).astype(np.float32)


def value_and_gradient(loss: Any, true: np.ndarray, predicted: np.ndarray) -> tuple[float, np.ndarray]:
    import tensorflow as tf

    tensor = tf.constant(predicted)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = loss(true, tensor)
    return float(value), tape.gradient(value, tensor).numpy()


def test_every_loss_of_keras_is_here_or_left_out_for_a_reason() -> None:
    import keras

    there = {name for name in dir(keras.losses) if inspect.isclass(getattr(keras.losses, name))}
    here = {entry.keras_class for entry in losses.all().values() if entry.keras_class} | {"SparseCategoricalCrossentropy"}
    assert here | set(LEFT_OUT) == there
    assert not here & set(LEFT_OUT)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("name", losses.all())
def test_finite_value_and_gradient_where_it_fits_and_refused_where_not(name: str, kind: str) -> None:
    target, member = EVERY[kind], losses.read(name)
    if not member.fits(target):
        with pytest.raises(SettingsError, match=f"The loss '{name}' does not fit the target '{target.name}' .*(These do: |None does)"):
            member.make(target)
        return
    for units in (None, len(target.classes)) if target.classes else (None,):
        value, gradient = value_and_gradient(member.make(target, units=units), *outputs(target))
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()
        flat = "hinge" in name or (name == "mean_squared_logarithmic_error" and target is NUMBER)
        assert (gradient != 0).any(axis=1).all() or flat


@pytest.mark.parametrize("name", [name for name, entry in losses.all().items() if entry.fits(TWO)])
def test_a_single_sigmoid_is_the_second_class(name: str) -> None:
    true, two = outputs(TWO)
    _, one = outputs(TWO, units=1)
    whole = float(losses.read(name).make(TWO, units=2)(true, two))
    assert float(losses.read(name).make(TWO)(true, one)) == pytest.approx(whole, rel=1e-5)
    single = losses.read(name).make(TWO, units=1)
    value, gradient = value_and_gradient(single, true, one)
    assert value == pytest.approx(whole, rel=1e-5) or name == "binary_focal_crossentropy"
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", [name for name, entry in losses.all().items() if entry.smoothed and entry.fits(FIVE)])
def test_smoothing_spreads_the_target(name: str) -> None:
    import keras

    true, predicted = outputs(FIVE)
    member = losses.read(name)
    spread = 0.8 * np.eye(5, dtype=np.float32)[true] + 0.2 / 5
    reference = getattr(keras.losses, member.keras_class)(**dict(member))
    assert float(member.make(FIVE, label_smoothing=0.2)(true, predicted)) == pytest.approx(float(reference(spread, predicted)), rel=1e-5)
    assert np.isfinite(float(member.make(TWO, label_smoothing=0.2, units=1)(*outputs(TWO, units=1))))


@pytest.mark.parametrize(("name", "target"), [("hinge", FIVE), ("mean_squared_error", NUMBER), ("huber", NUMBER), ("mean_squared_error", TWO)])
def test_smoothing_is_refused_where_it_means_nothing(name: str, target: Feature) -> None:
    with pytest.raises(SettingsError, match=f"'{name}' takes no label smoothing .* Set label_smoothing to 0"):
        losses.read(name).make(target, label_smoothing=0.1)


@pytest.mark.parametrize("name", [name for name, entry in losses.all().items() if entry.fits(FIVE)])
def test_class_losses_are_those_of_keras_on_one_hot_labels(name: str) -> None:
    import keras

    true, predicted = outputs(FIVE)
    member = losses.read(name)
    reference = getattr(keras.losses, member.keras_class)(**dict(member))
    expected = float(reference(np.eye(5, dtype=np.float32)[true] if member.one_hot else true, predicted))
    for shaped in (true, true[:, None], true.astype(np.float32)):
        assert float(member.make(FIVE)(shaped, predicted)) == pytest.approx(expected, rel=1e-5)


def test_golden_values() -> None:
    true, predicted = np.array([0, 1]), np.array([[0.8, 0.2], [0.6, 0.4]], np.float32)
    p = np.array([0.8, 0.4])
    for name, expected in {
        "sparse_categorical_crossentropy": -np.log(p),
        "categorical_focal_crossentropy": -0.25 * (1 - p) ** 2 * np.log(p),
        "categorical_generalized_cross_entropy": (1 - p**0.5) / 0.5,
        "mean_squared_error": (1 - p) ** 2,
        "mean_absolute_error": 1 - p,
        "categorical_hinge": 1 - p + (1 - p),
        "hinge": (1 - p + 1 + 1 - p) / 2,
        "cosine_similarity": -p / np.sqrt(p**2 + (1 - p) ** 2),
    }.items():
        assert float(losses.read(name).make(TWO)(true, predicted)) == pytest.approx(expected.mean(), rel=1e-5), name
    value, guess = np.array([1.0, -2.0], np.float32), np.array([[1.5], [1.0]], np.float32)
    for name, expected in {
        "mean_squared_error": np.array([0.25, 9]),
        "mean_absolute_error": np.array([0.5, 3]),
        "huber": np.array([0.125, 2.5]),
        "log_cosh": np.log(np.cosh([0.5, 3])),
    }.items():
        assert float(losses.read(name).make(NUMBER)(value, guess)) == pytest.approx(expected.mean(), rel=1e-5), name


@pytest.mark.parametrize("name", [name for name, entry in losses.all().items() if entry.fits(LABELS)])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_losses_of_labels_are_those_of_keras(name: str, smoothing: float) -> None:
    import keras

    true, predicted = outputs(LABELS)
    member = losses.read(name)
    reference = getattr(keras.losses, member.keras_class)(**dict(member), label_smoothing=smoothing)
    assert float(member.make(LABELS, smoothing, units=4)(true, predicted)) == pytest.approx(float(reference(true, predicted)), rel=1e-6)
    with pytest.raises(SettingsError, match=r"'objects' \(any of 4 labels\) needs an output of 4 units. The network has 1"):
        member.make(LABELS, units=1)


@pytest.mark.parametrize("name", ["mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson"])
def test_relative_losses_judge_in_the_unit_of_the_target(name: str) -> None:
    import keras

    true = np.array([20.0, 45.0, 80.0], np.float32)
    predicted = np.array([[25.0], [40.0], [79.0]], np.float32)
    mean, deviation = PRICE.statistics["mean"], PRICE.statistics["standard_deviation"]
    member = losses.read(name)
    found = float(member.make(PRICE)((true - mean) / deviation, (predicted - mean) / deviation))
    assert found == pytest.approx(float(getattr(keras.losses, member.keras_class)()(true[:, None], predicted)), rel=1e-4)
    assert not member.fits(CHANGE)
    value, gradient = value_and_gradient(member.make(PRICE), np.array([-2.9], np.float32), np.array([[-4.0]], np.float32))
    assert np.isfinite(value)
    assert gradient[0, 0] < 0


def test_preselected_losses_and_the_list_of_what_fits() -> None:
    assert losses.default_for(TWO).name == losses.default_for(TEN).name == "sparse_categorical_crossentropy"
    assert losses.default_for(PRICE).name == "mean_squared_error"
    assert list(losses.fitting(LABELS)) == ["binary_crossentropy", "binary_focal_crossentropy"]
    assert next(iter(losses.fitting(FIVE))) == "sparse_categorical_crossentropy"
    assert set(losses.fitting(NUMBER)) >= {"mean_squared_error", "mean_absolute_error", "huber", "log_cosh"}
    with pytest.raises(StudioError, match=r"No loss fits the target 'day' \(a date\)"):
        losses.default_for(DAY)


def test_default_cross_entropy_is_keras_own_class_where_the_units_are_known() -> None:
    member = losses.default_for(TWO)
    assert [type(member.make(target, units=units)).__name__ for target, units in ((TWO, 2), (TWO, 1), (TEN, 10), (TEN, None), (TWO, None))] == [
        "SparseCategoricalCrossentropy", "BinaryCrossentropy", "SparseCategoricalCrossentropy", "SparseCategoricalCrossentropy", "OneOfN",
    ]  # fmt: skip
    with pytest.raises(SettingsError, match=r"'digit' \(a category of 10 classes\) needs an output of 10 units. The network has 1"):
        member.make(TEN, units=1)


@pytest.mark.parametrize("name", HERE)
def test_config_round_trip_and_sample_weights(name: str) -> None:
    import keras

    member = losses.read(name)
    target = next(target for target in (FIVE, PRICE, NUMBER) if member.fits(target))
    true, predicted = outputs(target)
    loss = member.make(target)
    assert loss.name == name
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(again) is type(loss)
    assert float(again(true, predicted)) == float(loss(true, predicted))
    weights = np.zeros(SAMPLES, np.float32)
    weights[3] = SAMPLES
    assert float(loss(true, predicted, sample_weight=weights)) == pytest.approx(float(loss(true[3:4], predicted[3:4])), rel=1e-5)


def test_a_network_learns_with_wrapped_losses_under_mixed_precision() -> None:
    import keras

    keras.utils.set_random_seed(0)
    true = labels(64, 2)
    x = np.stack([true, 1 - true], 1).astype(np.float32)
    for units, activation in ((2, "softmax"), (1, "sigmoid")):
        layers = [keras.layers.Input((2,)), keras.layers.Dense(units, activation=activation, dtype="mixed_bfloat16")]
        model = keras.Sequential(layers)
        model.compile(optimizer=keras.optimizers.SGD(1.0), loss=losses.read("categorical_focal_crossentropy").make(TWO, 0.1))
        history = model.fit(x, true, epochs=3, batch_size=16, verbose=0).history["loss"]
        assert history[-1] < history[0]
