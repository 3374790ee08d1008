"""The Keras layer behind the block SpectralNormalization."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class SpectralNormalization(keras.layers.SpectralNormalization):  # type: ignore[misc]
    """Divides a layer's kernel by its largest singular value in training (Miyato et al. 2018, arXiv:1802.05957).

    Keras's own rounds the kernel to half precision at each step of a training in mixed precision, and turns the output of an
    Embedding into whole numbers, as its input is. This one works in the precision of the weights, and gives what the inner layer gives.
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, power_iterations=power_iterations, **{**kwargs, "dtype": layer.variable_dtype})

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            vector, kernel = keras.ops.cond(
                keras.ops.all(keras.ops.equal(self.kernel.value, 0)),
                lambda: (self.vector_u.value, self.kernel.value),
                self.normalized_weights,
            )
            self.vector_u.assign(vector)
            self.kernel.assign(kernel)
        return self.layer(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(self.layer.compute_output_shape(input_shape))

    def compute_output_spec(self, inputs: Any, training: bool = False) -> Any:  # noqa: ARG002
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), self.layer.compute_dtype)
