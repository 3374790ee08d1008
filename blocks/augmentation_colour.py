"""Augmentations that change values and leave every pixel in its place: light, colours, sharpness, holes."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from blocks.augmentation_base import CHANCE, OfValues, Share, Signed, decimals, either_side, ends
from blocks.fields import RARE

NEUTRAL = "two numbers: drawn between them."


class _OfColours(OfValues):
    category = "augmentation"


class RandomBrightness(_OfColours):
    """Makes each training picture lighter or darker by a random amount.

    Use it where the light changes from picture to picture.

    Formula: y = x + a * (largest value - least value), cut off at both; a from -factor to factor
    Shapes: unchanged.
    Source: Howard (2013), arXiv:1312.5402, section 2.2.
    """

    layer = "keras.layers.RandomBrightness"

    factor: Signed = Field(0.2, description="Largest change to either side, as a part of the range; two numbers: from the first to the second.")

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": either_side(self.factor)}


class RandomContrast(_OfColours):
    """Strengthens or weakens the contrast of each training picture.

    Use it where haze, exposure or the scanner change from picture to picture.

    Formula: y = (x - mean) * a + mean, with the mean of each channel and a from 1 - factor to 1 + factor
    Shapes: unchanged.
    Source: Howard (2013), arXiv:1312.5402, section 2.2.
    """

    layer = "keras.layers.RandomContrast"

    factor: float = Field(0.2, ge=0, le=1, description="Largest change to either side; at 1 a picture may become plain grey.")

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor)}


class RandomSaturation(_OfColours):
    """Makes the colours of each training picture paler or stronger.

    Use it for photographs in colour, where cameras and light differ.

    Formula: s' = s * a / (1 - a) for the saturation s of each pixel, at most 1; a between the two factors
    Shapes: unchanged.
    Source: Howard (2013), arXiv:1312.5402, section 2.2.
    """

    layer = "keras.layers.RandomSaturation"
    from_0_to_1 = True
    colours = True

    factor: Share = Field((0.4, 0.6), description="0 takes all colour away, 0.5 changes nothing, 1 gives full colour; " + NEUTRAL)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor)}


class RandomHue(_OfColours):
    """Turns the colours of each training picture along the rainbow.

    Use it where colour says nothing about the class; a red apple may become green.

    Formula: h' = h + a / 2 or h - a / 2 for the hue h of each pixel, where 1 is once around the rainbow
    Shapes: unchanged.
    Source: Smith (1978), Color gamut transform pairs, SIGGRAPH.
    """

    layer = "keras.layers.RandomHue"
    from_0_to_1 = True
    colours = True

    factor: Share = Field(0.1, description="Largest turn; at 1 half of the rainbow to either side; " + NEUTRAL)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor, 0.0)}


class RandomColorJitter(_OfColours):
    """Changes brightness, contrast, saturation and hue of each training picture, one after the other.

    Use it for photographs in colour, as one block in place of four.

    Formula: RandomHue(RandomSaturation(RandomContrast(RandomBrightness(x)))); those that are empty are left out
    Shapes: unchanged.
    Source: Chen et al. (2020), arXiv:2002.05709, appendix A.
    """

    layer = "keras.layers.RandomColorJitter"
    from_0_to_1 = True
    colours = True

    brightness_factor: Signed | None = Field(0.2, description="As RandomBrightness; empty: brightness stays.")
    contrast_factor: Annotated[float, Field(ge=0, le=1)] | None = Field(0.2, description="As RandomContrast; empty: contrast stays.")
    saturation_factor: Share | None = Field((0.4, 0.6), description="As RandomSaturation: 0.5 changes nothing; empty: saturation stays.")
    hue_factor: Share | None = Field(0.05, description="As RandomHue; empty: hue stays.")

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "brightness_factor": None if self.brightness_factor is None else either_side(self.brightness_factor),
            "contrast_factor": None if self.contrast_factor is None else ends(self.contrast_factor),
            "saturation_factor": None if self.saturation_factor is None else ends(self.saturation_factor),
            "hue_factor": None if self.hue_factor is None else ends(self.hue_factor, 0.0),
        }


class RandomColorDegeneration(_OfColours):
    """Takes a random part of the colour out of each training picture.

    Use it where colours fade or cameras differ.

    Formula: y = x + a * (grey - x), with the grey value of each pixel and a up to factor
    Shapes: unchanged.
    Source: Cubuk et al. (2018), arXiv:1805.09501, table 6 (Color).
    """

    layer = "keras.layers.RandomColorDegeneration"
    colours = True

    factor: Share = Field(0.5, description="Largest part of the colour that is taken; 1 is plain grey; " + NEUTRAL)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor, 0.0)}


class RandomGrayscale(OfValues):
    """Turns some training pictures grey.

    Use it where shape matters more than colour.

    Formula: y = 0.2989 * red + 0.587 * green + 0.114 * blue in all three channels
    Shapes: unchanged.
    Source: Chen et al. (2020), arXiv:2002.05709, appendix A; weights: ITU-R BT.601.
    """

    category = "augmentation"
    layer = "keras.layers.RandomGrayscale"
    colours = True

    factor: float = Field(0.2, ge=0, le=1, description="How likely a picture becomes grey.")

    def arguments(self) -> dict[str, Any]:
        return {"factor": self.factor, "seed": 0}


class RandomInvert(_OfColours):
    """Turns some training pictures into their negative.

    Use it where dark on light and light on dark mean the same, such as scanned drawings.

    Formula: y = least value + largest value - x
    Shapes: unchanged.
    Source: Cubuk et al. (2018), arXiv:1805.09501, table 6 (Invert).
    """

    layer = "keras.layers.RandomInvert"
    from_0_to_1 = True

    factor: Share = Field(0.5, description=CHANCE)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor)}


_Bits = Annotated[int, Field(ge=1, le=8)]
Bits = Annotated[_Bits | tuple[_Bits, _Bits], BeforeValidator(decimals)]


class RandomPosterization(_OfColours):
    """Leaves each training picture only a few steps of brightness, as on a poster.

    Use it against a network that clings to fine shades.

    Formula: y = floor(x / 2^(8 - a)) * 2^(8 - a) for values from 0 to 255, with a bits
    Shapes: unchanged.
    Source: Cubuk et al. (2018), arXiv:1805.09501, table 6 (Posterize).
    """

    layer = "keras.layers.RandomPosterization"

    factor: Bits = Field((4, 8), description="Bits that are kept: 1 leaves two values, 8 all; two numbers: drawn from the first to the second.")

    def arguments(self) -> dict[str, Any]:
        least, most = (self.factor, self.factor) if isinstance(self.factor, int) else (min(self.factor), max(self.factor))
        return {**super().arguments(), "factor": (least, most + (least < most))}  # Keras never draws the larger end.


class Solarization(_OfColours):
    """Turns the bright parts of each training picture into their negative, as a photograph does that was exposed too long.

    Use it with care, as a strong change of values among others.

    Formula: v = x + a; y = v below a threshold, otherwise 255 - v; both drawn, for values from 0 to 255
    Shapes: unchanged.
    Source: Cubuk et al. (2018), arXiv:1805.09501, table 6 (Solarize).
    """

    layer = "keras.layers.Solarization"

    addition_factor: float = Field(0.0, ge=0, le=1, description="The most that is added before, as a part of the range; the least is 0.")
    threshold_factor: float = Field(1.0, ge=0, le=1, description="The highest threshold, as a part of the range; the lowest is 0.")


class RandomSharpness(_OfColours):
    """Blurs or sharpens each training picture a little.

    Use it where the focus changes from picture to picture.

    Formula: y = x + (1 - 2 * a) * (smoothed - x), with a window of 3 x 3 pixels; a between the two factors
    Shapes: unchanged.
    Source: Cubuk et al. (2018), arXiv:1805.09501, table 6 (Sharpness).
    """

    layer = "blocks.layers.random_smoothing.RandomSharpness"

    factor: Share = Field((0.3, 0.7), description="0 blurs, 0.5 changes nothing, 1 sharpens; " + NEUTRAL)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor)}


class RandomGaussianBlur(_OfColours):
    """Blurs some training pictures by a window with soft edges.

    Use it where pictures may be out of focus.

    Formula: y[i, j] = sum over u, v of x[i + u, j + v] * g(u) * g(v), g(u) = exp(-u^2 / (2 * sigma^2)) / sum
    Shapes: unchanged.
    Source: Chen et al. (2020), arXiv:2002.05709, appendix A.
    """

    layer = "blocks.layers.random_smoothing.RandomGaussianBlur"

    factor: Share = Field(0.5, description=CHANCE)
    kernel_size: int = Field(5, ge=3, le=63, description="Size of the window, an odd number.", json_schema_extra={"unit": "pixels"})
    sigma: Share = Field((0.1, 1.0), description="How far the window reaches, in pixels; two numbers: drawn between them.")

    @model_validator(mode="after")
    def _odd(self) -> Self:
        if self.kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd; take {self.kernel_size + 1}")
        return self

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor), "sigma": ends(self.sigma)}


class RandomErasing(_OfColours):
    """Covers a random box of some training pictures with noise or one value.

    Use it where the subject may be partly hidden, and against overfitting.

    Formula: y = noise or fill_value inside a box at a random place, x outside
    Shapes: unchanged.
    Source: Zhong et al. (2017), arXiv:1708.04896.
    """

    layer = "keras.layers.RandomErasing"

    factor: Share = Field(0.5, description=CHANCE)
    scale: Share = Field((0.02, 0.33), description="Height and width of the box: each the root of a number drawn between these, times the size.")
    fill_value: float | None = Field(None, ge=-1e6, le=1e6, description="What covers the box; empty: noise.", json_schema_extra=RARE)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor), "scale": ends(self.scale)}
