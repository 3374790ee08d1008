"""Keras's MultiHeadAttention without two of its errors."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class MultiHeadAttention(keras.layers.MultiHeadAttention):  # type: ignore[misc]
    """Leaves the masks of its inputs alone, and announces the right shape of its scores.

    Keras 3.15 takes the masks off its inputs, so that whatever else uses them (a shortcut, the next layer of a decoder) attends to
    padding; and it announces the scores as (heads, steps, steps), which is wrong for a second input of another length and for pictures.

    Source: Vaswani et al. (2017), arXiv:1706.03762.
    """

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        masks = [(tensor, getattr(tensor, "_keras_mask", None)) for tensor in (query, value, key) if tensor is not None]
        outputs = super().call(
            query,
            value,
            key=key,
            query_mask=query_mask,
            value_mask=value_mask,
            key_mask=key_mask,
            attention_mask=attention_mask,
            return_attention_scores=return_attention_scores,
            training=training,
            use_causal_mask=use_causal_mask,
        )
        for tensor, mask in masks:
            if mask is not None:
                tensor._keras_mask = mask
        return outputs

    def compute_output_spec(self, query: Any, value: Any, key: Any = None, return_attention_scores: bool = False, **kwargs: Any) -> Any:
        outputs = super().compute_output_spec(query, value, key, return_attention_scores=return_attention_scores, **kwargs)
        if not return_attention_scores:
            return outputs
        axes = self.attention_axes or range(1, len(query.shape) - 1)
        apart = [size for axis, size in enumerate(query.shape[1:-1], start=1) if axis not in axes]
        compared = [*(query.shape[axis] for axis in axes), *(value.shape[axis] for axis in axes)]
        return outputs[0], keras.KerasTensor((query.shape[0], *apart, self.num_heads, *compared), dtype=self.compute_dtype)
