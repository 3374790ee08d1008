"""Blocks that take another block as a parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from blocks.base import Block, LayerBlock, NumericBlock, registry
from blocks.errors import InvalidValueError, closest
from blocks.explanation import quantities
from blocks.formulas import formula_in
from blocks.spec import AnySpec, Shape

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
    extra: dict[str, Any] = {"control": "block", "choices": partial(inner_names, kinds)}
    return Field({"block": default, "params": {}}, description=description, json_schema_extra=extra)


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
    """Base of the blocks with an inner block in their field `block`. Both compute in one precision, which either may name.

    Args:
        inner_name: The name of the layer inside. Keras would number it by what this process made before, and weights are
            found again by their paths.
    """

    inner_name: ClassVar[str] = "inner"

    @model_validator(mode="after")
    def _one_precision(self) -> Self:
        inner = self._read_inner()
        own = getattr(inner, "dtype", None)
        if self.dtype and own and own != self.dtype:
            raise ValueError(f"dtype ({self.dtype}) must be that of the block inside ({own}), or empty")
        if self.dtype and not own and isinstance(inner, NumericBlock):
            try:
                type(inner).read({**inner.params(), "dtype": self.dtype})
            except InvalidValueError as error:
                raise ValueError(str(error)) from error
        return self

    @property
    def precision(self) -> str | None:
        """The precision that the block or the inner one names."""
        return self.dtype or getattr(self._read_inner(), "dtype", None)

    @property
    def inner(self) -> LayerBlock:
        """The block that is wrapped, in the precision of both."""
        inner = self._read_inner()
        return inner.model_copy(update={"dtype": self.precision}) if isinstance(inner, NumericBlock) else inner

    def _read_inner(self) -> LayerBlock:
        value: InnerBlock = self.model_dump()["block"]
        return read_inner(value)

    def inner_shape(self, shape: Shape) -> Shape:
        """What the inner block gets of an input (or gives of an output) of this shape."""
        return shape

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        given.pop("block")
        if self.precision is not None:
            given["dtype"] = self.precision
        return {"layer": self.inner.make(name=self.inner_name), **given}

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
        """`inner weights` and `inner multiply adds`, where the inner block has formulas for them."""
        inner = self.inner
        numbers = quantities(inner, [self.inner_shape(shape) for shape in inputs], [self.inner_shape(shape) for shape in outputs])
        found: dict[str, int | float] = {}
        for name, section in (("inner weights", "Weights"), ("inner multiply adds", "Multiply-adds")):
            text = inner.section(section)
            formula = formula_in(text) if text else None
            if not text:
                found[name] = 0
            elif formula is not None and formula.names <= set(numbers):
                found[name] = formula.value(numbers)
        return found

    def inner_problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        """Why the inner block can't take these inputs; the sentence begins with the name of this one."""
        found = self.inner.problem(inputs)
        if found is None:
            return None
        name = type(self).__name__
        return found[0].replace(f"{type(self.inner).__name__}:", f"{name}:", 1), found[1]
