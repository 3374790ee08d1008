"""Metrics for classes, most of which fit any number of labels and some the pixels of masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from blocks.features import Feature, FeatureKind
from studio.settings.collected import Collected
from studio.settings.likeness import Likeness
from studio.settings.metrics import Metric
from studio.settings.targets import is_class, is_identity, is_labels, is_mask, is_text, is_transcript

if TYPE_CHECKING:
    import keras


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
        return is_text(target) or is_transcript(target) or (target.kind in cls.made_as and (target.kind != "labels" or is_labels(target)))

    @classmethod
    def in_the_end(cls, target: Feature) -> bool:
        return is_text(target)

    def made(self, target: Feature) -> keras.metrics.Metric:
        from studio.settings import keras_metrics, spelling

        if is_text(target):
            return spelling.Spelled(self.name, spelling.exact_match)
        if is_transcript(target):
            from studio.settings.keras_transcripts import ExactTranscripts

            return ExactTranscripts(name=self.name)
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
