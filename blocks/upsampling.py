"""Blocks that enlarge without weights."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from blocks.base import NumericBlock
from blocks.data_format import WithDataFormat
from blocks.fields import Interpolation, Window1D, Window2D, Window3D, per_axis
from blocks.sizes import Size, scaled
from blocks.spec import Shape


class _UpSampling(WithDataFormat):
    """Sizes that grow by whole factors."""

    category = "reshaping"

    def sizes(self, shape: Shape) -> list[Size]:
        spatial = self.spatial(shape)
        return self.placed(scaled(spatial, per_axis(self.model_dump()["size"], len(spatial))))


class UpSampling1D(NumericBlock):
    """Repeats every step of a sequence.

    Use it in decoders of sequences, with a Conv1D behind it.

    Formula: y[t, c] = x[floor(t / size), c]
    Shapes: (steps, channels) -> (steps * size, channels).
    """

    category = "reshaping"
    layer = "keras.layers.UpSampling1D"
    ranks = (2,)

    size: Window1D = Field(2, description="Factor.", json_schema_extra={"unit": "times"})

    def sizes(self, shape: Shape) -> list[Size]:
        return scaled(shape[:-1], (self.size,))


class UpSampling2D(_UpSampling):
    """Enlarges feature maps without weights.

    Use it in decoders, with a Conv2D behind it; it makes no checkerboard patterns.

    Formula: y[i, j, c] = x[floor(i / size), floor(j / size), c] with "nearest"; "bilinear" mixes the 2x2 nearest values by their distance,
        "bicubic" 4x4, "lanczos3" 6x6 and "lanczos5" 10x10 of them
    Shapes: (height, width, channels) -> (height * size, width * size, channels).
    Source: Keys (1981), doi:10.1109/TASSP.1981.1163711 (bicubic); Duchon (1979), Lanczos filtering in one and two dimensions,
        Journal of Applied Meteorology 18 (Lanczos).
    """

    layer = "keras.layers.UpSampling2D"
    ranks = (3,)
    trainable_in: ClassVar[dict[str, tuple[str, ...]]] = {"bicubic": ("float32", "float64"), "lanczos3": ("float32",), "lanczos5": ("float32",)}
    """In which numbers TensorFlow knows the gradient of an interpolation; in others that of "bicubic" gets lost without a word."""

    size: Window2D = Field(2, description="Factors of height and width.", json_schema_extra={"unit": "times"})
    interpolation: Interpolation = Field("nearest", description="How new values are computed.")

    @model_validator(mode="after")
    def _with_gradient(self) -> Self:
        wanted = self.trainable_in.get(self.interpolation)
        if wanted and self.dtype not in (None, *wanted):
            raise ValueError(f'interpolation "{self.interpolation}" learns in {" and ".join(wanted)} only; leave dtype empty')
        return self

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        if self.dtype is None and self.interpolation in self.trainable_in:
            given["dtype"] = "float32"
        return given


class CubicUpSampling2D(NumericBlock):
    """Enlarges pictures of any size smoothly, without weights, as photo programs do ("bicubic").

    Use it in super-resolution networks that learn only what it leaves out; it also takes pictures whose size is not known beforehand.

    Formula: y = sum over the 4 x 4 nearest places p of x[p] * k(i - i_p) * k(j - j_p), divided by the sum of the weights;
        k(t) = 1.5 t^3 - 2.5 t^2 + 1 for t < 1, -0.5 t^3 + 2.5 t^2 - 4 t + 2 for t < 2 (t = |distance|)
    Shapes: (height, width, channels) -> (height * factor, width * factor, channels).
    Source: Keys (1981), doi:10.1109/TASSP.1981.1163711, with a = -1/2, as in Pillow.
    """

    category = "reshaping"
    layer = "blocks.layers.cubic_upsampling.CubicUpSampling2D"
    ranks = (3,)

    factor: int = Field(2, ge=1, le=16, description="How many times height and width grow.", json_schema_extra={"unit": "times"})

    def sizes(self, shape: Shape) -> list[Size]:
        return scaled(shape[:-1], (self.factor, self.factor))


class UpSampling3D(_UpSampling):
    """Repeats every voxel along the three axes.

    Use it in decoders of volumes, with a Conv3D behind it.

    Formula: y[d, i, j, c] = x[floor(d / size), floor(i / size), floor(j / size), c]
    Shapes: (depth, height, width, channels) -> (depth * size, height * size, width * size, channels).
    """

    layer = "keras.layers.UpSampling3D"
    ranks = (4,)

    size: Window3D = Field(2, description="Factors of depth, height and width.", json_schema_extra={"unit": "times"})
