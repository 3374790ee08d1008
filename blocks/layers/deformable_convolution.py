"""The Keras layer behind the block DeformableConv2D."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from blocks.layers.weighted import KernelAndBiasLayer


@keras.saving.register_keras_serializable(package="blockstudio")
class DeformableConv2D(KernelAndBiasLayer):
    """A convolution whose taps look beside their places, each by an offset that is computed from the input.

    Offsets come from a convolution `offsets` of the same window. It starts at zero, so that the layer begins as a plain
    convolution (modulated: as half of one). Its channels are (dy, dx) for each tap of each deformable group, in this order, and
    behind them (modulated) one factor per tap, before its sigmoid. Values between pixels are interpolated linearly; outside are zeros.

    Shapes: (batch, height, width, channels) -> (batch, height', width', filters), sizes as of Conv2D.

    Args:
        deformable_groups: Groups of channels with offsets of their own.
        modulated: Whether each tap also gets a factor from 0 to 1 (version 2).

    Source: Dai et al. (2017), arXiv:1703.06211; Zhu et al. (2018), arXiv:1811.11168 (modulated).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        dilation_rate: Any = (1, 1),
        deformable_groups: int = 1,
        modulated: bool = False,
        groups: int = 1,
        activation: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters, self.groups = filters, groups
        self.kernel_size, self.strides, self.dilation_rate = (
            (value, value) if isinstance(value, int) else tuple(value) for value in (kernel_size, strides, dilation_rate)
        )
        self.padding = padding
        self.deformable_groups, self.modulated = deformable_groups, modulated
        self.activation = keras.activations.get(activation)
        self.taps = self.kernel_size[0] * self.kernel_size[1]
        self.offsets = keras.layers.Conv2D(
            (3 if modulated else 2) * deformable_groups * self.taps, self.kernel_size, strides=self.strides, padding=padding,
            dilation_rate=self.dilation_rate, kernel_initializer="zeros", dtype=self.dtype_policy, data_format="channels_last", name="offsets",
        )  # fmt: skip

    def build(self, input_shape: Any) -> None:
        channels = input_shape[-1]
        for name, number in (("groups", self.groups), ("deformable_groups", self.deformable_groups)):
            if channels % number:
                raise ValueError(f"{name} ({number}) must divide the {channels} channels.")
        self.offsets.build(input_shape)
        self.kernel = self.add_part("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self.bias = self.add_part("bias", (self.filters,)) if self.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        ops = keras.ops
        channels = inputs.shape[-1]
        found = self.offsets(inputs)
        batch, height, width, _ = ops.shape(found)
        sampled = self._sampled(inputs, found)
        # One row per place of the output, and in it the taps one after the other, each with all channels.
        rows = batch * height * width
        if self.groups == 1:
            products = ops.matmul(ops.reshape(sampled, (rows, self.taps * channels)), ops.reshape(self.kernel, (self.taps * channels, self.filters)))
        else:
            apart = ops.reshape(sampled, (rows, self.taps, self.groups, channels // self.groups))
            kernel = ops.reshape(self.kernel, (self.taps, channels // self.groups, self.groups, self.filters // self.groups))
            products = ops.einsum("rkgc,kcgf->rgf", apart, kernel)
        outputs = ops.reshape(products, (batch, height, width, self.filters))
        if self.bias is not None:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def _sampled(self, inputs: Any, found: Any) -> Any:
        """What each tap sees: (batch, new height, new width, taps, channels)."""
        ops = keras.ops
        batch, height, width, channels = ops.shape(inputs)
        _, new_height, new_width, _ = ops.shape(found)
        shape = (batch, new_height, new_width, self.deformable_groups, self.taps)
        exact = keras.backend.result_type(self.compute_dtype, "float32")  # half precision could not tell pixels beyond 256 apart
        split = 2 * self.deformable_groups * self.taps
        offsets = ops.cast(ops.reshape(found[..., :split], (*shape, 2)), exact)
        tap = ops.arange(self.taps, dtype="int32")
        rows = self._looked_at(0, height, new_height, tap // self.kernel_size[1], exact)[:, None, None, :]
        columns = self._looked_at(1, width, new_width, tap % self.kernel_size[1], exact)[None, :, None, :]
        # A border of zeros keeps all four neighbours inside: one before, two behind.
        top, down = _floor_and_rest(rows + offsets[..., 0], height)
        left, right = _floor_and_rest(columns + offsets[..., 1], width)
        place = top * (width + 3) + left
        neighbours = ops.stack([place, place + 1, place + width + 3, place + width + 4], axis=-1)
        shares = ops.stack([(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right], axis=-1)
        if self.modulated:
            shares = shares * ops.cast(ops.sigmoid(ops.reshape(found[..., split:], shape)), exact)[..., None]
        padded = ops.pad(inputs, ((0, 0), (1, 2), (1, 2), (0, 0)))
        sampled = self._gathered(padded, neighbours, ops.cast(shares, inputs.dtype))
        return ops.reshape(sampled, (batch, new_height, new_width, self.taps, channels))

    def _looked_at(self, axis: int, size: Any, new_size: Any, tap: Any, dtype: str) -> Any:
        """The pixels that the taps are over before they are shifted: (new size, taps)."""
        window, stride, rate = self.kernel_size[axis], self.strides[axis], self.dilation_rate[axis]
        before = 0
        if self.padding == "same":
            before = keras.ops.maximum((new_size - 1) * stride + (window - 1) * rate + 1 - size, 0) // 2
        first = keras.ops.arange(new_size, dtype="int32") * stride - before
        return keras.ops.cast(first[:, None] + (tap * rate)[None, :], dtype)

    def _gathered(self, padded: Any, neighbours: Any, shares: Any) -> Any:
        """Weighted sums over the four neighbours of each place: (batch, places * taps, channels)."""
        ops = keras.ops
        groups = self.deformable_groups
        batch, height, width, channels = ops.shape(padded)
        pixels = ops.reshape(padded, (batch, height * width, channels))
        _, new_height, new_width, _, taps, _ = ops.shape(neighbours)
        wanted = new_height * new_width * taps
        if groups > 1:  # each group becomes a picture of its own
            pixels = ops.transpose(ops.reshape(pixels, (batch, height * width, groups, channels // groups)), (0, 2, 1, 3))
            pixels = ops.reshape(pixels, (batch * groups, height * width, channels // groups))
            neighbours, shares = (ops.transpose(each, (0, 3, 1, 2, 4, 5)) for each in (neighbours, shares))
        seen = tf.gather(pixels, ops.reshape(neighbours, (batch * groups, wanted, 4)), batch_dims=1)
        sums = ops.matmul(ops.reshape(shares, (batch * groups, wanted, 1, 4)), seen)
        if groups > 1:
            sums = ops.transpose(ops.reshape(sums, (batch, groups, wanted, channels // groups)), (0, 2, 1, 3))
        return ops.reshape(sums, (batch, wanted, channels))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (*self.offsets.compute_output_shape(input_shape)[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        names = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "deformable_groups", "modulated", "groups")
        plain = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **plain, "activation": keras.activations.serialize(self.activation)}


def _floor_and_rest(position: Any, size: Any) -> tuple[Any, Any]:
    """Where a position lies in a picture with one more pixel before it: the pixel before it, and how far beyond that."""
    ops = keras.ops
    inside = ops.clip(position, -1.0, ops.cast(size, position.dtype)) + 1.0  # beyond these there are only zeros
    whole = ops.floor(inside)
    index = ops.clip(ops.cast(whole, "int32"), 0, size + 1)  # what is no number at all must not read elsewhere
    return index, inside - whole
