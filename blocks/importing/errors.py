"""Why a Keras model can't be imported, and what an import wants to say besides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from blocks.errors import BlocksError


class Problem(NamedTuple):
    """One thing about one layer.

    Args:
        layer: The layer's name, with those of the models around it (`encoder/conv1`); "" for the whole model.
        kind: The layer's class as the file calls it.
    """

    layer: str
    kind: str
    text: str

    def sentence(self) -> str:
        """The text with the layer that it is about."""
        return f"{self.layer} ({self.kind}): {self.text}" if self.layer else self.text


class KerasImportError(BlocksError, ValueError):
    """A Keras model that can't become a graph. `problems` holds every reason, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(problem.sentence() for problem in self.problems))


class UnsaidError(ValueError):
    """A value of a configuration that no field of a block can say. It is caught where the layer is known."""


def refused(text: str) -> KerasImportError:
    """The error about the model as a whole."""
    return KerasImportError([Problem("", "", text)])


def grouped(notes: Iterable[Problem]) -> list[str]:
    """Notes as sentences; what holds for several layers is said once."""
    layers: dict[str, list[str]] = {}
    for note in notes:
        layers.setdefault(note.text, []).append(note.layer)
    return [f"{_listed(names)}: {text}" if any(names) else text for text, names in layers.items()]


def _listed(names: list[str], shown: int = 5) -> str:
    different = list(dict.fromkeys(names))
    more = f" and {len(different) - shown} more" if len(different) > shown else ""
    return ", ".join(different[:shown]) + more
