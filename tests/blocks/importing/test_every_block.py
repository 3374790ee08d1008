"""Every block's layer, saved and imported again, is the same block with the same parameters."""

from __future__ import annotations

from typing import Any

import pytest

import blocks
from blocks import Graph, LayerBlock
from blocks.base import Block
from blocks.flattening import flatten
from tests.blocks.importing.made import imported, nodes
from tests.blocks.samples import graph_of, inputs_for, params_for

FUNCTIONS = (
    "Linear", "ReLU6", "Sigmoid", "HardSigmoid", "LogSigmoid", "SparseSigmoid", "Tanh", "HardTanh", "TanhShrink", "Softplus", "Softsign",
    "SparsePlus", "SiLU", "HardSiLU", "SELU", "Exponential", "Mish", "GELU", "CELU", "HardShrink", "SoftShrink", "SquarePlus", "LogSoftmax",
)  # fmt: skip
SPELT_OTHERWISE = {
    **dict.fromkeys(FUNCTIONS, "a file has keras.layers.Activation with the name of the function, as that of an Activation block"),
    **{
        f"FullPadding{axes}D": "a file has keras.layers.ZeroPadding, which does not say that the padding is for a full convolution"
        for axes in (1, 2, 3)
    },
}
"""Blocks whose layer is that of another block, which an import takes."""


def _is_tested(block: type[Block]) -> bool:
    """Input and Output are tested with networks; augmentation is no part of what is built."""
    return block.__name__ not in ("Input", "Output") and not (issubclass(block, LayerBlock) and block.augmentation)


ALL = [name for name, block in sorted(blocks.all().items()) if _is_tested(block)]


def with_something_behind(graph: Graph) -> Graph:
    """So that the block is not the last one, which an import makes an Output of."""
    behind = {"behind": {"block": "Identity", "inputs": [list(graph.nodes)[-1]]}}
    return Graph.model_validate({"nodes": {**{name: node.model_dump() for name, node in graph.nodes.items()}, **behind}})


def inner(graph: Graph) -> dict[str, tuple[Any, ...]]:
    return {name: node for name, node in nodes(graph).items() if node[0] != "Output"}


def case(name: str) -> Any:
    """A block as a case, which fails where its layer is spelt as that of another."""
    if name not in SPELT_OTHERWISE:
        return name
    return pytest.param(name, marks=pytest.mark.xfail(reason=SPELT_OTHERWISE[name], strict=True, raises=AssertionError))


@pytest.mark.parametrize("name", map(case, ALL))
def test_block_comes_back_equal(name: str) -> None:
    block = blocks.get(name)
    for specs in inputs_for(block):
        graph = with_something_behind(graph_of(name, params_for(block, specs), specs))
        assert inner(imported(blocks.build(graph)).graph) == inner(flatten(graph))


@pytest.mark.parametrize("name", sorted(SPELT_OTHERWISE))
def test_block_that_is_spelt_otherwise_makes_the_same_layer(name: str) -> None:
    block = blocks.get(name)
    for specs in inputs_for(block):
        graph = with_something_behind(graph_of(name, params_for(block, specs), specs))
        model = blocks.build(graph)
        again = blocks.build(imported(model).graph)
        assert again.get_layer("block").get_config() == model.get_layer("block").get_config()


CHANGED: dict[str, dict[str, Any]] = {
    "AlphaDropout": {"rate": 0.3, "noise_shape": [1, 0]},
    "AdaptiveMaxPooling2D": {"output_size": [2, 3]},
    "Attention": {"use_causal_mask": True, "score_mode": "concat", "use_scale": True, "dropout": 0.1},
    "AveragePooling2D": {"pool_size": [2, 3], "strides": 1, "padding": "same"},
    "BatchNormalization": {"momentum": 0.9, "renorm": True, "rmin": 0.5, "dmax": 2.0, "scale": False, "axis": 1},
    "Bidirectional": {"block": {"block": "GRU", "params": {"units": 3, "return_sequences": True, "reset_after": False}}, "merge_mode": "sum"},
    "CategoryEncoding": {"num_tokens": 12, "output_mode": "multi_hot"},
    "Concatenate": {"axis": 1},
    "Conv1D": {"padding": "causal", "dilation_rate": 2, "kernel_regularizer": {"name": "l2", "l2": 0.001}, "activation": "silu"},
    "Conv2D": {
        "filters": 6, "kernel_size": [3, 5], "groups": 2, "use_bias": False, "kernel_initializer": {"name": "truncated_normal", "stddev": 0.02},
        "kernel_constraint": {"name": "max_norm", "max_value": 3.0, "axis": [0, 1, 2]}, "activity_regularizer": "l1",
    },
    "Conv2DTranspose": {"strides": 3, "kernel_size": 3, "output_padding": 1, "padding": "valid"},
    "Dense": {"units": 3, "kernel_initializer": {"name": "variance_scaling", "scale": 2.0, "mode": "fan_out"}, "bias_constraint": "non_neg"},
    "Discretization": {"bin_boundaries": [0.5, 1.5, 7.0], "output_mode": "int"},
    "Dot": {"axes": 2, "normalize": True},
    "Dropout": {"rate": 0.25},
    "EinsumDense": {"equation": "...x,xyz->...yz", "output_shape": [2, 3], "bias_axes": "z", "activation": "relu"},
    "Embedding": {"input_dim": 12, "output_dim": 5, "mask_zero": True},
    "GELU": {"approximate": True},
    "GlobalAveragePooling2D": {"keepdims": True},
    "GroupNormalization": {"groups": 3, "epsilon": 1e-5},
    "GroupQueryAttention": {"num_query_heads": 4, "head_dim": 3, "use_gate": True, "return_attention_scores": True},
    "IntegerLookup": {"vocabulary": [4, 2], "mask_token": 0, "num_oov_indices": 3, "output_mode": "int"},
    "LSTM": {"units": 5, "return_sequences": True, "return_state": True, "go_backwards": True, "dropout": 0.1, "recurrent_initializer": "he_normal"},
    "LayerNormalization": {"axis": [1, 2], "center": False},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 3, "value_dim": 4, "output_shape": [5], "use_causal_mask": True},
    "Normalization": {"mean": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "variance": [1.0] * 6},
    "PReLU": {"shared_axes": "none", "alpha_initializer": {"name": "constant", "value": 0.25}},
    "Permute": {"dims": [2, 1]},
    "RNN": {"cell": "GRU", "units": [3, 4, 5], "return_sequences": True, "activation": "relu", "reset_after": False},
    "Rescaling": {"scale": 0.5, "offset": -1.0},
    "Resizing": {"height": 4, "width": 6, "fit": "pad", "interpolation": "nearest", "fill_value": 3.0},
    "Softmax": {"axis": [1, 2]},
    "SpectralNormalization": {"block": {"block": "Dense", "params": {"units": 3, "use_bias": False}}, "power_iterations": 2},
    "StringLookup": {"vocabulary": ["a", "b"], "output_mode": "multi_hot", "max_tokens": 9},
    "TextVectorization": {"vocabulary": ["the", "cat"], "output_mode": "multi_hot", "ngrams": 2, "standardize": None, "max_tokens": 40},
    "TimeDistributed": {"block": {"block": "Dense", "params": {"units": 3, "activation": "relu"}}},
    "UpSampling2D": {"size": [2, 3], "interpolation": "bilinear"},
    "ZeroPadding2D": {"padding": [[1, 2], [3, 0]]},
}  # fmt: skip
"""Other values than the defaults."""


@pytest.mark.parametrize("name", sorted(CHANGED))
def test_block_with_other_values_comes_back_equal(name: str) -> None:
    block = blocks.get(name)
    specs = [specs for specs in inputs_for(block) if not _refused(name, specs)][-1]
    graph = with_something_behind(graph_of(name, CHANGED[name], specs))
    assert inner(imported(blocks.build(graph)).graph) == inner(flatten(graph))


def _refused(name: str, specs: list[Any]) -> bool:
    return bool(blocks.analyse(graph_of(name, CHANGED[name], specs)).errors)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
@pytest.mark.parametrize("name", ["Dense", "BatchNormalization", "LSTM", "Add", "Output"])
def test_precision_comes_back(name: str, policy: str) -> None:
    block = blocks.get(name)
    specs = inputs_for(block)[0]
    params = {"dtype": policy, **({"units": 2} if name == "Output" else {})}
    graph = graph_of(name, params, specs)
    found = nodes(imported(blocks.build(graph)).graph)["block"]
    assert found[0] in (name, "Output")
    assert found[1]["dtype"] == policy
