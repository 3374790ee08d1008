"""Metrics of embeddings, on classes that need not be those of training. They compare all samples of a split with each other."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, cast

from blocks.features import Feature
from studio.settings.collected import Collected
from studio.settings.likeness import Likeness
from studio.settings.metrics import Metric
from studio.settings.targets import is_identity

if TYPE_CHECKING:
    import keras


class EmbeddingMetric(Metric):
    """Base of the metrics of embeddings. Of more than 4,000 samples, those of some classes are compared, drawn by chance."""

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_identity(target)

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        return cast("Any", Collected(self.name, lambda truth, said: self.figure(Likeness.of(truth, said))))

    @abstractmethod
    def figure(self, likeness: Likeness) -> float:
        """The figure of a split."""


class RecallAtOne(EmbeddingMetric):
    """How often the nearest other sample is of the same class.

    Use it first, where the most like is to be found.

    Formula: mean over the samples of [the nearest other one is of the same class].
    Source: Jegou, Douze and Schmid (2011), doi:10.1109/TPAMI.2010.57; Oh Song et al. (2016), arXiv:1511.06452, section 6.
    """

    name = "recall_at_1"
    title = "Recall at 1"
    unit = "share"

    def figure(self, likeness: Likeness) -> float:
        return likeness.recall(1)


class RecallAtFive(EmbeddingMetric):
    """How often one of the five nearest other samples is of the same class.

    Use it where a person looks through the first hits.

    Formula: mean over the samples of [one of the five nearest other ones is of the same class].
    Source: Jegou, Douze and Schmid (2011), doi:10.1109/TPAMI.2010.57; Oh Song et al. (2016), arXiv:1511.06452, section 6.
    """

    name = "recall_at_5"
    title = "Recall at 5"
    unit = "share"

    def figure(self, likeness: Likeness) -> float:
        return likeness.recall(5)


class EqualErrorRate(EmbeddingMetric):
    """How often "same or not" is answered wrongly, at the distance where both kinds of errors are equally frequent.

    Use it where two samples are to be compared, as a face with a passport.

    Formula: the share of pairs of one class farther apart than t = the share of other pairs nearer than t, at the t where both are equal.
    Source: Martin et al. (1997), Eurospeech, 1895; ISO/IEC 19795-1.
    """

    name = "equal_error_rate"
    title = "Equal error rate"
    mode = "min"
    unit = "share"

    def figure(self, likeness: Likeness) -> float:
        return likeness.pairs.equal_error[0]


class OneShotAccuracy(EmbeddingMetric):
    """How often a sample is put to the right one of 20 classes of which a single example each is known.

    Use it where new classes are to be recognised from one example. With fewer than 20 classes, all of them are asked about.

    Formula: mean over 400 episodes of [the nearest of the 20 examples is that of the sample's class], one question per class.
    Source: Lake, Salakhutdinov and Tenenbaum (2015), doi:10.1126/science.aab3050; Vinyals et al. (2016), arXiv:1606.04080, section 4.1.
    """

    name = "one_shot_accuracy"
    title = "One-shot accuracy"
    unit = "share"

    def figure(self, likeness: Likeness) -> float:
        return likeness.one_shot()
