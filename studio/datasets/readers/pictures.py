"""One picture from bytes: checked, decoded once, and in a form that TensorFlow reads the same way."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from studio.datasets.readers.source import UnreadableError

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
SUFFIXES = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".dib", ".webp"}
OTHER_SUFFIXES = {
    ".tif",
    ".tiff",
    ".heic",
    ".heif",
    ".avif",
    ".svg",
    ".psd",
    ".ico",
    ".jp2",
    ".jxl",
    ".raw",
    ".cr2",
    ".nef",
    ".arw",
    ".dng",
    ".eps",
    ".ppm",
    ".pgm",
}
_LARGE_PIXELS = 10_000_000
_ORIENTATION = 0x0112
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    AttributeError,
    MemoryError,
    struct.error,
    zlib.error,
)


class PictureError(UnreadableError):
    """A picture that can't be used; the text completes "Left out 1 picture (...)"."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture.

    Args:
        data: The file's bytes, or those of a PNG made from it.
        height: In pixels, upright.
        width: In pixels, upright.
        grey: Whether no pixel has a colour; None if that was not looked at.
        transparent: Whether parts were transparent; they are shown over white.
        frames: Whether it was an animation, of which this is the first frame.
        deep: Whether it had more than 8 bits per value.
    """

    data: bytes
    height: int
    width: int
    grey: bool | None
    transparent: bool = False
    frames: bool = False
    deep: bool = False


@contextmanager
def quiet() -> Iterator[None]:
    """Silences Pillow's warnings about odd files: what matters is reported in words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def read_picture(data: bytes, maximum_pixels: int, look_for_colour: bool = True, one_at_a_time: AbstractContextManager[Any] | None = None) -> Picture:
    """Checks and decodes a picture, upright, in grey or RGB.

    Bytes are kept where TensorFlow's `decode_image` reads them the same: PNG and JPEG in 8-bit grey or RGB that need no
    turning. Everything else (palettes, transparency, 16 bits, CMYK, EXIF orientation, GIF, BMP, WebP) becomes a PNG; of
    an animation the first frame.

    Args:
        one_at_a_time: Held while a very large picture is decoded, so that several threads don't fill memory.

    Raises:
        PictureError: It is empty, no picture of a known format, damaged, cut off, or has too many pixels.
    """
    with decoded(data, maximum_pixels, one_at_a_time) as image:
        return _upright(image, data, look_for_colour)


@contextmanager
def decoded(data: bytes, maximum_pixels: int, one_at_a_time: AbstractContextManager[Any] | None = None) -> Iterator[ImageFile.ImageFile]:
    """The picture that bytes are of, decoded as it is; what goes wrong with it inside the block is said as it is here.

    Args:
        one_at_a_time: Held while a very large picture is decoded and looked at, so that several threads don't fill memory.

    Raises:
        PictureError: It is empty, no picture of a known format, damaged, cut off, or has too many pixels. The pixels are
            counted from the header, before anything is decoded.
    """
    if not data:
        raise PictureError("empty file")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > maximum_pixels:
                raise PictureError(f"more than {maximum_pixels:,} pixels")
            with one_at_a_time if one_at_a_time and width * height > _LARGE_PIXELS else nullcontext():
                image.load()
                yield image
    except UnidentifiedImageError as error:
        raise PictureError(_unknown(data)) from error
    except Image.DecompressionBombError as error:
        raise PictureError(f"more than {maximum_pixels:,} pixels") from error
    except _DAMAGE as error:
        raise PictureError("damaged or cut off") from error


def _upright(image: ImageFile.ImageFile, data: bytes, look_for_colour: bool) -> Picture:
    width, height = image.size
    frames = getattr(image, "n_frames", 1) > 1
    turned = "exif" in image.info and image.getexif().get(_ORIENTATION, 1) not in (0, 1)
    if image.format in ("PNG", "JPEG") and image.mode in ("L", "RGB") and not turned and not frames:
        return Picture(data, height, width, _is_grey(image) if look_for_colour else None)
    deep = image.mode in ("I", "F") or image.mode.startswith("I;16")
    transparent, upright = _plain(ImageOps.exif_transpose(image) if turned else image)
    out = io.BytesIO()
    upright.save(out, "PNG", compress_level=6 if width * height < 1_000_000 else 1)
    return Picture(out.getvalue(), upright.height, upright.width, _is_grey(upright) if look_for_colour else None, transparent, frames, deep)


def encode_png(pixels: np.ndarray) -> bytes:
    """The PNG of an array of shape (height, width), (height, width, 1) or (height, width, 3) in uint8."""
    out = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[-1] == 1 else pixels).save(out, "PNG", compress_level=6)
    return out.getvalue()


def thumbnail(data: bytes, size: int) -> bytes:
    """A PNG of the picture with its longer side at most `size` pixels; small pictures are enlarged by whole factors, unsmoothed."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.format == "JPEG":
            image.draft(image.mode, (size, size))
        small: Image.Image = image.convert("L" if image.mode == "L" else "RGB")
    longer = max(small.size)
    if longer > size:
        small.thumbnail((size, size), Image.Resampling.LANCZOS)
    elif size // longer > 1:
        factor = size // longer
        small = small.resize((small.width * factor, small.height * factor), Image.Resampling.NEAREST)
    out = io.BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


def _plain(image: Image.Image) -> tuple[bool, Image.Image]:
    """Whether the picture has transparent parts, and the picture in mode L or RGB."""
    if image.mode.startswith("I;16"):
        return False, Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        values = np.asarray(image, dtype=np.float64)
        scale = 256.0 if values.max(initial=0) > 255 else 1.0
        return False, Image.fromarray(np.clip(values / scale, 0, 255).astype(np.uint8))
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        coloured = image.convert("RGBA")
        if coloured.getchannel("A").getextrema()[0] == 255:
            return False, coloured.convert("L" if image.mode in ("LA", "La", "L") else "RGB")
        white = Image.new("RGBA", coloured.size, (255, 255, 255, 255))
        white.alpha_composite(coloured)
        return True, white.convert("L" if image.mode in ("LA", "La", "L") else "RGB")
    return False, image if image.mode in ("L", "RGB") else image.convert("L" if image.mode == "1" else "RGB")


def _is_grey(image: Image.Image) -> bool:
    if image.mode == "L":
        return True
    pixels = np.asarray(image)
    return bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all())


def _unknown(data: bytes) -> str:
    """Why bytes are no picture that can be read."""
    heads = {b"\x89PNG": "damaged or cut off", b"\xff\xd8\xff": "damaged or cut off", b"GIF8": "damaged or cut off", b"RIFF": "damaged or cut off"}
    return next((reason for head, reason in heads.items() if data.startswith(head)), "not a PNG, JPEG, GIF, BMP or WebP picture")
