"""From a resolved recipe to everything that the loop needs."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from blocks.build import build
from blocks.features import Feature
from blocks.graph import Graph
from blocks.ports import Output
from blocks.walk import read_block
from studio import runs
from studio.networks import imported, weights
from studio.networks.arrays import Samples, adapt_front
from studio.networks.front import bound, learned
from studio.networks.loaded import TargetScale
from studio.recipe import Recipe, Training, Transfer
from studio.settings import losses, metrics, optimizers
from studio.training.augmentation import Augmentation, value_ranges
from studio.training.steps import Compiled, Head
from studio.workspace import Workspace

if TYPE_CHECKING:
    import keras

    from studio.datasets.dataset import Dataset

EXECUTION_SECONDS = 0.15
"""Longest time that one execution of several steps should take, so that Stop and the curve stay quick."""
LARGEST_EXECUTION = 512


def adapted_graph(graph: Graph, dataset: Dataset, transfer: Transfer | None = None) -> Graph:
    """The graph bound to the dataset, its front adapted to the training split.

    Where imported weights are taken over, what was measured with them stays: an embedding's rows belong to its vocabulary.
    """
    keep = learned(graph) if transfer is not None and transfer.weights is not None else ()
    return adapt_front(bound(graph, dataset.features), dataset, keep)


def heads(whole: Graph, dataset: Dataset, training: Training) -> list[Head]:
    """Loss and metrics of every output of a bound graph."""
    found = []
    for name, document in whole.nodes.items():
        if document.block != Output.__name__:
            continue
        block = read_block(document)
        assert isinstance(block, Output)  # noqa: S101 - it was asked for by name
        target = next(feature for feature in dataset.features if feature.name == block.target)
        scale = target_scale(target, dataset)
        if scale is not None:
            target = target.model_copy(update={"statistics": {**target.statistics, "mean": scale.offset, "standard_deviation": scale.scale}})
        loss = losses.read(block.loss or training.loss or losses.default_for(target))
        chosen = [metrics.read(value) for value in training.metrics or ()]
        measured = {metric.name: metric.make(target) for metric in chosen if metric.fits(target)}
        made = loss.make(target, label_smoothing=training.label_smoothing, units=block.units)
        found.append(Head(name, target.name, made, block.loss_weight, measured, scale))
    return found


def target_scale(target: Feature, dataset: Dataset) -> TargetScale | None:
    """Mean and deviation of a number target on the training split; None for classes."""
    if target.kind != "number":
        return None
    values = dataset.targets("train")
    deviation = float(np.std(values))
    return TargetScale(scale=deviation if deviation > 0 else 1.0, offset=float(np.mean(values)))


def scales_of(found: list[Head]) -> dict[str, dict[str, float]]:
    """The scales of number targets by output, as JSON values."""
    return {head.output: asdict(head.scale) for head in found if head.scale}


def compiled(
    network_graph: Graph, recipe: Recipe, found: list[Head], workspace: Workspace, xla: bool, train: Samples | None = None
) -> tuple[Compiled, list[str]]:
    """The network with fresh (or taken over) weights and its optimizer; and notes for the log.

    Args:
        train: The training split, whose range of values augmentation looks at.
    """
    import keras

    training = recipe.training
    _forget_names()
    keras.utils.set_random_seed(training.seed)
    network = build(network_graph)
    notes = _transfer(network, recipe, workspace)
    _penalise(network, training)
    optimizer = optimizers.read(training.optimizer).make(
        weight_decay=training.weight_decay,
        global_clipnorm=training.clip_norm,
        clipvalue=training.clip_value,
        use_ema=True if training.ema_momentum is not None else None,
        ema_momentum=training.ema_momentum,
    )
    if network.dtype_policy.compute_dtype == "float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    optimizer.build(network.trainable_variables)
    return Compiled(network, optimizer, found, xla, Augmentation(network_graph, training.seed, value_ranges(train.inputs if train else {}))), notes


def _forget_names() -> None:
    """Lets Keras count unnamed parts (such as seed generators) from one again: a saved state is found by names, whatever was built before."""
    import keras

    policy = keras.config.dtype_policy()
    keras.backend.clear_session()
    keras.config.set_dtype_policy(policy)


def _transfer(network: keras.Model, recipe: Recipe, workspace: Workspace) -> list[str]:
    if recipe.transfer is None:
        return []
    source, arrays = _transferred(recipe.transfer, workspace)
    taken, left = weights.assign_where_fitting(network, arrays)
    return [f"Took over {len(taken)} weights of {source}" + (f"; left as they start: {', '.join(left)}." if left else ".")]


def _transferred(transfer: Transfer, workspace: Workspace) -> tuple[str, dict[str, np.ndarray]]:
    """What the weights are of, and the weights."""
    if transfer.run is None:
        kept = imported.load(workspace, str(transfer.weights))
        return kept.source, kept.arrays
    run = runs.get(workspace, transfer.run)
    stored, _ = weights.load(run.checkpoints / f"{transfer.state}.npz")
    return run.id, {name.removeprefix("network/"): array for name, array in stored.items() if name.startswith("network/")}


def _penalise(network: keras.Model, training: Training) -> None:
    """L1 and L2 on the kernels and embeddings of all layers, as Keras adds them to the loss."""
    import keras

    if not (training.l1 or training.l2):
        return
    for variable in network.trainable_variables:
        if variable.path.rsplit("/", 1)[-1].endswith(("kernel", "embeddings")):
            variable.regularizer = keras.regularizers.L1L2(training.l1, training.l2)


def class_weights(training: Training, found: list[Head], train: Samples) -> np.ndarray | None:
    """One weight per training sample so that all classes count the same: samples / (classes * samples of the class)."""
    if not training.class_weights:
        return None
    head = found[0]
    if head.scale is not None:
        return None
    targets = train.targets[head.target]
    counts = np.bincount(targets)
    present = counts > 0
    per_class = np.where(present, len(targets) / (present.sum() * np.maximum(counts, 1)), 0.0)
    picked: np.ndarray = per_class[targets].astype("float32")
    return picked


def mode_of(training: Training) -> Literal["min", "max"]:
    """Whether a small or a large value of the monitored figure is good."""
    return "min" if training.monitor == "loss" else metrics.get(training.monitor).mode


def steps_per_execution(model: Compiled, train: Samples, batch: int, weights_per_sample: np.ndarray | None) -> int:
    """How many steps to run in one go: the largest power of two that takes at most 0.15 s and a quarter of an epoch.

    It is found by running a few steps, after which every variable has its former value again.
    """
    steps = len(train) // batch
    if steps < 8:
        return 1
    tracked = [*model.network.variables, *model.optimizer.variables, *(variable for tracker in model.trackers for variable in tracker.variables)]
    kept = [np.array(variable.numpy()) for variable in tracked]

    def seconds(count: int) -> float:
        start = time.perf_counter()
        model.execute(train, np.arange(count * batch), batch, np.zeros(count, "float32"), weights_per_sample)
        return time.perf_counter() - start

    seconds(1)
    trial = 1 if seconds(1) > EXECUTION_SECONDS / 2 else 4
    step = max(min(seconds(trial) for _ in range(2)) / trial, 1e-5)
    for variable, value in zip(tracked, kept, strict=True):
        variable.assign(value)
    largest = max(1.0, min(EXECUTION_SECONDS / step, steps / 4, LARGEST_EXECUTION))
    return int(2 ** int(math.log2(largest)))


def described(model: Compiled, train: Samples, validation: Samples, device: str) -> dict[str, Any]:
    """What the event of the start tells."""
    return {"device": device, "weights": model.network.count_params(), "train_samples": len(train), "validation_samples": len(validation)}
