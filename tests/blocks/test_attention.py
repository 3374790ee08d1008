"""Attention layers of Keras: what they are told at the call, masks, several inputs, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import blocks
from blocks import analyse, build
from blocks.code import keras_code
from blocks.graph import Graph
from blocks.spec import Spec
from tests.blocks.samples import graph_of

NAMES = ["Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention"]
SMALL: dict[str, dict[str, Any]] = {
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 3},
    "GroupQueryAttention": {"num_query_heads": 4, "num_key_value_heads": 2, "head_dim": 3},
}
RANDOM = np.random.default_rng(10)


def masked_graph(name: str, params: dict[str, Any], cross: bool) -> Graph:
    """Padded texts, attention, and a layer behind it that heeds the mask."""
    nodes: dict[str, Any] = {
        "first": {"block": "Input", "params": {"shape": [8], "dtype": "int32"}},
        "words": {"block": "Embedding", "params": {"input_dim": 9, "output_dim": 6, "mask_zero": True}, "inputs": ["first"]},
    }
    if cross:
        nodes["second"] = {"block": "Input", "params": {"shape": [5], "dtype": "int32"}}
        nodes["other"] = {"block": "Embedding", "params": {"input_dim": 9, "output_dim": 6, "mask_zero": True}, "inputs": ["second"]}
    nodes["attention"] = {"block": name, "params": {**SMALL.get(name, {}), **params}, "inputs": ["words", "other"] if cross else ["words"]}
    nodes["reader"] = {"block": "LSTM", "params": {"units": 3}, "inputs": ["attention"]}
    return Graph.model_validate({"nodes": nodes})


def padded(cross: bool) -> Any:
    first = np.array([[1, 2, 3, 0, 0, 0, 0, 0], [4, 5, 6, 7, 8, 1, 0, 0]], "int32")
    return {"first": first, "second": np.array([[3, 2, 0, 0, 0], [1, 2, 3, 4, 0]], "int32")} if cross else first


@pytest.mark.filterwarnings("ignore:Layer '(query|key|value)' .of type EinsumDense.:UserWarning")  # GroupQueryAttention of Keras; the mask holds
@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_masks_and_causality_survive_everywhere(name: str, causal: bool, cross: bool, tmp_path: Path) -> None:
    """The same output from the network, its file, its SavedModel and its code; and padding changes nothing."""
    graph = masked_graph(name, {"use_causal_mask": causal}, cross)
    model, values = build(graph), padded(cross)
    expected = model(values)
    space: dict[str, Any] = {}
    exec(keras_code(model), space)  # noqa: S102 - the code under test
    space["model"].set_weights(model.get_weights())
    np.testing.assert_allclose(space["model"](values), expected, atol=1e-6)
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "model.keras")(values), expected, atol=1e-6)
    model.export(tmp_path / "saved", verbose=False)
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    np.testing.assert_allclose(loaded.serve(values), expected, atol=1e-6)
    for words in ("words", "other") if cross else ("words",):
        (vectors,) = model.get_layer(words).get_weights()
        vectors[0] += 5
        model.get_layer(words).set_weights([vectors])
    np.testing.assert_allclose(model(values), expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore:Layer '(query|key|value)' .of type EinsumDense.:UserWarning")
@pytest.mark.parametrize("name", NAMES)
def test_the_mask_serves_more_than_one_layer(name: str) -> None:
    """A shortcut, and a second layer that looks at the same memory; Keras's own MultiHeadAttention takes the mask off its inputs."""
    document = masked_graph(name, {}, True).document()
    attention = document["nodes"]["attention"]
    document["nodes"]["sum"] = {"block": "Add", "inputs": ["words", "attention"]}
    document["nodes"]["itself"] = {**attention, "inputs": ["sum"]}
    document["nodes"]["again"] = {**attention, "inputs": ["itself", "other"]}
    document["nodes"]["reader"]["inputs"] = ["again"]
    model, values = build(Graph.model_validate(document)), padded(True)
    expected = model(values)
    for words in ("words", "other"):
        (vectors,) = model.get_layer(words).get_weights()
        vectors[0] += 5
        model.get_layer(words).set_weights([vectors])
    np.testing.assert_allclose(model(values), expected, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_step_sees_only_earlier_ones(name: str) -> None:
    params = {**SMALL.get(name, {}), "use_causal_mask": True}
    model = build(graph_of(name, params, [Spec((8, 6))]))
    x = RANDOM.normal(size=(1, 8, 6)).astype("float32")
    later = x.copy()
    later[:, 5:] += 1
    np.testing.assert_allclose(model(x)[:, :5], model(later)[:, :5], atol=1e-6)
    assert np.abs(model(x) - model(later))[:, 5:].max() > 1e-3


@pytest.mark.parametrize("specs", [[Spec((8, 6))], [Spec((8, 6)), Spec((5, 6))], [Spec((None, 6)), Spec((None, 6))]], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_scores_are_the_second_output(name: str, specs: list[Spec]) -> None:
    """Announced and real shape agree, and each step takes 1 in all; layers behind it are built for the right length."""
    graph = graph_of(name, {**SMALL.get(name, {}), "return_attention_scores": True}, specs)
    graph = graph.model_copy(
        update={
            "nodes": {**graph.nodes, "scores": graph.nodes["block"].model_copy(update={"block": "Softmax", "params": {}, "inputs": ("block:1",)})}
        }
    )
    found = analyse(graph)
    assert not found.errors
    heads = SMALL.get(name, {}).get("num_heads", SMALL.get(name, {}).get("num_query_heads"))
    steps, others = specs[0].shape[0], specs[-1].shape[0]
    assert found.nodes["block"].output_shapes[1] == ((heads,) if heads else ()) + (steps, others)
    block = blocks.get(name).read({**SMALL.get(name, {}), "return_attention_scores": True})
    assert isinstance(block, blocks.LayerBlock)
    values = [RANDOM.normal(size=(2, *(size or 7 for size in spec.shape))).astype("float32") for spec in specs]
    _, scores = block.apply(block.make(), values)
    np.testing.assert_allclose(np.sum(scores, -1), 1, atol=1e-5)


@pytest.mark.parametrize("axis", [None, 1, 2])
def test_scores_of_pictures(axis: int | None, tmp_path: Path) -> None:
    """Keras announces (heads, height, height) whatever comes; the network behind a picture's scores is built for what does come."""
    params = {**SMALL["MultiHeadAttention"], "attention_axes": axis, "return_attention_scores": True}
    graph = graph_of("MultiHeadAttention", params, [Spec((4, 3, 6))])
    expected = {None: (2, 4, 3, 4, 3), 1: (3, 2, 4, 4), 2: (4, 2, 3, 3)}[axis]
    assert analyse(graph).nodes["block"].output_shapes == ((4, 3, 6), expected)
    document = graph.document()
    document["nodes"]["flat"] = {"block": "Flatten", "inputs": ["block:1"]}
    document["nodes"]["dense"] = {"block": "Dense", "params": {"units": 2}, "inputs": ["flat"]}
    model = build(Graph.model_validate(document))
    x = RANDOM.normal(size=(2, 4, 3, 6)).astype("float32")
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "model.keras")(x), model(x), atol=1e-6)
    space: dict[str, Any] = {}
    exec(keras_code(model), space)  # noqa: S102 - the code under test
    space["model"].set_weights(model.get_weights())
    np.testing.assert_allclose(space["model"](x), model(x), atol=1e-6)


@pytest.mark.parametrize("axis", [None, 1, 2])
def test_multi_head_attention_as_numpy(axis: int | None) -> None:
    x = RANDOM.normal(size=(2, 4, 3, 6)).astype("float32")
    model = build(graph_of("MultiHeadAttention", {**SMALL["MultiHeadAttention"], "attention_axes": axis}, [Spec((4, 3, 6))]))
    w = {"/".join(variable.path.split("/")[-2:]): variable.numpy().astype("float64") for variable in model.weights}
    query, key, value = (np.einsum("bhwc,cnd->bhwnd", x, w[f"{name}/kernel"]) + w[f"{name}/bias"] for name in ("query", "key", "value"))
    scores = np.einsum("bhwnd,bijnd->bnhwij", query, key) / np.sqrt(3)
    seen = {
        None: np.ones((4, 3, 4, 3)),
        1: np.einsum("wj,hi->hwij", np.eye(3), np.ones((4, 4))),
        2: np.einsum("hi,wj->hwij", np.eye(4), np.ones((3, 3))),
    }
    powers = np.exp(scores) * seen[axis]
    shares = powers / powers.sum((-1, -2), keepdims=True)
    mixed = np.einsum("bnhwij,bijnd->bhwnd", shares, value)
    expected = np.einsum("bhwnd,ndc->bhwc", mixed, w["attention_output/kernel"]) + w["attention_output/bias"]
    np.testing.assert_allclose(model(x), expected, atol=1e-5)


def test_weights_and_cost_of_the_transformer() -> None:
    """4 (d^2 + d) weights for d = 512 and 8 heads of 64 (Vaswani et al. 2017)."""
    found = analyse(graph_of("MultiHeadAttention", {}, [Spec((10, 512))]))
    assert found.weights == 4 * (512**2 + 512)
    assert found.multiply_adds == 4 * 10 * 512**2 + 2 * 10 * 10 * 512
    shared = analyse(graph_of("GroupQueryAttention", {}, [Spec((10, 512))]))
    assert shared.weights == 2 * (512**2 + 512) + 2 * (512 + 1) * 128
    assert shared.multiply_adds == 10 * (2 * 512**2 + 2 * 512 * 128) + 2 * 10 * 10 * 512


@pytest.mark.parametrize(
    ("name", "params", "shapes", "words"),
    [
        ("Attention", {}, [(8, 6), (5, 4)], "features of the query"),
        ("AdditiveAttention", {}, [(8, 6), (5, 6), (5, 4)], "features of the query"),
        ("Attention", {}, [(8, 6), (5, 6), (4, 6)], "equal length"),
        ("MultiHeadAttention", {}, [(8, 6), (5, 6), (4, 6)], "equal length"),
        ("MultiHeadAttention", {}, [(8, 6), (4, 4, 6)], "equally many axes"),
        ("MultiHeadAttention", {"attention_axes": 2}, [(8, 6)], "attention_axes"),
        ("MultiHeadAttention", {"attention_axes": 2}, [(4, 3, 6), (5, 3, 6)], "equal size along axis 1"),
        ("MultiHeadAttention", {"use_causal_mask": True}, [(4, 3, 6)], "use_causal_mask"),
        ("MultiHeadAttention", {"sliding_window": 2}, [(4, 3, 6)], "sliding_window"),
        ("GroupQueryAttention", {}, [(8, 6), (5, 4)], "features of the query"),
        ("GroupQueryAttention", {}, [(8, None)], "known number of features"),
    ],
)
def test_what_does_not_fit_is_refused_with_advice(name: str, params: dict[str, Any], shapes: list[tuple[int | None, ...]], words: str) -> None:
    found = analyse(graph_of(name, params, [Spec(tuple(shape)) for shape in shapes])).errors
    assert len(found) == 1
    assert words in found[0].text
    assert found[0].fix


def test_a_sliding_window_hides_what_is_farther() -> None:
    model = build(graph_of("MultiHeadAttention", {**SMALL["MultiHeadAttention"], "sliding_window": 2}, [Spec((8, 6))]))
    x = RANDOM.normal(size=(1, 8, 6)).astype("float32")
    changed = x.copy()
    changed[:, 7] += 1
    difference = np.abs(model(x) - model(changed)).max((0, 2))
    assert difference[:6].max() < 1e-6
    assert difference[6:].min() > 1e-4
