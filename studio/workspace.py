"""The folder that holds everything: datasets, runs, drafts, caches. Every write is whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ENVIRONMENT_VARIABLE = "BLOCKSTUDIO_WORKSPACE"
FULL = "The disk is full. Make room where the workspace is, then try again; nothing was lost."
_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class StudioError(Exception):
    """Root of what the studio reports to a person: one clear sentence, shown without a traceback."""


class Workspace:
    """A workspace folder and the places in it.

    Args:
        folder: Where; by default the environment variable BLOCKSTUDIO_WORKSPACE, or `blockstudio` in the home folder.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        chosen = folder or os.environ.get(ENVIRONMENT_VARIABLE) or Path.home() / "blockstudio"
        self.folder = Path(chosen).expanduser().resolve()
        kept = (self.datasets, self.runs, self.drafts, self.graphs, self.modules, self.imported)
        for place in (*kept, self.cache, self.incoming, self.locks, self.temporary):
            place.mkdir(parents=True, exist_ok=True)

    @property
    def datasets(self) -> Path:
        return self.folder / "datasets"

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def drafts(self) -> Path:
        return self.folder / "drafts"

    @property
    def graphs(self) -> Path:
        """Saved networks."""
        return self.folder / "graphs"

    @property
    def modules(self) -> Path:
        """Parts of networks, kept for use in others."""
        return self.folder / "modules"

    @property
    def imported(self) -> Path:
        """Weights of networks from elsewhere, kept to begin trainings with."""
        return self.folder / "imported"

    @property
    def cache(self) -> Path:
        """Files that can be made anew at any time."""
        return self.folder / "cache"

    @property
    def incoming(self) -> Path:
        """Imports under way."""
        return self.folder / "incoming"

    @property
    def locks(self) -> Path:
        return self.folder / "locks"

    @property
    def temporary(self) -> Path:
        """Uploads and downloads of the page."""
        return self.folder / "temporary"

    @property
    def spare_log(self) -> Path:
        """What trainers print before they have a run."""
        return self.folder / "spare.log"


def full_disk(error: BaseException) -> OSError | None:
    """The error that said that there was no room for what was to be written: this one, or one that led to it."""
    while not (isinstance(error, OSError) and error.errno in _NO_ROOM):
        if error.__context__ is None:
            return None
        error = error.__context__
    return error


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a whole file: temporary file, fsync, rename. A reader sees the old content or the new, never a part."""
    with replaced(path) as partial:
        partial.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Writes a whole text file in UTF-8, as `write_bytes` does."""
    write_bytes(path, content.encode("utf-8"))


def write_json(path: Path, content: Any) -> None:
    """Writes a whole JSON file, as `write_bytes` does."""
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    try:
        write_text(path, text)
    except UnicodeEncodeError:  # halves of characters, as in file names that are no UTF-8
        write_text(path, json.dumps(content, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """Reads a JSON file.

    Raises:
        FileNotFoundError: There is no such file.
        StudioError: The file is not JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise StudioError(f"{path.name} is damaged: {error}.") from error


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, which takes its place (after fsync) when the block ends without an error."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:60]}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with partial.open("rb+") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def make_numbered(parent: Path, name: str) -> Path:
    """Makes and returns the folder `parent/name`, or `name-2`, `name-3` ... if that is taken (also by a process that is at it now)."""
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1


def slug(text: str, fallback: str = "unnamed") -> str:
    """A file-system safe, readable name: letters of any language, digits, `-`, `_` and `.`; at most 60 characters."""
    kept = re.sub(r"[^\w.-]+", "-", text.strip()).strip("-._")[:60].rstrip("-._")
    return kept or fallback


_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str, keep: str = "") -> str:
    """The text with control characters, changes of direction and halves of characters spelled out (`\\x1b`), so that showing it is harmless.

    Args:
        keep: Control characters that stay.
    """
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if character not in keep and (character in _TURNS or unicodedata.category(character) in ("Cc", "Cs"))
        else character
        for character in text
    )


def child(parent: Path, name: str, noun: str) -> Path:
    """The existing folder `name` directly in `parent`.

    Raises:
        StudioError: The name is not a plain name, or there is no such folder.
    """
    if name and name not in (".", "..") and not any(character in name for character in "/\\\0"):
        with suppress(OSError):  # such as a name that is too long for a file system
            if (parent / name).is_dir():
                return parent / name
    raise StudioError(f"There is no {noun} named {name[:80]!r}.")


def remove_folder(folder: Path) -> None:
    """Removes a folder with all it holds."""
    shutil.rmtree(folder)


def size_of(folder: Path) -> int:
    """Bytes that the files below a folder take."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())
