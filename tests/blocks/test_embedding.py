"""Embeddings, and the way back from vectors to scores."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from blocks.analysis import analyse
from blocks.build import build
from blocks.code import keras_code
from blocks.graph import Graph


def language_model(last: int = 4, **params: Any) -> Graph:
    return Graph.model_validate(
        {
            "nodes": {
                "words": {"block": "Input", "params": {"shape": [5], "dtype": "int32"}},
                "embedding": {"block": "ReversibleEmbedding", "params": {"input_dim": 12, "output_dim": 4, **params}, "inputs": ["words"]},
                "mix": {"block": "Dense", "params": {"units": last}, "inputs": ["embedding"]},
                "scores": {"reuse": "embedding", "inputs": ["mix"]},
            }
        }
    )


@pytest.mark.parametrize("params", [{}, {"tie_weights": False}, {"logit_soft_cap": 2.0}])
def test_a_node_that_reuses_it_gives_scores(params: dict[str, Any], tmp_path: Any) -> None:
    graph = language_model(**params)
    found = analyse(graph)
    assert not found.errors
    assert found.nodes["scores"].output_shapes == ((5, 12),)
    assert (found.nodes["embedding"].multiply_adds, found.nodes["scores"].multiply_adds) == (0, 5 * 4 * 12)
    model = build(graph)
    assert found.weights == model.count_params() == 12 * 4 * (1 if params.get("tie_weights", True) else 2) + 20
    x = np.random.default_rng(0).integers(0, 12, (2, 5))
    layer = model.get_layer("embedding")
    table = np.asarray(layer.embeddings)
    back = table.T if params.get("tie_weights", True) else np.asarray(layer.reverse_embeddings)
    kernel, bias = model.get_layer("mix").get_weights()
    expected = (table[x] @ kernel + bias) @ back
    if "logit_soft_cap" in params:
        expected = 2 * np.tanh(expected / 2)
    np.testing.assert_allclose(model(x), expected, atol=1e-5)
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "model.keras")(x), expected, atol=1e-5)
    space: dict[str, Any] = {}
    exec(compile(keras_code(model), "code", "exec"), space)  # noqa: S102 - the code under test
    space["model"].set_weights(model.get_weights())
    np.testing.assert_allclose(space["model"](x), expected, atol=1e-5)


def test_it_trains_in_both_directions() -> None:
    model = build(language_model())
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x = np.random.default_rng(0).integers(0, 12, (64, 5))
    losses = model.fit(x, x, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_vectors_of_another_length_are_refused_with_advice() -> None:
    errors = analyse(language_model(last=3)).errors
    assert [error.node for error in errors] == ["scores"]
    assert errors[0].text == "ReversibleEmbedding: invalid input. Expected: whole numbers, or vectors of length 4. Received: length 3."
    assert errors[0].fix == "Insert Dense with 4 units before it."
