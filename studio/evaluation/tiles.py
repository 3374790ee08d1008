"""Large pictures piece by piece, so that memory holds one piece at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from blocks.analysis import analyse
from blocks.graph import Graph
from studio.networks.front import plain_numbers

SIDE = 512
"""Pixels of a piece's side at the input."""
MARGIN = 8
"""Pixels beyond what the layers are known to see: interpolation looks a little further."""


def reach(network: Graph) -> int | None:
    """How many pixels of the input beside a place decide about it; None where all of them may, so that a picture must stay whole."""
    with plain_numbers():
        analysis = analyse(network)
    if analysis.receptive_field is None or any(len(shape) < 3 for node in analysis.nodes.values() for shape in node.output_shapes):
        return None
    return max(analysis.receptive_field) // 2 + MARGIN


def in_tiles(call: Callable[[Any], Any], picture: Any, factor: int, halo: int, side: int = SIDE) -> Any:
    """What a network gives for a picture (height, width, channels): computed in pieces that overlap, in TensorFlow.

    Args:
        call: The network: (1, height, width, channels) -> (1, height * factor, width * factor, channels).
        halo: Pixels that a piece is larger on each side than what is taken from its result.
    """
    import tensorflow as tf

    height, width = tf.shape(picture)[0], tf.shape(picture)[1]
    rows, columns = (height + side - 1) // side, (width + side - 1) // side

    def span(number: Any, size: Any) -> tuple[Any, Any, Any, Any]:
        start, end = number * side, tf.minimum((number + 1) * side, size)
        return start, end, tf.maximum(start - halo, 0), tf.minimum(end + halo, size)

    def piece(row: Any, column: Any) -> Any:
        top, bottom, first, last = span(row, height)
        left, right, begin, stop = span(column, width)
        made = call(picture[None, first:last, begin:stop])[0]
        return made[(top - first) * factor : (bottom - first) * factor, (left - begin) * factor : (right - begin) * factor]

    def strip(row: Any) -> Any:
        made = tf.TensorArray(tf.float32, size=columns, infer_shape=False)

        def one(column: Any, pieces: Any) -> Any:
            return column + 1, pieces.write(column, tf.transpose(piece(row, column), (1, 0, 2)))

        pieces = tf.while_loop(lambda column, _: column < columns, one, (tf.constant(0), made), parallel_iterations=1)[1]
        return tf.transpose(pieces.concat(), (1, 0, 2))

    def next_row(row: Any, strips: Any) -> Any:
        return row + 1, strips.write(row, strip(row))

    strips = tf.TensorArray(tf.float32, size=rows, infer_shape=False)
    found = tf.while_loop(lambda row, _: row < rows, next_row, (tf.constant(0), strips), parallel_iterations=1)[1].concat()
    return tf.ensure_shape(found, (None, None, None))
