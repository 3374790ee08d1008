"""Every optimizer is Keras's own with its own defaults, takes real steps, and is named on a stated list if it is left out."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from blocks.errors import InvalidValueError
from studio.settings import optimizers

LEFT_OUT = {
    "Optimizer": "the base class",
    "LossScaleOptimizer": "a wrapper, which mixed precision puts around any of ours",
    "MultiOptimizer": "a wrapper of several optimizers",
    "OptimizerMap": "the table of that wrapper",
}
TAUGHT = {"gradient_descent", "stochastic_gradient_descent", "mini_batch_gradient_descent", "momentum", "nesterov"}
NAMES = list(optimizers.all())


def test_every_optimizer_of_keras_is_here_or_left_out_for_a_reason() -> None:
    import keras

    there = {name for name in dir(keras.optimizers) if inspect.isclass(getattr(keras.optimizers, name))}
    here = {entry.keras_class for name, entry in optimizers.all().items() if name not in TAUGHT}
    assert here | set(LEFT_OUT) == there
    assert not here & set(LEFT_OUT)


@pytest.mark.parametrize("name", sorted(set(NAMES) - TAUGHT))
def test_parameters_and_defaults_are_those_of_keras(name: str) -> None:
    import keras

    entry = optimizers.get(name)
    arguments = inspect.signature(getattr(keras.optimizers, entry.keras_class)).parameters
    theirs = {key: argument.default for key, argument in arguments.items() if key not in (*optimizers.Common.__annotations__, "name", "kwargs")}
    if "weight_decay" in entry.model_fields:
        theirs["weight_decay"] = arguments["weight_decay"].default
    assert {"learning_rate": entry.default_learning_rate, **entry.read().arguments()} == {
        key: value or [] if key == "exclude_layers" else value for key, value in theirs.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_makes_the_optimizer_with_its_parameters(name: str) -> None:
    import keras

    entry = optimizers.get(name)
    made = entry.read().make(0.25)
    assert type(made) is getattr(keras.optimizers, entry.keras_class)
    config = made.get_config()
    assert config["learning_rate"] == 0.25
    for key, value in (entry.read().arguments() | entry.fixed).items():
        assert config[key] == value, key
    made.learning_rate.assign(0.5)
    assert float(made.learning_rate) == 0.5
    assert float(entry.read().make().learning_rate) == pytest.approx(entry.default_learning_rate)


@pytest.mark.parametrize("name", NAMES)
def test_common_arguments_reach_keras_and_none_leaves_the_default(name: str) -> None:
    member = optimizers.read(name)
    config = member.make(0.1, global_clipnorm=1.5, use_ema=True, ema_momentum=0.9, weight_decay=0.125).get_config()
    assert (config["global_clipnorm"], config["use_ema"], config["ema_momentum"], config["weight_decay"]) == (1.5, True, 0.9, 0.125)
    untouched = member.make(0.1, clipnorm=None, clipvalue=None, use_ema=None, weight_decay=None).get_config()
    plain = member.make(0.1).get_config()
    assert {**untouched, "name": ""} == {**plain, "name": ""}
    assert member.make(0.1, clipvalue=0.5).clipvalue == 0.5


@pytest.mark.parametrize("name", NAMES)
def test_reduces_a_quadratic(name: str) -> None:
    import keras

    weights = keras.Variable(np.array([[1.0, -2.0], [0.5, 1.5]], np.float32))
    optimizer = optimizers.read(name).make()
    losses = []
    for _ in range(30):
        losses.append(float(keras.ops.sum(weights**2)))
        optimizer.apply([2 * keras.ops.convert_to_tensor(weights)], [weights])
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("name", NAMES)
def test_takes_a_training_step(name: str) -> None:
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="relu"), keras.layers.Dense(2, activation="softmax")])
    model.compile(optimizer=optimizers.read(name).make(), loss="sparse_categorical_crossentropy", run_eagerly=True)
    before = [weight.numpy() for weight in model.trainable_variables]
    x, y = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32), np.arange(16) % 2
    assert np.isfinite(model.train_on_batch(x, y))
    after = [weight.numpy() for weight in model.trainable_variables]
    assert all(np.isfinite(weight).all() for weight in after)
    assert all((old != new).any() for old, new in zip(before, after, strict=True))
    assert int(model.optimizer.iterations) == 1


@pytest.mark.parametrize(
    ("name", "batch_size"),
    [("gradient_descent", "all"), ("stochastic_gradient_descent", 1), ("mini_batch_gradient_descent", None), ("momentum", None), ("adam", None)],
)
def test_the_taught_names_bring_their_batch_size(name: str, batch_size: Any) -> None:
    assert optimizers.get(name).batch_size == batch_size


def test_momentum_and_nesterov_are_what_they_say() -> None:
    assert optimizers.read("momentum").make().get_config()["momentum"] == 0.9
    assert not optimizers.read("momentum").make().get_config()["nesterov"]
    assert optimizers.read({"name": "nesterov", "momentum": 0.8}).make().get_config()["nesterov"]
    assert [name for name, entry in optimizers.all().items() if entry.wants_constant_rate] == ["schedule_free_adamw"]


def test_muon_takes_patterns_and_refuses_broken_ones() -> None:
    assert optimizers.read({"name": "muon", "exclude_layers": "head, out.*"}).make().exclude_layers == ["head", "out.*"]
    with pytest.raises(InvalidValueError, match=r"Muon: invalid exclude_layers. Expected: a text. Received: '\('. '\(' is no regular expression"):
        optimizers.read({"name": "muon", "exclude_layers": "("})


def test_numbers_that_yaml_reads_as_text_are_numbers() -> None:
    assert optimizers.read({"name": "adam", "learning_rate": "1e-4"}).learning_rate == 1e-4
