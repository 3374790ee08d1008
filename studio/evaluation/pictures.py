"""Encoded pictures as TensorFlow operations, so that an exported model reads a file exactly as the import does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.networks.entering.pictures import resized

if TYPE_CHECKING:
    import keras

PNG, WEBP, BMP, GIF = b"\x89PNG", b"RIFF", b"BM", b"GIF8"
_WHITE_LEVEL = 255 * 255
_PRECISION = 7


def decoded(content: Any, channels: int) -> Any:
    """One picture from its bytes: uint8 (height, width, channels), transparent parts over white, of an animation the first frame.

    Args:
        content: PNG, JPEG, GIF, BMP or WebP, a scalar string tensor.
        channels: 1 (grey) or 3 (RGB).
    """
    import tensorflow as tf

    def starts(head: bytes) -> Any:
        return tf.strings.substr(content, 0, len(head)) == head

    def png() -> Any:
        # With four channels asked for, files of less than 8 bits and without transparency come out wrong: look at what there is first.
        has_alpha = tf.shape(tf.io.decode_png(content, channels=0))[-1] % 2 == 0
        return tf.cond(has_alpha, transparent_png, lambda: tf.io.decode_png(content, channels=channels))

    def transparent_png() -> Any:
        pixels = tf.io.decode_png(content, channels=4)
        opaque = tf.reduce_all(pixels[..., 3] == 255)
        return tf.cond(opaque, lambda: tf.io.decode_png(content, channels=channels), lambda: _in_channels(_over_white(pixels), channels))

    def webp() -> Any:
        pixels = tf.io.decode_image(content, channels=0, expand_animations=False)
        pixels = tf.ensure_shape(pixels, (None, None, None))
        return _in_channels(tf.cond(tf.shape(pixels)[-1] == 4, lambda: _over_white(pixels), lambda: pixels[..., :3]), channels)

    def coloured() -> Any:
        return _in_channels(tf.ensure_shape(tf.io.decode_image(content, channels=3, expand_animations=False), (None, None, 3)), channels)

    def bitmap() -> Any:
        return _in_channels(tf.cond(_number(content, 28, tf.int16) == 8, lambda: _from_palette(content), coloured_bitmap), channels)

    def coloured_bitmap() -> Any:
        return tf.ensure_shape(tf.io.decode_image(content, channels=3, expand_animations=False), (None, None, 3))

    def other() -> Any:
        return tf.ensure_shape(tf.io.decode_image(content, channels=channels, expand_animations=False), (None, None, channels))

    known = [(starts(PNG), png), (starts(WEBP), webp), (starts(BMP), bitmap), (starts(GIF), coloured)]
    return tf.ensure_shape(tf.case(known, default=other, exclusive=True), (None, None, channels))


def prepared(picture: Any, shape: tuple[int | None, ...], front: keras.Model | None) -> Any:
    """A picture as the network takes it: in the Input's size, then through the front."""
    picture = resized(picture, shape[0], shape[1])
    return picture if front is None else front(picture[None], training=False)[0]


def _in_channels(picture: Any, channels: int) -> Any:
    """RGB in the wanted channels; grey is computed by the decoder, as for every other file."""
    import tensorflow as tf

    return picture if channels == 3 else tf.io.decode_png(tf.io.encode_png(picture), channels=channels)


def _from_palette(content: Any) -> Any:
    """RGB of a bitmap with 8 bits per pixel, whose pixels are places in a palette of blue, green, red and nothing."""
    import tensorflow as tf

    start = 14 + _number(content, 14, tf.int32)
    palette = tf.reshape(tf.io.decode_raw(tf.strings.substr(content, start, _number(content, 10, tf.int32) - start), tf.uint8), (-1, 4))
    places = tf.cast(tf.io.decode_bmp(content)[..., 0], tf.int32)
    return tf.gather(palette[:, 2::-1], places)


def _number(content: Any, position: int, kind: Any) -> Any:
    import tensorflow as tf

    return tf.io.decode_raw(tf.strings.substr(content, position, kind.size), kind)[0]


def _over_white(pixels: Any) -> Any:
    """RGBA shown over white, in the whole numbers with which Pillow does it."""
    import tensorflow as tf

    values = tf.cast(pixels, tf.int32)
    colours, alpha = values[..., :3], values[..., 3:4]
    scaled = (colours * alpha + _WHITE_LEVEL - 255 * alpha) * 2**_PRECISION + (0x80 << _PRECISION)
    rounded = tf.bitwise.right_shift(tf.bitwise.right_shift(scaled, 8) + scaled, 8 + _PRECISION)
    return tf.cast(rounded, tf.uint8)
