"""Pooling: the mean or the largest of each window, or of everything."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from blocks.base import LayerBlock
from blocks.fields import Padding, Window1D, Window2D, Window3D, per_axis

POOL_SIZE = "Size of the window."
STRIDES = "Step of the window; empty: its size, so that windows don't overlap."
PADDING = '"same" also pools the windows that stick out at the end; "valid" leaves them out.'
KEEP_AXES = "Keeps the pooled axes with size 1."


class _Pooling(LayerBlock):
    """What all pooling with windows shares."""

    category = "pooling"
    axes: ClassVar[int] = 2

    def windows(self) -> tuple[tuple[int, int], ...]:
        given = self.model_dump()
        sizes = per_axis(given["pool_size"], self.axes)
        strides = per_axis(given["strides"], self.axes) if given["strides"] is not None else sizes
        return tuple(zip(sizes, strides, strict=True))


class _Pooling1D(_Pooling):
    ranks = (2,)
    axes = 1

    pool_size: Window1D = Field(2, description=POOL_SIZE, json_schema_extra={"unit": "steps"})
    strides: Window1D | None = Field(None, description=STRIDES, json_schema_extra={"unit": "steps"})
    padding: Padding = Field("valid", description=PADDING)


class _Pooling2D(_Pooling):
    ranks = (3,)
    axes = 2

    pool_size: Window2D = Field(2, description=POOL_SIZE, json_schema_extra={"unit": "pixels"})
    strides: Window2D | None = Field(None, description=STRIDES, json_schema_extra={"unit": "pixels"})
    padding: Padding = Field("valid", description=PADDING)


class _Pooling3D(_Pooling):
    ranks = (4,)
    axes = 3

    pool_size: Window3D = Field(2, description=POOL_SIZE, json_schema_extra={"unit": "voxels"})
    strides: Window3D | None = Field(None, description=STRIDES, json_schema_extra={"unit": "voxels"})
    padding: Padding = Field("valid", description=PADDING)


class _GlobalPooling(LayerBlock):
    """What pooling over everything shares."""

    category = "pooling"

    keepdims: bool = Field(False, description=KEEP_AXES, json_schema_extra={"frequent": False})


class MaxPooling1D(_Pooling1D):
    """Keeps the largest value of each window along a sequence.

    Use it to shorten a sequence while keeping that a pattern occurred.

    Shapes: (steps, channels) -> (steps', channels); "valid" gives floor((steps - pool_size) / strides) + 1 and "same" ceil(steps / strides).
    Source: Weng, Ahuja and Huang (1992), doi:10.1109/IJCNN.1992.287150.
    """

    layer = "keras.layers.MaxPooling1D"


class MaxPooling2D(_Pooling2D):
    """Keeps the largest value of each window.

    Use it to halve feature maps: what was found counts more than where exactly.

    Shapes: (height, width, channels) -> (height', width', channels); "valid" gives floor((size - pool_size) / strides) + 1 and
        "same" ceil(size / strides).
    Source: Weng, Ahuja and Huang (1992), doi:10.1109/IJCNN.1992.287150.
    """

    layer = "keras.layers.MaxPooling2D"


class MaxPooling3D(_Pooling3D):
    """Keeps the largest value of each window of a volume.

    Use it to halve volumes or video features: what was found counts more than where exactly.

    Shapes: (depth, height, width, channels) -> (depth', height', width', channels); "valid" gives
        floor((size - pool_size) / strides) + 1 and "same" ceil(size / strides).
    Source: Weng, Ahuja and Huang (1992), doi:10.1109/IJCNN.1992.287150.
    """

    layer = "keras.layers.MaxPooling3D"


class AveragePooling1D(_Pooling1D):
    """Takes the mean of each window along a sequence.

    Use it to smooth and shorten a sequence.

    Shapes: (steps, channels) -> (steps', channels); "valid" gives floor((steps - pool_size) / strides) + 1 and "same" ceil(steps / strides).
    Source: LeCun et al. (1998), doi:10.1109/5.726791, section II.A ("sub-sampling").
    """

    layer = "keras.layers.AveragePooling1D"


class AveragePooling2D(_Pooling2D):
    """Takes the mean of each window.

    Use it to shrink feature maps smoothly, as LeNet-5 does. Places outside the picture don't count in the mean.

    Shapes: (height, width, channels) -> (height', width', channels); "valid" gives floor((size - pool_size) / strides) + 1 and
        "same" ceil(size / strides).
    Source: LeCun et al. (1998), doi:10.1109/5.726791, section II.A ("sub-sampling").
    """

    layer = "keras.layers.AveragePooling2D"


class AveragePooling3D(_Pooling3D):
    """Takes the mean of each window of a volume.

    Use it to shrink volumes or video features smoothly.

    Shapes: (depth, height, width, channels) -> (depth', height', width', channels); "valid" gives
        floor((size - pool_size) / strides) + 1 and "same" ceil(size / strides).
    Source: LeCun et al. (1998), doi:10.1109/5.726791, section II.A ("sub-sampling").
    """

    layer = "keras.layers.AveragePooling3D"


class GlobalMaxPooling1D(_GlobalPooling):
    """Keeps the largest value of each channel over all steps.

    Use it behind 1D convolutions over texts or signals: did the pattern occur anywhere?

    Shapes: (steps, channels) -> (channels).
    Source: Collobert et al. (2011), arXiv:1103.0398, section 3.2.
    """

    layer = "keras.layers.GlobalMaxPooling1D"
    ranks = (2,)


class GlobalMaxPooling2D(_GlobalPooling):
    """Keeps the largest value of each channel over the whole picture.

    Use it in place of Flatten, when one strong find decides.

    Shapes: (height, width, channels) -> (channels).
    Source: Oquab et al. (2015), doi:10.1109/CVPR.2015.7298668.
    """

    layer = "keras.layers.GlobalMaxPooling2D"
    ranks = (3,)


class GlobalMaxPooling3D(_GlobalPooling):
    """Keeps the largest value of each channel over the whole volume.

    Use it in place of Flatten, when one strong find decides.

    Shapes: (depth, height, width, channels) -> (channels).
    Source: Oquab et al. (2015), doi:10.1109/CVPR.2015.7298668.
    """

    layer = "keras.layers.GlobalMaxPooling3D"
    ranks = (4,)


class GlobalAveragePooling1D(_GlobalPooling):
    """Takes the mean of each channel over all steps; steps that are masked as padding don't count.

    Use it behind an Embedding or 1D convolutions for a quick text classifier.

    Shapes: (steps, channels) -> (channels).
    Source: Lin, Chen and Yan (2013), arXiv:1312.4400, section 3.2.
    """

    layer = "keras.layers.GlobalAveragePooling1D"
    ranks = (2,)


class GlobalAveragePooling2D(_GlobalPooling):
    """Takes the mean of each channel over the whole picture.

    Use it in place of Flatten: it needs no weights behind it per place, and the picture's size may vary.

    Shapes: (height, width, channels) -> (channels).
    Source: Lin, Chen and Yan (2013), arXiv:1312.4400, section 3.2.
    """

    layer = "keras.layers.GlobalAveragePooling2D"
    ranks = (3,)


class GlobalAveragePooling3D(_GlobalPooling):
    """Takes the mean of each channel over the whole volume.

    Use it in place of Flatten: it needs no weights behind it per place, and the volume's size may vary.

    Shapes: (depth, height, width, channels) -> (channels).
    Source: Lin, Chen and Yan (2013), arXiv:1312.4400, section 3.2.
    """

    layer = "keras.layers.GlobalAveragePooling3D"
    ranks = (4,)
