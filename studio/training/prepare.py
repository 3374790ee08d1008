"""From a resolved recipe to everything that the loop needs."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from blocks.augmentation_base import Augmentation as AugmentationBlock
from blocks.build import Built, built
from blocks.features import Feature, targets_of
from blocks.freezing import freeze
from blocks.graph import Graph
from blocks.ports import Output
from blocks.walk import read_block
from studio import runs
from studio.networks.arrays import Samples, adapt_front
from studio.networks.augmentation import Augmentation, value_ranges
from studio.networks.front import bound, learned
from studio.networks.loaded import TargetScale
from studio.recipe import Training
from studio.settings import losses, metrics, optimizers
from studio.settings.collected import Collected
from studio.settings.spelling import Spelled
from studio.settings.transfer import Transfer
from studio.training.steps import Compiled, Head
from studio.transfer import fronts
from studio.workspace import StudioError, Workspace

if TYPE_CHECKING:
    import keras

    from studio.datasets.dataset import Dataset

EXECUTION_SECONDS = 0.15
"""Longest time that one execution of several steps should take, so that Stop and the curve stay quick."""
LARGEST_EXECUTION = 512


def adapted_graph(graph: Graph, dataset: Dataset, transfer: Transfer | None = None, workspace: Workspace | None = None) -> Graph:
    """The graph bound to the dataset, its front adapted to the training split, and frozen as the transfer says.

    Where weights are taken over, what was measured with them stays: an embedding's rows belong to its vocabulary.
    """
    keep = learned(graph) if transfer is not None and transfer.weights is not None else []
    whole = bound(graph, dataset.features)
    if transfer is not None and transfer.run is not None and workspace is not None:
        path = runs.get(workspace, transfer.run).front_path
        if path.exists():
            whole, keep = fronts.with_measured(whole, Graph.load(path))
    whole = adapt_front(whole, dataset, keep)
    return whole if transfer is None or transfer.train_last is None else freeze(whole, transfer.train_last)


def heads(whole: Graph, dataset: Dataset, training: Training) -> list[Head]:
    """Loss and metrics of every output of a bound graph, those for training only at the end.

    Raises:
        StudioError: All of them are for training only, or a target doesn't go with the network.
    """
    found = []
    several = len(targets_of(dataset.features)) > 1
    for name, document in whole.nodes.items():
        if document.block != Output.__name__:
            continue
        block = read_block(document)
        assert isinstance(block, Output)  # noqa: S101 - it was asked for by name
        target = next(feature for feature in dataset.features if feature.name == block.target)
        if target.kind == "image":
            _refuse_moving(whole, target)
        scale = target_scale(target, dataset)
        if scale is not None and not target.shape:
            target = target.model_copy(update={"statistics": {**target.statistics, "mean": scale.offset, "standard_deviation": scale.scale}})
        loss = losses.read(block.loss) if block.loss else losses.suited(training.loss, target)
        chosen = [metrics.read(value) for value in training.metrics or ()]
        measured = {metric.name: metric.make(target) for metric in chosen if metric.fits(target)}
        kept = {name: metric for name, metric in measured.items() if isinstance(metric, Collected)}
        spelled = {name: metric for name, metric in kept.items() if isinstance(metric, Spelled)}
        collected = {name: metric for name, metric in kept.items() if name not in spelled}
        running = {name: metric for name, metric in measured.items() if name not in kept}
        if block.training_only:
            running, collected, spelled = {}, {}, {}
        made = loss.make(target, label_smoothing=training.label_smoothing, units=block.units)
        head = Head(name, target.name, made, block.loss_weight, running, scale, several, collected, spelled, is_mask=target.kind == "mask")
        head.training_only = block.training_only
        if head.is_mask and training.class_weights:
            head.training_loss = loss.make(target, training.label_smoothing, block.units, _balanced(np.array(target.statistics["counts"])).tolist())
        found.append(head)
    if found and all(head.training_only for head in found):
        raise StudioError("Every Output of the network is for training only, so there is nothing to measure. Set training_only of one to false.")
    return sorted(found, key=lambda head: head.training_only)


def _refuse_moving(whole: Graph, target: Feature) -> None:
    """Pictures that are to be made stay as they are while an augmentation block moves what the network sees.

    Raises:
        StudioError: There is such a block.
    """
    for document in whole.nodes.values():
        block = None if document.reuse or document.block.startswith("module:") else read_block(document)
        if isinstance(block, AugmentationBlock) and block.moves:
            raise StudioError(
                f"{document.block} moves pixels, and the pictures that {target.name!r} wants would not move along. "
                "Replace it by a block such as RandomBrightness or GaussianNoise; cut-outs are mirrored and turned anyway."
            )


def target_scale(target: Feature, dataset: Dataset) -> TargetScale | None:
    """Mean and deviation of a number target on the training split, of one with two axes for each place of the last; None for classes."""
    if target.kind != "number":
        return None
    values = dataset.values(target.name, "train")
    if len(target.shape) < 2:
        deviation = float(np.nanstd(values, dtype=np.float64))
        return TargetScale(scale=deviation if deviation > 0 else 1.0, offset=float(np.nanmean(values, dtype=np.float64)))
    axes = tuple(range(values.ndim - 1))
    deviations, means = np.nanstd(values, axis=axes, dtype=np.float64), np.nanmean(values, axis=axes, dtype=np.float64)
    return TargetScale(scale=np.where(deviations > 0, deviations, 1.0).tolist(), offset=means.tolist())


def scales_of(found: list[Head]) -> dict[str, dict[str, float]]:
    """The scales of number targets by output, as JSON values."""
    return {head.output: asdict(head.scale) for head in found if head.scale}


def network(graph: Graph, training: Training) -> Built:
    """The network with fresh weights, the same for every training with this seed."""
    import keras

    _forget_names()
    keras.utils.set_random_seed(training.seed)
    return built(graph)


def compiled(network: keras.Model, graph: Graph, training: Training, found: list[Head], xla: bool, train: Samples | None = None) -> Compiled:
    """A network with an optimizer of what is trained in it.

    Args:
        graph: The network's.
        train: The training split, whose range of values augmentation looks at.

    Raises:
        StudioError: Nothing in it is trained.
    """
    import keras

    if not network.trainable_variables:
        raise StudioError(
            "All layers of this network are frozen, so there is nothing to train. Unfreeze the last one at least: transfer.train_last=1."
        )
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
    masks = [head.output for head in found if head.is_mask]
    augmentation = Augmentation(graph, training.seed, value_ranges(train.inputs if train else {}), masks)
    return Compiled(network, optimizer, found, xla, augmentation)


def _forget_names() -> None:
    """Lets Keras count unnamed parts (such as seed generators) from one again: a saved state is found by names, whatever was built before."""
    import keras

    policy = keras.config.dtype_policy()
    keras.backend.clear_session()
    keras.config.set_dtype_policy(policy)


def _penalise(network: keras.Model, training: Training) -> None:
    """L1 and L2 on the kernels and embeddings of all layers, as Keras adds them to the loss."""
    import keras

    if not (training.l1 or training.l2):
        return
    for variable in network.trainable_variables:
        if variable.path.rsplit("/", 1)[-1].endswith(("kernel", "embeddings")):
            variable.regularizer = keras.regularizers.L1L2(training.l1, training.l2)


def class_weights(training: Training, found: list[Head], train: Samples) -> np.ndarray | None:
    """One weight per training sample so that all classes count the same; those of pixels are in the loss of a mask."""
    if not training.class_weights:
        return None
    head = found[0]
    targets = train.targets[head.target]
    if head.scale is not None or targets.ndim > 1:
        return None
    known = targets >= 0
    per_class = _balanced(np.bincount(targets[known]))
    picked: np.ndarray = np.where(known, per_class[np.maximum(targets, 0)], 1.0).astype("float32")
    return picked


def _balanced(counts: np.ndarray) -> np.ndarray:
    """A weight for each class: all / (classes * those of the class)."""
    present = counts > 0
    return np.asarray(np.where(present, counts.sum() / (max(int(present.sum()), 1) * np.maximum(counts, 1)), 0.0))


def mode_of(training: Training) -> Literal["min", "max"]:
    """Whether a small or a large value of the monitored figure is good."""
    if training.monitor == "loss":
        return "min"
    ends = [name for name in metrics.all() if training.monitor == name or training.monitor.endswith(f"_{name}")]
    return metrics.get(max(ends, key=len)).mode


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


def described(model: Compiled, dataset: Dataset, device: str) -> dict[str, Any]:
    """What the event of the start tells."""
    samples = {f"{split}_samples": len(dataset.rows(split)) for split in ("train", "validation")}
    return {"device": device, "weights": model.network.count_params(), **samples}
