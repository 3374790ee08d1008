"""Makes of a drawn sign a picture like those a network was trained on: same ground, same size of the sign, same place."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.workspace import StudioError

LOOKED_AT = 64
"""Training pictures that the style is measured on."""
MAXIMUM_DRAWING_PIXELS = 4_000_000
_FAINT = 0.25
_NEAR = 0.1
_PLAIN_BORDER = 0.55
_FINE = 8


@dataclass(frozen=True)
class Style:
    """How signs stand in the training pictures.

    Args:
        height: Of the pictures, in pixels (median), as `width`.
        ground: Brightness of the empty parts, 0 to 1.
        ink: Brightness of the strokes, 0 to 1.
        sign_height: Height of a sign as a share of the picture's height (median).
        sign_width: Width of a wide sign as a share of the picture's width (90th percentile).
        centre: Where the signs' centre of mass lies, as shares of height and width.
        brush: Thickness of a stroke as a share of the sign's height.
    """

    height: int
    width: int
    ground: float
    ink: float
    sign_height: float
    sign_width: float
    centre: tuple[float, float]
    brush: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def style_of(encoded: Sequence[bytes]) -> Style | None:
    """The style of grey pictures; None where they are no signs on a plain ground (photographs, say)."""
    pictures = [_brightness(content) for content in encoded[:LOOKED_AT]]
    if not pictures:
        return None
    borders = [np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]) for picture in pictures]
    ground = float(np.median([np.median(border) for border in borders]))
    if float(np.median([np.mean(np.abs(border - ground) < _NEAR) for border in borders])) < _PLAIN_BORDER:
        return None
    measured = [measure for picture in pictures if (measure := _measure(np.abs(picture - ground))) is not None]
    if len(measured) < len(pictures) / 2:
        return None
    table = np.array(measured)
    strength = float(np.median(table[:, 4]))
    ink = ground + strength if ground + strength <= 1.0 else ground - strength
    return Style(
        height=int(np.median([picture.shape[0] for picture in pictures])),
        width=int(np.median([picture.shape[1] for picture in pictures])),
        ground=round(ground, 4),
        ink=round(float(np.clip(ink, 0, 1)), 4),
        sign_height=round(float(np.median(table[:, 0])), 4),
        sign_width=round(float(np.percentile(table[:, 1], 90)), 4),
        centre=(round(float(np.median(table[:, 2])), 4), round(float(np.median(table[:, 3])), 4)),
        brush=round(float(np.clip(np.median(table[:, 5]), 0.06, 0.2)), 4),
    )


def placed(drawing: bytes, style: Style) -> bytes:
    """The drawing as a grey PNG of the training pictures' size.

    Args:
        drawing: A PNG: the strokes' opacity counts, or, where nothing is transparent, how far a pixel is from its ground.

    Raises:
        StudioError: Nothing was drawn, or it is no picture.
    """
    ink = _ink(drawing)
    rows, columns = np.flatnonzero(ink.max(axis=1) > _FAINT), np.flatnonzero(ink.max(axis=0) > _FAINT)
    if not len(rows):
        raise StudioError("Nothing has been drawn yet. Draw with the mouse, a finger or a pen.")
    sign = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    fine = max(1, _FINE, round(224 / max(style.height, style.width)))
    height, width = style.height * fine, style.width * fine
    scale = min(style.sign_height * height / sign.shape[0], style.sign_width * width / sign.shape[1])
    size = max(1, round(sign.shape[1] * scale)), max(1, round(sign.shape[0] * scale))
    resized = np.asarray(Image.fromarray((sign * 255).astype(np.uint8)).resize(size, Image.Resampling.BILINEAR), np.float64) / 255
    sheet = _laid(resized, height, width, style.centre)
    coarse = sheet.reshape(style.height, fine, style.width, fine).mean(axis=(1, 3))
    coarse = coarse / max(coarse.max(), 1e-6)
    pixels = style.ground + (style.ink - style.ground) * coarse
    out = io.BytesIO()
    Image.fromarray(np.round(pixels * 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def _laid(sign: NDArray[np.float64], height: int, width: int, centre: tuple[float, float]) -> NDArray[np.float64]:
    """The sign on an empty sheet, its centre of mass where it belongs, as far as it then lies on the sheet."""
    total = sign.sum()
    mass = (sign.sum(axis=1) @ np.arange(sign.shape[0]) / total, sign.sum(axis=0) @ np.arange(sign.shape[1]) / total)
    top = int(np.clip(round(centre[0] * height - mass[0]), 0, height - sign.shape[0]))
    left = int(np.clip(round(centre[1] * width - mass[1]), 0, width - sign.shape[1]))
    sheet = np.zeros((height, width))
    sheet[top : top + sign.shape[0], left : left + sign.shape[1]] = sign
    return sheet


def _measure(ink: NDArray[np.float64]) -> tuple[float, ...] | None:
    strength = float(ink.max(initial=0.0))
    if strength < _FAINT:
        return None
    marked = ink > _FAINT * strength
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    total = ink.sum()
    centre = ((ink.sum(axis=1) @ (np.arange(ink.shape[0]) + 0.5)) / total, (ink.sum(axis=0) @ (np.arange(ink.shape[1]) + 0.5)) / total)
    # a sign has about as much line as twice its longer side and a half more
    thickness = total / strength / (2.5 * max(height, width)) / height
    return height / ink.shape[0], width / ink.shape[1], centre[0] / ink.shape[0], centre[1] / ink.shape[1], strength, thickness


def _brightness(content: bytes) -> NDArray[np.float64]:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("L"), np.float64) / 255


def _ink(drawing: bytes) -> NDArray[np.float64]:
    try:
        with Image.open(io.BytesIO(drawing), formats=("PNG",)) as image:
            if image.width * image.height > MAXIMUM_DRAWING_PIXELS:
                raise StudioError(f"The drawing has more than {MAXIMUM_DRAWING_PIXELS:,} pixels.")
            pixels = np.asarray(image.convert("LA"), np.float64) / 255
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise StudioError("The drawing did not arrive as a picture. Draw it again.") from error
    brightness, opacity = pixels[..., 0], pixels[..., 1]
    if float(opacity.min()) < 1.0:
        return opacity
    return np.abs(brightness - np.median(brightness))
