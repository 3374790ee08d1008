"""SqueezeExcitation, against plain numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from blocks import analyse
from blocks.layers.squeeze_excitation import SqueezeExcitation
from blocks.spec import Spec
from tests.blocks.samples import graph_of

RANDOM = np.random.default_rng(5)
GATES = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "hard_sigmoid": lambda z: np.clip(z + 3, 0, 6) / 6}


@pytest.mark.parametrize("sizes", [(7,), (4, 5), (2, 3, 4)], ids=str)
@pytest.mark.parametrize(
    "params",
    [{"ratio": 4}, {"squeezed_channels": 3}, {"ratio": 100}, {"ratio": 4, "use_bias": False}, {"ratio": 4, "gate_activation": "hard_sigmoid"}],
    ids=str,
)
def test_as_the_paper_says(params: dict[str, Any], sizes: tuple[int, ...]) -> None:
    x = RANDOM.normal(size=(3, *sizes, 9)).astype("float32")
    layer = SqueezeExcitation(**params)
    layer.build(x.shape)
    layer.set_weights([RANDOM.normal(size=variable.shape) for variable in layer.weights])
    w = {"/".join(variable.path.split("/")[-2:]): variable.numpy() for variable in layer.weights}
    assert w["squeeze/kernel"].shape[1] == params.get("squeezed_channels", max(int(9 / params.get("ratio", 16)), 1))
    means = x.reshape(3, -1, 9).astype("float64").mean(1)
    hidden = np.maximum(means @ w["squeeze/kernel"] + w.get("squeeze/bias", 0), 0)
    gates = GATES[params.get("gate_activation", "sigmoid")](hidden @ w["excite/kernel"] + w.get("excite/bias", 0))
    np.testing.assert_allclose(layer(x), x * gates.reshape(3, *(1 for _ in sizes), 9), atol=1e-5)


def test_as_many_weights_as_the_formula_says() -> None:
    """C = 256 with ratio 16: 2 C^2 / r + C / r + C."""
    assert analyse(graph_of("SqueezeExcitation", {}, [Spec((8, 8, 256))])).weights == 2 * 256**2 // 16 + 256 // 16 + 256 == 8464
