"""A dataset's splits as plain .npy arrays, behind the front: what a run's train.py reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import presets
from blocks.features import Feature
from blocks.graph import Graph
from studio import defaults, runs
from studio.datasets import store
from studio.networks.arrays import adapt_front, samples
from studio.networks.front import bound, split
from studio.workspace import StudioError, Workspace

PARTS = ("train", "validation", "test")


def export_arrays(workspace: Workspace, dataset: str, folder: Path, run: str | None = None) -> list[str]:
    """Writes `x_train.npy` (with several inputs `x_train_ID.npy`), `y_train.npy` and so on; returns the file names.

    Number targets are written in their own unit.

    Args:
        run: The run whose adapted front prepares the values; by default the front of the preset that fits.

    Raises:
        StudioError: The folder holds something else, or the run belongs to another dataset.
    """
    data = store.load(workspace, dataset)
    if run is not None:
        found = runs.get(workspace, run)
        if found.recipe.dataset != data.manifest.name:
            raise StudioError(f"The run {run!r} was trained on {found.recipe.dataset!r}, not on {dataset!r}.")
        whole = Graph.load(found.front_path)
    else:
        whole = adapt_front(bound(_preset_graph(data.features, data.manifest.splits["train"]), data.features), data)
    if folder.exists() and any(path.suffix != ".npy" for path in folder.iterdir()):
        raise StudioError(f"The folder {folder} holds other files. Choose an empty one.")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for part in PARTS:
        found_samples = samples(workspace, data, split(whole), part)
        if not found_samples.inputs:
            raise StudioError(f"The pictures of {dataset!r} have sizes of their own and are cut anew in each epoch, so they are no arrays.")
        arrays = {**_named("x", part, found_samples.inputs), **_named("y", part, found_samples.targets)}
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
            written.append(f"{name}.npy")
    return written


def _preset_graph(features: list[Feature], count: int) -> Graph:
    order = defaults.network(features, count)
    return presets.get(order.preset, **order.params).graph(features=features)


def _named(letter: str, part: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    if len(arrays) == 1:
        return {f"{letter}_{part}": next(iter(arrays.values()))}
    return {f"{letter}_{part}_{name}": array for name, array in arrays.items()}
