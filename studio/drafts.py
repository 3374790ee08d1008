"""Drafts: recipes that have not been run, kept in the workspace under an id that the URL carries."""

from __future__ import annotations

import copy
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from studio.workspace import StudioError, Workspace, read_json, write_json

FORMAT = "studio.draft/1"
KEPT = 200
"""Drafts that a workspace keeps; the ones changed longest ago make room."""

_ID = re.compile(r"[a-z0-9]{4,32}")


@dataclass(frozen=True)
class Draft:
    """A recipe that has not been run.

    Args:
        id: What the URL carries (`?draft=ID`).
        revision: Counts the saves, from 1. A save names the revision it changes.
        changed: When it was saved last, ISO time in UTC.
        recipe: The recipe's fields as JSON, as far as they differ from the defaults; it may be half-finished.
    """

    id: str
    revision: int
    changed: str
    recipe: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, "id": self.id, "revision": self.revision, "changed": self.changed, "recipe": self.recipe}


class UnknownDraftError(StudioError):
    """The URL names a draft that is not there (any more)."""


class StaleDraftError(StudioError):
    """A save named an older revision: somebody else, or another tab, was quicker.

    Args:
        current: The draft as it stands, so that a page can show both.
    """

    def __init__(self, current: Draft) -> None:
        super().__init__(f"Draft {current.id} was changed elsewhere (it stands at revision {current.revision}); nothing was saved.")
        self.current = current


def create(workspace: Workspace, recipe: dict[str, Any] | None = None) -> Draft:
    """Makes a draft with an id of its own."""
    while True:
        draft = Draft(secrets.token_hex(4), 1, _now(), copy.deepcopy(recipe or {}))
        path = workspace.drafts / f"{draft.id}.json"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            continue
        write_json(path, draft.to_json())
        _make_room(workspace)
        return draft


def load(workspace: Workspace, draft_id: str) -> Draft:
    """The draft of that id.

    Raises:
        UnknownDraftError: There is none.
        StudioError: Its file is damaged or of a newer version.
    """
    path = _path(workspace, draft_id)
    try:
        content = read_json(path)
    except FileNotFoundError:
        raise UnknownDraftError(f"There is no draft {draft_id!r} here. It may have been made in another workspace, or removed.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StudioError(
            f"Draft {draft_id}: expected the format {FORMAT!r}, received {content.get('format') if isinstance(content, dict) else content!r}."
        )
    try:
        return Draft(draft_id, int(content["revision"]), str(content["changed"]), dict(content["recipe"]))
    except (KeyError, TypeError, ValueError) as error:
        raise StudioError(f"Draft {draft_id} is damaged: {type(error).__name__} {error}.") from error


def latest(workspace: Workspace) -> Draft | None:
    """The draft that was changed last, or None where there is none."""
    for path in _newest_first(workspace):
        try:
            return load(workspace, path.stem)
        except StudioError:
            continue  # a damaged file must not keep a page from opening; its own link says what is wrong with it
    return None


def save(workspace: Workspace, draft_id: str, revision: int, recipe: dict[str, Any]) -> Draft:
    """Replaces a draft's recipe.

    Args:
        revision: The revision that the writer has seen.

    Raises:
        StaleDraftError: The draft has moved on since; nothing is written.
    """
    with _lock(workspace, draft_id):
        current = load(workspace, draft_id)
        if current.revision != revision:
            raise StaleDraftError(current)
        draft = Draft(draft_id, revision + 1, _now(), copy.deepcopy(recipe))
        write_json(_path(workspace, draft_id), draft.to_json())
        return draft


def change(workspace: Workspace, draft_id: str, revision: int, changes: dict[str, Any], unset: Iterable[str] = ()) -> Draft:
    """Changes some fields of a draft, as a form does: `{"training.epochs": 20, "dataset": "digits"}`.

    Args:
        changes: Values by dotted path.
        unset: Dotted paths of fields to take out, so that their defaults hold again.

    Raises:
        StaleDraftError: The draft has moved on since; nothing is written.
    """
    recipe = copy.deepcopy(load(workspace, draft_id).recipe)
    for path in unset:
        take_out(recipe, path)
    for path, value in changes.items():
        put(recipe, path, value)
    return save(workspace, draft_id, revision, recipe)


def remove(workspace: Workspace, draft_id: str) -> None:
    """Removes a draft; one that is gone already is no error."""
    _path(workspace, draft_id).unlink(missing_ok=True)
    steps_path(workspace, draft_id).unlink(missing_ok=True)


def steps_path(workspace: Workspace, draft_id: str) -> Path:
    """Where the steps lie by which the draft's network came about (`studio.history`)."""
    return _path(workspace, draft_id).with_suffix(".steps.jsonl")


def put(recipe: dict[str, Any], path: str, value: Any) -> None:
    """Sets the field at a dotted path, in place. A name on the way (`optimizer: adam`) becomes `{name: adam}`."""
    *parents, last = path.split(".")
    place = recipe
    for key in parents:
        below = place.get(key)
        if isinstance(below, str):
            below = place[key] = {"name": below}
        elif not isinstance(below, dict):
            below = place[key] = {}
        place = below
    place[last] = value


def take_out(recipe: dict[str, Any], path: str) -> None:
    """Removes the field at a dotted path, in place; one that is not there is no error."""
    *parents, last = path.split(".")
    place: Any = recipe
    for key in parents:
        place = place.get(key) if isinstance(place, dict) else None
    if isinstance(place, dict):
        place.pop(last, None)


def _path(workspace: Workspace, draft_id: str) -> Path:
    if not _ID.fullmatch(draft_id):
        raise UnknownDraftError(f"There is no draft {draft_id[:40]!r} here: an id has 4 to 32 small letters and digits.")
    return workspace.drafts / f"{draft_id}.json"


def _lock(workspace: Workspace, draft_id: str) -> FileLock:
    _path(workspace, draft_id)
    return FileLock(workspace.locks / f"draft-{draft_id}.lock", timeout=10)


def _newest_first(workspace: Workspace) -> list[Path]:
    dated: list[tuple[int, str, Path]] = []
    for path in workspace.drafts.glob("*.json"):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if status.st_size:
            dated.append((status.st_mtime_ns, path.stem, path))
    return [path for *_, path in sorted(dated, reverse=True)]


def _make_room(workspace: Workspace) -> None:
    for path in _newest_first(workspace)[KEPT:]:
        remove(workspace, path.stem)
        (workspace.locks / f"draft-{path.stem}.lock").unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
