"""Other data than a run's own, with their true answers: read to be measured, never kept."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from blocks.build import build
from blocks.features import Feature
from studio.datasets import store
from studio.datasets.classes import in_order
from studio.datasets.kinds.folders import Sample, layout
from studio.datasets.kinds.listing import listing_tables
from studio.datasets.limits import Limits
from studio.datasets.readers.npz import Npz
from studio.datasets.readers.source import open_source
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import split_name
from studio.evaluation import asking, series
from studio.evaluation.asking import Batch, Port
from studio.evaluation.asking.pictures import content_of
from studio.evaluation.asking.tables import of_columns
from studio.evaluation.asking.texts import of_texts
from studio.evaluation.errors import EvaluationError
from studio.evaluation.known import known_of
from studio.evaluation.opened import Opened
from studio.evaluation.raw import RawModel
from studio.evaluation.tables import RawColumns, read_column, read_file
from studio.networks import front as fronts
from studio.networks.arrays import Samples, branch, samples
from studio.networks.front import plain_numbers
from studio.networks.views import forecasts
from studio.workspace import Workspace

Truths = dict[str, list[Any]]
"""What is true of the samples, by target: a text or a number, several numbers, or None."""
ABOUT_TRAINING = "No training "
"""How sentences begin about a training split, which data that are only measured do not have."""
_TARGETS = ("y", "y_test", "labels", "label", "targets", "target", "arr_1")


def other_samples(opened: Opened, path: Path) -> tuple[Opened, Samples, np.ndarray, list[str]]:
    """Samples of other data behind the front, their numbers in the data (from 0), and what did not fit.

    The network comes first; where its answers are for any classes, it is one for those of the data.

    Args:
        path: Class folders (or a zip of them), a table with the target's column, or arrays, as the run's own data were.

    Raises:
        StudioError: The data are of another kind, have no true answers, or none that the network knows.
    """
    path = path.expanduser()
    if not path.exists():
        raise EvaluationError(f"There is no file or folder {str(path)!r}.")
    model = RawModel(opened)
    if opened.head.answering.imported:
        return _imported(opened, path)
    port = model.ports[0]
    if len(model.ports) > 1 or (asking.of(port.kind).encoded and _is_listed(opened, port, path)):
        return _listed(opened, path)
    reader = (
        _of_folders if asking.of(port.kind).encoded else {"columns": _of_table, "text": _of_table, "series": _of_series}.get(port.kind, _of_arrays)
    )
    batch, truths = reader(opened, port, path)
    opened = _for_classes(opened, truths)
    fitted = {name: _fitting(truth, next(head.target for head in opened.heads if head.target.name == name)) for name, truth in truths.items()}
    kept: np.ndarray = np.any([known for _, known, _ in fitted.values()], axis=0)
    notes = [note if len(fitted) == 1 else f"Target {name!r}: {note}" for name, (*_, those) in fitted.items() for note in those]
    opened = replace(opened, heads=[head for head in opened.heads if head.target.name in fitted and fitted[head.target.name][1].any()])
    if not kept.any():
        raise EvaluationError(" ".join([*notes, f"No sample of {path.name} has a true answer that the network knows."]))
    values = {feature: _values(batch, name)[kept] for feature, name in port.names.items()}
    targets = {
        name: np.where(known.reshape(-1, *(1,) * (found.ndim - 1)), found, -1 if found.dtype.kind == "i" else np.nan)[kept]
        for name, (found, known, _) in fitted.items()
    }
    seen = Samples(
        {opened.loaded.split.cuts[port.node]: _behind_front(opened, port, values)}, targets, yardsticks=_yardsticks(opened, port, values, targets)
    )
    return opened, opened.head.answering.gathered(seen), np.flatnonzero(kept), [*batch.warnings, *notes]


def _yardsticks(opened: Opened, port: Port, values: dict[str, np.ndarray], targets: dict[str, np.ndarray]) -> dict[str, float]:
    """What is reached without a network, where a series goes on."""
    if port.feature is None or not (port.kind == "series" and series.is_forecast(port.feature)):
        return {}
    target = opened.head.target
    return forecasts.yardsticks(next(iter(values.values())), targets[target.name], target)


def _of_series(opened: Opened, port: Port, path: Path) -> tuple[Batch, Truths]:
    """All windows of a series with what follows them, or sequences with their classes."""
    feature, target = port.feature, opened.head.target
    assert feature is not None  # noqa: S101 - a series is a feature of its own
    if path.suffix.casefold() == ".npz":
        return _of_arrays(opened, port, path)
    if feature.statistics.get("form") == "wide":
        rows, notes = series.wide_rows(path, feature)
        return _sequences(rows, series.texts_of(path, target), port, feature, target, notes)
    read = series.read_series(path, feature)
    if not series.is_forecast(feature):
        labels = series.texts_of(path, target)
        ordered = [labels[place] for place in read.order.tolist()]
        found = list(series.sequences(read, path.name))
        members = read.members if read.members is not None else np.zeros(len(ordered), dtype=np.int64)
        first = {int(number): label for number, label in reversed(list(zip(members.tolist(), ordered, strict=True)))}
        return _sequences([steps for _, steps in found], [first.get(number) for number in range(len(found))], port, feature, target, read.notes)
    windows, ahead = series.all_windows(read, feature, path.name)
    truth = ahead.reshape(len(ahead), *(size or 1 for size in target.shape))
    return Batch([str(number) for number in range(len(windows))], {port.name: windows}, read.notes), {target.name: list(truth)}


def _sequences(
    found: list[np.ndarray], labels: list[str | None], port: Port, feature: Feature, target: Feature, notes: list[str]
) -> tuple[Batch, Truths]:
    kept = [place for place, steps in enumerate(found) if len(steps)]
    if not kept:
        raise EvaluationError("There is no sequence with any value.")
    batch = Batch([str(place) for place in kept], {port.name: series.in_shape([found[place] for place in kept], feature)}, notes)
    return batch, {target.name: [labels[place] for place in kept]}


def _is_listed(opened: Opened, port: Port, path: Path) -> bool:
    """Whether a table says what is true of the files: where it is no class, and where there is one that names them."""
    if opened.head.answering.open_classes:
        return False
    if opened.head.target.kind != "category":
        return True
    source = open_source(path, Limits(), Report())
    try:
        return bool(listing_tables(source, asking.of(port.kind).suffixes))
    finally:
        source.close()


def _listed(opened: Opened, path: Path) -> tuple[Opened, Samples, np.ndarray, list[str]]:
    """Data read by an import, with classes and columns as the network knows them."""
    own = store.load(opened.workspace, opened.loaded.recipe.dataset).manifest
    single = [head.target.name for head in opened.heads if head.target.kind != "labels"]
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        workspace = Workspace(folder)
        added = store.add(workspace, path, kind=own.kind, target=",".join(single) or None, options=own.options)
        dataset = store.load(workspace, added.name)
        lacking = [
            feature.name for feature in opened.features if feature.role != "unused" and feature.name not in {each.name for each in dataset.features}
        ]
        if lacking:
            raise EvaluationError(f"{path.name} lacks {listed([repr(name) for name in lacking], shown=8)}, on which the network was trained.")
        dataset.manifest = dataset.manifest.model_copy(update={"features": [each for each in opened.features if each.role != "unused"]})
        whole = dataset.with_splits(np.full(len(dataset), "test"))
        whole.manifest = dataset.manifest
        seen = samples(None, whole, opened.loaded.split, "test")
    known = np.any([known_of(seen.targets[head.target.name]) for head in opened.heads], axis=0)
    if not known.any():
        raise EvaluationError(f"No sample of {path.name} has a true answer that the network knows.")
    notes = [] if known.all() else [f"Left out {counted(int((~known).sum()), 'sample')} whose true answer the network does not know."]
    kept = Samples(*({name: values[known] for name, values in each.items()} for each in (seen.inputs, seen.targets)))
    return opened, kept, np.flatnonzero(known), [*added.warnings, *notes]


def _imported(opened: Opened, path: Path) -> tuple[Opened, Samples, np.ndarray, list[str]]:
    """Data read by an import of the kind and with the options of the run's own, into a workspace that is gone afterwards."""
    own = store.load(opened.workspace, opened.loaded.recipe.dataset).manifest
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        workspace = Workspace(folder)
        asked = opened.head.answering.import_asked(opened.features)
        added = store.add(workspace, path, target=asked.get("target"), kind=own.kind, options={**own.options, **asked.get("options", {})})
        dataset = store.load(workspace, added.name)
        whole = dataset.with_splits(np.full(len(dataset), "test"))
        whole.manifest = dataset.manifest.model_copy(update={"features": opened.head.answering.as_known(dataset.features, opened.features)})
        seen = samples(None, whole, opened.loaded.split, "test").whole()
    return opened, seen, np.arange(len(seen)), [note for note in added.warnings if not note.startswith(ABOUT_TRAINING)]


def _for_classes(opened: Opened, truths: Mapping[str, Sequence[str | float | None]]) -> Opened:
    """The network as one for the classes of these data, where it can tell any classes from each other."""
    head = opened.head
    if not head.answering.open_classes:
        return opened
    target = head.target.model_copy(update={"classes": in_order(str(value) for value in truths[head.target.name] if value is not None)})
    return replace(opened, heads=[replace(head, target=target), *opened.heads[1:]])


def _behind_front(opened: Opened, port: Port, values: dict[str, np.ndarray]) -> np.ndarray:
    with plain_numbers():
        graph = branch(opened.loaded.split, port.node)
        front = build(graph) if len(graph.nodes) > 1 else None
    if port.kind == "columns":
        return _compact(fronts.run(front, values)) if front is not None else np.zeros((0,))
    single = next(iter(values.values()))
    if asking.of(port.kind).encoded:
        return _entered(port, single, front)
    return single if front is None else _compact(fronts.run(front, single))


def _entered(port: Port, encoded: np.ndarray, front: Any) -> np.ndarray:
    """Files as they reach the network, on the way of an exported model."""
    import tensorflow as tf

    asker = asking.of(port.kind)
    call = tf.function(lambda contents: asker.entered(port, {port.name: contents}, front), input_signature=[tf.TensorSpec((None,), tf.string)])
    return np.concatenate([call(tf.constant(encoded[start : start + asker.step])).numpy() for start in range(0, len(encoded), asker.step)])


def _compact(array: np.ndarray) -> np.ndarray:
    return array.astype("int32") if array.dtype == np.int64 else array


def _of_folders(opened: Opened, port: Port, path: Path) -> tuple[Batch, Truths]:
    report = Report()
    source = open_source(path, Limits(), report)
    try:
        asker = asking.of(port.kind)
        files = [file for file in source.files if file.suffix in asker.suffixes]
        known = set(opened.head.classes or ())
        # A folder of one class only is no dataset, but can be measured: then any part of the path that is a class counts.
        named = [next((part for part in reversed(file.parts[:-1]) if part in known and split_name(part) is None), None) for file in files]
        if len({name for name in named if name}) < 2 and any(named):
            chosen = [Sample(file, name or file.parts[-2], None) for file, name in zip(files, named, strict=True) if len(file.parts) > 1]
        else:
            chosen = layout(files, source.folders, asker.noun.removesuffix("s"), report).samples
        deep = opened.head.answering.open_classes
        labels = {sample.file.path: "/".join([sample.label, *(sample.below if deep else ())]) for sample in chosen}
        batch = asker.contents([(sample.file.path, content_of(source, sample.file)) for sample in chosen], port)
    finally:
        source.close()
    batch.warnings = [*report.warnings(), *batch.warnings]
    return batch, {opened.head.target.name: [labels[name] for name in batch.names]}


def _of_table(opened: Opened, port: Port, path: Path) -> tuple[Batch, Truths]:
    found = read_file(path, opened.features)
    notes: list[str] = []
    truths: Truths = {}
    for head in opened.heads:
        column = next((name for name in found.columns if name.strip().casefold() == head.target.name.strip().casefold()), None)
        if column is not None:
            truths[head.target.name] = _truth(found, column, head.target, notes)
        elif len(opened.heads) > 1:
            notes.append(f"There is no column {head.target.name!r} with true answers, so this target is not measured.")
    if not truths:
        names = listed([repr(head.target.name) for head in opened.heads], shown=8)
        raise EvaluationError(f"{path.name} has no column {names} with the true answers. It has: {listed(found.columns, shown=8)}.")
    if port.kind == "text":
        feature = next(iter(port.names))
        if feature not in found.columns:
            raise EvaluationError(f"{path.name} has no column {feature!r} with the texts. It has: {listed(found.columns, shown=8)}.")
        texts = [text or "" for text in found.columns[feature].cast("string").to_pylist()]
        batch = of_texts(texts, port)
    else:
        batch = of_columns(found, port, opened.features, path.name)
    batch.warnings += notes
    return batch, truths


def _truth(found: RawColumns, column: str, target: Feature, notes: list[str]) -> list[str | float | None]:
    read = read_column(found.columns[column], target, found, notes)
    if target.classes is None:
        return [None if np.isnan(value) else float(value) for value in read]
    return [text or None for text in read.tolist()]


def _of_arrays(opened: Opened, port: Port, path: Path) -> tuple[Batch, Truths]:
    if path.suffix.casefold() != ".npz":
        raise EvaluationError(f"{path.name}: expected an .npz file with inputs x and targets y.")
    (batch,) = asking.of_files([path], port, opened.features)
    npz = Npz(path, path.name, Limits())
    try:
        named = {name.casefold(): name for name in npz.headers}
        chosen = next((named[name] for name in _TARGETS if name in named), None)
        if chosen is None:
            raise EvaluationError(f"{path.name} has the arrays {', '.join(npz.headers)}; expected one named y with the true answers.")
        values = npz.whole(chosen)
    finally:
        npz.close()
    if len(values) != len(batch):
        raise EvaluationError(f"{path.name}: {len(batch):,} inputs, but {len(values):,} targets.")
    name = opened.head.target.name
    if opened.head.classes is None:
        return batch, {name: [float(value) for value in values.reshape(len(values), -1)[:, 0]]}
    if values.ndim == 2 and values.shape[1] > 1:
        values = values.argmax(axis=1)
    return batch, {name: [_class_text(value) for value in values.reshape(-1).tolist()]}


def _class_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(int(value)) if isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer() else str(value)


def _fitting(truth: Sequence[str | float | None], target: Feature) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Targets as numbers, which samples have one that the network knows, and sentences about the others."""
    notes = []
    gaps = sum(value is None for value in truth)
    if gaps:
        notes.append(f"Left out {counted(gaps, 'sample')} without a true answer.")
    if target.shape and target.classes is None:
        shape = tuple(size or 1 for size in target.shape)
        several = np.array([np.full(shape, np.nan) if value is None else value for value in truth], dtype=np.float32)
        return several, np.array([not np.isnan(one).any() for one in several]), notes
    if target.classes is None:
        numbers = np.array([np.nan if value is None else float(value) for value in truth], dtype=np.float32)
        return numbers, ~np.isnan(numbers), notes
    index = {name: place for place, name in enumerate(target.classes)}
    places = np.array([index.get(str(value), -1) if value is not None else -2 for value in truth], dtype=np.int32)
    strange = sorted({str(value) for value, place in zip(truth, places, strict=True) if place == -1})
    if strange:
        count = int((places == -1).sum())
        notes.append(f"Left out {counted(count, 'sample')} of classes that the network does not know: {listed(strange, shown=8)}.")
    absent = [name for name in target.classes if index[name] not in set(places.tolist())]
    if absent:
        notes.append(f"No sample of: {listed(absent, shown=8)}.")
    return places, places >= 0, notes


def _values(batch: Batch, name: str) -> np.ndarray:
    return np.asarray(batch.values[name])


__all__ = ["other_samples"]
