"""Where a network looked while it wrote a text: the scores of its attention, token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.text import TextVectorization
from blocks.walk import read_block
from studio.datasets import tokens
from studio.networks.writing import Pen

if TYPE_CHECKING:
    import keras

    from studio.evaluation.opened import Opened
    from studio.evaluation.raw import RawModel

MOST_TOKENS = 80
"""Tokens of a side up to which there is a picture that can be read."""


def alignment(model: RawModel, text: str, said: str) -> dict[str, Any] | None:
    """How much of its attention a network gave to each token of a text at each token of its answer.

    Returns:
        `source` and `said` (tokens; the last of `said` is "", the end), `weights` (a row per token of the answer); None where no attention
        tells its scores, or the texts are long.
    """
    opened = model.opened
    if not opened.pens or len(model.ports) != 1:
        return None
    pen, node = opened.pens[0], model.ports[0].node
    source = _read(opened, node, text)
    written = [*tokens.cut(said, opened.head.target.statistics["level"]), ""]
    looking = scores(opened.loaded.network, pen)
    if looking is None or not 0 < len(source) <= MOST_TOKENS or len(written) > MOST_TOKENS:
        return None
    weights = _weights(looking, model, pen, node, text, said)[: min(len(written), pen.length), : len(source)]
    return {"source": source, "said": written[: len(weights)], "weights": np.round(weights.astype(float), 4).tolist()}


def scores(network: keras.Model, pen: Pen) -> keras.Model | None:
    """The network up to the scores of its last attention between the two texts."""
    import keras

    for layer in reversed(network.layers):
        outputs, inputs = (keras.tree.flatten(tensors) for tensors in (layer.output, layer.input))
        between = len(inputs) > 1 and inputs[0] is not inputs[1]
        if between and len(outputs) == 2 and len(outputs[1].shape) in (3, 4) and outputs[1].shape[-2] == pen.length:
            return keras.Model(network.input, outputs[1])
    return None


def _read(opened: Opened, node: str, text: str) -> list[str]:
    """The tokens of a text as they reach the network."""
    front = opened.loaded.split.front.nodes
    block = next((read_block(document) for document in front.values() if document.block == "TextVectorization" and node in document.inputs), None)
    if not isinstance(block, TextVectorization):
        return []
    return tokens.read_apart(text, "character" if block.split == "character" else "word")[: block.output_sequence_length]


def _weights(looking: keras.Model, model: RawModel, pen: Pen, node: str, text: str, said: str) -> np.ndarray:
    import tensorflow as tf

    port, target = model.ports[0], model.head.target
    numbers = tokens.encoded([said], target.classes or (), target.statistics["level"], pen.length)
    entered = model.entered(port, {port.name: tf.constant([text])})
    found: np.ndarray = np.asarray(
        looking({model.opened.loaded.split.cuts[node]: entered, pen.before: tf.constant(tokens.before(numbers))}, training=False)
    )[0]
    return np.asarray(found.mean(axis=0)) if found.ndim == 3 else found  # of several heads the mean
