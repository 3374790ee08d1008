"""What is never run or loaded, and configurations that are none: named refusals, whatever they hold."""

from __future__ import annotations

import json
from typing import Any

import keras
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers

from blocks.graph import Graph
from blocks.importing import KerasImportError, from_config
from tests.blocks.importing.made import imported


class Own(layers.Layer):  # type: ignore[misc]
    """A layer of someone else."""

    def call(self, inputs: Any) -> Any:
        return inputs


def test_code_and_layers_from_elsewhere_are_all_named() -> None:
    entry = keras.Input((4,))
    hidden = layers.Lambda(lambda x: x * 2, name="twice")(entry)
    hidden = Own(name="own")(hidden)
    inner = keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x, output_shape=(4,), name="hidden")], name="inner")
    model = keras.Model(entry, layers.Dense(2)(inner(hidden)))
    with pytest.raises(KerasImportError) as raised:
        imported(model)
    assert [(problem.layer, problem.kind) for problem in raised.value.problems] == [("twice", "Lambda"), ("own", "Own"), ("inner/hidden", "Lambda")]
    assert str(raised.value).splitlines() == [
        "twice (Lambda): it holds Python code, which is never run. Write what it does with blocks, such as Rescaling or Activation.",
        "own (Own): it is no layer of Keras, and code from elsewhere is never run.",
        "inner/hidden (Lambda): it holds Python code, which is never run. Write what it does with blocks, such as Rescaling or Activation.",
    ]


def functional(layer: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A configuration with one layer behind an input."""
    tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, 4], "dtype": "float32", "keras_history": ["entry", 0, 0]}}
    entry = {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, 4], "dtype": "float32"}, "name": "entry"}
    call = {"args": [tensor], "kwargs": {}}
    return {
        "name": "net",
        "layers": [{**entry, "inbound_nodes": []}, {"name": "layer", "inbound_nodes": [call], **layer}],
        "input_layers": ["entry", 0, 0],
        "output_layers": ["layer", 0, 0],
        **more,
    }


DENSE = {"module": "keras.layers", "class_name": "Dense", "registered_name": None, "config": {"units": 2, "activation": "linear"}}


def test_the_sample_is_fine() -> None:
    assert list(from_config(functional(DENSE)).graph.nodes) == ["entry", "layer"]


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "/etc"}}, "it would load and run another model file"),
        ({"module": "builtins", "class_name": "eval", "config": {}}, "it is no layer of Keras"),
        ({"module": "keras_hub.layers", "class_name": "Dense", "config": {}}, "it is no layer of Keras"),
        ({"module": "my.code", "class_name": "Dense", "registered_name": "my>Dense", "config": {}}, "it is no layer of Keras"),
        ({"module": "keras.src.applications.inception_resnet_v2", "class_name": "CustomScaleLayer", "config": {}}, "there is no block for it"),
        ({**DENSE, "config": {"units": 2, "activation": {"class_name": "__lambda__", "config": {"value": "x"}}}}, "Python code, which is never run"),
        ({**DENSE, "config": {"units": {"class_name": "__lambda__", "config": {"value": "x"}}}}, "it holds Python code, which is never run"),
        ({**DENSE, "config": {"kernel_initializer": {"module": "os", "class_name": "system", "config": {}}}}, "there is no initializer system here"),
        ({**DENSE, "config": {"units": "a lot"}}, "Dense: invalid units"),
        ({**DENSE, "config": {"units": 10**30}}, "Dense: invalid units"),
        ({**DENSE, "config": {"weights": [1]}}, "weights: Dense has nothing for the value"),
        ({"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}, "it names a file of the computer"),
        ({"module": "keras.layers", "class_name": "TimeDistributed", "config": {"layer": "Dense"}}, "the layer inside is not written down"),
        (
            {"module": "keras.layers", "class_name": "Normalization", "config": {"axis": [{}], "mean": "a"}},
            "its values have other types|invalid axis",
        ),
    ],
)
def test_layer_is_refused(layer: dict[str, Any], said: str) -> None:
    with pytest.raises(KerasImportError, match=f"layer .*{said}"):
        from_config(functional(layer))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (None, "it is no mapping"),
        ([], "it is no mapping"),
        ({}, "there is no list of layers"),
        ({"class_name": "Functional", "module": "keras", "config": None}, "there is no list of layers"),
        ({"class_name": "MyModel", "module": "my.code", "config": {}}, "of its own class MyModel, whose code is never run"),
        ({"format": "studio.graph/1", "nodes": {}}, "This is a graph of this program"),
        (functional({"class_name": 3}), "a layer has no class"),
        (functional({**DENSE, "name": "entry"}), "two layers are named 'entry'"),
        (functional({**DENSE, "inbound_nodes": [[["entry", 0, 0, {}]]]}), "written as by Keras 2"),
        (functional({**DENSE, "inbound_nodes": {}}), "are no list|the layer 'layer', which is not there"),
        (functional(DENSE, output_layers=["gone", 0, 0]), "call 0 of the layer 'gone', which is not there"),
        (functional(DENSE, output_layers=["layer", 7, 0]), "call 7 of the layer 'layer', which is not there"),
        (functional(DENSE, output_layers=[]), "output_layers is empty"),
        (functional(DENSE, output_layers=5), "its inputs and outputs are not written down"),
    ],
)
def test_what_is_no_configuration(config: Any, said: str) -> None:
    with pytest.raises(KerasImportError, match=said):
        from_config(config)


def test_values_that_are_nested_without_end() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(KerasImportError, match="more than 200 levels deep"):
        from_config(functional({**DENSE, "config": {"units": deep}}))


def nested(depth: int) -> dict[str, Any]:
    """Models within models."""
    config = functional(DENSE)
    for number in range(depth):
        layer = {"module": "keras.src.models.functional", "class_name": "Functional", "config": config}
        config = functional(layer, output_layers=["layer", 1, 0], name=f"net{number}")
    return config


def test_models_that_are_nested_without_end() -> None:
    assert len(from_config(nested(12)).graph.modules) == 12
    with pytest.raises(KerasImportError, match="more than 16 models stand within each other"):
        from_config(nested(20))


def chain(length: int) -> dict[str, Any]:
    layer = {"module": "keras.layers", "class_name": "ReLU", "config": {"name": "same name ?"}}
    first = {"module": "keras.layers", "class_name": "InputLayer", "config": {"name": "entry", "batch_shape": [None, 4]}}
    return {"name": "chain", "layers": [first, *({**layer, "name": f"{number}?"} for number in range(length))]}


def test_more_layers_than_a_graph_takes() -> None:
    assert len(from_config(chain(3000)).graph.nodes) == 3002
    with pytest.raises(KerasImportError, match="more than 20,000 layers"):
        from_config(chain(20_001))


def test_circle_is_left_to_the_analysis() -> None:
    config = functional(DENSE)
    config["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = ["layer", 0, 0]
    assert from_config(config).graph.nodes["layer"].inputs == ("layer",)


def test_circle_of_functions_that_need_no_node() -> None:
    cast = {"module": "keras.src.ops.core", "class_name": "Cast", "config": {"dtype": "float32"}}
    config = functional(cast)
    config["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = ["layer", 0, 0]
    with pytest.raises(KerasImportError, match="the layer 'layer' takes what itself gives"):
        from_config(config)


def _sample() -> str:
    entry = keras.Input((6, 4), name="entry")
    read = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(entry)
    inner = keras.Sequential([keras.Input((6, 4)), layers.Dense(3, kernel_regularizer="l2"), layers.BatchNormalization()])
    summed = layers.Concatenate()([inner(read), read]) * 2
    return str(keras.Model(entry, layers.Dense(2)(layers.Flatten()(summed))).to_json())


SAMPLE = _sample()
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.just(10**40), st.floats(allow_nan=False), st.text(max_size=4), st.just([]), st.just({}),
    st.just({"class_name": "__lambda__", "config": {"value": "x"}}), st.just([[1, 2], [3]]), st.just(["entry", 0, 0]), st.just({"class_name": 3}),
)  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in _places(each, (*path, key)))]


PLACES = _places(json.loads(SAMPLE))[1:]


@settings(max_examples=400, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=3))
def test_any_other_value_at_any_place_gives_a_graph_or_a_refusal(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    config = json.loads(SAMPLE)
    for place, value in changes:
        *around, last = place
        target = config
        try:
            for key in around:
                target = target[key]
            target[last] = value
        except (KeyError, IndexError, TypeError):
            continue  # the place went with an earlier change
    try:
        graph = from_config(config).graph
    except KerasImportError:
        return  # any other error is a fault
    assert Graph.model_validate(graph.document()) == graph
