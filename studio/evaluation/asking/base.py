"""What is asked of every kind of raw input."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from blocks.features import Feature
from blocks.registry import Registry
from studio.evaluation.errors import EvaluationError

registry: Registry[type[Asking]] = Registry("kind of raw input", "studio.evaluation.asking")


@dataclass(frozen=True)
class Port:
    """Where raw values enter.

    Args:
        node: The network's Input.
        kind: The feature's kind, or "columns" for the columns of a table together.
        names: Name in the signature by feature or column name; one entry except for tables.
        dtypes: "float32", "int32" or "string" by the same.
        shape: Of one sample, None where it varies; for tables ().
        feature: What is known of the feature; None for tables.
    """

    node: str
    kind: str
    names: dict[str, str]
    dtypes: dict[str, str]
    shape: tuple[int | None, ...] = ()
    feature: Feature | None = None

    @property
    def name(self) -> str:
        """The (first) name in the signature."""
        return next(iter(self.names.values()))


@dataclass
class Batch:
    """Samples to predict: a name for each, and their values by signature name.

    Args:
        warnings: What was left out or passed over, in sentences.
    """

    names: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Usage:
    """The lines of a client that take the samples from the command line.

    Args:
        usage: What is typed.
        needed: A statement that reads what was typed.
        raw: An expression: the inputs of the model by name.
        names: An expression: the names of the samples.
    """

    usage: str
    needed: str
    raw: str
    names: str


@dataclass(frozen=True)
class Plain:
    """Samples that somebody has decoded: a second way into an exported model.

    Args:
        name: Of the signature and of its input.
        shape: Of one sample.
        explained: Lines for the README.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str
    explained: tuple[str, ...]


class Asking(ABC):
    """One kind of raw input; a subclass that names its `kinds` is found by being there.

    Args:
        noun: What it is called in messages, in the plural.
        called: The name of a single input of this kind in a signature; the kind, where it is empty.
        step: Samples that are answered in one go.
        encoded: Whether a sample enters an exported model as the bytes of a file.
        suffixes: Endings of files that hold one sample.
    """

    kinds: ClassVar[tuple[str, ...]] = ()
    noun: ClassVar[str] = ""
    called: ClassVar[str] = ""
    suffixes: ClassVar[frozenset[str]] = frozenset()
    step: ClassVar[int] = 1024
    encoded: ClassVar[bool] = False

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for kind in cls.kinds:
            registry.add(kind, cls)

    @abstractmethod
    def files(self, paths: Sequence[Path], port: Port, features: Sequence[Feature]) -> list[Batch]:
        """One batch per file that holds many samples, one for all files that hold one each.

        Raises:
            StudioError: Nothing in them fits the network.
        """

    def entered(self, port: Port, inputs: Mapping[str, Any], front: Any) -> Any:
        """What reaches the network, from the tensors of a signature."""
        values = inputs[port.name]
        return values if front is None else front(values, training=False)

    def contents(self, contents: Iterable[tuple[str, bytes | str]], port: Port) -> Batch:  # noqa: ARG002
        """Files with their names, one sample each; a text in the place of bytes says why there are none. Read as the import reads them.

        Raises:
            EvaluationError: Samples of this kind aren't files, or none of these is one.
        """
        raise EvaluationError(f"The network takes {self.noun}, not files of one sample each.")

    def plain(self, port: Port) -> Plain | None:  # noqa: ARG002 - a kind may look at it
        """The form in which decoded samples enter; None where there is none beside the raw one."""
        return None

    def entered_plain(self, port: Port, values: Any, front: Any) -> Any:  # noqa: ARG002 - where `plain` names a form, it is looked at
        """What reaches the network, from decoded samples."""
        return values if front is None else front(values, training=False)

    def layered(self, port: Port, front: Any) -> tuple[Any, dict[str, Any]]:
        """What reaches the network in a .keras file, in layers of Keras, and the Inputs that it comes from."""
        import keras

        plain = self.plain(port)
        shape, dtype = (plain.shape, plain.dtype) if plain else (port.shape, next(iter(port.dtypes.values())))
        entry = keras.Input(shape, dtype=dtype, name=self.name_layered(port))
        return entry if front is None else front(entry, training=False), {entry.name: entry}

    def name_layered(self, port: Port) -> str:
        """The (first) input's name in a .keras file."""
        plain = self.plain(port)
        return plain.name if plain and port.name == (self.called or port.kind) else port.name

    def decoded(self, port: Port, values: Any) -> Any:  # noqa: ARG002 - a kind may look at it
        """Raw samples as a .keras file takes them."""
        return values

    def usage(self, port: Port) -> Usage | None:  # noqa: ARG002 - a kind may look at it
        """How a client of a model with this input alone is called; None: with zeros."""
        return None

    def usage_layered(self, port: Port) -> Usage | None:  # noqa: ARG002 - a kind may look at it
        """The same for a client of a .keras file, which takes one sample after the other: `needed` begins the loop, `names` is its name."""
        return None

    @abstractmethod
    def described(self, port: Port, feature: str) -> str:
        """What an exported model wants, in words."""

    def described_layered(self, port: Port, feature: str) -> str:
        """What a .keras file wants, in words."""
        return self.described(port, feature)


def of(kind: str) -> Asking:
    """The raw input of a kind."""
    return registry.all()[kind]()


def of_files(paths: Sequence[Path], port: Port, features: Sequence[Feature]) -> list[Batch]:
    """What files hold for an input; see `Asking.files`.

    Raises:
        StudioError: A path does not exist, or nothing in it fits the network.
    """
    for path in paths:
        if not path.exists():
            raise EvaluationError(f"There is no file or folder {str(path)!r}.")
    return of(port.kind).files(paths, port, features)


def refuse_other(port: Port, kinds: Sequence[str], given: str) -> None:
    """Refuses what the network does not take.

    Raises:
        EvaluationError: The port is of none of the kinds.
    """
    if port.kind not in kinds:
        raise EvaluationError(f"The network takes {of(port.kind).noun}, not {given}.")
