"""Attention with learned comparisons, of a decoder's states to those of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from blocks.attention import SCORES
from blocks.base import NumericBlock, kernel_size_of
from blocks.fields import RARE, Count
from blocks.spec import AnySpec, Shape, Spec, shape_text
from blocks.weighted import WithBias, WithKernel


class _EncoderAttention(WithKernel):
    """What both share: a query (one vector, or a sequence of them) and the sequence that it looks at."""

    category = "attention"
    arity = (2, 2)
    ranks = (2,)

    return_attention_scores: bool = Field(False, description=SCORES, json_schema_extra=RARE)

    def sees_all(self) -> bool:
        return True

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem([_as_sequence(spec, len(inputs)) for spec in inputs[:1]] + inputs[1:])
        if found or not inputs:
            return found
        name = type(self).__name__
        if any(spec.shape[-1] is None for spec in inputs):
            return f"{name}: invalid input. Expected: a known number of features. Received: one that varies.", "Give the shape in the Input."
        return None

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        query, value = inputs
        return {"steps": steps(query), "value steps": value[0] or 1, "value channels": value[-1] or 1}


def _as_sequence(spec: AnySpec, count: int) -> AnySpec:
    """A query of one vector counts as a sequence of one step, where a second input follows."""
    return spec._replace(shape=(1, *spec.shape)) if isinstance(spec, Spec) and len(spec.shape) == 1 and count > 1 else spec


def steps(query: Shape) -> int:
    """How many queries there are."""
    return (query[0] or 1) if len(query) > 1 else 1


class BahdanauAttention(_EncoderAttention, WithBias):
    """Each query takes a mixture of the values; a small learned network compares them.

    Use it in translators of recurrent layers: the first input is the decoder's state (one vector, or one per step), the second
    the encoder's states. Values hidden by a mask are left out.

    Formula: y = sum over t of a[t] h[t], a = softmax(v . tanh(W h[t] + U s + b)); s is the query, h are the values
    Shapes: (features) and (value steps, value features) -> (value features); (steps, features) gives (steps, value features).
        The scores (steps, value steps) are the second output.
    Weights: units * (channels + value channels + 2 * bias + 1) + score bias; score bias is 1 or 0.
    Multiply-adds: units * (steps * channels + value steps * value channels) + steps * value steps * (units + value channels)
    Source: Bahdanau, Cho and Bengio (2014), arXiv:1409.0473, section 3.1 and appendix A.1.2.
    """

    layer = "blocks.layers.encoder_attention.BahdanauAttention"

    units: Count = Field(64, description="Units of the network that compares.")
    use_score_bias: bool = Field(
        False, description="Adds one number to all scores. It changes no output; some implementations have and count it.", json_schema_extra=RARE
    )

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        (query, value), found = (spec.shape for spec in inputs), 0
        comparisons = steps(query) * (value[0] or 1)
        times = {"query": steps(query), "value": value[0] or 1, "score": comparisons}
        for name, number in times.items():
            found += number * kernel_size_of(getattr(layer, name), "kernel")
        return found + comparisons * (value[-1] or 1)


class LuongAttention(_EncoderAttention):
    """Each query takes a mixture of the values and is joined with it in one vector.

    Use it in translators of recurrent layers: the first input is the decoder's state (one vector, or one per step), the second
    the encoder's states. Values hidden by a mask are left out.

    Formula: c = sum over t of a[t] h[t], a = softmax(score(s, h[t])), y = tanh(Wc [c; s]) or c; score is s . h ("dot"), s . W h ("general")
        or v . tanh(W [s; h]) ("concat"); s is the query, h are the values
    Shapes: (features) and (value steps, value features) -> (units), or (value features) for output "context"; (steps, features) gives
        as many steps. The scores (steps, value steps) are the second output.
    Weights: general * channels * value channels + concat * score units * (channels + value channels + 1)
        + attentional * units * (channels + value channels); the names of score and output are 1 when chosen, else 0.
    Multiply-adds: general * value steps * channels * value channels
        + concat * score units * (steps * channels + value steps * value channels)
        + steps * value steps * (compared features + value channels) + attentional * steps * units * (channels + value channels);
        compared features are score units for "concat", else channels.
    Source: Luong, Pham and Manning (2015), arXiv:1508.04025, section 3.1.
    """

    layer = "blocks.layers.encoder_attention.LuongAttention"

    score: Literal["dot", "general", "concat"] = Field(
        "dot", description='How query and value are compared: product, product through a learned matrix ("general"), or a small network ("concat").'
    )
    output: Literal["attentional", "context"] = Field(
        "attentional", description='"attentional": query and mixture joined by a dense layer with tanh; "context": the mixture alone.'
    )
    units: Count | None = Field(
        None, description="Features that come out; empty: those of the query.", json_schema_extra={"shown_if": {"output": "attentional"}}
    )
    score_units: Count | None = Field(
        None,
        description="Units of the network that compares; empty: those of the query.",
        json_schema_extra={**RARE, "shown_if": {"score": "concat"}},
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs or self.score != "dot" or inputs[0].shape[-1] == inputs[1].shape[-1]:
            return found
        expected, received = inputs[0].shape[-1], shape_text(inputs[1].shape)
        return f"LuongAttention: invalid input. Expected: values with the {expected} features of the query. Received: {received}.", (
            'Set score to "general", which compares features of different number.'
        )

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
        features = inputs[0][-1] or 1
        chosen = {name: int(name in (self.score, self.output)) for name in ("general", "concat", "attentional")}
        score_units = self.score_units or features
        compared = score_units if self.score == "concat" else features
        found = super().quantities(inputs, outputs)
        return {**found, **chosen, "units": self.units or features, "score units": score_units, "compared features": compared}

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        query, value = (spec.shape for spec in inputs)
        comparisons = steps(query) * (value[0] or 1)
        times = {"query": steps(query), "value": value[0] or 1, "compared": comparisons, "joined": steps(query)}
        found = sum(number * kernel_size_of(getattr(layer, name), "kernel") for name, number in times.items() if hasattr(layer, name))
        products = 0 if self.score == "concat" else comparisons * (query[-1] or 1)
        return found + products + comparisons * (value[-1] or 1)


class CausalMask(NumericBlock):
    """Hides the future in scores of attention: later steps get a number so low that a softmax makes 0 of it.

    Use it in attention that is put together by hand, between the scores and Softmax; attention blocks have it as use_causal_mask.

    Formula: y[i, j] = x[i, j] for j <= i, else -1e9 (-3e4 in float16)
    Shapes: unchanged: (steps, steps seen), or (heads, steps, steps seen).
    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.2.3.
    """

    category = "attention"
    layer = "blocks.layers.causal_mask.CausalMask"
    ranks = (2, 3)
