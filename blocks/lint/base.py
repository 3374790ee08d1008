"""Rules: what each looks for, why it matters, and an example that provokes it."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from blocks.features import Feature
from blocks.graph import Graph
from blocks.lint.situation import Situation
from blocks.messages import Message, Severity
from blocks.registry import Registry

if TYPE_CHECKING:
    from blocks.lint.failure import Failure
    from blocks.lint.network import Network

Edit = dict[str, Any]
"""One edit as data (`blocks.editing`)."""

MOST_EDITS = 100
"""More edits are no fix for one click."""

registry: Registry[Rule] = Registry("rule", "blocks.lint")


@dataclass(frozen=True)
class Example:
    """A graph in which a rule finds something.

    Args:
        node: Where.
    """

    graph: Graph
    node: str
    features: Sequence[Feature] = ()
    situation: Situation | None = None


@dataclass(frozen=True)
class Fix:
    """A one-click fix.

    Args:
        button: What its button says.
        edits: What it does, in this order and as one step.
    """

    button: str
    edits: tuple[Edit, ...]


class Rule(abc.ABC):
    """Base of all rules. A subclass with a name is in the registry, as an instance.

    Args:
        name: Its short name, which stays.
        why: The reason, in one sentence.
    """

    name: ClassVar[str] = ""
    why: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            registry.add(cls.name, cls())

    @abc.abstractmethod
    def example(self) -> Example:
        """A graph in which it finds something, and where; what its edits make of that graph has no such finding."""


class Check(Rule):
    """A rule that looks for something in a network that may well be built.

    Args:
        severity: How bad it is, unless a finding says otherwise.
        in_training: Whether it is looked for only where a training is meant: it depends on the training, or is advice.
        builds: Whether the network can be built all the same. Such an error is a warning as long as no training is meant.
    """

    severity: ClassVar[Severity] = "warning"
    in_training: ClassVar[bool] = False
    builds: ClassVar[bool] = True

    @abc.abstractmethod
    def find(self, network: Network) -> Iterable[Message]:
        """Everything that it finds."""

    def message(self, node: str, text: str, advice: str, fix: Fix | None = None, severity: Severity | None = None) -> Message:
        """A finding.

        Args:
            node: The path, or "" for the whole graph.
            advice: What to do, in words.
        """
        edits, button = (fix.edits, fix.button) if fix else ((), "")
        return Message(node, severity or self.severity, text, advice, edits, self.name, button, self.why)


class Mend(Rule):
    """A rule that knows a way out of an error which the analysis reports."""

    @abc.abstractmethod
    def fix(self, failure: Failure) -> Fix | None:
        """The way out; None where the error is another one, or nothing helps."""


def checks() -> Iterator[Check]:
    """Every rule that looks for something."""
    return (rule for rule in registry.all().values() if isinstance(rule, Check))


def mends() -> Iterator[Mend]:
    """Every rule that mends an error."""
    return (rule for rule in registry.all().values() if isinstance(rule, Mend))


def sketch(**nodes: tuple[Any, ...]) -> Graph:
    """A graph from `id=("Block", {parameters}, "input", "another input")`."""
    documents = {
        name: {"block": block, "params": dict(params[0]) if params else {}, "inputs": list(params[1:])} for name, (block, *params) in nodes.items()
    }
    return Graph.model_validate({"nodes": documents})


PICTURES = Feature(name="photo", role="input", kind="image", dtype="uint8", shape=(32, 32, 3))
CLASSES = Feature(name="kind", role="target", kind="category", dtype="int32", classes=("cat", "cow", "dog"))
TRANSCRIPT = Feature(name="text", role="target", kind="transcript", dtype="int32", shape=(8,), classes=("", "a", "b"), statistics={"needed_steps": 9})
PRICE = Feature(name="price", role="target", kind="number")
TEXTS = Feature(name="review", role="input", kind="text", dtype="string", statistics={"vocabulary_size": 900})
SERIES = Feature(name="series", role="input", kind="array", shape=(50, 4))
COLUMNS = (Feature(name="width", role="input", kind="number"), Feature(name="height", role="input", kind="number"))
"""Features that examples are about."""
