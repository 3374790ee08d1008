"""Networks compared: configuration by configuration, and by what they give."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from blocks.graph import Graph
from tests.presets.ready import quick, with_vocabulary

MEASURED = {"mean", "variance", "vocabulary", "idf_weights", "bin_boundaries", "num_bins", "vocabulary_size"}
"""What the layer of a block that has yet to measure something is given to begin with, and its code leaves out."""


SETTLED_ON = 16
"""Samples whose statistics the normalisations of a network get; with few of them, a deep one enlarges every rounding error."""


def described(model: keras.Model, without: Collection[str] = ()) -> Any:
    """A network's configuration as JSON values that another process, or a second build in this one, gives too.

    Functions such as `cast` are numbered by the process; here they are numbered by the network. Classes may come from elsewhere.

    Args:
        without: Settings of layers to leave out.
    """
    config = json.loads(json.dumps(model.get_config(), default=str))
    layers = {layer.name for layer in model.layers}
    names = [made["config"].get("name", made.get("name")) for made in config["layers"]]
    functions = [name for name in names if name not in layers]
    numbers = {name: f"function {number}" for number, name in enumerate(functions)}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get("module") == "keras.regularizers":  # which Keras keeps in float32, and the blocks as they were given
                value = {**value, "config": {key: _narrow(each) for key, each in value["config"].items()}}
            if (value.get("module"), value.get("class_name")) == ("keras.initializers", "Identity"):  # whose gain Keras 3.15 leaves out
                value = {**value, "config": {}}
            return {
                key: plain(each) for key, each in value.items() if key not in ("module", "registered_name", "shared_object_id") and key not in without
            }
        if isinstance(value, list):
            return [plain(each) for each in value]
        return numbers.get(value, value) if isinstance(value, str) else value

    return plain(config)


def _narrow(value: Any) -> Any:
    return float(np.float32(value)) if isinstance(value, float) else value


def run(code: str) -> Any:
    """The network that code makes. What it tells Keras of its own layers is forgotten again."""
    known = keras.saving.get_custom_objects()
    before = dict(known)
    space: dict[str, Any] = {}
    try:
        exec(compile(code, "generated", "exec", dont_inherit=True), space)  # noqa: S102 - the code under test
    finally:
        known.clear()
        known.update(before)
    assert isinstance(space["model"], keras.Model)
    return space["model"]


def take_weights(model: keras.Model, source: keras.Model) -> None:
    """Copies weights between layers of the same name."""
    for layer in source.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())


def settle(model: keras.Model, given: Any) -> None:
    """Gives every BatchNormalization the mean and variance that it finds in these values.

    With those of the beginning, values grow from layer to layer of a deep network, and it answers everything with the same class.
    """
    if not any(isinstance(layer, keras.layers.BatchNormalization) for layer in model._flatten_layers()):
        return
    usual = [
        (layer, setting, getattr(layer, setting))
        for layer in model._flatten_layers()
        for setting in (["momentum"] if isinstance(layer, keras.layers.BatchNormalization) else ["rate"])  # that of dropout
        if hasattr(layer, setting)
    ]
    for layer, setting, _ in usual:
        setattr(layer, setting, 0.0)
    model(given, training=True)
    for layer, setting, value in usual:
        setattr(layer, setting, value)


def samples(model: keras.Model, batch: int = 2) -> Any:
    """Random values for every input of a network."""
    random = np.random.default_rng(0)

    def drawn(tensor: Any) -> Any:
        shape = (batch, *(size or 5 for size in tensor.shape[1:]))
        if tensor.dtype == "string":
            return tf.constant(np.resize(np.array(["a cat", "a dog sat"], dtype=object), shape))
        if tensor.dtype.startswith(("int", "uint")):
            return tf.constant(random.integers(0, 255 if tensor.dtype == "uint8" else 5, shape), tensor.dtype)
        return tf.constant(random.normal(size=shape), tensor.dtype)

    return keras.tree.map_structure(drawn, model.input)


def assert_same_outputs(made: keras.Model, model: keras.Model, exactly: bool = False) -> None:
    """Both give the same for random values."""
    given = samples(model)
    for one, other in zip(*(keras.tree.flatten(each(given, training=False)) for each in (made, model)), strict=True):
        ours, theirs = (keras.ops.convert_to_numpy(each) for each in (one, other))
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=0 if exactly else 1e-6)


def assert_same_answers(made: keras.Model, model: keras.Model, exactly: bool = False) -> None:
    """With the weights of a network the other one answers as it does, to each sample something else."""
    settle(model, samples(model, SETTLED_ON))
    take_weights(made, model)
    assert_same_outputs(made, model, exactly)
    answers = (keras.ops.convert_to_numpy(each) for each in keras.tree.flatten(model(samples(model), training=False)))
    assert max(float(np.abs(each[0] - each[1]).max()) for each in answers) > 1e-5


def small(name: str) -> Graph:
    """A preset at its smallest input, in colour where it looks at pictures, its words learned."""
    preset = quick(name)
    size = max(preset.least_size, 2)
    return with_vocabulary(preset.graph((size, size, 3) if "image" in preset.subjects else None, classes=5))
