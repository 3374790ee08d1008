"""Every schedule against its formula, against Keras where Keras has it, and under odd lengths."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.settings import schedules
from studio.settings.plateau import PlateauState
from studio.settings.schedules import ReduceOnPlateau

EPOCH = 20
STEPS = 200
RATE = 0.3


def rates(name: str, steps: int = STEPS, per_epoch: int = EPOCH, **params: Any) -> np.ndarray:
    return schedules.read({"name": name, **params}).rates(steps, per_epoch, RATE)


@pytest.mark.parametrize("name", schedules.all())
@pytest.mark.parametrize("warmup", [0.0, 0.5, 3.0, 1000.0])
@pytest.mark.parametrize(("steps", "per_epoch"), [(0, 1), (1, 1), (2, 1), (3, 2), (7, 7), (10, 1), (1000, 33), (100_000, 1000)])
def test_rates_are_finite_positive_and_as_many_as_steps(name: str, warmup: float, steps: int, per_epoch: int) -> None:
    found = rates(name, steps, per_epoch, warmup_epochs=warmup)
    assert found.shape == (steps,)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert (found > 0).all()
    assert (found <= np.float32(RATE)).all()


@pytest.mark.parametrize("name", schedules.all())
def test_the_warm_up_rises_evenly_from_zero_to_where_the_schedule_begins(name: str) -> None:
    plain, warmed = rates(name), rates(name, STEPS + 40, warmup_epochs=2)
    np.testing.assert_allclose(warmed[40:], plain, rtol=1e-6)
    np.testing.assert_allclose(warmed[:40], plain[0] * np.arange(1, 41) / 41, rtol=1e-6)


t = np.arange(STEPS)
FORMULAS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "constant": ("constant", {}, np.ones(STEPS)),
    "exponential": ("exponential", {"decay_rate": 0.5, "decay_epochs": 2}, 0.5 ** (t / 40)),
    "exponential staircase": ("exponential", {"decay_rate": 0.5, "decay_epochs": 2, "staircase": True}, 0.5 ** (t // 40)),
    "exponential by length": ("exponential", {}, 0.6 ** (t / 20)),
    "inverse time": ("inverse_time", {"decay_rate": 0.5, "decay_epochs": 1}, 1 / (1 + 0.5 * t / 20)),
    "polynomial": ("polynomial", {"power": 2, "final_fraction": 0.1}, 0.9 * (1 - t / 200) ** 2 + 0.1),
    "polynomial short": ("polynomial", {"decay_epochs": 5}, 0.99 * (1 - np.minimum(t, 100) / 100) + 0.01),
    "piecewise": ("piecewise", {}, np.select([t < 100, t < 150], [1, 0.1], 0.01)),
    "piecewise in epochs": ("piecewise", {"boundaries": [3], "factors": [1, 0.2], "counted_in": "epochs"}, np.where(t < 60, 1, 0.2)),
    "piecewise without a change": ("piecewise", {"boundaries": [], "factors": [0.5]}, np.full(STEPS, 0.5)),
    "step": ("step", {"factor": 0.5, "interval_epochs": 3}, 0.5 ** (t // 60)),
    "step by length": ("step", {}, 0.1 ** np.floor(3 * t / 200)),
    "step after a length that rounds up": ("step", {"factor": 0.5, "interval_epochs": 0.15}, 0.5 ** (t // 3)),
    "cosine": ("cosine", {"final_fraction": 0.2}, 0.8 * (1 + np.cos(np.pi * t / 200)) / 2 + 0.2),
    "cosine restarts, equal periods": (
        "cosine_restarts",
        {"first_epochs": 2.5, "period_factor": 1, "peak_factor": 0.5},
        0.5 ** (t // 50) * (1 + np.cos(np.pi * (t % 50) / 50)) / 2,
    ),
    "triangular": ("cyclic", {"half_cycle_epochs": 1}, 0.1 + 0.9 * (1 - np.abs(t / 20 - 2 * (1 + t // 40) + 1))),
    "triangular2": (
        "cyclic",
        {"mode": "triangular2", "half_cycle_epochs": 1, "minimum_fraction": 0},
        0.5 ** (t // 40) * (1 - np.abs(t / 20 - 2 * (1 + t // 40) + 1)),
    ),
    "exp_range": (
        "cyclic",
        {"mode": "exp_range", "half_cycle_epochs": 1, "gamma": 0.99},
        0.1 + 0.9 * 0.99**t * (1 - np.abs(t / 20 - 2 * (1 + t // 40) + 1)),
    ),
    "reduce on plateau": ("reduce_on_plateau", {}, np.ones(STEPS)),
}


@pytest.mark.parametrize("case", FORMULAS)
def test_golden_values_of_the_formula(case: str) -> None:
    name, params, expected = FORMULAS[case]
    np.testing.assert_allclose(rates(name, **params), RATE * expected, rtol=1e-6, atol=1e-8)


def test_cosine_restarts_by_hand() -> None:
    found = rates("cosine_restarts", 70, 10, final_fraction=0.1) / RATE
    np.testing.assert_allclose(found[[0, 10, 30]], 1.0, rtol=1e-6)
    np.testing.assert_allclose(found[[5, 20, 50]], 0.55, rtol=1e-6)
    assert found[9] < 0.13
    assert found[69] < 0.11


def test_one_cycle_by_hand() -> None:
    found = rates("one_cycle", 100, 10) / RATE
    np.testing.assert_allclose(found[[0, 29, 99]], [1 / 25, 1.0, 1 / 250_000], rtol=1e-5)
    np.testing.assert_allclose(found[64], (1 + 1 / 250_000) / 2, rtol=1e-5)
    assert (np.diff(found[:30]) > 0).all()
    assert (np.diff(found[29:]) < 0).all()
    three = rates("one_cycle", 100, 10, three_phases=True, shape="linear", final_divisor=100) / RATE
    np.testing.assert_allclose(three[[0, 29, 58, 99]], [0.04, 1.0, 0.04, 0.0004], rtol=1e-5)
    np.testing.assert_allclose(np.diff(three[:30]), 0.96 / 29, rtol=1e-4)


KERAS: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    "exponential": (
        "exponential", {"decay_rate": 0.7, "decay_epochs": 1.5}, "ExponentialDecay", {"decay_rate": 0.7, "decay_steps": 30},
    ),
    "exponential staircase": (
        "exponential", {"decay_rate": 0.7, "decay_epochs": 1.5, "staircase": True},
        "ExponentialDecay", {"decay_rate": 0.7, "decay_steps": 30, "staircase": True},
    ),
    "inverse time": (
        "inverse_time", {"decay_rate": 0.7, "decay_epochs": 1.5}, "InverseTimeDecay", {"decay_rate": 0.7, "decay_steps": 30},
    ),
    "inverse time staircase": (
        "inverse_time", {"decay_rate": 0.7, "decay_epochs": 1.5, "staircase": True},
        "InverseTimeDecay", {"decay_rate": 0.7, "decay_steps": 30, "staircase": True},
    ),
    "polynomial": (
        "polynomial", {"power": 1.5, "final_fraction": 0.1, "decay_epochs": 4},
        "PolynomialDecay", {"power": 1.5, "end_learning_rate": 0.1 * RATE, "decay_steps": 80},
    ),
    "polynomial cycle": (
        "polynomial", {"power": 1.5, "final_fraction": 0.1, "decay_epochs": 4, "cycle": True},
        "PolynomialDecay", {"power": 1.5, "end_learning_rate": 0.1 * RATE, "decay_steps": 80, "cycle": True},
    ),
    "piecewise": (
        "piecewise", {"boundaries": [2, 6], "factors": [1, 0.5, 0.25], "counted_in": "epochs"},
        "PiecewiseConstantDecay", {"boundaries": [39, 119], "values": [RATE, 0.5 * RATE, 0.25 * RATE]},
    ),
    "cosine": ("cosine", {"final_fraction": 0.1}, "CosineDecay", {"alpha": 0.1, "decay_steps": STEPS}),
    "cosine short": ("cosine", {"final_fraction": 0.1, "decay_epochs": 4}, "CosineDecay", {"alpha": 0.1, "decay_steps": 80}),
    "cosine restarts": (
        "cosine_restarts", {"first_epochs": 1.55, "period_factor": 1.7, "peak_factor": 0.8, "final_fraction": 0.05},
        "CosineDecayRestarts", {"first_decay_steps": 31, "t_mul": 1.7, "m_mul": 0.8, "alpha": 0.05},
    ),
    "cosine restarts of equal length": (
        "cosine_restarts", {"first_epochs": 1.6, "period_factor": 1}, "CosineDecayRestarts", {"first_decay_steps": 32, "t_mul": 1.0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", KERAS)
def test_equal_to_keras(case: str) -> None:
    import keras

    name, params, keras_name, keras_params = KERAS[case]
    first = {} if "values" in keras_params else {"initial_learning_rate": RATE}
    schedule = getattr(keras.optimizers.schedules, keras_name)(**first, **keras_params)
    expected = np.array([float(schedule(step)) for step in range(STEPS)])
    np.testing.assert_allclose(rates(name, **params), expected, atol=1e-6)


def test_every_schedule_of_keras_is_compared() -> None:
    import keras

    there = {name for name in vars(keras.optimizers.schedules) if not name.startswith("_") and name[0].isupper()}
    assert there - {"LearningRateSchedule"} == {case[2] for case in KERAS.values()}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"boundaries": [0.5]}, "1 boundaries need 2 factors. Received: 3."),
        ({"boundaries": [0.75, 0.5]}, "boundaries have to rise"),
        ({"boundaries": "half"}, "Piecewise: invalid boundaries. Expected: numbers, such as 0.5, 0.75. Received: 'half'."),
        ({"factors": [1, -1, 1]}, "Piecewise: invalid factors"),
        ({"factors": [1, math.nan, 1]}, "Piecewise: invalid factors"),
    ],
)
def test_piecewise_refuses_what_does_not_fit(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        schedules.read({"name": "piecewise", **params})


def test_lists_are_read_as_people_type_them() -> None:
    assert schedules.read({"name": "piecewise", "boundaries": "0.3, 0.6", "factors": "[1, 0.5, 0.1]"}).boundaries == (0.3, 0.6)
    assert schedules.read({"name": "piecewise", "boundaries": 0.5, "factors": "1, 0.1"}).boundaries == (0.5,)


def test_forms_show_the_warm_up_last_and_units() -> None:
    for entry in schedules.all().values():
        assert [field.name for field in entry.form_fields() if field.frequent][-1] == "warmup_epochs"
        assert all(field.unit == "epochs" for field in entry.form_fields() if field.name.endswith("_epochs"))


VALUES = st.lists(st.one_of(st.floats(-2, 2), st.just(math.nan)), max_size=40)


@settings(max_examples=12, deadline=None)
@given(VALUES, st.sampled_from(["min", "max"]), st.integers(1, 4), st.integers(0, 3), st.sampled_from([0.0, 0.1]))
def test_plateau_is_keras_plateau(values: list[float], mode: Any, patience: int, cooldown: int, minimum: float) -> None:
    """Without NaN, which Keras takes for the best value if it comes first."""
    import keras

    values = [value for value in values if not math.isnan(value)]
    settings_ = {"factor": 0.5, "patience": patience, "cooldown": cooldown, "min_delta": 0.05}
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    callback = keras.callbacks.ReduceLROnPlateau(monitor="figure", mode=mode, min_lr=minimum, **settings_)
    callback.set_model(model)
    callback.on_train_begin()
    state = ReduceOnPlateau(minimum=minimum, **settings_).state()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"figure": value})
        state.update(value, mode)
        assert state.scale == pytest.approx(float(model.optimizer.learning_rate))


@given(VALUES, VALUES, st.sampled_from(["min", "max"]))
def test_a_restored_plateau_goes_on_as_if_nothing_had_been(before: list[float], after: list[float], mode: Any) -> None:
    schedule = ReduceOnPlateau(patience=2, cooldown=1)
    state = schedule.state()
    for value in before:
        state.update(value, mode)
    restored = PlateauState.from_json(schedule, json.loads(json.dumps(state.to_json(), allow_nan=False)))
    assert restored == state
    assert [state.update(value, mode) for value in after] == [restored.update(value, mode) for value in after]


def test_plateau_counts_what_is_no_number_as_no_improvement() -> None:
    state = ReduceOnPlateau(patience=2).state()
    assert [state.update(value, "min") for value in (1.0, math.nan, math.nan)] == [False, False, True]
    assert state.scale == 0.5
    assert state.best == 1.0
