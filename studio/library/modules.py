"""Modules kept for use in any network: the inside of a composite that a person made, with the modules that it needs itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from blocks.graph import Fragment, Graph
from blocks.walk import MODULE_PREFIX
from studio.library import names
from studio.library.errors import LibraryError, NotKeptError
from studio.library.names import LONGEST_NOTE, LONGEST_TITLE, MOMENT_PATTERN, lock
from studio.library.nested import input_count, placed, plain_modules, with_needs
from studio.library.plain import MOST_BYTES, canonical, first_problem, read_graph, read_json_file, refuse_other_formats, writable
from studio.workspace import Workspace, slug, visible, write_text

FORMAT: Final = "studio.module/1"


class _File(BaseModel):
    """A kept module as it is written; `modules` holds it under its name `block`, with those that it needs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["studio.module/1"] = FORMAT
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    description: str = Field("", max_length=LONGEST_NOTE)
    saved: str = Field(pattern=MOMENT_PATTERN)
    block: str
    modules: dict[str, Any]


@dataclass(frozen=True)
class Module:
    """A kept module.

    Args:
        name: What addresses carry; it stays.
        title: What a person called it; no other module has it.
        saved: When, ISO time in UTC.
        block: What the module is called in networks, where that name is free.
        fragment: Its inside.
        needs: The modules that it uses, and those that they use.
    """

    name: str
    title: str
    description: str
    saved: str
    block: str
    fragment: Fragment
    needs: dict[str, Fragment]

    @property
    def inputs(self) -> int:
        return input_count(self.fragment)

    @property
    def outputs(self) -> int:
        return len(self.fragment.outputs)

    def all_modules(self) -> dict[str, Fragment]:
        """It and those that it needs, by their names."""
        return {**self.needs, self.block: self.fragment}

    def to_json(self) -> dict[str, Any]:
        """Its figures, without the inside."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "saved": self.saved,
            "block": self.block,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "nodes": len(self.fragment.nodes),
            "needs": list(self.needs),
            "problem": "",
        }

    def document(self) -> dict[str, Any]:
        """Its figures and its inside (`module`), with the modules that it needs (`modules`)."""
        return {**self.to_json(), "module": self.fragment.model_dump(mode="json"), "modules": plain_modules(self.needs)}


@dataclass(frozen=True)
class Damaged:
    """A module's file that can't be read."""

    name: str
    problem: str

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "title": self.name, "problem": self.problem}


def save(workspace: Workspace, graph: Graph, block: str, name: str | None = None, description: str = "", replace: bool = False) -> Module:
    """Keeps a module of a network, with the modules that it needs.

    Args:
        block: The module's name in the network, with or without `module:`.
        name: The title to keep it under; by default that name.
        replace: Whether it may take the place of another module of that title.

    Raises:
        LibraryError: The network has no such module, it lacks one that it needs, or contains itself; or the title is taken.
    """
    block = block.removeprefix(MODULE_PREFIX)
    kept = with_needs(writable(graph).modules, block)
    title = names.title(name or block, "module")
    said = names.note(description, "description")
    with lock(workspace, "modules"):
        path = _titled(workspace, title)
        if path is None:
            path = _free_path(workspace, title)
        else:
            there = _read_or_damaged(path)
            if isinstance(there, Module) and there.description == said and _equal(there, block, kept):
                return there
            if not replace:
                raise LibraryError(f"Another module is kept as {title!r} already; choose another name, or replace it.")
        module = Module(path.stem, title, said, names.now(), block, kept[block], {each: kept[each] for each in kept if each != block})
        _write(path, module)
        return module


def load(workspace: Workspace, name: str) -> Module:
    """A kept module, by its title or its name.

    Raises:
        NotKeptError: There is none.
        LibraryError: Its file is damaged.
    """
    return _read(_path(workspace, name))


def listed(workspace: Workspace) -> list[Module | Damaged]:
    """Every kept module, in the order of their titles; a damaged one says what is wrong with it."""
    found = [_read_or_damaged(path) for path in _paths(workspace)]
    return sorted(found, key=lambda each: (each.title.casefold() if isinstance(each, Module) else each.name.casefold(), each.name))


def title_by_name(workspace: Workspace, name: str) -> str:
    """The title of the module with that name; a title is given back as it is. For addresses, which carry names.

    Raises:
        NotKeptError: There is neither.
    """
    named = next((path for path in _paths(workspace) if path.stem == name), None)
    return _title(named or _path(workspace, name))


def remove(workspace: Workspace, name: str) -> None:
    """Removes a kept module; networks that use it have it in them, and keep it.

    Raises:
        NotKeptError: There is none.
    """
    with lock(workspace, "modules"):
        _path(workspace, name).unlink()


def put_into(graph: Graph, module: Module) -> tuple[Graph, str]:
    """Adds a kept module, and those that it needs, to a network.

    A module that the network has already, under whatever name, is used again; where a name is taken by another, the next
    free one is taken (`Stem_2`).

    Returns:
        The network, and the block by which a node uses the module (`module:Stem`).

    Raises:
        LibraryError: The network would have too many modules.
    """
    modules, called = placed(graph.modules, module.all_modules())
    return writable(graph.model_copy(update={"modules": modules})), MODULE_PREFIX + called[module.block]


def _equal(module: Module, block: str, kept: Mapping[str, Fragment]) -> bool:
    return module.block == block and canonical(plain_modules(module.all_modules())) == canonical(plain_modules(kept))


def _write(path: Path, module: Module) -> None:
    modules = plain_modules(module.all_modules())
    content = _File(title=module.title, description=module.description, saved=module.saved, block=module.block, modules=modules)
    text = json.dumps(content.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    size = len(text.encode())
    if size > MOST_BYTES:
        raise LibraryError(f"The module takes {size / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:g} MB can be kept.")
    write_text(path, text)


def _read(path: Path) -> Module:
    where = f"The module {path.stem!r}"
    try:
        values = read_json_file(path, where)
    except FileNotFoundError as error:
        raise NotKeptError(f"There is no kept module named {path.stem!r}.") from error
    refuse_other_formats(values, FORMAT, where)
    try:
        content = _File.model_validate(values)
    except ValidationError as error:
        raise LibraryError(f"{where} is damaged: {first_problem(error)}.") from error
    kept = with_needs(read_graph({"modules": content.modules}, where).modules, content.block)
    needs = {name: fragment for name, fragment in kept.items() if name != content.block}
    return Module(path.stem, content.title, content.description, content.saved, content.block, kept[content.block], needs)


def _read_or_damaged(path: Path) -> Module | Damaged:
    try:
        return _read(path)
    except LibraryError as error:
        return Damaged(path.stem, str(error))


def _title(path: Path) -> str:
    found = _read_or_damaged(path)
    return found.title if isinstance(found, Module) else found.name


def _paths(workspace: Workspace) -> list[Path]:
    return sorted(path for path in workspace.modules.glob("*.json") if not path.name.startswith("."))


def _titled(workspace: Workspace, title: str) -> Path | None:
    return next((path for path in _paths(workspace) if _title(path) == title), None)


def _path(workspace: Workspace, name: str) -> Path:
    named = (path for path in _paths(workspace) if path.stem == name)
    found = _titled(workspace, names.clean(name)) or next(named, None)
    if found is None:
        raise NotKeptError(f"There is no kept module named {visible(name)[:80]!r}.")
    return found


def _free_path(workspace: Workspace, title: str) -> Path:
    wanted, number = slug(title, "module"), 1
    path = workspace.modules / f"{wanted}.json"
    while path.exists():  # the lock keeps other writers out
        number += 1
        path = workspace.modules / f"{wanted}-{number}.json"
    return path
