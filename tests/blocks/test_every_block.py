"""Every block of the registry, through the shared checks."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import blocks
from blocks import InvalidValueError, LayerBlock, analyse
from blocks.base import Block, NumericBlock
from blocks.spec import Spec
from tests.blocks.block_checks import (
    SENTENCE,
    check_built,
    check_code,
    check_declared,
    check_gradients,
    check_mixed_precision,
    check_refusals,
    check_saved,
    check_weight_paths,
    check_weights_said,
)
from tests.blocks.samples import MEASURED, SHAPES, fed, graph_of, inputs_for, params_for, values_for

ALL = sorted(blocks.all())
INNER = [name for name in ALL if name not in ("Input", "Output")]
"""Input and Output are tested with graphs: they mean nothing alone."""


@pytest.mark.parametrize("name", ALL)
def test_declaration(name: str) -> None:
    check_declared(blocks.get(name))


@pytest.mark.parametrize("name", ALL)
def test_bad_values_are_refused_in_one_sentence(name: str) -> None:
    check_refusals(blocks.get(name))


@pytest.mark.parametrize("name", ALL)
def test_unknown_parameters_are_refused_with_the_closest_name(name: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{name}: invalid parameter\. Expected: .*Received: 'banana_split'\."):
        blocks.get(name).read({"banana_split": 1})


@pytest.mark.parametrize("name", INNER)
def test_every_rank(name: str, tmp_path: Path) -> None:
    """Builds on every rank it claims as analysed, saves, trains, and keeps float32 weights in mixed precision."""
    block = blocks.get(name)
    for specs in inputs_for(block):
        params = params_for(block, specs)
        found, model = check_built(name, params, specs)
        check_weights_said(block, found.weights)
        check_gradients(name, model, specs)
    check_weight_paths(name, params, specs, model)
    if not (issubclass(block, LayerBlock) and block.takes_table):  # which stands before the network, not in it
        check_code(name, model, specs)
    check_saved(name, model, specs, tmp_path)
    check_mixed_precision(name, params, specs)


@pytest.mark.parametrize("name", [name for name in INNER if blocks.get(name).ranks])
def test_other_ranks_are_refused_with_advice(name: str) -> None:
    block = blocks.get(name)
    for rank in {1, 2, 3, 4} - set(block.ranks):
        specs = [Spec(SHAPES[rank])] * block.arity[0]
        found = analyse(graph_of(name, params_for(block, specs), specs)).errors
        assert len(found) == 1
        assert SENTENCE.match(found[0].text), found[0].text
        assert found[0].fix


@pytest.mark.slow
def test_saved_model_gives_the_same_output(tmp_path: Path) -> None:
    """All blocks side by side, exported once: a SavedModel without Keras gives what the layers give."""
    functions: dict[str, keras.Model] = {}
    inputs: dict[str, object] = {}
    for name in INNER:
        block = blocks.get(name)
        specs = inputs_for(block)[-1]
        model = blocks.build(graph_of(name, params_for(block, specs), specs))
        functions[name] = model
        inputs[name] = fed(values_for(specs))
    module = tf.Module()
    # Whole models would be traced once more each; but tables of words are found through their layers only.
    module.kept = [model if name in MEASURED else model.variables for name, model in functions.items()]
    signature = tf.nest.map_structure(lambda value: tf.TensorSpec([None, *value.shape[1:]], value.dtype), inputs)

    @tf.function(input_signature=[signature], autograph=False)
    def serve(values: dict[str, object]) -> dict[str, tf.Tensor]:
        return {name: model(values[name], training=False) for name, model in functions.items()}

    module.serve = serve
    tf.saved_model.save(module, str(tmp_path / "all"))
    loaded = tf.saved_model.load(str(tmp_path / "all"))
    outputs = loaded.serve(inputs)
    for name, model in functions.items():
        np.testing.assert_allclose(outputs[name].numpy(), model(inputs[name], training=False).numpy(), atol=1e-5, err_msg=name)


def test_fields_carry_keras_names() -> None:
    """A field that its layer's constructor doesn't know is listed by the block as its own."""
    import inspect

    for name, block in blocks.all().items():
        if (
            not issubclass(block, LayerBlock)
            or block.make is not LayerBlock.make
            or block.arguments not in (LayerBlock.arguments, NumericBlock.arguments)
        ):
            continue
        module, _, attribute = block.layer.rpartition(".")
        bases = getattr(__import__(module, fromlist=[attribute]), attribute).__mro__
        constructor = {parameter for base in bases if base is not keras.layers.Layer for parameter in inspect.signature(base.__init__).parameters}
        unknown = set(block.model_fields) - block.read({}).own_fields() - constructor - {"dtype", "activity_regularizer"}  # every layer's
        assert not unknown, f"{name}: {unknown}"


@pytest.mark.parametrize("activation", blocks.get("Activation").form_fields()[0].choices)
def test_every_activation_works(activation: str) -> None:
    specs = [Spec(SHAPES[3])]
    check_built("Activation", {"activation": activation}, specs)


def test_hash_and_equality_follow_the_parameters() -> None:
    first: Block = blocks.get("Dense").read({"units": 3})
    assert first == blocks.get("Dense").read({"units": 3})
    assert hash(first) == hash(blocks.get("Dense").read({"units": 3}))
    assert first != blocks.get("Dense").read({"units": 4})
