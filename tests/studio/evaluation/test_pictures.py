"""An encoded picture becomes the same pixels in TensorFlow as at the import."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.datasets.readers.pictures import read_picture
from tests.studio.trained import encoded

RNG = np.random.default_rng(0)
RGBA = RNG.integers(0, 256, (9, 7, 4), dtype=np.uint8)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


FILES = {
    "rgb.png": encoded(RGBA[..., :3]),
    "rgba.png": encoded(RGBA),
    "opaque rgba.png": encoded(np.dstack([RGBA[..., :3], np.full((9, 7), 255, np.uint8)])),
    "grey.png": encoded(RGBA[..., 0]),
    "grey alpha.png": _saved(Image.fromarray(RGBA).convert("LA"), "PNG"),
    "palette.png": _saved(Image.fromarray(RGBA[..., :3]).quantize(200), "PNG"),
    "small palette.png": _saved(Image.fromarray(RGBA[..., :3]).quantize(5), "PNG"),
    "transparent palette.png": _saved(Image.fromarray(RGBA[..., :3]).quantize(8), "PNG", transparency=3),
    "black and white.png": _saved(Image.fromarray(RGBA[..., 0]).convert("1"), "PNG"),
    "16 bits.png": _saved(Image.fromarray(RNG.integers(0, 65536, (9, 7), dtype=np.uint16)), "PNG"),
    "rgb.gif": encoded(RGBA[..., :3], "GIF"),
    "moving.gif": _saved(Image.fromarray(RGBA[..., :3]), "GIF", save_all=True, append_images=[Image.fromarray(RGBA[::-1, :, :3].copy())]),
    "rgb.bmp": encoded(RGBA[..., :3], "BMP"),
    "rgba.bmp": encoded(RGBA, "BMP"),
    "grey.bmp": encoded(RGBA[..., 0], "BMP"),
    "palette.bmp": _saved(Image.fromarray(RGBA[..., :3]).quantize(30), "BMP"),
    "rgb.jpg": encoded(RGBA[..., :3], "JPEG"),
    "grey.jpg": encoded(RGBA[..., 0], "JPEG"),
    "rgb.webp": encoded(RGBA[..., :3], "WEBP", lossless=True),
    "rgba.webp": encoded(RGBA, "WEBP", lossless=True),
}


@pytest.fixture(scope="module")
def read() -> Any:
    """`decoded` for 1 and 3 channels, compiled as in an export."""
    import tensorflow as tf

    from studio.evaluation.pictures import decoded

    def of(channels: int) -> Any:
        return tf.function(lambda content: decoded(content, channels), input_signature=[tf.TensorSpec((), tf.string)])

    return {channels: of(channels) for channels in (1, 3)}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", FILES)
def test_same_pixels_as_at_the_import(read: Any, name: str, channels: int) -> None:
    import tensorflow as tf

    imported = read_picture(FILES[name], 10**6).data
    expected = tf.io.decode_image(imported, channels=channels, expand_animations=False).numpy()
    np.testing.assert_array_equal(read[channels](tf.constant(FILES[name])).numpy(), expected)


def test_a_picture_of_the_right_size_is_not_touched() -> None:
    from studio.evaluation.pictures import resized

    np.testing.assert_array_equal(resized(RGBA[..., :3], 9, 7).numpy(), RGBA[..., :3])
    assert resized(RGBA[..., :3], 4, 30).shape == (4, 30, 3)
