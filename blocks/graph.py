"""The network as data: nodes, parameters and edges in a versioned JSON document."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_serializer

from blocks.errors import InvalidValueError

ID_PATTERN = r"^[A-Za-z][A-Za-z0-9_]*$"
Identifier = Annotated[str, Field(pattern=ID_PATTERN, max_length=120)]
Reference = Annotated[str, Field(pattern=r"^(@\d+|[A-Za-z][A-Za-z0-9_]*(:\d+)?)$", max_length=130)]
MAXIMUM_NODES = 20_000


class NodeDocument(BaseModel):
    """One node: a block with its parameters, or another use (`reuse`) of a node's weights.

    Args:
        block: A registered block, or `module:Name` for a module of the document.
        inputs: Where the inputs come from, in order: a node's id, `id:1` for its second output, or (inside a module)
            `@0`, `@1` ... for the module's own inputs.
        trainable: False freezes all weights below the node.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    block: str = Field("", max_length=200)
    params: dict[str, Any] = Field(default_factory=dict)
    inputs: tuple[Reference, ...] = ()
    reuse: Identifier | None = None
    trainable: bool = True
    title: str = Field("", max_length=500)

    @model_serializer
    def _short(self) -> dict[str, Any]:
        document: dict[str, Any] = {"reuse": self.reuse} if self.reuse else {"block": self.block}
        if not self.reuse:
            document["params"] = self.params
        if self.inputs:
            document["inputs"] = list(self.inputs)
        if not self.trainable:
            document["trainable"] = False
        if self.title:
            document["title"] = self.title
        return document


class Fragment(BaseModel):
    """Nodes with open inputs (`@0` ...) and named outputs: the inside of a composite or of a module."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nodes: dict[Identifier, NodeDocument] = Field(default_factory=dict, max_length=MAXIMUM_NODES)
    outputs: tuple[Reference, ...] = ()


class Graph(BaseModel):
    """A network as a document. Only its form is checked here; `analyse` judges parameters and wiring.

    Args:
        modules: Composites that the document itself brings; a node uses one as the block `module:Name`.
        layout: Where nodes stand on the canvas, in pixels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["studio.graph/1"] = "studio.graph/1"
    name: str = Field("", max_length=200)
    nodes: dict[Identifier, NodeDocument] = Field(default_factory=dict, max_length=MAXIMUM_NODES)
    modules: dict[Identifier, Fragment] = Field(default_factory=dict, max_length=1000)
    layout: dict[str, tuple[float, float]] = Field(default_factory=dict)

    @field_validator("format", mode="before")
    @classmethod
    def _known_format(cls, value: Any) -> Any:
        if isinstance(value, str) and value != "studio.graph/1" and re.fullmatch(r"studio\.graph/\d+", value):
            raise ValueError(f"the document was written by a newer version (format {value!r}); this one reads up to 'studio.graph/1'")
        return value

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads a graph from a JSON file.

        Raises:
            InvalidValueError: The file is not a graph; the message names file and place.
        """
        path = Path(path)
        try:
            return cls.model_validate(json.loads(path.read_text("utf-8")))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise InvalidValueError(f"{path.name} is not JSON: {error}.") from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InvalidValueError(f"{path.name} is not a graph: {place}: {first['msg']}.") from error

    def save(self, path: str | Path) -> None:
        """Writes the graph as JSON."""
        Path(path).write_text(self.to_json(), "utf-8")

    def to_json(self) -> str:
        """The document as text; equal graphs give equal text."""
        return json.dumps(self.document(), ensure_ascii=False, indent=1) + "\n"

    def document(self) -> dict[str, Any]:
        """The document as JSON values."""
        return self.model_dump(mode="json")

    def digest(self) -> str:
        """A hash of everything but the layout."""
        content = json.dumps(self.model_dump(mode="json", exclude={"layout"}), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def with_node(self, node: str, **changes: Any) -> Self:
        """The graph with some fields of one node replaced."""
        return self.model_copy(update={"nodes": {**self.nodes, node: self.nodes[node].model_copy(update=changes)}})

    def with_trainable(self, trainable: Mapping[str, bool]) -> Self:
        """The graph with nodes frozen (False) or trained; those that share weights follow their owner, others stay as they are."""
        nodes = {
            name: document.model_copy(update={"trainable": trainable.get(document.reuse or name, document.trainable)})
            for name, document in self.nodes.items()
        }
        return self.model_copy(update={"nodes": nodes})


def split_reference(reference: str) -> tuple[str, int]:
    """A reference as (node, output number): `pool:1` is ("pool", 1)."""
    node, _, number = reference.partition(":")
    return node, int(number or 0)
