"""Imports that the Data page started: begun, watched (also after a reload), repeated and dismissed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from studio.datasets import importer, public, store
from studio.datasets.errors import DatasetError
from studio.datasets.importer import JOB_FILE, Import
from studio.datasets.kinds import all_kinds
from studio.datasets.options import ImportOptions
from studio.datasets.store import OWNER_FILE
from studio.ui import forms
from studio.ui.api.uploads import uploaded
from studio.workspace import StudioError, Workspace, child, read_json

UPLOAD_PREFIX = "upload-"


class Imports:
    """The imports of a workspace. The truth is in its folder `incoming`; only the processes that were started here are held.

    A finished import stays listed, with its report, until it is dismissed, so that it can be repeated with other options.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._started: dict[str, Import] = {}

    def begin(self, source: Path, name: str = "", target: str = "", kind: str = "", options: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Starts an import and says how it stands; empty texts leave the finding out to the importer.

        Raises:
            DatasetError: An option is refused.
        """
        chosen = {key: value for key, value in (options or {}).items() if value not in (None, "")}
        ImportOptions.read(chosen)
        started = importer.start(self.workspace, source, name.strip() or None, target.strip() or None, kind or None, chosen)
        self._started[started.folder.name] = started
        return self.state(started.folder.name)

    def source_of(self, upload: str | None = None, path: str | None = None, again: str | None = None, public_set: str | None = None) -> Path:
        """The file or folder to import: an upload, a path on the server, that of an earlier import, or the name of a public set.

        Raises:
            StudioError: There is none.
        """
        if upload:
            return uploaded(self.workspace, upload)
        if public_set:
            if public.known_as(public_set) is None:
                raise DatasetError(f"There is no public dataset named {public_set[:80]!r}.")
            return Path(public_set)
        if again:
            found = Path(read_json(self._folder(again) / JOB_FILE)["path"])
            if not _is_there(found):
                raise DatasetError(f"{found.name} is not there any more; send it again.")
            return found
        text = (path or "").strip().strip('"')
        if not text:
            raise DatasetError("Name a file or a folder on the computer that runs the studio.")
        found = Path(text).expanduser()
        if not found.is_absolute():
            raise DatasetError(f"{text} is not a whole path. Begin with the root of the computer that runs the studio, such as {Path.home()}.")
        if not found.exists():
            raise DatasetError(f"There is no file or folder {text} on the computer that runs the studio.")
        return found

    def listed(self) -> list[dict[str, Any]]:
        """Every import, the newest first."""
        folders = [folder for folder in self.workspace.incoming.iterdir() if (folder / JOB_FILE).is_file()]
        dated = [((folder / JOB_FILE).stat().st_mtime_ns, folder.name) for folder in folders]
        return [self.state(name) for _, name in sorted(dated, reverse=True)]

    def state(self, number: str) -> dict[str, Any]:
        """How an import stands, and what was asked.

        Raises:
            StudioError: There is no such import.
        """
        folder = self._folder(number)
        job = read_json(folder / JOB_FILE)
        now = self._import(number).poll()
        return {
            "id": number,
            "file": Path(job["path"]).name,
            "asked": {key: job[key] for key in ("name", "target", "kind", "options")},
            "repeatable": _is_there(Path(job["path"])),
            "fraction": now.fraction,
            "text": now.text,
            "done": now.done,
            "problem": now.message,
            "dataset": now.manifest.name if now.manifest else None,
            "title": now.manifest.title if now.manifest else None,
            "warnings": now.manifest.warnings if now.manifest else [],
        }

    def dismiss(self, number: str) -> None:
        """Ends an import if it is under way, forgets it, and removes the file that was uploaded for it.

        Raises:
            StudioError: There is no such import.
        """
        folder = self._folder(number)
        source = Path(read_json(folder / JOB_FILE)["path"])
        held = self._import(number)
        if not held.poll().done:
            end_process(folder)
        held.cancel()
        self._started.pop(number, None)
        place = source.parent
        if place.parent == self.workspace.temporary and place.name.startswith(UPLOAD_PREFIX) and not self._wanted(source):
            shutil.rmtree(place, ignore_errors=True)

    def _wanted(self, source: Path) -> bool:
        jobs = [folder / JOB_FILE for folder in self.workspace.incoming.iterdir()]
        return any(read_json(job)["path"] == str(source) for job in jobs if job.is_file())

    def _import(self, number: str) -> Import:
        return self._started.get(number) or Import(self._folder(number))

    def _folder(self, number: str) -> Path:
        folder = child(self.workspace.incoming, number, "import")
        if not (folder / JOB_FILE).is_file():
            raise StudioError(f"There is no import named {number!r}.")
        return folder


def _is_there(source: Path) -> bool:
    return public.known_as(str(source)) is not None or source.exists()


def public_sets(workspace: Workspace) -> list[dict[str, Any]]:
    """The public sets that have not been downloaded into the workspace yet."""
    here = set(store.names(workspace))
    shown = ("title", "kind", "summary", "megabytes", "licence", "credit")
    return [{"name": name, **{key: getattr(known, key) for key in shown}} for name, known in public.all_sets().items() if name not in here]


def end_process(folder: Path) -> None:
    """Ends the importer that works for a folder, if it still lives."""
    try:
        owner = read_json(folder / OWNER_FILE)
        process = psutil.Process(owner["pid"])
        if abs(process.create_time() - owner["started"]) < 1.0:
            process.kill()
            process.wait(timeout=10)
    except (FileNotFoundError, psutil.NoSuchProcess):
        return


def option_fields() -> list[dict[str, Any]]:
    """The form of what a person may say about an upload."""
    return forms.fields(ImportOptions, without=["limits"])


def kinds() -> list[str]:
    """What an upload can become."""
    return sorted(all_kinds())
