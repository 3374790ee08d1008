"""A run's network, ready to be asked: with its head, its features, and in 32-bit numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.features import Feature
from blocks.graph import Graph
from blocks.ports import Output
from blocks.walk import read_block
from studio.networks.front import plain_numbers
from studio.networks.loaded import Loaded, State, TargetScale, open_run
from studio.runs.run import Run
from studio.workspace import StudioError, Workspace, read_json

if TYPE_CHECKING:
    from studio.networks.arrays import Samples

BATCH = 256


class EvaluationError(StudioError, ValueError):
    """Something that can't be evaluated, predicted or exported, in one sentence."""


@dataclass(frozen=True)
class Head:
    """An output of the network with its target.

    Args:
        output: Id of the Output node.
        scale: How the target's numbers were standardised for training; None for classes.
    """

    output: str
    block: Output
    target: Feature
    scale: TargetScale | None

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The class names; None for a number."""
        return self.target.classes

    def read(self, outputs: np.ndarray) -> np.ndarray:
        """What the network gives as probabilities (samples, classes), or values (samples,) in the target's unit."""
        if self.scale is not None:
            values = outputs.astype(np.float32) * np.float32(self.scale.scale) + np.float32(self.scale.offset)
            return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
        if self.classes and outputs.shape[-1] == 1:
            return np.concatenate([1 - outputs, outputs], axis=-1)
        return outputs


@dataclass(frozen=True)
class Opened:
    """A trained network with what it was trained for.

    Args:
        heads: Its outputs without those for training only; the first one is what predictions tell.
    """

    run: Run
    state: State
    loaded: Loaded
    features: list[Feature]
    heads: list[Head]

    @property
    def head(self) -> Head:
        return self.heads[0]

    @property
    def workspace(self) -> Workspace:
        return workspace_of(self.run)

    def outputs(self, samples: Samples) -> dict[str, np.ndarray]:
        """Everything that the network gives for samples behind the front, by output id."""
        import tensorflow as tf

        network = self.loaded.network
        fed_by_name = isinstance(network.input, dict)
        names = list(network.input) if fed_by_name else [next(iter(samples.inputs))]

        def answers(batch: dict[str, Any]) -> Any:
            found = network(batch if fed_by_name else batch[names[0]], training=False)
            return found if isinstance(found, dict) else {self.head.output: found}

        call = tf.function(answers, reduce_retracing=True)

        parts: dict[str, list[np.ndarray]] = {}
        for start in range(0, max(len(samples), 1), BATCH):
            batch = {name: tf.convert_to_tensor(samples.inputs[name][start : start + BATCH]) for name in names}
            for name, values in call(batch).items():
                parts.setdefault(name, []).append(np.asarray(values, dtype=np.float32))
        return {name: np.concatenate(values) for name, values in parts.items()}


def open_network(run: Run, state: State = "best") -> Opened:
    """Reads a run's network; computing is in 32-bit numbers whatever it was trained in.

    Raises:
        StudioError: Nothing has been saved yet, or nothing tells what the network predicts.
    """
    features = features_of(run)
    with plain_numbers():
        loaded = open_run(run, state)
        heads = _heads(loaded.whole, features, loaded.scales)
        if not heads:
            raise EvaluationError(f"The network of {run.id!r} has no Output, so there is nothing to predict.")
        _ = loaded.network
    return Opened(run, state, loaded, features, heads)


def features_of(run: Run) -> list[Feature]:
    """The features of the data that a run was trained on, as it keeps them, or as its dataset tells.

    Raises:
        StudioError: There is neither.
    """
    from studio.datasets import store

    try:
        return [Feature.model_validate(values) for values in read_json(run.features_path)]
    except FileNotFoundError:
        return store.load(workspace_of(run), run.recipe.dataset).features


def workspace_of(run: Run) -> Workspace:
    """The workspace in which a run folder lies."""
    return Workspace(run.folder.resolve().parent.parent)


def _heads(whole: Graph, features: list[Feature], scales: dict[str, TargetScale]) -> list[Head]:
    targets = {feature.name: feature for feature in features if feature.role == "target"}
    found = []
    for name, document in whole.nodes.items():
        if document.block == Output.__name__:
            block = read_block(document)
            assert isinstance(block, Output)  # noqa: S101 - it was asked for by name
            if not block.training_only and block.target in targets:
                found.append(Head(name, block, targets[block.target], scales.get(name)))
    return found
