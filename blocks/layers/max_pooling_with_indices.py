"""Max pooling that remembers where its values came from, and the layer that puts values back there.

The index of a value at (row, column, channel) is (row * width + column) * channels + channel, counted in the picture before pooling,
without the batch (as tf.nn.max_pool_with_argmax counts).
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def side_by_side(value: Any) -> tuple[int, int]:
    """Height and width from one number for both, or two."""
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


@keras.saving.register_keras_serializable(package="blockstudio")
class MaxPoolingWithIndices2D(keras.layers.Layer):  # type: ignore[misc]
    """The largest value of each window, and its index. Of equal ones, the first in reading order counts.

    Shapes: (batch, height, width, channels) -> twice (batch, height', width', channels): values, and indices in int64.
    Source: Zeiler and Fergus (2013), arXiv:1311.2901, section 2.1 ("switches"); Badrinarayanan et al. (2015), arXiv:1511.00561.
    """

    def __init__(self, pool_size: Any = 2, strides: Any = None, padding: str = "valid", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pool_size = side_by_side(pool_size)
        self.strides = self.pool_size if strides is None else side_by_side(strides)
        self.padding = padding

    def call(self, inputs: Any) -> tuple[Any, Any]:
        values, indices = tf.nn.max_pool_with_argmax(
            inputs, self.pool_size, self.strides, self.padding.upper(), output_dtype="int64", include_batch_in_index=False
        )
        return values, indices

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, Any]:
        pooled = [self._pooled(*each) for each in zip(input_shape[1:3], self.pool_size, self.strides, strict=True)]
        shape = (input_shape[0], *pooled, input_shape[3])
        return shape, shape

    def compute_output_spec(self, inputs: Any) -> tuple[Any, Any]:
        values, indices = self.compute_output_shape(inputs.shape)
        return keras.KerasTensor(values, self.compute_dtype), keras.KerasTensor(indices, "int64")

    def _pooled(self, size: Any, window: int, stride: int) -> Any:
        if size is None:
            return None
        if self.padding == "valid" and size < window:
            raise ValueError(f"The window of {window} does not fit into {size}.")
        return (size - window) // stride + 1 if self.padding == "valid" else -(-size // stride)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pool_size": self.pool_size, "strides": self.strides, "padding": self.padding}


@keras.saving.register_keras_serializable(package="blockstudio")
class MaxUnpooling2D(keras.layers.Layer):  # type: ignore[misc]
    """Writes values to the places that their indices name, in a picture of zeros.

    Where several values claim one place (windows that overlapped), their mean stands there: what was pooled comes back as it was.

    Shapes: values and indices (batch, height, width, channels) -> (batch, height * strides, width * strides, channels), or with a third
        input the height and width of that.
    Source: Badrinarayanan et al. (2015), arXiv:1511.00561, section 3.
    """

    def __init__(self, strides: Any = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strides = side_by_side(strides)

    def call(self, inputs: Any) -> Any:
        values, indices, *like = inputs
        shape = tf.shape(values, out_type="int64")
        batch, channels = shape[0], shape[3]
        if like:
            larger = tf.shape(like[0], out_type="int64")
            height, width = larger[1], larger[2]
        else:
            height, width = shape[1] * self.strides[0], shape[2] * self.strides[1]
        numbers = height * width * channels
        offsets = tf.range(batch)[:, None] * numbers
        targets = tf.reshape(tf.reshape(tf.cast(indices, "int64"), (batch, -1)) + offsets, (-1, 1))
        precise = "float64" if self.compute_dtype == "float64" else "float32"  # so that the mean of equal values is that value
        flat = tf.reshape(tf.cast(values, precise), (-1,))
        written = tf.scatter_nd(targets, flat, (batch * numbers,))
        times = tf.scatter_nd(targets, tf.ones_like(flat), (batch * numbers,))
        filled = tf.cast(tf.reshape(written / tf.maximum(times, 1), (batch, height, width, channels)), self.compute_dtype)
        return tf.ensure_shape(filled, self.compute_output_shape([each.shape for each in inputs]))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape[0]
        if len(input_shape) == 3:
            return (batch, *input_shape[2][1:3], channels)
        grown = (None if size is None else size * stride for size, stride in zip((height, width), self.strides, strict=True))
        return (batch, *grown, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "strides": self.strides}
