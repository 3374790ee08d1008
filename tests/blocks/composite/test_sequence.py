"""Blocks for sequences: what they compute, and that no step sees a later one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from blocks import analyse, build
from blocks.spec import Spec
from tests.blocks.samples import graph_of

STEPS, CHANNELS = 12, 4


def built(name: str, params: dict[str, Any]) -> Any:
    model = build(graph_of(name, params, [Spec((STEPS, CHANNELS))]))
    random = np.random.default_rng(3)
    for variable in model.weights:
        variable.assign(random.normal(0.0, 0.5, variable.shape))
    return model


def weights_of(model: Any) -> dict[str, np.ndarray[Any, Any]]:
    return {variable.path.removeprefix("block_"): variable.numpy() for variable in model.weights}


def causal(x: np.ndarray[Any, Any], kernel: np.ndarray[Any, Any], bias: np.ndarray[Any, Any], dilation: int) -> np.ndarray[Any, Any]:
    """y[t] = sum over i of x[t - (k - 1 - i) * dilation] kernel[i] + bias, with zeros before the beginning."""
    y = np.zeros((*x.shape[:2], kernel.shape[-1])) + bias
    for tap in range(len(kernel)):
        back = (len(kernel) - 1 - tap) * dilation
        moved = np.zeros_like(x)
        moved[:, back:] = x[:, : x.shape[1] - back]
        y += moved @ kernel[tap]
    return y


@pytest.mark.parametrize(("filters", "dilation"), [(4, 1), (5, 2), (3, 4)])
def test_temporal_convolution(filters: int, dilation: int) -> None:
    model = built("TemporalConvolutionBlock", {"filters": filters, "dilation_rate": dilation})
    x = np.random.default_rng(0).normal(size=(2, STEPS, CHANNELS)).astype("float32")
    w = weights_of(model)
    y: Any = x
    for number in (1, 2):
        y = np.maximum(causal(y, w[f"conv{number}/kernel"], w[f"conv{number}/bias"], dilation), 0)
    around = x if filters == CHANNELS else x @ w["shortcut_conv/kernel"][0] + w["shortcut_conv/bias"]
    np.testing.assert_allclose(model(x, training=False), np.maximum(y + around, 0), atol=1e-5)


@pytest.mark.parametrize(("skip", "dilation"), [(None, 1), (7, 2)])
def test_wavenet(skip: int | None, dilation: int) -> None:
    model = built("WaveNetBlock", {"filters": 3, "skip_filters": skip, "dilation_rate": dilation})
    x = np.random.default_rng(0).normal(size=(2, STEPS, CHANNELS)).astype("float32")
    w = weights_of(model)
    content, gate = (causal(x, w[f"{name}_conv/kernel"], w[f"{name}_conv/bias"], dilation) for name in ("filter", "gate"))
    z = np.tanh(content) / (1 + np.exp(-gate))
    residual = z @ w["residual_conv/kernel"][0] + w["residual_conv/bias"]
    skipped = residual if skip is None else z @ w["skip_conv/kernel"][0] + w["skip_conv/bias"]
    expected = np.concatenate([(x + residual).reshape(2, -1), skipped.reshape(2, -1)], axis=-1)  # the test network lays both side by side
    np.testing.assert_allclose(model(x), expected, atol=1e-5)


@pytest.mark.parametrize(("name", "sees"), [("TemporalConvolutionBlock", 1 + 2 * 2 * 3), ("WaveNetBlock", 1 + 3)])
def test_no_step_sees_a_later_one(name: str, sees: int) -> None:
    """Dilation 3: two windows of 3 look 12 steps back, one of 2 looks 3."""
    specs = [Spec((40, CHANNELS))]
    model = build(graph_of(name, {"dilation_rate": 3}, specs))
    random = np.random.default_rng(1)
    x = random.normal(size=(1, 40, CHANNELS)).astype("float32")
    changed = x.copy()
    changed[:, 20] += 1.0

    def first(values: Any) -> Any:
        flat = np.asarray(model(values, training=False)).reshape(1, -1)
        channels = analyse(graph_of(name, {"dilation_rate": 3}, specs)).nodes["block"].output_shapes[0][-1]
        return flat[:, : 40 * (channels or 1)].reshape(40, -1)

    touched = np.flatnonzero(np.abs(first(x) - first(changed)).max(axis=-1) > 1e-7)
    assert touched.min() == 20
    assert touched.max() <= 20 + sees - 1


def test_weights() -> None:
    """By hand: conv1 (3 * 4 + 1) * 8, conv2 (3 * 8 + 1) * 8, shortcut (4 + 1) * 8; and 2 * (2 * 4 + 1) * 8 + (8 + 1) * (4 + 5)."""
    found = analyse(graph_of("TemporalConvolutionBlock", {"filters": 8}, [Spec((STEPS, CHANNELS))]))
    assert found.weights == 104 + 200 + 40
    found = analyse(graph_of("WaveNetBlock", {"filters": 8, "skip_filters": 5}, [Spec((STEPS, CHANNELS))]))
    assert found.weights == 144 + 81
