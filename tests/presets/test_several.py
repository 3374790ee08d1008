"""Presets for several inputs at once, and for several targets."""

from __future__ import annotations

import pytest

import presets
from blocks import Feature, analyse
from tests.presets.test_fitting import ARRAY, CLASSES, PRICE, TABLE, TEXT, picture

SCAN = [picture(8, 8, 1), *TABLE]
LABELS = Feature(name="Teile", role="target", kind="labels", classes=("a", "b"))


@pytest.mark.parametrize("target", [CLASSES, PRICE, LABELS], ids=["class", "number", "labels"])
def test_a_picture_and_columns_are_read_together(target: Feature) -> None:
    features = [*SCAN, target]
    graph = presets.get("ImageAndTable").graph(features=features)
    found = analyse(graph, features)
    assert not found.messages
    assert graph.nodes["image"].params["feature"] == "Bild"
    assert graph.nodes["columns"].params["feature"] == "columns"
    assert graph.nodes["fusion"].inputs == ("picture", "table1")
    assert found.nodes[found.outputs[0]].output_shapes == ((len(target.classes or (1,)),),)


@pytest.mark.parametrize(
    ("name", "features", "reason"),
    [
        ("ImageAndTable", [picture(8, 8, 1), CLASSES], "ImageAndTable takes pictures and tables; the dataset has pictures."),
        ("ImageAndTable", [*SCAN, TEXT, CLASSES], "ImageAndTable takes pictures and tables; the dataset has tables, pictures and texts."),
        ("ImageAndTable", [*[picture(8, 8, 1)] * 2, CLASSES], "pictures and tables; each sample of the dataset has 2 inputs of this kind."),
        ("SimpleCNN", [*SCAN, CLASSES], "SimpleCNN takes pictures; the dataset has tables and pictures."),
        ("MultiTask", [*TABLE, CLASSES, TEXT.model_copy(update={"role": "target"})], "'review' is"),
        ("MultiTask", TABLE, "MultiTask predicts one target; the dataset has 0."),
    ],
)  # fmt: skip
def test_reasons(name: str, features: list[Feature], reason: str) -> None:
    assert reason in presets.get(name).misfit(features)


@pytest.mark.parametrize("inputs", [TABLE, [picture(8, 8, 1)], [ARRAY]], ids=["table", "picture", "array"])
def test_several_targets_share_a_body_and_have_a_layer_each(inputs: list[Feature]) -> None:
    features = [*inputs, CLASSES, PRICE, LABELS]
    graph = presets.get("MultiTask").graph(features=features)
    found = analyse(graph, features)
    assert not found.messages
    outputs = {name: document.params["target"] for name, document in graph.nodes.items() if document.block == "Output"}
    assert outputs == {"label": "Art", "value": "Preis", "label_2": "Teile"}
    assert [graph.nodes[name].inputs for name in outputs] == [("task1",), ("task2",), ("task3",)]
    assert len({graph.nodes[f"task{number}"].inputs for number in (1, 2, 3)}) == 1
    assert [found.nodes[name].output_shapes for name in outputs] == [((3,),), ((1,),), ((2,),)]


def test_plain_presets_take_several_targets_too() -> None:
    features = [picture(32, 32, 3), CLASSES, PRICE]
    graph = presets.get("ResNet20").graph(features=features)
    assert not analyse(graph, features).messages
    assert graph.nodes["label"].inputs == graph.nodes["value"].inputs
