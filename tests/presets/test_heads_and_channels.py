"""Every network for pictures takes grey, coloured and transparent ones, and predicts a class, numbers or several labels."""

from __future__ import annotations

import pytest

import presets
from blocks import Feature, analyse
from blocks.walk import read_block
from presets import Preset
from tests.presets.test_fitting import CLASSES, PRICE, picture

LABELS = Feature(name="Teile", role="target", kind="labels", classes=("a", "b"))
NUMBERS = Feature(name="Ecken", role="target", kind="number", shape=(4,))
TARGETS = {"class": (CLASSES, 3, "softmax"), "number": (PRICE, 1, "linear"), "numbers": (NUMBERS, 4, "linear"), "labels": (LABELS, 2, "sigmoid")}
"""Targets with the numbers that a sample gets, and the function at the end."""
LIGHTEST = {"DeepResNet": "ResNet18", "DenseNet": "DenseNetSmall40_12", "MobileNet": "MobileNet_0_25", "MobileNetV2": "MobileNetV2_0_35"}
"""Variants that stand for their families, where it isn't the first."""


def variant(family: str) -> str:
    return LIGHTEST.get(family) or next(iter(presets.families()[family].variants), family)


def takes(family: type[Preset]) -> bool:
    return family.subjects[0] == "image" and not (family.together or family.branches) and {"category", "number", "labels"} <= set(family.predicts)


FAMILIES = sorted(name for name, family in presets.families().items() if takes(family))


def test_all_classifiers_are_among_them() -> None:
    assert len(FAMILIES) > 25
    assert {"AlexNet", "GoogLeNet", "NiN", "SqueezeNet", "ViT", "WideResNet", "FasterNet", "Xception"} <= set(FAMILIES)


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_target_decides_the_head(family: str, kind: str) -> None:
    preset = presets.get(variant(family))
    target, units, activation = TARGETS[kind]
    side = preset.least_size
    channels = {"class": 1, "number": 3, "numbers": 4, "labels": 4}[kind]
    features = [picture(side, side, channels), target]
    found = analyse(preset.graph(features=features), features)
    assert not found.messages
    assert [found.nodes[end].output_shapes for end in found.outputs] == [((units,),)]
    end = read_block(preset.graph(features=features).nodes[found.outputs[0]])
    assert end.bind(features).model_dump()["activation"] == activation
    first = next(node for node in found.nodes.values() if node.weights)
    assert first.input_shapes[0][-1] == channels
