"""The Keras layer behind the block ChannelSlice."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class ChannelSlice(keras.layers.Layer):  # type: ignore[misc]
    """Takes neighbouring channels out of all, as ShuffleNet v2 splits them (Ma et al., 2018, arXiv:1807.11164).

    Shapes: (batch, ..., channels) -> (batch, ..., size).

    Args:
        start: The channel to begin with, counted from 0.
        size: How many channels; None for all that follow.
    """

    def __init__(self, start: int = 0, size: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start, self.size = start, size

    def call(self, inputs: Any) -> Any:
        return inputs[..., self.start : None if self.size is None else self.start + self.size]

    def compute_output_shape(self, input_shape: Any) -> Any:
        left = input_shape[-1] - self.start
        return (*input_shape[:-1], left if self.size is None else min(self.size, left))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "start": self.start, "size": self.size}
