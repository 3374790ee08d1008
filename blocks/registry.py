"""Named things that are found by being there."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

from blocks.errors import UnknownNameError, closest

T = TypeVar("T")


class Registry(Generic[T]):
    """A table from name to entry, filled by importing every module of one package.

    A taken name is refused. After discovery the table only changes when a test or a program declares another entry on
    purpose; `all()` hands out a copy.

    Args:
        noun: What an entry is called in messages ("block", "optimizer").
        package: The package whose modules declare the entries. They are imported at the first look-up.
    """

    def __init__(self, noun: str, package: str) -> None:
        self.noun = noun
        self._package = package
        self._entries: dict[str, T] = {}
        self._discovered = False
        self._discovering = threading.RLock()
        self._entered = False

    def add(self, name: str, entry: T) -> None:
        """Adds an entry.

        Raises:
            ValueError: The name is taken.
        """
        if name in self._entries:
            raise ValueError(f"The {self.noun} name {name!r} is taken by {self._entries[name]!r}.")
        self._entries[name] = entry

    def remove(self, name: str) -> None:
        """Takes an entry out again (for programs that declare one for a while)."""
        del self._entries[name]

    def all(self) -> dict[str, T]:
        """Every entry by name, in alphabetical order."""
        self._discover()
        return dict(sorted(self._entries.items()))

    def get(self, name: str) -> T:
        """The entry of that name.

        Raises:
            UnknownNameError: There is none; the message names the closest one.
        """
        self._discover()
        if name in self._entries:
            return self._entries[name]
        near = closest(name, self._entries)
        advice = f"Did you mean {near!r}?" if near else f"Known: {', '.join(sorted(self._entries))}."
        raise UnknownNameError(f"There is no {self.noun} named {name!r}. {advice}")

    def __contains__(self, name: object) -> bool:
        self._discover()
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.all())

    def _discover(self) -> None:
        if self._discovered:
            return
        with self._discovering:  # another thread waits for the whole table; a module that looks something up while it is imported does not
            if not self._entered:
                self._entered = True
                self._import_all()
                self._discovered = True

    def _import_all(self) -> None:
        package = importlib.import_module(self._package)
        paths = getattr(package, "__path__", None)
        if paths is None:
            return
        for module in pkgutil.walk_packages(paths, prefix=f"{self._package}."):
            if not module.name.rsplit(".", 1)[-1].startswith("_") and ".layers" not in module.name:
                importlib.import_module(module.name)
