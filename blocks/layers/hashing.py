"""The Keras layer behind the block Hashing."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class Hashing(keras.layers.Hashing):  # type: ignore[misc]
    """Keras's layer, which announces a wrong shape for one-hot vectors, and compares whole numbers with a mask that is a text.

    Args:
        mask_value: A text, or the digits of a whole number.
    """

    def __init__(self, num_bins: int, mask_value: str | None = None, **kwargs: Any) -> None:
        super().__init__(num_bins, **kwargs)
        self.mask_text = mask_value

    def call(self, inputs: Any) -> Any:
        if self.mask_text is not None:
            self.mask_value = self.mask_text if keras.backend.standardize_dtype(inputs.dtype) == "string" else int(self.mask_text)
        return super().call(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        if self.output_mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1):
            return (*shape, self.num_bins)
        return (*shape[:-1], self.num_bins)

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), self.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mask_value": self.mask_text}
