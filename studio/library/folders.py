"""The folder of one saved network: its name, and one file per version."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from blocks.graph import Graph
from studio.library.errors import LibraryError, NotKeptError
from studio.library.names import LONGEST_NOTE, LONGEST_TITLE, MOMENT_PATTERN
from studio.library.plain import MOST_BYTES, first_problem, read_graph, read_json_file, refuse_other_formats
from studio.workspace import write_json, write_text

FORMAT: Final = "studio.saved/1"
NAME_FILE = "name.json"
_VERSION_FILE = re.compile(r"(\d{4,12})\.json")


class _File(BaseModel):
    """One version as it is written."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["studio.saved/1"] = FORMAT
    version: int
    saved: str = Field(pattern=MOMENT_PATTERN)
    note: str = Field("", max_length=LONGEST_NOTE)
    graph: dict[str, Any]


@dataclass(frozen=True)
class Version:
    """One version, as a list shows it.

    Args:
        saved: When, ISO time in UTC.
        nodes: Nodes of the network's top level.
        blocks: How often each block stands there, the most frequent first.
        problem: Why it can't be opened, "" if it can.
    """

    version: int
    saved: str
    note: str = ""
    nodes: int = 0
    blocks: dict[str, int] | None = None
    problem: str = ""


def numbers(folder: Path) -> list[int]:
    """The versions of a folder, the newest first."""
    try:
        found = [_VERSION_FILE.fullmatch(file.name) for file in folder.iterdir()]
    except FileNotFoundError:  # removed at this moment
        return []
    return sorted((int(match[1]) for match in found if match), reverse=True)


def title_of(folder: Path) -> str:
    """The name that a person gave; where its file is damaged, that of the folder."""
    try:
        content = read_json_file(folder / NAME_FILE, NAME_FILE)
    except (OSError, LibraryError):
        return folder.name
    named = content.get("title") if isinstance(content, dict) else None
    return named if isinstance(named, str) and 0 < len(named) <= LONGEST_TITLE else folder.name


def write_title(folder: Path, title: str) -> None:
    """Names the folder."""
    write_json(folder / NAME_FILE, {"format": FORMAT, "title": title})


def write(folder: Path, version: int, saved: str, note: str, graph: Graph) -> None:
    """Writes a version.

    Raises:
        LibraryError: It is larger than can be read again.
    """
    content = _File(version=version, saved=saved, note=note, graph=graph.document()).model_dump(mode="json")
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    size = len(text.encode())
    if size > MOST_BYTES:
        raise LibraryError(f"The network takes {size / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:g} MB can be saved.")
    write_text(_path(folder, version), text)


def read(folder: Path, version: int) -> tuple[str, str, Graph]:
    """When a version was saved, its note, and its network.

    Raises:
        NotKeptError: There is no such version.
        LibraryError: Its file is damaged.
    """
    content = _content(folder, version)
    return content.saved, content.note, read_graph(content.graph, _where(folder, version))


def newest_readable(folder: Path) -> tuple[int, tuple[str, str, Graph]] | None:
    """The newest version that is not damaged."""
    for version in numbers(folder):
        try:
            return version, read(folder, version)
        except LibraryError:
            continue  # opening that version says what is wrong with it
    return None


def described(folder: Path, version: int) -> Version:
    """A version as a list shows it; a damaged one says why it can't be opened."""
    try:
        content = _content(folder, version)
        try:
            nodes = content.graph.get("nodes", {})
            named = Counter(str(node["block"]) for node in nodes.values() if node.get("block"))
        except (AttributeError, TypeError):  # not the form of a graph: reading it as one says where
            read_graph(content.graph, _where(folder, version))
            raise
    except LibraryError as error:
        return Version(version, _modified(_path(folder, version)), problem=str(error), blocks={})
    return Version(version, content.saved, content.note, len(nodes), dict(named.most_common()))


def _content(folder: Path, version: int) -> _File:
    where = _where(folder, version)
    try:
        values = read_json_file(_path(folder, version), where)
    except FileNotFoundError as error:
        raise NotKeptError(f"The network {title_of(folder)!r} has no version {version}.") from error
    refuse_other_formats(values, FORMAT, where)
    try:
        return _File.model_validate(values)
    except ValidationError as error:
        raise LibraryError(f"{where} is damaged: {first_problem(error)}.") from error


def _path(folder: Path, version: int) -> Path:
    return folder / f"{version:04d}.json"


def _where(folder: Path, version: int) -> str:
    return f"Version {version} of {title_of(folder)!r}"


def _modified(file: Path) -> str:
    try:
        moment = file.stat().st_mtime
    except OSError:
        moment = 0.0
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
