"""Values node by node are those of the built model, are kept as long as nothing they depend on changes, and are refused in time."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import blocks
import presets
from blocks.graph import Graph
from studio.datasets import store
from studio.inspection.errors import PreviewError
from studio.inspection.memory import Memory
from studio.inspection.samples import Sample
from studio.inspection.trace import flows_at, trace
from studio.inspection.values import Values
from studio.networks import weights
from studio.workspace import Workspace
from tests.studio.inspection.looking import NODES, graph_of, look

PICTURE = np.random.default_rng(0).normal(size=(1, 16, 16, 3)).astype("float32")


def entering(shape: list[int], dtype: str = "float32") -> dict[str, Any]:
    return {"block": "Input", "params": {"feature": "x", "shape": shape, "dtype": dtype}}


def values_of(graph: Graph, value: np.ndarray, memory: Memory, key: str = "sample", **options: Any) -> tuple[dict[str, np.ndarray], Values]:
    """Every node's first output for one sample."""
    traced = trace(graph, [])
    assert traced.messages == []
    values = Values(Sample(key, {"x": value}), None, memory, **options)
    tops = [node for node in graph.nodes if node in traced.flows]
    return dict(zip(tops, (np.asarray(each) for each in values.at([traced.flows[node][0] for node in tops])), strict=True)), values


def built_values(graph: Graph, value: np.ndarray, memory: Memory) -> dict[str, np.ndarray]:
    """The same from the model that `build` makes, with the weights of the layers that were made one by one."""
    import keras

    traced = trace(graph, [])
    values = Values(Sample("sample", {"x": value}), None, memory)
    stored: dict[str, np.ndarray] = {}
    for step in traced.steps:
        if not isinstance(step.block, blocks.get("Input")):
            stored |= weights.values(values.made(step).layer.weights)
    model = blocks.build(graph)
    weights.assign(model.weights, stored)
    tops = [node for node in graph.nodes if any(layer.name == node for layer in model.layers)]
    inner = keras.Model(model.input, {node: model.get_layer(node).output for node in tops})
    return {node: np.asarray(each) for node, each in inner(value, training=False).items()}


IMAGE_NODES: dict[str, Any] = {
    "image": entering([16, 16, 3]),
    "noise": {"block": "GaussianNoise", "params": {"stddev": 1.0}, "inputs": ["image"]},
    "conv": {"block": "Conv2D", "params": {"filters": 8, "padding": "same"}, "inputs": ["noise"]},
    "norm": {"block": "BatchNormalization", "inputs": ["conv"]},
    "drop": {"block": "Dropout", "params": {"rate": 0.9}, "inputs": ["norm"]},
    "depthwise": {"block": "DepthwiseConv2D", "inputs": ["drop"]},
    "separable": {"block": "SeparableConv2D", "params": {"filters": 4}, "inputs": ["depthwise"]},
    "again": {"reuse": "conv", "inputs": ["image"]},
    "pool": {"block": "GlobalAveragePooling2D", "inputs": ["separable"]},
    "other": {"block": "GlobalMaxPooling2D", "inputs": ["again"]},
    "both": {"block": "Concatenate", "inputs": ["pool", "other"]},
    "label": {"block": "Output", "params": {"units": 3, "activation": "softmax"}, "inputs": ["both"]},
}
TEXT_NODES: dict[str, Any] = {
    "words": entering([6], "int32"),
    "embedding": {"block": "Embedding", "params": {"input_dim": 20, "output_dim": 5, "mask_zero": True}, "inputs": ["words"]},
    "lstm": {
        "block": "Bidirectional",
        "params": {"block": {"block": "LSTM", "params": {"units": 4, "return_sequences": True}}},
        "inputs": ["embedding"],
    },
    "attention": {"block": "MultiHeadAttention", "params": {"num_heads": 2, "key_dim": 3}, "inputs": ["lstm"]},
    "gru": {"block": "GRU", "params": {"units": 3}, "inputs": ["attention"]},
    "label": {"block": "Output", "params": {"units": 2, "activation": "softmax"}, "inputs": ["gru"]},
}
WORDS = np.array([[3, 7, 1, 19, 0, 0]], np.int32)


@pytest.mark.parametrize(("nodes", "value"), [(IMAGE_NODES, PICTURE), (TEXT_NODES, WORDS)], ids=["pictures", "words with a mask"])
def test_every_node_is_as_in_the_built_model(memory: Memory, nodes: dict[str, Any], value: np.ndarray) -> None:
    graph = graph_of(nodes)
    found, _ = values_of(graph, value, memory)
    whole = built_values(graph, value, memory)
    assert len(whole) >= len(nodes) - 1
    for node, expected in whole.items():
        if node != "conv":  # in a model with two uses, the layer's output is that of the first
            assert found[node] == pytest.approx(expected, abs=1e-5), node
    assert np.ptp(next(reversed(found.values()))) > 0


def test_a_mask_survives_being_kept(memory: Memory) -> None:
    graph = graph_of({name: TEXT_NODES[name] for name in ("words", "embedding")} | {"lstm": {"block": "LSTM", "inputs": ["embedding"]}})
    alone, _ = values_of(graph_of({name: TEXT_NODES[name] for name in ("words", "embedding")}), WORDS, memory)
    assert set(alone) == {"words", "embedding"}
    kept, values = values_of(graph, WORDS, memory)
    fresh, _ = values_of(graph, WORDS, Memory())
    assert values.computed == ["lstm"]
    assert (kept["lstm"] == fresh["lstm"]).all()
    unmasked, _ = values_of(graph.with_node("embedding", params={"input_dim": 20, "output_dim": 5}), WORDS, Memory())
    assert not np.allclose(kept["lstm"], unmasked["lstm"])


def test_fresh_weights_are_the_same_each_time_and_other_ones_at_other_places() -> None:
    graph = graph_of(IMAGE_NODES)
    random.seed(1)
    first, _ = values_of(graph, PICTURE, Memory())
    random.seed(2)
    second, _ = values_of(graph, PICTURE, Memory())
    assert all((first[node] == second[node]).all() for node in first)
    twins = {
        "image": entering([16, 16, 3]),
        "a": {"block": "Conv2D", "inputs": ["image"]},
        "b": {"block": "Conv2D", "inputs": ["image"]},
    }
    apart, _ = values_of(graph_of(twins), PICTURE, Memory())
    assert not np.allclose(apart["a"], apart["b"])


def test_chance_elsewhere_goes_on_as_if_nothing_had_been_drawn() -> None:
    before = random.getstate()
    values_of(graph_of(IMAGE_NODES), PICTURE, Memory())
    assert random.getstate() == before


def test_editing_a_layer_computes_from_there(memory: Memory) -> None:
    graph = graph_of(IMAGE_NODES)
    _, values = values_of(graph, PICTURE, memory)
    assert len(values.computed) == len(IMAGE_NODES)
    assert values_of(graph, PICTURE, memory)[1].computed == []

    later = graph.with_node("separable", params={"filters": 5})
    assert values_of(later, PICTURE, memory)[1].computed == ["separable", "pool", "both", "label"]
    assert values_of(graph, PICTURE, memory)[1].computed == []

    earlier = graph.with_node("conv", params={"filters": 8, "padding": "same", "activation": "relu"})
    changed, values = values_of(earlier, PICTURE, memory)
    assert set(values.computed) == set(IMAGE_NODES) - {"image", "noise"}
    for node, value in values_of(earlier, PICTURE, Memory())[0].items():
        assert (changed[node] == value).all(), node


def test_an_edit_beside_a_node_leaves_its_weights(memory: Memory) -> None:
    graph = graph_of(IMAGE_NODES)
    before, _ = values_of(graph, PICTURE, memory)
    nodes = dict(IMAGE_NODES)
    nodes = {"image": nodes.pop("image"), "extra": {"block": "Conv2D", "inputs": ["image"]}, **nodes}
    after, values = values_of(graph_of(nodes), PICTURE, memory)
    assert values.computed == ["extra"]
    fresh, _ = values_of(graph_of(nodes), PICTURE, Memory())
    assert all((after[node] == fresh[node]).all() and (node == "extra" or (after[node] == before[node]).all()) for node in after)


def test_another_sample_and_a_full_memory_cost_nothing_but_time() -> None:
    graph = graph_of(IMAGE_NODES)
    small = Memory(60_000)  # less than the layers take
    first, _ = values_of(graph, PICTURE, small)
    other, _ = values_of(graph, PICTURE * 2, small, key="other")
    again, values = values_of(graph, PICTURE, small)
    assert small.bytes <= 60_000
    assert values.computed
    assert all((first[node] == again[node]).all() for node in first)
    assert not np.allclose(first["conv"], other["conv"])


def test_a_deep_network_needs_no_deep_stack(memory: Memory) -> None:
    nodes: dict[str, Any] = {"x": entering([4])}
    for number in range(1500):
        nodes[f"relu{number}"] = {"block": "ReLU", "inputs": [list(nodes)[-1]]}
    graph = graph_of(nodes)
    traced = trace(graph, [])
    (value,) = Values(Sample("s", {"x": np.ones((1, 4), np.float32)}), None, memory, most_seconds=120).at(flows_at(traced, "relu1499"))
    assert np.asarray(value).tolist() == [[1, 1, 1, 1]]


def test_long_work_breaks_off_and_goes_on_from_there(memory: Memory) -> None:
    graph = graph_of(IMAGE_NODES)
    with pytest.raises(PreviewError, match=r"The preview takes long: it has come as far as image. Ask again to go on from there."):
        values_of(graph, PICTURE, memory, most_seconds=-1)
    assert values_of(graph, PICTURE, memory)[1].computed


@pytest.mark.parametrize(
    ("nodes", "value", "sentence"),
    [
        (
            {"x": entering([30_000]), "dense": {"block": "Dense", "params": {"units": 40_000}, "inputs": ["x"]}},
            np.zeros((1, 30_000)),
            r"^dense: it has 1,200,040,000 weights, more than a preview makes \(128,000,000\)",
        ),
        (
            {"x": entering([0, 0, 3]), "conv": {"block": "Conv2D", "params": {"filters": 64}, "inputs": ["x"]}},
            np.zeros((1, 2000, 2000, 3)),
            r"^conv: its output for this sample is 1998 x 1998 x 64, 1,022 MB, more than a preview keeps \(100 MB\). Insert Resizing",
        ),
        (
            {"x": entering([0, 8]), "attention": {"block": "MultiHeadAttention", "params": {"num_heads": 8, "key_dim": 64}, "inputs": ["x"]}},
            np.zeros((1, 20_000, 8)),
            r"^attention: it takes [\d,]+ multiply-adds for one sample",
        ),
        (
            {"x": entering([0, 2]), "lstm": {"block": "Bidirectional", "params": {"block": {"block": "LSTM"}}, "inputs": ["x"]}},
            np.zeros((1, 5_000, 2)),
            r"^lstm: the sequence has 5,000 steps, more than a preview goes through \(4,000\)",
        ),
        (
            {"x": entering([0, 0, 3]), "conv": {"block": "Conv2D", "inputs": ["x"]}},
            np.zeros((1, 2, 2, 3)),
            r"^conv: The picture is 2 x 2 here, smaller than the window of 3 x 3.",
        ),
        ({"x": entering([4500, 4500, 3])}, np.zeros((1, 4500, 4500, 3)), r"^x: its output for this sample is 4500 x 4500 x 3, 243 MB"),
    ],
    ids=["weights", "output", "multiply-adds", "steps", "window", "input"],
)
def test_what_is_too_much_is_refused_before_it_is_computed(memory: Memory, nodes: dict[str, Any], value: np.ndarray, sentence: str) -> None:
    with pytest.raises(PreviewError, match=sentence):
        values_of(graph_of(nodes), value.astype("float32"), memory)
    assert memory.bytes < 130_000_000


def test_a_layer_that_refuses_real_values_says_where() -> None:
    nodes = {"x": entering([4], "int32"), "embedding": {"block": "Embedding", "params": {"input_dim": 5, "output_dim": 2}, "inputs": ["x"]}}
    with pytest.raises(PreviewError, match=r"^embedding: it can't take this sample. indices\[0,2\] = 5 is not in \[0, 5\)$"):
        values_of(graph_of(nodes), np.array([[1, 2, 5, 0]], np.int32), Memory())


def test_inner_nodes_of_composites_and_modules(workspace: Workspace, memory: Memory) -> None:
    dataset = store.load(workspace, "digits")
    graph = presets.get("ResNet20").graph(features=dataset.features)
    whole = look(workspace, graph, "stage1", memory)
    last = look(workspace, graph, "stage1/block3", memory)
    assert last["computed"] == 0
    assert (whole["picture"], whole["statistics"]) == (last["picture"], last["statistics"])
    assert (whole["composite"], whole["block"], last["composite"]) == (True, "ResidualStage", True)
    inner = look(workspace, graph, "stage1/block3/conv2", memory)
    assert (inner["block"], inner["composite"], inner["computed"]) == ("Conv2D", False, 0)


def test_editing_behind_a_node_computes_nothing_anew(workspace: Workspace, memory: Memory) -> None:
    graph = graph_of(NODES)
    look(workspace, graph, "label", memory)
    assert look(workspace, graph.with_node("conv2", params={"filters": 3}), "relu", memory)["computed"] == 0
    assert look(workspace, graph.with_node("conv1", params={"filters": 5}), "relu", memory)["computed"] == 3
    assert look(workspace, graph, "label", memory)["computed"] == 0
    assert look(workspace, graph, "label", memory, sample={"split": "test", "index": 4})["computed"] == 8
