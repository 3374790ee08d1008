"""Our own networks give no reason for a warning: every ready preset, and the default network of every built-in dataset."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

import presets
from blocks import Graph, analyse
from blocks.lint import Situation, lint
from studio import defaults
from studio.datasets import builtin, store
from studio.lint import situation_of
from studio.recipe import Training
from studio.training.planning import graph_of
from studio.workspace import Workspace

TRAINED = Situation(batch_size=32, loss="sparse_categorical_crossentropy")
JUSTIFIED = {"heavy-dense": "Their papers put a wide dense layer behind Flatten, which does hold most of the weights."}
"""Hints that ready presets get, and why they are right."""


@pytest.mark.parametrize("name", sorted(presets.all()))
def test_ready_presets(name: str) -> None:
    graph = presets.get(name).graph()
    found = analyse(graph)
    assert found.messages == []
    told = lint(graph, found, (), TRAINED)
    assert [message.sentence() for message in told if message.severity != "hint"] == []
    assert {message.rule for message in told} <= JUSTIFIED.keys()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.mark.parametrize("name", sorted(builtin.all_sets()))
def test_default_networks(workspace: Workspace, name: str) -> None:
    dataset = store.load(workspace, name)
    samples = dataset.manifest.splits["train"]
    graph = graph_of(defaults.network(dataset.features, samples), dataset.features)
    situation = situation_of(Training(), dataset.features, samples)
    assert situation is not None
    assert situation.batch_size
    assert analyse(graph, dataset.features, situation).messages == []


def chain(length: int) -> Graph:
    """A chain of convolutions and normalisations."""
    documents = {"n0": {"block": "Input", "params": {"shape": [32, 32, 8]}}}
    for number in range(1, length):
        conv = {"block": "Conv2D", "params": {"filters": 8, "padding": "same", "use_bias": False}}
        documents[f"n{number}"] = {**(conv if number % 2 else {"block": "BatchNormalization"}), "inputs": [f"n{number - 1}"]}
    return Graph.model_validate({"nodes": documents})


def test_a_hundred_and_fifty_nodes_take_some_milliseconds() -> None:
    graph = chain(150)
    found = analyse(graph)
    spent = []
    for _ in range(10):
        begin = time.process_time()
        lint(graph, found, (), TRAINED)
        spent.append(time.process_time() - begin)
    assert min(spent) < 0.03, "about 5 ms on an idle machine"


def test_keras_is_not_needed(tmp_path: Path) -> None:
    """A network with composites that ask for shapes is judged in a process without Keras, out of its analysis."""
    graph = presets.get("ResNet20").graph()
    found = analyse(graph)
    graph.save(tmp_path / "graph.json")
    nodes = {path: (node.block, node.input_shapes, node.output_shapes, node.dtypes, node.weights) for path, node in found.nodes.items()}
    (tmp_path / "nodes.txt").write_text(repr(nodes), "utf-8")
    script = (
        "import ast, sys\nfrom pathlib import Path\nfrom blocks.figures import Analysis, NodeAnalysis\nfrom blocks.graph import Graph\n"
        "from blocks.lint import Situation, lint\n"
        "nodes = {path: NodeAnalysis(*figures) for path, figures in ast.literal_eval(Path('nodes.txt').read_text('utf-8')).items()}\n"
        "found = lint(Graph.load('graph.json'), Analysis(nodes), (), Situation(batch_size=4))\n"
        "assert [message.rule for message in found] == ['small-batch'], found\n"
        "assert len(found[0].edits) > 10\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["ring", "ends", "augmentation", "unknown"])
def test_large_broken_graphs_are_judged_in_seconds(kind: str) -> None:
    """Neither rules nor ways out look at everything again for each of many findings."""
    count = 4000
    nodes: dict[str, dict[str, object]] = {"x": {"block": "Input", "params": {"shape": [8, 8, 3]}}, "out": {"block": "Output", "inputs": ["x"]}}
    for number in range(count):
        before = f"n{number - 1}" if number else "out" if kind == "augmentation" else "x"
        block = {"ring": "ReLU", "ends": "ReLU", "augmentation": "RandomFlip", "unknown": "Dens"}[kind]
        nodes[f"n{number}"] = {"block": block, "inputs": [f"n{(number + 1) % count}" if kind == "ring" else before]}
        if kind == "ends":
            nodes[f"end{number}"] = {"block": "ReLU", "inputs": [f"n{number}"]}
    begin = time.process_time()
    found = analyse(Graph.model_validate({"nodes": nodes}), (), TRAINED)
    assert len(found.messages) >= count
    assert time.process_time() - begin < 20, "2 s on an idle machine"
