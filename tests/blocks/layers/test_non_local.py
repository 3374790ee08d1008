"""NonLocal, against plain numpy."""

from __future__ import annotations

from itertools import product
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import analyse
from blocks.layers.non_local import NonLocal
from blocks.spec import Spec
from tests.blocks.samples import graph_of

RANDOM = np.random.default_rng(8)
MODES = ["embedded_gaussian", "gaussian", "dot_product", "concatenation"]


def pooled(x: Any, size: int) -> Any:
    """The largest values of windows that don't overlap."""
    sizes = [each // size for each in x.shape[1:-1]]
    found = np.zeros((len(x), *sizes, x.shape[-1]))
    for place in product(*(range(each) for each in sizes)):
        window = x[(slice(None), *(slice(each * size, (each + 1) * size) for each in place))]
        found[(slice(None), *place)] = window.reshape(len(x), -1, x.shape[-1]).max(1)
    return found


def slow(x: Any, w: dict[str, Any], mode: str, pool_size: int) -> Any:
    """One pair of places at a time."""

    def dense(name: str, values: Any) -> Any:
        return values @ w[f"{name}/kernel"] + w.get(f"{name}/bias", 0)

    def listed(values: Any) -> Any:
        return values.reshape(len(values), -1, values.shape[-1])

    embedded = mode != "gaussian"
    queries = listed(dense("query", x) if embedded else x)
    keys = listed(pooled(dense("key", x) if embedded else x, pool_size))
    values = listed(pooled(dense("value", x), pool_size))
    scores = np.zeros((len(x), queries.shape[1], keys.shape[1]))
    for b, i, j in np.ndindex(*scores.shape):
        if mode == "concatenation":
            weights = np.concatenate([w["query_score/kernel"], w["key_score/kernel"]])[:, 0]
            scores[b, i, j] = max(np.concatenate([queries[b, i], keys[b, j]]) @ weights, 0)
        else:
            scores[b, i, j] = queries[b, i] @ keys[b, j]
    if mode in ("gaussian", "embedded_gaussian"):
        powers = np.exp(scores - scores.max(-1, keepdims=True))
        shares = powers / powers.sum(-1, keepdims=True)
    else:
        shares = scores / keys.shape[1]
    return dense("output", shares @ values).reshape(x.shape)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", [(7,), (4, 5), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("params", [{}, {"pool_size": 2, "bottleneck": 3}, {"use_bias": False, "add_input": False}], ids=str)
def test_as_the_paper_says(params: dict[str, Any], sizes: tuple[int, ...], mode: str) -> None:
    x = RANDOM.normal(size=(2, *sizes, 4)).astype("float32")
    layer = NonLocal(mode=mode, **params)
    layer.build(x.shape)
    layer.set_weights([RANDOM.normal(size=variable.shape) / 2 for variable in layer.weights])
    weights = {"/".join(variable.path.split("/")[-2:]): variable.numpy().astype("float64") for variable in layer.weights}
    expected = slow(x.astype("float64"), weights, mode, params.get("pool_size", 1)) + (x if params.get("add_input", True) else 0)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_it_changes_nothing_at_first() -> None:
    x = RANDOM.normal(size=(2, 4, 5, 6)).astype("float32")
    np.testing.assert_array_equal(NonLocal()(x), x)


@pytest.mark.parametrize("sizes", [(7,), (4, 5), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_half_precision(policy: str, sizes: tuple[int, ...]) -> None:
    x = RANDOM.normal(size=(2, *sizes, 4)).astype("float32")
    exact, half = (NonLocal(pool_size=2, output_initializer="glorot_uniform", dtype=dtype) for dtype in ("float32", policy))
    expected = exact(x)
    half.build(x.shape)
    half.set_weights(exact.get_weights())
    np.testing.assert_allclose(keras.ops.cast(half(x), "float32"), expected, atol=0.1)


@pytest.mark.parametrize("mode", MODES)
def test_unknown_sizes(mode: str) -> None:
    layer = NonLocal(mode=mode, pool_size=2, output_initializer="glorot_uniform")
    layer.build((None, None, None, 6))
    traced = tf.function(layer, input_signature=[tf.TensorSpec([None, None, None, 6])])
    for sizes in ((4, 5), (7, 2)):
        x = RANDOM.normal(size=(2, *sizes, 6)).astype("float32")
        np.testing.assert_allclose(traced(x), layer(x), atol=1e-5)


def test_layers_inside_start_apart() -> None:
    """An initializer that layers share would give them the same numbers."""
    layer = NonLocal(kernel_initializer=keras.initializers.GlorotUniform())
    layer.build((None, 4, 4, 6))
    assert np.any(layer.query.kernel.numpy() != layer.key.kernel.numpy())


def test_cost() -> None:
    """Four 1x1 convolutions and two products of all places with all places (Wang et al. 2017, section 3.3)."""
    found = analyse(graph_of("NonLocal", {}, [Spec((14, 14, 1024))]))
    assert found.weights == 4 * 1024 * 512 + 3 * 512 + 1024
    assert found.multiply_adds == 196 * 4 * 1024 * 512 + 2 * 196 * 196 * 512
    found = analyse(graph_of("NonLocal", {"pool_size": 2}, [Spec((14, 14, 1024))]))
    assert found.multiply_adds == 196 * 4 * 1024 * 512 + 2 * 196 * 49 * 512


def test_windows_that_do_not_fit_are_refused() -> None:
    assert "pool_size" in analyse(graph_of("NonLocal", {"pool_size": 5}, [Spec((4, 14, 6))])).errors[0].fix
