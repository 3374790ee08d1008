"""Reads YAML that anybody may have written: plain values only, and no references that fill memory."""

from __future__ import annotations

import math
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from studio.workspace import StudioError, visible

MOST_VALUES = 1_000_000
"""Values of a file with its references written out; more are a mistake, or meant to fill memory."""
MOST_DIGITS = 400
"""Characters of one number; YAML counts in base 60 too, where a long one takes hours."""
CHARACTERS_PER_VALUE = 200
"""A longer text counts as several values: one that is referred to often is large once it is written out."""
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class YamlError(StudioError, ValueError):
    """Text that can't be read as YAML; the message names the file."""


LOADERS: tuple[type[Any], ...] = (yaml.SafeLoader,)
"""How YAML can be read here, the quickest first."""

if yaml.__with_libyaml__:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    class _QuickLoader(Composer, CParser, SafeConstructor, Resolver):
        """Takes events from C, four times as fast, but nests them in Python: in C, deep nesting ends the process."""

        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)

    LOADERS = (_QuickLoader, yaml.SafeLoader)


def read_yaml(text: str, where: str) -> Any:
    """The values of a YAML text.

    Args:
        where: What the text is, for the sentence about it: the name of its file.

    Raises:
        YamlError: It is not YAML, makes objects, or is too much.
    """
    return read_with(LOADERS[0], text, where)


def read_with(kind: type[Any], text: str, where: str) -> Any:
    """As `read_yaml`, with one of LOADERS."""
    loader = None
    try:
        loader = kind(text)
        node = loader.get_single_node()
        if node is None:
            return None
        # counted before values are made: merging (`<<`) writes references out while they are made
        if _written_out(node) > MOST_VALUES:
            raise YamlError(f"{where} holds more than {MOST_VALUES:,} values, or refers to itself; write out what its references stand for.")
        return loader.construct_document(node)
    except YamlError:
        raise
    # besides its own errors, the parser raises what Python says of a value that does not fit its tag (`!!int x`, the date 2020-13-45)
    except (yaml.YAMLError, RecursionError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise YamlError(f"{where} is not YAML: {visible(said)[:200]}.") from error
    finally:
        if loader is not None:
            loader.dispose()


def _written_out(node: yaml.Node) -> float:
    """How many values a document holds once its references are written out; infinite if one leads back to itself.

    Raises:
        YamlError: A number is too long.
    """
    known: dict[int, float] = {}

    def size(each: yaml.Node) -> float:
        if isinstance(each, yaml.ScalarNode):
            if each.tag in _NUMBERS and len(each.value) > MOST_DIGITS:
                raise yaml.YAMLError(f"a number has {len(each.value):,} characters")
            return 1 + len(each.value) // CHARACTERS_PER_VALUE
        if id(each) not in known:
            known[id(each)] = math.inf  # as long as it is being counted
            known[id(each)] = 1 + sum(size(below) for below in _below(each))
        return known[id(each)]

    return size(node)


def _below(node: yaml.Node) -> list[yaml.Node]:
    """What a collection holds: of a mapping the values, and those keys that are collections themselves."""
    if isinstance(node, yaml.MappingNode):
        return [part for key, value in node.value for part in ((value,) if isinstance(key, yaml.ScalarNode) else (key, value))]
    below: list[yaml.Node] = node.value
    return below
