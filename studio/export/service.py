"""Exporting: written beside its place, checked in a clean process, and only then put there."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.evaluation.opened import Opened, open_network, workspace_of
from studio.evaluation.raw import RawModel
from studio.export import base
from studio.export.base import Checked, Exporter, ExportError, ExportFailedError
from studio.networks.arrays import raw_values, samples
from studio.networks.loaded import State
from studio.runs.run import Run
from studio.workspace import StudioError, Workspace, read_json, size_of, write_json, write_text

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

FORMAT = "studio.export/1"
FACTS_FILE = "export.json"
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Exported:
    """A finished export.

    Args:
        path: What is to be loaded: a folder or a file.
        bytes: Size of all files of the export.
        max_abs_difference: Largest difference to this program's own predictions, for numbers in standard deviations of the
            target if that is more than 1; None when there were no samples to ask.
    """

    run: str
    state: str
    format: str
    path: str
    bytes: int
    max_abs_difference: float | None
    samples_checked: int
    created: float = 0.0
    notes: list[str] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        """The object of the command line."""
        return {
            "path": self.path,
            "format": self.format,
            "bytes": self.bytes,
            "max_abs_difference": self.max_abs_difference,
            "samples_checked": self.samples_checked,
        }


def export(run: Run, format: str, output: Path | None = None, state: State = "best", options: dict[str, Any] | None = None) -> Exported:  # noqa: A002
    """Writes a run's network in a format, reloads it in a clean process and compares its answers with ours.

    Args:
        output: The folder to write; by default one in the run folder. A folder that is there must be empty, or an
            earlier export.
        options: Parameters of the format.

    Raises:
        ExportError: The format is unknown, or the folder is not ours to overwrite.
        ExportFailedError: The export can't be reloaded, or answers differ by more than 1e-5.
    """
    exporter = base.get(format).read(options or {})
    folder = output.expanduser().resolve() if output else run.exports / _own_name(format, state)
    check_place(folder)
    opened = open_network(run, state)
    model = RawModel(opened)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as scratch:
        made = Path(scratch) / "export"
        made.mkdir()
        exporter.write(model, made)
        difference, count, notes = _compared(opened, exporter, model, made, Path(scratch))
        _companions(opened, exporter, model, made)
        facts = Exported(run.id, state, format, str(folder / exporter.file), size_of(made), difference, count, time.time(), notes)
        write_json(made / FACTS_FILE, {**asdict(facts), "format": FORMAT, "exporter": exporter.name, "path": exporter.file})
        check_place(folder)
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    return facts


def exports(run: Run) -> list[Exported]:
    """The exports in a run's folder, the newest first."""
    found = []
    for folder in run.exports.iterdir() if run.exports.is_dir() else []:
        facts = facts_of(folder)
        if facts is not None:
            found.append(facts)
    return sorted(found, key=lambda facts: facts.created, reverse=True)


def facts_of(folder: Path) -> Exported | None:
    """What an export's folder says about itself; None when it is no export."""
    try:
        values = read_json(folder / FACTS_FILE)
    except (FileNotFoundError, NotADirectoryError, StudioError):
        return None
    if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
        return None
    exporter = values.pop("exporter")
    return Exported(**{**values, "format": exporter, "path": str(folder / values["path"])})


def archive(run: Run, folder: Path) -> Path:
    """A zip of an export, for download; made once per export.

    Raises:
        ExportError: There is no such export.
    """
    if facts_of(folder) is None:
        raise ExportError(f"There is no export {folder.name!r}.")
    target = folder.parent / f"{run.id}-{folder.name}.zip"
    if not target.exists() or target.stat().st_mtime < (folder / FACTS_FILE).stat().st_mtime:
        with tempfile.TemporaryDirectory(prefix=".zip.", dir=folder.parent) as scratch:
            made = shutil.make_archive(str(Path(scratch) / "export"), "zip", root_dir=folder)
            Path(made).replace(target)
    return target


def check_place(folder: Path) -> None:
    """Refuses a place that holds somebody's files.

    Raises:
        ExportError: It is a file, or a folder that is neither empty nor an earlier export.
    """
    if folder.is_file() or folder.is_symlink():
        raise ExportError(f"{folder} is a file. Name a folder that is new or empty.")
    if folder.is_dir() and any(folder.iterdir()) and facts_of(folder) is None:
        raise ExportError(f"{folder} is not empty and not an earlier export, so it is left alone. Name a folder that is new or empty.")


def _own_name(format: str, state: State) -> str:  # noqa: A002
    return format if state == "best" else f"{format}-{state}"


def _compared(opened: Opened, exporter: Exporter, model: RawModel, made: Path, scratch: Path) -> tuple[float | None, int, list[str]]:
    checked = validation_samples(opened, model)
    if checked is None:
        exporter.reloaded(model, made, nothing(model), scratch)
        return None, 0, [f"The dataset {opened.loaded.recipe.dataset!r} is no longer there, so the answers could not be compared."]
    found = exporter.reloaded(model, made, checked, scratch)
    difference = max(head.answering.difference(found[prefix], checked.expected[prefix]) for prefix, head in model.heads.items())
    if difference == math.inf:
        raise ExportFailedError("The export answers in other shapes than the network.")
    if not difference <= TOLERANCE:
        raise ExportFailedError(
            f"The export answers differently from the trained network: by {difference:.2g} on {len(checked)} validation samples, "
            f"where {TOLERANCE:g} is allowed."
        )
    return difference, len(checked), []


def validation_samples(opened: Opened, model: RawModel) -> Checked | None:
    """Some validation samples, evenly spread, as raw input and with our own predictions; None without the dataset."""
    from studio.datasets import store

    workspace = workspace_of(opened.run)
    try:
        dataset = store.load(workspace, opened.loaded.recipe.dataset)
    except StudioError:
        return None
    rows = dataset.rows("validation")
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), opened.head.answering.most_checked)).round().astype(int))]
    names = np.full(len(dataset), "", dtype="U10")
    names[chosen] = "validation"
    return own_answers(opened, model, dataset.with_splits(names), "validation")


def own_answers(opened: Opened, model: RawModel, dataset: Dataset, part: str) -> Checked:
    """Raw input of a split, and what the network says to it on the way that training takes."""
    inputs: dict[str, Any] = {}
    for port in model.ports:
        if port.kind == "columns":
            columns = dataset.columns(part)
            inputs |= {name: columns[feature] for feature, name in port.names.items()}
        else:
            for feature, name in port.names.items():
                inputs[name] = raw_values(dataset, feature, part)
    seen = samples(None, dataset, opened.loaded.split, part).whole()
    outputs = opened.outputs(seen)
    return Checked(inputs, {prefix: head.answering.read(outputs[head.output]) for prefix, head in model.heads.items()})


def nothing(model: RawModel) -> Checked:
    """No samples, to see at least that an export loads."""
    inputs: dict[str, Any] = {
        name: [] if spec.dtype.name == "string" else np.zeros((0, *(size or 1 for size in spec.shape[1:])), spec.dtype.name)
        for name, spec in model.signature.items()
    }
    return Checked(inputs, {prefix: np.zeros((0, len(head.classes or ())), np.float32) for prefix, head in model.heads.items()})


def _companions(opened: Opened, exporter: Exporter, model: RawModel, folder: Path) -> None:
    for prefix, head in model.heads.items():
        for name, text in head.answering.companions(opened).items():
            write_text(folder / f"{prefix}{name}", text)
    columns = [
        {"name": feature, "input": name, "kind": kind, "dtype": exporter.column_dtype(kind, port.dtypes[feature])}
        for port in model.ports
        if port.kind == "columns"
        for feature, name in port.names.items()
        for kind in [next((each.kind for each in opened.features if each.name == feature), "number")]
    ]
    if columns:
        write_text(folder / "columns.json", json.dumps({"columns": columns}, ensure_ascii=False, indent=1) + "\n")
    write_text(folder / "recipe.yaml", opened.run.recipe_path.read_text("utf-8"))
    write_text(folder / "client.py", exporter.client(model))
    write_text(
        folder / "README.txt", f"{opened.loaded.whole.name or 'Network'}, trained on {opened.loaded.recipe.dataset}\n\n{exporter.explained(model)}\n"
    )


__all__ = ["Exported", "Workspace", "archive", "check_place", "export", "exports", "facts_of"]
