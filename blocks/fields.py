"""Field types that blocks share, so that a range or a choice is declared once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.config import JsonDict

MAXIMUM_UNITS = 10_000_000
"""The largest count that a parameter takes; more is a slip of the finger and would fill any memory."""

RARE: JsonDict = {"frequent": False}
"""For fields that few people change: they stand in the closed group "more"."""

FROM_DATA: JsonDict = {"frequent": False, "control": "text", "from_data": True}
"""For fields that are measured on a dataset: forms leave them out."""

Count = Annotated[int, Field(ge=1, le=MAXIMUM_UNITS)]
Bins = Annotated[int, Field(ge=0, le=256)]
Probability = Annotated[float, Field(ge=0.0, lt=1.0)]
PositiveFloat = Annotated[float, Field(gt=0.0, le=1e9)]

Padding = Literal["valid", "same"]
CausalPadding = Literal["valid", "same", "causal"]
Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]

ActivationName = Literal[
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign", "tanh", "sigmoid",
    "hard_sigmoid", "hard_silu", "hard_tanh", "tanh_shrink", "hard_shrink", "soft_shrink", "squareplus", "sparse_plus", "exponential",
    "log_sigmoid", "softmax", "log_softmax", "sparse_sigmoid",
]  # fmt: skip
"""The functions of keras.activations but for `glu`, which halves the channels, `threshold`, which needs arguments, and `sparsemax`, whose
probabilities don't add up to 1 in Keras 3.15; the first two and a right Sparsemax are blocks."""

DTypePolicy = Literal["float32", "mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64"]
"""Keras's policies: the mixed ones compute in 16 bits and keep their weights in 32."""


def _listed(value: Any) -> Any:
    """Reads what people type for several numbers: "3", "3, 5" or "3x5"."""
    if isinstance(value, str):
        parts = [
            part for part in value.replace("x", ",").replace("(", "").replace(")", "").replace("[", "").replace("]", "").split(",") if part.strip()
        ]
        numbers = [int(part) if part.strip().lstrip("-").isdigit() else part.strip() for part in parts]
        return numbers[0] if len(numbers) == 1 else numbers
    return value


def listed_numbers(value: Any) -> Any:
    """Reads one or several numbers as a list."""
    listed = _listed(value)
    return [listed] if isinstance(listed, int) else listed


_Window = Annotated[int, Field(ge=1, le=4096)]
Window1D = Annotated[_Window, BeforeValidator(_listed)]
Window2D = Annotated[_Window | tuple[_Window, _Window], BeforeValidator(_listed)]
Window3D = Annotated[_Window | tuple[_Window, _Window, _Window], BeforeValidator(_listed)]
Sizes = Annotated[tuple[Annotated[int, Field(ge=0, le=MAXIMUM_UNITS)], ...], BeforeValidator(listed_numbers), Field(max_length=8)]
_Margin = Annotated[int, Field(ge=0, le=4096)]
Margin1D = Annotated[_Margin | tuple[_Margin, _Margin], BeforeValidator(_listed)]
Margin3D = Annotated[
    _Margin | tuple[_Margin, _Margin, _Margin] | tuple[tuple[_Margin, _Margin], tuple[_Margin, _Margin], tuple[_Margin, _Margin]],
    BeforeValidator(_listed),
]
Margin2D = Annotated[_Margin | tuple[_Margin, _Margin] | tuple[tuple[_Margin, _Margin], tuple[_Margin, _Margin]], BeforeValidator(_listed)]


def per_axis(value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    """One number per axis, from one number for all or one each."""
    return (value,) * axes if isinstance(value, int) else tuple(value)
