"""The shared checks that every block has to pass. `test_wrong_blocks.py` shows that each of them can fail."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

import blocks
from blocks import InvalidValueError, LayerBlock, analyse, build
from blocks.analysis import Analysis, NodeAnalysis
from blocks.base import Block, Composite
from blocks.build import Builder, Value
from blocks.code import keras_code
from blocks.explanation import explain, quantities
from blocks.formulas import Formula, formula_in
from blocks.ports import Input
from blocks.spec import AnySpec, Spec
from blocks.walk import Walk
from blocks.wrapping import Wrapper
from tests.blocks import drawing
from tests.blocks.samples import fed, graph_of, values_for

SENTENCE = re.compile(r"^\w+: invalid \w+\. Expected: .+\. Received: .+\.", re.DOTALL)


def check_declared(block: type[Block]) -> None:
    """Defaults are valid; everything is documented in the fixed order."""
    name = block.__name__
    made = block.read({})
    assert block.read(made.params()) == made, f"{name}: parameters change on their way through JSON."
    assert block.read(made.model_dump(mode="json")) == made, f"{name}: parameters change on their way through JSON."
    assert block.summary().endswith("."), f"{name}: the first line of the docstring is a sentence."
    assert re.match(r"(Use|One|Apply)\b", block.usage()), f"{name}: the second paragraph says when to use it."
    for section in ("Formula", "Shapes"):
        assert block.section(section), f"{name}: the docstring has no {section}."
    forms = block.form_fields()
    for form in forms:
        assert form.help.endswith("."), f"{name}.{form.name}: the description is a sentence."
    for form in forms:
        assert set(form.shown_if) <= {other.name for other in forms}, f"{name}.{form.name}: shown_if names an unknown field."


def check_weights_said(block: type[Block], weights: int) -> None:
    """A block with weights says how many."""
    assert not weights or block.section("Weights"), f"{block.__name__}: the docstring has no Weights."


def check_built(name: str, params: dict[str, Any], specs: list[AnySpec]) -> tuple[Analysis, keras.Model]:
    """The analysis equals what is built: shapes of real outputs, weights, trainable weights."""
    graph = graph_of(name, params, specs)
    found = analyse(graph)
    assert not found.errors, f"{name}: {[message.sentence() for message in found.errors]}"
    model = build(graph)
    outputs = model(fed(values_for(specs)))
    node = found.nodes["block"]
    end = found.nodes.get("joined", node)
    shown = replace(end, output_shapes=end.output_shapes[:1], dtypes=end.dtypes[:1])
    compare(name, [spec_of(output) for output in as_list(outputs)], shown)  # a network gives the first one out
    check_explained(blocks.get(name).read(params), node)
    weights, trainable = model.count_params(), sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert found.weights == weights, f"{name}: the analysis counts {found.weights} weights, the model has {weights}."
    assert found.trainable_weights == trainable, f"{name}: the analysis counts {found.trainable_weights} trainable weights, not {trainable}."
    return found, model


class Called(NamedTuple):
    """What a layer really gave, and its weights."""

    outputs: tuple[AnySpec, ...]
    weights: int
    trainable: int


@lru_cache(maxsize=10_000)
def called(block: LayerBlock, specs: tuple[AnySpec, ...]) -> Called:
    """Makes the layer of a block, calls it on real values and asks for gradients: every variant trains on this machine's processor.

    Kept, as composites consist of the same layers again and again.
    """
    made = Builder()
    values = values_for(list(specs))
    with tf.GradientTape() as tape:
        tape.watch([value for value in values if not isinstance(value, dict)])
        outputs = made.leaf("block", "block", block, [Value(value, spec) for value, spec in zip(values, specs, strict=True)], True) or []
        loss = sum(tf.reduce_sum(tf.cast(output.tensor, "float32")) for output in outputs if "float" in output.spec.dtype)
    trainable = [variable for layer in made.layers.values() for variable in layer.trainable_variables]
    if isinstance(loss, tf.Tensor):
        tape.gradient(loss, [*(variable.value for variable in trainable), *values])
    weights = sum(layer.count_params() for layer in made.layers.values())
    return Called(tuple(output.spec for output in outputs), weights, sum(int(np.prod(variable.shape)) for variable in trainable))


class Calling(Builder):
    """Calls each layer by itself, on values of the shape and kind that the one before it gave: quicker than building a network."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Called] = {}

    def leaf(self, path: str, identity: str, block: Block, inputs: list[Value], trainable: bool) -> list[Value]:  # noqa: ARG002
        if isinstance(block, Input):
            spec = block.spec()
            assert spec is not None
            return [Value(None, spec)]
        assert isinstance(block, LayerBlock)
        assert trainable, "counts of layers that are not trained are not looked at here"
        found = called(block, tuple(value.spec for value in inputs))
        self.found.setdefault(identity, found)
        return [Value(None, spec) for spec in found.outputs]


def check_layer(name: str, params: dict[str, Any], specs: list[AnySpec]) -> None:
    """The analysis equals the layers that are really made and called: shapes, kinds, weights; and they can be trained."""
    graph = graph_of(name, params, specs)
    found = analyse(graph)
    assert not found.errors, f"{name}: {[message.sentence() for message in found.errors]}"
    check_explained(blocks.get(name).read(params), found.nodes["block"])
    made = Calling()
    outputs = [value.spec for value in Walk(made, {}).graph(graph)["block"]]
    compare(name, outputs, found.nodes["block"])
    counted = (sum(layer.weights for layer in made.found.values()), sum(layer.trainable for layer in made.found.values()))
    claimed = (found.weights, found.trainable_weights)
    assert counted == claimed, f"{name}: the analysis counts {claimed} weights (trainable), the layers have {counted}."


def spec_of(output: Any) -> Spec:
    """The shape and kind of a real output."""
    return Spec(tuple(output.shape)[1:], keras.backend.standardize_dtype(output.dtype))


def compare(name: str, outputs: list[AnySpec], found: NodeAnalysis) -> None:
    """Real outputs have the shapes and kinds of the analysis."""
    for output, shape, dtype in zip(outputs, found.output_shapes, found.dtypes, strict=True):
        same = len(output.shape) == len(shape) and all(size is None or size == real for size, real in zip(shape, output.shape, strict=True))
        assert same, f"{name}: the analysis says {shape}, the layer gives {output.shape}."
        assert output.dtype == dtype, f"{name}: the analysis says {dtype}, the layer gives {output.dtype}."


def check_explained(block: Block, found: NodeAnalysis) -> None:
    """Every formula that a block states gives the figure of the analysis with the current numbers put in."""
    name = type(block).__name__
    numbers = quantities(block, found.input_shapes, found.output_shapes)
    lines = explain(block, found)
    assert [line.label for line in lines if not line.text] == [], name
    for section, figure in (("Weights", found.weights), ("Multiply-adds", found.multiply_adds)):
        formula = formula_in(block.section(section)) if block.section(section) else None
        if formula is None:
            assert not figure or isinstance(block, Composite | Wrapper), f"{name}: {section} should begin with a formula."
            continue
        unknown = formula.names - set(numbers)
        if unknown and isinstance(block, Composite | Wrapper):
            continue  # words
        assert not unknown, f"{name}: nothing is known of {unknown} in its {section}."
        value = formula.value(numbers)
        assert value == figure, f"{name}: {section}: {formula.put_in(numbers)} = {value}, not {figure}."
    if isinstance(block, LayerBlock) and found.input_shapes:
        for size in block.sizes(found.input_shapes[0]):
            value = Formula(size.formula).value(size.numbers)
            actual = found.output_shapes[0][size.axis]
            assert value == actual, f"{name}: axis {size.axis}: {size.formula} with {dict(size.numbers)} is {value}, not {actual}."


def check_weight_paths(name: str, params: dict[str, Any], specs: list[AnySpec], model: keras.Model) -> None:
    """A network made anew has its weights at the same paths: states are saved under them, and read by other processes."""
    first, again = ([variable.path for variable in each.weights] for each in (model, build(graph_of(name, params, specs))))
    assert first == again, f"{name}: a second one has its weights at {sorted(set(again) - set(first))} instead of {sorted(set(first) - set(again))}."


def check_saved(name: str, model: keras.Model, specs: list[AnySpec], folder: Path) -> None:
    """A saved and loaded model gives the same output."""
    values = fed(values_for(specs))
    for variable in model.weights:
        if "float" in variable.dtype:
            variable.assign(np.abs(np.random.default_rng(1).normal(1.0, 0.2, variable.shape)))
    expected = model(values)
    path = folder / f"{name}.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(loaded(values)), keras.ops.convert_to_numpy(expected), atol=1e-6, err_msg=name)


def check_code(name: str, model: keras.Model, specs: list[AnySpec]) -> None:
    """The Keras code of a network with the block runs alone and gives the same output."""
    space: dict[str, Any] = {}
    exec(compile(keras_code(model), f"code of {name}", "exec"), space)  # noqa: S102 - the code under test
    made = space["model"]
    made.set_weights(model.get_weights())
    values = fed(values_for(specs))
    for one, other in zip(as_list(made(values)), as_list(model(values)), strict=True):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(one), keras.ops.convert_to_numpy(other), atol=1e-6, err_msg=name)


def as_list(outputs: Any) -> list[Any]:
    """One output or several as a list."""
    if isinstance(outputs, dict):
        return list(outputs.values())
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def check_gradients(name: str, model: keras.Model, specs: list[AnySpec]) -> None:
    """One training step gives every trainable weight a finite gradient that is not zero everywhere."""
    if not model.trainable_variables:
        return
    random = np.random.default_rng(2)
    values = fed(values_for(specs))
    with tf.GradientTape() as tape:
        output = model(values, training=True)
        loss = tf.reduce_sum(output * tf.constant(random.normal(size=output.shape), output.dtype))
    for variable, gradient in zip(model.trainable_variables, tape.gradient(loss, [each.value for each in model.trainable_variables]), strict=True):
        assert gradient is not None, f"{name}: {variable.path} has no gradient."
        numbers = tf.convert_to_tensor(gradient).numpy()
        assert np.isfinite(numbers).all(), f"{name}: the gradient of {variable.path} is not finite."
        assert np.any(numbers != 0), f"{name}: the gradient of {variable.path} is zero."


def check_mixed_precision(name: str, params: dict[str, Any], specs: list[AnySpec]) -> None:
    """With half-precision arithmetic the weights stay float32 and the outputs finite."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build(graph_of(name, params, specs))
        output = model(fed(values_for(specs)))
    finally:
        keras.config.set_dtype_policy(before)
    for variable in model.trainable_variables:
        assert variable.dtype == "float32", f"{name}: {variable.path} is {variable.dtype}."
    if "float" in keras.backend.standardize_dtype(output.dtype):
        assert np.isfinite(tf.cast(output, tf.float32).numpy()).all(), f"{name}: not finite in mixed precision."


def check_refusals(block: type[Block]) -> None:
    """Every forbidden value is refused with one sentence that says what was expected and received."""
    for field, value in drawing.refused(block):
        try:
            block.read({field: value})
        except InvalidValueError as error:
            sentence = str(error)
        else:
            raise AssertionError(f"{block.__name__}.{field} takes {value!r}.")
        assert SENTENCE.match(sentence), f"{block.__name__}.{field}: {sentence!r} is not the sentence of an invalid value."
        assert sentence.startswith(f"{block.__name__}: invalid {field}."), sentence
        assert repr(value) in sentence, sentence
