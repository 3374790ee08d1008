"""Blocks inside blocks: step by step, in one precision, nested, saved and as code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import blocks
from blocks import InvalidValueError, LayerBlock, analyse, build
from blocks.explanation import explain
from blocks.spec import AnySpec, Spec
from blocks.wrappers import TimeDistributed
from blocks.wrapping import inner_names
from tests.blocks.block_checks import check_code, check_layer, check_saved, check_weight_paths
from tests.blocks.samples import FITTING, graph_of, inputs_for

STEPWISE = TimeDistributed.form_fields()[0].choices
DEEP = {"block": {"block": "TimeDistributed", "params": {"block": {"block": "Bidirectional", "params": {"block": "GRU"}}}}}
NESTED: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "an own layer": ("TimeDistributed", {"block": "LayerScale"}, (5, 4)),
    "a stack of cells": ("TimeDistributed", {"block": {"block": "RNN", "params": {"units": [3, 2], "cell": "GRU"}}}, (5, 4, 3)),
    "three deep": ("TimeDistributed", DEEP, (2, 3, 4, 3)),
    "a stack in both directions": ("Bidirectional", {"block": {"block": "RNN", "params": {"units": [3, 2]}}}, (5, 4)),
    "settings": (
        "Bidirectional",
        {"block": {"block": "LSTM", "params": {"kernel_regularizer": "l2", "kernel_initializer": {"name": "random_normal", "stddev": 0.5}}}},
        (5, 4),
    ),
    "half precision": ("Bidirectional", {"block": "LSTM", "dtype": "mixed_bfloat16"}, (5, 4)),
    "its own precision": ("TimeDistributed", {"block": {"block": "Conv1D", "params": {"dtype": "float64"}}}, (5, 4, 3)),
}


def errors(params: dict[str, Any], shape: tuple[int | None, ...]) -> list[str]:
    return [message.sentence() for message in analyse(graph_of("TimeDistributed", params, [Spec(shape)])).errors]


@pytest.mark.parametrize("name", STEPWISE)
def test_every_block_step_by_step(name: str) -> None:
    """What the analysis says of a block at each step is what the layer does, for the first input that the block takes."""
    block = blocks.get(name)
    tried = []
    for specs in inputs_for(block):
        rank = len(specs[0].shape)
        params = {"block": {"block": name, "params": FITTING.get((name, rank), {})}}
        if len(specs) > 1 or 1 + rank not in TimeDistributed.ranks:
            continue
        shape = (3, *specs[0].shape)
        found = errors(params, shape)
        tried += found
        if not found:
            check_layer("TimeDistributed", params, [Spec(shape)])
            return
    # Blocks with several outputs, or for more axes than there are, can't be taken.
    assert all("one with one output" in sentence for sentence in tried), tried


def test_only_layers_with_one_input_that_compute_go_step_by_step() -> None:
    assert {"Dense", "Conv2D", "LSTM", "Bidirectional", "MaxPooling2D", "Dropout", "BatchNormalization", "TimeDistributed"} <= set(STEPWISE)
    assert not {"Input", "Output", "Add", "Concatenate", "Embedding", "Rescaling", "RandomFlip", "TextVectorization", "Residual"} & set(STEPWISE)
    for name in inner_names(lambda block: not issubclass(block, LayerBlock)):
        with pytest.raises(InvalidValueError, match="TimeDistributed: invalid block"):
            TimeDistributed.read({"block": name})


def test_each_step_costs_what_the_block_costs() -> None:
    params = {"block": {"block": "Conv2D", "params": {"filters": 6, "kernel_size": 5}}}
    found = analyse(graph_of("TimeDistributed", params, [Spec((10, 28, 28, 1))])).nodes["block"]
    alone = analyse(graph_of("Conv2D", params["block"]["params"], [Spec((28, 28, 1))])).nodes["block"]  # type: ignore[arg-type]
    assert found.output_shapes == ((10, *alone.output_shapes[0]),)
    assert (found.weights, found.multiply_adds) == (alone.weights, 10 * alone.multiply_adds)
    assert found.receptive_field == (1, 5, 5)
    lines = {line.label: line.text for line in explain(TimeDistributed.read(params), found)}
    assert lines["Multiply-adds"] == "10 * 86400 = 864,000"
    assert lines["Height, width"] == "floor((28 - 5) / 1) + 1 = 24"
    found = analyse(graph_of("TimeDistributed", {"block": "Conv1D"}, [Spec((10, 28, 1))])).nodes["block"]
    assert [line.label for line in explain(TimeDistributed.read({"block": "Conv1D"}), found)][1] == "Steps"


def test_steps_may_vary() -> None:
    params = {"block": {"block": "LSTM", "params": {"units": 4}}}
    found = analyse(graph_of("TimeDistributed", params, [Spec((None, 5, 3))])).nodes["block"]
    assert found.output_shapes == ((None, 4),)
    model = build(graph_of("TimeDistributed", params, [Spec((None, 5, 3))]))
    assert model.predict(np.zeros((2, 7, 5, 3)), verbose=0).shape == (2, 7, 4)


def test_what_does_not_fit_is_refused_in_the_words_of_the_block_inside() -> None:
    assert errors({"block": "Conv2D"}, (5, 20, 3)) == [
        "block: TimeDistributed: invalid input. Expected: a picture (height, width, channels). Received: 20 x 3. "
        "Insert Reshape before it, or use Conv1D."
    ]
    assert "The picture is 2 x 2 here, smaller than the window of 3 x 3." in errors({"block": "Conv2D"}, (5, 2, 2, 3))[0]
    several = errors({"block": {"block": "LSTM", "params": {"return_state": True}}}, (5, 20, 3))
    assert several == ["block: TimeDistributed: invalid block. Expected: one with one output. Received: one with 3. Set return_state to false."]
    unsuited = {"block": {"block": "Dense", "params": {"kernel_constraint": {"name": "max_norm", "axis": 3}}}}
    assert "MaxNorm: invalid axis" in errors(unsuited, (5, 3))[0]


def test_both_blocks_have_one_precision() -> None:
    with pytest.raises(InvalidValueError, match=r"dtype \(float64\) must be that of the block inside \(float32\), or empty"):
        TimeDistributed.read({"dtype": "float64", "block": {"block": "Dense", "params": {"dtype": "float32"}}})
    for params in ({"dtype": "float64"}, {"block": {"block": "Dense", "params": {"dtype": "float64"}}}):
        block = TimeDistributed.read(params)
        layer = block.make("steps")
        assert (layer.dtype, layer.layer.dtype) == ("float64", "float64")
        assert block.params() == TimeDistributed.read(params).params()


@pytest.mark.parametrize("case", NESTED)
def test_nested(case: str, tmp_path: Path) -> None:
    name, params, shape = NESTED[case]
    specs: list[AnySpec] = [Spec(shape)]
    check_layer(name, params, specs)
    model = build(graph_of(name, params, specs))
    check_weight_paths(name, params, specs, model)
    check_code(name, model, specs)
    if case != "half precision":  # whose small differences the saved weights enlarge
        check_saved(name, model, specs, tmp_path)
    assert {layer.dtype_policy.name for layer in model._flatten_layers() if layer.weights} - {"float32"} == (
        {params.get("dtype", "float64")} if "precision" in case else set()
    )


def test_weights_keep_their_paths() -> None:
    model = build(graph_of("TimeDistributed", DEEP, [Spec((2, 3, 4, 3))]))
    assert model.weights[0].path == "block/inner/inner/forward_inner/gru_cell/kernel"


def test_too_many_within_each_other_are_refused() -> None:
    value: Any = "Dense"
    for _ in range(5):
        value = {"block": "TimeDistributed", "params": {"block": value}}
    with pytest.raises(InvalidValueError, match="ore than 3 blocks stand within each other"):
        TimeDistributed.read({"block": value})


def test_training_reaches_the_weights_inside() -> None:
    model = build(graph_of("TimeDistributed", {"block": "BatchNormalization"}, [Spec((4, 3))]))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = [variable.numpy() for variable in model.weights]
    x = np.random.default_rng(0).normal(3.0, 2.0, size=(8, 4, 3))
    model.train_on_batch(x, np.tile([1.0, 2.0, 3.0], (8, 4, 1)))
    assert all(not np.allclose(variable.numpy(), old) for variable, old in zip(model.weights, before, strict=True))
