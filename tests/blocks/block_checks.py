"""The shared checks that every block has to pass. `test_wrong_blocks.py` shows that each of them can fail."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import blocks
from blocks import Graph, InvalidValueError, LayerBlock, analyse, build
from blocks.analysis import Analysis, NodeAnalysis
from blocks.base import Block, Composite
from blocks.code import keras_code
from blocks.explanation import explain, quantities
from blocks.formulas import Formula, formula_in
from blocks.spec import AnySpec, Spec, TableSpec
from blocks.wrapping import Wrapper
from tests.blocks import drawing

SHAPES: dict[int, tuple[int, ...]] = {0: (), 1: (6,), 2: (8, 6), 3: (8, 8, 6), 4: (6, 6, 6, 4), 5: (4, 4, 4, 4, 3)}
BATCH = 3
SENTENCE = re.compile(r"^\w+: invalid \w+\. Expected: .+\. Received: .+\.", re.DOTALL)

COLUMNS = (
    {"name": "age", "kind": "number", "mean": 30.0, "standard_deviation": 10.0, "median": 29.0, "missing": True},
    {"name": "colour", "kind": "category", "classes": ["blue", "red"]},
    {"name": "seen", "kind": "date", "mean": 19_000.0, "standard_deviation": 100.0, "median": 19_000.0},
)
TABLE = TableSpec((("age", "float32"), ("colour", "string"), ("seen", "string")))

MEASURED: dict[str, dict[str, Any]] = {
    "TextVectorization": {"vocabulary": ["the", "cat", "sat"], "max_tokens": 10, "output_sequence_length": 5},
    "ColumnEncoding": {"columns": COLUMNS},
}
"""What a dataset would fill in."""

OWN_INPUTS: dict[str, list[list[AnySpec]]] = {
    "MaxUnpooling2D": [
        [Spec((4, 4, 6)), Spec((4, 4, 6), "int32")],
        [Spec((4, 4, 6)), Spec((4, 4, 6), "int32"), Spec((9, 7, 2))],
    ],
    "PixelShuffle": [[Spec((4, 4, 16))]],
}
"""Inputs of blocks that want special ones."""

OWN_INPUTS |= {
    "Attention": [[Spec((8, 6))], [Spec((8, 6)), Spec((5, 6))], [Spec((8, 6)), Spec((5, 4)), Spec((5, 6))]],
    "AdditiveAttention": [[Spec((8, 6))], [Spec((8, 6)), Spec((5, 6))], [Spec((8, 6)), Spec((5, 4)), Spec((5, 6))]],
    "MultiHeadAttention": [
        [Spec((8, 6))], [Spec((8, 6)), Spec((5, 4))], [Spec((8, 6)), Spec((5, 4)), Spec((5, 7))],
        [Spec((4, 3, 6))], [Spec((4, 3, 6)), Spec((4, 5, 7))],
    ],
    "GroupQueryAttention": [[Spec((8, 6))], [Spec((8, 6)), Spec((5, 6))], [Spec((8, 6)), Spec((5, 6)), Spec((5, 4))]],
    "BahdanauAttention": [[Spec((8, 6)), Spec((5, 4))], [Spec((6,)), Spec((5, 4))]],
    "LuongAttention": [[Spec((8, 6)), Spec((5, 6))], [Spec((6,)), Spec((5, 6))]],
}  # fmt: skip

OWN_INPUTS |= {
    "Hashing": [[Spec((), "string")], [Spec((4,), "string")], [Spec((), "int32")], [Spec((4,), "int32")]],
    "HashedCrossing": [[Spec((), "string"), Spec((), "int32")], [Spec((), "int32"), Spec((), "int32")]],
    "StringLookup": [[Spec((4,), "string")], [Spec((), "string")]],
    "IntegerLookup": [[Spec((), "int32")], [Spec((4,), "int32")], [Spec((4,))]],
    "CategoryEncoding": [[Spec((), "int32")], [Spec((4,), "int32")]],
    "STFTSpectrogram": [[Spec((1000,))], [Spec((1000, 2))]],
    "MelSpectrogram": [[Spec((4000,))]],
}
OWN_INPUTS |= {
    name: [[Spec((8, 8, 3))]] for name in ("RandomHue", "RandomSaturation", "RandomGrayscale", "RandomColorDegeneration", "RandomColorJitter")
}
MEASURED |= {"StringLookup": {"vocabulary": ["cat", "the cat"]}, "IntegerLookup": {"vocabulary": [3, 1, 7]}}

OWN_INPUTS |= {
    "SimpleRNN": [[Spec((8, 6))], [Spec((8, 6)), Spec((64,))]],
    "GRU": [[Spec((8, 6))], [Spec((8, 6)), Spec((64,))]],
    "LSTM": [[Spec((8, 6))], [Spec((8, 6)), Spec((64,)), Spec((64,))]],
    "RNN": [[Spec((8, 6))], [Spec((8, 6)), *[Spec((64,))] * 4]],
    "ConvLSTM2D": [[Spec((5, 6, 6, 4))], [Spec((5, 6, 6, 4)), Spec((4, 4, 32)), Spec((4, 4, 32))]],
}

OWN_INPUTS |= {
    "TransformerEncoderLayer": [[Spec((8, 16))]],
    "TransformerDecoderLayer": [[Spec((8, 16)), Spec((5, 6))]],
    "EncoderDecoderAttention": [[Spec((8, 16)), Spec((5, 6))]],
}

FITTING: dict[tuple[str, int], dict[str, Any]] = {("Permute", rank): {"dims": list(range(rank, 0, -1))} for rank in (1, 2, 3, 4)}
"""Parameters without defaults that suit every shape."""


FITTING |= {("NonLocal", rank): {"output_initializer": "glorot_uniform"} for rank in (2, 3, 4)}  # zeros hold back the gradient of the first step
FITTING |= {("PatchEmbedding", 3): {"patch_size": 4}}
SQUEEZING = ("SqueezeExcitation", "ChannelAttention", "CBAM")  # one unit with ReLU may give nothing, and so no gradient
FITTING |= {(name, rank): {"squeezed_channels": 32} for name in SQUEEZING for rank in (2, 3, 4)}
FITTING |= {("GroupNormalization", rank): {"groups": 2} for rank in (1, 2, 3, 4)}
FITTING |= {("SpectralNormalization", rank): {"block": block} for rank, block in {1: "Dense", 2: "Conv1D", 3: "Conv2D", 4: "Conv3D"}.items()}
FITTING |= {("Bidirectional", rank): {"block": block} for rank, block in {3: "ConvLSTM1D", 4: "ConvLSTM2D", 5: "ConvLSTM3D"}.items()}
FITTING |= {("TimeDistributed", rank): {"block": block} for rank, block in {3: "LSTM", 4: "Conv2D", 5: "Conv3D"}.items()}

FITTING |= {("ResidualAttentionModule", 3): {"expansion": 2, "mask_depth": 1}}
OWN_INPUTS |= {name: [[Spec((4, 4, 6)), Spec((8, 8, 5))]] for name in ("UNetUp", "FCNFusion")}
OWN_INPUTS |= {name: [[Spec((8, 8, 6))], [Spec((8, 8, 6))] * 2] for name in ("GeneralizedResidual", "ResNetInResNetBlock")}

JOINED = {"GeneralizedResidual": 2, "ResNetInResNetBlock": 2, "WaveNetBlock": 2}
"""Composites whose further outputs have weights of their own, and how many outputs they have: the network is given all of them side by side."""

KEPT: dict[str, dict[str, Any]] = {
    "CategoryEncoding": {"num_tokens": 12},
    "DenseBlock": {"layers": 2},  # more take longer and show no more
    "ResidualStage": {"blocks": 2},
    "ResidualAttentionModule": {"t": 1, "r": 1},
    "Embedding": {"input_dim": 12},
    "ReversibleEmbedding": {"input_dim": 12},
    "EinsumDense": {"equation": "...x,xy->...y", "bias_axes": "y"},
}
"""Parameters that drawn ones don't replace: the sample data depend on them."""


def inputs_for(block: type[Block]) -> list[list[AnySpec]]:
    """Inputs of every rank that a block claims to take."""
    if block.__name__ in OWN_INPUTS:
        return OWN_INPUTS[block.__name__]
    if issubclass(block, LayerBlock) and block.takes_table:
        return [[TABLE]]
    if issubclass(block, LayerBlock) and block.takes_text:
        return [[Spec((), "string")]]
    dtype = "int32" if block.__name__ in ("Embedding", "ReversibleEmbedding") else "float32"
    count = block.arity[0]
    return [[Spec(SHAPES[rank], dtype)] * count for rank in block.ranks or (1, 2, 3, 4)]


def params_for(block: type[Block], specs: list[AnySpec]) -> dict[str, Any]:
    """Defaults, with what a dataset or the rank decides."""
    return MEASURED.get(block.__name__, {}) or FITTING.get((block.__name__, len(specs[0].shape)), {})


def values_for(specs: list[AnySpec], seed: int = 0) -> list[Any]:
    """Random data, one entry per input."""
    random = np.random.default_rng(seed)
    found: list[Any] = []
    for spec in specs:
        if isinstance(spec, TableSpec):
            found.append(
                {"age": tf.constant([31.0, np.nan, 5.0]), "colour": tf.constant(["red", "?", ""]), "seen": tf.constant(["2022-01-01", "", "soon"])}
            )
        elif spec.dtype == "string":
            texts = tf.constant(["the cat", "", "a cat SAT."])
            found.append(tf.broadcast_to(tf.reshape(texts, (BATCH, *(1 for _ in spec.shape))), (BATCH, *spec.shape)))
        elif spec.is_integer:
            found.append(tf.constant(random.integers(0, 9, (BATCH, *spec.shape)), spec.dtype))
        else:
            found.append(tf.constant(random.normal(size=(BATCH, *spec.shape)), "float32"))
    return found


def graph_of(name: str, params: dict[str, Any], specs: list[AnySpec]) -> Graph:
    """The block alone, behind one Input per input."""
    nodes: dict[str, Any] = {}
    for number, spec in enumerate(specs):
        if isinstance(spec, TableSpec):
            given: dict[str, Any] = {"columns": spec.columns}
        else:
            given = {"shape": [size or 0 for size in spec.shape], "dtype": spec.dtype}
        nodes[f"input{number}"] = {"block": "Input", "params": given}
    nodes["block"] = {"block": name, "params": params, "inputs": list(nodes)}
    if name in JOINED:
        flat = {f"flat{number}": {"block": "Flatten", "inputs": [f"block:{number}"]} for number in range(JOINED[name])}
        nodes |= {**flat, "joined": {"block": "Concatenate", "inputs": list(flat)}}
    return Graph.model_validate({"nodes": nodes})


def fed(values: list[Any]) -> Any:
    """The values as a built model takes them."""
    return values[0] if len(values) == 1 else {f"input{number}": value for number, value in enumerate(values)}


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
    compare(name, outputs, replace(end, output_shapes=end.output_shapes[:1], dtypes=end.dtypes[:1]))  # a network gives the first one out
    check_explained(blocks.get(name).read(params), node)
    weights, trainable = model.count_params(), sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert found.weights == weights, f"{name}: the analysis counts {found.weights} weights, the model has {weights}."
    assert found.trainable_weights == trainable, f"{name}: the analysis counts {found.trainable_weights} trainable weights, not {trainable}."
    return found, model


def check_layer(name: str, params: dict[str, Any], specs: list[AnySpec]) -> None:
    """The analysis equals the layer that is really made and called: shapes, kinds, weights. Quicker than building a network."""
    graph = graph_of(name, params, specs)
    found = analyse(graph)
    assert not found.errors, f"{name}: {[message.sentence() for message in found.errors]}"
    check_explained(blocks.get(name).read(params), found.nodes["block"])
    block = blocks.get(name).read(params)
    if not isinstance(block, LayerBlock) or block.augmentation:
        check_built(name, params, specs)
        return
    layer = block.make()
    values = [
        tf.cast(value, "float32") if spec.is_integer and not block.takes_integers else value
        for value, spec in zip(values_for(specs), specs, strict=True)
    ]
    with tf.GradientTape() as tape:
        tape.watch([value for value in values if not isinstance(value, dict)])
        outputs = block.apply(layer, values)
        loss = sum(
            tf.reduce_sum(tf.cast(output, "float32")) for output in as_list(outputs) if "float" in keras.backend.standardize_dtype(output.dtype)
        )
    compare(name, outputs, found.nodes["block"])
    if isinstance(loss, tf.Tensor):  # every variant trains on this machine's processor
        tape.gradient(loss, [*(variable.value for variable in layer.trainable_variables), *values])
    counted = (layer.count_params(), sum(int(np.prod(variable.shape)) for variable in layer.trainable_variables))
    claimed = (found.weights, found.trainable_weights)
    assert counted == claimed, f"{name}: the analysis counts {claimed} weights (trainable), the layer has {counted}."


def compare(name: str, outputs: Any, found: NodeAnalysis) -> None:
    """Real outputs have the shapes and kinds of the analysis."""
    listed = outputs if isinstance(outputs, list | tuple) else [outputs]
    for output, shape, dtype in zip(listed, found.output_shapes, found.dtypes, strict=True):
        actual = tuple(output.shape)[1:]
        same = len(actual) == len(shape) and all(size is None or size == real for size, real in zip(shape, actual, strict=True))
        assert same, f"{name}: the analysis says {shape}, the layer gives {actual}."
        assert keras.backend.standardize_dtype(output.dtype) == dtype, f"{name}: the analysis says {dtype}, the layer gives {output.dtype}."


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
