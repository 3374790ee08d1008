"""Layers of keras-hub with weights or rules of their own, as layers of Keras and ours that compute the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

Lookup = Callable[["keras.Variable"], np.ndarray]
"""The array of a variable of the original."""
Learned = dict[int, Callable[[Lookup], np.ndarray]]
"""By the identity of a variable, how its array follows from those of the original."""


def _vit_patches(layer: Any, pictures: Any, learned: Learned) -> Any:
    tokens = [layer.class_token] if layer.use_class_token else []
    return _embedded(layer, pictures, tokens, layer.position_embedding.embeddings, learned)


def _deit_patches(layer: Any, pictures: Any, learned: Learned) -> Any:
    tokens = [layer.class_token, layer.distillation_token]
    return layer.dropout(_embedded(layer, pictures, tokens, layer.position_embedding, learned))


def _embedded(layer: Any, pictures: Any, tokens: list[Any], positions: Any, learned: Learned) -> Any:
    """Patches as a sequence of vectors, behind learned ones, each with that of its place."""
    import keras

    from blocks.layers.class_token import ClassToken
    from blocks.layers.position_embedding import PositionEmbedding

    patches = layer.patch_embedding(pictures)
    x = keras.layers.Reshape((-1, patches.shape[-1]), name="sequence")(patches)
    if tokens:
        first = ClassToken(len(tokens), name="class_token")
        x = first(x)
        learned[id(first.token)] = lambda look: np.concatenate([look(token)[0] for token in tokens])
    places = PositionEmbedding(name="positions")
    x = places(x)
    learned[id(places.embeddings)] = lambda look: look(positions).reshape(places.embeddings.shape)
    return x


def _deit_encoder(layer: Any, sequence: Any, learned: Learned) -> Any:  # noqa: ARG001 - its layers are kept
    for block in layer.encoder_layers:
        sequence = _deit_block(block, sequence)
    return layer.layer_norm(sequence)


def _deit_block(block: Any, sequence: Any) -> Any:
    """One encoder layer without the attention scores that it gives besides, in a model of its own since its layers have usual names."""
    import keras

    entry = keras.Input(batch_shape=sequence.shape)
    query = block.layer_norm_1(entry)
    x = keras.layers.Add(name="attended")([block.mha(query, query), entry])
    y = block.output_layer.dense(block.mlp.dense(block.layer_norm_2(x)))
    end = keras.layers.Add(name="added")([block.output_layer.dropout(y), x])
    return keras.Model(entry, end, name=block.name)(sequence)


def _drop_path(layer: Any, inputs: Any, learned: Learned) -> Any:  # noqa: ARG001 - it learns nothing
    import keras

    if not layer.rate:
        return inputs
    return keras.layers.Dropout(layer.rate, noise_shape=(None, *(1,) * (len(inputs.shape) - 1)))(inputs)


STAND_INS: dict[str, Callable[[Any, Any, Learned], Any]] = {
    "ViTPatchingAndEmbedding": _vit_patches,
    "DeiTEmbeddings": _deit_patches,
    "DeiTEncoder": _deit_encoder,
    "DropPath": _drop_path,
}
"""By the class of the layer of keras-hub."""
