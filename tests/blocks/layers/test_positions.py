"""Class tokens, learned positions and waves, against plain numpy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import analyse, build
from blocks.graph import Graph
from blocks.layers.class_token import ClassToken
from blocks.layers.position_embedding import PositionEmbedding
from blocks.layers.sinusoidal_position import SinusoidalPositionEncoding
from blocks.spec import Spec
from tests.blocks.samples import graph_of

RANDOM = np.random.default_rng(9)


@pytest.mark.parametrize("num_tokens", [1, 3])
def test_tokens_stand_in_front(num_tokens: int) -> None:
    x = RANDOM.normal(size=(2, 4, 5)).astype("float32")
    layer = ClassToken(num_tokens=num_tokens, token_initializer="random_normal")  # noqa: S106
    found = keras.ops.convert_to_numpy(layer(x))
    np.testing.assert_array_equal(found[:, num_tokens:], x)
    for sample in found:
        np.testing.assert_array_equal(sample[:num_tokens], layer.token.numpy())


def test_a_token_is_seen_where_steps_are_masked() -> None:
    nodes = {
        "text": {"block": "Input", "params": {"shape": [4], "dtype": "int32"}},
        "words": {"block": "Embedding", "params": {"input_dim": 9, "output_dim": 6, "mask_zero": True}, "inputs": ["text"]},
        "token": {"block": "ClassToken", "inputs": ["words"]},
        "positions": {"block": "PositionEmbedding", "inputs": ["token"]},
        "waves": {"block": "SinusoidalPositionEncoding", "inputs": ["positions"]},
    }
    model = build(Graph.model_validate({"nodes": nodes}))
    found = model(np.array([[3, 4, 0, 0]], "int32"))
    np.testing.assert_array_equal(keras.src.backend.get_keras_mask(found), [[True, True, True, False, False]])


@pytest.mark.parametrize("length", [None, 9])
def test_learned_positions(length: int | None) -> None:
    x = RANDOM.normal(size=(2, 4, 5)).astype("float32")
    layer = PositionEmbedding(length=length)
    np.testing.assert_allclose(layer(x), x + layer.embeddings.numpy()[:4], atol=1e-6)
    assert layer.embeddings.shape == (length or 4, 5)


def test_positions_beyond_the_length_are_refused() -> None:
    assert analyse(graph_of("PositionEmbedding", {"length": 3}, [Spec((4, 5))])).errors[0].fix == "Set length to 4, or leave it empty."
    assert "SinusoidalPositionEncoding" in analyse(graph_of("PositionEmbedding", {}, [Spec((None, 5))])).errors[0].fix
    assert analyse(graph_of("PositionEmbedding", {"length": 9}, [Spec((None, 5))])).weights == 9 * 5


def waves(steps: int, features: int, longest: float) -> Any:
    """Formula of section 3.5, one number at a time."""
    found = np.zeros((steps, features))
    for t, k in np.ndindex(steps, features):
        angle = t / longest ** (2 * (k // 2) / features)
        found[t, k] = math.cos(angle) if k % 2 else math.sin(angle)
    return found


@pytest.mark.parametrize("longest", [10_000.0, 1.0, 50.0])
@pytest.mark.parametrize(("steps", "features"), [(6, 8), (4, 5), (1, 1), (100, 2)])
def test_waves(steps: int, features: int, longest: float) -> None:
    x = RANDOM.normal(size=(2, steps, features)).astype("float32")
    np.testing.assert_allclose(SinusoidalPositionEncoding(max_wavelength=longest)(x), x + waves(steps, features, longest), atol=1e-5)
    scaled = SinusoidalPositionEncoding(max_wavelength=longest, scale_inputs=True)(x)
    np.testing.assert_allclose(scaled, x * math.sqrt(features) + waves(steps, features, longest), atol=1e-5)


def test_waves_in_half_precision_are_worked_out_exactly() -> None:
    """Places beyond 2,048 have no number of their own in float16."""
    found = SinusoidalPositionEncoding(dtype="mixed_float16")(np.zeros((1, 5000, 8), "float32"))
    assert found.dtype == "float16"
    np.testing.assert_allclose(keras.ops.cast(found, "float32")[0], waves(5000, 8, 10_000.0), atol=2e-3)


@pytest.mark.parametrize("layer", [SinusoidalPositionEncoding(), ClassToken(), PositionEmbedding(length=20)], ids=lambda layer: type(layer).__name__)
def test_unknown_lengths(layer: Any, tmp_path: Path) -> None:
    inputs = keras.Input((None, 6))
    model = keras.Model(inputs, layer(inputs))
    model.export(tmp_path, verbose=False)
    loaded = tf.saved_model.load(str(tmp_path))
    for steps in (3, 11):
        x = RANDOM.normal(size=(2, steps, 6)).astype("float32")
        np.testing.assert_allclose(loaded.serve(x), model(x), atol=1e-6)


def test_patches_are_counted_row_by_row() -> None:
    picture = np.arange(4 * 6, dtype="float32").reshape(1, 4, 6, 1)
    model = build(graph_of("PatchEmbedding", {"patch_size": 2, "units": 1}, [Spec((4, 6, 1))]))
    model.set_weights([np.array([1.0, 0, 0, 0]).reshape(2, 2, 1, 1), np.zeros(1)])
    np.testing.assert_array_equal(np.ravel(model(picture)), [0, 2, 4, 12, 14, 16])


def test_patches_of_vit() -> None:
    """ViT-B/16 at 224: 196 patches of 768 numbers, (16 * 16 * 3 + 1) * 768 weights."""
    found = analyse(graph_of("PatchEmbedding", {"units": 768}, [Spec((224, 224, 3))]))
    assert found.nodes["block"].output_shapes == ((196, 768),)
    assert found.weights == (16 * 16 * 3 + 1) * 768
    assert found.multiply_adds == 196 * 16 * 16 * 3 * 768


def test_patches_larger_than_the_picture_are_refused() -> None:
    found = analyse(graph_of("PatchEmbedding", {}, [Spec((8, 32, 3))])).errors
    assert [message.text for message in found] == ["PatchEmbedding: invalid patch_size. Expected: at most the picture, 8 x 32. Received: 16 x 16."]
