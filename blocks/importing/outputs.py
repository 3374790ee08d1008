"""Where a model's results leave it: Output nodes."""

from __future__ import annotations

from typing import Any

from blocks.activation import Activation
from blocks.dense import Dense
from blocks.graph import NodeDocument

PLAIN = "linear"
ALIKE = ("use_bias", "kernel_regularizer")
"""What an Output has the same field for."""
STARTS = {"kernel_initializer", "bias_initializer"}
"""What an Output has no field for, and what matters to fresh weights only."""
STARTS_NOTE = "how its weights start is left out: an Output has no field for it."


def as_output(document: NodeDocument) -> NodeDocument | None:
    """The Output that makes the same layer as a node, but for how its weights start; None where none does."""
    if document.block == Dense.__name__ and set(document.params) <= {"units", "activation", "dtype", *ALIKE, *STARTS}:
        dense = Dense.read(document.params)
        alike = {name: document.params[name] for name in ALIKE if name in document.params}
        return _output(document, {"units": dense.units, **_with(dense.activation), **alike}, dense.dtype)
    if document.block == Activation.__name__ and set(document.params) <= {"activation", "dtype"}:
        activation = Activation.read(document.params)
        return _output(document, {**_with(activation.activation), "head": "none"}, activation.dtype)
    return None


def _with(activation: str) -> dict[str, Any]:
    return {} if activation == PLAIN else {"activation": activation}


def _output(document: NodeDocument, params: dict[str, Any], dtype: str | None) -> NodeDocument:
    return document.model_copy(update={"block": "Output", "params": {**params, **({"dtype": dtype} if dtype else {})}})


def headless(reference: str) -> NodeDocument:
    """An Output that takes what arrives as the result."""
    return NodeDocument(block="Output", params={"head": "none"}, inputs=(reference,))
