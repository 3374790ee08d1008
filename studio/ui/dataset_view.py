"""What the Data page shows of datasets: cards, one dataset in full, and pages of samples."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import presets
from blocks.errors import BlocksError
from blocks.features import TABLE_INPUT, Feature, columns_of, inputs_of, targets_of
from blocks.graph import Graph
from studio.datasets import builtin, store
from studio.datasets.dataset import Dataset
from studio.datasets.errors import DatasetError
from studio.datasets.manifest import SPLITS, Manifest
from studio.recipe import FileOrder, PresetOrder, PretrainedOrder, Recipe, Training, read_graph_file
from studio.training.planning import resolved
from studio.transfer import published
from studio.ui import shown
from studio.ui.dataset_figures import figures
from studio.ui.pictures import png_of_array
from studio.ui.shown import of as of_kind
from studio.ui.sounds import PLAYED_BYTES
from studio.workspace import StudioError, Workspace

THUMBNAIL_PIXELS = 96
TEXT_CHARACTERS = 400
"""Characters of a text that a sample shows; the whole length is said beside it."""
SHOWN_COLUMNS = 40
CELL_CHARACTERS = 400
LARGEST_PAGE = 100
TEXTS = ("text", "tokens")
"""Kinds of features that are texts."""
TARGET_SETTINGS = ("loss", "metrics", "monitor")
"""Settings that fit one kind of target and not another."""


def cards(workspace: Workspace) -> list[dict[str, Any]]:
    """Every dataset of the workspace, the newest first, then the built-in ones in their order."""
    built_in = builtin.all_sets()
    here = {manifest.name: manifest for manifest in store.manifests(workspace)}
    own = sorted((manifest for name, manifest in here.items() if name not in built_in), key=lambda manifest: manifest.created, reverse=True)
    found = [card(manifest) for manifest in own]
    for name, known in built_in.items():
        if name in here:
            found.append({**card(here[name]), "builtin": True, "summary": known.summary})
        else:
            found.append(
                {"name": name, "title": known.title, "kind": known.kind, "samples": None, "classes": None, "builtin": True, "summary": known.summary}
            )
    return found


def card(manifest: Manifest) -> dict[str, Any]:
    """A dataset in short."""
    return {
        "name": manifest.name,
        "title": manifest.title,
        "kind": manifest.kind,
        "samples": manifest.samples,
        "classes": len(manifest.classes) if manifest.classes else None,
        "builtin": False,
        "summary": "",
    }


def details(workspace: Workspace, name: str) -> dict[str, Any]:
    """One dataset in full: its manifest, figures per split, and the runs that keep it from being deleted.

    Raises:
        DatasetError: There is none of that name.
    """
    dataset = store.load(workspace, name)
    manifest = dataset.manifest
    shown = manifest.model_dump(mode="json", exclude={"features"})
    known = builtin.all_sets().get(manifest.name)
    return {
        **shown,
        "builtin": known is not None,
        "summary": known.summary if known else "",
        "target": _target(manifest),
        "targets": [feature.name for feature in manifest.features if feature.role == "target"],
        "inputs": sorted({feature.kind for feature in manifest.inputs if feature.is_given}),
        "used_by": store.runs_that_use(workspace, manifest.name),
        "figures": figures(workspace, dataset),
        "overview": [part for feature in manifest.features if feature.role != "unused" for part in of_kind(feature.kind).overview(dataset, feature)],
    }


def _target(manifest: Manifest) -> dict[str, Any] | None:
    targets = [feature for feature in manifest.features if feature.role == "target"]
    if not targets:
        return None
    target = targets[0]
    return {"name": target.name, "kind": target.kind, "classes": list(manifest.classes or ()) or None, "unit": target.unit}


def samples(workspace: Workspace, name: str, split: str | None = None, label: int | None = None, offset: int = 0, limit: int = 24) -> dict[str, Any]:
    """A page of samples: the classes by turns, tables in the order of their rows.

    Args:
        split: Only those of a split.
        label: Only those of a class, by its index.
        offset: How many of them to pass over.

    Returns:
        `total` samples that match; `kind` of what is shown ("image", "text", "array", "table", or "parts" for anything else); `columns`
        (names, for tables); `samples`, each with `row`, `split`, `label`, and `picture` (a data address), `text` with `characters`,
        `cells`, or `parts` (`studio.ui.shown`).
    """
    dataset = store.load(workspace, name)
    matching = rows_of(dataset, split, label)
    kind = _kind(dataset)
    if kind != "table" and label is None:
        matching = by_turns(dataset, matching)
    chosen = matching[max(0, offset) : max(0, offset) + max(1, min(limit, LARGEST_PAGE))]
    columns = _columns(dataset)[:SHOWN_COLUMNS] if kind == "table" else []
    described = {sample["row"]: sample for sample in _described(dataset, np.sort(chosen), kind, columns)} if len(chosen) else {}
    listed = [described[row] for row in chosen.tolist()]
    return {"total": len(matching), "kind": kind, "columns": [column.name for column in columns], "samples": listed}


def picture(workspace: Workspace, name: str, row: int) -> bytes:
    """A small PNG of a sample's picture.

    Raises:
        DatasetError: There is no such dataset, picture or row.
    """
    dataset = store.load(workspace, name)
    if not 0 <= row < len(dataset):
        raise DatasetError(f"Dataset {name!r} has no row {row}; its rows are 0 to {len(dataset) - 1}.")
    return dataset.thumbnail(row, THUMBNAIL_PIXELS)


def sound(workspace: Workspace, name: str, row: int, feature: str) -> bytes:
    """The WAV file of a sound.

    Raises:
        DatasetError: There is no such dataset, sound or row, or it is too large to be played.
    """
    dataset = store.load(workspace, name)
    if dataset.feature(feature).kind != "sound" or not 0 <= row < len(dataset):
        raise DatasetError(f"Dataset {name!r} has no sound {feature!r} in row {row}; its rows are 0 to {len(dataset) - 1}.")
    content = bytes(dataset.table([feature], rows=[row])[feature].iloc[0])
    if len(content) > PLAYED_BYTES:
        raise DatasetError(f"The sound in row {row} has {len(content):,} bytes; at most {PLAYED_BYTES:,} are sent to be played.")
    return content


def rows_of(dataset: Dataset, split: str | None, label: int | None) -> NDArray[np.int64]:
    """The rows of a split and a class.

    Raises:
        DatasetError: There is no such split, or the target has no classes.
    """
    if split is not None and split not in SPLITS:
        raise DatasetError(f"There is no split {split!r}. Expected: {', '.join(SPLITS)}.")
    splits, targets = _index(str(dataset.folder), dataset.manifest.hash)
    chosen = np.ones(len(splits), dtype=np.bool_) if split is None else splits == SPLITS.index(split)
    if label is not None:
        if targets is None:
            raise DatasetError(f"Dataset {dataset.name!r} has no classes to choose from.")
        chosen &= targets == label
    return np.flatnonzero(chosen).astype(np.int64)


def by_turns(dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows with one sample of each class after the other, so that a page shows many classes; without classes as they are."""
    _, targets = _index(str(dataset.folder), dataset.manifest.hash)
    if targets is None or not len(rows):
        return rows
    codes = targets[rows]
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], codes[order])
    turns = np.empty(len(rows), dtype=np.int64)
    turns[order] = np.arange(len(rows)) - starts
    return rows[np.lexsort((codes, turns))]


@lru_cache(maxsize=2)
def _index(folder: str, content: str) -> tuple[NDArray[np.int8], NDArray[np.int32] | None]:  # noqa: ARG001 - the hash is part of the key
    """Split and class of every row."""
    dataset = Dataset(Path(folder))
    splits = np.select([dataset.splits == name for name in SPLITS], list(range(len(SPLITS))), -1).astype(np.int8)
    target = _target(dataset.manifest)
    return splits, dataset.targets() if target and target["kind"] in ("category", "identity") else None


def shown_columns(dataset: Dataset) -> list[str]:
    """Names of the input columns that a sample of a table shows; none for pictures, texts and arrays."""
    inputs = [column.name for column in dataset.manifest.inputs if column.is_column]
    return inputs[:SHOWN_COLUMNS] if _kind(dataset) == "table" else []


def contents(dataset: Dataset, rows: Sequence[int]) -> list[dict[str, Any]]:
    """What samples look like (`picture`, `text` or `cells`), in the order of `rows`."""
    distinct = np.unique(np.asarray(rows, dtype=np.int64))
    columns = [dataset.feature(name) for name in shown_columns(dataset)]
    found = dict(zip(distinct.tolist(), _contents(dataset, distinct, _kind(dataset), columns), strict=True))
    return [found[row] for row in rows]


def _columns(dataset: Dataset) -> list[Feature]:
    """What stands in the cells of a row: the columns of a table, or texts that belong together."""
    used = [feature for feature in dataset.features if feature.role != "unused" and feature.is_given and feature.kind in TEXTS]
    return [feature for feature in dataset.features if feature.is_column or feature in used]


def _kind(dataset: Dataset) -> str:
    """What a sample is shown as: one picture, text or array with its class or number, a row of a table, or else parts."""
    kinds = {"table" if feature.is_column else feature.kind for feature in dataset.manifest.inputs}
    if {feature.kind for feature in dataset.features if feature.role == "target"} == {"tokens"} and kinds <= {*TEXTS, "table"}:
        return "table"
    targets = [feature for feature in dataset.features if feature.role == "target"]
    plain = (len(targets) < 2 or kinds == {"table"}) and all(feature.kind in ("category", "number") and not feature.shape for feature in targets)
    single = kinds == {"table"} or (len(kinds) == 1 and len(dataset.manifest.inputs) == 1)
    found = next(iter(kinds), "table")
    return found if single and plain and found in ("table", "image", "text", "array") else "parts"


def _described(dataset: Dataset, rows: NDArray[np.int64], kind: str, columns: list[Feature]) -> list[dict[str, Any]]:
    splits, targets = _index(str(dataset.folder), dataset.manifest.hash)
    target = _target(dataset.manifest)
    is_told = target is not None and targets is None and (kind != "parts" or _is_number(dataset.feature(target["name"])))
    numbers = dataset.table([target["name"]], rows=rows)[target["name"]].tolist() if target and is_told else None
    found: list[dict[str, Any]] = []
    for position, row in enumerate(rows.tolist()):
        label: Any = None
        if target and targets is not None:
            label = target["classes"][targets[row]] if targets[row] >= 0 else None
        elif numbers is not None:
            label = _plain(numbers[position])
        found.append({"row": row, "split": SPLITS[splits[row]], "label": label})
    for sample, content in zip(found, _contents(dataset, rows, kind, columns), strict=True):
        sample.update(content)
    return found


def _is_number(feature: Feature) -> bool:
    return feature.kind == "number" and not feature.shape


def _contents(dataset: Dataset, rows: NDArray[np.int64], kind: str, columns: list[Feature]) -> list[dict[str, Any]]:
    if kind == "parts":
        inputs = {feature.name for feature in dataset.manifest.inputs}
        features = [feature for feature in dataset.features if feature.role != "unused" and feature.column not in inputs]  # a copy is seen already
        return [{"parts": parts} for parts in shown.samples(dataset, features, rows.tolist())]
    if kind == "table":
        frame = dataset.table([column.name for column in columns], rows=rows)
        return [{"cells": [_cell(value) for value in values]} for values in frame.itertuples(index=False, name=None)]
    name = next(feature.name for feature in dataset.manifest.inputs if feature.kind == kind)
    if kind == "array":
        arrays = dataset.arrays()
        return [{"picture": _address(png_of_array(np.asarray(arrays[row]), THUMBNAIL_PIXELS)), "shape": list(arrays.shape[1:])} for row in rows]
    values = dataset.table([name], rows=rows)[name].tolist()
    if kind == "text":
        texts = ["" if value is None else str(value) for value in values]
        return [{"text": text[:TEXT_CHARACTERS], "characters": len(text), "words": len(text.split())} for text in texts]
    from studio.datasets.readers.pictures import thumbnail

    paths = dataset.table(["path"], rows=rows)["path"].tolist()
    return [{"picture": _address(thumbnail(bytes(value), THUMBNAIL_PIXELS)), "path": path} for value, path in zip(values, paths, strict=True)]


def _address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _cell(value: Any) -> Any:
    plain = _plain(value)
    return plain if not isinstance(plain, str) or len(plain) <= CELL_CHARACTERS else plain[: CELL_CHARACTERS - 1] + "…"


def _plain(value: Any) -> Any:
    """A cell as JSON; what is missing is None."""
    if value is None or isinstance(value, str | bool):
        return value
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return None if value != value else value if abs(value) != float("inf") else str(value)
    return value if isinstance(value, int) else str(value)


def fit(dataset: Dataset, network: dict[str, Any] | None, training: dict[str, Any]) -> dict[str, Any]:
    """Whether a draft's network and settings can go with a dataset.

    Returns:
        `fits` and `reason` for the network; `reset`: the dotted paths to take out of the draft, so that the data choose again.
    """
    reason = misfit(dataset.features, network)
    reset = ["graph"] if reason else []
    try:
        resolved(Training.read(training), dataset.features, dataset.manifest.splits["train"])
    except BlocksError:
        reset += [f"training.{name}" for name in TARGET_SETTINGS if name in training]
    return {"fits": not reason, "reason": reason, "reset": reset}


def misfit(features: list[Feature], network: dict[str, Any] | None) -> str:
    """Why a draft's network can't take a dataset, in one sentence; "" when it can.

    Args:
        network: The draft's graph: None (chosen by the data), a preset, a file, or the graph itself.
    """
    if network is None:
        return ""
    try:
        order = Recipe.read({"graph": network}).graph
        if isinstance(order, PresetOrder):
            return presets.get(order.preset, **order.params).misfit(features)
        if isinstance(order, PretrainedOrder):
            return published.misfit(order.pretrained, features)
        if isinstance(order, FileOrder):
            order = read_graph_file(Path(order.file))
        return _unbound(order, features) if order else ""
    except (StudioError, BlocksError) as error:
        return str(error)


def _unbound(graph: Graph, features: list[Feature]) -> str:
    """The first Input or Output of a graph that finds nothing to bind to."""
    inputs = {feature.name for feature in inputs_of(features)} | ({TABLE_INPUT} if columns_of(features) else set())
    targets = {feature.name for feature in targets_of(features)}
    for node, document in graph.nodes.items():
        name, known = {"Input": (document.params.get("feature"), inputs), "Output": (document.params.get("target"), targets)}.get(
            document.block, (None, set())
        )
        if name is not None and name not in known:
            return f"{node} needs {name!r}, which the dataset does not have. It has: {', '.join(sorted(known)) or 'none'}."
    return ""
