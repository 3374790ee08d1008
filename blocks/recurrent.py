"""Recurrent layers: they read a sequence step by step and carry a state along."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.base import Block
from blocks.fields import RARE, ActivationName, Count, Probability
from blocks.weighted import WithActivityRegularizer, WithBias, WithKernel, WithRecurrentKernel
from blocks.wrapping import Wrapper, inner_field, inner_type


class _Recurrent(WithKernel, WithRecurrentKernel, WithBias, WithActivityRegularizer):
    """What all recurrent layers share: their fields. Their products don't count as multiply-adds, by convention."""

    category = "recurrent"
    ranks = (2,)

    units: Count = Field(64, description="Size of the state, and of the output.")
    return_sequences: bool = Field(False, description="Gives the state after every step, for another recurrent layer; otherwise only the last.")
    dropout: Probability = Field(0.0, description="Share of inputs that are set to 0 in training.")
    recurrent_dropout: Probability = Field(0.0, description="Share of the state that is set to 0 between steps in training.", json_schema_extra=RARE)
    go_backwards: bool = Field(False, description="Reads from the end to the beginning.", json_schema_extra=RARE)
    activation: ActivationName = Field("tanh", description="Function of the new state.", json_schema_extra=RARE)


class SimpleRNN(_Recurrent):
    """The plain recurrence: the new state is a dense layer of the input and the last state.

    Use it to see how recurrence works; LSTM and GRU remember far longer.

    Formula: h = activation(x kernel + h_before recurrent_kernel + bias)
    Shapes: (steps, features) -> (units), or (steps, units) with return_sequences.
    Weights: (units + features + bias) * units; bias is 1, without use_bias 0.
    Source: Elman (1990), doi:10.1207/s15516709cog1402_1.
    """

    layer = "keras.layers.SimpleRNN"


class LSTM(_Recurrent):
    """A recurrence with a memory cell and three gates, which remembers over long distances.

    Use it for texts and series.

    Formula: c = f * c_before + i * tanh(x W + h_before U + b), h = o * tanh(c); f, i and o are sigmoids of x and h_before
    Shapes: (steps, features) -> (units), or (steps, units) with return_sequences.
    Weights: 4 * (units + features + bias) * units; bias is 1, without use_bias 0.
    Source: Hochreiter and Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735.
    """

    layer = "keras.layers.LSTM"

    recurrent_activation: ActivationName = Field("sigmoid", description="Function of the gates.", json_schema_extra=RARE)
    unit_forget_bias: bool = Field(True, description="Starts with an open forget gate, so that the cell remembers at first.", json_schema_extra=RARE)


class GRU(_Recurrent):
    """A recurrence with two gates: smaller and a little quicker than LSTM.

    Use it in place of LSTM on small data.

    Formula: h = z * h_before + (1 - z) * tanh(x W + (r * h_before) U + b); z and r are sigmoids of x and h_before
    Shapes: (steps, features) -> (units), or (steps, units) with return_sequences.
    Weights: 3 * (units + features + bias * (1 + reset after)) * units; bias and reset after are 1 or 0.
    Source: Cho et al. (2014), arXiv:1406.1078.
    """

    layer = "keras.layers.GRU"

    recurrent_activation: ActivationName = Field("sigmoid", description="Function of the gates.", json_schema_extra=RARE)
    reset_after: bool = Field(True, description="Applies the reset gate after the product, as GPUs do it.", json_schema_extra=RARE)


def _is_recurrent(block: type[Block]) -> bool:
    return issubclass(block, _Recurrent)


class Bidirectional(Wrapper):
    """Runs one recurrent block forwards and another, with weights of its own, backwards.

    Use it where the whole sequence is known beforehand, as with texts.

    Formula: y = merged(forwards(x), backwards(x))
    Shapes: (steps, features) -> (2 * units), or (steps, 2 * units) when the inner block returns sequences; (units) unless
        merge_mode is "concat".
    Weights: twice those of the inner block.
    Source: Schuster and Paliwal (1997), doi:10.1109/78.650093.
    """

    category = "recurrent"
    layer = "keras.layers.Bidirectional"
    ranks = (2,)

    block: inner_type(_is_recurrent) = inner_field("LSTM", "The recurrent block, with its parameters.", _is_recurrent)  # type: ignore[valid-type]
    merge_mode: Literal["concat", "sum", "mul", "ave"] = Field(
        "concat", description="How the two outputs become one: side by side, sum, product or mean."
    )

    @classmethod
    def around(cls, inner: _Recurrent, merge_mode: Literal["concat", "sum", "mul", "ave"] = "concat") -> Bidirectional:
        """The wrapper of a block."""
        return cls(block={"block": type(inner).__name__, "params": inner.params()}, merge_mode=merge_mode)
