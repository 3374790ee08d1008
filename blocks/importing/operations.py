"""Functions of `keras.ops` and operators (`a + b`) in a functional model, as blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from blocks.importing.document import Call, Entry, Tensor, tensors
from blocks.importing.errors import UnsaidError
from blocks.importing.plain_values import is_mapping, plain
from blocks.importing.reading import counted_axes

NO_BLOCK = "there is no block for this function"


@dataclass
class Operation:
    """One call of a function.

    Args:
        inputs: The tensors among its arguments, in order.
        constants: The other arguments, with None in the place of tensors.
    """

    entry: Entry
    inputs: list[Tensor]
    constants: list[Any]
    notes: list[str] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Of the first input, with the batch axis.

        Raises:
            UnsaidError: The file doesn't say.
        """
        shape = self.inputs[0].shape if self.inputs else None
        if not shape:
            raise UnsaidError("the file does not say the shape of its input")
        return shape

    def option(self, name: str, default: Any = None) -> Any:
        return plain(self.entry.config.get(name, default))

    def number(self) -> float | None:
        """The number that is combined with the one tensor; None where there is none."""
        found = [plain(value) for value in self.constants if value is not None]
        if len(self.inputs) != 1 or len(found) != 1 or isinstance(found[0], bool) or not isinstance(found[0], int | float):
            return None
        return float(found[0])


Made = tuple[str, dict[str, Any]]
"""A block's name and parameters."""


def operation(entry: Entry, call: Call) -> Operation:
    """The arguments of a call sorted into tensors and constants."""
    given = [*call.arguments, *(value for value in call.keywords.values() if value is not None)]
    return Operation(entry, list(tensors(given)), [None if isinstance(value, Tensor) else value for value in given if not _is_list_of_tensors(value)])


def _is_list_of_tensors(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Tensor) for each in value)


def made(found: Operation) -> Made:
    """The block that does the same.

    Raises:
        UnsaidError: There is none.
    """
    maker = OPERATIONS.get(found.entry.kind)
    if maker is None or not found.inputs:
        raise UnsaidError(NO_BLOCK)
    return maker(found)


def _combined(block: str, with_number: Callable[[float, bool], Made | None]) -> Callable[[Operation], Made]:
    """A block of two tensors, or what a tensor and a number make (told whether the number comes first)."""

    def make(found: Operation) -> Made:
        if len(found.inputs) == 2 and block:
            ranks = {len(tensor.shape) for tensor in found.inputs if tensor.shape is not None}
            if len(ranks) > 1:
                raise UnsaidError("its inputs have different numbers of axes; insert Reshape before one of them")
            return block, {}
        number = found.number()
        if number is None or found.inputs[0].dtype.startswith(("int", "uint", "bool")):
            raise UnsaidError(NO_BLOCK)
        one = with_number(number, found.constants[0] is not None)
        if one is None:
            raise UnsaidError(NO_BLOCK)
        return one

    return make


def _scaled(scale: float, offset: float = 0.0) -> Made:
    return "Rescaling", {"scale": scale, "offset": offset}


def _subtracted(number: float, first: bool) -> Made:
    return _scaled(-1.0, number) if first else _scaled(1.0, -number)


def _divided(number: float, first: bool) -> Made | None:
    return None if first or number == 0 else _scaled(1 / number)


def _at_least(number: float, first: bool) -> Made | None:  # noqa: ARG001 - max(a, b) is max(b, a)
    return ("ReLU", {}) if number == 0 else None


def _function(name: str) -> Callable[[Operation], Made]:
    return lambda found: ("Activation", {"activation": name})  # noqa: ARG005


def _with_options(block: str, **fields: str) -> Callable[[Operation], Made]:
    """A block whose fields stand in the configuration of the function under these names."""

    def make(found: Operation) -> Made:
        given = {name: found.option(option) for name, option in fields.items()}
        rank = len(found.shape) - 1 if "axis" in given else None
        return block, {name: counted_axes(value, rank) if name == "axis" else value for name, value in given.items() if value is not None}

    return make


def _clipped(found: Operation) -> Made:
    low, high = found.option("x_min"), found.option("x_max")
    if low != 0 or not isinstance(high, int | float) or high <= 0:
        raise UnsaidError(NO_BLOCK)
    return "ReLU", {"max_value": float(high)}


def _reshaped(shape: tuple[int | None, ...]) -> Made:
    """A Reshape to a shape without the batch; one size may vary."""
    if sum(size is None for size in shape) > 1 or not shape:
        raise UnsaidError("its shape has several sizes that vary")
    return "Reshape", {"target_shape": [-1 if size is None else size for size in shape]}


def _reshape(found: Operation) -> Made:
    shape = found.option("newshape")
    if not isinstance(shape, list) or len(shape) < 2 or shape[0] not in (-1, None):
        raise UnsaidError("it does not leave the samples apart")
    wanted = tuple(None if size in (-1, None) else size for size in shape[1:])
    if None not in wanted and None not in found.shape[1:] and _product(wanted) != _product(found.shape[1:]):
        raise UnsaidError("it does not leave the samples apart")
    return _reshaped(wanted)


def _product(shape: tuple[int | None, ...]) -> int:
    result = 1
    for size in shape:
        result *= size or 1
    return result


def _expanded(found: Operation) -> Made:
    axis, shape = found.option("axis"), list(found.shape)
    axes = axis if isinstance(axis, list) else [axis]
    for each in axes:
        place = each if each >= 0 else len(shape) + 1 + each
        if place == 0:
            raise UnsaidError("it adds an axis before the samples")
        shape.insert(place, 1)
    return _reshaped(tuple(shape[1:]))


def _squeezed(found: Operation) -> Made:
    shape = list(found.shape)
    axis = found.option("axis")
    given = axis if isinstance(axis, list) else [axis]
    places = {each if each >= 0 else len(shape) + each for each in given if each is not None}
    if axis is None:
        places = {place for place, size in enumerate(shape) if size == 1 and place}
    return _reshaped(tuple(size for place, size in enumerate(shape) if place and place not in places))


def _transposed(found: Operation) -> Made:
    axes = found.option("axes")
    if not isinstance(axes, list) or not axes or axes[0] != 0:
        raise UnsaidError("it does not leave the samples apart")
    return "Permute", {"dims": axes[1:]}


def _pooled(kind: str) -> Callable[[Operation], Made]:
    def make(found: Operation) -> Made:
        axis, rank = found.option("axis"), len(found.shape)
        axes = axis if isinstance(axis, list) else [axis]
        if any(not isinstance(each, int) for each in axes) or not 3 <= rank <= 5:
            raise UnsaidError(NO_BLOCK)
        if sorted(each % rank for each in axes) != list(range(1, rank - 1)):
            raise UnsaidError("there is a block for this function over all axes but the channels only")
        return f"Global{kind}Pooling{rank - 2}D", {"keepdims": bool(found.option("keepdims"))}

    return make


def _item(found: Operation) -> Made:
    """A part of the channels; other parts have no block."""
    keys = found.constants[1] if len(found.constants) > 1 else None
    listed = keys if isinstance(keys, list) else [keys]
    rank = len(found.shape)
    if not listed or len(found.inputs) != 1 or not all(_is_everything(key) for key in listed[:-1]):
        raise UnsaidError("there is a block for parts of the channels only")
    dotted = any(is_mapping(key) and key.get("class_name") == "__ellipsis__" for key in listed)
    bounds = _slice(listed[-1])
    if bounds is None or bounds[2] not in (None, 1) or not (dotted or len(listed) == rank) or rank < 2:
        raise UnsaidError("there is a block for parts of the channels only")
    start, stop = bounds[0] or 0, bounds[1]
    channels = found.shape[-1]
    if channels is None:
        raise UnsaidError("the file does not say how many channels its input has")
    first, last, _ = slice(start, stop).indices(channels)
    return "ChannelSlice", {"start": first, "size": last - first}


def _slice(value: Any) -> tuple[Any, Any, Any] | None:
    config = value.get("config") if is_mapping(value) and value.get("class_name") == "__slice__" else None
    if not is_mapping(config):
        return None
    bounds = (config.get("start"), config.get("stop"), config.get("step"))
    return bounds if all(bound is None or (isinstance(bound, int) and not isinstance(bound, bool)) for bound in bounds) else None


def _is_everything(value: Any) -> bool:
    return (is_mapping(value) and value.get("class_name") == "__ellipsis__") or _slice(value) == (None, None, None)


OPERATIONS: dict[str, Callable[[Operation], Made]] = {
    "Add": _combined("Add", lambda number, first: _scaled(1.0, number)),  # noqa: ARG005
    "Subtract": _combined("Subtract", _subtracted),
    "Multiply": _combined("Multiply", lambda number, first: _scaled(number)),  # noqa: ARG005
    "Divide": _combined("", _divided),
    "TrueDivide": _combined("", _divided),
    "Maximum": _combined("Maximum", _at_least),
    "Minimum": _combined("Minimum", lambda number, first: None),  # noqa: ARG005
    "Negative": lambda found: _scaled(-1.0),  # noqa: ARG005
    "Relu": lambda found: ("ReLU", {}),  # noqa: ARG005
    "Clip": _clipped,
    **{
        kind: _function(name)
        for kind, name in {
            "Relu6": "relu6", "Sigmoid": "sigmoid", "Tanh": "tanh", "Silu": "silu", "Softplus": "softplus", "Softsign": "softsign",
            "Selu": "selu", "HardSigmoid": "hard_sigmoid", "HardSilu": "hard_silu", "HardTanh": "hard_tanh", "TanhShrink": "tanh_shrink",
            "LogSigmoid": "log_sigmoid", "SparsePlus": "sparse_plus", "SparseSigmoid": "sparse_sigmoid", "Exp": "exponential",
        }.items()
    },
    "Elu": _with_options("ELU", alpha="alpha"),
    "LeakyRelu": _with_options("LeakyReLU", negative_slope="negative_slope"),
    "Gelu": _with_options("GELU", approximate="approximate"),
    "Celu": _with_options("CELU", alpha="alpha"),
    "Glu": _with_options("GLU", axis="axis"),
    "HardShrink": _with_options("HardShrink", threshold="threshold"),
    "SoftShrink": _with_options("SoftShrink", threshold="threshold"),
    "Squareplus": _with_options("SquarePlus", b="b"),
    "Threshold": _with_options("Threshold", threshold="threshold", default_value="default_value"),
    "Softmax": _with_options("Softmax", axis="axis"),
    "LogSoftmax": _with_options("LogSoftmax", axis="axis"),
    "Concatenate": _with_options("Concatenate", axis="axis"),
    "Reshape": _reshape,
    "ExpandDims": _expanded,
    "Squeeze": _squeezed,
    "Transpose": _transposed,
    "Mean": _pooled("Average"),
    "Max": _pooled("Max"),
    "GetItem": _item,
}  # fmt: skip
"""By the class of the function."""
