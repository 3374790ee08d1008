"""Names: ids of nodes, and where the weights of a layer stand in a file."""

from __future__ import annotations

import re

LONGEST_NAME = 80
"""Characters that an id takes over from a layer's name; more would leave no room for what modules put before it."""

RENAMED = {"GroupQueryAttention": "GroupedQueryAttention"}
"""Classes that go by another name in Keras's own module, which weight files use."""


class Ids:
    """Ids that differ from each other."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def free(self, name: str) -> str:
        """An id for a layer of that name; a taken one gets a number."""
        base = re.sub(r"[^A-Za-z0-9_]", "_", name)[:LONGEST_NAME]
        if not base[:1].isalpha():
            base = f"layer_{base.lstrip('_')}" if base.strip("_") else "layer"
        found = base
        while found in self._taken:
            self._numbers[base] = self._numbers.get(base, 1) + 1
            found = f"{base}_{self._numbers[base]}"
        self._taken.add(found)
        return found


def snake_case(kind: str) -> str:
    """A class's name as Keras writes it in weight files."""
    name = re.sub(r"\W+", "", RENAMED.get(kind, kind))
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


class Places:
    """Where each layer of a model has its weights in a `.weights.h5` file: counted by class, in the order of the layers.

    Args:
        parent: The place of the model itself.
    """

    def __init__(self, parent: str = "") -> None:
        self._parent = f"{parent}/" if parent else ""
        self._used: dict[str, int] = {}

    def next(self, kind: str) -> str:
        """The place of the next layer, which has this class."""
        name = snake_case(kind)
        number = self._used.get(name, -1) + 1
        self._used[name] = number
        return f"{self._parent}layers/{name}_{number}" if number else f"{self._parent}layers/{name}"
