"""What the Export page shows: the formats, and the exports of a run with their client examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.export import base, service
from studio.export.base import ExportError
from studio.export.service import Exported
from studio.runs import Run
from studio.ui.forms import described
from studio.workspace import child, remove_folder

LISTED_FILES = 40
CLIENT, README = "client.py", "README.txt"


def formats() -> list[dict[str, Any]]:
    """Every export format with what is needed to run it and the fields of its form."""
    return [{**described(name, exporter), "runtime": exporter.runtime} for name, exporter in base.formats().items()]


def exports(run: Run) -> list[dict[str, Any]]:
    """The exports of a run, the newest first."""
    return [export(run, facts) for facts in service.exports(run)]


def export(run: Run, facts: Exported) -> dict[str, Any]:
    """One export: its figures, the client example, and the files in it."""
    folder = folder_of(run, facts)
    files = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    return {
        "name": folder.name,
        "format": facts.format,
        "state": facts.state,
        "created": facts.created,
        "bytes": facts.bytes,
        "max_abs_difference": facts.max_abs_difference,
        "samples_checked": facts.samples_checked,
        "notes": facts.notes,
        "client": _text(folder / CLIENT),
        "readme": _text(folder / README),
        "files": files[:LISTED_FILES] + (["…"] if len(files) > LISTED_FILES else []),
    }


def folder_of(run: Run, facts: Exported) -> Path:
    """The folder of an export, below the run's exports."""
    return run.exports / Path(facts.path).relative_to(run.exports).parts[0]


def archive(run: Run, name: str) -> Path:
    """The zip of an export.

    Raises:
        StudioError: There is no such export.
    """
    return service.archive(run, child(run.exports, name, "export"))


def remove(run: Run, name: str) -> None:
    """Deletes an export and its zip.

    Raises:
        StudioError: There is no such export.
    """
    folder = child(run.exports, name, "export")
    if service.facts_of(folder) is None:
        raise ExportError(f"There is no export {name!r}.")
    remove_folder(folder)
    (run.exports / f"{run.id}-{name}.zip").unlink(missing_ok=True)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""
