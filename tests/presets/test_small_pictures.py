"""Networks for large pictures whose first layers keep the size of small ones."""

from __future__ import annotations

import pytest

import presets
from blocks import analyse
from blocks.analysis import Analysis
from presets import Preset
from presets.stem import WithStem
from tests.presets.test_fitting import CLASSES, picture

SMALL = (32, 32, 3)
LEAST_LEFT = 4
"""Height and width, in pixels, of the last picture before the mean or the dense layers."""
FAMILIES = sorted(name for name, family in presets.families().items() if issubclass(family, WithStem))


def with_small_stem(name: str) -> Preset:
    """The first variant of a family, for small pictures."""
    family = presets.families()[name]
    return presets.get(next(iter(family.variants), name), stem="small")


def last_sides(found: Analysis) -> tuple[int, ...]:
    """Height and width of the last picture that has one."""
    shapes = [
        node.output_shapes[0] for path, node in found.nodes.items() if "/" not in path and node.output_shapes and len(node.output_shapes[0]) == 3
    ]
    return tuple(size or 0 for size in shapes[-1][:2])


@pytest.mark.parametrize("name", FAMILIES)
def test_something_is_left_at_the_end(name: str) -> None:
    found = analyse(with_small_stem(name).graph(SMALL, classes=10))
    assert not found.messages
    assert min(last_sides(found)) >= LEAST_LEFT
    assert found.nodes["label"].output_shapes == ((10,),)


def test_nothing_is_left_without_it() -> None:
    assert last_sides(analyse(presets.get("ResNet18").graph(SMALL, classes=10))) == (1, 1)


@pytest.mark.parametrize("name", FAMILIES)
def test_it_takes_smaller_pictures(name: str) -> None:
    preset = with_small_stem(name)
    assert preset.least_size < preset.minimum_size
    size = preset.least_size
    features = [picture(size, size, 1), CLASSES]
    graph = preset.graph(features=features)
    assert "resizing" not in graph.nodes
    assert not analyse(graph, features).messages
    assert "resizing" in presets.get(next(iter(preset.variants), name)).graph(features=features).nodes


def test_the_families_for_large_pictures_have_it() -> None:
    assert set(FAMILIES) >= {"DeepResNet", "DenseNet", "MobileNet", "MobileNetV2", "MobileNetV3", "ShuffleNet", "ShuffleNetV2", "EfficientNet"}
    assert set(FAMILIES) >= {"Xception", "ConvNeXt", "VGG", "GoogLeNet", "InceptionV2", "InceptionV3", "SqueezeNet", "FasterNet", "ResidualAttention"}
