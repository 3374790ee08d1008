"""Attention: every step of a sequence takes what it needs from the steps of the same or of another sequence."""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from blocks.base import NumericBlock
from blocks.fields import RARE, Count, Probability, listed_numbers
from blocks.spec import AnySpec, Shape, Spec, shape_text
from blocks.weighted import WithActivityRegularizer, WithBias, WithKernel

Lengths = Annotated[tuple[Count, ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=3)]
Heads = Annotated[int, Field(ge=1, le=4096)]
HeadSize = Annotated[int, Field(ge=1, le=65_536)]

CAUSAL = "Each step sees only itself and the steps before it, as for writing a text."
SCORES = "Gives a second output: how much each step takes from each other one."
WINDOW = "Steps that each step sees to either side, itself counted; empty: all."
GATE = "Multiplies what the heads give with a learned gate between 0 and 1."


def parts(shapes: Sequence[Shape]) -> tuple[Shape, Shape, Shape]:
    """Query, value and key out of one to three inputs."""
    query = shapes[0]
    value = shapes[1] if len(shapes) > 1 else query
    return query, value, shapes[2] if len(shapes) > 2 else value


def places(shape: Shape) -> int:
    """How many vectors an input holds."""
    return math.prod(size or 1 for size in shape[:-1])


def clash(one: int | None, other: int | None) -> bool:
    """Whether two sizes are known and differ."""
    return one is not None and other is not None and one != other


class _Attention(NumericBlock):
    """What all attention layers of Keras share: one to three inputs, dropout, and what is asked for at the call."""

    category = "attention"
    arity = (1, 3)
    ranks: ClassVar[tuple[int, ...]] = (2,)

    dropout: Probability = Field(0.0, description="Share of the attention that is set to 0 in training.")
    use_causal_mask: bool = Field(False, description=CAUSAL)
    return_attention_scores: bool = Field(False, description=SCORES, json_schema_extra=RARE)

    def own_fields(self) -> set[str]:
        return {"use_causal_mask", "return_attention_scores"}

    def options(self) -> dict[str, bool]:
        """What the layer is told when it is called."""
        return {name: True for name in sorted(self.own_fields()) if getattr(self, name)}

    def sees_all(self) -> bool:
        return True

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        shapes = parts([spec.shape for spec in inputs])
        if any(shape[-1] is None for shape in shapes):
            return self._wrong("a known number of features", "one that varies", "Give the shape in the Input.")
        if len(shapes[1]) != len(shapes[2]) or any(map(clash, shapes[1][:-1], shapes[2][:-1])):
            return self._wrong(
                "values and keys (second and third input) of equal length",
                f"{shape_text(shapes[1])} and {shape_text(shapes[2])}",
                "Take both from the same place, or leave the third input out.",
            )
        return self.misfit(*shapes)

    def misfit(self, query: Shape, value: Shape, key: Shape) -> tuple[str, str] | None:  # noqa: ARG002
        """The problem of queries and keys that can't be compared."""
        if query[-1] == key[-1]:
            return None
        return self._wrong(f"keys with the {query[-1]} features of the query", f"{key[-1]}", "Insert a Dense, or use MultiHeadAttention.")

    def _wrong(self, expected: str, received: str, advice: str, name: str = "input") -> tuple[str, str]:
        return f"{type(self).__name__}: invalid {name}. Expected: {expected}. Received: {received}.", advice

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        _, value, key = parts(inputs)
        return {"value steps": value[0] or 1, "value channels": value[-1] or 1, "key channels": key[-1] or 1}


class _ListedAttention(_Attention):
    """Layers that take their inputs as one list and have no heads."""

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        return layer(inputs if len(inputs) > 1 else inputs * 2, **self.options())

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        query, value, _ = parts([spec.shape for spec in inputs])
        scores = (query[0] or 1) * (value[0] or 1)
        return scores * self.products_per_score(query[-1] or 1) + scores * (value[-1] or 1)

    @abc.abstractmethod
    def products_per_score(self, features: int) -> int:
        """Products that comparing one query with one key costs."""


class Attention(_ListedAttention):
    """Each step takes a mixture of the values, by how well their keys go with it (dot product).

    Use it to let a decoder look at the steps of an encoder; MultiHeadAttention learns what to compare, this one compares as it is.
    One input attends to itself; of two, the first asks and the second answers; a third gives the keys.

    Formula: y = softmax(score(q, k)) v; score is scale * q . k ("dot") or weight * sum of tanh(scale * (q + k)) ("concat")
    Shapes: (steps, features) [, (value steps, value features)] [, (value steps, features)] -> (steps, value features);
        the scores (steps, value steps) are the second output.
    Weights: scale + concat; one number each, with use_scale and with score_mode "concat".
    Multiply-adds: steps * value steps * (dot * channels + value channels); dot is 1 for score_mode "dot", else 0.
    Source: Luong, Pham and Manning (2015), arXiv:1508.04025, section 3.1 (dot).
    """

    layer = "keras.layers.Attention"

    score_mode: Literal["dot", "concat"] = Field("dot", description='How query and key are compared: "dot" product, or "concat": sum, then tanh.')
    use_scale: bool = Field(False, description="Multiplies the scores by one learned number.")

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
        chosen = {mode: int(self.score_mode == mode) for mode in ("dot", "concat")}
        return {**super().quantities(inputs, outputs), **chosen}

    def products_per_score(self, features: int) -> int:
        return features if self.score_mode == "dot" else 0


class AdditiveAttention(_ListedAttention):
    """Each step takes a mixture of the values; query and key are added and squashed to compare them.

    Use it in place of Attention to compare without products; BahdanauAttention does the same behind learned layers.
    One input attends to itself; of two, the first asks and the second answers; a third gives the keys.

    Formula: y = softmax(sum over features of scale * tanh(q + k)) v
    Shapes: (steps, features) [, (value steps, value features)] [, (value steps, features)] -> (steps, value features);
        the scores (steps, value steps) are the second output.
    Weights: scale * channels; scale is 1, without use_scale 0.
    Multiply-adds: steps * value steps * (scale * channels + value channels)
    Source: Bahdanau, Cho and Bengio (2014), arXiv:1409.0473.
    """

    layer = "keras.layers.AdditiveAttention"

    use_scale: bool = Field(True, description="Weighs the features of the comparison by learned numbers.")

    def products_per_score(self, features: int) -> int:
        return features if self.use_scale else 0


class _Projected(_Attention, WithKernel, WithBias, WithActivityRegularizer):
    """Layers that compare, and mix, learned projections in several heads."""

    sliding_window: Count | None = Field(None, description=WINDOW, json_schema_extra={**RARE, "unit": "steps"})
    use_gate: bool = Field(False, description=GATE, json_schema_extra=RARE)

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        return layer(*(inputs if len(inputs) > 1 else inputs * 2), **self.options())


def kernels(layer: Any) -> dict[str, int]:
    """Numbers in the kernel of each layer within a layer, by its name."""
    return {variable.path.split("/")[-2]: math.prod(variable.shape) for variable in layer.weights if variable.name == "kernel"}


class MultiHeadAttention(_Projected):
    """Several heads compare learned projections of all steps, and each step takes a mixture of the values.

    Use it as the heart of Transformers, on texts, series and patches of pictures; add positions before it, since it knows no order.
    One input attends to itself; of two, the first asks and the second answers; a third gives the keys.

    Formula: head = softmax((q Wq) . (k Wk) / sqrt(key_dim)) (v Wv), y = (all heads side by side) Wo
    Shapes: (steps, features) [, (value steps, ...)] [, (value steps, ...)] -> (steps, features), or (steps, output_shape); pictures
        likewise. The scores (num_heads, steps, value steps) are the second output.
    Weights: num heads * (key dim * (channels + key channels + 2 * bias) + value dim * (value channels + bias + gate * (channels + bias)))
        + (num heads * value dim + bias) * output size; output size is that of the query, unless given.
    Multiply-adds: places * num heads * (key dim * channels + value dim * (gate * channels + output size))
        + value places * num heads * (key dim * key channels + value dim * value channels)
        + places * attended places * num heads * (key dim + value dim); attended places are those that each place is compared with.
    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.2.2; Beltagy, Peters and Cohan (2020), arXiv:2004.05150 (sliding window);
        Qiu et al. (2025), arXiv:2505.06708 (gate).
    """

    layer = "blocks.layers.multi_head_attention.MultiHeadAttention"  # Keras's, mended
    ranks = (2, 3)

    num_heads: Heads = Field(8, description="How many comparisons run side by side.")
    key_dim: HeadSize = Field(64, description="Features of each head that are compared; mostly the input's features divided by num_heads.")
    value_dim: HeadSize | None = Field(None, description="Features of each head that are mixed; empty: key_dim.", json_schema_extra=RARE)
    output_shape: Lengths | None = Field(None, description="Features that come out; empty: those of the first input.", json_schema_extra=RARE)
    attention_axes: int | None = Field(
        None, ge=1, le=2, description="The axis of pictures along which places are compared: 1 or 2; empty: both.", json_schema_extra=RARE
    )

    def misfit(self, query: Shape, value: Shape, key: Shape) -> tuple[str, str] | None:  # noqa: ARG002
        if len(query) != len(value):
            return self._wrong("inputs of equally many axes", f"{shape_text(query)} and {shape_text(value)}", "Insert Reshape before one of them.")
        axes = self._attended(query)
        if max(axes) > len(query) - 1:
            return self._wrong("nothing, or 1, for sequences", f"{max(axes)}", "Leave it empty.", "attention_axes")
        if (self.use_causal_mask or self.sliding_window) and axes != (1,):
            name = "use_causal_mask" if self.use_causal_mask else "sliding_window"
            return self._wrong("sequences, or attention_axes 1", f"{shape_text(query)}", f"Set attention_axes to 1, or leave out {name}.", name)
        apart = [axis for axis in range(1, len(query)) if axis not in axes and clash(query[axis - 1], value[axis - 1])]
        if apart:
            received = f"{shape_text(query)} and {shape_text(value)}"
            return self._wrong(f"inputs of equal size along axis {apart[0]}", received, "Leave attention_axes empty, or resize one input.")
        return None

    def _attended(self, query: Shape) -> tuple[int, ...]:
        return (self.attention_axes,) if self.attention_axes else tuple(range(1, len(query)))

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
        query, value, _ = parts(inputs)
        sizes = [size or 1 for size in value[:-1]]
        return {
            **super().quantities(inputs, outputs),
            "value dim": self.value_dim or self.key_dim,
            "output size": math.prod(self.output_shape) if self.output_shape else query[-1] or 1,
            "value places": math.prod(sizes),
            "attended places": math.prod(sizes[axis - 1] for axis in self._attended(query)),
        }

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        query, value, key = parts([spec.shape for spec in inputs])
        numbers = kernels(layer)
        projected = places(query) * (numbers["query"] + numbers.get("gate", 0) + numbers["attention_output"])
        projected += places(key) * numbers["key"] + places(value) * numbers["value"]
        attended = math.prod(value[axis - 1] or 1 for axis in self._attended(query))
        return projected + places(query) * attended * self.num_heads * (self.key_dim + (self.value_dim or self.key_dim))


class GroupQueryAttention(_Projected):
    """A MultiHeadAttention whose heads share keys and values in groups.

    Use it in place of MultiHeadAttention in large models for texts: fewer weights, and less to remember while writing.
    One input attends to itself; of two, the first asks and the second answers; a third gives the keys.

    Formula: as MultiHeadAttention; num_query_heads / num_key_value_heads neighbouring heads use the same (k Wk) and (v Wv)
    Shapes: (steps, features) [, (value steps, features)] [, (value steps, key features)] -> (steps, features);
        the scores (num_query_heads, steps, value steps) are the second output.
    Weights: head dim * (num query heads * (1 + gate) * (channels + bias) + num key value heads * (key channels + value channels + 2 * bias))
        + (num query heads * head dim + bias) * channels
    Multiply-adds: head dim * (steps * num query heads * channels * (2 + gate)
        + value steps * num key value heads * (key channels + value channels) + 2 * steps * value steps * num query heads)
    Source: Ainslie et al. (2023), arXiv:2305.13245; Qiu et al. (2025), arXiv:2505.06708 (gate).
    """

    layer = "keras.layers.GroupQueryAttention"

    num_query_heads: Heads = Field(8, description="How many comparisons run side by side.")
    num_key_value_heads: Heads = Field(2, description="How many keys and values they share; it must divide num_query_heads.")
    head_dim: HeadSize = Field(64, description="Features of each head; mostly the input's features divided by num_query_heads.")

    @model_validator(mode="after")
    def _groups(self) -> Self:
        if self.num_query_heads % self.num_key_value_heads:
            raise ValueError(f"num_key_value_heads ({self.num_key_value_heads}) must divide num_query_heads ({self.num_query_heads})")
        return self

    def misfit(self, query: Shape, value: Shape, key: Shape) -> tuple[str, str] | None:  # noqa: ARG002
        if query[-1] == value[-1]:
            return None
        return self._wrong(f"values with the {query[-1]} features of the query", f"{value[-1]}", "Insert a Dense of that many units before it.")

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        query, value, _ = parts([spec.shape for spec in inputs])
        steps, others, numbers = query[0] or 1, value[0] or 1, kernels(layer)
        projected = steps * (numbers["query"] + numbers.get("gate", 0) + numbers["attention_output"]) + others * (numbers["key"] + numbers["value"])
        return projected + 2 * steps * others * self.num_query_heads * self.head_dim
