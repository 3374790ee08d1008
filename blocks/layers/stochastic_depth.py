"""The Keras layer behind the block StochasticDepth."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class StochasticDepth(keras.layers.Layer):  # type: ignore[misc]
    """Sets whole samples to 0 in training and enlarges the others to make up for it (Huang et al. 2016, arXiv:1603.09382).

    Frozen, it rests, as BatchNormalization does: what a frozen branch gives is the same in every epoch.

    Args:
        rate: Share of samples that are set to 0.
        seed: Where the chance starts.
    """

    def __init__(self, rate: float = 0.1, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.seed = seed
        self.supports_masking = True
        if rate > 0:
            self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.trainable or self.rate == 0:
            return inputs
        shape = (keras.ops.shape(inputs)[0],) + (1,) * (len(inputs.shape) - 1)
        kept = keras.random.uniform(shape, seed=self.seed_generator) >= self.rate
        return keras.ops.where(kept, inputs / (1.0 - self.rate), keras.ops.zeros_like(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
