"""The Keras layers behind the blocks STFTSpectrogram and MelSpectrogram."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class STFTSpectrogram(keras.layers.STFTSpectrogram):  # type: ignore[misc]
    """Keras's layer for sound of one channel, too: (samples) as well as (samples, channels). It computes in float32 and isn't trained."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32", "trainable": False})
        self.input_spec = None

    def build(self, input_shape: Any) -> None:
        super().build((*input_shape, 1) if len(input_shape) == 2 else input_shape)

    def call(self, inputs: Any) -> Any:
        return super().call(inputs[..., None] if len(inputs.shape) == 2 else inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return super().compute_output_shape((*input_shape, 1) if len(input_shape) == 2 else input_shape)


@keras.saving.register_keras_serializable(package="blockstudio")
class MelSpectrogram(keras.layers.MelSpectrogram):  # type: ignore[misc]
    """Keras's layer with steps before bands, as sequences are here, and decibels that look at one sound only.

    Keras cuts decibels off below the loudest value of the whole batch, so that a sound comes out differently in other company,
    and announces one step too many for some lengths.

    Args:
        centered: Whether the mean of each sound's decibels is taken off.
        expand_dims: Whether an axis of one channel is added, as for a picture.
    """

    def __init__(self, power_to_db: bool = True, centered: bool = False, expand_dims: bool = False, **kwargs: Any) -> None:
        super().__init__(power_to_db=False, **{**kwargs, "dtype": "float32"})
        self.decibels = power_to_db
        self.centered = centered
        self.expand_dims = expand_dims

    def call(self, inputs: Any) -> Any:
        found = keras.ops.swapaxes(super().call(inputs), -1, -2)
        if self.decibels:
            reference = max(abs(self.ref_power), self.min_power)
            found = keras.ops.log10(keras.ops.maximum(found, self.min_power) / reference) * 10.0
            loudest = keras.ops.max(found, axis=(-1, -2), keepdims=True)
            found = keras.ops.maximum(found, loudest - self.top_db)
            if self.centered:
                found = found - keras.ops.mean(found, axis=(-1, -2), keepdims=True)
        return found[..., None] if self.expand_dims else found

    def compute_output_shape(self, input_shape: Any) -> Any:
        samples = input_shape[1]
        steps = None if samples is None else (samples + 2 * (self.fft_length // 2) - self.fft_length) // self.sequence_stride + 1
        shape = (input_shape[0], steps, self.num_mel_bins)
        return (*shape, 1) if self.expand_dims else shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_to_db": self.decibels, "centered": self.centered, "expand_dims": self.expand_dims}
