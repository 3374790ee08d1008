"""Other data than a run's own, with their true answers: read to be measured, never kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from blocks.build import build
from blocks.features import Feature
from studio.datasets.kinds.folders import Sample, layout
from studio.datasets.limits import Limits
from studio.datasets.readers.npz import Npz
from studio.datasets.readers.pictures import SUFFIXES as PICTURES
from studio.datasets.readers.source import open_source
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import split_name
from studio.evaluation import inputs
from studio.evaluation.inputs import Batch
from studio.evaluation.opened import EvaluationError, Opened
from studio.evaluation.raw import Port, RawModel
from studio.evaluation.tables import RawColumns, read_column, read_file
from studio.networks import front as fronts
from studio.networks.arrays import Samples, branch, decoded
from studio.networks.front import plain_numbers

_TARGETS = ("y", "y_test", "labels", "label", "targets", "target", "arr_1")


def other_samples(opened: Opened, path: Path) -> tuple[Samples, np.ndarray, list[str]]:
    """Samples of other data behind the front, their numbers in the data (from 0), and what did not fit.

    Args:
        path: Class folders (or a zip of them), a table with the target's column, or an .npz file, as the run's own data were.

    Raises:
        StudioError: The data are of another kind, have no true answers, or none that the network knows.
    """
    path = path.expanduser()
    if not path.exists():
        raise EvaluationError(f"There is no file or folder {str(path)!r}.")
    model = RawModel(opened)
    if len(model.ports) != 1:
        raise EvaluationError("The network has several inputs; it can be measured on its own dataset only.")
    port = model.ports[0]
    reader = {"image": _of_folders, "columns": _of_table, "text": _of_table}.get(port.kind, _of_arrays)
    batch, truth = reader(opened, port, path)
    targets, kept, notes = _fitting(truth, opened.head.target)
    if not kept.any():
        raise EvaluationError(" ".join([*notes, f"No sample of {path.name} has a true answer that the network knows."]))
    values = {feature: _values(batch, name)[kept] for feature, name in port.names.items()}
    seen = Samples({opened.loaded.split.cuts[port.node]: _behind_front(opened, port, values)}, {opened.head.target.name: targets[kept]})
    return seen, np.flatnonzero(kept), [*batch.warnings, *notes]


def _behind_front(opened: Opened, port: Port, values: dict[str, np.ndarray]) -> np.ndarray:
    with plain_numbers():
        graph = branch(opened.loaded.split, port.node)
        front = build(graph) if len(graph.nodes) > 1 else None
    if port.kind == "columns":
        return _compact(fronts.run(front, values)) if front is not None else np.zeros((0,))
    single = next(iter(values.values()))
    if port.kind == "image":
        return decoded(graph, _in_size(port, list(single)))
    return single if front is None else _compact(fronts.run(front, single))


def _compact(array: np.ndarray) -> np.ndarray:
    return array.astype("int32") if array.dtype == np.int64 else array


def _in_size(port: Port, encoded: list[bytes]) -> list[bytes]:
    """Pictures in the size that the network takes, where it is fixed."""
    import tensorflow as tf

    from studio.evaluation.pictures import resized

    height, width, channels = port.shape
    if height is None and width is None:
        return encoded

    def changed(content: Any) -> Any:
        picture = tf.ensure_shape(tf.io.decode_image(content, channels=channels or 3, expand_animations=False), (None, None, channels))
        return tf.io.encode_png(resized(picture, height, width))

    call = tf.function(changed, input_signature=[tf.TensorSpec((), tf.string)])
    return [call(tf.constant(content)).numpy() for content in encoded]


def _of_folders(opened: Opened, port: Port, path: Path) -> tuple[Batch, list[str | float | None]]:
    report = Report()
    source = open_source(path, Limits(), report)
    try:
        files = [file for file in source.files if file.suffix in PICTURES]
        known = set(opened.head.classes or ())
        # A folder of one class only is no dataset, but can be measured: then any part of the path that is a class counts.
        named = [next((part for part in reversed(file.parts[:-1]) if part in known and split_name(part) is None), None) for file in files]
        if len({name for name in named if name}) < 2 and any(named):
            samples = [Sample(file, name or file.parts[-2], None) for file, name in zip(files, named, strict=True) if len(file.parts) > 1]
        else:
            samples = layout(files, source.folders, "picture", report).samples
        labels = {sample.file.path: sample.label for sample in samples}
        batch = inputs.of_pictures([(sample.file.path, inputs.content_of(source, sample.file)) for sample in samples], port)
    finally:
        source.close()
    batch.warnings = [*report.warnings(), *batch.warnings]
    return batch, [labels[name] for name in batch.names]


def _of_table(opened: Opened, port: Port, path: Path) -> tuple[Batch, list[str | float | None]]:
    found = read_file(path, opened.features)
    target = opened.head.target
    column = next((name for name in found.columns if name.strip().casefold() == target.name.strip().casefold()), None)
    if column is None:
        raise EvaluationError(f"{path.name} has no column {target.name!r} with the true answers. It has: {listed(found.columns, shown=8)}.")
    notes: list[str] = []
    truth = _truth(found, column, target, notes)
    if port.kind == "text":
        feature = next(iter(port.names))
        if feature not in found.columns:
            raise EvaluationError(f"{path.name} has no column {feature!r} with the texts. It has: {listed(found.columns, shown=8)}.")
        texts = [text or "" for text in found.columns[feature].cast("string").to_pylist()]
        batch = inputs.of_texts(texts, port)
    else:
        batch = inputs.of_columns(found, port, opened.features, path.name)
    batch.warnings += notes
    return batch, truth


def _truth(found: RawColumns, column: str, target: Feature, notes: list[str]) -> list[str | float | None]:
    read = read_column(found.columns[column], target, found, notes)
    if target.classes is None:
        return [None if np.isnan(value) else float(value) for value in read]
    return [text or None for text in read.tolist()]


def _of_arrays(opened: Opened, port: Port, path: Path) -> tuple[Batch, list[str | float | None]]:
    if path.suffix.casefold() != ".npz":
        raise EvaluationError(f"{path.name}: expected an .npz file with inputs x and targets y.")
    (batch,) = inputs.of_files([path], port, opened.features)
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
    if opened.head.classes is None:
        return batch, [float(value) for value in values.reshape(len(values), -1)[:, 0]]
    if values.ndim == 2 and values.shape[1] > 1:
        values = values.argmax(axis=1)
    return batch, [_class_text(value) for value in values.reshape(-1).tolist()]


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
