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
