"""Attention of a decoder to the states of an encoder, with learned comparisons: Bahdanau's and Luong's."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from blocks.layers.weighted import KernelAndBiasLayer, KernelLayer


class _EncoderAttention(KernelLayer):
    """A query, or a sequence of them, takes a mixture of values; the second input's mask says which values count.

    Subclasses have `scores(query, values)`: (batch, query steps, value steps), how well each value goes with each query.
    """

    def __init__(self, return_attention_scores: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.return_attention_scores = return_attention_scores

    def outcome(self, query: Any, context: Any) -> Any:  # noqa: ARG002
        """The output for a query and its mixture of the values."""
        return context

    def width(self, query: int, values: int) -> int:  # noqa: ARG002
        """Features of the output."""
        return values

    def call(self, inputs: Any, mask: Any = None) -> Any:
        query, values = inputs
        single = len(query.shape) == 2
        if single:
            query = ops.expand_dims(query, 1)
        scores = ops.cast(self.scores(query, values), "float32")
        if mask is not None and mask[1] is not None:
            scores = ops.where(ops.expand_dims(ops.cast(mask[1], "bool"), 1), scores, -1e9)
        weights = ops.cast(ops.softmax(scores, axis=-1), values.dtype)
        output = self.outcome(query, ops.matmul(weights, values))
        if single:
            output, weights = ops.squeeze(output, 1), ops.squeeze(weights, 1)
        return (output, weights) if self.return_attention_scores else output

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None if mask is None or len(inputs[0].shape) == 2 else mask[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        query, values = (tuple(shape) for shape in input_shape)
        output = (*query[:-1], self.width(query[-1], values[-1]))
        return (output, (*query[:-1], values[1])) if self.return_attention_scores else output

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "return_attention_scores": self.return_attention_scores}


@keras.saving.register_keras_serializable(package="blockstudio")
class BahdanauAttention(_EncoderAttention, KernelAndBiasLayer):
    """A small network with one hidden layer compares query and value.

    Shapes: [(batch, features) or (batch, steps, features), (batch, value steps, value features)] -> as the first input, with value features.
    Source: Bahdanau, Cho and Bengio (2014), arXiv:1409.0473, appendix A.1.2.
    """

    def __init__(self, units: int, use_score_bias: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.use_score_bias = units, use_score_bias
        self.query = self.inner(keras.layers.Dense, units, name="query")
        self.value = self.inner(keras.layers.Dense, units, name="value")
        self.score = self.inner(keras.layers.Dense, 1, use_bias=use_score_bias, name="score")

    def build(self, input_shape: Any) -> None:
        query, values = input_shape
        self.query.build((None, None, query[-1]))
        self.value.build((None, None, values[-1]))
        self.score.build((None, None, None, self.units))

    def scores(self, query: Any, values: Any) -> Any:
        hidden = ops.tanh(ops.expand_dims(self.query(query), 2) + ops.expand_dims(self.value(values), 1))
        return ops.squeeze(self.score(hidden), -1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "use_score_bias": self.use_score_bias}


@keras.saving.register_keras_serializable(package="blockstudio")
class LuongAttention(_EncoderAttention):
    """Compares query and value by their product, by a product through a matrix, or by a small network; then joins query and mixture.

    Shapes: [(batch, features) or (batch, steps, features), (batch, value steps, value features)] -> as the first input, with units.
    Source: Luong, Pham and Manning (2015), arXiv:1508.04025, section 3.

    Args:
        score: "dot", "general" or "concat", as in equation 8.
        output: "attentional" for tanh(Wc [context; query]) of equation 5, or "context".
        units: Size of the attentional output; None for that of the query.
        score_units: Size of the hidden layer of "concat"; None for that of the query.
    """

    def __init__(
        self, score: str = "dot", output: str = "attentional", units: int | None = None, score_units: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.score, self.output_kind, self.units, self.score_units = score, output, units, score_units

    def build(self, input_shape: Any) -> None:
        query, values = (shape[-1] for shape in input_shape)
        if self.score == "general":
            self.value = self.inner(keras.layers.Dense, query, name="value")
            self.value.build((None, None, values))
        if self.score == "concat":
            hidden = self.score_units or query
            self.query, self.value, self.compared = (
                self.inner(keras.layers.Dense, size, name=name) for size, name in ((hidden, "query"), (hidden, "value"), (1, "score"))
            )
            self.query.build((None, None, query))
            self.value.build((None, None, values))
            self.compared.build((None, None, None, hidden))
        if self.output_kind == "attentional":
            self.joined = self.inner(keras.layers.Dense, self.width(query, values), activation="tanh", name="joined")
            self.joined.build((None, None, values + query))

    def scores(self, query: Any, values: Any) -> Any:
        if self.score == "concat":
            hidden = ops.tanh(ops.expand_dims(self.query(query), 2) + ops.expand_dims(self.value(values), 1))
            return ops.squeeze(self.compared(hidden), -1)
        keys = self.value(values) if self.score == "general" else values
        return ops.matmul(query, ops.swapaxes(keys, 1, 2))

    def outcome(self, query: Any, context: Any) -> Any:
        return self.joined(ops.concatenate([context, query], axis=-1)) if self.output_kind == "attentional" else context

    def width(self, query: int, values: int) -> int:
        return (self.units or query) if self.output_kind == "attentional" else values

    def get_config(self) -> dict[str, Any]:
        own = {"score": self.score, "output": self.output_kind, "units": self.units, "score_units": self.score_units}
        return {**super().get_config(), **own}
