"""Every layer that Keras offers has a block, or a reason why it has none."""

from __future__ import annotations

import importlib
import inspect

import keras
import pytest

import blocks
from blocks import LayerBlock

LEFT_OUT = {
    "Layer": "a base class",
    "Wrapper": "a base class",
    "InputSpec": "no layer: what a layer expects of its inputs",
    "InputLayer": "the block Input makes it",
    "Lambda": "any Python code as a parameter: a graph from elsewhere could do anything",
    "TFSMLayer": "runs a SavedModel from a folder, so any code, and does not train",
    "JaxLayer": "wraps code of JAX",
    "FlaxLayer": "wraps code of JAX",
    "TorchModuleWrapper": "wraps code of PyTorch",
    "Pipeline": "layers one after the other: edges do that",
    "MaxNumBoundingBoxes": "for bounding boxes, which no kind of dataset has",
    "LSTMCell": "one step: the blocks LSTM and RNN run it",
    "GRUCell": "one step: the blocks GRU and RNN run it",
    "SimpleRNNCell": "one step: the blocks SimpleRNN and RNN run it",
    "StackedRNNCells": "cells one above the other: the block RNN makes them",
}
"""Classes of keras.layers without a block, and why."""

CLASSES = {value for value in vars(keras.layers).values() if inspect.isclass(value)}
ALIASES = {kind: [name for name, value in vars(keras.layers).items() if value is kind] for kind in CLASSES}
"""Every class with all its public names."""


def layer_of(block: type[LayerBlock]) -> type:
    module, _, attribute = block.layer.rpartition(".")
    found = getattr(importlib.import_module(module), attribute)
    assert inspect.isclass(found)
    return found


def with_layer() -> dict[str, type[LayerBlock]]:
    return {name: block for name, block in blocks.all().items() if issubclass(block, LayerBlock) and block.layer}


@pytest.mark.parametrize("names", sorted(ALIASES.values()), ids=lambda names: names[0])
def test_every_layer_has_a_block_or_a_reason(names: list[str]) -> None:
    known = blocks.all()
    has_block = any(name in known for name in names) or any(layer_of(block) is getattr(keras.layers, names[0]) for block in with_layer().values())
    has_reason = any(name in LEFT_OUT for name in names)
    assert has_block or has_reason, f"{names[0]} has neither a block nor a reason in LEFT_OUT."
    assert not (has_block and has_reason), f"{names[0]} has a block, and a reason to have none."


def test_reasons_are_for_layers_that_exist() -> None:
    assert set(LEFT_OUT) <= set(vars(keras.layers))
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("name", sorted(with_layer()))
def test_every_block_has_its_layer(name: str) -> None:
    """The layer that a block names exists; one of Keras goes by a public name, and a block of this name stands for no other."""
    block = with_layer()[name]
    layer = layer_of(block)
    assert issubclass(layer, keras.layers.Layer)
    if hasattr(keras.layers, name) and block.layer.startswith("keras."):
        assert layer is getattr(keras.layers, name)


PARAMETERS_LEFT_OUT = {
    "name": "a node's id names its layer",
    "seed": "the seed of the training decides all chance",
    "weights": "weights come from a run or a file",
    "data_format": "convolutions with channels first don't run in plain TensorFlow on a processor; pictures enter with channels last",
    "dilation_rate": "TensorFlow computes dilated transposed convolutions on GPUs only",
    "layer": "wrappers take a block in their field `block`",
    "backward_layer": "both directions of Bidirectional are alike",
    "stateful": "a state that outlives a batch would mix samples",
    "unroll": "changes the speed only",
    "use_cudnn": "changes the speed only, and on GPUs only",
    "flash_attention": "changes the speed only, and on GPUs only",
    "sparse": "sparse tensors enter no other block",
    "ragged": "ragged tensors enter no other block",
    "lora_rank": "a way of fine-tuning, switched on for a built model",
    "lora_alpha": "a way of fine-tuning, switched on for a built model",
    "quantization_config": "a built model is quantised",
    "gptq_unpacked_column_size": "a built model is quantised",
    "dtype": "of layers whose output is an index: output_mode decides its kind",
    "vocabulary_dtype": "the kind of the column decides it",
    "encoding": "texts are stored in UTF-8",
    "oov_token": "only seen when numbers are looked up backwards",
    "invert": "from numbers back to words: labels are decoded behind the network",
    "pad_to_max_tokens": "vectors are always padded, so that shapes are known beforehand",
    "salt": "only seen with several numbers for unknown words, which are told apart all the same",
    "crop_to_aspect_ratio": "the field `fit` says it",
    "pad_to_aspect_ratio": "the field `fit` says it",
    "fill_mode": "Keras pads with a constant only",
    "epsilon": "edges are exact quantiles of the training split",
    "renorm_clipping": "the fields rmin, rmax and dmax say it",
    "reverse_dtype": "Keras announces another kind than it gives",
    "value_range": "the field limits nothing where pixels are only moved",
}
"""Constructor parameters of Keras's layers that no block of that name has, and why."""
LEFT_OUT_OF = {
    "dilation_rate": {"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"},
    "dtype": {"Discretization", "HashedCrossing"},
    "epsilon": {"Discretization"},
    "fill_mode": {"Resizing"},
    "value_range": {"RandomElasticTransform"},
    "weights": {"Bidirectional", "Embedding"},
    "invert": {"IntegerLookup", "StringLookup"},
    "salt": {"StringLookup"},
}
"""Where a parameter is left out that other blocks do have."""


@pytest.mark.parametrize("name", sorted(name for name in with_layer() if hasattr(keras.layers, name)))
def test_every_parameter_is_a_field_or_has_a_reason(name: str) -> None:
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    parameters = [each.name for each in inspect.signature(getattr(keras.layers, name).__init__).parameters.values() if each.kind not in kinds]
    missing = set(parameters[1:]) - set(blocks.get(name).model_fields)
    assert missing <= set(PARAMETERS_LEFT_OUT), f"{name}: {missing - set(PARAMETERS_LEFT_OUT)}"
    assert all(name in LEFT_OUT_OF[parameter] for parameter in missing & set(LEFT_OUT_OF)), name


def test_every_reason_is_needed() -> None:
    left_out = {
        parameter
        for name, block in with_layer().items()
        if hasattr(keras.layers, name)
        for parameter in inspect.signature(getattr(keras.layers, name).__init__).parameters
        if parameter not in block.model_fields
    }
    assert set(PARAMETERS_LEFT_OUT) <= left_out
