"""A run's network, ready to be asked: with its head, its features, and in 32-bit numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.features import Feature
from blocks.ports import Output
from blocks.spec import Shape
from blocks.walk import read_block
from studio.evaluation import answers
from studio.evaluation.answers import Answering
from studio.evaluation.errors import EvaluationError
from studio.networks import writing
from studio.networks.arrays import bound_inputs, bound_outputs
from studio.networks.front import plain_numbers
from studio.networks.loaded import Loaded, State, TargetScale, open_run
from studio.networks.writing import Pen, Writer
from studio.runs.run import Run
from studio.workspace import Workspace, read_json

if TYPE_CHECKING:
    from studio.networks.arrays import Samples

BATCH = 256


@dataclass(frozen=True)
class Head:
    """An output of the network with its target.

    Args:
        output: Id of the Output node.
        scale: How the target's numbers were standardised for training; None for classes.
        seen: The shape in which the (first) picture reaches the network; () without one.
        given: The shape of what the network gives for one sample.
        beams: Beginnings of a text that are followed side by side where answers are texts.
    """

    output: str
    block: Output
    target: Feature
    scale: TargetScale | None
    seen: Shape = ()
    given: Shape = ()
    beams: int = 1

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The class names; None for a number."""
        return self.target.classes

    @cached_property
    def answering(self) -> Answering:
        """How its answers are read, measured and told."""
        return answers.of(self)


@dataclass(frozen=True)
class Opened:
    """A trained network with what it was trained for.

    Args:
        heads: Its outputs without those for training only; the first one is what predictions tell.
        beams: Beginnings of a text that are followed side by side while it is written.
    """

    run: Run
    state: State
    loaded: Loaded
    features: list[Feature]
    heads: list[Head]
    beams: int = 1

    @property
    def head(self) -> Head:
        return self.heads[0]

    @property
    def workspace(self) -> Workspace:
        return workspace_of(self.run)

    def outputs(self, samples: Samples) -> dict[str, Any]:
        """Everything that the network gives for samples behind the front, by output id; a list of arrays where their sizes vary.

        Of texts it is what the network writes itself.
        """
        found: dict[str, list[np.ndarray]] = {head.output: [] for head in self.heads}
        entries: list[np.ndarray] = []
        for part in self.answered(samples):
            entries.append(part.entries)
            for name, values in {**part.outputs, **part.said}.items():
                found.setdefault(name, []).append(values)
        return {name: in_own_order(together(values), entries) for name, values in found.items() if values}

    def answered(self, samples: Samples) -> Iterator[Answered]:
        """What the network gives for samples behind the front, batch by batch."""
        import tensorflow as tf

        network = self.loaded.network
        fed_by_name = isinstance(network.input, dict)

        def said(batch: dict[str, Any]) -> Any:
            found = network(batch if fed_by_name else next(iter(batch.values())), training=False)
            return found if isinstance(found, dict) else {self.head.output: found}

        call = tf.function(said, reduce_retracing=True)
        targets_of = {head.output: head.target for head in self.heads}
        writers = [Writer(network, pen, targets_of[pen.output], self.beams) for pen in self.pens if pen.output in targets_of]
        for entries in samples.batches(BATCH) if len(samples) else [np.arange(0)]:
            inputs, targets = samples.gather(entries)
            found = call({name: tf.convert_to_tensor(values) for name, values in inputs.items() if not fed_by_name or name in network.input})
            outputs = {name: np.asarray(values, dtype=np.float32) for name, values in found.items()}
            texts = {writer.pen.output: writer(inputs) for writer in writers}
            wrote, sure = ({name: pair[place] for name, pair in texts.items()} for place in (0, 1))
            yield Answered(entries, inputs, targets, outputs, wrote, sure)

    @cached_property
    def pens(self) -> list[Pen]:
        """What the network writes."""
        loaded = self.loaded
        return writing.pens(self.features, bound_inputs(loaded.whole), loaded.split.cuts, bound_outputs(loaded.whole))


@dataclass(frozen=True)
class Answered:
    """A batch of samples with what the network gives.

    Args:
        entries: Which samples they are.
        inputs: By node.
        targets: By name.
        outputs: By output id.
        said: The texts that the network has written itself, by output id; `outputs` are what it gives behind the true beginnings.
        sure: How probable these are.
    """

    entries: np.ndarray
    inputs: dict[str, np.ndarray]
    targets: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]
    said: dict[str, np.ndarray] = field(default_factory=dict)
    sure: dict[str, np.ndarray] = field(default_factory=dict)

    def where(self, chosen: np.ndarray) -> Answered:
        """Some of the samples."""
        given = (self.inputs, self.targets, self.outputs, self.said, self.sure)
        return Answered(self.entries[chosen], *({name: values[chosen] for name, values in each.items()} for each in given))


def together(parts: list[np.ndarray]) -> Any:
    """Batches as one array, or as a list of samples where their sizes vary."""
    if len({part.shape[1:] for part in parts}) > 1:
        return [sample for part in parts for sample in part]
    return np.concatenate(parts)


def in_own_order(values: Any, entries: list[np.ndarray]) -> Any:
    """Samples that came in batches, as they stand in the dataset.

    Args:
        values: An array or a list, one entry per sample in the order of the batches.
        entries: Which samples the batches held.
    """
    order = np.argsort(np.concatenate(entries), kind="stable")
    return values[order] if isinstance(values, np.ndarray) else [values[place] for place in order]


def open_network(run: Run, state: State = "best", beams: int = 1) -> Opened:
    """Reads a run's network; computing is in 32-bit numbers whatever it was trained in.

    Args:
        beams: Beginnings of a text that are followed side by side while it is written; 1 takes the likeliest token each time.

    Raises:
        StudioError: Nothing has been saved yet, or nothing tells what the network predicts.
    """
    features = features_of(run)
    with plain_numbers():
        loaded = open_run(run, state)
        heads = _heads(loaded, features, beams)
        if not heads:
            raise EvaluationError(f"The network of {run.id!r} has no Output, so there is nothing to predict.")
        _ = loaded.network
    return Opened(run, state, loaded, features, heads, beams)


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


def _heads(loaded: Loaded, features: list[Feature], beams: int) -> list[Head]:
    entering, leaving = loaded.network.input, loaded.network.output
    shapes = [tuple(tensor.shape[1:]) for tensor in (entering.values() if isinstance(entering, dict) else [entering])]
    seen = next((shape for shape in shapes if len(shape) == 3), ())
    targets = {feature.name: feature for feature in features if feature.role == "target"}
    found = []
    for name, document in loaded.whole.nodes.items():
        if document.block == Output.__name__:
            block = read_block(document)
            assert isinstance(block, Output)  # noqa: S101 - it was asked for by name
            if block.target in targets:
                given = tuple((leaving[name] if isinstance(leaving, dict) else leaving).shape[1:])
                found.append(Head(name, block, targets[block.target], loaded.scales.get(name), seen, given, beams))
    return found
