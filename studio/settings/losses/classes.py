"""The losses for classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from blocks.features import Feature
from studio.settings.losses import Loss
from studio.settings.targets import is_class, is_labels, is_mask

if TYPE_CHECKING:
    import keras

FocalAlpha = Annotated[float, Field(gt=0, le=1, description="Factor of the loss (alpha of the paper).", json_schema_extra={"frequent": False})]
Gamma = Annotated[float, Field(ge=0, le=10, description="How much less the easy samples count; 0 is plain cross-entropy.")]


class ClassLoss(Loss):
    """Base of the losses for classes only.

    Args:
        single: The class in `keras.losses` that takes the probability of the second class alone; "" where there is none.
        one_by_one: Whether it asks yes or no for each class, so that it also judges any number of labels.
        by_pixel: Whether it also judges masks, as the mean over their pixels.
    """

    single: ClassVar[str] = ""
    one_by_one: ClassVar[bool] = False
    by_pixel: ClassVar[bool] = False

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_class(target) or (cls.one_by_one and is_labels(target)) or (cls.by_pixel and is_mask(target))

    def for_classes(self, num_classes: int, label_smoothing: float, units: int | None) -> keras.losses.Loss:
        if units == 1 and self.single:
            return self.plain(self.single, label_smoothing=label_smoothing)
        return super().for_classes(num_classes, label_smoothing, units)


class SparseCategoricalCrossentropy(ClassLoss):
    """Cross-entropy: the surprise of the network at the true class.

    Use it first, for two classes and for many; of masks it is the mean over the pixels.

    Formula: -log p; with smoothing s: -sum over c of ((1 - s) * y_c + s / C) * log q_c.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2; smoothing: Szegedy et al. (2015), arXiv:1512.00567, section 7.
    """

    name = "sparse_categorical_crossentropy"
    title = "Cross-entropy"
    keras_class = "CategoricalCrossentropy"
    single = "BinaryCrossentropy"
    smoothed = True
    by_pixel = True

    def for_masks(self, num_classes: int, label_smoothing: float, class_weights: Sequence[float] | None) -> keras.losses.Loss:
        from studio.settings.keras_mask_losses import PixelCrossentropy

        return PixelCrossentropy(num_classes, label_smoothing, class_weights, name=self.name)

    def for_classes(self, num_classes: int, label_smoothing: float, units: int | None) -> keras.losses.Loss:
        if not label_smoothing and (units == num_classes or num_classes > 2):
            return self.plain("SparseCategoricalCrossentropy")
        return super().for_classes(num_classes, label_smoothing, units)


class CategoricalCrossentropy(ClassLoss):
    """Cross-entropy by way of one-hot labels: the same figures.

    Use it where a text asks for it by name.

    Formula: -sum over c of y_c * log q_c.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.
    """

    name = "categorical_crossentropy"
    title = "Cross-entropy (one-hot labels)"
    keras_class = "CategoricalCrossentropy"
    single = "BinaryCrossentropy"
    smoothed = True


class BinaryCrossentropy(ClassLoss):
    """Cross-entropy of each class on its own, as if each were a question of yes or no.

    Use it for any number of labels, and for a single sigmoid; with many classes it punishes wrong classes one by one.

    Formula: -mean over c of (y_c * log q_c + (1 - y_c) * log(1 - q_c)).
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.2; many classes: Wightman et al. (2021), arXiv:2110.00476.
    """

    name = "binary_crossentropy"
    title = "Binary cross-entropy"
    keras_class = "BinaryCrossentropy"
    single = "BinaryCrossentropy"
    smoothed = True
    one_by_one = True


class CategoricalFocalCrossentropy(ClassLoss):
    """Cross-entropy in which samples that are already right hardly count; of masks, pixels.

    Use it where most samples are easy and a few rare ones matter.

    Formula: -alpha * (1 - p)^gamma * log p.
    Source: Lin et al. (2017), arXiv:1708.02002, equation 5.
    """

    name = "categorical_focal_crossentropy"
    title = "Focal cross-entropy"
    keras_class = "CategoricalFocalCrossentropy"
    smoothed = True
    by_pixel = True

    alpha: FocalAlpha = 0.25
    gamma: Gamma = 2.0

    def for_masks(self, num_classes: int, label_smoothing: float, class_weights: Sequence[float] | None) -> keras.losses.Loss:
        from studio.settings.keras_mask_losses import PixelCrossentropy

        return PixelCrossentropy(num_classes, label_smoothing, class_weights, self.gamma, self.alpha, name=self.name)


class BinaryFocalCrossentropy(ClassLoss):
    """Focal cross-entropy of each class on its own, as if each were a question of yes or no.

    Use it for two classes of which one is rare, and for rare labels.

    Formula: -mean over c of (1 - r_c)^gamma * log r_c, with r_c = q_c for the true class and 1 - q_c for the others;
        balanced: times alpha for the true class and 1 - alpha for the others.
    Source: Lin et al. (2017), arXiv:1708.02002, equations 4 and 5.
    """

    name = "binary_focal_crossentropy"
    title = "Binary focal cross-entropy"
    keras_class = "BinaryFocalCrossentropy"
    single = "BinaryFocalCrossentropy"
    smoothed = True
    one_by_one = True

    gamma: Gamma = 2.0
    apply_class_balancing: Annotated[bool, Field(description="Weigh the true class by alpha, the others by 1 - alpha.")] = False
    alpha: Annotated[
        float, Field(ge=0, le=1, description="Weight of the true class.", json_schema_extra={"shown_if": {"apply_class_balancing": True}})
    ] = 0.25


class CategoricalGeneralizedCrossEntropy(ClassLoss):
    """A bridge between cross-entropy and the absolute error that wrong labels harm less.

    Use it where some labels are wrong.

    Formula: (1 - p^q) / q.
    Source: Zhang and Sabuncu (2018), arXiv:1805.07836, equation 6.
    """

    name = "categorical_generalized_cross_entropy"
    title = "Generalized cross-entropy"
    keras_class = "CategoricalGeneralizedCrossEntropy"
    one_hot = False

    q: Annotated[float, Field(gt=0, lt=1, description="Near 0 is cross-entropy, near 1 the absolute error.")] = 0.5


class KLDivergence(ClassLoss):
    """How far the predicted distribution is from the true one; without smoothing the same as cross-entropy.

    Use it with label smoothing, where it becomes zero for a perfect network.

    Formula: sum over c of y_c * log(y_c / q_c).
    Source: Kullback and Leibler (1951), doi:10.1214/aoms/1177729694.
    """

    name = "kl_divergence"
    title = "Kullback-Leibler divergence"
    keras_class = "KLDivergence"
    smoothed = True


class CategoricalHinge(ClassLoss):
    """Asks that the true class lead the strongest other class by a margin of 1.

    Use it to compare with support vector machines.

    Formula: max(0, 1 + largest q_c of the others - p).
    Source: Crammer and Singer (2001), jmlr.org/papers/v2/crammer01a.html.
    """

    name = "categorical_hinge"
    title = "Categorical hinge"
    keras_class = "CategoricalHinge"


class Hinge(ClassLoss):
    """Asks each class on its own to be on the right side by a margin of 1.

    Use it to compare with support vector machines; the outputs fit best from tanh.

    Formula: mean over c of max(0, 1 - (2 * y_c - 1) * q_c).
    Source: Cortes and Vapnik (1995), doi:10.1007/BF00994018.
    """

    name = "hinge"
    keras_class = "Hinge"


class SquaredHinge(ClassLoss):
    """The hinge loss squared, which is smooth where it begins.

    Use it in place of hinge where training jumps.

    Formula: mean over c of max(0, 1 - (2 * y_c - 1) * q_c)^2.
    Source: Tang (2013), arXiv:1306.0239, equation 6.
    """

    name = "squared_hinge"
    title = "Squared hinge"
    keras_class = "SquaredHinge"


class CosineSimilarity(ClassLoss):
    """Turns the vector of probabilities towards the true class; its length does not matter. From -1 (best) to 0.

    Use it with few samples per class.

    Formula: -p / sqrt(sum over c of q_c^2).
    Source: Barz and Denzler (2019), arXiv:1901.09054, equation 3.
    """

    name = "cosine_similarity"
    title = "Cosine"
    keras_class = "CosineSimilarity"
