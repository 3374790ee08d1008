"""From what a person ordered to a recipe in which every value stands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blocks.errors import BlocksError, InvalidValueError, invalid
from blocks.features import Feature, targets_of
from blocks.graph import Graph
from studio import defaults
from studio.datasets import store
from studio.recipe import FileOrder, GraphOrder, PretrainedOrder, Recipe, RecipeError, Training, read_graph_file
from studio.settings import losses, metrics, optimizers, schedules
from studio.settings.losses import Loss
from studio.settings.metrics import Metric
from studio.settings.transfer import Transfer
from studio.transfer import published, sources
from studio.workspace import Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset


@dataclass(frozen=True)
class Plan:
    """A resolved recipe with the dataset that it names."""

    recipe: Recipe
    dataset: Dataset

    @property
    def graph(self) -> Graph:
        assert isinstance(self.recipe.graph, Graph)  # noqa: S101 - planning has put it there
        return self.recipe.graph

    @property
    def network(self) -> str:
        """The network's name."""
        return self.graph.name.partition("(")[0].strip() or "network"


def plan(workspace: Workspace, recipe: Recipe) -> Plan:
    """Fills in all that the recipe leaves open, without Keras.

    Raises:
        RecipeError: A setting is unknown, refused, or does not fit the target.
        StudioError: There is no such dataset, or the weights to begin with are not there.
    """
    dataset = store.load(workspace, recipe.dataset)
    features = dataset.features
    samples = dataset.manifest.splits["train"]
    try:
        graph = graph_of(recipe.graph or defaults.network(features, samples), features)
        check_branches(graph, features)
        training = resolved(recipe.training, features, samples, graph)
    except BlocksError as error:
        raise RecipeError(str(error)) from error
    transfer = _settled(sources.settled(workspace, begun(recipe)), training.epochs or 1)
    settled = {"dataset": dataset.manifest.name, "graph": graph, "training": training, "transfer": transfer}
    return Plan(recipe.model_copy(update=settled), dataset)


def begun(recipe: Recipe) -> Transfer | None:
    """The transfer of a recipe; that of a pretrained network takes the network's own weights where it names no others."""
    transfer = recipe.transfer
    if not isinstance(recipe.graph, PretrainedOrder) or (transfer is not None and sources.is_named(transfer)):
        return transfer
    return (transfer or Transfer()).model_copy(update={"weights": published.weights_of(recipe.graph.pretrained)})


def _settled(transfer: Transfer | None, epochs: int) -> Transfer | None:
    """The transfer with the epoch from which frozen layers are trained."""
    if transfer is None or transfer.unfreeze is None:
        return transfer
    after = transfer.unfreeze.after or max(1, epochs // 2)
    if after >= epochs:
        advice = f"Train longer, or unfreeze after {epochs - 1} at the latest." if epochs > 1 else "Train for two epochs at least."
        raise RecipeError(invalid("Unfreeze", "after", f"fewer epochs than the training has ({epochs})", after, advice))
    return transfer.model_copy(update={"unfreeze": transfer.unfreeze.model_copy(update={"after": after})})


def graph_of(order: GraphOrder, features: list[Feature]) -> Graph:
    """The graph that a recipe orders.

    Raises:
        BlocksError: The preset is unknown, or refuses its parameters or these features.
        PretrainedError: There is no such pretrained network, it can't be had, or it does not look at such pictures.
        RecipeError: The file is no graph.
    """
    if isinstance(order, Graph):
        return order
    if isinstance(order, FileOrder):
        return read_graph_file(Path(order.file))
    if isinstance(order, PretrainedOrder):
        return published.graph(order.pretrained, features)
    import presets

    return presets.get(order.preset, **order.params).graph(features=features)


def predicted(graph: Graph | None, features: list[Feature]) -> list[Feature]:
    """The targets that a graph has Outputs for, one for each Output that is not for training only; all of the dataset without any."""
    targets = targets_of(features)
    outputs = [
        document for document in (graph.nodes.values() if graph else ()) if document.block == "Output" and not document.params.get("training_only")
    ]
    named = [next((target for target in targets if target.name == document.params.get("target")), None) for document in outputs]
    found = [target or targets[0] for target in named if target or len(targets) == 1]
    return found or targets


def figure_names(targets: Sequence[Feature], chosen: Sequence[Metric]) -> list[str]:
    """What is measured after each epoch: `loss` and the metrics that fit; of several Outputs `target_metric`."""
    several = len(targets) > 1
    measured = [(target, metric) for target in targets for metric in chosen if metric.fits(target) and not metric.in_the_end(target)]
    return ["loss", *(f"{target.name}_{metric.name}" if several else metric.name for target, metric in measured)]


def resolved(training: Training, features: list[Feature], samples: int, graph: Graph | None = None) -> Training:
    """The settings with a value in every field; steps per execution and device are chosen by the trainer.

    With several targets a loss holds for those that it fits, and the others get their own; so do the metrics.

    Args:
        samples: Those of the training split.
        graph: The network, if it is known: its Outputs say which targets there are.

    Raises:
        BlocksError: A name or parameter is refused, or a loss or metric does not fit the target.
    """
    targets = predicted(graph, features)
    samples = defaults.in_an_epoch(samples, features)
    optimizer = optimizers.read(training.optimizer or defaults.optimizer(features, graph))
    schedule = schedules.read(training.schedule or defaults.schedule(optimizer))
    if optimizer.wants_constant_rate and schedule.name != "constant":
        raise InvalidValueError(f"{optimizer.name} sets its own pace and wants a constant learning rate. Received: the schedule {schedule.name!r}.")
    loss = losses.read(training.loss) if training.loss is not None else _usual_loss(targets)
    preselected = {metric.name: metric for target in targets for metric in metrics.default_for(target)}
    chosen = [metrics.read(each) for each in training.metrics] if training.metrics is not None else list(preselected.values())
    _refuse_misfits(targets, [loss], losses.all())
    _refuse_misfits(targets, chosen, metrics.all())
    wanted = training.batch_size or optimizer.batch_size or defaults.batch_size(samples, features)
    batch = samples if wanted == "all" else min(int(wanted), samples)
    epochs = training.epochs or defaults.epochs(samples, batch, features)
    known = figure_names(targets, chosen)
    if training.monitor not in known:
        raise InvalidValueError(f"Training: invalid monitor. Expected: one of {', '.join(sorted(set(known)))}. Received: {training.monitor!r}.")
    return training.model_copy(
        update={
            "optimizer": optimizer.to_value(),
            "schedule": schedule.to_value(),
            "loss": loss.to_value(),
            "metrics": tuple(metric.to_value() for metric in chosen),
            "batch_size": batch,
            "epochs": epochs,
            "patience": training.patience or defaults.patience(epochs),
        }
    )


def _usual_loss(targets: Sequence[Feature]) -> Loss:
    """The preselected loss; of several targets that of the one whose loss suits fewest of the others, which then get their own."""
    usual = [losses.default_for(target) for target in targets]
    return min(usual, key=lambda loss: sum(loss.fits(target) for target in targets))


def _refuse_misfits(targets: Sequence[Feature], chosen: Sequence[Loss | Metric], known: Mapping[str, type[Loss] | type[Metric]]) -> None:
    """Refuses what fits none of the targets."""
    target = targets[0]
    for setting in chosen:
        if not any(setting.fits(each) for each in targets):
            fitting = ", ".join(name for name, each in known.items() if each.fits(target))
            raise InvalidValueError(f"{setting.name} does not fit the target {target.name!r} ({target.kind}). Fitting: {fitting}.")


def learning_rates(training: Training, samples: int, transfer: Transfer | None = None) -> Any:
    """The rate of every step of the planned training, with the lower one after frozen layers are trained: float32 of shape (steps,)."""
    assert isinstance(training.batch_size, int) and training.epochs  # noqa: S101, PT018 - a resolved recipe
    steps_per_epoch = math.ceil(samples / training.batch_size)
    optimizer = optimizers.read(training.optimizer)
    assert training.schedule is not None  # noqa: S101 - a resolved recipe
    schedule = schedules.read(training.schedule)
    rates = schedule.rates(steps_per_epoch * training.epochs, steps_per_epoch, optimizer.learning_rate)
    if transfer is not None and transfer.unfreeze is not None and transfer.unfreeze.after:
        rates[transfer.unfreeze.after * steps_per_epoch :] *= transfer.unfreeze.learning_rate
    return rates


def check_target(features: list[Feature]) -> None:
    """Raises RecipeError when there is nothing to predict."""
    if not targets_of(features):
        raise RecipeError("The dataset has no target. Import it again and name one with --target.")


def check_branches(graph: Graph, features: list[Feature]) -> None:
    """Raises RecipeError when a network has several branches, and the samples are single pictures that are to be told from each other."""
    inputs = [name for name, document in graph.nodes.items() if document.block == "Input"]
    if len(inputs) > 1 and any(target.kind == "identity" for target in targets_of(features)):
        raise RecipeError(
            f"The network has {len(inputs)} Inputs ({', '.join(inputs[:4])}), but each sample is one picture: it is the loss that compares samples. "
            "Keep one branch and lead its encoder to the Output (form encoder in the presets that compare pictures), or import the folders again "
            "with the kind image-pairs, whose samples are two pictures."
        )
