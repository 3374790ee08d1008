"""Heads in the middle: on request, for training only, and fitted to every target as the one at the end is."""

from __future__ import annotations

import pytest

import presets
from blocks import Feature, Graph, analyse
from presets.auxiliary import WithAuxiliaryHeads
from tests.presets.test_fitting import CLASSES, PRICE, picture

FAMILIES = sorted(name for name, family in presets.families().items() if issubclass(family, WithAuxiliaryHeads))
MASK = Feature(name="Maske", role="target", kind="mask", dtype="int32", shape=(64, 64), classes=("a", "b", "c"))
HEADS = {"GoogLeNet": 2, "InceptionV3": 1, "DeepLabV3": 1, "FCNResNet": 1}


def beside(graph: Graph) -> list[str]:
    """Ids of the Outputs for training only."""
    return [name for name, node in graph.nodes.items() if node.block == "Output" and node.params.get("training_only")]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_them_on_request(name: str) -> None:
    family = presets.families()[name]
    variant = next(iter(family.variants), name)
    target = MASK if "mask" in family.predicts else CLASSES
    side = 64 if target is MASK else family.minimum_size
    features = [picture(side, side, 3), target]
    assert not beside(presets.get(variant).graph(features=features))
    graph = presets.get(variant, auxiliary_heads=True).graph(features=features)
    found = analyse(graph, features)
    assert not found.messages
    heads = beside(graph)
    assert len(heads) == HEADS[name]
    assert len(found.outputs) == 1 + len(heads)
    for head in heads:
        assert found.nodes[head].output_shapes == found.nodes["label"].output_shapes
        assert graph.nodes[head].params["loss_weight"] == (0.5 if target is MASK else 0.3)


def test_each_of_several_targets_has_its_own() -> None:
    features = [picture(32, 32, 3), CLASSES, PRICE]
    graph = presets.get("GoogLeNet", auxiliary_heads=True).graph(features=features)
    found = analyse(graph, features)
    assert not found.messages
    assert sorted(beside(graph)) == ["auxiliary4a", "auxiliary4a_2", "auxiliary4d", "auxiliary4d_2"]
    shapes = {graph.nodes[end].params["target"]: found.nodes[end].output_shapes for end in beside(graph)}
    assert shapes == {"Art": ((3,),), "Preis": ((1,),)}


def test_weights_of_the_known_network_have_its_names() -> None:
    """A dilated network's layers are named as in the classifier, so that its weights can be taken over."""
    from blocks import build

    classifier = {variable.path: variable.shape for variable in build(presets.get("MobileNetV3Large").graph((64, 64, 3), 3)).weights}
    dilated = {variable.path: variable.shape for variable in build(presets.get("DeepLabV3_MobileNetV3Large").graph((64, 64, 3), 3)).weights}
    shared = set(classifier) & set(dilated)
    assert len(shared) == len([path for path in classifier if not path.startswith(("features", "label"))])
    assert all(classifier[path] == dilated[path] for path in shared)
