"""A learned vector for each place in a sequence."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="blockstudio")
class PositionEmbedding(keras.layers.Layer):  # type: ignore[misc]
    """Adds to each step the learned vector of its place.

    Shapes: (batch, steps, features) -> the same.
    Source: Gehring et al. (2017), arXiv:1705.03122; Devlin et al. (2018), arXiv:1810.04805.

    Args:
        length: The most steps that a sequence can have; None for the steps of the first input, which must be known.
    """

    def __init__(
        self,
        length: int | None = None,
        embeddings_initializer: Any = "random_uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.length = length
        self.embeddings_initializer = keras.initializers.get(embeddings_initializer)
        self.embeddings_regularizer = keras.regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = keras.constraints.get(embeddings_constraint)

    def build(self, input_shape: Any) -> None:
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(self.length or input_shape[1], input_shape[-1]),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )

    def call(self, inputs: Any) -> Any:
        places = ops.convert_to_tensor(self.embeddings)[: ops.shape(inputs)[1]]
        return inputs + ops.cast(places, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {
            "length": self.length,
            "embeddings_initializer": keras.initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": keras.regularizers.serialize(self.embeddings_regularizer),
            "embeddings_constraint": keras.constraints.serialize(self.embeddings_constraint),
        }
        return {**super().get_config(), **own}
