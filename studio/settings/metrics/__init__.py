"""What is measured: figures over all samples of an epoch, as scikit-learn defines them.

Targets and outputs are those of the losses; numbers are measured in the target's own unit. In the formulas a_c is the
number of samples of class c, g_c how often c is predicted, h_c how often rightly; y a value, f its prediction.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from blocks.features import Feature, FeatureKind
from blocks.named import Family, Named
from studio.settings.collected import Collected
from studio.settings.likeness import Likeness
from studio.settings.targets import SettingsError, described, is_class, is_identity, is_labels, is_mask, is_number, is_picture, is_text

if TYPE_CHECKING:
    import keras

FAMILY: Family[Metric] = Family("metric", __name__)
all = FAMILY.all  # noqa: A001
get = FAMILY.get
read = FAMILY.read
to_value = FAMILY.to_value


class Metric(Named, abc.ABC):
    """Base of all metrics.

    Args:
        mode: Whether the largest or the smallest figure is the best.
        unit: "share" (from 0 to 1, read as percent), "percent", "target" (the target's own unit), or "" for a plain number.
    """

    family: ClassVar[Family[Any]] = FAMILY
    mode: ClassVar[Literal["max", "min"]] = "max"
    unit: ClassVar[Literal["share", "percent", "target", ""]] = ""

    @classmethod
    @abc.abstractmethod
    def fits(cls, target: Feature) -> bool:
        """Whether the metric makes sense for a target."""

    @classmethod
    def in_the_end(cls, target: Feature) -> bool:  # noqa: ARG003 - a metric may look at it
        """Whether it is measured after the training only, so that nothing can follow it from epoch to epoch."""
        return False

    def make(self, target: Feature) -> keras.metrics.Metric:
        """The Keras metric, under this one's name.

        Raises:
            SettingsError: The metric does not fit the target.
        """
        if not self.fits(target):
            those = ", ".join(name for name, metric in all().items() if metric.fits(target))
            raise SettingsError(
                f"The metric {self.name!r} does not fit the target {described(target)}. {f'These do: {those}.' if those else 'None does.'}"
            )
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
    return {metric.name: type(metric) for metric in default_for(target)} | {name: metric for name, metric in all().items() if metric.fits(target)}


class ClassMetric(Metric):
    """Base of the metrics for classes.

    Args:
        made_as: The class among our Keras metrics; it is given the number of classes.
        labels_as: The same for any number of labels, of which those above 0.5 count as predicted; "" where it makes no sense.
        masks_as: The same for the pixels of masks (in `keras_mask_metrics`).
    """

    made_as: ClassVar[str]
    labels_as: ClassVar[str] = ""
    masks_as: ClassVar[str] = ""

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_class(target) or (bool(cls.labels_as) and is_labels(target)) or (bool(cls.masks_as) and is_mask(target))

    def made(self, target: Feature) -> keras.metrics.Metric:
        from studio.settings import keras_mask_metrics, keras_metrics

        if is_mask(target):
            return getattr(keras_mask_metrics, self.masks_as)(num_classes=len(target.classes or ()), name=self.name)
        made_as = self.labels_as if is_labels(target) else self.made_as
        return getattr(keras_metrics, made_as)(num_classes=len(target.classes or ()), name=self.name)


class NumberMetric(Metric):
    """Base of the metrics for numbers.

    Args:
        keras_class: The class in `keras.metrics`.
    """

    keras_class: ClassVar[str]

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_number(target)

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        import keras

        return getattr(keras.metrics, self.keras_class)(name=self.name)


class Accuracy(ClassMetric):
    """Share of the samples whose most probable class is the true one; of several labels, share of the right answers; of masks, of pixels.

    Use it first, where classes are about equally frequent. Where labels are rare, always saying no is already right most of the time.

    Formula: sum of h_c / sum of a_c; of labels 1 - sum of (a_c + g_c - 2 * h_c) / (n * C), n = samples, C = labels.
    Source: scikit-learn, `sklearn.metrics.accuracy_score`; of labels 1 - `sklearn.metrics.hamming_loss`.
    """

    name = "accuracy"
    made_as = "Accuracy"
    labels_as = "LabelAccuracy"
    masks_as = "PixelAccuracy"
    unit = "share"


class BalancedAccuracy(ClassMetric):
    """Accuracy as if all classes were equally frequent.

    Use it where some classes are rare.

    Formula: mean of h_c / a_c over the classes that occur.
    Source: Brodersen et al. (2010), doi:10.1109/ICPR.2010.764; scikit-learn, `sklearn.metrics.balanced_accuracy_score`.
    """

    name = "balanced_accuracy"
    title = "Balanced accuracy"
    made_as = "BalancedAccuracy"
    unit = "share"


class Precision(ClassMetric):
    """How often a predicted class is right, as the mean over the classes.

    Use it where a false alarm is dear.

    Formula: mean of h_c / g_c, 0 where a class is never predicted.
    Source: scikit-learn, `sklearn.metrics.precision_score(average="macro")`.
    """

    name = "precision"
    made_as = "Precision"
    labels_as = "LabelPrecision"
    unit = "share"


class Recall(ClassMetric):
    """How much of each class is found, as the mean over the classes.

    Use it where a miss is dear.

    Formula: mean of h_c / a_c, 0 where a class is predicted but never occurs.
    Source: scikit-learn, `sklearn.metrics.recall_score(average="macro")`.
    """

    name = "recall"
    made_as = "Recall"
    labels_as = "LabelRecall"
    unit = "share"


class F1(ClassMetric):
    """Harmonic mean of precision and recall, as the mean over the classes.

    Use it where both false alarms and misses matter and classes are rare.

    Formula: mean of 2 * h_c / (a_c + g_c).
    Source: van Rijsbergen (1979), Information Retrieval, chapter 7; scikit-learn, `sklearn.metrics.f1_score(average="macro")`.
    """

    name = "f1"
    title = "F1 (mean over classes)"
    made_as = "F1"
    labels_as = "LabelF1"
    unit = "share"


class AUC(ClassMetric):
    """Area under the ROC curve: how often a sample of the class is ranked above one that is not.

    Use it where a threshold is chosen later, or classes are rare.

    Formula: mean over c of P(q_c of a sample of c > q_c of another sample), ties half; with two classes, of the second one.
        Scores are counted in 4,096 bins, which changes the figure by less than 0.001. Of embeddings P(two samples of one class are
        nearer to each other than two of different classes).
    Source: Hanley and McNeil (1982), doi:10.1148/radiology.143.1.7063747; scikit-learn, `sklearn.metrics.roc_auc_score(multi_class="ovr")`.
    """

    name = "auc"
    title = "AUC (area under the ROC curve)"
    made_as = "AUC"
    labels_as = "LabelAUC"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return super().fits(target) or is_identity(target)

    def made(self, target: Feature) -> keras.metrics.Metric:
        if not is_identity(target):
            return super().made(target)
        return cast("Any", Collected(self.name, lambda truth, said: Likeness.of(truth, said).pairs.auc))


class ExactMatch(Metric):
    """Share of the samples of which everything is right: every label is said and no other, or every character of a text.

    Use it where an answer that is right in part is of no use.

    Formula: mean of [all of the sample is right].
    Source: scikit-learn, `sklearn.metrics.accuracy_score` of several labels (subset accuracy).
    """

    name = "exact_match"
    title = "Exact match"
    unit = "share"
    made_as: ClassVar[dict[FeatureKind, str]] = {"labels": "ExactLabels"}

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_text(target) or (target.kind in cls.made_as and (target.kind != "labels" or is_labels(target)))

    @classmethod
    def in_the_end(cls, target: Feature) -> bool:
        return is_text(target)

    def made(self, target: Feature) -> keras.metrics.Metric:
        from studio.settings import keras_metrics, spelling

        if is_text(target):
            return spelling.Spelled(self.name, spelling.exact_match)
        return getattr(keras_metrics, self.made_as[target.kind])(name=self.name)


class TopFiveAccuracy(ClassMetric):
    """Share of the samples whose true class is among the five most probable ones.

    Use it with many classes, of which some can hardly be told apart.

    Formula: mean of [fewer than 5 classes are more probable than the true one].
    Source: Russakovsky et al. (2014), arXiv:1409.0575, section 4.1; scikit-learn, `sklearn.metrics.top_k_accuracy_score`.
    """

    name = "top_5_accuracy"
    title = "Top-5 accuracy"
    unit = "share"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        """Whether the target has more than five classes."""
        return is_class(target) and len(target.classes or ()) > 5

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        import keras

        return keras.metrics.SparseTopKCategoricalAccuracy(k=5, name=self.name)


class CohenKappa(ClassMetric):
    """Agreement between truth and prediction beyond what chance would give: 0 is chance, 1 is perfect.

    Use it where accuracy flatters, because one class is frequent.

    Formula: (o - e) / (1 - e), o = sum of h_c / n, e = sum of a_c * g_c / n^2, n = samples.
    Source: Cohen (1960), doi:10.1177/001316446002000104; scikit-learn, `sklearn.metrics.cohen_kappa_score`.
    """

    name = "cohen_kappa"
    title = "Cohen's kappa"
    made_as = "CohenKappa"


class MatthewsCorrelation(ClassMetric):
    """Correlation between true and predicted classes, from -1 to 1.

    Use it as a single figure for rare classes; it is high only if all kinds of errors are few.

    Formula: (n * sum of h_c - sum of a_c * g_c) / sqrt((n^2 - sum of a_c^2) * (n^2 - sum of g_c^2)), n = samples.
    Source: Matthews (1975), doi:10.1016/0005-2795(75)90109-9; Gorodkin (2004), doi:10.1016/j.compbiolchem.2004.09.006.
    """

    name = "matthews_correlation"
    title = "Matthews correlation"
    made_as = "MatthewsCorrelation"


class CrossEntropy(ClassMetric):
    """Surprise at the true class, whatever loss is trained with.

    Use it to compare runs with different losses, and where probabilities matter.

    Formula: mean of -log of the probability of the true class.
    Source: Good (1952), doi:10.1111/j.2517-6161.1952.tb00104.x; scikit-learn, `sklearn.metrics.log_loss`.
    """

    name = "cross_entropy"
    title = "Cross-entropy"
    mode = "min"

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        from studio.settings import keras_metrics

        return keras_metrics.CrossEntropy(name=self.name)


class MeanAbsoluteError(NumberMetric):
    """How far predictions are off on average.

    Use it first: it has the unit of the target.

    Formula: mean of |f - y|.
    Source: Willmott and Matsuura (2005), doi:10.3354/cr030079; scikit-learn, `sklearn.metrics.mean_absolute_error`.
    """

    name = "mae"
    title = "Mean absolute error (MAE)"
    keras_class = "MeanAbsoluteError"
    mode = "min"
    unit = "target"


class MeanSquaredError(NumberMetric):
    """Mean of the squared errors; of pictures those of the pixels, from 0 to 1.

    Use it where single large errors are worse than many small ones.

    Formula: mean of (f - y)^2.
    Source: scikit-learn, `sklearn.metrics.mean_squared_error`.
    """

    name = "mse"
    title = "Mean squared error (MSE)"
    keras_class = "MeanSquaredError"
    mode = "min"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_number(target) or is_picture(target)

    def made(self, target: Feature) -> keras.metrics.Metric:
        from studio.settings import keras_picture_metrics

        return keras_picture_metrics.MeanSquaredError(name=self.name) if is_picture(target) else super().made(target)


class RootMeanSquaredError(NumberMetric):
    """Root of the mean squared error.

    Use it as the squared error, in the unit of the target.

    Formula: sqrt(mean of (f - y)^2).
    Source: scikit-learn, `sklearn.metrics.root_mean_squared_error`.
    """

    name = "rmse"
    title = "Root mean squared error (RMSE)"
    keras_class = "RootMeanSquaredError"
    mode = "min"
    unit = "target"


class MeanAbsolutePercentageError(NumberMetric):
    """How far predictions are off on average, in percent of the value.

    Use it where values differ by orders of magnitude and none is zero.

    Formula: 100 * mean of |f - y| / |y|.
    Source: de Myttenaere et al. (2016), doi:10.1016/j.neucom.2015.12.114; scikit-learn, `sklearn.metrics.mean_absolute_percentage_error`.
    """

    name = "mape"
    title = "Mean absolute percentage error (MAPE)"
    keras_class = "MeanAbsolutePercentageError"
    mode = "min"
    unit = "percent"


class R2(NumberMetric):
    """Share of the target's variance that is explained: 1 is perfect, 0 is as good as always saying the mean.

    Use it to compare targets of different units.

    Formula: 1 - sum of (f - y)^2 / sum of (y - mean of y)^2.
    Source: Wright (1921), Journal of Agricultural Research 20, 557; scikit-learn, `sklearn.metrics.r2_score`.
    """

    name = "r2"
    title = "R2 (coefficient of determination)"

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        from studio.settings import keras_metrics

        return keras_metrics.R2(name=self.name)


class PearsonCorrelation(NumberMetric):
    """Linear correlation of predictions and values, from -1 to 1; it forgives a wrong scale.

    Use it where only the order and the proportions matter.

    Formula: covariance of f and y / (standard deviation of f * standard deviation of y).
    Source: Pearson (1895), doi:10.1098/rspl.1895.0041.
    """

    name = "pearson_correlation"
    title = "Pearson correlation"

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        from studio.settings import keras_metrics

        return keras_metrics.PearsonCorrelation(name=self.name)
