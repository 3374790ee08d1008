"""Every ready preset: printed figures and the way to the canvas and back; of every family one training step at its smallest input."""

from __future__ import annotations

import json
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import presets
from blocks import Graph, analyse, build
from blocks.analysis import Analysis
from presets import Golden
from tests.presets.ready import first_variants, quick, sample, smallest_graph

ALL = sorted(presets.all())
GOLDEN = [golden for family in presets.families().values() for golden in family.golden]
ROUNDED = 0.001
"""Printed numbers of products are rounded to three digits or more."""


def check_golden(golden: Golden, found: Analysis) -> None:
    """The analysis counts what is printed."""
    assert not found.errors
    assert found.trainable_weights == golden.trainable_weights, f"{golden.variant}: {found.trainable_weights} instead of {golden.trainable_weights}."
    if golden.multiply_adds is not None:
        printed = pytest.approx(golden.multiply_adds, rel=ROUNDED)
        assert found.multiply_adds == printed, f"{golden.variant}: {found.multiply_adds} instead of {golden.multiply_adds}."


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden.variant}-{golden.trainable_weights}")
def test_golden_figures(golden: Golden) -> None:
    preset = presets.get(golden.variant, **golden.params)
    check_golden(golden, analyse(preset.graph(golden.input_shape, golden.classes)))
    assert golden.source


def test_a_wrong_figure_is_noticed() -> None:
    wrong = Golden("LeNet5", (28, 28, 1), 10, 61_707, "nowhere")
    with pytest.raises(AssertionError, match="61706 instead of 61707"):
        check_golden(wrong, analyse(presets.get("LeNet5").graph()))


@pytest.mark.parametrize("name", ALL)
def test_documented(name: str) -> None:
    preset = presets.get(name)
    assert preset.name == name
    assert preset.golden
    assert 1950 < preset.year <= 2026
    assert preset.paper
    assert preset.summary().endswith(".")
    assert preset.usage().startswith("Use it")
    assert preset.section("Shapes")
    assert preset.section("Weights")
    assert preset.section("Source")
    for form in preset.form_fields():
        assert form.help.endswith("."), form.name
    assert type(preset).read(preset.params()) == preset


@pytest.mark.parametrize("name", ALL)
def test_opens_on_the_canvas_and_comes_back_equal(name: str) -> None:
    graph = presets.get(name).graph()
    again = Graph.model_validate(json.loads(graph.to_json()))
    assert again == graph
    assert again.digest() == graph.digest()
    found = analyse(graph)
    assert not found.messages
    for node, document in graph.nodes.items():
        assert found.nodes[node].block == document.block


@pytest.mark.parametrize("name", first_variants())
def test_one_step_at_the_smallest_input(name: str) -> None:
    keras.utils.set_random_seed(0)
    check_step(build(smallest_graph(name)), sample(quick(name)))


def check_step(model: keras.Model, values: Any) -> None:
    """Every trainable weight gets a finite gradient, and a step lowers the loss of these samples."""
    labels = tf.constant([0, 1, 2, 0])
    with tf.GradientTape() as tape:
        outputs = model(values, training=True)
        if len(outputs.shape) == 3:  # a class at each step
            labels = tf.repeat(labels[:, None], outputs.shape[1], axis=1)
        if len(outputs.shape) == 4 and outputs.shape[-1] > 1:  # a class at each place
            labels = tf.broadcast_to(labels[:, None, None], outputs.shape[:3])
        if outputs.shape[-1] == 1 and len(outputs.shape) > 2:  # a grey picture
            outputs, labels = tf.reshape(outputs, (4, -1)), tf.constant([0, 1, 2, 0])
        if outputs.shape[-1] == 1:  # a number
            losses = tf.square(outputs - tf.cast(labels, "float32")[:, None])
        else:
            labels = labels % outputs.shape[-1]
            losses = keras.losses.sparse_categorical_crossentropy(labels, outputs)
        loss = tf.reduce_mean(losses)
    variables = model.trainable_variables
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    for variable, gradient in zip(variables, gradients, strict=True):
        assert gradient is not None, f"{variable.path} has no gradient"
        assert np.isfinite(tf.convert_to_tensor(gradient).numpy()).all(), f"the gradient of {variable.path} is not finite"
    keras.optimizers.SGD(1e-3).apply(gradients, variables)
    assert np.isfinite(float(loss))


def test_names_and_spellings() -> None:
    assert presets.get("ResNet", depth=56) == presets.get("ResNet56")
    assert presets.get("ResNet20", shortcut="projection").params()["shortcut"] == "projection"
    assert set(presets.families()) >= {"LeNet5", "MLP", "ResNet", "TextLSTM", "VGG"}
    with pytest.raises(ValueError, match="Did you mean 'ResNet20'"):
        presets.get("resnet_20")
    with pytest.raises(ValueError, match=r"ResNet: invalid depth\. Expected: one of '20', '32', '44', '56', '110'\. Received: 21\."):
        presets.get("ResNet", depth=21)
