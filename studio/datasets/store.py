"""The workspace's datasets: add, list, load, remove."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import yaml
from filelock import FileLock

from blocks.errors import InvalidValueError
from studio.datasets.dataset import Dataset
from studio.datasets.errors import DatasetError, DatasetInUseError
from studio.datasets.kinds import all_kinds
from studio.datasets.kinds.base import Draft, Job, digest
from studio.datasets.kinds.choose import choose, others
from studio.datasets.manifest import FILE, FORMAT, Manifest
from studio.datasets.options import ImportOptions
from studio.datasets.readers.source import open_source
from studio.datasets.report import Progress, Report
from studio.workspace import StudioError, Workspace, child, full_disk, make_numbered, read_json, remove_folder, size_of, slug, visible, write_json

OWNER_FILE = "owner.json"
RESULT_FILE = "result.json"
_ORPHAN_SECONDS = 60.0
_RESULT_SECONDS = 600.0
_ACTIVE = ("queued", "running", "paused")


def add(
    workspace: Workspace,
    path: str | os.PathLike[str],
    name: str | None = None,
    target: str | None = None,
    kind: str | None = None,
    progress: Progress | None = None,
    options: Mapping[str, Any] | ImportOptions | None = None,
) -> Manifest:
    """Imports an upload as a dataset: whole, or not at all.

    The data are checked and copied into a folder of `incoming`, which is renamed into `datasets` at the end. The same
    data (content, kind, target and options) twice are one dataset: what comes back is the first one's manifest with the
    warnings of this upload. A taken name with other content gets `-2`.

    Args:
        path: A zip or folder, a table, an .npz file ...; or the name of a public set (`studio.datasets.public`), which is downloaded.
        name: The dataset's name; by default that of the file.
        target: The column to predict; guessed if not given.
        kind: What the data shall become; found out if not given.
        progress: Is told the finished fraction and a short text.
        options: Fields of `ImportOptions`.

    Raises:
        DatasetError: The upload can't become a dataset; the workspace is as before.
    """
    from studio.datasets import public

    wanted = public.known_as(os.fspath(path))
    if wanted and not Path(path).exists():
        return public.add(workspace, wanted, progress)
    given = _existing(path)
    settings = _options(options)
    if kind is not None and kind not in all_kinds():
        raise DatasetError(f"There is no dataset kind {kind!r} that can be imported. Known: {', '.join(all_kinds())}.")
    title = visible(name.strip() if name and name.strip() else (given.resolve().stem if not given.is_dir() else given.resolve().name))[:200]
    source = visible(given.name)
    return add_described(workspace, given, {"title": title, "name": slug(title, "dataset"), "source": source}, target, kind, progress, settings)


def add_described(
    workspace: Workspace,
    path: Path,
    described: Mapping[str, str],
    target: str | None = None,
    kind: str | None = None,
    progress: Progress | None = None,
    options: ImportOptions | None = None,
) -> Manifest:
    """As `add`, with the manifest's name, title, source, licence and credit given (built-in sets know theirs)."""
    settings = options or ImportOptions.read()
    folder: Path | None = None
    try:
        folder = make_numbered(workspace.incoming, f"{slug(described['name'], 'dataset')}-{os.getpid()}")
        write_json(folder / OWNER_FILE, {"pid": os.getpid(), "started": psutil.Process().create_time()})
        report = Report()
        draft = _read(path, folder, target, kind, settings, report, progress or _silent)
        return _place(workspace, folder / "dataset", draft, described, settings, report)
    except StudioError:
        raise
    except MemoryError as error:
        raise DatasetError(
            f"{visible(path.name)} could not be imported: memory ran out. Close other programs, or import a part of the data."
        ) from error
    except Exception as error:
        reason = full_disk(error) or error
        if not isinstance(reason, OSError):
            raise
        raise DatasetError(f"{visible(path.name)} could not be imported: {_reason(reason, workspace)}") from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path, folder: Path, target: str | None, kind: str | None, options: ImportOptions, report: Report, progress: Progress) -> Draft:
    ready, scratch = folder / "dataset", folder / "scratch"
    ready.mkdir()
    scratch.mkdir()
    progress(0.0, "Looking at the files")
    source = open_source(path, options.limits, report)
    try:
        importer = choose(source, kind, report)
        draft = importer().run(Job(source, ready, scratch, target, kind, options, report, progress))
        return replace(draft, guessed=kind is None, other_kinds=others(source, draft.kind))
    finally:
        source.close()


def _place(workspace: Workspace, ready: Path, draft: Draft, described: Mapping[str, str], options: ImportOptions, report: Report) -> Manifest:
    content = digest(FORMAT, draft.kind, draft.target, repr(sorted(options.given().items())), draft.content)
    with FileLock(workspace.locks / "datasets.lock"):
        existing = next((manifest for manifest in manifests(workspace) if manifest.hash == content), None)
        if existing is not None:
            report.note(f"The same data are here already, as {existing.name!r}; nothing was added.")
            return existing.model_copy(update={"warnings": report.warnings()})
        wanted = described["name"]
        name = _free_name(workspace, wanted)
        if name != wanted:
            report.note(f"The name {wanted!r} is taken by other data; this dataset is named {name!r}.")
        manifest = Manifest(
            **{"source": "", **described, "name": name},
            kind=draft.kind,
            features=draft.features,
            samples=draft.samples,
            splits=draft.splits,
            split_origin=draft.split_origin,
            hash=content,
            options=options.given(),
            reading=draft.reading,
            guessed=draft.guessed,
            other_kinds=draft.other_kinds,
            warnings=report.warnings(),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            bytes=size_of(ready),
        )
        manifest.save(ready)
        ready.replace(workspace.datasets / name)
    return manifest


def names(workspace: Workspace) -> list[str]:
    """The datasets' names, in alphabetical order."""
    return sorted(folder.name for folder in workspace.datasets.iterdir() if (folder / FILE).is_file())


def manifests(workspace: Workspace) -> list[Manifest]:
    """Every dataset's manifest, by name; a damaged one is passed over (loading it says what is wrong)."""
    found: list[Manifest] = []
    for name in names(workspace):
        try:
            found.append(Manifest.read(workspace.datasets / name))
        except StudioError:
            continue
    return found


def load(workspace: Workspace, name: str) -> Dataset:
    """A dataset of the workspace, or a built-in one, which is imported at its first use.

    Raises:
        DatasetError: There is none of that name, or its manifest is damaged.
    """
    from studio.datasets import builtin

    if name not in names(workspace) and name in builtin.all_sets():
        return Dataset(workspace.datasets / builtin.add(workspace, name).name)
    try:
        folder = child(workspace.datasets, name, "dataset")
    except StudioError as error:
        from studio.datasets import public

        found = public.known_as(name)
        if found:
            raise DatasetError(f"{found} is a public dataset that has not been downloaded yet: studio datasets add {found}") from error
        known = sorted({*names(workspace), *builtin.all_sets()})
        raise DatasetError(f"There is no dataset named {name!r}. Known: {', '.join(known)}.") from error
    return Dataset(folder)


def remove(workspace: Workspace, name: str, in_use: Callable[[str], Sequence[str]] | None = None) -> None:
    """Removes a dataset.

    Args:
        in_use: The names of the runs that still need a dataset; by default those queued, running or paused.

    Raises:
        DatasetInUseError: A run still needs it.
        StudioError: There is no such dataset.
    """
    with FileLock(workspace.locks / "datasets.lock"):
        folder = child(workspace.datasets, name, "dataset")
        users = list(in_use(name) if in_use else runs_that_use(workspace, name))
        if users:
            raise DatasetInUseError(f"Dataset {name!r} is in use by {', '.join(users)}, running or paused; stop, finish or delete that first.")
        trash = make_numbered(workspace.incoming, f"removed-{slug(name)}")
        folder.replace(trash / "dataset")
    remove_folder(trash)


def runs_that_use(workspace: Workspace, name: str) -> list[str]:
    """The runs that are queued, running or paused with a dataset."""
    users: list[str] = []
    for folder in sorted(workspace.runs.iterdir()):
        recipe, status = folder / "recipe.yaml", folder / "status.json"
        if not recipe.is_file() or not status.is_file():
            continue
        try:
            document, state = yaml.safe_load(recipe.read_text("utf-8")), read_json(status)
        except (yaml.YAMLError, UnicodeDecodeError, StudioError, OSError):
            continue  # a damaged run can't go on, and needs no data
        if isinstance(document, dict) and document.get("dataset") == name and isinstance(state, dict) and state.get("status") in _ACTIVE:
            users.append(folder.name)
    return users


def sweep(workspace: Workspace) -> list[str]:
    """Removes what imports that died left in `incoming`; for the start of a page process.

    Imports under way, and results of the last ten minutes, are left alone.
    """
    swept: list[str] = []
    for folder in workspace.incoming.iterdir():
        if not _is_owned(folder):
            shutil.rmtree(folder, ignore_errors=True)
            swept.append(folder.name)
    return swept


def sweep_after(workspace: Workspace, pid: int) -> None:
    """Removes what an ended process was working at."""
    for folder in workspace.incoming.iterdir():
        try:
            owner = read_json(folder / OWNER_FILE)
        except (FileNotFoundError, NotADirectoryError, StudioError):
            continue
        if owner.get("pid") == pid:
            shutil.rmtree(folder, ignore_errors=True)


def _is_owned(folder: Path) -> bool:
    result = folder / RESULT_FILE
    if result.is_file() and time.time() - result.stat().st_mtime < _RESULT_SECONDS:
        return True
    try:
        owner = read_json(folder / OWNER_FILE)
        return bool(abs(psutil.Process(owner["pid"]).create_time() - owner["started"]) < 1.0)
    except (psutil.NoSuchProcess, KeyError, TypeError):
        return False
    except (OSError, StudioError):
        return folder.exists() and time.time() - folder.stat().st_mtime < _ORPHAN_SECONDS


def _existing(path: str | os.PathLike[str]) -> Path:
    try:
        given = Path(path).expanduser()
        given.stat()
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a home folder that nobody knows
        reason = "" if isinstance(error, FileNotFoundError) else f" ({_plain_reason(error)})"
        raise DatasetError(f"There is no file or folder {visible(os.fspath(path))[:200]!r}{reason}.") from error
    return given


def _reason(error: OSError, workspace: Workspace) -> str:
    advice = f" Make room where the workspace is ({workspace.folder}), then add it again; nothing was left behind." if full_disk(error) else ""
    return f"{_plain_reason(error)}.{advice}"


def _plain_reason(error: Exception) -> str:
    """What the system says, without its number and the path."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return visible((str(error) or type(error).__name__).splitlines()[0])[:200].rstrip(".")


def _free_name(workspace: Workspace, wanted: str) -> str:
    number = 1
    name = wanted
    while (workspace.datasets / name).exists():
        number += 1
        name = f"{wanted}-{number}"
    return name


def _options(options: Mapping[str, Any] | ImportOptions | None) -> ImportOptions:
    if isinstance(options, ImportOptions):
        return options
    try:
        return ImportOptions.read(dict(options or {}))
    except InvalidValueError as error:
        raise DatasetError(str(error)) from error


def _silent(fraction: float, text: str) -> None:
    """The progress of an import that nobody watches."""
