"""The Keras layer behind the block RReLU."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class RReLU(keras.layers.Layer):  # type: ignore[misc]
    """Shrinks negative values by factors drawn by chance in training, by their mean afterwards (Xu et al. 2015, arXiv:1505.00853).

    Args:
        lower: Least factor.
        upper: Largest factor.
        seed: Where the chance starts.
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lower = lower
        self.upper = upper
        self.seed = seed
        self.supports_masking = True
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return keras.ops.where(inputs >= 0, inputs, inputs * ((self.lower + self.upper) / 2))
        chance = keras.random.uniform(keras.ops.shape(inputs), dtype="float32", seed=self.seed_generator)
        slopes = keras.ops.cast(self.lower + (self.upper - self.lower) * chance, inputs.dtype)
        return keras.ops.where(inputs >= 0, inputs, inputs * slopes)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "lower": self.lower, "upper": self.upper, "seed": self.seed}
