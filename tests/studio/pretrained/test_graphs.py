"""The graphs of pretrained networks on data."""

from __future__ import annotations

import subprocess
import sys

import pytest

from blocks import Feature, Graph, analyse
from studio import pretrained
from studio.networks.front import bound, split
from studio.pretrained import PretrainedError

LABEL = Feature(name="label", role="target", kind="category", dtype="int32", classes=("a", "b", "c"))
FRONTS = {"VGG16": ["normalization"], "MobileNetV2": ["rescaling"], "DenseNet121": ["rescaling", "normalization"], "EfficientNetV2S": ["rescaling"]}
"""One network of each way to prepare pixels, with the nodes that do it."""


def pictures(*shape: int | None) -> list[Feature]:
    return [Feature(name="picture", role="input", kind="image", shape=shape, dtype="uint8"), LABEL]


def before_the_body(graph: Graph) -> list[str]:
    nodes = list(graph.nodes)
    first = next(name for name in nodes if graph.nodes[name].block not in ("Input", "Resizing", "Concatenate", "Rescaling", "Normalization"))
    return nodes[: nodes.index(first)]


@pytest.mark.parametrize("name", FRONTS)
def test_coloured_grey_and_varying_pictures_are_taken(name: str) -> None:
    for shape, also in (((64, 48, 3), []), ((64, 48, 1), ["colours"]), ((None, None, 3), ["resizing"])):
        features = pictures(*shape)
        graph = pretrained.graph(name, features)
        assert analyse(graph, features).messages == []
        assert analyse(graph, features).nodes["label"].output_shapes == ((3,),)
        assert before_the_body(graph) == ["image", *also, *FRONTS[name]]
        assert split(bound(graph, features)).cuts == {"image": "resizing" if None in shape else "image"}


def test_pictures_of_other_channels_are_refused() -> None:
    with pytest.raises(PretrainedError, match="VGG16 was trained on coloured pictures; these have 4 channels"):
        pretrained.graph("VGG16", pictures(32, 32, 4))


def test_the_graph_of_a_preset_needs_no_framework() -> None:
    code = (
        "import sys; from studio import pretrained; pretrained.graph('ResNet50'); pretrained.get('ResNet50').file();"
        "sys.exit(', '.join(each for each in ('keras', 'tensorflow') if each in sys.modules) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=False)
    assert ended.returncode == 0, ended.stderr[-500:]
