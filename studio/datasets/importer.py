"""Imports in a process of their own: `python -m studio.datasets.importer WORKSPACE JOBFILE`."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess  # the program and its arguments are our own
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from studio.datasets.errors import DatasetError
from studio.datasets.manifest import Manifest
from studio.datasets.store import OWNER_FILE, RESULT_FILE, add, sweep_after
from studio.workspace import StudioError, Workspace, make_numbered, read_json, slug, write_json

JOB_FILE = "job.json"
PROGRESS_FILE = "progress.json"
LOG_FILE = "log.txt"
_STEP_SECONDS = 0.2
_FAILED = "The import ended unexpectedly; see the log for the reason."


@dataclass(frozen=True)
class ImportState:
    """How far an import is.

    Args:
        fraction: The finished share, 0 to 1.
        message: Why it failed, in one sentence; "" if it did not.
        manifest: The dataset, when the import has ended well.
    """

    fraction: float = 0.0
    text: str = ""
    done: bool = False
    message: str = ""
    manifest: Manifest | None = None

    @property
    def ok(self) -> bool:
        return self.manifest is not None


class Import:
    """An import under way, seen through its folder in `incoming`.

    Args:
        process: The importer, if this process started it.
    """

    def __init__(self, folder: Path, process: subprocess.Popen[bytes] | None = None) -> None:
        self.folder = folder
        self._process = process

    def poll(self) -> ImportState:
        """How far it is now."""
        alive = self._alive()
        if (self.folder / RESULT_FILE).is_file():
            result = read_json(self.folder / RESULT_FILE)
            if result["ok"]:
                return ImportState(1.0, "", True, manifest=Manifest.model_validate(result["manifest"]))
            return ImportState(1.0, "", True, message=result["message"])
        if not alive:
            return ImportState(1.0, "", True, message=_FAILED)
        if not (self.folder / PROGRESS_FILE).is_file():
            return ImportState(0.0, "Starting")
        progress = read_json(self.folder / PROGRESS_FILE)
        return ImportState(progress["fraction"], progress["text"])

    def wait(self, timeout_seconds: float = 3600.0) -> ImportState:
        """Polls until the import has ended.

        Raises:
            TimeoutError: It has not ended in time.
        """
        end = time.monotonic() + timeout_seconds
        while not (state := self.poll()).done:
            if time.monotonic() > end:
                raise TimeoutError(f"The import in {self.folder.name} has not ended after {timeout_seconds:g} s.")
            time.sleep(_STEP_SECONDS / 4)
        return state

    def cancel(self) -> None:
        """Ends the importer and removes what it left; the workspace is as before."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
            sweep_after(Workspace(self.folder.parent.parent), self._process.pid)
        self.forget()

    def forget(self) -> None:
        """Removes the import's folder once its result has been taken."""
        if self._process is not None and self._process.poll() is None:
            self._process.wait(timeout=10.0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _alive(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None
        try:
            owner = read_json(self.folder / OWNER_FILE)
            return bool(abs(psutil.Process(owner["pid"]).create_time() - owner["started"]) < 1.0)
        except (FileNotFoundError, StudioError, psutil.NoSuchProcess):
            return False


def start(
    workspace: Workspace,
    path: str | os.PathLike[str],
    name: str | None = None,
    target: str | None = None,
    kind: str | None = None,
    options: Mapping[str, Any] | None = None,
    move: bool = False,
) -> Import:
    """Starts an import in a process of its own; parameters as for `studio.datasets.add`.

    Args:
        move: Whether the upload is removed when the import has ended (a page's uploaded file).
    """
    folder = make_numbered(workspace.incoming, f"import-{slug(Path(path).stem, 'upload')}")
    job = {"path": str(path), "name": name, "target": target, "kind": kind, "options": dict(options or {}), "move": move}
    write_json(folder / JOB_FILE, job)
    with (folder / LOG_FILE).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "studio.datasets.importer", str(workspace.folder), str(folder / JOB_FILE)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
        )
    write_json(folder / OWNER_FILE, {"pid": process.pid, "started": psutil.Process(process.pid).create_time()})
    return Import(folder, process)


def _environment() -> dict[str, str]:
    """That of this process, with one thread for NumPy and our packages on the path even where they are not installed."""
    paths = [str(Path(__file__).resolve().parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths)}


def run(workspace: Workspace, job_file: Path) -> bool:
    """Does the import that a job file describes; what happens is written beside it. Whether it ended well."""
    folder = job_file.parent
    job = read_json(job_file)
    shown = 0.0

    def progress(fraction: float, text: str) -> None:
        nonlocal shown
        if time.monotonic() - shown >= _STEP_SECONDS:
            shown = time.monotonic()
            write_json(folder / PROGRESS_FILE, {"fraction": round(fraction, 4), "text": text})

    try:
        manifest = add(workspace, job["path"], job["name"], job["target"], job["kind"], progress, job["options"])
    except StudioError as error:
        write_json(folder / RESULT_FILE, {"ok": False, "message": str(error)})
        return False
    except Exception:  # the process's edge: the reason goes to the log, a sentence to the page
        logging.getLogger(__name__).exception("import of %s", job["path"])
        write_json(folder / RESULT_FILE, {"ok": False, "message": _FAILED})
        return False
    finally:
        if job["move"]:
            Path(job["path"]).unlink(missing_ok=True)
    write_json(folder / RESULT_FILE, {"ok": True, "dataset": manifest.name, "manifest": manifest.model_dump(mode="json")})
    return True


def main(arguments: list[str]) -> int:
    """The process: 0 when the dataset is there, 2 when the upload was refused."""
    if len(arguments) != 2:
        raise DatasetError("Expected: python -m studio.datasets.importer WORKSPACE JOBFILE.")
    logging.basicConfig(level=logging.INFO)
    return 0 if run(Workspace(arguments[0]), Path(arguments[1])) else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
