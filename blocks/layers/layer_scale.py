"""The Keras layer behind the block LayerScale."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class LayerScale(keras.layers.Layer):  # type: ignore[misc]
    """Multiplies each channel by a learned factor that starts near 0 (Touvron et al. 2021, arXiv:2103.17239).

    Args:
        initial_value: Where the factors start.
    """

    def __init__(self, initial_value: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initial_value = initial_value
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],), initializer=keras.initializers.Constant(self.initial_value))
        self.built = True

    def call(self, inputs: Any) -> Any:
        return inputs * self.gamma

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "initial_value": self.initial_value}
