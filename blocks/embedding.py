"""Learned vectors for whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from blocks.base import kernel_size_of, positions
from blocks.fields import RARE, Count
from blocks.spec import AnySpec, Shape, Spec
from blocks.weighted import WithEmbeddings


class _Embedding(WithEmbeddings):
    category = "text"
    ranks = (0, 1, 2, 3)
    takes_integers = True

    input_dim: Count = Field(10_000, description="Size of the vocabulary: the largest number plus 1, as max_tokens of TextVectorization.")
    output_dim: Count = Field(64, description="Length of the vectors.")
    mask_zero: bool = Field(False, description="Takes 0 as padding, which recurrent layers then skip.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or inputs[0].is_integer:
            return found
        name = type(self).__name__
        return f"{name}: invalid input. Expected: whole numbers. Received: {inputs[0].dtype}.", "Insert TextVectorization before it, or use Dense."


class Embedding(_Embedding):
    """Gives each number of a vocabulary a learned vector.

    Use it behind TextVectorization, or for categories given as whole numbers.

    Formula: y = embeddings[x]
    Shapes: (steps) -> (steps, output_dim).
    Weights: input dim * output dim
    Source: Bengio et al. (2003), A neural probabilistic language model, JMLR 3.
    """

    layer = "keras.layers.Embedding"


class ReversibleEmbedding(_Embedding):
    """Gives each number of a vocabulary a learned vector, and turns vectors back into a score for each number.

    Use it in language models. A node that reuses it works backwards where vectors enter: at each place it gives the scores of all
    numbers, with the same weights.

    Formula: y = embeddings[x]; backwards y = x * transposed embeddings, with logit_soft_cap c then c * tanh(y / c)
    Shapes: (steps) -> (steps, output_dim); backwards (steps, output_dim) -> (steps, input_dim).
    Weights: input dim * output dim * (2 - tie weights); tie_weights is 1 or 0.
    Multiply-adds: reversed places * input dim * output dim; reversed places are those at which vectors enter.
    Source: Press and Wolf (2016), arXiv:1608.05859.
    """

    layer = "keras.layers.ReversibleEmbedding"

    tie_weights: bool = Field(True, description="Works backwards with the same weights; otherwise with others of its own.", json_schema_extra=RARE)
    logit_soft_cap: float | None = Field(
        None, gt=0.0, le=1e6, description="Bends large scores of the way back below it, such as 30; empty: not at all.", json_schema_extra=RARE
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if not found or not inputs or not inputs[0].dtype.startswith("float") or not inputs[0].shape:
            return found
        if inputs[0].shape[-1] == self.output_dim:
            return None
        received = "any" if inputs[0].shape[-1] is None else inputs[0].shape[-1]
        return (
            f"ReversibleEmbedding: invalid input. Expected: whole numbers, or vectors of length {self.output_dim}. Received: length {received}.",
            f"Insert Dense with {self.output_dim} units before it.",
        )

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        import keras

        if keras.backend.standardize_dtype(inputs[0].dtype).startswith(("int", "uint")):
            return layer(inputs[0])
        return layer(inputs[0], reverse=True)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
        if not inputs or not outputs or len(inputs[0]) != len(outputs[0]):
            return {"reversed places": 0}
        return {"reversed places": positions(Spec(inputs[0]))}

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return 0 if inputs[0].is_integer else positions(inputs[0]) * kernel_size_of(layer, "embeddings")
