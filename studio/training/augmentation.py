"""Augmentation: training samples changed by chance, anew in every epoch, and the same again after a resume."""

from __future__ import annotations

from typing import Any

from blocks.base import LayerBlock
from blocks.graph import Graph, split_reference
from blocks.ports import Input
from blocks.walk import in_order, read_block

Seeded = list[tuple[int, Any]]


class Augmentation:
    """The augmentation blocks of a network, by the Input whose values they change.

    The chance of each block and step is drawn from the seed, the block's place and the step's number, so it needs no state.

    Args:
        network: The part of the graph that is trained.
    """

    def __init__(self, network: Graph, seed: int) -> None:
        self._layers: dict[str, Seeded] = {}
        for number, node in enumerate(in_order(network.nodes)[0]):
            document = network.nodes[node]
            block = None if document.reuse or document.block.startswith("module:") else read_block(document)
            if isinstance(block, LayerBlock) and block.augmentation:
                self._layers.setdefault(_input_of(network, node), []).append((seed * 1009 + number, block.make()))

    def __bool__(self) -> bool:
        return bool(self._layers)

    def __call__(self, inputs: dict[str, Any], step: Any) -> dict[str, Any]:
        """The inputs of one step, changed; whole numbers stay whole.

        Args:
            step: Number of the step since the first epoch, as an int32 tensor.
        """
        return {name: self._changed(self._layers[name], values, step) if name in self._layers else values for name, values in inputs.items()}

    def _changed(self, layers: Seeded, values: Any, step: Any) -> Any:
        import keras

        dtype = keras.backend.standardize_dtype(values.dtype)
        changed = keras.ops.cast(values, "float32")
        for seed, layer in layers:
            state = layer.generator.state
            state.assign(
                keras.ops.cast(keras.ops.stack([keras.ops.convert_to_tensor(seed % 2**31, "int32"), keras.ops.cast(step, "int32")]), state.dtype)
            )
            changed = layer(changed, training=True)
        if "int" in dtype:
            changed = keras.ops.clip(keras.ops.round(changed), 0, 255)
        return keras.ops.cast(changed, dtype)


def _input_of(network: Graph, node: str) -> str:
    while network.nodes[node].block != Input.__name__:
        node = split_reference(network.nodes[node].inputs[0])[0]
    return node
