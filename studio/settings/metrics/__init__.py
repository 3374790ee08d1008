"""What is measured: figures over all samples of an epoch, as scikit-learn defines them.

Targets and outputs are those of the losses; numbers are measured in the target's own unit. In the formulas a_c is the
number of samples of class c, g_c how often c is predicted, h_c how often rightly; y a value, f its prediction.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from blocks.features import Feature, FeatureKind
from blocks.named import Family
from studio.settings import judges
from studio.settings.targets import SettingsError, described

if TYPE_CHECKING:
    import keras

FAMILY: Family[Metric] = Family("metric", __name__)
all = FAMILY.all  # noqa: A001
get = FAMILY.get
read = FAMILY.read
to_value = FAMILY.to_value


class Metric(judges.Judge):
    """Base of all metrics.

    Args:
        mode: Whether the largest or the smallest figure is the best.
        unit: "share" (from 0 to 1, read as percent), "percent", "target" (the target's own unit), or "" for a plain number.
    """

    family: ClassVar[Family[Any]] = FAMILY
    mode: ClassVar[Literal["max", "min"]] = "max"
    unit: ClassVar[Literal["share", "percent", "target", ""]] = ""

    @classmethod
    def in_the_end(cls, target: Feature) -> bool:  # noqa: ARG003 - a metric may look at it
        """Whether it is measured after the training only, so that nothing can follow it from epoch to epoch."""
        return False

    def make(self, target: Feature) -> keras.metrics.Metric:
        """The Keras metric, under this one's name.

        Raises:
            SettingsError: The metric does not fit the target.
        """
        self.check(target)
        return self.made(target)

    @abc.abstractmethod
    def made(self, target: Feature) -> keras.metrics.Metric:
        """The Keras metric for a target that fits."""


DEFAULTS: dict[FeatureKind, tuple[str, ...]] = {
    "category": ("accuracy",),
    "number": ("mae",),
    "labels": ("f1", "accuracy", "exact_match"),
    "mask": ("miou", "dice", "accuracy"),
    "image": ("psnr", "psnr_bicubic", "ssim"),
    "identity": ("recall_at_1", "equal_error_rate", "one_shot_accuracy", "auc"),
    "tokens": ("token_accuracy", "exact_match", "character_error_rate", "bleu"),
    "transcript": ("character_error_rate", "exact_match"),
}
"""The metrics that are preselected, by kind of target."""
OF_COPIES = ("mse", "psnr", "ssim")
"""Those for pictures that are to come out as they went in."""
OF_FORECASTS = ("mae", "rmse", "mase")
"""Those for numbers that continue a series."""


def default_for(target: Feature) -> list[Metric]:
    """The metrics that are preselected: accuracy for classes, the mean absolute error for numbers ...

    Raises:
        SettingsError: No metric fits the target.
    """
    names = OF_COPIES if target.column else OF_FORECASTS if "naive_mae" in target.statistics else DEFAULTS.get(target.kind, ())
    found = [read(name) for name in names if get(name).fits(target)]
    if found:
        return found
    raise SettingsError(f"No metric fits the target {described(target)}. Choose a column of numbers, or one with at least two classes.")


def fitting(target: Feature) -> dict[str, type[Metric]]:
    """Every metric that fits a target by name, the preselected ones first.

    Raises:
        SettingsError: No metric fits the target.
    """
    return judges.fitting(FAMILY, default_for(target), target)
