"""The Keras layer behind the block LocalResponseNormalization."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class LocalResponseNormalization(keras.layers.Layer):  # type: ignore[misc]
    """Divides every value by the strength of the neighbouring channels (Krizhevsky, Sutskever and Hinton 2012, section 3.3).

    Args:
        depth_radius: Neighbours on each side.
        bias: Added to the sum.
        alpha: Factor of the sum.
        beta: Exponent.
        convention: "tensorflow" multiplies alpha with the sum, "caffe" with the mean over 2 * depth_radius + 1 channels.
    """

    def __init__(
        self, depth_radius: int = 2, bias: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, convention: str = "tensorflow", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.depth_radius = depth_radius
        self.bias = bias
        self.alpha = alpha
        self.beta = beta
        self.convention = convention
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        values = keras.ops.cast(inputs, "float64" if self.compute_dtype == "float64" else "float32")
        squares = self._sums(keras.ops.square(values))
        factor = self.alpha / (2 * self.depth_radius + 1) if self.convention == "caffe" else self.alpha
        return keras.ops.cast(values / keras.ops.power(self.bias + factor * squares, self.beta), self.compute_dtype)

    def _sums(self, squares: Any) -> Any:
        """The sums over neighbouring channels: a window that slides along them."""
        channels = squares.shape[-1]
        radius = min(self.depth_radius, channels - 1)  # more would only add zeros
        if radius == 0:
            return squares
        rows = keras.ops.pad(keras.ops.reshape(squares, (-1, channels, 1)), ((0, 0), (radius, radius), (0, 0)))
        window = 2 * radius + 1
        sums = keras.ops.average_pool(rows, window, strides=1, padding="valid", data_format="channels_last") * window
        return keras.ops.reshape(sums, keras.ops.shape(squares))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        given = {name: getattr(self, name) for name in ("depth_radius", "bias", "alpha", "beta", "convention")}
        return {**super().get_config(), **given}
