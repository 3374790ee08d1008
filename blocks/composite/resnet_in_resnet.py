"""Residual networks of two streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from blocks.composite.units import STRIDES, NormalisedComposite, activation, channels_of, conv
from blocks.fields import Count
from blocks.merging import Add
from blocks.spec import AnySpec, Shape, shape_text
from blocks.wiring import Node, Wiring


class GeneralizedResidual(NormalisedComposite):
    """Leads two streams on, one with a shortcut (residual) and one without (transient), and lets each see the other.

    Use it in chains: the network decides what it keeps and what it works over. With one input both streams begin there; the first
    output is the residual stream, the second the transient one. Put them side by side (Concatenate) at the network's end.

    Formula: residual' = relu(norm(conv3x3(residual) + conv3x3(transient) + shortcut(residual))); transient' = relu(norm(conv3x3(transient)
        + conv3x3(residual)))
    Shapes: one or two of (height, width, channels) -> two of (ceil(height / strides), ceil(width / strides), filters).
    Weights: 36 * channels * filters + 8 * filters + projection * channels * filters; projection is 1 where the shape changes, so that the shortcut
        has a 1x1 convolution, otherwise 0.
    Source: Targ, Almeida and Lyman (2016), arXiv:1603.08029, section 2 and figure 1.
    """

    category = "residual"
    ranks = (3,)
    arity: ClassVar[tuple[int, int | None]] = (1, 2)

    filters: Count = Field(48, description="Channels of each stream.")
    strides: int = Field(1, ge=1, le=4096, description="Step of the windows; 2 halves the size.", json_schema_extra=STRIDES)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"projection": int(bool(inputs) and self._changes(channels_of(inputs[0])))}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or len({spec.shape for spec in inputs}) == 1:
            return found
        received = " and ".join(shape_text(spec.shape) for spec in inputs)
        return f"GeneralizedResidual: invalid inputs. Expected: two streams of one shape. Received: {received}.", "Connect both outputs of one block."

    def wire(self, net: Wiring, *streams: Node) -> tuple[Node, Node]:
        residual, transient = streams[0], streams[-1]
        window = conv(self.filters, 3, strides=self.strides)
        around = residual
        if self._changes(net.channels(residual)):
            around = net.add("shortcut_conv", conv(self.filters, strides=self.strides), residual)
        kept = net.add(
            "residual_add", Add(), net.add("residual_conv", window, residual), net.add("transient_to_residual_conv", window, transient), around
        )  # fmt: skip
        passed = net.add(
            "transient_add", Add(), net.add("transient_conv", window, transient), net.add("residual_to_transient_conv", window, residual)
        )  # fmt: skip
        return (
            net.chain(kept, residual_norm=self.norm(), residual_relu=activation("relu")),
            net.chain(passed, transient_norm=self.norm(), transient_relu=activation("relu")),
        )

    def _changes(self, channels: int) -> bool:
        return self.strides > 1 or channels != self.filters


class ResNetInResNetBlock(NormalisedComposite):
    """Two generalised residual units one after the other, the first of which may halve the size.

    Use it as one block of a ResNet in ResNet; the network for small pictures has eight of them, with 48, 96 and 192 filters.

    Formula: two GeneralizedResidual, with the residual and the transient stream between them
    Shapes: one or two of (height, width, channels) -> two of (ceil(height / strides), ceil(width / strides), filters).
    Weights: 36 * (channels + filters) * filters + 16 * filters + projection * channels * filters; projection is 1 where the shape changes,
        otherwise 0.
    Source: Targ, Almeida and Lyman (2016), arXiv:1603.08029, figure 2 c.
    """

    category = "residual"
    ranks = (3,)
    arity: ClassVar[tuple[int, int | None]] = (1, 2)

    filters: Count = Field(48, description="Channels of each stream.")
    strides: int = Field(1, ge=1, le=4096, description="Step of the first unit; 2 halves the size.", json_schema_extra=STRIDES)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
        return self._unit(self.strides).quantities(inputs, outputs)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or self._unit(self.strides).problem(inputs)
        return (found[0].replace("GeneralizedResidual:", "ResNetInResNetBlock:"), found[1]) if found else None

    def wire(self, net: Wiring, *streams: Node) -> tuple[Node, Node]:
        first = net.add("unit1", self._unit(self.strides), *streams)
        second = net.add("unit2", self._unit(1), first, net.output(first, 1))
        return second, net.output(second, 1)

    def _unit(self, strides: int) -> GeneralizedResidual:
        return GeneralizedResidual(filters=self.filters, strides=strides, momentum=self.momentum, epsilon=self.epsilon)
