"""Measures a trained network on a split of its dataset or on other data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from studio.datasets import store
from studio.evaluation import measure, result
from studio.evaluation.opened import BATCH, EvaluationError, Head, Opened, open_network
from studio.evaluation.result import Evaluation, Split
from studio.networks.arrays import Samples, samples
from studio.networks.loaded import State
from studio.recipe import Training
from studio.runs.run import Run
from studio.settings import losses, metrics


def evaluate(run: Run, split: Split = "test", state: State = "best", data: Path | None = None) -> Evaluation:
    """Measures a run's network; a result on the run's own dataset is kept in the run folder.

    Args:
        data: Other data of the same kind, which are measured whole; classes and columns are matched by name.

    Raises:
        StudioError: Nothing has been saved yet, the dataset is gone, or the data are of another kind.
    """
    opened = open_network(run, state)
    written = result.weights_written(run, state)
    if data is not None:
        from studio.evaluation.elsewhere import other_samples

        seen, rows, notes = other_samples(opened, data)
        found, _ = measured(opened, seen, rows, "data")
        return found.model_copy(update={"notes": notes, "weights_written": written})
    dataset = fold_of(opened, store.load(opened.workspace, opened.loaded.recipe.dataset))
    seen = samples(opened.workspace, dataset, opened.loaded.split, split)
    found, arrays = measured(opened, seen, dataset.rows(split), split)
    found = found.model_copy(update={"weights_written": written})
    result.save(run, found, arrays)
    return found


def fold_of(opened: Opened, dataset: Any) -> Any:
    """The dataset as the run saw it: whole, or under the split of its fold."""
    from studio.datasets.folds import with_fold

    folds = opened.loaded.recipe.folds
    return dataset if folds is None else with_fold(dataset, *folds)


def measured(opened: Opened, seen: Samples, rows: np.ndarray, split: str) -> tuple[Evaluation, dict[str, np.ndarray]]:
    """Figures and facts of samples behind the front, and what to keep of each.

    Raises:
        EvaluationError: There are no samples.
    """
    if not len(seen):
        raise EvaluationError(f"There are no {split} samples to measure.")
    outputs = opened.outputs(seen)
    head = opened.head
    truth = seen.targets[head.target.name]
    answers = head.read(outputs[head.output])
    facts, arrays = (
        measure.of_classes(rows, truth, answers, head.classes) if head.classes else measure.of_numbers(rows, truth.reshape(-1), answers.reshape(-1))
    )
    found = Evaluation(
        run=opened.run.id, split=split, state=opened.state, samples=len(seen), metrics=figures(opened, outputs, seen.targets),
        target=head.target.name, unit=head.target.unit, **facts,
    )  # fmt: skip
    return found, arrays


def figures(opened: Opened, outputs: dict[str, np.ndarray], targets: dict[str, np.ndarray]) -> dict[str, float]:
    """`loss` and the recipe's metrics, as training measures them; with several heads `target_metric`."""
    training = opened.loaded.recipe.training
    total = 0.0
    found: dict[str, float] = {}
    for head in opened.heads:
        loss, those = _of_head(head, training, outputs[head.output], targets[head.target.name])
        total += head.block.loss_weight * loss
        prefix = f"{head.target.name}_" if len(opened.heads) > 1 else ""
        found |= {f"{prefix}{name}": value for name, value in those.items()}
    return {"loss": total + _penalty(opened, training), **found}


def _of_head(head: Head, training: Training, outputs: np.ndarray, targets: np.ndarray) -> tuple[float, dict[str, float]]:
    target = head.target
    loss = losses.read(head.block.loss or training.loss or losses.default_for(target))
    made = loss.make(target, label_smoothing=training.label_smoothing, units=head.block.units)
    chosen = [metrics.read(value) for value in training.metrics or metrics.default_for(target)]
    measures = {metric.name: metric.make(target) for metric in chosen if metric.fits(target)}
    total = 0.0
    for start in range(0, len(outputs), BATCH):
        guess, truth = outputs[start : start + BATCH], targets[start : start + BATCH]
        if head.scale is not None:
            truth = truth.reshape(len(truth), -1).astype("float32")
            standard = ((truth - head.scale.offset) / head.scale.scale).astype("float32")
            total += float(made(standard, guess)) * len(guess)
            guess = guess * np.float32(head.scale.scale) + np.float32(head.scale.offset)
        else:
            total += float(made(truth, guess)) * len(guess)
        for metric in measures.values():
            metric.update_state(truth, guess)
    return total / len(outputs), {name: float(metric.result()) for name, metric in measures.items()}


def _penalty(opened: Opened, training: Training) -> float:
    """What penalties on weights add to the loss."""
    network = opened.loaded.network
    total = sum((float(value) for value in network.losses), 0.0)
    if training.l1 or training.l2:
        for variable in network.trainable_variables:
            if variable.path.rsplit("/", 1)[-1].endswith(("kernel", "embeddings")):
                values = np.asarray(variable, dtype=np.float64)
                total += training.l1 * float(np.abs(values).sum()) + training.l2 * float((values**2).sum())
    return total


def answered(evaluation: Evaluation) -> dict[str, Any]:
    """The object of the command line."""
    whole = evaluation.model_dump(mode="json")
    shown = (
        "run",
        "split",
        "state",
        "samples",
        "metrics",
        "per_class",
        "confusion",
        "classes",
        "most_confused",
        "residuals",
        "calibration_error",
        "notes",
    )
    return {key: whole[key] for key in shown if whole[key] not in (None, [])}


__all__ = ["answered", "evaluate", "figures", "fold_of", "measured"]
