"""Which file of an upload a cell of a table names. Names are looked up among the upload's files; no path is ever opened by what a cell says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from studio.datasets.readers.source import File
from studio.workspace import visible

_ABSOLUTE = re.compile(r"^(?:/|~|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://)")
ABSOLUTE = "an absolute path; name files relative to the table"
OUTSIDE = "the path leads outside the upload"
ABSENT = "the file is not in the upload"
AMBIGUOUS = "several files have this name; add their folder"
EMPTY = "no file is named"


class Names:
    """Files by all names under which a table may list them: paths from the table's folder or from the top, their last parts, and either
    without the ending.

    Args:
        folder: Where the table lies.
    """

    def __init__(self, files: Iterable[File], folder: tuple[str, ...] = ()) -> None:
        self._folder = list(folder)
        self._paths: dict[str, File] = {}
        self._loose: dict[str, list[File]] = {}
        for file in files:
            self._paths[file.path] = file
            parts = [part.casefold() for part in file.parts]
            for start in range(len(parts)):
                tail = "/".join(parts[start:])
                self._loose.setdefault(tail, []).append(file)
                bare, dot, _ = tail.rpartition(".")
                if dot and not bare.endswith("/"):
                    self._loose.setdefault(bare, []).append(file)

    def find(self, cell: str | None) -> File | str:
        """The file that a cell names, or the reason why there is none; it completes "Left out 3 rows (...)"."""
        text = visible(unicodedata.normalize("NFC", (cell or "").strip().replace("\\", "/")))
        if not text:
            return EMPTY
        if _ABSOLUTE.match(text):
            return ABSOLUTE
        parts = list(self._folder)
        for part in text.split("/"):
            if part == "..":
                if not parts:
                    return OUTSIDE
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        exact = self._paths.get("/".join(parts)) or self._paths.get(text)
        if exact is not None:
            return exact
        tail = "/".join(part for part in text.split("/") if part not in ("", "."))
        found = [] if ".." in tail.split("/") else self._loose.get(tail.casefold(), [])
        return found[0] if len(found) == 1 else AMBIGUOUS if found else ABSENT
