"""One call of a layer: what goes in, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from blocks.base import LayerBlock
from blocks.importing.document import Call, Tensor, tensors
from blocks.importing.errors import UnsaidError
from blocks.importing.masks import is_mask
from blocks.recurrence import WithStates

ATTENTION = ("query", "value", "key")
FIRST = ("inputs", "sequences", "sequence", "x")
"""Names under which layers take their first input."""
TOLD = ("use_causal_mask", "return_attention_scores")
"""What attention layers are told at the call, and their blocks by a parameter."""


@dataclass
class Said:
    """What a call says.

    Args:
        inputs: In the order in which the block takes them.
        params: Parameters of the block that Keras gives at the call.
    """

    inputs: list[Tensor]
    params: dict[str, Any] = field(default_factory=dict)


def read_call(block: type[LayerBlock] | None, call: Call) -> Said:
    """What a call of a layer (or, without a block, of a model) says.

    Raises:
        UnsaidError: It says something that a graph can't.
    """
    if any(value is not None and next(tensors(value), None) is None for value in call.arguments):
        raise UnsaidError("it is called with values that are no tensors")
    found = Said([*tensors(call.arguments)])
    named: dict[str, list[Tensor]] = {}
    for name, value in call.keywords.items():
        given = list(tensors(value))
        if value is None or value == [] or is_mask(name) or (name == "training" and isinstance(value, bool)):
            continue  # training: a functional model passes on what itself is told
        if name in TOLD and isinstance(value, bool) and block is not None and name in block.model_fields:
            if value:
                found.params[name] = True
        elif name == "reverse" and isinstance(value, bool) and block is not None and block.__name__ == "ReversibleEmbedding":
            if found.inputs and value != found.inputs[0].dtype.startswith("float"):
                raise UnsaidError("reverse: the block works backwards where vectors enter, and only there")
        elif given and (name in (*ATTENTION, *FIRST) or (name == "initial_state" and block is not None and issubclass(block, WithStates))):
            named[name] = given
        else:
            raise UnsaidError(f"it is called with {name[:80]}, which a graph can't say")
    found.inputs = [
        *(tensor for name in FIRST for tensor in named.get(name, [])),
        *found.inputs,
        *(tensor for name in (*ATTENTION, "initial_state") for tensor in named.get(name, [])),
    ]
    if block is not None and set(TOLD) <= set(block.model_fields):
        found.inputs = _attending(found.inputs)
    return found


def _attending(inputs: list[Tensor]) -> list[Tensor]:
    """Query, value and key without those that repeat the one before, as attention blocks take them."""
    if len(inputs) == 3 and inputs[2][:3] == inputs[1][:3]:
        inputs = inputs[:2]
    return inputs[:1] if len(inputs) == 2 and inputs[1][:3] == inputs[0][:3] else inputs
