"""What a person gives to be predicted: data addresses and uploads as bytes, and small pictures of them."""

from __future__ import annotations

import base64
import binascii

import numpy as np

from studio.ui.api.uploads import uploaded
from studio.ui.pictures import png_of_array
from studio.workspace import StudioError, Workspace

LARGEST_PICTURE_BYTES = 50_000_000
GIVEN_PIXELS = 256
ARRAY_PIXELS = 96


def content_of_address(address: str) -> bytes:
    """The bytes of a data address.

    Raises:
        StudioError: It is none, or was cut off.
    """
    head, comma, body = address.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise StudioError("The file did not arrive whole. Send it again.")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise StudioError("The file did not arrive whole. Send it again.") from error


def content_of_upload(workspace: Workspace, upload: str) -> bytes:
    """The bytes of an upload.

    Raises:
        StudioError: It is gone, or too large for one picture or sound.
    """
    path = uploaded(workspace, upload)
    if path.stat().st_size > LARGEST_PICTURE_BYTES:
        raise StudioError(f"{path.name} is larger than {LARGEST_PICTURE_BYTES / 1e6:.0f} MB, too large for one picture or sound.")
    return path.read_bytes()


def shown_picture(content: bytes) -> str:
    """A small picture of an encoded one, as a data address.

    Raises:
        StudioError: It is no picture, or is damaged.
    """
    from studio.datasets.limits import Limits
    from studio.datasets.readers.pictures import PictureError, read_picture, thumbnail

    try:
        read = read_picture(content, Limits().picture_pixels, look_for_colour=False)
    except PictureError as error:
        raise StudioError(f"The picture can't be used: {error}.") from error
    return png_address(thumbnail(read.data, GIVEN_PIXELS))


def shown_array(values: np.ndarray) -> str:
    """An array of numbers as a small picture, as a data address."""
    return png_address(png_of_array(values, ARRAY_PIXELS))


def png_address(png: bytes) -> str:
    """A PNG as a data address."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
