"""Waves that tell the places in a sequence apart."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="blockstudio")
class SinusoidalPositionEncoding(keras.layers.Layer):  # type: ignore[misc]
    """Adds sines and cosines of the place to each step: short waves in the first features, long ones in the last.

    Shapes: (batch, steps, features) -> the same.
    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.5; the factor: section 3.4.

    Args:
        max_wavelength: The longest wave is this times 2 pi, in steps.
        scale_inputs: Whether the input is multiplied by the root of its features first.
    """

    def __init__(self, max_wavelength: float = 10_000.0, scale_inputs: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.max_wavelength, self.scale_inputs = max_wavelength, scale_inputs

    def call(self, inputs: Any) -> Any:
        steps, features = ops.shape(inputs)[1], inputs.shape[-1]
        places = ops.expand_dims(ops.cast(ops.arange(steps, dtype="int32"), "float32"), 1)
        rates = ops.power(float(self.max_wavelength), ops.cast(ops.arange(0, features, 2, dtype="int32"), "float32") * (-1 / features))
        angles = places * rates
        waves = ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (steps, -1))[:, :features]
        scaled = inputs * ops.cast(features**0.5, inputs.dtype) if self.scale_inputs else inputs
        return scaled + ops.cast(waves, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "max_wavelength": self.max_wavelength, "scale_inputs": self.scale_inputs}
