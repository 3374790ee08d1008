"""Recurrent layers: they read a sequence step by step and carry a state along."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from blocks.base import LayerBlock
from blocks.errors import InvalidValueError, closest
from blocks.fields import RARE, ActivationName, Count, Probability

INNER_BLOCKS = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "simple_rnn"}
"""Blocks that can be wrapped, and the names of the layers inside."""


def _read_inner(value: dict[str, Any]) -> _Recurrent:
    kinds = {kind.__name__: kind for kind in (LSTM, GRU, SimpleRNN)}
    return kinds[value["block"]].read(value.get("params"))


def _checked_inner(value: Any) -> dict[str, Any]:
    """Reads "LSTM" or {"block": "LSTM", "params": {...}}."""
    given = {"block": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or not set(given) <= {"block", "params"} or given.get("block") not in INNER_BLOCKS:
        near = closest(str(given.get("block") if isinstance(given, dict) else given), INNER_BLOCKS)
        raise ValueError(f"write {{'block': {near or 'LSTM'!r}, 'params': {{}}}}")
    try:
        inner = _read_inner(given)
    except InvalidValueError as error:
        raise ValueError(str(error)) from error
    return {"block": given["block"], "params": inner.params()}


InnerBlock = Annotated[dict[str, Any], BeforeValidator(_checked_inner)]


class _Recurrent(LayerBlock):
    """What all recurrent layers share: their fields. Their products don't count as multiply-adds, by convention."""

    category = "recurrent"
    ranks = (2,)

    units: Count = Field(64, description="Size of the state, and of the output.")
    return_sequences: bool = Field(False, description="Gives the state after every step, for another recurrent layer; otherwise only the last.")
    dropout: Probability = Field(0.0, description="Share of inputs that are set to 0 in training.")
    recurrent_dropout: Probability = Field(0.0, description="Share of the state that is set to 0 between steps in training.", json_schema_extra=RARE)
    go_backwards: bool = Field(False, description="Reads from the end to the beginning.", json_schema_extra=RARE)
    activation: ActivationName = Field("tanh", description="Function of the new state.", json_schema_extra=RARE)
    use_bias: bool = Field(True, description="Adds one learned number per unit and gate.", json_schema_extra=RARE)


class SimpleRNN(_Recurrent):
    """The plain recurrence: the new state is a dense layer of the input and the last state.

    Use it to see how recurrence works; LSTM and GRU remember far longer.

    Shapes: (steps, features) -> (units), or (steps, units) with return_sequences.
    Weights: (units + features + 1) * units.
    Source: Elman (1990), doi:10.1207/s15516709cog1402_1.
    """

    layer = "keras.layers.SimpleRNN"


class LSTM(_Recurrent):
    """A recurrence with a memory cell and three gates, which remembers over long distances.

    Use it for texts and series.

    Shapes: (steps, features) -> (units), or (steps, units) with return_sequences.
    Weights: 4 * (units + features + 1) * units.
    Source: Hochreiter and Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735.
    """

    layer = "keras.layers.LSTM"

    recurrent_activation: ActivationName = Field("sigmoid", description="Function of the gates.", json_schema_extra=RARE)
    unit_forget_bias: bool = Field(True, description="Starts with an open forget gate, so that the cell remembers at first.", json_schema_extra=RARE)


class GRU(_Recurrent):
    """A recurrence with two gates: smaller and a little quicker than LSTM.

    Use it in place of LSTM on small data.

    Shapes: (steps, features) -> (units), or (steps, units) with return_sequences.
    Weights: 3 * (units + features + 2) * units; with reset_after off 3 * (units + features + 1) * units.
    Source: Cho et al. (2014), arXiv:1406.1078.
    """

    layer = "keras.layers.GRU"

    recurrent_activation: ActivationName = Field("sigmoid", description="Function of the gates.", json_schema_extra=RARE)
    reset_after: bool = Field(True, description="Applies the reset gate after the product, as GPUs do it.", json_schema_extra=RARE)


class Bidirectional(LayerBlock):
    """Runs one recurrent block forwards and another, with weights of its own, backwards.

    Use it where the whole sequence is known beforehand, as with texts.

    Shapes: (steps, features) -> (2 * units), or (steps, 2 * units) when the inner block returns sequences; (units) unless
        merge_mode is "concat".
    Weights: twice those of the inner block.
    Source: Schuster and Paliwal (1997), doi:10.1109/78.650093.
    """

    category = "recurrent"
    layer = "keras.layers.Bidirectional"
    ranks = (2,)

    block: InnerBlock = Field(
        {"block": "LSTM", "params": {}},
        description="The recurrent block, with its parameters.",
        json_schema_extra={"control": "block", "choices": list(INNER_BLOCKS)},
    )
    merge_mode: Literal["concat", "sum", "mul", "ave"] = Field(
        "concat", description="How the two outputs become one: side by side, sum, product or mean."
    )

    @classmethod
    def around(cls, inner: _Recurrent, merge_mode: Literal["concat", "sum", "mul", "ave"] = "concat") -> Bidirectional:
        """The wrapper of a block."""
        return cls(block={"block": type(inner).__name__, "params": inner.params()}, merge_mode=merge_mode)

    @property
    def inner(self) -> _Recurrent:
        """The block that is wrapped."""
        return _read_inner(self.block)

    def make(self, name: str | None = None) -> Any:
        import keras

        # Keras would number the inner layer by what this process made before, and weights are found again by their paths
        inner = self.inner.make(name=INNER_BLOCKS[self.block["block"]])
        return keras.layers.Bidirectional(inner, merge_mode=self.merge_mode, name=name)
