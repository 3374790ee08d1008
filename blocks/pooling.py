"""Pooling: the mean or the largest of each window, or of everything."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.base import NumericBlock
from blocks.data_format import WithDataFormat
from blocks.fields import RARE, Padding, Window1D, Window2D, Window3D, per_axis
from blocks.sizes import Size, windowed
from blocks.spec import Shape

POOL_SIZE = "Size of the window."
STRIDES = "Step of the window; empty: its size, so that windows don't overlap."
PADDING = '"same" also pools the windows that stick out at the end; "valid" leaves them out.'
KEEP_AXES = "Keeps the pooled axes with size 1."


class _WithWindow(NumericBlock):
    """A window with a step."""

    axes: ClassVar[int] = 2

    def windows(self) -> tuple[tuple[int, int], ...]:
        given = self.model_dump()
        sizes = per_axis(given["pool_size"], self.axes)
        strides = per_axis(given["strides"], self.axes) if given["strides"] is not None else sizes
        return tuple(zip(sizes, strides, strict=True))

    def sizes(self, shape: Shape) -> list[Size]:
        return windowed(shape[:-1], self.windows(), str(self.model_dump()["padding"]))


class WithWindow1D(_WithWindow):
    """A window over steps."""

    ranks = (2,)
    axes = 1

    pool_size: Window1D = Field(2, description=POOL_SIZE, json_schema_extra={"unit": "steps"})
    strides: Window1D | None = Field(None, description=STRIDES, json_schema_extra={"unit": "steps"})
    padding: Padding = Field("valid", description=PADDING)


class WithWindow2D(_WithWindow):
    """A window over height and width."""

    ranks = (3,)
    axes = 2

    pool_size: Window2D = Field(2, description=POOL_SIZE, json_schema_extra={"unit": "pixels"})
    strides: Window2D | None = Field(None, description=STRIDES, json_schema_extra={"unit": "pixels"})
    padding: Padding = Field("valid", description=PADDING)


class WithWindow3D(_WithWindow):
    """A window over depth, height and width.

    Args:
        on_every_processor: Numbers that TensorFlow pools volumes of; a CPU can't for float16 and float64.
    """

    ranks = (4,)
    axes = 3
    on_every_processor: ClassVar[tuple[str, ...]] = ("float32", "bfloat16")

    pool_size: Window3D = Field(2, description=POOL_SIZE, json_schema_extra={"unit": "voxels"})
    strides: Window3D | None = Field(None, description=STRIDES, json_schema_extra={"unit": "voxels"})
    padding: Padding = Field("valid", description=PADDING)
    dtype: Literal["float32", "mixed_bfloat16", "bfloat16"] | None = Field(
        None, description="Precision of this layer's numbers; empty: the training's, but float32 for float16 and float64.", json_schema_extra=RARE
    )

    def arguments(self) -> dict[str, Any]:
        import keras

        given = super().arguments()
        if self.dtype is None and keras.config.dtype_policy().compute_dtype not in self.on_every_processor:
            given["dtype"] = "float32"
        return given


class _Pooling(_WithWindow, WithDataFormat):
    """What all pooling with windows shares."""

    category = "pooling"

    def sizes(self, shape: Shape) -> list[Size]:
        return self.placed(windowed(self.spatial(shape), self.windows(), str(self.model_dump()["padding"])))


class _GlobalPooling(WithDataFormat):
    """What pooling over everything shares."""

    category = "pooling"

    keepdims: bool = Field(False, description=KEEP_AXES, json_schema_extra=RARE)


class MaxPooling1D(WithWindow1D, _Pooling):
    """Keeps the largest value of each window along a sequence.

    Use it to shorten a sequence while keeping that a pattern occurred.

    Formula: y[t, c] = max over i < pool_size of x[t * strides + i, c]
    Shapes: (steps, channels) -> (steps', channels); "valid" gives floor((steps - pool_size) / strides) + 1 and "same" ceil(steps / strides).
    Source: Weng, Ahuja and Huang (1992), doi:10.1109/IJCNN.1992.287150.
    """

    layer = "keras.layers.MaxPooling1D"


class MaxPooling2D(WithWindow2D, _Pooling):
    """Keeps the largest value of each window.

    Use it to halve feature maps: what was found counts more than where exactly.

    Formula: y[i, j, c] = max over u, v < pool_size of x[i * strides + u, j * strides + v, c]
    Shapes: (height, width, channels) -> (height', width', channels); "valid" gives floor((size - pool_size) / strides) + 1 and
        "same" ceil(size / strides).
    Source: Weng, Ahuja and Huang (1992), doi:10.1109/IJCNN.1992.287150.
    """

    layer = "keras.layers.MaxPooling2D"


class MaxPooling3D(WithWindow3D, _Pooling):
    """Keeps the largest value of each window of a volume.

    Use it to halve volumes or video features: what was found counts more than where exactly.

    Formula: as MaxPooling2D, with a third axis of the window.
    Shapes: (depth, height, width, channels) -> (depth', height', width', channels); "valid" gives
        floor((size - pool_size) / strides) + 1 and "same" ceil(size / strides).
    Source: Weng, Ahuja and Huang (1992), doi:10.1109/IJCNN.1992.287150.
    """

    layer = "keras.layers.MaxPooling3D"


class AveragePooling1D(WithWindow1D, _Pooling):
    """Takes the mean of each window along a sequence.

    Use it to smooth and shorten a sequence.

    Formula: y[t, c] = mean over i < pool_size of x[t * strides + i, c]
    Shapes: (steps, channels) -> (steps', channels); "valid" gives floor((steps - pool_size) / strides) + 1 and "same" ceil(steps / strides).
    Source: LeCun et al. (1998), doi:10.1109/5.726791, section II.A ("sub-sampling").
    """

    layer = "keras.layers.AveragePooling1D"


class AveragePooling2D(WithWindow2D, _Pooling):
    """Takes the mean of each window.

    Use it to shrink feature maps smoothly, as LeNet-5 does. Places outside the picture don't count in the mean.

    Formula: y[i, j, c] = mean over u, v < pool_size of x[i * strides + u, j * strides + v, c]
    Shapes: (height, width, channels) -> (height', width', channels); "valid" gives floor((size - pool_size) / strides) + 1 and
        "same" ceil(size / strides).
    Source: LeCun et al. (1998), doi:10.1109/5.726791, section II.A ("sub-sampling").
    """

    layer = "keras.layers.AveragePooling2D"


class AveragePooling3D(WithWindow3D, _Pooling):
    """Takes the mean of each window of a volume.

    Use it to shrink volumes or video features smoothly.

    Formula: as AveragePooling2D, with a third axis of the window.
    Shapes: (depth, height, width, channels) -> (depth', height', width', channels); "valid" gives
        floor((size - pool_size) / strides) + 1 and "same" ceil(size / strides).
    Source: LeCun et al. (1998), doi:10.1109/5.726791, section II.A ("sub-sampling").
    """

    layer = "keras.layers.AveragePooling3D"


class GlobalMaxPooling1D(_GlobalPooling):
    """Keeps the largest value of each channel over all steps.

    Use it behind 1D convolutions over texts or signals: did the pattern occur anywhere?

    Formula: y[c] = max over t of x[t, c]
    Shapes: (steps, channels) -> (channels); with keepdims (1, channels).
    Source: Collobert et al. (2011), arXiv:1103.0398, section 3.2.
    """

    layer = "keras.layers.GlobalMaxPooling1D"
    ranks = (2,)


class GlobalMaxPooling2D(_GlobalPooling):
    """Keeps the largest value of each channel over the whole picture.

    Use it in place of Flatten, when one strong find decides.

    Formula: y[c] = max over i, j of x[i, j, c]
    Shapes: (height, width, channels) -> (channels); with keepdims (1, 1, channels).
    Source: Oquab et al. (2015), doi:10.1109/CVPR.2015.7298668.
    """

    layer = "keras.layers.GlobalMaxPooling2D"
    ranks = (3,)


class GlobalMaxPooling3D(_GlobalPooling):
    """Keeps the largest value of each channel over the whole volume.

    Use it in place of Flatten, when one strong find decides.

    Formula: y[c] = max over d, i, j of x[d, i, j, c]
    Shapes: (depth, height, width, channels) -> (channels); with keepdims (1, 1, 1, channels).
    Source: Oquab et al. (2015), doi:10.1109/CVPR.2015.7298668.
    """

    layer = "keras.layers.GlobalMaxPooling3D"
    ranks = (4,)


class GlobalAveragePooling1D(_GlobalPooling):
    """Takes the mean of each channel over all steps; steps that are masked as padding don't count.

    Use it behind an Embedding or 1D convolutions for a quick text classifier.

    Formula: y[c] = mean over t of x[t, c]
    Shapes: (steps, channels) -> (channels); with keepdims (1, channels).
    Source: Lin, Chen and Yan (2013), arXiv:1312.4400, section 3.2.
    """

    layer = "keras.layers.GlobalAveragePooling1D"
    ranks = (2,)


class GlobalAveragePooling2D(_GlobalPooling):
    """Takes the mean of each channel over the whole picture.

    Use it in place of Flatten: it needs no weights behind it per place, and the picture's size may vary.

    Formula: y[c] = mean over i, j of x[i, j, c]
    Shapes: (height, width, channels) -> (channels); with keepdims (1, 1, channels).
    Source: Lin, Chen and Yan (2013), arXiv:1312.4400, section 3.2.
    """

    layer = "keras.layers.GlobalAveragePooling2D"
    ranks = (3,)


class GlobalAveragePooling3D(_GlobalPooling):
    """Takes the mean of each channel over the whole volume.

    Use it in place of Flatten: it needs no weights behind it per place, and the volume's size may vary.

    Formula: y[c] = mean over d, i, j of x[d, i, j, c]
    Shapes: (depth, height, width, channels) -> (channels); with keepdims (1, 1, 1, channels).
    Source: Lin, Chen and Yan (2013), arXiv:1312.4400, section 3.2.
    """

    layer = "keras.layers.GlobalAveragePooling3D"
    ranks = (4,)
