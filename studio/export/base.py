"""What an export format is, and which there are."""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from blocks.declaration import Declaration
from blocks.registry import Registry
from studio.workspace import StudioError

if TYPE_CHECKING:
    from studio.evaluation.raw import RawModel

registry: Registry[type[Exporter]] = Registry("export format", "studio.export")


class ExportError(StudioError, ValueError):
    """An export that can't be made as ordered: another place or format is needed."""


class ExportFailedError(StudioError, RuntimeError):
    """An export that was written but does not answer as the trained network does, or not at all."""


@dataclass(frozen=True)
class Checked:
    """Raw samples with what the trained network says to them.

    Args:
        inputs: By signature name: lists of bytes, or arrays.
        expected: What the kind of answers reads from the network's outputs (probabilities, values ...), by what stands before the names
            of their answers: "" for the first.
    """

    inputs: dict[str, Any]
    expected: dict[str, Any]
    labels: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.expected[""])


class Exporter(Declaration, abc.ABC):
    """Base of all export formats. A subclass with a name is in the registry.

    Args:
        name: The name in commands and recipes.
        runtime: What is needed to run the result.
        file: The file that is the result, within the export's folder; "" when the folder itself is.
    """

    name: ClassVar[str] = ""
    runtime: ClassVar[str] = ""
    file: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.name:
            registry.add(cls.name, cls)

    @abc.abstractmethod
    def write(self, model: RawModel, folder: Path) -> None:
        """Writes the artefact into an existing, empty folder.

        Raises:
            ExportError: The network can't be put into this format.
        """

    @abc.abstractmethod
    def reloaded(self, model: RawModel, folder: Path, checked: Checked, scratch: Path) -> dict[str, Any]:
        """What the artefact answers to the samples, in a process that has its runtime only; keyed as `Checked.expected`.

        Raises:
            ExportFailedError: It can't be loaded, or does not answer.
        """

    def column_dtype(self, kind: str, dtype: str) -> str:  # noqa: ARG002 - a format may differ by kind
        """How a table's column of a kind enters the artefact."""
        return dtype

    @abc.abstractmethod
    def client(self, model: RawModel) -> str:
        """A short program that uses the artefact with its runtime alone."""

    @abc.abstractmethod
    def explained(self, model: RawModel) -> str:
        """What goes in and what comes out, in words, for the README."""


def formats() -> dict[str, type[Exporter]]:
    """Every export format by name."""
    return registry.all()


def get(name: str) -> type[Exporter]:
    """The export format of that name.

    Raises:
        UnknownNameError: There is none.
    """
    return registry.get(name)
