"""The Transformer: the weights of its stack, and tables of vectors that are one."""

from __future__ import annotations

from typing import Any

import keras
import pytest

import presets
from blocks import Feature, analyse, build
from presets import PresetError
from tests.presets.ready import sample, with_vocabulary
from tests.presets.test_every_preset import check_step

WORDS = ("", "[start]", "a", "b")
FEATURES = [
    Feature(name="source", role="input", kind="text", shape=()),
    Feature(name="target_before", role="input", kind="tokens", dtype="int32", shape=(7,), classes=WORDS, column="target"),
    Feature(name="target", role="target", kind="tokens", dtype="int32", shape=(7,), classes=WORDS),
]
SMALL: dict[str, Any] = {"embedding": 8, "num_heads": 2, "hidden_units": 16, "layers": 1}
STACKS = {"TransformerBase": 44_138_496, "TransformerBig": 176_357_376}
"""Counted in a build of torch.nn.Transformer, without the two last normalisations."""


@pytest.mark.parametrize("name", STACKS)
def test_the_stack_has_the_weights_of_its_layers(name: str) -> None:
    found = analyse(presets.get(name).graph())
    layers = [node.weights for path, node in found.nodes.items() if path.startswith(("encoder", "decoder")) and "/" not in path]
    assert len(layers) == 12
    assert sum(layers) == STACKS[name]


@pytest.mark.parametrize("tied", ["target", "all"])
def test_one_table_learns_from_all_its_places(tied: str) -> None:
    keras.utils.set_random_seed(0)
    preset = presets.get("Transformer_slim", tied_embeddings=tied, **SMALL)
    model = build(with_vocabulary(preset.graph(classes=9)))
    tables = [variable for variable in model.trainable_variables if variable.path.endswith("embeddings")]
    assert [tuple(table.shape) for table in tables] == ([(9, 8)] if tied == "all" else [(10_000, 8), (9, 8)])
    check_step(model, sample(preset))


def test_a_dataset_has_two_vocabularies() -> None:
    graph = presets.get("Transformer_slim", tied_embeddings="target").graph(features=FEATURES)
    found = analyse(graph, FEATURES)
    assert not found.errors
    assert found.nodes[found.outputs[0]].output_shapes == ((7, 4),)
    with pytest.raises(PresetError, match=r'the dataset has two\. Set tied_embeddings to "target"'):
        presets.get("Transformer_slim", tied_embeddings="all").graph(features=FEATURES)
