"""Learned steps in front of a sequence."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="blockstudio")
class ClassToken(keras.layers.Layer):  # type: ignore[misc]
    """Puts learned vectors before the first step of every sequence; attention behind it collects in them what the whole shows.

    Shapes: (batch, steps, features) -> (batch, num_tokens + steps, features).
    Source: Dosovitskiy et al. (2020), arXiv:2010.11929; Darcet et al. (2023), arXiv:2309.16588 (several).
    """

    def __init__(
        self,
        num_tokens: int = 1,
        token_initializer: Any = "zeros",  # noqa: S107 - no password
        token_regularizer: Any = None,
        token_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_tokens = num_tokens
        self.token_initializer = keras.initializers.get(token_initializer)
        self.token_regularizer = keras.regularizers.get(token_regularizer)
        self.token_constraint = keras.constraints.get(token_constraint)

    def build(self, input_shape: Any) -> None:
        self.token = self.add_weight(
            name="token",
            shape=(self.num_tokens, input_shape[-1]),
            initializer=self.token_initializer,
            regularizer=self.token_regularizer,
            constraint=self.token_constraint,
        )

    def call(self, inputs: Any) -> Any:
        tokens = ops.cast(ops.expand_dims(self.token, 0), inputs.dtype)
        return ops.concatenate([ops.repeat(tokens, ops.shape(inputs)[0], axis=0), inputs], axis=1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: ARG002
        if mask is None:
            return None
        return ops.pad(ops.cast(mask, "bool"), ((0, 0), (self.num_tokens, 0)), constant_values=True)

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, steps, features = input_shape
        return (batch, None if steps is None else steps + self.num_tokens, features)

    def get_config(self) -> dict[str, Any]:
        own = {
            "num_tokens": self.num_tokens,
            "token_initializer": keras.initializers.serialize(self.token_initializer),
            "token_regularizer": keras.regularizers.serialize(self.token_regularizer),
            "token_constraint": keras.constraints.serialize(self.token_constraint),
        }
        return {**super().get_config(), **own}
