"""The samples of a run's dataset as its network places them: what new samples are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.datasets import store
from studio.datasets.manifest import SPLITS
from studio.evaluation import result
from studio.evaluation.opened import Opened
from studio.networks.arrays import samples
from studio.settings.likeness import Likeness, nearest
from studio.workspace import StudioError, replaced

MOST_SAMPLES = 20_000
"""Of more samples as many are taken, evenly spread."""


@dataclass(frozen=True)
class Gallery:
    """Placed samples.

    Args:
        rows: Where they stand in the dataset.
        codes: The class of each.
        embeddings: Shape (samples, numbers).
        threshold: The distance up to which two samples are taken for the same: that of the equal error rate on the validation split, whose
            classes the network has not learned from.
    """

    rows: np.ndarray
    codes: np.ndarray
    embeddings: np.ndarray
    threshold: float

    def nearest(self, asked: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Places and distances of the nearest samples (asked, count)."""
        return nearest(self.embeddings, np.asarray(asked, np.float32), count)


def of(opened: Opened) -> Gallery | None:
    """The gallery of a run, kept in its folder for as long as the weights are the same; None where the dataset is gone."""
    path = opened.run.folder / result.FOLDER / f"gallery-{opened.state}.npz"
    written = result.weights_written(opened.run, opened.state)
    found = _kept(path, written)
    if found is None:
        try:
            found = _made(opened)
        except StudioError:
            return None
        path.parent.mkdir(exist_ok=True)
        with replaced(path) as partial, partial.open("wb") as file:
            np.savez(file, weights_written=written, **vars(found))
    return found


def _kept(path: Path, written: int) -> Gallery | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            if int(file["weights_written"]) != written:
                return None
            return Gallery(file["rows"], file["codes"], file["embeddings"], float(file["threshold"]))
    except (OSError, ValueError, KeyError):
        return None


def _made(opened: Opened) -> Gallery:
    from studio.evaluation.evaluate import fold_of

    target = opened.head.target.name
    dataset: Any = fold_of(opened, store.load(opened.workspace, opened.loaded.recipe.dataset))
    if len(dataset) > MOST_SAMPLES:
        chosen = np.zeros(len(dataset), bool)
        chosen[np.linspace(0, len(dataset) - 1, MOST_SAMPLES).round().astype(int)] = True
        dataset = dataset.with_splits(np.where(chosen, dataset.splits, ""))
    rows, codes, embeddings = [], [], []
    threshold = 0.0
    for part in SPLITS:
        seen = samples(opened.workspace, dataset, opened.loaded.split, part)
        if not len(seen):
            continue
        rows.append(dataset.rows(part))
        codes.append(seen.targets[target])
        embeddings.append(opened.head.answering.read(opened.outputs(seen)[opened.head.output]))
        if part == "validation":
            threshold = Likeness.of(codes[-1], embeddings[-1]).pairs.equal_error[1]
    return Gallery(np.concatenate(rows), np.concatenate(codes), np.concatenate(embeddings), threshold)
