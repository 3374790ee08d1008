"""Keras's MultiHeadAttention with the right shape of its scores."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class MultiHeadAttentionWithScores(keras.layers.MultiHeadAttention):  # type: ignore[misc]
    """Keras announces the scores of every MultiHeadAttention as (heads, steps, steps), which is wrong for a second input of another length
    and for pictures; layers behind it are then built for the wrong shape.

    Source: Vaswani et al. (2017), arXiv:1706.03762.
    """

    def compute_output_spec(self, query: Any, value: Any, key: Any = None, return_attention_scores: bool = False, **kwargs: Any) -> Any:
        outputs = super().compute_output_spec(query, value, key, return_attention_scores=return_attention_scores, **kwargs)
        if not return_attention_scores:
            return outputs
        axes = self.attention_axes or range(1, len(query.shape) - 1)
        apart = [size for axis, size in enumerate(query.shape[1:-1], start=1) if axis not in axes]
        compared = [*(query.shape[axis] for axis in axes), *(value.shape[axis] for axis in axes)]
        return outputs[0], keras.KerasTensor((query.shape[0], *apart, self.num_heads, *compared), dtype=self.compute_dtype)
