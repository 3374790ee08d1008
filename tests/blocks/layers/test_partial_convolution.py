"""Convolutions of the first channels only, against the plain convolution of these."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from blocks import analyse
from blocks.explanation import explain
from blocks.layers.partial_convolution import PartialConv2D
from blocks.spec import Spec
from blocks.special_convolution import PartialConv2D as Block
from tests.blocks.samples import graph_of

RANDOM = np.random.default_rng(6)


def slow(x: Any, kernel: Any, bias: Any, rate: tuple[int, int]) -> Any:
    """The convolution as loops over places, taps and channels; zeros outside."""
    convolved = kernel.shape[2]
    result = x.astype("float64").copy()
    for b, i, j, f in np.ndindex(*x.shape[:3], convolved):
        total = 0.0 if bias is None else float(bias[f])
        for u, v, c in np.ndindex(*kernel.shape[:3]):
            y = i + u * rate[0] - (kernel.shape[0] - 1) * rate[0] // 2
            z = j + v * rate[1] - (kernel.shape[1] - 1) * rate[1] // 2
            if 0 <= y < x.shape[1] and 0 <= z < x.shape[2]:
                total += float(x[b, y, z, c]) * float(kernel[u, v, c, f])
        result[b, i, j, f] = total
    return result


@pytest.mark.parametrize(
    "params",
    [{}, {"n_div": 2, "kernel_size": (1, 3)}, {"n_div": 3, "dilation_rate": 2, "use_bias": True}, {"n_div": 1}, {"n_div": 9, "kernel_size": (2, 4)}],
    ids=str,
)
def test_as_loops(params: dict[str, Any]) -> None:
    x = RANDOM.normal(size=(2, 6, 5, 9)).astype("float32")
    layer = PartialConv2D(**params)
    layer.build(x.shape)
    for variable in layer.weights:
        variable.assign(RANDOM.normal(size=variable.shape))
    expected = slow(x, layer.kernel.numpy(), None if layer.bias is None else layer.bias.numpy(), layer.dilation_rate)
    found = keras.ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(found[..., layer.convolved :], x[..., layer.convolved :])


def test_a_quarter_costs_a_sixteenth() -> None:
    """Chen et al. (2023), section 3.2: with the usual ratio of 1/4 the products are 1/16 of those of a convolution."""
    found = analyse(graph_of("PartialConv2D", {}, [Spec((56, 56, 64))])).nodes["block"]
    assert (found.weights, found.multiply_adds) == (3 * 3 * 16 * 16, 56 * 56 * 3 * 3 * 16 * 16)
    lines = {line.label: line.text for line in explain(Block(), found)}
    assert lines["Weights"] == "(9 * floor(64 / 4) + 0) * floor(64 / 4) = 2,304"
    assert lines["Saving"] == "16x fewer multiply-adds than a standard convolution (115,605,504)"


def test_too_few_channels_are_refused_with_the_nearest() -> None:
    message = analyse(graph_of("PartialConv2D", {}, [Spec((8, 8, 3))])).errors[0]
    assert message.sentence() == "block: PartialConv2D: invalid n_div. Expected: at most the 3 channels. Received: 4. The nearest is 3."
    with pytest.raises(ValueError, match=r"n_div \(4\) must be at most the 3 channels"):
        PartialConv2D().build((None, 8, 8, 3))


def test_half_precision_keeps_what_passes() -> None:
    x = RANDOM.normal(size=(1, 4, 4, 8)).astype("float32")
    layer = PartialConv2D(dtype="mixed_bfloat16")
    found = keras.ops.convert_to_numpy(keras.ops.cast(layer(x), "float32"))
    np.testing.assert_allclose(found[..., 2:], x[..., 2:], rtol=0.01)
    assert layer.kernel.dtype == "float32"


def test_the_configuration_carries_everything() -> None:
    layer = PartialConv2D(2, (3, 5), use_bias=True, kernel_initializer="he_normal", bias_regularizer="l2", activity_regularizer="l1")
    assert PartialConv2D.from_config(layer.get_config()).get_config() == layer.get_config()
