"""Blocks that say how far two inputs are apart."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from blocks.base import NumericBlock
from blocks.spec import AnySpec, Shape, shape_text


class _Comparing(NumericBlock):
    """What both share: two inputs of one shape."""

    category = "merging"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3, 4)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or _equal(inputs[0].shape, inputs[1].shape):
            return found
        received = " and ".join(shape_text(spec.shape) for spec in inputs)
        return (
            f"{type(self).__name__}: invalid inputs. Expected: two equal shapes. Received: {received}.",
            "Let both come from the same block: one node, and one that reuses it.",
        )


def _equal(first: Shape, second: Shape) -> bool:
    return len(first) == len(second) and all(None in pair or pair[0] == pair[1] for pair in zip(first, second, strict=True))


class AbsoluteDifference(_Comparing):
    """Says at each place how far two inputs are apart.

    Use it behind two branches that share their weights, before a dense layer that learns which differences matter.

    Formula: y = |x1 - x2|, place by place
    Shapes: two equal shapes -> the same shape.
    Source: Koch, Zemel and Salakhutdinov (2015), cs.toronto.edu/~rsalakhu/papers/oneshot1.pdf, section 3.1.
    """

    layer = "blocks.layers.absolute_difference.AbsoluteDifference"


class Distance(_Comparing):
    """Says in one number how far two vectors are apart.

    Use it behind two branches that share their weights: what is alike is to come out near. Dot with normalize gives the cosine instead.

    Formula: y = sqrt(sum over f of (x1[f] - x2[f])^2); squared_euclidean without the root; manhattan: sum over f of |x1[f] - x2[f]|
    Shapes: two of (..., features) -> (..., 1).
    Source: Hadsell, Chopra and LeCun (2006), doi:10.1109/CVPR.2006.100, equation 1.
    """

    layer = "blocks.layers.distance.Distance"

    measure: Literal["euclidean", "squared_euclidean", "manhattan"] = Field(
        "euclidean", description='"euclidean" is the length of the difference, "manhattan" the sum of its absolute values.'
    )
