"""Colours for numbers: ramps on which equal steps look equal, made in Oklab (Ottosson 2020)."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Ramp = Literal["grey", "sequential", "diverging"]
STEPS = 254
"""Colours of a ramp; the two numbers that a byte has left stand for what is no number and for nothing."""
NOT_A_NUMBER = 254
NOTHING = 255
_NOT_A_NUMBER_COLOUR = (214, 39, 168)


@cache
def ramp(name: Ramp) -> NDArray[np.uint8]:
    """The colours from the lowest to the highest number: shape (254, 3).

    "grey" is that of pictures, "sequential" goes from dark blue over green to light yellow; "diverging" from blue over near-white (zero) to red.
    """
    place = np.linspace(0.0, 1.0, STEPS)
    if name == "grey":
        return np.round(255 * place)[:, None].repeat(3, axis=1).astype(np.uint8)
    if name == "sequential":
        return _even(np.array([[0.25, 0.085, 285], [0.42, 0.105, 255], [0.59, 0.10, 200], [0.76, 0.145, 150], [0.93, 0.165, 107]]))
    blue = np.array([[0.36, 0.13, 262], [0.66, 0.105, 252], [0.97, 0.0, 245]])
    red = np.array([[0.97, 0.0, 45], [0.66, 0.145, 38], [0.36, 0.125, 28]])
    return np.concatenate([_even(blue, STEPS // 2), _even(red, STEPS // 2)])


def shown(name: Ramp, count: int = 9) -> list[str]:
    """A few colours of a ramp in their order, such as "#1f77b4", for a legend."""
    chosen = ramp(name)[np.linspace(0, STEPS - 1, count).round().astype(int)]
    return ["#" + bytes(colour).hex() for colour in chosen]


def palette(name: Ramp) -> bytes:
    """The 256 colours of a picture with a palette."""
    return ramp(name).tobytes() + bytes(_NOT_A_NUMBER_COLOUR) + bytes((0, 0, 0))


def oklab(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Lightness, green to red, and blue to yellow of sRGB colours (n, 3); distances in it are as large as they look."""
    values = colours.astype(np.float64) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    found: NDArray[np.float64] = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return found


def _even(knots: NDArray[np.float64], steps: int = STEPS) -> NDArray[np.uint8]:
    """Colours through knots of lightness, strength and hue (in degrees), at equal distances along the way."""
    fine = np.linspace(0, len(knots) - 1, 4000)
    lightness, strength, hue = (np.interp(fine, np.arange(len(knots)), knots[:, part]) for part in range(3))
    lab = np.stack([lightness, strength * np.cos(np.radians(hue)), strength * np.sin(np.radians(hue))], axis=1)
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(lab, axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], steps)
    return _rgb(*(np.interp(at, way, lab[:, part]) for part in range(3)))


def _rgb(lightness: NDArray[np.float64], red: NDArray[np.float64], yellow: NDArray[np.float64]) -> NDArray[np.uint8]:
    linear = (np.stack([lightness, red, yellow], axis=1) @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T
    linear = np.clip(linear, 0.0, 1.0)
    values = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(255 * values).astype(np.uint8)


_TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]
)
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099], [0.0259040371, 0.7827717662, -0.8086757660]]
)
_FROM_CONES = np.linalg.inv(_TO_CONES)
_FROM_LAB = np.linalg.inv(_TO_LAB)
