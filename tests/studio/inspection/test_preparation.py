"""What the preparation learns for fresh weights: as in training, on a part of the data, once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.datasets import store
from studio.inspection import preparation
from studio.inspection.memory import Memory
from studio.inspection.preparation import prepared
from studio.networks.arrays import adapt_front
from studio.networks.front import bound
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.inspection.looking import graph_of, look

TEXT = {
    "text": {"block": "Input"},
    "words": {"block": "TextVectorization", "params": {"max_tokens": 300, "output_sequence_length": 12}, "inputs": ["text"]},
    "embedding": {"block": "Embedding", "params": {"input_dim": 300, "output_dim": 8}, "inputs": ["words"]},
    "pool": {"block": "GlobalAveragePooling1D", "inputs": ["embedding"]},
    "label": {"block": "Output", "inputs": ["pool"]},
}


def test_small_data_are_measured_as_in_training(workspace: Workspace, memory: Memory, pictures_run: Run) -> None:
    for name, graph in (("languages", graph_of(TEXT)), ("pictures", pictures_run.recipe.graph)):
        dataset = store.load(workspace, name)
        assert prepared(graph, dataset, None, memory) == adapt_front(bound(graph, dataset.features), dataset)


def test_later_edits_measure_nothing_anew(workspace: Workspace, memory: Memory) -> None:
    dataset = store.load(workspace, "languages")
    graph = graph_of(TEXT)
    first = prepared(graph, dataset, None, memory)
    kept = len(memory)
    later = prepared(graph.with_node("embedding", params={"input_dim": 300, "output_dim": 9}), dataset, None, memory)
    assert len(memory) == kept
    assert later.nodes["words"] is first.nodes["words"]
    assert later.nodes["embedding"].params["output_dim"] == 9
    prepared(graph.with_node("words", params={"max_tokens": 40}), dataset, None, memory)
    assert len(memory) == kept + 1


def test_large_data_are_measured_in_part(tmp_path: Path, memory: Memory) -> None:
    place = Workspace(tmp_path / "workspace")
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "many.npz", x=rng.normal(7, 2, (40_000, 3)).astype("float32"), y=rng.integers(0, 2, 40_000))
    store.add(place, tmp_path / "many.npz")
    dataset = store.load(place, "many")
    assert len(dataset.rows("train")) > preparation.MOST_ROWS
    nodes = {"x": {"block": "Input"}, "norm": {"block": "Normalization", "inputs": ["x"]}, "out": {"block": "Output", "inputs": ["norm"]}}
    found = prepared(graph_of(nodes), dataset, None, memory).nodes["norm"].params
    rows = dataset.rows("train")
    part = rows[np.linspace(0, len(rows) - 1, preparation.MOST_ROWS).astype(int)]
    assert found["mean"] == pytest.approx(np.asarray(dataset.arrays())[part].mean(axis=0), rel=1e-4)
    assert found["mean"] != pytest.approx(dataset.arrays("train").mean(axis=0), rel=1e-5)


def test_tokens_have_their_words(workspace: Workspace, memory: Memory) -> None:
    found = look(workspace, graph_of(TEXT), "words", memory, dataset="languages", sample={"text": "the right to zzzzz"})
    assert (found["kind"], found["shape"]) == ("tokens", [12])
    tokens = [each["token"] for each in found["values"]]
    assert tokens[0] == "the"
    assert tokens[3:] == ["[UNK]"] + [""] * 8
    assert found["values"][3]["id"] == 1
    raw = look(workspace, graph_of(TEXT), "text", memory, dataset="languages", sample={"text": "the right to zzzzz"})
    assert raw["values"] == [{"id": None, "token": "the right to zzzzz"}]
    assert raw["statistics"] is None


def test_pictures_of_several_sizes_that_are_to_be_measured_are_told(workspace: Workspace, memory: Memory, pictures_run: Run) -> None:
    from studio.workspace import StudioError

    nodes = {"image": {"block": "Input"}, "norm": {"block": "Normalization", "inputs": ["image"]}}
    with pytest.raises(StudioError, match=r"needs them in one size\. Insert Resizing"):
        look(workspace, graph_of(nodes), "norm", memory, dataset="pictures")
    assert look(workspace, graph_of(nodes), "image", memory, dataset="pictures")["kind"] == "picture"
