"""A flattened graph is the same network: configuration, names, weights and outputs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import blocks
import presets
from blocks import Feature, Graph, GraphError, build
from blocks.base import Composite
from blocks.flattening import LONGEST_ID, flatten
from blocks.inference import shape_only
from tests.blocks.networks import assert_same_answers, assert_same_outputs, described, small, take_weights
from tests.blocks.samples import graph_of, inputs_for, params_for
from tests.presets.ready import first_variants

COMPOSITES = [name for name, block in blocks.all().items() if issubclass(block, Composite)]
INPUT = {"block": "Input", "params": {"shape": [8, 8, 3]}}


def check_flat(flat: Graph) -> None:
    """No composite is left."""
    known = blocks.all()
    assert not flat.modules
    for node, document in flat.nodes.items():
        assert document.reuse or not issubclass(known[document.block], Composite), node


def check_same_form(graph: Graph, features: list[Feature] | None = None) -> Graph:
    """Both build to one configuration, layer by layer; flattening again changes nothing."""
    flat = flatten(graph, features)
    check_flat(flat)
    assert flatten(flat, features) == flat
    assert Graph.model_validate(flat.document()) == flat
    with shape_only():
        one, other = build(graph, features), build(flat, features)
    assert described(other) == described(one)
    assert [layer.name for layer in other.layers] == [layer.name for layer in one.layers]
    return flat


def check_same_weights(graph: Graph, flat: Graph) -> None:
    """With equal seeds, layers made in one order have equal weights, and the networks give the same."""
    made = []
    for each in (graph, flat):
        keras.utils.set_random_seed(3)
        made.append(build(each))
    for one, other in zip(*(model.weights for model in made), strict=True):
        assert one.path == other.path
        np.testing.assert_array_equal(one, other)
    assert_same_answers(made[1], made[0], exactly=True)


def graph(nodes: dict[str, Any], **fields: Any) -> Graph:
    return Graph.model_validate({"nodes": nodes, **fields})


def node(block: str, *inputs: str, **params: Any) -> dict[str, Any]:
    return {"block": block, "params": params, "inputs": list(inputs)}


@pytest.mark.parametrize("name", first_variants())
def test_every_family_has_the_same_form(name: str) -> None:
    check_same_form(presets.get(name).graph())


@pytest.mark.parametrize("name", first_variants())
def test_every_family_has_the_same_weights(name: str) -> None:
    made = small(name)
    check_same_weights(made, flatten(made))


@pytest.mark.parametrize("name", COMPOSITES)
def test_every_composite(name: str) -> None:
    block = blocks.get(name)
    for specs in inputs_for(block):
        made = graph_of(name, params_for(block, specs), specs)
        flat = check_same_form(made)
    check_same_weights(made, flat)


def test_a_difference_is_noticed() -> None:
    made = graph({"image": INPUT, "stage": node("Residual", "image", filters=4), "label": node("Output", "stage", units=2)})
    flat = flatten(made)
    other = flat.with_node("stage_conv2", params={**flat.nodes["stage_conv2"].params, "use_bias": True})
    with shape_only(), pytest.raises(AssertionError):
        assert described(build(other)) == described(build(made))


def test_ids_are_the_names_of_the_layers() -> None:
    made = graph({"image": INPUT, "stage_conv1": node("Conv2D", "image", filters=3), "stage": node("Residual", "stage_conv1", filters=3)})
    flat = check_same_form(made)
    assert list(flat.nodes)[:3] == ["image", "stage_conv1", "stage_conv1_2"]
    assert list(flat.nodes) == [layer.name for layer in build(made).layers if layer.name in flat.nodes]


def test_one_composite_used_twice() -> None:
    made = graph(
        {
            "a": INPUT,
            "b": INPUT,
            "tower": {**node("Residual", "a", filters=4), "title": "shared"},
            "again": {"reuse": "tower", "inputs": ["b"], "trainable": False},
            "both": node("Add", "tower", "again"),
            "label": node("Output", "both", units=2),
        }
    )
    flat = check_same_form(made)
    assert flat.nodes["again_conv1"].reuse == "tower_conv1"
    assert flat.nodes["again_conv1"].inputs == ("b",)
    assert not flat.nodes["again_conv1"].trainable
    assert flat.nodes["tower_conv1"].trainable
    check_same_weights(made, flat)


def test_freezing_reaches_the_layers() -> None:
    made = graph(
        {
            "image": INPUT,
            "stage": {**node("ResidualStage", "image", blocks=1, filters=4), "trainable": False},
            "label": node("Output", "stage", units=2),
        }
    )
    flat = check_same_form(made)
    assert [name for name, document in flat.nodes.items() if document.trainable] == ["image", "label"]
    with shape_only():
        assert {layer.name for layer in build(flat).layers if layer.trainable_weights} == {"label"}


def test_modules_within_modules_with_several_outputs() -> None:
    inner = {"nodes": {"lstm": {**node("LSTM", "@0", units=3, return_state=True), "title": "mine"}}, "outputs": ["lstm:2", "lstm"]}
    outer = {"nodes": {"part": node("module:Inner", "@0"), "twice": node("Concatenate", "part", "part:1")}, "outputs": ["twice", "part:1"]}
    made = graph(
        {
            "steps": {"block": "Input", "params": {"shape": [5, 2]}},
            "whole": node("module:Outer", "steps"),
            "sum": node("Concatenate", "whole", "whole:1"),
            "label": node("Output", "sum", units=2),
        },
        modules={"Inner": inner, "Outer": outer},
    )
    flat = check_same_form(made)
    assert flat.nodes["whole_twice"].inputs == ("whole_part_lstm:2", "whole_part_lstm")
    assert flat.nodes["sum"].inputs == ("whole_twice", "whole_part_lstm")
    assert flat.nodes["whole_part_lstm"].title == "mine"
    check_same_weights(made, flat)


def test_a_document_in_any_order() -> None:
    made = graph(
        {
            "label": node("Output", "stage", units=2),
            "stage": node("Residual", "second", filters=4),
            "aside": node("Dense", "first", units=3),
            "second": node("Conv2D", "first", filters=4),
            "first": INPUT,
            "value": node("Output", "aside", units=1),
        }
    )
    check_same_weights(made, check_same_form(made))


def test_open_ends_stay_the_only_ones() -> None:
    spare = {
        "nodes": {"lstm": node("LSTM", "@0", units=3, return_state=True), "unused": node("Dense", "lstm", units=2)},
        "outputs": ["lstm:1", "unused"],
    }
    made = graph({"steps": {"block": "Input", "params": {"shape": [5, 2]}}, "last": node("module:Spare", "steps")}, modules={"Spare": spare})
    flat = flatten(made)
    assert list(flat.nodes) == ["steps", "last_lstm", "last"]
    assert flat.nodes["last"].block == "Identity"
    assert flatten(flat) == flat
    check_same_weights(made, flat)


def test_two_open_ends_of_one_source() -> None:
    through = {"nodes": {"keep": node("Dense", "@0", units=3)}, "outputs": ["@0"]}
    made = graph(
        {"values": {"block": "Input", "params": {"shape": [4]}}, "same": node("module:Through", "values"), "dense": node("Dense", "values", units=2)},
        modules={"Through": through},
    )
    flat = flatten(made)
    keys = [list(build(each).output) for each in (made, flat)]
    assert keys == [["same", "dense"], ["dense", "same"]]
    one, other = build(made), build(flat)
    take_weights(other, one)
    assert_same_outputs(other, one, exactly=True)


def test_what_a_dataset_decides_is_not_written_down() -> None:
    features = [
        Feature(name="picture", role="input", kind="image", shape=(32, 32, 3), dtype="uint8"),
        Feature(name="kind", role="target", kind="category", classes=("a", "b", "c")),
    ]
    made = presets.get("ResNet20").graph(features=features)
    flat = check_same_form(made, features)
    assert flat.nodes["image"] == made.nodes["image"]
    assert flat.nodes["label"].params == made.nodes["label"].params


def test_augmentation_stays_where_it_was() -> None:
    made = presets.get("SimpleCNN").graph()
    flat = check_same_form(made)
    assert flat == made


def test_places_of_nodes_that_stay_are_kept() -> None:
    made = presets.get("ResNet20").graph().model_copy(update={"layout": {"conv1": (1.0, 2.0), "stage1": (3.0, 4.0)}})
    assert flatten(made).layout == {"conv1": (1.0, 2.0)}


def test_problems_are_told_all_at_once() -> None:
    made = graph({"image": INPUT, "a": node("Conv2D", "image", filters=0), "b": node("Conv9D", "image")})
    with pytest.raises(GraphError) as caught:
        flatten(made)
    assert {message.node for message in caught.value.messages} == {"a", "b"}


def test_names_that_would_be_too_long() -> None:
    long = "m" * (LONGEST_ID - 10)
    inner = {"nodes": {"dense_with_a_name": node("Dense", "@0", units=3)}, "outputs": ["dense_with_a_name"]}
    made = graph({"values": {"block": "Input", "params": {"shape": [4]}}, long: node("module:M", "values")}, modules={"M": inner})
    with pytest.raises(GraphError, match="more than 120 characters"):
        flatten(made)
