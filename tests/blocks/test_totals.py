"""The figures of a whole network: depth, receptive field, and the memory that a training takes."""

from __future__ import annotations

from typing import Any

from blocks import Graph, analyse
from blocks.figures import product, training_bytes, widest

NODES: dict[str, Any] = {
    "image": {"block": "Input", "params": {"shape": [8, 8, 1]}},
    "conv1": {"block": "Conv2D", "params": {"filters": 4, "padding": "same"}, "inputs": ["image"]},
    "relu": {"block": "ReLU", "inputs": ["conv1"]},
    "stage": {"block": "Residual", "params": {"filters": 4}, "inputs": ["relu"]},
    "pool": {"block": "GlobalAveragePooling2D", "inputs": ["stage"]},
    "label": {"block": "Output", "params": {"units": 2, "activation": "softmax"}, "inputs": ["pool"]},
}


def test_depth_counts_layers_with_weights_on_the_longest_way() -> None:
    analysis = analyse(Graph.model_validate({"nodes": NODES}))
    # conv1, then conv, norm, conv, norm of the residual block, then the dense layer of the Output
    assert analysis.depth == 6
    assert analysis.receptive_field == (7, 7)


def test_memory_is_weights_gradients_moments_and_what_a_batch_leaves_behind() -> None:
    analysis = analyse(Graph.model_validate({"nodes": {name: NODES[name] for name in ("image", "conv1", "relu")}}))
    assert analysis.activations == 2 * 8 * 8 * 4
    assert analysis.weights == analysis.trainable_weights == 40
    assert training_bytes(analysis, 10) == 4 * (40 + 3 * 40 + 10 * 512)


def test_a_vector_sees_everything_and_has_no_field() -> None:
    nodes = {"x": {"block": "Input", "params": {"shape": [3]}}, "y": {"block": "Dense", "inputs": ["x"]}}
    analysis = analyse(Graph.model_validate({"nodes": nodes}))
    assert (analysis.depth, analysis.receptive_field) == (1, None)


def test_the_widest_counts_on_each_axis() -> None:
    assert widest([None, (), (3,), (3, 9), (5, 2)]) == (5, 9)
    assert widest([None]) is None
    assert product((None, 3, 4)) == 12
