"""Blocks: the parts that networks are made of, as typed, documented, validated parameters."""

from __future__ import annotations

import abc
import importlib
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field

from blocks import weights
from blocks.declaration import Declaration
from blocks.features import Feature
from blocks.fields import RARE, DTypePolicy
from blocks.registry import Registry
from blocks.sizes import Size
from blocks.spec import AnySpec, Shape, Spec, shape_text

if TYPE_CHECKING:
    import keras
    import numpy as np

    from blocks.wiring import Node, Wiring

registry: Registry[type[Block]] = Registry("block", "blocks")

AXES = {
    0: "one number",
    1: "a vector (features)",
    2: "a sequence (steps, channels)",
    3: "a picture (height, width, channels)",
    4: "a volume (depth, height, width, channels)",
    5: "a sequence of volumes (steps, depth, height, width, channels)",
}


class Block(Declaration, abc.ABC):
    """Base of all blocks. A subclass with a category and no leading underscore is in the registry.

    Args:
        category: The family, which gives the place in the palette and the colour.
        arity: The least and the largest number of inputs; None for no limit.
        ranks: How many axes (without the batch) an input may have; empty for any.
    """

    category: ClassVar[str] = ""
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    ranks: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.category and not cls.__name__.startswith("_"):
            registry.add(cls.__name__, cls)

    def __hash__(self) -> int:
        return hash((type(self), self.model_dump_json()))

    def bind(self, features: list[Feature]) -> Self:  # noqa: ARG002 - most blocks don't depend on data
        """The block with what a dataset decides filled in."""
        return self

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        """Why the block can't take these inputs, and the way out; None when it can."""
        found = wrong_count(len(inputs), *self.arity)
        if found:
            return found
        name = type(self).__name__
        for spec in inputs:
            if self.ranks and len(spec.shape) not in self.ranks:
                expected = " or ".join(map(self.axes_in_words, self.ranks))
                advice = _rank_advice(name, len(spec.shape), self.ranks)
                return f"{name}: invalid input. Expected: {expected}. Received: {shape_text(spec.shape)}.", advice
        return None

    @classmethod
    def axes_in_words(cls, rank: int) -> str:
        """What an input of so many axes is called."""
        return AXES[rank]

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        """What the names in this block's formulas stand for, beyond those that every block has (`blocks.explanation.quantities`)."""
        return {}


def wrong_count(given: int, least: int, most: int | None) -> tuple[str, str] | None:
    """That a node has too few or too many inputs, and the way out; None where their number is right. The node's name stands before it."""
    if given < least:
        return f"It needs {_counted(least, most)}, but {connected(given)} connected.", _more(given, least)
    if most is None or given <= most:
        return None
    if most == 0:
        return f"It takes no input, but {connected(given)} connected.", "Remove its edges."
    advice = "Remove edges until one is left, or merge them with Concatenate or Add." if most == 1 else f"Remove edges until {most} are left."
    return f"It needs {_counted(least, most)}, but {connected(given)} connected.", advice


def connected(given: int) -> str:
    """How many inputs there are, before the word "connected"."""
    return {0: "nothing is", 1: "one is"}.get(given, f"{given} are")


def _counted(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least} inputs"
    if least != most:
        return f"{least} to {most} inputs"
    return "one input" if least == 1 else f"{least} inputs"


def _more(given: int, least: int) -> str:
    missing = least - given
    if given == 0:
        return "Connect the block before it." if missing == 1 else f"Connect {missing} blocks to it."
    return "Connect one more block to it." if missing == 1 else f"Connect {missing} more blocks to it."


def _rank_advice(name: str, rank: int, wanted: tuple[int, ...]) -> str:
    if wanted == (1,):
        return "Insert Flatten or a global pooling block before it."
    if rank == 1:
        return "Insert Reshape before it, or connect it ahead of the Flatten or global pooling."
    sibling = re.sub(r"\dD", lambda axes: f"{int(axes[0][0]) + rank - wanted[0]}D", name)
    return f"Insert Reshape before it, or use {sibling}." if sibling != name and sibling in registry else "Insert Reshape before it."


class LayerBlock(Block):
    """A block that makes one Keras layer.

    Args:
        layer: The layer's class as a path, such as "keras.layers.Conv2D".
        preprocessing: Whether the layer may stand in the front: it has no trainable weights and no chance.
        augmentation: Whether the block changes training samples by chance; such a block is no part of the built network.
        takes_integers: Whether integers enter as they are; other blocks get them converted to float32.
        takes_table: Whether the block reads the columns of a table.
        takes_text: Whether the block reads strings.
        adaptable: Whether `adapt` measures something on the training data.
        standard: The multiply-adds of the plain convolution that the block does with fewer products, as a formula.
    """

    layer: ClassVar[str] = ""
    preprocessing: ClassVar[bool] = False
    augmentation: ClassVar[bool] = False
    takes_integers: ClassVar[bool] = False
    takes_table: ClassVar[bool] = False
    takes_text: ClassVar[bool] = False
    adaptable: ClassVar[bool] = False
    standard: ClassVar[str] = ""

    def adapt(self, values: np.ndarray[Any, Any] | dict[str, np.ndarray[Any, Any]]) -> Self:  # noqa: ARG002 - most blocks measure nothing
        """The block with what it measures on training data filled in.

        Args:
            values: The training values that reach the block, samples first; for a table one array per column.
        """
        return self

    def arguments(self) -> dict[str, Any]:
        """The layer's constructor arguments; initializers, regularizers and constraints as Keras objects."""
        given = self.model_dump(exclude=self.own_fields())
        made = {name: weights.made(family, given[name]) for name, family in self.settings().items() if given.get(name) is not None}
        return {**given, **made}

    @classmethod
    @cache
    def settings(cls) -> dict[str, str]:
        """Fields that hold an initializer, regularizer or constraint, and the family of each."""
        extras = {name: info.json_schema_extra for name, info in cls.model_fields.items()}
        return {name: str(extra["family"]) for name, extra in extras.items() if isinstance(extra, dict) and "family" in extra}

    def own_fields(self) -> set[str]:
        """Fields that the constructor of the layer doesn't know."""
        return set()

    def make(self, name: str | None = None) -> keras.layers.Layer:
        """A new Keras layer."""
        module, _, attribute = self.layer.rpartition(".")
        created: keras.layers.Layer = getattr(importlib.import_module(module), attribute)(**self.arguments(), name=name)
        return created

    def apply(self, layer: keras.layers.Layer, inputs: list[Any]) -> Any:
        """The layer's output tensor or tensors for these input tensors."""
        return layer(inputs[0] if self.arity == (1, 1) else inputs)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        name = type(self).__name__
        for spec in inputs:
            if not isinstance(spec, Spec) and not self.takes_table:
                return f"{name}: invalid input. Expected: numbers. Received: the columns of a table.", "Insert ColumnEncoding after the Input."
            if isinstance(spec, Spec) and spec.dtype == "string" and not self.takes_text:
                return f"{name}: invalid input. Expected: numbers. Received: text.", "Insert TextVectorization after the Input."
        return None

    def windows(self) -> tuple[tuple[int, int], ...] | None:
        """(size, step) of the window over each spatial axis; None where the block looks at single positions."""
        return None

    def sees_all(self) -> bool:
        """Whether each output depends on places all over the input, as in recurrent layers, so that no receptive field can be told."""
        return False

    def sizes(self, shape: Shape) -> list[Size]:  # noqa: ARG002 - most keep the sizes
        """How the sizes of the output follow from the shape of the (first) input, where there is a formula for it."""
        return []

    def multiply_adds(self, layer: keras.layers.Layer, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        """Products that one sample costs in convolutions, dense layers and attention."""
        return 0


class NumericBlock(LayerBlock):
    """A layer that computes with decimal numbers, so that their precision can be chosen."""

    dtype: DTypePolicy | None = Field(None, description="Precision of this layer's numbers; empty: that of the training.", json_schema_extra=RARE)

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        if self.dtype is None:
            given.pop("dtype", None)
        return given


class Composite(Block):
    """A block that is a small network of other blocks: `wire` says of which."""

    @abc.abstractmethod
    def wire(self, net: Wiring, *inputs: Node) -> Node | tuple[Node, ...]:
        """Adds the inner nodes to `net` and returns the outputs. It depends on parameters and input shapes only."""


def axis_problem(name: str, axis: int, shape: Shape) -> tuple[str, str] | None:
    """The problem of an axis (counted from 1, or -1 for the last) that the shape doesn't have."""
    if axis == -1 or 1 <= axis <= len(shape):
        return None
    return f"{name}: invalid axis. Expected: -1, or 1 to {len(shape)}. Received: {axis}.", "Use -1 for the channels."


def kernel_size_of(layer: keras.layers.Layer, *names: str) -> int:
    """Numbers in the weights of a layer that carry one of these names ("kernel", "depthwise_kernel" ...)."""
    total = 0
    for variable in layer.weights:
        if variable.name in names:
            total += int(_product(variable.shape))
    return total


def _product(shape: Shape) -> int:
    result = 1
    for size in shape:
        result *= size or 1
    return result


def positions(spec: AnySpec) -> int:
    """Places at which a kernel is applied: all axes but the last."""
    return _product(spec.shape[:-1])
