"""Metrics for masks: how well the areas of each class are met, over all pixels of all samples together."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from blocks.features import Feature
from studio.settings.metrics import Metric
from studio.settings.targets import is_mask

if TYPE_CHECKING:
    import keras


class MaskMetric(Metric):
    """Base of the metrics for masks only. Pixels without a class are left out.

    Args:
        made_as: The class among our Keras metrics; it is given the number of classes.
    """

    made_as: ClassVar[str]
    unit = "share"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_mask(target)

    def made(self, target: Feature) -> keras.metrics.Metric:
        from studio.settings import keras_mask_metrics

        found: keras.metrics.Metric = getattr(keras_mask_metrics, self.made_as)(num_classes=len(target.classes or ()), name=self.name)
        return found


class MeanIoU(MaskMetric):
    """How far true and predicted areas cover each other: their common part as a share of both together, as the mean over the classes.

    Use it first for masks: all classes count the same, and a network that says background everywhere gets little.

    Formula: mean over c of h_c / (a_c + g_c - h_c), over the classes that occur or are predicted; a, g, h count pixels.
    Source: Jaccard (1912), doi:10.1111/j.1469-8137.1912.tb05611.x; Everingham et al. (2015), doi:10.1007/s11263-014-0733-5, section 4.3.
    """

    name = "miou"
    title = "Mean IoU (intersection over union)"
    made_as = "MeanIoU"


class Dice(MaskMetric):
    """As the mean IoU, with the common part counted twice: the F1 of the pixels, as the mean over the classes.

    Use it in medicine, where it is usual; it ranks networks nearly as the IoU does, with larger figures.

    Formula: mean over c of 2 * h_c / (a_c + g_c), over the classes that occur or are predicted; a, g, h count pixels.
    Source: Dice (1945), doi:10.2307/1932409; Zou et al. (2004), doi:10.1016/S1076-6332(03)00671-8.
    """

    name = "dice"
    title = "Dice (mean over classes)"
    made_as = "Dice"
