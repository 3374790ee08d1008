"""Our own networks give no reason for a warning: every ready preset with all that it predicts, and the default network of every built-in dataset."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

import presets
from blocks import Feature, Graph, analyse
from blocks.features import FeatureKind
from blocks.lint import Situation, lint
from presets import Preset
from presets.comparing import Comparing
from studio import defaults
from studio.datasets import builtin, store
from studio.lint import situation_of
from studio.recipe import Recipe
from studio.settings import losses
from studio.training.planning import graph_of
from studio.workspace import Workspace
from tests.presets.test_fitting import ARRAY, CLASSES, PRICE, SOUND, TABLE, TEXT, picture

TRAINED = Situation(batch_size=32, loss="sparse_categorical_crossentropy", begins_trained=False)
JUSTIFIED = {
    "heavy-dense": (
        ("AlexNet", "KochCNN", "LeNet5", "MLP", "Siamese", "SimpleCNN", "SpectrogramCNN", "VGG"),
        "Their dense layer behind Flatten does hold most of the weights.",
    ),
    "bias-before-normalization": (
        ("DSCNN", "DeepResNet", "InceptionV2", "SegNet"),
        "The published networks have these biases, and the printed number of weights counts them.",
    ),
}
"""Hints that ready presets get, the families that get them, and why they are right."""
WORDS = ("", "[START]", "[END]", "[UNKNOWN]", "a", "b")


def inputs_for(preset: Preset, kind: FeatureKind) -> list[list[Feature]]:
    """What it looks at to predict a target: all of its subjects together, or each by itself, or a picture for each branch."""
    shape = preset.canonical_shape
    if isinstance(preset, Comparing) and kind in preset.of_samples:
        return [[picture(*shape).model_copy(update={"name": branch}) for branch in preset.branches]]
    series = shape if len(shape) == 2 else (24, 2)
    known: dict[str, list[Feature]] = {
        "image": [picture(*(shape if len(shape) == 3 else (32, 32, 3)))], "columns": TABLE, "text": [TEXT], "array": [ARRAY], "sound": [SOUND],
        "series": [Feature(name="series", role="input", kind="series", shape=series, statistics={"columns": ["a"], "targets": 1, "horizon": 3})],
        "tokens": [Feature(name="before", role="input", kind="tokens", shape=(12,), dtype="int32", classes=WORDS, column="answer")],
    }  # fmt: skip
    chosen = [known[subject] for subject in preset.subjects]
    return [[feature for features in chosen for feature in features]] if preset.together else chosen


def target_for(preset: Preset, kind: FeatureKind) -> Feature:
    """A target of a kind that it predicts."""
    if kind == "number" and preset.target_axes > 1:
        return PRICE.model_copy(update={"shape": (3,)})
    height, width, *channels = preset.canonical_shape if len(preset.canonical_shape) == 3 else (32, 32, 3)
    scale: int = (getattr(preset, "scale", None) if kind == "image" else None) or 1
    known: dict[FeatureKind, Feature] = {
        "category": CLASSES,
        "number": PRICE,
        "labels": Feature(name="parts", role="target", kind="labels", classes=("a", "b", "c")),
        "mask": Feature(name="mask", role="target", kind="mask", shape=(height, width), dtype="uint8", classes=("ground", "cell")),
        "image": Feature(
            name="sharp", role="target", kind="image", shape=(height * scale, width * scale, *channels), dtype="uint8", statistics={"scale": scale}
        ),
        "tokens": Feature(name="answer", role="target", kind="tokens", shape=(12,), dtype="int32", classes=WORDS),
        "transcript": Feature(
            name="plate", role="target", kind="transcript", shape=(6,), dtype="int32", classes=("", "a", "b"), statistics={"needed_steps": 7}
        ),
        "identity": Feature(name="who", role="target", kind="identity", dtype="int32", classes=("a", "b", "c")),
    }
    return known[kind]


def fits(preset: Preset, kind: FeatureKind) -> bool:
    return all(preset.fits([*inputs, target_for(preset, kind)]) for inputs in inputs_for(preset, kind))


PREDICTING = [(name, kind) for name, preset in sorted(presets.all().items()) for kind in preset.predicts if fits(preset, kind)]


def test_only_linear_models_leave_out_a_kind() -> None:
    left = {(name, kind) for name, preset in presets.all().items() for kind in preset.predicts} - set(PREDICTING)
    assert left == {
        ("SoftmaxRegression", "number"), ("LogisticRegression", "number"), ("LogisticRegression", "category"), ("LinearRegression", "category"),
        ("LinearRegression", "labels"), ("LinearSVM", "number"), ("LinearSVM", "labels"),
    }  # fmt: skip


def judged(name: str, kind: FeatureKind) -> dict[str, str]:
    """The hints that a preset gets with everything that it looks at, by their rules; nothing worse is found."""
    preset, found = presets.get(name), {}
    target = target_for(preset, kind)
    situation = Situation(batch_size=32, loss=losses.default_for(target).name)
    for inputs in inputs_for(preset, kind):
        features = [*inputs, target]
        messages = analyse(preset.graph(features=features), features, situation).messages
        assert [message.sentence() for message in messages if message.severity != "hint"] == []
        found |= {message.rule: message.sentence() for message in messages}
    return found


@pytest.mark.parametrize(("name", "kind"), PREDICTING)
def test_ready_presets(name: str, kind: FeatureKind) -> None:
    family = type(presets.get(name)).__name__
    allowed = {rule for rule, (families, _) in JUSTIFIED.items() if family in families}
    assert [sentence for rule, sentence in judged(name, kind).items() if rule not in allowed] == []


@pytest.mark.parametrize("name", sorted(presets.all()))
def test_ready_presets_without_data(name: str) -> None:
    preset = presets.get(name)
    graph = preset.graph()
    found = analyse(graph)
    assert found.messages == []
    kind = next(kind for each, kind in PREDICTING if each == name)
    told = lint(graph, found, (), Situation(batch_size=32, loss=losses.DEFAULTS[kind]))
    assert [message.sentence() for message in told if message.severity != "hint"] == []
    assert {message.rule for message in told} <= {rule for rule, (families, _) in JUSTIFIED.items() if type(preset).__name__ in families}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.mark.parametrize("name", sorted(builtin.all_sets()))
def test_default_networks(workspace: Workspace, name: str) -> None:
    dataset = store.load(workspace, name)
    samples = dataset.manifest.splits["train"]
    graph = graph_of(defaults.network(dataset.features, samples), dataset.features)
    situation = situation_of(Recipe(), dataset.features, samples)
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
