"""Networks that continue series."""

from __future__ import annotations

import numpy as np
import pytest

import presets
from blocks import Feature, analyse, build
from presets.tcn_forecaster import levels_for

NAMES = ("LinearForecaster", "LSTMForecaster", "TCNForecaster")


def features(window: int, columns: int, targets: int, horizon: int) -> list[Feature]:
    """A series, and what is to be forecast of it."""
    figures = {"columns": [f"c{number}" for number in range(columns)], "targets": targets, "horizon": horizon}
    shape = () if targets == horizon == 1 else (horizon,) if targets == 1 else (horizon, targets)
    return [
        Feature(name="series", role="input", kind="series", shape=(window, columns), statistics=figures),
        Feature(name="value", role="target", kind="number", shape=shape, statistics={"naive_mae": 1.0}),
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("window", "columns", "targets", "horizon"), [(24, 1, 1, 1), (7, 3, 1, 1), (9, 2, 1, 4), (5, 4, 2, 3), (6, 2, 2, 1), (1, 2, 1, 2)]
)
def test_untrained_it_says_the_last_value_again(name: str, window: int, columns: int, targets: int, horizon: int) -> None:
    wanted = features(window, columns, targets, horizon)
    graph = presets.get(name).graph(features=wanted)
    found = analyse(graph, wanted)
    assert not found.messages
    model = build(graph, wanted)
    values = np.random.default_rng(0).normal(size=(6, window, columns)).astype("float32")
    said = np.asarray(model(values, training=False)).reshape(6, horizon, targets)
    assert said == pytest.approx(np.repeat(values[:, -1:, :targets], horizon, axis=1))


@pytest.mark.parametrize("params", [{}, {"hidden": 8}, {"form": "DLinear"}, {"form": "DLinear", "hidden": 4}])
def test_a_linear_forecaster_learns_a_line(params: dict[str, object]) -> None:
    import keras

    wanted = features(8, 1, 1, 2)
    keras.utils.set_random_seed(0)
    model = build(presets.get("LinearForecaster", **params).graph(features=wanted), wanted)
    slopes = np.random.default_rng(1).normal(size=(64, 1, 1))
    steps = slopes * np.arange(10)[None, :, None]
    model.compile("adam", "mse")
    model.optimizer.learning_rate = 0.02
    model.fit(steps[:, :8], steps[:, 8:, 0], epochs=60, batch_size=16, verbose=0)
    assert model.evaluate(steps[:, :8], steps[:, 8:, 0], verbose=0) < 0.05 * float(np.square(steps[:, 8:, 0] - steps[:, 7]).mean())


def test_as_many_levels_as_the_window_needs() -> None:
    assert [levels_for(steps, 3) for steps in (1, 5, 6, 13, 14, 24, 29)] == [1, 1, 2, 2, 3, 3, 3]
    assert levels_for(100_000, 2) == 8


def test_what_they_refuse() -> None:
    series, number = features(24, 1, 1, 1)
    label = Feature(name="kind", role="target", kind="category", dtype="int32", classes=("a", "b"))
    assert presets.get("LinearForecaster").misfit([series, label]) == "LinearForecaster predicts a number; 'kind' is a class."
    picture = Feature(name="image", role="input", kind="image", dtype="uint8", shape=(8, 8, 1))
    assert presets.get("TCNForecaster").misfit([picture, number]) == "TCNForecaster takes time series; the dataset has pictures."
    assert presets.get("SequenceFCN").fits([series, label])
