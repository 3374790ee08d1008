"""Rules on graphs that are wired at random: none raises, and every edit that is offered can be made."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import Feature, Graph, analyse
from blocks.editing import apply, read
from blocks.levels import levels_of
from blocks.lint import Situation, lint
from blocks.lint.base import CLASSES, COLUMNS, PICTURES, PRICE, SERIES, TEXTS

IDS = ("a", "b", "c", "d", "e", "f", "g")
BLOCKS: dict[str, list[dict[str, Any]]] = {
    "Input": [{}, {"shape": [8, 8, 3], "dtype": "uint8"}, {"shape": [6]}, {"shape": [5, 4]}, {"feature": "photo"}, {"feature": "nothing"}],
    "Output": [
        {},
        {"units": 1, "activation": "softmax"},
        {"head": "none"},
        {"target": "kind"},
        {"target": "price", "activation": "sigmoid"},
        {"loss": "huber"},
    ],
    "Dense": [{}, {"units": 3, "activation": "softmax"}, {"units": 0}, {"unit": 3}, {"units": 5, "activation": "relu"}],
    "Conv2D": [{}, {"kernel_size": 9}, {"padding": "same", "kernel_size": 19}, {"groups": 4, "filters": 4}, {"strides": 4, "padding": "same"}],
    "LSTM": [{}, {"return_sequences": True}],
    "Bidirectional": [{}],
    "Embedding": [{"input_dim": 4}],
    "TextVectorization": [{}, {"output_mode": "multi_hot"}],
    "ColumnEncoding": [{}],
    "Rescaling": [{}],
    "Flatten": [{}],
    "MaxPooling2D": [{}, {"pool_size": 8}],
    "GlobalAveragePooling2D": [{}],
    "BatchNormalization": [{}, {"axis": 4}],
    "Dropout": [{}],
    "ReLU": [{}],
    "Softmax": [{}],
    "RandomFlip": [{}],
    "Add": [{}],
    "Concatenate": [{}, {"axis": 3}],
    "Residual": [{"filters": 3}, {"filters": -1}],
    "module:M": [{}],
    "module:Lost": [{}],
    "Konv2D": [{}],
}
FEATURES: tuple[tuple[Feature, ...], ...] = ((), (PICTURES, CLASSES), (*COLUMNS, PRICE), (TEXTS, CLASSES), (SERIES, PICTURES, CLASSES, PRICE))
SITUATIONS = (
    None,
    Situation(),
    Situation(1, "sparse_categorical_crossentropy"),
    Situation(4, "binary_crossentropy", begins_trained=False),
    Situation(32, "mean_squared_error"),
)


def references(chance: Random, names: list[str], count: int) -> list[str]:
    """What a node takes: earlier nodes, most of the time."""
    wild = [*IDS, "b:1", "lost"]
    return [chance.choice(names if names and chance.random() < 0.93 else wild) for _ in range(count)]


def nodes(chance: Random, *ports: str) -> dict[str, Any]:
    """Nodes of one level, wired with little regard to what fits."""
    made: dict[str, Any] = {}
    for name in IDS[: chance.randint(2, len(IDS))]:
        earlier = [*made, *ports]
        if made and chance.random() < 0.05:
            made[name] = {"reuse": chance.choice(IDS), "inputs": references(chance, earlier, 1)}
            continue
        block = "Input" if not earlier and chance.random() < 0.95 else chance.choice(sorted(BLOCKS))
        count = 0 if block == "Input" else 2 if block in ("Add", "Concatenate") else 1
        count = count if chance.random() < 0.93 else chance.randint(0, 3)
        inputs = references(chance, earlier[-1:], min(count, 1)) + references(chance, earlier, max(0, count - 1))
        made[name] = {"block": block, "params": chance.choice(BLOCKS[block]), "inputs": inputs, "trainable": chance.random() < 0.9}
    return made


def graph_of(seed: int) -> Graph:
    chance = Random(seed)  # noqa: S311 - nothing is to be kept secret
    inside = {"nodes": nodes(chance, "@0", "@1"), "outputs": chance.sample([*IDS, "@0"], chance.randint(0, 2))}
    return Graph.model_validate({"nodes": nodes(chance), "modules": {"M": inside}})


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32), features=st.sampled_from(FEATURES), situation=st.sampled_from(SITUATIONS))
def test_nothing_raises_and_every_fix_can_be_made(seed: int, features: tuple[Feature, ...], situation: Situation | None) -> None:
    graph = graph_of(seed)
    analysis = analyse(graph, features, situation)
    assert all(message in analysis.messages for message in lint(graph, analysis, features, situation))
    insides = levels_of(graph, analysis, features)
    for message in analysis.messages:
        assert message.text
        changed = graph
        for edit in message.edits:
            changed = apply(changed, read(edit), insides.get).graph
        assert not message.edits or changed != graph, message
        analyse(changed, features, situation)
