"""Measures a trained network on a split of its dataset or on other data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.datasets import store
from studio.evaluation import result
from studio.evaluation.errors import EvaluationError
from studio.evaluation.known import known_of
from studio.evaluation.opened import Answered, Head, Opened, open_network
from studio.evaluation.result import Evaluation, Split
from studio.networks.arrays import Samples, samples
from studio.networks.loaded import State
from studio.networks.writing import spelled
from studio.recipe import Training
from studio.runs.run import Run
from studio.settings import losses, metrics
from studio.settings.spelling import Spelled


def evaluate(run: Run, split: Split = "test", state: State = "best", data: Path | None = None, beams: int = 1) -> Evaluation:
    """Measures a run's network; a result on the run's own dataset is kept in the run folder.

    Args:
        data: Other data of the same kind, which are measured whole; classes and columns are matched by name.
        beams: Beginnings of a text that are followed side by side while it is written; with more than one nothing is kept.

    Raises:
        StudioError: Nothing has been saved yet, the dataset is gone, or the data are of another kind.
    """
    opened = open_network(run, state, beams)
    written = result.weights_written(run, state)
    if data is not None:
        from studio.evaluation.elsewhere import other_samples

        opened, seen, rows, notes = other_samples(opened, data)
        found, _ = measured(opened, seen, rows, "data")
        return found.model_copy(update={"notes": notes, "weights_written": written})
    dataset = fold_of(opened, store.load(opened.workspace, opened.loaded.recipe.dataset))
    seen = samples(opened.workspace, dataset, opened.loaded.split, split).whole()
    found, arrays = measured(opened, seen, dataset.rows(split), split)
    found = found.model_copy(update={"weights_written": written})
    if beams == 1:
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
    figures = Figures(opened)
    parts = figures.watching(opened.answered(seen))
    several = [*parts] if len(opened.heads) > 1 else parts
    found, arrays = _told(opened, opened.head, rows, several, split)
    further: dict[str, Evaluation] = {}
    for number, head in enumerate(opened.heads[1:], start=1):
        other, kept = _told(opened, head, rows, several, split)
        further[head.target.name] = other.model_copy(update={"metrics": figures.of(head)})
        arrays |= {result.key(number, name): values for name, values in kept.items()}
    return found.model_copy(update={"samples": len(seen), "metrics": {**figures.found(), **seen.yardsticks}, "further": further}), arrays


def _told(opened: Opened, head: Head, rows: np.ndarray, parts: Iterable[Answered], split: str) -> tuple[Evaluation, dict[str, np.ndarray]]:
    """Facts of one output, of the samples that have a value for its target."""
    if len(opened.heads) > 1:
        known = {entry: there for part in parts for entry, there in zip(part.entries, known_of(part.targets[head.target.name]), strict=True)}
        rows = rows[[there for _, there in sorted(known.items())]]
        parts = [part.where(known_of(part.targets[head.target.name])) for part in parts]
    facts, arrays = head.answering.facts(rows, parts)
    target = head.target
    told = Evaluation(
        run=opened.run.id, split=split, state=opened.state, samples=len(rows), metrics={}, target=target.name, unit=target.unit, kind=target.kind,
        **facts,
    )  # fmt: skip
    return told, arrays


class Figures:
    """`loss` and the recipe's metrics, as training measures them; with several heads `target_metric`."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._heads = [_Measures(head, opened) for head in opened.heads]

    def watching(self, parts: Iterable[Answered]) -> Iterator[Answered]:
        """The same batches; on their way they are measured."""
        for part in parts:
            for each in self._heads:
                each.add(part)
            yield part

    def found(self) -> dict[str, float]:
        """The figures of all that came by."""
        several = len(self._heads) > 1
        total = sum(each.head.block.loss_weight * each.loss for each in self._heads)
        those = {f"{each.head.target.name}_{name}" if several else name: value for each in self._heads for name, value in each.found().items()}
        return {"loss": total + _penalty(self._opened, self._opened.loaded.recipe.training), **those}

    def of(self, head: Head) -> dict[str, float]:
        """Loss and metrics of one output."""
        each = next(each for each in self._heads if each.head is head)
        return {"loss": each.loss, **each.found()}


class _Measures:
    """Loss and metrics of one output."""

    def __init__(self, head: Head, opened: Opened) -> None:
        target, training = head.target, opened.loaded.recipe.training
        loss = losses.read(head.block.loss) if head.block.loss else losses.suited(training.loss, target)
        chosen = [metrics.read(value) for value in training.metrics or metrics.default_for(target)]
        self.head = head
        self._loss = loss.make(target, label_smoothing=training.label_smoothing, units=head.block.units)
        made = {metric.name: metric.make(target) for metric in chosen if metric.fits(target)}
        self._spelled = {name: metric for name, metric in made.items() if isinstance(metric, Spelled)}
        self._metrics = {name: metric for name, metric in made.items() if name not in self._spelled}
        self._total, self._count = 0.0, 0
        self._gaps = len(opened.heads) > 1

    @property
    def loss(self) -> float:
        return self._total / max(1, self._count)

    def add(self, part: Answered) -> None:
        head = self.head
        guess, truth = part.outputs[head.output], part.targets[head.target.name]
        self._count += len(guess)
        if self._gaps:
            known = known_of(truth)
            guess, truth = guess[known], truth[known]
            if not len(guess):
                return
        if head.scale is not None:
            self._total += float(self._loss(head.scale.standardised(truth), guess)) * len(guess)
            truth = truth[:, None].astype("float32") if truth.ndim == 1 else truth
            guess = head.scale.in_units(guess)
        else:
            self._total += float(self._loss(truth, guess)) * len(guess)
        for metric in self._metrics.values():
            metric.update_state(truth, guess)
        if head.output in part.said:
            for metric in self._spelled.values():
                metric.update_state(part.targets[spelled(head.target.name)], part.said[head.output])

    def found(self) -> dict[str, float]:
        return {name: float(metric.result()) for name, metric in {**self._metrics, **self._spelled}.items()}


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
        "details",
        "notes",
    )
    found = {key: whole[key] for key in shown if whole[key] not in (None, [], {})}
    if not evaluation.further:
        return found
    return {**found, "target": evaluation.target, "further": {name: answered(other) for name, other in evaluation.further.items()}}


__all__ = ["Figures", "answered", "evaluate", "fold_of", "measured"]
