"""A training before its first step: data behind the front, a network with fresh weights, its functions compiled.

A spare trainer makes one ahead for the recipe that would be trained next, so that Train answers at once. It is made by the same
calls as in a run that starts cold, and every variable then has the same value, so the results do not tell the two apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from blocks.build import Built
from blocks.graph import Graph
from studio.datasets import store
from studio.datasets.folds import with_fold
from studio.networks import weights
from studio.networks.arrays import Samples, samples
from studio.networks.front import Split, split
from studio.recipe import Recipe
from studio.settings.transfer import Unfreeze
from studio.training import phases, prepare
from studio.training.device import Device, set_up
from studio.training.phases import Later, Phase
from studio.training.steps import Compiled
from studio.transfer import sources
from studio.transfer.matching import Report, take_over
from studio.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np

    from studio.datasets.dataset import Dataset


@dataclass
class Ready:
    """All that the loop needs.

    Args:
        ordered: The recipe as it was given.
        recipe: The recipe with what was chosen by trying.
        whole: The bound and adapted graph; `parts` are its front and its network.
        scales: How number targets were standardised, by output, as JSON values.
        sample_weights: One per training sample, or None.
        built: The network, of which `model` is compiled.
        report: What was taken over from another network; None where it starts anew.
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
    built: Built
    report: Report | None = None

    @cached_property
    def validation(self) -> Samples:
        """The validation split, which is looked at behind the first epoch; so many rows take a while, and the first step need not wait."""
        return samples(self.workspace, self.dataset, self.parts, "validation")

    @cached_property
    def phase(self) -> Phase:
        """What is trained first; with frozen layers the end of the network alone, where that leads to the same."""
        return phases.of(self.model, self.parts.network, self.built, self)

    def later(self) -> Later | None:
        """What is trained from some epoch on, once frozen layers are trained too."""
        unfreeze = self.recipe.transfer.unfreeze if self.recipe.transfer else None
        return None if unfreeze is None else Later(int(unfreeze.after or 1), lambda: self._unfrozen(unfreeze))

    def _unfrozen(self, unfreeze: Unfreeze) -> Phase:
        graph = phases.unfrozen(self.parts.network, self.built, unfreeze)
        compiled = prepare.compiled(self.model.network, graph, self.recipe.training, list(self.model.heads), self.model.xla, self.train)
        return phases.of(compiled, graph, self.built, self)

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


def make(
    workspace: Workspace,
    recipe: Recipe,
    device: str,
    adapted: Graph | None = None,
    between: Callable[[], None] = lambda: None,
    stored: dict[str, np.ndarray] | None = None,
) -> Ready:
    """Prepares a training up to its first step; the caller has entered no `tf.device`.

    Args:
        recipe: A resolved recipe.
        device: The name of the device that was acquired.
        adapted: The adapted graph of a run that goes on; otherwise the front is adapted to the training split.
        between: Called between the stages; it may raise to give up.
        stored: The values that the network of a run that goes on had last; otherwise it begins as the recipe says.
    """
    import tensorflow as tf

    place = set_up(device, recipe.training)
    with tf.device(place.place):
        whole_dataset = store.load(workspace, recipe.dataset)
        dataset = with_fold(whole_dataset, *recipe.folds) if recipe.folds else whole_dataset
        assert isinstance(recipe.graph, Graph)  # noqa: S101 - a resolved recipe
        whole = adapted or prepare.adapted_graph(recipe.graph, dataset, recipe.transfer, workspace)
        parts = split(whole)
        between()
        train = samples(workspace, dataset, parts, "train")
        between()
        heads = prepare.heads(whole, dataset, recipe.training)
        built = prepare.network(parts.network, recipe.training)
        settled, report = _begun(workspace, recipe, whole, built, stored)
        model = prepare.compiled(built.model, parts.network, recipe.training, heads, place.xla, train)
        per_sample = prepare.class_weights(recipe.training, heads, train)
        between()
        scales = prepare.scales_of(heads)
        made = Ready(workspace, recipe, settled, place, dataset, whole, parts, train, model, scales, per_sample, built, report)
        made.recipe = _settled(made)
        return made


def _begun(workspace: Workspace, recipe: Recipe, whole: Graph, built: Built, stored: dict[str, np.ndarray] | None) -> tuple[Recipe, Report | None]:
    """Gives the network the weights that it begins with; the recipe then names them for good, and says what is frozen.

    Raises:
        StudioError: They are not there, or none of them fits.
    """
    if stored is not None:
        weights.assign(built.model.variables, stored)
        return recipe, None
    source = sources.read(workspace, recipe.transfer, built.model)
    report = take_over(built.model, source.arrays, source.name) if source else None
    assert isinstance(recipe.graph, Graph)  # noqa: S101 - a resolved recipe
    graph = recipe.graph.with_trainable({name: document.trainable for name, document in whole.nodes.items()})
    return recipe.model_copy(update={"graph": graph, "transfer": source.transfer if source else recipe.transfer}), report


def _settled(made: Ready) -> Recipe:
    """The recipe with what is chosen by trying, once, before step 1."""
    recipe, device, training = made.recipe, made.device, made.recipe.training
    if training.steps_per_execution is not None:
        return recipe
    chosen = prepare.steps_per_execution(made.phase.compiled, made.phase.train, int(training.batch_size or 1), made.sample_weights)
    settled = training.model_copy(update={"steps_per_execution": chosen, "device": device.name, "precision": device.precision})
    return recipe.model_copy(update={"training": settled})
