"""MixUp and CutMix: pictures and targets are mixed by the same shares, and loss, weights and metrics are those of the mixture."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.build import build
from blocks.features import Feature
from blocks.graph import Graph
from studio.networks.arrays import Samples
from studio.networks.augmentation import Augmentation
from studio.networks.loaded import TargetScale
from studio.settings import losses, metrics
from studio.training.steps import Compiled, Head

CLASSES = Feature(name="label", role="target", kind="category", dtype="int32", classes=("a", "b", "c"))
PAIR = CLASSES.model_copy(update={"classes": ("a", "b")})
COUNT, SIZE = 12, 8


def network(*mixing: str, units: int = 3, activation: str = "softmax") -> Graph:
    nodes: dict[str, Any] = {"image": {"block": "Input", "params": {"shape": [SIZE, SIZE, 1]}}}
    last = "image"
    for number, name in enumerate(mixing):
        nodes[f"mix{number}"] = {"block": name, "params": {"alpha": 1.0} if name == "MixUp" else {}, "inputs": [last]}
        last = f"mix{number}"
    nodes["flat"] = {"block": "Flatten", "inputs": [last]}
    nodes["label"] = {"block": "Output", "params": {"units": units, "activation": activation}, "inputs": ["flat"]}
    return Graph.model_validate({"nodes": nodes})


def pictures(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(size=(COUNT, SIZE, SIZE, 1)).astype("float32")


def model_of(graph: Graph, head: Head, seed: int = 3) -> Compiled:
    keras.utils.set_random_seed(0)
    made = build(graph)
    optimizer = keras.optimizers.SGD(0.5)
    optimizer.build(made.trainable_variables)
    return Compiled(made, optimizer, [head], augmentation=Augmentation(graph, seed, {"image": (0.0, 1.0)}))


def mixture_of(graph: Graph, step: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """The pictures of a step, and of which share of which sample each consists (row: new sample, column: old one)."""
    found, mixture = Augmentation(graph, seed, {"image": (0.0, 1.0)})({"image": tf.constant(pictures())}, step)
    shares = np.zeros((COUNT, COUNT), "float32")
    for order, part in mixture:
        np.add.at(shares, (np.arange(COUNT), order.numpy()), part.numpy())
    return found["image"].numpy(), shares


@pytest.mark.parametrize("mixing", [("MixUp",), ("CutMix",), ("MixUp", "CutMix"), ("MixUp", "MixUp")])
def test_shares_add_up_and_say_what_the_pictures_are_made_of(mixing: tuple[str, ...]) -> None:
    found, shares = mixture_of(network(*mixing), 2)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    assert (shares > 0.05).sum() > COUNT
    if "CutMix" not in mixing:
        np.testing.assert_allclose(found.reshape(COUNT, -1), shares @ pictures().reshape(COUNT, -1), atol=1e-5)


def test_a_pasted_box_counts_by_its_pixels() -> None:
    found, shares = mixture_of(network("CutMix"), 1)
    flat, old = found.reshape(COUNT, -1), pictures().reshape(COUNT, -1)
    for sample in range(COUNT):
        counted = (flat[sample] == old).mean(axis=1)
        np.testing.assert_allclose(counted, shares[sample], atol=1e-6)


@pytest.mark.parametrize("mixing", [("MixUp",), ("CutMix",), ("MixUp", "CutMix")])
@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy_is_that_of_class_probabilities(mixing: tuple[str, ...], weighted: bool) -> None:
    graph = network(*mixing)
    targets = np.arange(COUNT) % 3
    loss = losses.read("sparse_categorical_crossentropy").make(CLASSES, units=3)
    head = Head("label", "label", loss, 1.0, {"accuracy": metrics.read("accuracy").make(CLASSES)})
    model = model_of(graph, head)
    seen, shares = mixture_of(graph, 0)
    outputs = model.network(seen).numpy()
    weights = np.linspace(0.5, 2, COUNT).astype("float32") if weighted else None
    probabilities = (shares * (weights if weighted else 1)) @ np.eye(3)[targets]
    expected = -(probabilities * np.log(outputs)).sum(axis=1).mean()
    samples = Samples({"image": pictures()}, {"label": targets.astype("int32")})
    found = model.execute(samples, np.arange(COUNT), COUNT, np.zeros(1, "float32"), weights)
    assert found[0] == pytest.approx(expected, rel=1e-5)
    hits = (shares @ np.eye(3)[targets])[np.arange(COUNT), outputs.argmax(axis=1)].mean()
    assert model.figures()["accuracy"] == pytest.approx(hits, rel=1e-5)
    assert model.figures()["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", sorted(losses.fitting(CLASSES)))
def test_every_loss_for_classes_takes_mixed_samples(name: str) -> None:
    """The loss of a mixture is the mixture of the losses, as in the paper's own code."""
    graph = network("MixUp")
    targets = (np.arange(COUNT) % 3).astype("int32")
    loss = losses.read(name).make(CLASSES, units=3)
    model = model_of(graph, Head("label", "label", loss, 1.0, {}))
    seen, shares = mixture_of(graph, 0)
    outputs = model.network(seen)
    expected = 0.0
    for column, target in enumerate(targets):
        expected += float(loss(np.full(COUNT, target), outputs, sample_weight=shares[:, column]))
    found = model.execute(Samples({"image": pictures()}, {"label": targets}), np.arange(COUNT), COUNT, np.zeros(1, "float32"), None)
    assert found[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", sorted(name for name, metric in metrics.all().items() if metric.fits(PAIR)))
def test_every_metric_for_classes_takes_mixed_samples(name: str) -> None:
    graph = network("MixUp", units=2)
    targets = (np.arange(COUNT) % 2).astype("int32")
    loss = losses.read("sparse_categorical_crossentropy").make(PAIR, units=2)
    model = model_of(graph, Head("label", "label", loss, 1.0, {name: metrics.read(name).make(PAIR)}))
    model.execute(Samples({"image": pictures()}, {"label": targets}), np.arange(COUNT), COUNT, np.zeros(1, "float32"), None)
    seen, shares = mixture_of(graph, 0)
    outputs = model.network(seen)
    alone = metrics.read(name).make(PAIR)
    for column, target in enumerate(targets):
        alone.update_state(np.full(COUNT, target), outputs, sample_weight=shares[:, column])
    assert model.figures()[name] == pytest.approx(float(alone.result()), abs=1e-3)


def test_a_single_sigmoid_unit_and_numbers_are_mixed_too() -> None:
    graph = network("MixUp", units=1, activation="sigmoid")
    targets = (np.arange(COUNT) % 2).astype("int32")
    loss = losses.read("sparse_categorical_crossentropy").make(PAIR, units=1)
    model = model_of(graph, Head("label", "label", loss, 1.0, {}))
    seen, shares = mixture_of(graph, 0)
    found = model.execute(Samples({"image": pictures()}, {"label": targets}), np.arange(COUNT), COUNT, np.zeros(1, "float32"), None)
    outputs, mixed = model.network(seen).numpy()[:, 0], shares @ targets
    assert found[0] == pytest.approx(-(mixed * np.log(outputs) + (1 - mixed) * np.log(1 - outputs)).mean(), rel=1e-4)

    number = Feature(name="label", role="target", kind="number")
    graph = network("MixUp", units=1, activation="linear")
    head = Head(
        "label", "label", losses.read("mean_squared_error").make(number), 1.0, {"mae": metrics.read("mae").make(number)}, TargetScale(2.0, 5.0)
    )
    model = model_of(graph, head)
    values = np.linspace(0, 10, COUNT).astype("float32")
    found = model.execute(Samples({"image": pictures()}, {"label": values}), np.arange(COUNT), COUNT, np.zeros(1, "float32"), None)
    outputs = model.network(seen).numpy()[:, 0]
    scaled = (values - 5) / 2
    assert found[0] == pytest.approx((shares * (scaled[None, :] - outputs[:, None]) ** 2).sum(axis=1).mean(), rel=1e-4)
    assert model.figures()["mae"] == pytest.approx((shares * np.abs(values[None, :] - (outputs * 2 + 5)[:, None])).sum(axis=1).mean(), rel=1e-4)


@pytest.mark.parametrize("xla", [False, True])
def test_training_with_mixing_gives_the_same_bits_in_one_go_and_in_several(xla: bool) -> None:
    graph = network("MixUp", "CutMix")
    targets = (np.arange(COUNT) % 3).astype("int32")
    samples = Samples({"image": pictures()}, {"label": targets})

    def trained(*executions: int) -> list[np.ndarray]:
        loss = losses.read("sparse_categorical_crossentropy").make(CLASSES, units=3)
        model = model_of(graph, Head("label", "label", loss, 1.0, {"accuracy": metrics.read("accuracy").make(CLASSES)}))
        model = Compiled(model.network, model.optimizer, model.heads, xla, model.augmentation)
        done = 0
        for steps in executions:
            order = np.concatenate([np.arange(4) + 4 * (step % 3) for step in range(done, done + steps)])
            model.execute(samples, order, 4, np.full(steps, 0.1, "float32"), None, done)
            done += steps
        return [variable.numpy() for variable in model.network.variables]

    for one, other in zip(trained(6), trained(1, 2, 3), strict=True):
        np.testing.assert_array_equal(one, other)


def test_evaluation_sees_plain_samples() -> None:
    graph = network("MixUp")
    loss = losses.read("sparse_categorical_crossentropy").make(CLASSES, units=3)
    model = model_of(graph, Head("label", "label", loss, 1.0, {"accuracy": metrics.read("accuracy").make(CLASSES)}))
    targets = (np.arange(COUNT) % 3).astype("int32")
    found = model.evaluate(Samples({"image": pictures()}, {"label": targets}), 5)
    outputs = model.network(pictures()).numpy()
    assert found["accuracy"] == pytest.approx((outputs.argmax(axis=1) == targets).mean())
    assert found["loss"] == pytest.approx(-np.log(outputs[np.arange(COUNT), targets]).mean(), rel=1e-5)
