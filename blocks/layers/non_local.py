"""Every place of a feature map looks at every other one."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from blocks.layers.weighted import KernelAndBiasLayer


@keras.saving.register_keras_serializable(package="blockstudio")
class NonLocal(KernelAndBiasLayer):
    """Adds to each place a mixture of all places, by how well they go together.

    Shapes: (batch, ..., channels) -> the same.
    Source: Wang et al. (2017), arXiv:1711.07971.

    Args:
        mode: How two places are compared: "embedded_gaussian", "gaussian", "dot_product" or "concatenation".
        bottleneck: Channels of the comparison; None for half of the input's.
        pool_size: Each place looks at the largest values of windows of this size.
        add_input: Whether the input is added to the outcome.
        output_initializer: How the last layer starts; with zeros the layer changes nothing at first.
    """

    def __init__(
        self,
        mode: str = "embedded_gaussian",
        bottleneck: int | None = None,
        pool_size: int = 1,
        add_input: bool = True,
        output_initializer: Any = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.mode, self.bottleneck, self.pool_size, self.add_input = mode, bottleneck, pool_size, add_input
        self.output_initializer = keras.initializers.get(output_initializer)

    def build(self, input_shape: Any) -> None:
        channels = input_shape[-1]
        narrow = self.bottleneck or max(channels // 2, 1)
        self.value = self._dense(narrow, "value", channels)
        if self.mode != "gaussian":
            self.query, self.key = self._dense(narrow, "query", channels), self._dense(narrow, "key", channels)
        if self.mode == "concatenation":
            self.query_score = self._dense(1, "query_score", narrow, use_bias=False)
            self.key_score = self._dense(1, "key_score", narrow, use_bias=False)
        self.joined = self._dense(channels, "output", narrow, kernel_initializer=self.output_initializer)

    def call(self, inputs: Any) -> Any:
        embedded = self.mode != "gaussian"
        queries = self._listed(self.query(inputs) if embedded else inputs)
        keys = self._listed(self._pooled(self.key(inputs) if embedded else inputs))
        values = self._listed(self._pooled(self.value(inputs)))
        outcome = self.joined(ops.matmul(ops.cast(self._weights(queries, keys), values.dtype), values))
        outcome = ops.reshape(outcome, ops.shape(inputs))
        return inputs + outcome if self.add_input else outcome

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {
            "mode": self.mode,
            "bottleneck": self.bottleneck,
            "pool_size": self.pool_size,
            "add_input": self.add_input,
            "output_initializer": keras.initializers.serialize(self.output_initializer),
        }
        return {**super().get_config(), **own}

    def _weights(self, queries: Any, keys: Any) -> Any:
        """(batch, places, places looked at): how much each place takes from each other one."""
        if self.mode == "concatenation":
            scores = ops.relu(self.query_score(queries) + ops.swapaxes(self.key_score(keys), 1, 2))
        else:
            scores = ops.matmul(queries, ops.swapaxes(keys, 1, 2))
        scores = ops.cast(scores, "float32")
        if self.mode in ("gaussian", "embedded_gaussian"):
            return ops.softmax(scores, axis=-1)
        return scores / ops.cast(ops.shape(keys)[1], "float32")

    def _listed(self, values: Any) -> Any:
        return ops.reshape(values, (ops.shape(values)[0], -1, values.shape[-1]))

    def _pooled(self, values: Any) -> Any:
        """The largest values of windows that don't overlap; TensorFlow's own pooling of volumes takes no half precision on processors."""
        if self.pool_size == 1:
            return values
        for axis in range(1, len(values.shape) - 1):
            shape = ops.shape(values)
            windows = shape[axis] // self.pool_size
            whole = values[(slice(None),) * axis + (slice(0, windows * self.pool_size),)]
            values = ops.max(ops.reshape(whole, (*shape[:axis], windows, self.pool_size, *shape[axis + 1 :])), axis=axis + 1)
        return values

    def _dense(self, units: int, name: str, inputs: int, **given: Any) -> Any:
        layer = self.inner(keras.layers.Dense, units, name=name, **given)
        layer.build((None, None, inputs))
        return layer
