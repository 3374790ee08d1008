"""Saved networks: kept under free names, each with all its versions.

A network has a title, which is free text and belongs to one network only, and a name, which is that of its folder and
stands in addresses. Where a name is asked for, the title is taken first, then the folder's name. A version never
changes; every save of another content is a new one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from blocks.errors import closest
from blocks.graph import Graph
from studio.library import folders, names
from studio.library.errors import LibraryError, NotKeptError
from studio.library.folders import Version
from studio.library.names import LONGEST_TITLE, lock
from studio.library.plain import same, writable
from studio.workspace import Workspace, make_numbered, remove_folder, slug, visible

UNNAMED = "network"
_RESERVED = frozenset({"modules"})
"""Names that addresses use otherwise."""


@dataclass(frozen=True)
class Saved:
    """One version of a saved network.

    Args:
        name: The folder's name, which addresses carry and which stays.
        title: What a person called it.
        version: Counts from 1.
        saved: When, ISO time in UTC.
    """

    name: str
    title: str
    version: int
    saved: str
    note: str
    graph: Graph

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "version": self.version,
            "saved": self.saved,
            "note": self.note,
            "graph": self.graph.document(),
        }


@dataclass(frozen=True)
class Entry:
    """A saved network, as the list shows it: its newest version, and how many there are."""

    name: str
    title: str
    versions: int
    newest: Version

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "title": self.title, "versions": self.versions, **asdict(self.newest)}


class StaleGraphError(LibraryError):
    """A save was based on an older version: somebody else, or another tab, was quicker.

    Args:
        current: The newest version, so that a page can show both.
    """

    def __init__(self, current: Saved) -> None:
        super().__init__(f"The network {current.title!r} was saved elsewhere (it stands at version {current.version}); nothing was saved.")
        self.current = current


def save(workspace: Workspace, graph: Graph, name: str | None = None, based_on: int | None = None, note: str = "") -> Saved:
    """Saves a network as a new version; what stands there already is given back as it is.

    Args:
        name: Its title; by default the graph's own name. With a `based_on` of 1 or more, the folder's name will do too.
        based_on: The version that the writer has seen, 0 for none; None does not ask.

    Raises:
        StaleGraphError: There is a newer version with other content; nothing is saved.
        NotKeptError: The version that the writer has seen is gone with its network.
        LibraryError: The name is empty or too long, or the network can't be written.
    """
    given = writable(graph)
    title = names.title(name or graph.name or UNNAMED, "network")
    said = names.note(note, "note")
    with lock(workspace, "graphs"):
        folder = _folder(workspace, title) if based_on else _titled(_titles(workspace), title)
        if folder is None:
            return _write_first(workspace, title, said, given)
        last = max(folders.numbers(folder), default=0)
        newest = folders.newest_readable(folder)
        if newest:
            current = Saved(folder.name, folders.title_of(folder), newest[0], *newest[1])
            if same(current.graph, given) and current.version == last:  # behind a damaged one, it is saved anew
                return current
            if based_on is not None and current.version > based_on:
                raise StaleGraphError(current)
        return _write(folder, last + 1, said, given)


def load(workspace: Workspace, name: str, version: int | None = None) -> Saved:
    """A version of a saved network, by default the newest.

    Raises:
        NotKeptError: There is no such network or version.
        LibraryError: Its file is damaged; the message names the newest version that is not.
    """
    folder = _folder(workspace, name)
    known = folders.numbers(folder)
    number = version if version is not None else next(iter(known), 1)
    if number not in known:
        raise NotKeptError(f"The network {folders.title_of(folder)!r} has no version {str(number)[:20]}.")
    try:
        return Saved(folder.name, folders.title_of(folder), number, *folders.read(folder, number))
    except NotKeptError:
        raise
    except LibraryError as error:
        good = folders.newest_readable(folder)
        raise LibraryError(f"{error} Version {good[0]} can be opened." if good else str(error)) from error


def listed(workspace: Workspace) -> list[Entry]:
    """Every saved network, the one saved last first; a damaged one says what is wrong with it."""
    found: list[Entry] = []
    for folder, title in _titles(workspace).items():
        known = folders.numbers(folder)
        if known:
            found.append(Entry(folder.name, title, len(known), folders.described(folder, known[0])))
    return sorted(found, key=lambda entry: (entry.newest.saved, entry.name), reverse=True)


def versions(workspace: Workspace, name: str) -> list[Version]:
    """The versions of a network, the newest first.

    Raises:
        NotKeptError: There is no such network.
    """
    folder = _folder(workspace, name)
    return [folders.described(folder, number) for number in folders.numbers(folder)]


def title_by_name(workspace: Workspace, name: str) -> str:
    """The title of the network with that folder's name; a title is given back as it is. For addresses, which carry folders' names.

    Raises:
        NotKeptError: There is neither.
    """
    titles = _titles(workspace)
    return titles[_named(titles, name) or _folder(workspace, name)]


def rename(workspace: Workspace, name: str, title: str) -> Entry:
    """Gives a network another title; the folder, and so every link, stays.

    Raises:
        NotKeptError: There is no such network.
        LibraryError: The title is empty, too long, or another network's.
    """
    clean = names.title(title, "network")
    with lock(workspace, "graphs"):
        folder = _folder(workspace, name)
        other = _titled(_titles(workspace), clean)
        if other is not None and other != folder:
            raise _taken(clean)
        folders.write_title(folder, clean)
        known = folders.numbers(folder)
        return Entry(folder.name, clean, len(known), folders.described(folder, known[0]))


def duplicate(workspace: Workspace, name: str, title: str | None = None, version: int | None = None) -> Saved:
    """Saves a version of a network, by default the newest, as the first of another one.

    Args:
        title: The copy's; by default the first free one of "X (copy)", "X (copy 2)" ...

    Raises:
        NotKeptError: There is no such network or version.
        LibraryError: It is damaged, or the title is empty, too long or taken.
    """
    clean = names.title(title, "network") if title is not None else None
    with lock(workspace, "graphs"):
        source = load(workspace, name, version)
        taken = set(_titles(workspace).values())
        if clean in taken:
            raise _taken(clean)
        note = f"Copy of {source.title!r}, version {source.version}."
        return _write_first(workspace, clean or names.free_title(source.title, taken), note, source.graph)


def remove(workspace: Workspace, name: str) -> None:
    """Removes a network with all its versions.

    Raises:
        NotKeptError: There is no such network.
    """
    with lock(workspace, "graphs"):
        folder = _folder(workspace, name)
        trash = make_numbered(workspace.incoming, f"removed-{slug(folder.name)[:40]}")
        folder.replace(trash / "graph")
    remove_folder(trash)


def _write_first(workspace: Workspace, title: str, note: str, graph: Graph) -> Saved:
    wanted = slug(title, UNNAMED)
    folder = make_numbered(workspace.graphs, f"{wanted}-{UNNAMED}" if wanted in _RESERVED else wanted)
    try:
        folders.write_title(folder, title)
        return _write(folder, 1, note, graph)
    except BaseException:
        remove_folder(folder)
        raise


def _write(folder: Path, number: int, note: str, graph: Graph) -> Saved:
    saved = names.now()
    folders.write(folder, number, saved, note, graph)
    return Saved(folder.name, folders.title_of(folder), number, saved, note, graph)


def _titles(workspace: Workspace) -> dict[Path, str]:
    """The folders of all networks, and their titles."""
    found = sorted(folder for folder in workspace.graphs.iterdir() if not folder.name.startswith(".") and folder.is_dir())
    return {folder: folders.title_of(folder) for folder in found}


def _titled(titles: dict[Path, str], title: str) -> Path | None:
    # a folder without a version is no network: its writer was broken off
    return next((folder for folder, each in titles.items() if each == title and folders.numbers(folder)), None)


def _named(titles: dict[Path, str], name: str) -> Path | None:
    return next((folder for folder in titles if folder.name == name and folders.numbers(folder)), None)


def _folder(workspace: Workspace, name: str) -> Path:
    titles = _titles(workspace)
    found = _titled(titles, names.clean(name)) or _named(titles, name)
    if found is None:
        near = closest(name[:LONGEST_TITLE], titles.values())
        raise NotKeptError(f"There is no saved network named {visible(name)[:80]!r}." + (f" Did you mean {near!r}?" if near else ""))
    return found


def _taken(title: str) -> LibraryError:
    return LibraryError(f"Another network is named {title!r} already; choose another name.")
