"""Transformer layers against what their papers say: counts, the order of normalisation, and who sees whom."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from blocks import Graph, analyse, build


def graph(block: str, params: dict[str, Any], *shapes: list[int]) -> Graph:
    nodes: dict[str, Any] = {f"x{number}": {"block": "Input", "params": {"shape": shape}} for number, shape in enumerate(shapes)}
    nodes["layer"] = {"block": block, "params": params, "inputs": list(nodes)}
    return Graph.model_validate({"nodes": nodes})


def test_the_base_transformer_has_the_weights_of_its_paper() -> None:
    """Six layers each of 512 features, 2,048 hidden units: 44,138,496 (arXiv:1706.03762, section 3, without embeddings)."""
    encoder = analyse(graph("TransformerEncoderLayer", {}, [10, 512])).weights
    decoder = analyse(graph("TransformerDecoderLayer", {}, [10, 512], [12, 512])).weights
    assert 6 * (encoder + decoder) == 44_138_496


@pytest.mark.parametrize(("features", "heads", "weights"), [(192, 3, 5_717_416), (384, 6, 22_050_664), (768, 12, 86_567_656)])
def test_vision_transformers_have_the_weights_of_their_paper(features: int, heads: int, weights: int) -> None:
    """ViT-Ti, -S and -B with patches of 16 (arXiv:2010.11929, table 1 and appendix): 12 blocks, embedding, class token, positions, head."""
    block = analyse(graph("VisionTransformerBlock", {"num_heads": heads}, [197, features])).weights
    patches, token, positions = (16 * 16 * 3 + 1) * features, features, 197 * features
    norm, head = 2 * features, (features + 1) * 1000
    assert 12 * block + patches + token + positions + norm + head == weights


def test_a_mixer_has_the_weights_of_its_paper() -> None:
    """Mixer-B/16 (arXiv:2105.01601, table 1): 59 million; 12 blocks of 768 channels with 384 and 3,072 units, 196 patches."""
    block = analyse(graph("MixerBlock", {"token_units": 384, "channel_units": 3072}, [196, 768])).weights
    whole = 12 * block + (16 * 16 * 3 + 1) * 768 + 2 * 768 + 769 * 1000
    assert round(whole / 1e6) == 60
    assert whole == 59_880_472


def test_a_step_of_the_decoder_does_not_see_later_ones() -> None:
    model = build(graph("TransformerDecoderLayer", {"num_heads": 2, "hidden_units": 8}, [6, 4], [5, 4]))
    random = np.random.default_rng(0)
    x, memory = random.normal(size=(1, 6, 4)).astype("float32"), random.normal(size=(1, 5, 4)).astype("float32")
    changed = x.copy()
    changed[:, 3:] += 1
    before, after = (np.asarray(model({"x0": given, "x1": memory})) for given in (x, changed))
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert np.abs(before[:, 3:] - after[:, 3:]).max() > 0.01
    other = np.asarray(model({"x0": x, "x1": memory + 1}))
    assert np.abs(before - other).max() > 1e-3


@pytest.mark.parametrize("place", ["before", "behind"])
def test_the_normalisation_stands_where_it_is_said(place: str) -> None:
    model = build(graph("TransformerEncoderLayer", {"num_heads": 2, "hidden_units": 8, "normalization": place}, [6, 4]))
    assert isinstance(model.layers[1 if place == "before" else -1], keras.layers.LayerNormalization)
    output = np.asarray(model(np.random.default_rng(1).normal(size=(2, 6, 4)).astype("float32")))
    normalised = np.abs(output.mean(axis=-1)).max() < 1e-5
    assert normalised == (place == "behind")


def test_heads_that_do_not_divide_are_named_with_the_nearest() -> None:
    [error] = analyse(graph("TransformerEncoderLayer", {"num_heads": 5}, [6, 12])).errors
    assert error.text == "TransformerEncoderLayer: num_heads (5) must divide the 12 features. The nearest is 4."


def test_patches_of_unknown_number_can_not_be_mixed() -> None:
    [error] = analyse(graph("MixerBlock", {}, [0, 12])).errors
    assert "the number of patches must be known" in error.text
