"""The units of the two ShuffleNets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from blocks.composite.units import STRIDES, NormalisedComposite, activation, channels_of, conv, depthwise
from blocks.fields import RARE, ActivationName, Count
from blocks.merging import Add, Concatenate
from blocks.pooling import AveragePooling2D
from blocks.rearranging import ChannelShuffle
from blocks.slicing import ChannelSlice
from blocks.spec import AnySpec, Shape
from blocks.wiring import Node, Wiring

FILTERS = "Output channels; empty: as many as come in, with strides above 1 twice as many."
STEP = "Step of the window; 2 halves the size."


class _Shuffled(NormalisedComposite):
    """What both share."""

    ranks = (3,)

    filters: Count | None = Field(None, description=FILTERS)
    strides: int = Field(1, ge=1, le=4096, description=STEP, json_schema_extra=STRIDES)
    kernel_size: int = Field(3, ge=1, le=127, description="Size of the window over each channel.", json_schema_extra={"unit": "pixels", **RARE})
    activation: ActivationName = Field("relu", description="Function behind the convolutions.", json_schema_extra=RARE)

    def leaving(self, channels: int) -> int:
        """Output channels."""
        return self.filters or channels * (2 if self.strides > 1 else 1)

    def _misfit(self, field: str, expected: str, received: int, advice: str) -> tuple[str, str]:
        return f"{type(self).__name__}: invalid {field}. Expected: {expected}. Received: {received}.", advice


class ShuffleUnit(_Shuffled):
    """A residual block whose 1x1 convolutions work on groups of channels, and which mixes the groups in between.

    Use it in networks for the smallest devices, where 1x1 convolutions cost the most. With strides 2 the input is pooled and put beside
    the branch rather than added to it.

    Formula: y = activation(norm(gconv1x1(norm(depthwise(shuffle(activation(norm(gconv1x1(x)))))))) + x); with strides above 1
        y = activation([branch, meanpool3x3(x)]) along the channels
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: channels * inner / entry groups + inner * branch / groups + (kernel places + 8) * inner + 4 * branch; inner is about a quarter of the
        filters, a multiple of groups; branch is filters, with strides above 1 filters - channels; entry groups is groups, without
        group_first 1.
    Source: Zhang et al. (2017), arXiv:1707.01083, figure 2 and table 1.
    """

    category = "mobile"

    groups: int = Field(3, ge=1, le=4096, description="Groups of channels; they must divide input and output channels.")
    group_first: bool = Field(
        True,
        description="The first convolution has groups too; the first unit of the paper has none, since few channels enter.",
        json_schema_extra=RARE,
    )

    def inner(self, channels: int) -> int:
        """Channels of the window: a quarter, as a multiple of the groups."""
        return max(self.leaving(channels) // 4 // self.groups, 1) * self.groups

    def branch(self, channels: int) -> int:
        """Channels that the branch adds."""
        return self.leaving(channels) - (channels if self.strides > 1 else 0)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        channels = channels_of(inputs[0]) if inputs else 1
        return {"inner": self.inner(channels), "branch": self.branch(channels), "entry groups": self.groups if self.group_first else 1}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        channels = channels_of(inputs[0].shape)
        if self.strides == 1 and self.leaving(channels) != channels:
            return self._misfit("filters", f"the {channels} input channels with strides 1", self.leaving(channels), "Leave filters empty.")
        if self.strides > 1 and self.leaving(channels) <= channels:
            return self._misfit(
                "filters", f"more than the {channels} input channels, which are put beside the branch", self.leaving(channels), "Leave it empty."
            )
        for count, what in ((channels if self.group_first else 0, "input channels"), (self.branch(channels), "channels of the branch")):
            if count % self.groups:
                nearest = max(each for each in range(1, self.groups + 1) if count % each == 0)
                return self._misfit("groups", f"a divisor of the {count} {what}", self.groups, f"The nearest is {nearest}.")
        return None

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        channels = net.channels(x)
        inner = self.inner(channels)
        entry = conv(inner, groups=self.groups if self.group_first else 1)
        y = self.unit(net, x, "compress", entry, self.activation)
        y = net.add("shuffle", ChannelShuffle(groups=self.groups), y)
        y = self.unit(net, y, "depthwise", depthwise(self.kernel_size, self.strides))
        y = self.unit(net, y, "expand", conv(self.branch(channels), groups=self.groups))
        if self.strides == 1:
            y = net.add("add", Add(), x, y)
        else:
            pooled = net.add("pool", AveragePooling2D(pool_size=3, strides=self.strides, padding="same"), x)
            y = net.add("join", Concatenate(), pooled, y)
        return net.add("activation", activation(self.activation), y)


class ShuffleUnitV2(_Shuffled):
    """Lets one half of the channels pass, works on the other half, and mixes both.

    Use it in networks for small devices: it is laid out for speed on real processors, not for few products alone. With strides 2
    both halves are worked on.

    Formula: y = shuffle([x1, act(norm(conv1x1(norm(depthwise(act(norm(conv1x1(x2)))))))]) with x = [x1, x2] along the channels; with strides above
        1 x1 and x2 are both x, and x1 goes through act(norm(conv1x1(norm(depthwise(x1)))))
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: (entering + 4) * half + (kernel places + 4) * half + (half + 4) * (filters - passing)
        + aside * ((kernel places + 4) * channels + (channels + 4) * passing);
        half is half of the filters, and passing likewise, with first_branch "input" as many as come in; entering is half of the channels,
        and with strides above 1 all of them; aside is 1 with strides above 1, otherwise 0.
    Source: Ma et al. (2018), arXiv:1807.11164, figure 3 c and d.
    """

    category = "mobile"

    first_branch: Literal["half", "input"] = Field(
        "half",
        description='With strides above 1: the first branch gives "half" of the channels, or as many as the "input" has, as the authors do.',
        json_schema_extra=RARE,
    )

    def passing(self, channels: int) -> int:
        """Channels that the first branch gives."""
        return channels if self.strides > 1 and self.first_branch == "input" else self.leaving(channels) // 2

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        channels = channels_of(inputs[0]) if inputs else 1
        stepping = self.strides > 1
        return {
            "filters": self.leaving(channels), "half": self.leaving(channels) // 2, "passing": self.passing(channels),
            "entering": channels if stepping else channels // 2, "aside": int(stepping),
        }  # fmt: skip

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        channels = channels_of(inputs[0].shape)
        leaving = self.leaving(channels)
        if self.strides == 1 and leaving != channels:
            return self._misfit("filters", f"the {channels} input channels with strides 1", leaving, "Leave filters empty.")
        if self.passing(channels) >= leaving:
            return self._misfit("filters", f"more than the {channels} input channels, which pass", leaving, "Leave filters empty.")
        if leaving % 2:
            name = "filters" if self.filters else "input"
            return self._misfit(name, "an even number of channels", leaving, f"The nearest are {leaving - 1} and {leaving + 1}.")
        return None

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        channels = net.channels(x)
        half = self.leaving(channels) // 2
        if self.strides == 1:
            aside = net.add("pass", ChannelSlice(size=half), x)
            y = net.add("work", ChannelSlice(start=half), x)
        else:
            aside = self.unit(net, x, "aside_depthwise", depthwise(self.kernel_size, self.strides))
            aside = self.unit(net, aside, "aside_pointwise", conv(self.passing(channels)), self.activation)
            y = x
        y = self.unit(net, y, "first", conv(half), self.activation)
        y = self.unit(net, y, "depthwise", depthwise(self.kernel_size, self.strides))
        y = self.unit(net, y, "last", conv(self.leaving(channels) - self.passing(channels)), self.activation)
        return net.add("shuffle", ChannelShuffle(groups=2), net.add("join", Concatenate(), aside, y))
