"""The Keras layer behind the block TimeDistributed."""

from __future__ import annotations

import inspect
from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class TimeDistributed(keras.layers.Wrapper):  # type: ignore[misc]
    """Applies a layer to every step of a sequence, with the same weights.

    The steps of a batch become one large batch, which the layer sees once. Keras's layer of this name copies the inner layer for
    each step (1,000 steps of a small Dense take 18 s to build), gives as many steps as there are samples where their number
    varies, loses activity regularizers, and hands a mask of the inner steps on to layers that can't take it.

    Shapes: (batch, steps, ...) -> (batch, steps, what the layer makes of ...).

    Args:
        layer: A layer with one input and one output. A BatchNormalization takes its figures over all steps together.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True
        self._takes_mask = "mask" in inspect.signature(layer.call).parameters

    def build(self, input_shape: Any) -> None:
        super().build((None, *input_shape[2:]))

    def compute_output_spec(self, inputs: Any, **_: Any) -> Any:
        # The batch of the steps is unknown here, also where that of the samples is known.
        found = self.layer.compute_output_spec(keras.KerasTensor((None, *inputs.shape[2:]), inputs.dtype))
        if isinstance(found, list | tuple | dict):
            raise ValueError(f"TimeDistributed: invalid block. Expected: one output. Received: {len(keras.tree.flatten(found))} outputs.")
        return keras.KerasTensor((*inputs.shape[:2], *found.shape[1:]), found.dtype)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        given = {"mask": self._folded(mask)} if self._takes_mask and mask is not None and len(mask.shape) > 2 else {}
        return self._unfolded(self.layer(self._folded(inputs), **given), inputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is not None and len(mask.shape) == 2:
            return mask
        inner = None
        if self.layer.supports_masking:
            inner = self.layer.compute_mask(self._folded(inputs), None if mask is None else self._folded(mask))
        if inner is not None:
            return self._unfolded(inner, inputs)
        return None if mask is None else keras.ops.any(mask, axis=tuple(range(2, len(mask.shape))))

    def _folded(self, values: Any) -> Any:
        return keras.ops.reshape(values, (-1, *keras.ops.shape(values)[2:]))

    def _unfolded(self, values: Any, inputs: Any) -> Any:
        """One axis for the samples and one for the steps again; -1 for the samples keeps a known number of steps known."""
        samples, steps = keras.ops.shape(inputs)[:2]
        leading = (-1, steps) if isinstance(steps, int) else (samples, steps)
        return keras.ops.reshape(values, (*leading, *keras.ops.shape(values)[1:]))
