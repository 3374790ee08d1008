"""Metrics for pictures: how near a made picture comes to the true one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from blocks.features import Feature
from studio.settings.metrics import Metric
from studio.settings.targets import is_picture

if TYPE_CHECKING:
    import keras


class PictureMetric(Metric):
    """Base of the metrics for pictures.

    Luma is Y of ITU-R BT.601 (16 to 235) of the pixels rounded to bytes; grey pictures are taken as they are. Of pictures that were
    enlarged, a border of as many pixels as the factor is left out.

    Args:
        made_as: The class among our Keras metrics; it is given the factor by which the target is larger than the input.
    """

    made_as: ClassVar[str]

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_picture(target)

    def made(self, target: Feature) -> keras.metrics.Metric:
        from studio.settings import keras_picture_metrics

        found: keras.metrics.Metric = getattr(keras_picture_metrics, self.made_as)(scale=int(target.statistics.get("scale", 1)), name=self.name)
        return found


class PeakSignalToNoise(PictureMetric):
    """How far below the whole range the errors of the luma lie, in decibels (dB); 30 to 40 is usual, 1 more can be seen.

    Use it first for pictures that are to be restored.

    Formula: mean over the pictures of 10 * log10(255^2 / mean of (Y of the made - Y of the true picture)^2), Y = luma (ITU-R BT.601) of
        the rounded pixels, without a border of as many pixels as the factor of enlarging.
    Source: Shi et al. (2016), arXiv:1609.05158, section 3.3; luma: Recommendation ITU-R BT.601-7.
    """

    name = "psnr"
    title = "PSNR (dB)"
    made_as = "PeakSignalToNoise"


class BicubicPeakSignalToNoise(PictureMetric):
    """The PSNR of the small pictures enlarged by bicubic interpolation, without any network.

    Use it beside the PSNR: the network is worth what it lies above.

    Formula: as of the PSNR; the made picture is the true one made smaller and larger again as Pillow does it.
    Source: Keys (1981), doi:10.1109/TASSP.1981.1163711; Pillow, `Image.resize(resample=BICUBIC)`.
    """

    name = "psnr_bicubic"
    title = "PSNR of bicubic enlarging (dB)"
    made_as = "BicubicPeakSignalToNoise"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        """Whether the target is a picture that was enlarged."""
        return is_picture(target) and int(target.statistics.get("scale", 1)) > 1


class StructuralSimilarity(PictureMetric):
    """How like the structure of the luma is, place by place: 1 is equal.

    Use it beside the PSNR: it comes nearer to what people see.

    Formula: mean over places and pictures of (2 m n + c1)(2 s + c2) / ((m^2 + n^2 + c1)(v + w + c2)); m, n are means, v, w variances and s
        the covariance of both lumas in a Gaussian window of 11 x 11 pixels (deviation 1.5); c1 = (0.01 * 255)^2, c2 = (0.03 * 255)^2.
    Source: Wang, Bovik, Sheikh and Simoncelli (2004), doi:10.1109/TIP.2003.819861.
    """

    name = "ssim"
    title = "SSIM (structural similarity)"
    made_as = "StructuralSimilarity"
