"""What a document may hold: values that every JSON reader, browsers among them, takes and gives back unchanged."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from blocks.graph import Graph
from studio.library.errors import LibraryError
from studio.workspace import visible

MOST_BYTES = 20_000_000
"""The largest text that is read or saved; 20,000 nodes with their places take a third of it."""
MOST_VALUES = 1_000_000
DEEPEST = 60
"""Levels of lists and mappings within one another."""
LARGEST_INTEGER = 2**53 - 1
"""Beyond it a browser no longer tells neighbours apart."""


def read_graph(values: Any, where: str) -> Graph:
    """A graph from values that anybody may have written.

    Args:
        where: What they are, for the sentence about it: the name of a file.

    Raises:
        LibraryError: They are no graph; the message names the first place that is wrong.
    """
    _refuse(values, where)
    try:
        return Graph.model_validate(values)
    except ValidationError as error:
        raise LibraryError(f"{where} is not a graph: {first_problem(error)}.") from error


def writable(graph: Graph, where: str = "The network") -> Graph:
    """The graph as it is after being written and read again.

    Raises:
        LibraryError: A parameter holds what JSON can't, such as an infinite number.
    """
    try:
        _refuse(graph.model_dump(), where)
        document = graph.document()
    except LibraryError:
        raise
    except (ValueError, RecursionError) as error:  # pydantic's word for objects that it doesn't know, and for what is too deep
        raise LibraryError(f"{where} holds what can't be written: {visible(str(error))[:200]}.") from error
    return read_graph(document, where)


def read_json(text: str, where: str) -> Any:
    """The values of a JSON text.

    Raises:
        LibraryError: It is not JSON, or holds numbers that JSON doesn't know.
    """
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise LibraryError(f"{where} is nested too deeply; at most {DEEPEST} levels can be read.") from error
    except ValueError as error:
        raise LibraryError(f"{where} is not JSON: {error}.") from error


def read_json_file(path: Path, where: str) -> Any:
    """As `read_json`, for a file of at most MOST_BYTES.

    Raises:
        FileNotFoundError: There is none.
        LibraryError: It can't be read, is too large, or not JSON.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise LibraryError(f"{where} can't be read: {error.strerror}.") from error
    if len(content) > MOST_BYTES:
        raise too_large(where, MOST_BYTES)
    try:
        return read_json(content.decode(), where)
    except UnicodeDecodeError as error:
        raise not_utf8(where, error) from error


def refuse_other_formats(values: Any, known: str, where: str) -> None:
    """Raises LibraryError for a document whose `format` is not the known one, such as one of a newer version."""
    found = values.get("format") if isinstance(values, dict) else None
    if found == known:
        return
    kind, _, _ = known.partition("/")
    if isinstance(found, str) and found.removeprefix(f"{kind}/").isdecimal():
        raise LibraryError(f"{where} was written by a newer version (format {found[:40]!r}); this one reads up to {known!r}.")
    raise LibraryError(f"{where} is damaged: its format is not {known!r}.")


def too_large(where: str, limit: int) -> LibraryError:
    return LibraryError(f"{where} is larger than {limit / 1e6:g} MB, the most that is read.")


def not_utf8(where: str, error: UnicodeDecodeError) -> LibraryError:
    return LibraryError(f"{where} is no text in UTF-8: {error.reason} at byte {error.start:,}.")


def first_problem(error: ValidationError) -> str:
    """The first thing that is wrong with a document: where it is, and why."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = visible(".".join(str(part) for part in first["loc"]))[:120]
    return f"{place}: {first['msg']}" if place else str(first["msg"])


def canonical(values: Any) -> str:
    """A text that is equal for equal values, whatever the order of keys: numbers as browsers write them, so that 1.0 is 1."""
    return json.dumps(_as_in_browsers(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def same(one: Graph, other: Graph) -> bool:
    """Whether two graphs are one document: its values, its layout, and the order of its nodes."""
    return _ordered(one) == _ordered(other)


def _ordered(graph: Graph) -> tuple[str, list[str], list[list[str]]]:
    return canonical(graph.document()), list(graph.nodes), [list(graph.modules[name].nodes) for name in sorted(graph.modules)]


def _as_in_browsers(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _as_in_browsers(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_as_in_browsers(value) for value in values]
    return int(values) if isinstance(values, float) and values.is_integer() else values


def _refuse(values: Any, where: str) -> None:
    """Raises LibraryError for anything but mappings with text keys, lists, texts, finite numbers, true, false and null."""
    count = 0
    level = [values]
    for _ in range(DEEPEST):
        count += len(level)
        if count > MOST_VALUES:
            raise LibraryError(f"{where} holds more than {MOST_VALUES:,} values.")
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                for key in value:
                    if not isinstance(key, str):
                        raise LibraryError(f"{where} holds the key {str(key)[:40]!r}, which is no text; put it in quotes.")
                    _refuse_value(key, where)
                below.extend(value.values())
            elif isinstance(value, list | tuple):
                below.extend(value)
            else:
                _refuse_value(value, where)
        if not below:
            return
        level = below
    raise LibraryError(f"{where} is nested too deeply; at most {DEEPEST} levels can be read.")


def _refuse_value(value: Any, where: str) -> None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise LibraryError(f"{where} holds a text with half a character: {visible(value)[:60]!r}.") from error
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise LibraryError(f"{where} holds the number {value}; only finite ones can be kept.")
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise LibraryError(f"{where} holds an integer beyond {LARGEST_INTEGER:,}, the largest that a browser takes exactly.")
    elif value is not None:
        raise LibraryError(f"{where} holds {visible(str(value))[:60]!r}, which is no JSON value ({type(value).__name__}); put it in quotes.")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
