"""Dropout of values that fall together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import blocks
from blocks.analysis import analyse
from blocks.base import LayerBlock
from blocks.spec import Spec
from tests.blocks.samples import graph_of


@pytest.mark.parametrize("name", ["Dropout", "AlphaDropout"])
@pytest.mark.parametrize(("noise_shape", "together"), [((1, 0), (1,)), ((0, 1), (2,)), ((1, 1), (1, 2)), ((50, 1), (2,))])
def test_values_fall_together(name: str, noise_shape: tuple[int, ...], together: tuple[int, ...]) -> None:
    block = blocks.get(name).read({"rate": 0.5, "noise_shape": noise_shape})
    assert isinstance(block, LayerBlock)
    y = np.asarray(block.make()(np.ones((30, 50, 40), "float32"), training=True))
    np.testing.assert_array_equal(y.max(together), y.min(together))
    assert len(np.unique(y)) == 2


@pytest.mark.parametrize("noise_shape", [(1,), (1, 1, 1), (2, 0)])
def test_shapes_that_do_not_fit_are_refused(noise_shape: tuple[int, ...]) -> None:
    errors = analyse(graph_of("Dropout", {"noise_shape": noise_shape}, [Spec((8, 6))])).errors
    assert len(errors) == 1
    assert errors[0].text.startswith("Dropout: invalid noise_shape. Expected: 0 or 1 for each axis of 8 x 6. Received: ")
    assert "1, 0 takes whole channels" in errors[0].fix


@pytest.mark.parametrize("params", [{"noise_shape": [-1]}, {"noise_shape": []}, {"noise_shape": [1] * 9}, {"noise_shape": "x"}, {"rate": 1.0}])
def test_senseless_values_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(blocks.InvalidValueError, match=r"^Dropout: invalid "):
        blocks.get("Dropout").read(params)


def test_large_activations_cost_what_the_formula_says() -> None:
    block = blocks.get("ActivityRegularization").read({"l1": 0.1, "l2": 0.01})
    assert isinstance(block, LayerBlock)
    layer = block.make()
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    layer(x)
    assert float(layer.losses[0]) == pytest.approx((0.1 * np.abs(x).sum() + 0.01 * (x**2).sum()) / 3, rel=1e-5)
