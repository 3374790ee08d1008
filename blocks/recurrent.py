"""Recurrent layers over sequences of vectors."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from blocks.base import Block, LayerBlock
from blocks.fields import RARE, ActivationName, Count, listed_numbers
from blocks.recurrence import FORGET_BIAS, GATES, RESET_AFTER, Recurrent, WithStates
from blocks.sizes import Size
from blocks.spec import Shape, Spec
from blocks.wrapping import Wrapper, inner_field, inner_type

MOST_CELLS = 16
Cell = Literal["LSTM", "GRU", "SimpleRNN"]
MergeMode = Literal["concat", "sum", "mul", "ave"]
STATES = {"LSTM": 2, "GRU": 1, "SimpleRNN": 1}
"""Parts of a cell's state."""
PRODUCTS = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
"""Products of a cell with its input, one for each gate and one for the new state."""
OF_LAYER = ("return_sequences", "return_state", "go_backwards", "zero_output_for_mask", "activity_regularizer", "dtype")
OF_CELLS = (
    *(f"{part}_{setting}" for part in ("kernel", "recurrent", "bias") for setting in ("initializer", "regularizer", "constraint")),
    *("use_bias", "activation", "dropout", "recurrent_dropout", "dtype"),
)
OF_CELL = {"LSTM": ("recurrent_activation", "unit_forget_bias"), "GRU": ("recurrent_activation", "reset_after"), "SimpleRNN": ()}
"""Which of the fields of RNN go to the layer, to all cells, and to cells of one kind."""


class _OverVectors(Recurrent):
    category = "recurrent"
    ranks = (2,)
    arity = (1, 2)

    units: Count = Field(64, description="Size of the state, and of the output.")

    def state_shapes(self, shape: Shape) -> list[Shape]:  # noqa: ARG002
        return [(self.units,)] * STATES[type(self).__name__]


class SimpleRNN(_OverVectors):
    """The plain recurrence: the new state is a dense layer of the input and the last state.

    Use it to see how recurrence works; LSTM and GRU remember far longer.

    Formula: h = activation(x kernel + h_before recurrent_kernel + bias)
    Shapes: (steps, features) -> (units), or (steps, units) with return_sequences; return_state adds h (units), and a second input
        (units) is the h to start from, otherwise 0.
    Weights: (units + features + bias) * units; bias is 1, without use_bias 0.
    Source: Elman (1990), doi:10.1207/s15516709cog1402_1.
    """

    layer = "keras.layers.SimpleRNN"


class LSTM(_OverVectors):
    """A recurrence with a memory cell and three gates, which remembers over long distances.

    Use it for texts and series.

    Formula: c = f * c_before + i * activation(x W + h_before U + b), h = o * activation(c); the gates f, i and o are
        recurrent_activation(x W + h_before U + b), each with weights of its own.
    Shapes: (steps, features) -> (units), or (steps, units) with return_sequences; return_state adds h (units) and c (units), and a second and
        third input are the h and c to start from, otherwise 0.
    Weights: 4 * (units + features + bias) * units; bias is 1, without use_bias 0.
    Source: Hochreiter and Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735.
    """

    layer = "keras.layers.LSTM"
    arity = (1, 3)

    recurrent_activation: ActivationName = Field("sigmoid", description=GATES, json_schema_extra=RARE)
    unit_forget_bias: bool = Field(True, description=FORGET_BIAS, json_schema_extra={"frequent": False, "shown_if": {"use_bias": True}})


class GRU(_OverVectors):
    """A recurrence with two gates: smaller and a little quicker than LSTM.

    Use it in place of LSTM on small data.

    Formula: h = z * h_before + (1 - z) * activation(x W + r * (h_before U) + b); the gates z and r are
        recurrent_activation(x W + h_before U + b), each with weights of its own; without reset_after (r * h_before) U.
    Shapes: (steps, features) -> (units), or (steps, units) with return_sequences; return_state adds h (units), and a second input
        (units) is the h to start from, otherwise 0.
    Weights: 3 * (units + features + bias * (1 + reset after)) * units; bias and reset after are 1 or 0.
    Source: Cho et al. (2014), arXiv:1406.1078.
    """

    layer = "keras.layers.GRU"

    recurrent_activation: ActivationName = Field("sigmoid", description=GATES, json_schema_extra=RARE)
    reset_after: bool = Field(True, description=RESET_AFTER, json_schema_extra=RARE)


def _few(sizes: tuple[int, ...]) -> tuple[int, ...]:
    if not 1 <= len(sizes) <= MOST_CELLS:
        raise ValueError(f"name 1 to {MOST_CELLS} sizes, one for each cell")
    return sizes


class RNN(Recurrent):
    """A stack of cells as one layer: within each step, the output of a cell is the input of the next.

    Use it for a deep recurrent network in one block, whose whole state can be handed on.

    Formula: h_k = cell_k(h_(k-1), state_k before), h_0 = x; y = the h of the last cell. The cells are those of LSTM, GRU or SimpleRNN.
    Shapes: (steps, features) -> (last units), or (steps, last units) with return_sequences; return_state adds the state of every cell, and
        as many further inputs are the state to start from, in the same order: h of each cell, for LSTM h and c.
    Weights: products * (links + biases); products is 4 for LSTM, 3 for GRU and 1 for SimpleRNN, links the sum of (inputs + units) * units over
        the cells, biases the sum of units (twice that for GRU with reset_after), 0 without use_bias.
    Source: Graves, Mohamed and Hinton (2013), arXiv:1303.5778.
    """

    category = "recurrent"
    layer = "keras.layers.RNN"
    ranks = (2,)
    arity = (1, 1 + 2 * MOST_CELLS)

    cell: Cell = Field("LSTM", description="Kind of the cells.")
    units: Annotated[tuple[Count, ...], BeforeValidator(listed_numbers), AfterValidator(_few)] = Field(
        (64, 64), description=f"Size of each cell's state, the first cell first; at most {MOST_CELLS} cells."
    )
    recurrent_activation: ActivationName = Field(
        "sigmoid", description=GATES, json_schema_extra={"frequent": False, "shown_if": {"cell": ["LSTM", "GRU"]}}
    )
    unit_forget_bias: bool = Field(True, description=FORGET_BIAS, json_schema_extra={"frequent": False, "shown_if": {"cell": "LSTM"}})
    reset_after: bool = Field(True, description=RESET_AFTER, json_schema_extra={"frequent": False, "shown_if": {"cell": "GRU"}})

    def arguments(self) -> dict[str, Any]:
        import keras

        cells = [self._cell(number, units) for number, units in enumerate(self.units, 1)]
        given = {name: value for name, value in super().arguments().items() if name in OF_LAYER}
        # Keras gives the state of a single stacked cell another structure than it started with.
        dtype = {"dtype": self.dtype} if self.dtype else {}
        return {"cell": cells[0] if len(cells) == 1 else keras.layers.StackedRNNCells(cells, name="cells", **dtype), **given}

    def _cell(self, number: int, units: int) -> Any:
        import keras

        # Read anew for each cell: an initializer that is used twice gives the same numbers twice.
        given = {name: value for name, value in super().arguments().items() if name in (*OF_CELLS, *OF_CELL[self.cell])}
        return getattr(keras.layers, f"{self.cell}Cell")(**given, units=units, name=f"cell{number}")

    def state_shapes(self, shape: Shape) -> list[Shape]:  # noqa: ARG002
        return [(units,) for units in self.units for _ in range(STATES[self.cell])]

    def packed(self, states: list[Any]) -> list[Any]:
        if self.cell != "LSTM" or len(self.units) == 1:
            return states
        return [states[at : at + 2] for at in range(0, len(states), 2)]

    def quantities(self, inputs: Any, outputs: Any) -> dict[str, int | float]:  # noqa: ARG002
        sizes = [(inputs[0][-1] or 1) if inputs else 1, *self.units]
        biases = sum(self.units) * self.use_bias * (2 if self.cell == "GRU" and self.reset_after else 1)
        links = sum((before + units) * units for before, units in zip(sizes, self.units, strict=False))
        return {"products": PRODUCTS[self.cell], "links": links, "biases": biases}


def _is_recurrent(block: type[Block]) -> bool:
    return issubclass(block, Recurrent)


class Bidirectional(WithStates, Wrapper):
    """Runs one recurrent block forwards and another, with weights of its own, backwards.

    Use it where the whole sequence is known beforehand, as with texts.

    Formula: y = merged(forwards(x), backwards(x)); with return_sequences, skipped (masked) steps give 0
    Shapes: (steps, features) -> (2 * units), or (steps, 2 * units) when the inner block returns sequences; (units) unless
        merge_mode is "concat". When the inner block returns its state, that of both directions follows, and as many further inputs are
        the state to start from.
    Weights: 2 * inner weights; those of the inner block, once for each direction.
    Source: Schuster and Paliwal (1997), doi:10.1109/78.650093.
    """

    category = "recurrent"
    layer = "keras.layers.Bidirectional"
    ranks = (2, 3, 4, 5)
    arity = (1, 1 + 4 * MOST_CELLS)

    block: inner_type(_is_recurrent) = inner_field("LSTM", "The recurrent block, with its parameters.", _is_recurrent)  # type: ignore[valid-type]
    merge_mode: MergeMode | None = Field(
        "concat", description="How the two outputs become one: side by side, sum, product or mean; empty: they stay two."
    )

    @model_validator(mode="after")
    def _forwards_first(self) -> Self:
        if self.inner.model_dump()["go_backwards"]:
            raise ValueError("go_backwards must be off in the block inside: one half runs backwards by itself")
        return self

    @classmethod
    def around(cls, inner: Recurrent, merge_mode: MergeMode | None = "concat") -> Bidirectional:
        """The wrapper of a block."""
        return cls.read({"block": {"block": type(inner).__name__, "params": inner.params()}, "merge_mode": merge_mode})

    @property
    def _recurrent(self) -> Recurrent:
        inner = self.inner
        assert isinstance(inner, Recurrent)  # noqa: S101 - there is no other kind inside
        return inner

    def input_problem(self, shape: Shape) -> tuple[str, str] | None:
        return self.inner_problem([Spec(shape)])

    def state_shapes(self, shape: Shape) -> list[Shape]:
        return self._recurrent.state_shapes(shape) * 2

    def packed(self, states: list[Any]) -> list[Any]:
        half = len(states) // 2
        return [*self._recurrent.packed(states[:half]), *self._recurrent.packed(states[half:])]

    def sizes(self, shape: Shape) -> list[Size]:
        return self.inner.sizes(shape)


class Masking(LayerBlock):
    """Marks steps that are padding, so that recurrent and attention blocks behind it skip them.

    Use it in front of them where short sequences are filled up to a common length.

    Formula: a step is skipped when all its features equal mask_value, and then gives 0
    Shapes: unchanged.
    Source: keras.layers.Masking.
    """

    category = "recurrent"
    layer = "keras.layers.Masking"
    ranks = (2,)

    mask_value: float = Field(0.0, ge=-1e6, le=1e6, description="The number that padding consists of.")
