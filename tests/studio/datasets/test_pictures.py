from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.datasets.readers.pictures import PictureError, encode_png, quiet, read_picture, thumbnail
from tests.studio.datasets.uploads import picture

LIMIT = 1_000_000


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize(("form", "mode"), [("PNG", "L"), ("PNG", "RGB"), ("JPEG", "L"), ("JPEG", "RGB")])
def test_plain_pictures_keep_their_bytes(form: str, mode: str) -> None:
    data = picture(form=form, mode=mode)
    read = read_picture(data, LIMIT)
    assert read.data == data
    assert (read.height, read.width) == (6, 8)
    assert read.grey == (mode == "L")


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "P"), ("PNG", "1"), ("PNG", "RGBA"), ("PNG", "LA"), ("GIF", "P"), ("BMP", "RGB"), ("WEBP", "RGB"), ("JPEG", "CMYK")]
)
def test_everything_else_becomes_a_png_in_grey_or_rgb(form: str, mode: str) -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 8, 4), dtype=np.uint8), "RGBA").convert("RGB").convert(mode)
    out = io.BytesIO()
    image.save(out, form, **({"lossless": True} if form == "WEBP" else {}))
    read = read_picture(out.getvalue(), LIMIT)
    again = Image.open(io.BytesIO(read.data))
    assert again.format == "PNG"
    assert again.mode in ("L", "RGB")
    if form != "JPEG":
        assert (np.asarray(again.convert("RGB")) == np.asarray(image.convert("RGB"))).all()


def test_sixteen_bits_become_eight() -> None:
    values = np.arange(48, dtype=np.uint16).reshape(6, 8) * 1300
    out = io.BytesIO()
    Image.fromarray(values).save(out, "PNG")
    read = read_picture(out.getvalue(), LIMIT)
    assert (pixels(read.data) == values >> 8).all()
    assert read.grey


def test_transparent_parts_are_shown_over_white() -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.putpixel((1, 1), (10, 20, 30, 255))
    out = io.BytesIO()
    image.save(out, "PNG")
    read = read_picture(out.getvalue(), LIMIT)
    assert read.transparent
    assert pixels(read.data)[0, 0].tolist() == [255, 255, 255]
    assert pixels(read.data)[1, 1].tolist() == [10, 20, 30]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_turned_pictures_are_set_upright(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (8, 6), (255, 0, 0))
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    read = read_picture(out.getvalue(), LIMIT)
    assert (read.height, read.width) == (8, 6)
    assert Image.open(io.BytesIO(read.data)).getexif().get(0x0112, 1) == 1


def test_grey_is_seen_in_rgb_pictures() -> None:
    assert read_picture(encode_png(np.full((4, 4, 3), 7, np.uint8)), LIMIT).grey is True
    assert read_picture(picture(), LIMIT).grey is False
    assert read_picture(picture(), LIMIT, look_for_colour=False).grey is None


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header claims a size, with hardly any data."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(2_000, 2_000), (30_000, 30_000), (2_000_000_000, 2)])
def test_too_many_pixels_are_refused_from_the_header(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match="more than 1,000,000 pixels"):
        read_picture(bomb(*size), LIMIT)


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "empty"), (b"hello", "not a PNG"), (picture(form="JPEG")[:20], "damaged"), (b"RIFF\0\0\0\0WAVE", "damaged")]
)
def test_what_is_no_picture_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(PictureError, match=reason):
        read_picture(data, LIMIT)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_pictures_cut_off_are_refused(form: str) -> None:
    data = picture(size=(40, 40), form=form)
    with pytest.raises(PictureError):
        read_picture(data[: len(data) // 2], LIMIT)


@given(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "WEBP"]), st.data())
def test_damaged_bytes_never_crash(form: str, data: st.DataObject) -> None:
    damaged = bytearray(picture(size=(16, 16), form=form))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with quiet(), contextlib.suppress(PictureError):
        read = read_picture(bytes(damaged), LIMIT)
        assert read.height * read.width <= LIMIT


def test_thumbnails() -> None:
    assert max(pixels(thumbnail(picture(size=(300, 200)), 96)).shape) == 96
    assert pixels(thumbnail(picture(size=(8, 8)), 96)).shape == (96, 96, 3)
    assert pixels(thumbnail(picture(size=(300, 200), form="JPEG"), 50)).shape == (33, 50, 3)
