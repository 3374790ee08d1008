"""Networks as text: JSON and YAML files, recipes that hold one, and links that carry a whole network."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

import presets
from blocks.errors import BlocksError
from blocks.features import Feature
from blocks.graph import Graph
from studio.library.errors import LibraryError
from studio.library.plain import MOST_BYTES, first_problem, not_utf8, read_graph, read_json, too_large, writable
from studio.recipe import PresetOrder
from studio.safe_yaml import YamlError, read_yaml
from studio.workspace import visible

Format = Literal["json", "yaml"]
MOST_YAML_BYTES = 5_000_000
"""The largest YAML text; reading it takes far longer than JSON."""
MOST_LINK_CHARACTERS = 1_000_000
"""The longest link; browsers cut longer addresses off."""
LINK_VERSION = "1."
LINK_KEY = "#graph="
SUFFIXES: dict[str, Format] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


def read_text(text: str, filename: str, features: Sequence[Feature] | None = None) -> Graph:
    """The network of a text: a graph, a version that was saved, or a recipe that holds a graph or names a preset.

    Args:
        filename: Its ending tells JSON from YAML, and sentences about the text name it.
        features: What a recipe's preset is made for; by default it is as in its paper.

    Raises:
        LibraryError: It is none of these, or its preset is refused; the message names file and place.
    """
    return graph_in(read_document(text, filename), visible(filename), features)


def read_file(path: Path, features: Sequence[Feature] | None = None) -> Graph:
    """As `read_text`, for a file.

    Raises:
        FileNotFoundError: There is none.
        LibraryError: As `read_text`.
    """
    return graph_in(read_document_file(path), visible(path.name), features)


def read_document_file(path: Path) -> Any:
    """As `read_document`, for a file.

    Raises:
        FileNotFoundError: There is none.
        LibraryError: As `read_document`, or it is no UTF-8.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    try:
        return read_document(content.decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        if len(content) > MOST_BYTES:  # it may have been cut within a character
            raise too_large(visible(path.name), MOST_BYTES) from error
        raise not_utf8(visible(path.name), error) from error


def read_document(text: str, filename: str) -> Any:
    """The values of a JSON or YAML text.

    Raises:
        LibraryError: The file's ending is another, the text is larger than the limits, or it is not of its format.
    """
    name = visible(filename)
    written = SUFFIXES.get(Path(filename).suffix.lower())
    if written is None:
        raise LibraryError(f"{name[:200]}: networks are read from .json, .yaml and .yml files.")
    limit = MOST_BYTES if written == "json" else MOST_YAML_BYTES
    if len(text) > limit or len(text.encode("utf-8", "surrogatepass")) > limit:
        raise too_large(name, limit)
    text = text.removeprefix("\ufeff")
    if written == "json":
        return read_json(text, name)
    try:
        return read_yaml(text, name)
    except YamlError as error:
        raise LibraryError(str(error)) from error


def graph_in(document: Any, where: str, features: Sequence[Feature] | None = None) -> Graph:
    """The network in the values of a text; as `read_text`."""
    if not isinstance(document, dict):
        raise LibraryError(f"{where} holds no network: a graph is a mapping with the key 'nodes', not {type(document).__name__}.")
    written = str(document.get("format", ""))
    if written.startswith("studio.graph/") or "nodes" in document:
        return read_graph(document, where)
    if "preset" in document:
        return _made(document, where, features)
    order = document.get("graph")
    if isinstance(order, dict) and "preset" in order:
        return _made(order, where, features)
    if isinstance(order, dict) and "file" in order and "nodes" not in order:
        raise LibraryError(f"{where} names a file for its network, {visible(str(order['file']))[:80]!r}; give that file instead.")
    if order is not None:
        return read_graph(order, where)
    if "dataset" in document or written.startswith("studio.recipe/"):
        raise LibraryError(f"{where} is a recipe without a network of its own: the data choose it. Put a graph or a preset into its key 'graph'.")
    raise LibraryError(f"{where} holds no network: neither the key 'nodes' of a graph nor the key 'graph' of a recipe.")


def to_text(graph: Graph, written: Format) -> str:
    """The graph as the text of a file."""
    return to_yaml(graph) if written == "yaml" else writable(graph).to_json()


def to_yaml(graph: Graph) -> str:
    """The graph as YAML; `read_text` gives the equal graph back.

    Raises:
        LibraryError: It is more than is read.
    """
    document = writable(graph).document()
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    if len(text.encode()) > MOST_YAML_BYTES:
        raise LibraryError(f"The network takes more than {MOST_YAML_BYTES / 1e6:g} MB as YAML, the most that is read; write it as JSON.")
    return text


def to_link(graph: Graph) -> str:
    """The graph as it follows `#graph=` in an address: "1." and base64url (without padding) of the raw deflate of compact JSON.

    A browser reads it with `DecompressionStream("deflate-raw")`, and writes it with `CompressionStream`.

    Raises:
        LibraryError: The network is too large for an address.
    """
    text = json.dumps(writable(graph).document(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(text.encode()) + packer.flush()
    link = LINK_VERSION + base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(link) > MOST_LINK_CHARACTERS:
        raise LibraryError(
            f"The network is too large for a link: {len(link):,} characters, of which browsers take {MOST_LINK_CHARACTERS:,}. Send its file."
        )
    return link


def from_link(text: str) -> Graph:
    """The network that a link carries.

    Args:
        text: What follows `#graph=`, or the whole address.

    Raises:
        LibraryError: It carries none, was cut off, or unfolds to more than the limit.
    """
    payload = text.strip().rpartition(LINK_KEY)[2]
    if not payload.startswith(LINK_VERSION):
        raise LibraryError(f"The link carries no network that this version reads: what follows {LINK_KEY!r} begins with {LINK_VERSION!r}.")
    if len(payload) > MOST_LINK_CHARACTERS:
        raise LibraryError(f"The link is longer than {MOST_LINK_CHARACTERS:,} characters.")
    coded = payload.removeprefix(LINK_VERSION).rstrip("=")
    try:
        packed = base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        content = unpacker.decompress(packed, MOST_BYTES + 1)
    except (binascii.Error, zlib.error, ValueError) as error:  # ValueError: not ASCII
        raise LibraryError("The link is damaged: it is not what was packed. Copy it again, as a whole.") from error
    if len(content) > MOST_BYTES:
        raise too_large("The link's network", MOST_BYTES)
    if not unpacker.eof or unpacker.unused_data:
        raise LibraryError("The link is damaged: its end is missing, or something follows it. Copy it again, as a whole.")
    try:
        return read_graph(read_json(content.decode(), "The link's network"), "The link's network")
    except UnicodeDecodeError as error:
        raise LibraryError("The link is damaged: it is no text in UTF-8. Copy it again, as a whole.") from error


def _made(order: dict[str, Any], where: str, features: Sequence[Feature] | None) -> Graph:
    try:
        read = PresetOrder.model_validate(order)
    except ValidationError as error:
        raise LibraryError(f"{where} names no preset: {first_problem(error)}.") from error
    try:
        return writable(presets.get(read.preset, **read.params).graph(features=list(features) if features is not None else None), where)
    except (BlocksError, TypeError) as error:  # TypeError: a parameter of the name `name`
        raise LibraryError(f"{where}: {error}") from error


class _Dumper(yaml.SafeDumper):
    """Writes texts so that they are read unchanged, and everything where it stands."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # in any other style, line ends of other alphabets would be read as plain ones
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _text)
