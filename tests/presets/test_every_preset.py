"""Every ready preset: printed figures and the way to the canvas and back; of every family one training step at its smallest input."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import presets
from blocks import Graph, analyse, build
from blocks.analysis import Analysis
from blocks.spec import Shape
from presets import Golden, Stages
from tests.presets.ready import first_variants, quick, sample, smallest_graph

ALL = sorted(presets.all())
GOLDEN = [golden for family in presets.families().values() for golden in family.golden]
STAGED = [golden for golden in GOLDEN if golden.stages]
IN_KERAS = ("DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "InceptionV3", "MobileNet", "MobileNetV2", "ResNet50", "ResNet50V2", "Xception")
"""Networks that keras.applications builds in seconds."""
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


def check_stages(stages: Stages, shapes: Iterable[Shape], network: str) -> None:
    """The printed shapes come up in their order."""
    passed = iter(shapes)
    for number, printed in enumerate(stages.shapes, start=1):
        assert printed in passed, f"{network}: {printed}, number {number} of {stages.source}, does not come up."


def shapes_of(found: Analysis) -> list[Shape]:
    """What all nodes give, in their order."""
    return [shape for node in found.nodes.values() for shape in node.output_shapes]


@pytest.mark.parametrize("golden", STAGED, ids=lambda golden: f"{golden.variant}-{golden.trainable_weights}")
def test_stages_are_those_that_are_printed(golden: Golden) -> None:
    found = analyse(presets.get(golden.variant, **golden.params).graph(golden.input_shape, golden.classes))
    assert golden.stages
    check_stages(golden.stages, shapes_of(found), golden.variant)
    assert golden.stages.source


@pytest.mark.parametrize("name", [name for name, family in presets.families().items() if "image" in family.subjects])
def test_every_family_for_pictures_has_printed_stages(name: str) -> None:
    assert any(golden.stages for golden in presets.families()[name].golden)


@pytest.mark.parametrize("golden", [golden for golden in STAGED if golden.variant in IN_KERAS], ids=lambda golden: golden.variant)
def test_stages_are_those_of_keras(golden: Golden) -> None:
    model = getattr(keras.applications, golden.variant)(weights=None, input_shape=golden.input_shape)
    assert golden.stages
    check_stages(golden.stages, [layer.output.shape[1:] for layer in model.layers], golden.variant)


def test_wrong_stages_are_noticed() -> None:
    passed = shapes_of(analyse(presets.get("LeNet5").graph()))
    printed = Stages.squares("nowhere", (28, 6), (14, 6), (10, 16))
    check_stages(printed, passed, "LeNet5")
    with pytest.raises(AssertionError, match=r"LeNet5: \(15, 15, 6\), number 2 of nowhere, does not come up"):
        check_stages(Stages.squares("nowhere", (28, 6), (15, 6), (10, 16)), passed, "LeNet5")
    with pytest.raises(AssertionError, match=r"\(14, 14, 6\), number 3 of nowhere"):
        check_stages(Stages.squares("nowhere", (28, 6), (10, 16), (14, 6)), passed, "LeNet5")


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
    preset = quick(name)
    check_step(build(smallest_graph(preset)), sample(preset))


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
