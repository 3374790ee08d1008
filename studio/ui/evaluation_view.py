"""What the Evaluate page shows of an evaluation: its figures, the matrix as far as there is room, and samples with their predictions."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from blocks.features import Feature
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.evaluation import result
from studio.evaluation.opened import features_of
from studio.evaluation.result import Evaluation, Mistake
from studio.runs import Run
from studio.ui import dataset_view, shown
from studio.workspace import StudioError, Workspace, read_json

PLAIN = ("", "category", "number")
"""Kinds of targets that are told by class or number; samples of all others are shown in parts."""
SHOWN_EXAMPLES = 24
SHOWN_INPUTS = 12
MATRIX_CLASSES = 40
"""Classes that a matrix has room for; of more, those with the most mistakes are shown."""
SHOWN_MISTAKES = 24
LARGEST_PAGE = 100
RESIDUAL_BINS = 40

Arrays = dict[str, NDArray[Any]]


def view(workspace: Workspace, run: Run, evaluation: Evaluation, arrays: Arrays | None, target: str | None = None) -> dict[str, Any]:
    """An evaluation as the page shows it.

    Args:
        arrays: What was kept of each sample; None for data of a person's own, whose samples are not kept.
        target: Which of several targets is shown; the first, where it is empty or unknown.
    """
    targets = [evaluation.target, *evaluation.further]
    whole, evaluation = evaluation, evaluation.further.get(target or "", evaluation)
    samples = _Samples(workspace, run if arrays is not None else None)
    several = evaluation.kind == "number" and not evaluation.pairs  # of several numbers per sample there is no single one to tell
    worst = evaluation.worst[: 0 if several else SHOWN_MISTAKES]
    found = {
        "samples": evaluation.samples,
        "metrics": whole.metrics,
        "target": {"name": evaluation.target, "unit": evaluation.unit},
        "targets": targets if len(targets) > 1 else [],
        "columns": samples.columns,
        "notes": whole.notes,
        "mistakes": samples.with_contents([_mistake(mistake) for mistake in worst]),
        "charts": samples.charts(arrays),
    }
    if evaluation.kind not in PLAIN:
        return {**found, **_of_examples(workspace, run, evaluation, arrays)}
    if evaluation.classes is None:
        return {**found, **_of_numbers(evaluation, arrays)}
    return {**found, **_of_classes(evaluation, arrays)}


def _of_examples(workspace: Workspace, run: Run, evaluation: Evaluation, arrays: Arrays | None) -> dict[str, Any]:
    """Samples in parts: what was given, what is true, what was said; the worst first."""
    listed: list[dict[str, Any]] = []
    target = next(feature for feature in features_of(run) if feature.name == evaluation.target)
    examples = evaluation.examples[:SHOWN_EXAMPLES] if arrays is not None else []
    try:
        dataset = store.load(workspace, run.recipe.dataset)
        parts = _parts(dataset, target, [example.row for example in examples])
    except StudioError:
        parts = {}
    for example in examples:
        given, true = parts.get(example.row, ([], None))
        said = shown.of(target.kind).said(target, arrays or {}, example.place, given[0] if given else None)
        said = said and {**said, "dataset": run.recipe.dataset}
        true = None if said and said.get("with_truth") else true
        listed.append({"row": example.row, "scores": example.scores, "given": given, "truth": true, "said": said})
    return {
        **({"per_class": _per_class(evaluation)} if evaluation.per_class else {}),
        "wrong": evaluation.details.get("wrong"),
        "calibration_error": evaluation.calibration_error,
        "examples": listed,
        "details": evaluation.details,
        "kind": evaluation.kind,
        "has_samples": arrays is not None,
        "dataset": run.recipe.dataset,
    }


def _parts(dataset: Dataset, target: Feature, rows: list[int]) -> dict[int, tuple[list[shown.Part], shown.Part | None]]:
    """Inputs and a target of rows."""
    distinct = sorted(set(rows))
    inputs = [feature for feature in dataset.features if feature.role == "input"][:SHOWN_INPUTS]
    features = [*inputs, target]
    return {row: (parts[:-1], parts[-1]) for row, parts in zip(distinct, shown.samples(dataset, features, distinct), strict=True)} if distinct else {}


def _of_classes(evaluation: Evaluation, arrays: Arrays | None) -> dict[str, Any]:
    classes = evaluation.classes or []
    place = {name: index for index, name in enumerate(classes)}
    support = [figures.support for figures in evaluation.per_class]
    counts = matrix_of(evaluation, arrays)
    shown = matrix_classes(counts) if counts is not None else np.arange(0)
    right = int(np.trace(counts)) if counts is not None else None
    return {
        "classes": classes,
        "matrix": {"classes": shown.tolist(), "counts": counts[np.ix_(shown, shown)].tolist()} if counts is not None else None,
        "per_class": _per_class(evaluation),
        "pairs": [
            {
                "truth": place[each.truth],
                "predicted": place[each.prediction],
                "count": each.count,
                "share": each.count / max(1, support[place[each.truth]]),
            }
            for each in evaluation.most_confused
        ],
        "wrong": None if right is None else evaluation.samples - right,
        "calibration_error": evaluation.calibration_error,
        "has_samples": arrays is not None,
    }


def _per_class(evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {"index": index, "name": each.name, "samples": each.support, "precision": each.precision, "recall": each.recall, "f1": each.f1}
        for index, each in enumerate(evaluation.per_class)
    ]


def _of_numbers(evaluation: Evaluation, arrays: Arrays | None) -> dict[str, Any]:
    if arrays is not None:
        errors = arrays["values"].astype(np.float64) - arrays["truth"]
    else:
        errors = np.array([predicted - truth for _, truth, predicted in evaluation.pairs], np.float64)
    counts, edges = np.histogram(errors, bins=min(RESIDUAL_BINS, max(5, round(math.sqrt(len(errors))))))
    residuals = evaluation.residuals
    return {
        "points": [[_short(truth), _short(predicted), row] for row, truth, predicted in evaluation.pairs],
        "residuals": {"edges": [_short(edge) for edge in edges], "counts": counts.tolist()},
        "figures": residuals.model_dump() if residuals else None,
        "spread": _short(errors.std()) if len(errors) else 0.0,
        "has_samples": arrays is not None,
    }


def matrix_of(evaluation: Evaluation, arrays: Arrays | None) -> NDArray[np.int64] | None:
    """The whole confusion matrix; of very many classes it is counted anew, None where the samples are not there."""
    if evaluation.confusion is not None:
        return np.array(evaluation.confusion, np.int64)
    if arrays is None:
        return None
    count = len(evaluation.classes or ())
    flat = arrays["truth"].astype(np.int64) * count + arrays["predicted"]
    return np.bincount(flat, minlength=count * count).reshape(count, count)


def matrix_classes(counts: NDArray[np.int64], limit: int = MATRIX_CLASSES) -> NDArray[np.int64]:
    """The classes to show in a matrix, in their order: all, or those that mistakes touch most."""
    if len(counts) <= limit:
        return np.arange(len(counts))
    wrong = counts - np.diag(np.diag(counts))
    return np.sort(np.argsort(-(wrong.sum(axis=0) + wrong.sum(axis=1)), kind="stable")[:limit])


def cell(
    workspace: Workspace, run: Run, evaluation: Evaluation, arrays: Arrays, truth: int, predicted: int | None, offset: int, limit: int
) -> dict[str, Any]:
    """A page of the samples of a true class that were taken for a class (None: for any), the surest predictions first."""
    places = places_of(arrays, truth, predicted)
    chosen = places[max(0, offset) : max(0, offset) + max(1, min(limit, LARGEST_PAGE))]
    samples = _Samples(workspace, run)
    classes = evaluation.classes or []
    told = [
        {
            "row": int(arrays["rows"][place]),
            "truth": classes[int(arrays["truth"][place])],
            "predicted": classes[int(arrays["predicted"][place])],
            **_surety(arrays, int(place)),
        }
        for place in chosen
    ]
    return {"total": len(places), "columns": samples.columns, "samples": samples.with_contents(told)}


def _surety(arrays: Arrays, place: int) -> dict[str, float]:
    """How sure the network was of a sample, and of its true class."""
    if "scores" in arrays:
        return {"score": _short(arrays["scores"][place].max())}
    return {"probability": _short(arrays["probabilities"][place].max()), "truth_probability": _short(math.exp(-float(arrays["loss"][place])))}


def places_of(arrays: Arrays, truth: int, predicted: int | None) -> NDArray[np.intp]:
    """Places of the samples in a cell of the matrix (or a whole row of it), the surest predictions first."""
    inside = arrays["truth"] == truth
    if predicted is not None:
        inside &= arrays["predicted"] == predicted
    places = np.flatnonzero(inside)
    sure = arrays["scores" if "scores" in arrays else "probabilities"][places].max(axis=-1) if len(places) else places
    return places[np.argsort(-sure, kind="stable")]


def arrays_of(run: Run, split: str, state: str, target: str | None = None) -> Arrays | None:
    """What an evaluation kept of each sample for one of its targets (None: the first)."""
    found = result.read(run, split, state) if target else None
    others = list(found.further) if found else []
    return result.arrays_of(run, split, state, others.index(target) + 1 if target in others else 0)


def kept(path: Path, run: Run, state: str) -> Evaluation | None:
    """An evaluation on other data that was kept at `path`; None when there is none, or the weights have changed since."""
    try:
        found = Evaluation.model_validate(read_json(path))
    except (FileNotFoundError, ValidationError):
        return None
    return found if found.weights_written == result.weights_written(run, state) else None


def _mistake(mistake: Mistake) -> dict[str, Any]:
    found: dict[str, Any] = {"row": mistake.row, "truth": mistake.truth, "predicted": mistake.prediction}
    if isinstance(mistake.truth, float) and isinstance(mistake.prediction, float):
        return {**found, "error": _short(mistake.prediction - mistake.truth)}
    if mistake.score is not None:
        return {**found, "score": _short(mistake.score)}
    return {**found, "probability": _short(mistake.confidence or 0.0), "truth_probability": _short(math.exp(-mistake.loss))}


class _Samples:
    """Adds the samples themselves (picture, text or cells) to what is told of them; nothing where the dataset is gone."""

    def __init__(self, workspace: Workspace, run: Run | None) -> None:
        self.columns: list[str] = []
        self._dataset = None
        try:
            if run is not None:
                self._dataset = store.load(workspace, run.recipe.dataset)
                self.columns = dataset_view.shown_columns(self._dataset)
        except StudioError:
            pass  # the figures are there all the same

    def charts(self, arrays: Arrays | None) -> list[shown.Part]:
        """The predictions over the whole of an input."""
        if self._dataset is None or arrays is None:
            return []
        inputs = self._dataset.manifest.inputs
        return [part for feature in inputs for part in shown.of(feature.kind).measured(self._dataset, feature, arrays)]

    def with_contents(self, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self._dataset is None or not told:
            return told
        contents = dataset_view.contents(self._dataset, [each["row"] for each in told])
        return [{**each, **content} for each, content in zip(told, contents, strict=True)]


def _short(value: Any) -> float:
    return float(f"{float(value):.6g}")
