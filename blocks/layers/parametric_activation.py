"""The Keras layer behind activations with parameters that no layer of Keras has."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class ParametricActivation(keras.layers.Layer):  # type: ignore[misc]
    """Applies a function of keras.activations with arguments, where keras.layers.Activation takes none.

    Args:
        function: Its name, such as "celu".
        arguments: What it gets beside the values, such as {"alpha": 2.0}.
    """

    def __init__(self, function: str, arguments: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.function = function
        self.arguments = dict(arguments or {})
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return keras.activations.get(self.function)(inputs, **self.arguments)

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self.function != "glu":
            return input_shape
        shape = list(input_shape)
        axis = self.arguments.get("axis", -1)
        shape[axis] = None if shape[axis] is None else shape[axis] // 2
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "function": self.function, "arguments": self.arguments}
