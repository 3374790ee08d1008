"""Channels that change places between groups."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class ChannelShuffle(keras.layers.Layer):  # type: ignore[misc]
    """Deals the channels of each group out to all groups, as cards (Zhang et al., 2017, arXiv:1707.01083, section 3.1).

    With n channels per group, place k * groups + g gets what stood at g * n + k.

    Shapes: (batch, ..., channels) -> the same.
    """

    def __init__(self, groups: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.groups = groups

    def call(self, inputs: Any) -> Any:
        shape = keras.ops.shape(inputs)
        channels = inputs.shape[-1]
        rank = len(inputs.shape)
        grouped = keras.ops.reshape(inputs, (*shape[:-1], self.groups, channels // self.groups))
        return keras.ops.reshape(keras.ops.transpose(grouped, (*range(rank - 1), rank, rank - 1)), (*shape[:-1], channels))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups}
