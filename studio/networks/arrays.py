"""From a dataset's split to the arrays that a network takes: the front run once, the result kept."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.analysis import analyse
from blocks.features import TABLE_INPUT, Feature
from blocks.graph import Graph
from blocks.ports import Input, Output
from blocks.spec import Shape
from blocks.walk import read_block
from studio.networks import entering, truths, views
from studio.networks import front as fronts
from studio.networks.entering import Whole
from studio.workspace import Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset


AT_ONCE = 1 << 20
"""Places of targets with an answer for each place (masks) that are looked at in one go, so that the network's maps don't fill memory."""


@dataclass(frozen=True)
class Samples:
    """One split as a network takes it.

    A view of a dataset whose samples are put together anew in each epoch (pairs, cut-outs) overrides `order` and `gather`; one whose
    samples have sizes of their own, or are compared with each other, overrides `batches`, and one that trains on parts of them `whole` and `glance`.

    Args:
        inputs: By id of the network's Input.
        targets: Class indices (int32) or numbers (float32) by target name; shape (samples,) or (samples, ...).
        yardsticks: Figures of what is reached on these samples without any network, told beside its own.
    """

    inputs: dict[str, np.ndarray]
    targets: dict[str, np.ndarray]
    yardsticks: dict[str, float] = field(default_factory=dict, kw_only=True)

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def order(self, rng: np.random.Generator) -> np.ndarray:
        """What an epoch goes through: one entry per sample, by chance."""
        return rng.permutation(len(self))

    def gather(self, order: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Inputs and targets of entries of `order`; of `arange(len)`, all of them in their own order."""
        inputs, targets = ({name: array[order] for name, array in each.items()} for each in (self.inputs, self.targets))
        return inputs, targets

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """All entries, cut into batches that `gather` can put side by side: in their own order, or mixed where a loss compares them."""
        places = max([math.prod(array.shape[1:3]) for array in self.targets.values() if array.ndim > 2], default=1)
        size = min(size, max(1, AT_ONCE // max(1, places)))
        for start in range(0, len(self), size):
            yield np.arange(start, min(start + size, len(self)))

    def whole(self) -> Samples:
        """What final figures are measured on."""
        return self

    def glance(self) -> Samples:
        """What figures are measured on after each epoch: all, or where that takes long a part of it."""
        return self

    def first(self, count: int) -> Samples:
        """The first samples, put together once and for all."""
        return Samples(*self.gather(np.arange(min(count, len(self)))))


def raw_values(dataset: Dataset, feature: str, split: str) -> Any:
    """What arrives at an Input bound to this feature: arrays, strings, encoded files, or a table's columns."""
    return dataset.columns(split) if feature == TABLE_INPUT else dataset.values(feature, split)


def bound_inputs(graph: Graph) -> dict[str, str]:
    """Input ids of a bound graph with the features they take."""
    found = {}
    for name, document in graph.nodes.items():
        if document.block == Input.__name__:
            block = read_block(document)
            assert isinstance(block, Input)  # noqa: S101 - it was asked for by name
            found[name] = block.feature or ""
    return found


def bound_outputs(graph: Graph) -> dict[str, str]:
    """Output ids of a bound graph with the targets they predict."""
    found = {}
    for name, document in graph.nodes.items():
        if document.block == Output.__name__:
            block = read_block(document)
            assert isinstance(block, Output)  # noqa: S101 - it was asked for by name
            found[name] = block.target or ""
    return found


def feature_of(dataset: Dataset, name: str) -> Feature:
    """The feature that an Input takes; the columns of a table together are one of shape () and kind "number"."""
    return Feature(name=TABLE_INPUT, role="input", kind="number") if name == TABLE_INPUT else dataset.feature(name)


def _way_in(dataset: Dataset, name: str) -> entering.Entering:
    return entering.of("columns" if name == TABLE_INPUT else dataset.feature(name).kind)


def adapt_front(graph: Graph, dataset: Dataset, keep: Collection[str] = ()) -> Graph:
    """The bound graph with what its front learns from the training split written in.

    Args:
        keep: Nodes that stay as they are, since the weights behind them were trained on what they hold.

    Raises:
        StudioError: Pictures that are to be measured have several sizes.
    """
    features = bound_inputs(graph)

    def values_at(part: Graph, start: str) -> Any:
        name = features[start]
        return _way_in(dataset, name).measured(part, feature_of(dataset, name), raw_values(dataset, name, "train"))

    return fronts.adapted(graph, values_at, keep)


def samples(workspace: Workspace | None, dataset: Dataset, split: fronts.Split, part: str) -> Samples:
    """One split of a dataset behind the front, as its kind's view puts it together.

    Args:
        workspace: Where decoded pictures are kept for the next time; None keeps nothing.
        split: The bound, adapted graph in two.
        part: "train", "validation" or "test".
    """
    view = views.of(dataset.kind)
    return view.samples(workspace, dataset, split, part) if view else plain_samples(workspace, dataset, split, part)


def plain_samples(workspace: Workspace | None, dataset: Dataset, split: fronts.Split, part: str) -> Samples:
    """The samples of a split one after the other."""
    whole = Whole(workspace, dataset, part)
    inputs, seen = {}, {}
    for name, feature in bound_inputs(split.front).items():
        values = raw_values(dataset, feature, part)
        found = _way_in(dataset, feature).behind(branch(split, name), feature_of(dataset, feature), values, whole)
        inputs[split.cuts[name]], seen[feature] = found, found.shape[1:]
    whole = replace(whole, seen=seen)
    shapes = _shapes(split.network, dataset)
    targets = {
        feature.name: truths.of(feature.kind).read(feature, shapes.get(feature.name, feature.shape), whole)
        for feature in dataset.features
        if feature.role == "target"
    }
    return Samples({name: _compact(array) for name, array in inputs.items()}, targets)


def _shapes(network: Graph, dataset: Dataset) -> dict[str, Shape]:
    """What the network gives for one sample, by target: asked where targets have sizes of their own."""
    outputs = bound_outputs(network)
    if not any(dataset.feature(target).shape for target in outputs.values() if target):
        return {}
    with fronts.plain_numbers():
        analysis = analyse(network)
    return {target: analysis.nodes[node].output_shapes[0] for node, target in outputs.items()}


def _compact(array: np.ndarray) -> np.ndarray:
    return array.astype("int32") if array.dtype == np.int64 else array


def branch(split: fronts.Split, start: str) -> Graph:
    """The part of the front behind one Input."""
    return fronts.part_of(split.front, fronts.leading_to(split.front, split.cuts[start]))
