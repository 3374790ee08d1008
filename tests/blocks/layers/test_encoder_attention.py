"""Bahdanau's and Luong's attention, against plain numpy."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from blocks import analyse, build
from blocks.graph import Graph
from blocks.layers.encoder_attention import BahdanauAttention, LuongAttention
from blocks.spec import Spec
from tests.blocks.samples import graph_of

RANDOM = np.random.default_rng(3)
MASK = np.array([[True, True, True, True, False], [True, False, True, True, True], [True, True, False, False, False]])


def data(query: tuple[int, ...], values: tuple[int, ...]) -> tuple[Any, Any]:
    return RANDOM.normal(size=(3, *query)).astype("float32"), RANDOM.normal(size=(3, *values)).astype("float32")


def softmax(scores: Any) -> Any:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def filled(layer: Any, query: Any, values: Any) -> dict[str, Any]:
    """Random weights, by the last two parts of their paths."""
    layer.build([query.shape, values.shape])
    for variable in layer.weights:
        variable.assign(RANDOM.normal(size=variable.shape) / 2)
    return {"/".join(variable.path.split("/")[-2:]): variable.numpy().astype("float64") for variable in layer.weights}


def compared(query: Any, values: Any, w: dict[str, Any]) -> Any:
    """v . tanh(W s + U h), one query and one value at a time."""
    scores = np.zeros((len(query), query.shape[1], values.shape[1]))
    for b, i, t in np.ndindex(*scores.shape):
        hidden = query[b, i] @ w["query/kernel"] + w.get("query/bias", 0) + values[b, t] @ w["value/kernel"] + w.get("value/bias", 0)
        scores[b, i, t] = (np.tanh(hidden) @ w["score/kernel"])[0] + w.get("score/bias", [0])[0]
    return scores


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("query_shape", [(4, 6), (6,)], ids=str)
@pytest.mark.parametrize("params", [{}, {"use_bias": False}, {"use_score_bias": True}], ids=str)
def test_bahdanau(params: dict[str, Any], query_shape: tuple[int, ...], masked: bool) -> None:
    query, values = data(query_shape, (5, 3))
    layer = BahdanauAttention(units=7, return_attention_scores=True, **params)
    weights = filled(layer, query, values)
    found, scores = layer([query, values], mask=[None, MASK] if masked else None)
    listed = query if len(query_shape) == 2 else query[:, None]
    raw = compared(listed.astype("float64"), values, weights)
    shares = softmax(np.where(MASK[:, None], raw, -np.inf) if masked else raw)
    expected = shares @ values
    if len(query_shape) == 1:
        shares, expected = shares[:, 0], expected[:, 0]
    np.testing.assert_allclose(scores, shares, atol=1e-5)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("query_shape", [(4, 6), (6,)], ids=str)
@pytest.mark.parametrize("output", ["attentional", "context"])
@pytest.mark.parametrize(
    "params", [{"score": "dot"}, {"score": "general"}, {"score": "concat"}, {"score": "concat", "score_units": 4, "units": 2}], ids=str
)
def test_luong(params: dict[str, Any], output: str, query_shape: tuple[int, ...], masked: bool) -> None:
    query, values = data(query_shape, (5, 6 if params["score"] == "dot" else 3))
    layer = LuongAttention(output=output, return_attention_scores=True, **params)
    w = filled(layer, query, values)
    found, scores = layer([query, values], mask=[None, MASK] if masked else None)
    listed = (query if len(query_shape) == 2 else query[:, None]).astype("float64")
    if params["score"] == "concat":
        raw = compared(listed, values, w)
    else:
        raw = listed @ np.swapaxes(values @ w["value/kernel"] if params["score"] == "general" else values, 1, 2)
    shares = softmax(np.where(MASK[:, None], raw, -np.inf) if masked else raw)
    expected = shares @ values
    if output == "attentional":
        expected = np.tanh(np.concatenate([expected, listed], -1) @ w["joined/kernel"])
    if len(query_shape) == 1:
        shares, expected = shares[:, 0], expected[:, 0]
    np.testing.assert_allclose(scores, shares, atol=1e-5)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", [BahdanauAttention, LuongAttention])
def test_half_precision_stays_near_and_hides_what_is_masked(kind: Any, policy: str) -> None:
    query, values = data((4, 6), (5, 6))
    given = {"units": 6, "return_attention_scores": True}
    exact, half = kind(**given), kind(**given, dtype=policy)
    filled(exact, query, values)
    half.build([query.shape, values.shape])
    half.set_weights(exact.get_weights())
    (found, scores), (expected, _) = half([query, values], mask=[None, MASK]), exact([query, values], mask=[None, MASK])
    assert found.dtype == policy.removeprefix("mixed_")
    np.testing.assert_allclose(keras.ops.cast(found, "float32"), expected, atol=0.05)
    assert not np.any(keras.ops.convert_to_numpy(keras.ops.cast(scores, "float32"))[~np.broadcast_to(MASK[:, None], scores.shape)])


def test_as_many_weights_as_the_tutorial_says() -> None:
    """TensorFlow's tutorial of translation has 525,825 for states and units of 512: 2 (U A + A) + A + 1."""
    found = analyse(graph_of("BahdanauAttention", {"units": 512, "use_score_bias": True}, [Spec((512,)), Spec((20, 512))]))
    assert found.weights == 2 * (512 * 512 + 512) + 512 + 1 == 525_825


@pytest.mark.parametrize(("score", "weights"), [("dot", 0), ("general", 8 * 8), ("concat", 2 * 8 * 8 + 8)])
def test_luongs_weights(score: str, weights: int) -> None:
    """With states of U = 8: dot 0, general U^2, concat 2 U U + U; Wc adds 2 U U."""
    specs = [Spec((4, 8)), Spec((5, 8))]
    assert analyse(graph_of("LuongAttention", {"score": score, "output": "context"}, specs)).weights == weights
    assert analyse(graph_of("LuongAttention", {"score": score}, specs)).weights == weights + 2 * 8 * 8


@pytest.mark.parametrize("name", ["BahdanauAttention", "LuongAttention"])
def test_the_mask_of_an_embedding_reaches_it_and_passes_on(name: str) -> None:
    """Padding of the source changes nothing; the mask of the target goes on to the next layer."""
    nodes = {
        "target": {"block": "Input", "params": {"shape": [4], "dtype": "int32"}},
        "source": {"block": "Input", "params": {"shape": [5], "dtype": "int32"}},
        "target_words": {"block": "Embedding", "params": {"input_dim": 9, "output_dim": 6, "mask_zero": True}, "inputs": ["target"]},
        "source_words": {"block": "Embedding", "params": {"input_dim": 9, "output_dim": 6, "mask_zero": True}, "inputs": ["source"]},
        "attention": {"block": name, "inputs": ["target_words", "source_words"]},
        "reader": {"block": "LSTM", "params": {"units": 3}, "inputs": ["attention"]},
    }
    model = build(Graph.model_validate({"nodes": nodes}))
    sentence = {"target": np.array([[1, 2, 0, 0]], "int32"), "source": np.array([[3, 4, 5, 0, 0]], "int32")}
    before = model(sentence)
    for words in ("target_words", "source_words"):
        (vectors,) = model.get_layer(words).get_weights()
        vectors[0] += 5
        model.get_layer(words).set_weights([vectors])
    np.testing.assert_allclose(model(sentence), before, atol=1e-6)


def test_problems_say_what_to_do() -> None:
    unequal = analyse(graph_of("LuongAttention", {}, [Spec((4, 8)), Spec((5, 6))])).errors[0]
    assert "general" in unequal.fix
    assert analyse(graph_of("BahdanauAttention", {}, [Spec((4, 8)), Spec((6,))])).errors
    assert analyse(graph_of("BahdanauAttention", {}, [Spec((4, 8))])).errors
    assert analyse(graph_of("BahdanauAttention", {}, [Spec((4, 4, 8)), Spec((5, 6))])).errors
