"""Blocks that take another block as a parameter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from blocks.base import Block, LayerBlock, NumericBlock, registry
from blocks.errors import InvalidValueError, closest

DEEPEST = 3
"""Wrappers within wrappers; more is a slip."""

InnerBlock = dict[str, Any]
"""A block with its parameters, as a field holds it: {"block": "LSTM", "params": {"units": 8}}."""


def inner_names(kinds: Callable[[type[Block]], bool]) -> tuple[str, ...]:
    """The names of the blocks that may be wrapped."""
    return tuple(name for name, block in registry.all().items() if kinds(block))


def read_inner(value: InnerBlock) -> LayerBlock:
    """The block that a field holds."""
    found = registry.get(value["block"]).read(value.get("params"))
    assert isinstance(found, LayerBlock)  # noqa: S101 - inner blocks are checked when they are set
    return found


def inner_type(kinds: Callable[[type[Block]], bool]) -> Any:
    """The type of a field that holds a block of certain kinds; "LSTM" or {"block": "LSTM", "params": {...}} is read.

    Args:
        kinds: Whether a block may be wrapped. It is asked once all blocks are known.
    """

    def checked(value: Any) -> InnerBlock:
        given = {"block": value} if isinstance(value, str) else value
        names = inner_names(kinds)
        if not isinstance(given, dict) or not set(given) <= {"block", "params"} or given.get("block") not in names:
            near = closest(str(given.get("block") if isinstance(given, dict) else given), names)
            raise ValueError(f"write {{'block': {near or names[0]!r}, 'params': {{}}}}")
        if depth(given) > DEEPEST:
            raise ValueError(f"more than {DEEPEST} blocks stand within each other")
        try:
            inner = read_inner(given)
        except InvalidValueError as error:
            raise ValueError(str(error)) from error
        return {"block": given["block"], "params": inner.params()}

    return Annotated[InnerBlock, BeforeValidator(checked)]


def inner_field(default: str, description: str, kinds: Callable[[type[Block]], bool]) -> Any:
    """A field that holds a block; to be annotated with `inner_type` of the same kinds."""
    return Field(
        {"block": default, "params": {}}, description=description, json_schema_extra={"control": "block", "choices": partial(inner_names, kinds)}
    )


def depth(value: Any) -> int:
    """How many blocks stand within each other in what was given, hostile values included."""
    levels = 0
    while isinstance(value, dict) and levels <= DEEPEST:
        levels += 1
        params = value.get("params")
        value = params.get("block") if isinstance(params, dict) else None
        if isinstance(value, str):
            value = {"block": value}
    return levels


class Wrapper(NumericBlock):
    """Base of the blocks with an inner block in their field `block`.

    Args:
        inner_name: The name of the layer inside. Keras would number it by what this process made before, and weights are
            found again by their paths.
    """

    inner_name: ClassVar[str] = "inner"

    @property
    def inner(self) -> LayerBlock:
        """The block that is wrapped."""
        return read_inner(self.model_dump()["block"])

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        given.pop("block")
        return {"layer": self.inner.make(name=self.inner_name), **given}
