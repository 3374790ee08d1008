"""A training before its first step: data behind the front, a network with fresh weights, its functions compiled.

A spare trainer makes one ahead for the recipe that would be trained next, so that Train answers at once. It is made by the same
calls as in a run that starts cold, and every variable then has the same value, so the results do not tell the two apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from blocks.graph import Graph
from studio.datasets import store
from studio.datasets.folds import with_fold
from studio.networks.arrays import Samples, samples
from studio.networks.front import Split, split
from studio.recipe import Recipe
from studio.training import prepare
from studio.training.device import Device, set_up
from studio.training.steps import Compiled
from studio.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np

    from studio.datasets.dataset import Dataset


@dataclass(frozen=True)
class Ready:
    """All that the loop needs.

    Args:
        ordered: The recipe as it was given.
        recipe: The recipe with what was chosen by trying.
        whole: The bound and adapted graph; `parts` are its front and its network.
        scales: How number targets were standardised, by output, as JSON values.
        sample_weights: One per training sample, or None.
        notes: What the log should tell.
    """

    workspace: Workspace
    ordered: Recipe
    recipe: Recipe
    device: Device
    dataset: Dataset
    whole: Graph
    parts: Split
    train: Samples
    model: Compiled
    scales: dict[str, dict[str, float]]
    sample_weights: np.ndarray | None
    notes: list[str]

    @cached_property
    def validation(self) -> Samples:
        """The validation split, which is looked at behind the first epoch; so many rows take a while, and the first step need not wait."""
        return samples(self.workspace, self.dataset, self.parts, "validation")

    def test(self) -> Samples:
        """The test split, which is looked at once, in the end."""
        return samples(self.workspace, self.dataset, self.parts, "test")

    def serves(self, workspace: Workspace, recipe: Recipe) -> bool:
        """Whether it was made for this recipe, and the dataset still is what it was."""
        return (
            self.workspace.folder == workspace.folder
            and self.ordered.document() == recipe.document()
            and store.load(workspace, recipe.dataset).manifest == self.dataset.manifest
        )


def make(workspace: Workspace, recipe: Recipe, device: str, adapted: Graph | None = None, between: Callable[[], None] = lambda: None) -> Ready:
    """Prepares a training up to its first step; the caller has entered no `tf.device`.

    Args:
        recipe: A resolved recipe.
        device: The name of the device that was acquired.
        adapted: The adapted graph of a run that goes on; otherwise the front is adapted to the training split.
        between: Called between the stages; it may raise to give up.
    """
    import tensorflow as tf

    place = set_up(device, recipe.training)
    with tf.device(place.place):
        whole_dataset = store.load(workspace, recipe.dataset)
        dataset = with_fold(whole_dataset, *recipe.folds) if recipe.folds else whole_dataset
        assert isinstance(recipe.graph, Graph)  # noqa: S101 - a resolved recipe
        whole = adapted or prepare.adapted_graph(recipe.graph, dataset, recipe.transfer)
        parts = split(whole)
        between()
        train = samples(workspace, dataset, parts, "train")
        between()
        heads = prepare.heads(whole, dataset, recipe.training)
        model, notes = prepare.compiled(parts.network, recipe, heads, workspace, place.xla, train)
        weights = prepare.class_weights(recipe.training, heads, train)
        between()
        settled = _settled(recipe, model, train, weights, place)
    scales = prepare.scales_of(heads)
    return Ready(workspace, recipe, settled, place, dataset, whole, parts, train, model, scales, weights, notes)


def _settled(recipe: Recipe, model: Compiled, train: Samples, weights: Any, device: Device) -> Recipe:
    """The recipe with what is chosen by trying, once, before step 1."""
    training = recipe.training
    if training.steps_per_execution is not None:
        return recipe
    chosen = prepare.steps_per_execution(model, train, int(training.batch_size or 1), weights)
    settled = training.model_copy(update={"steps_per_execution": chosen, "device": device.name, "precision": device.precision})
    return recipe.model_copy(update={"training": settled})
