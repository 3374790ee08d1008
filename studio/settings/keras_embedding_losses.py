"""Losses on embeddings. Keras is loaded here, so only `Loss.make` imports this module.

All of them take class numbers (batch,) or (batch, 1) and embeddings (batch, numbers), compare the samples of a batch with each other, and
give a value per sample (batch,). A sample without another one of its class in the batch counts for nothing; the mean is that over the
others.
"""

from __future__ import annotations

import abc
from typing import Any

import keras
from keras import ops

FAR = 1e9
"""A distance beyond all others."""
TINY = 1e-12
"""Added under a root, whose slope has no end at 0."""


class EmbeddingLoss(keras.losses.Loss, abc.ABC):  # type: ignore[misc]
    """Base of the losses on embeddings."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        labels = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        y_pred = ops.cast(y_pred, "float32")
        same = labels[:, None] == labels[None, :]
        other = ops.logical_not(ops.cast(ops.eye(ops.shape(labels)[0]), "bool"))
        return self.compared(y_pred, ops.logical_and(same, other), ops.logical_not(same))

    @abc.abstractmethod
    def compared(self, embeddings: Any, same: Any, different: Any) -> Any:
        """The value of each sample.

        Args:
            same: Which samples are others of the same class (batch, batch).
            different: Which are of another class.
        """

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **{name: getattr(self, name) for name in self.settings}}

    settings: tuple[str, ...] = ()


def squared_distances(embeddings: Any) -> Any:
    """The squared distance of every two embeddings (batch, batch)."""
    squares = ops.sum(embeddings**2, axis=1)
    found = squares[:, None] + squares[None, :] - 2 * ops.matmul(embeddings, ops.transpose(embeddings))
    return ops.maximum(found, 0.0)


def distances(embeddings: Any) -> Any:
    """The distance of every two embeddings (batch, batch)."""
    return ops.sqrt(squared_distances(embeddings) + TINY)


def mean_over(values: Any, where: Any) -> Any:
    """Per sample its share of the mean of values (batch, ...) over the places that count: their mean over the batch is that mean."""
    counted = ops.cast(where, values.dtype)
    axes = tuple(range(1, len(values.shape)))
    sums = ops.sum(ops.where(where, values, 0.0), axis=axes) if axes else ops.where(where, values, 0.0)
    batch = ops.cast(ops.shape(values)[0], values.dtype)
    return sums * batch / ops.maximum(ops.sum(counted), 1.0)


def hardest(distance: Any, same: Any, different: Any) -> tuple[Any, Any, Any]:
    """Per sample the farthest of its class, the nearest of another, and whether there are both."""
    there = ops.logical_and(ops.any(same, axis=1), ops.any(different, axis=1))
    return ops.max(ops.where(same, distance, 0.0), axis=1), ops.min(ops.where(different, distance, FAR), axis=1), there


@keras.saving.register_keras_serializable(package="blockstudio")
class SupervisedContrastive(EmbeddingLoss):
    """Cross-entropy of finding the others of the same class among all samples of the batch, by cosine similarity.

    Source: Khosla et al. (2020), arXiv:2004.11362, equation 2.
    """

    settings = ("temperature",)

    def __init__(self, temperature: float, name: str = "supervised_contrastive", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.temperature = temperature

    def compared(self, embeddings: Any, same: Any, different: Any) -> Any:
        unit = ops.normalize(embeddings, axis=-1)
        likeness = ops.matmul(unit, ops.transpose(unit)) / self.temperature
        among = ops.where(ops.logical_or(same, different), likeness, -FAR)
        log_share = likeness - ops.logsumexp(among, axis=1, keepdims=True)
        positives = ops.sum(ops.cast(same, unit.dtype), axis=1)
        value = -ops.sum(ops.where(same, log_share, 0.0), axis=1) / ops.maximum(positives, 1.0)
        return mean_over(value, positives > 0)


@keras.saving.register_keras_serializable(package="blockstudio")
class TripletSemihard(EmbeddingLoss):
    """Triplets of every two samples of a class and the nearest other sample that is farther away than the second one.

    Source: Schroff, Kalenichenko and Philbin (2015), arXiv:1503.03832, equation 3 and section 3.2.
    """

    settings = ("margin",)

    def __init__(self, margin: float, name: str = "triplet_semihard", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.margin = margin

    def compared(self, embeddings: Any, same: Any, different: Any) -> Any:
        squared = squared_distances(embeddings)
        farther = ops.logical_and(different[:, None, :], squared[:, None, :] > squared[:, :, None])
        nearest = ops.min(ops.where(farther, squared[:, None, :], FAR), axis=2)
        farthest = ops.max(ops.where(different, squared, 0.0), axis=1, keepdims=True)
        negative = ops.where(nearest < FAR, nearest, farthest)
        counted = ops.logical_and(same, ops.any(different, axis=1, keepdims=True))
        return mean_over(ops.maximum(squared - negative + self.margin, 0.0), counted)


@keras.saving.register_keras_serializable(package="blockstudio")
class TripletBatchHard(EmbeddingLoss):
    """Triplets of every sample with the farthest of its class and the nearest of another.

    Source: Hermans, Beyer and Leibe (2017), arXiv:1703.07737, equations 5 and 8 (soft margin).
    """

    settings = ("margin", "soft")

    def __init__(self, margin: float, soft: bool, name: str = "triplet_batch_hard", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.margin = margin
        self.soft = soft

    def compared(self, embeddings: Any, same: Any, different: Any) -> Any:
        positive, negative, there = hardest(distances(embeddings), same, different)
        gap = ops.where(there, positive - negative, 0.0)
        return mean_over(ops.softplus(gap) if self.soft else ops.maximum(gap + self.margin, 0.0), there)


@keras.saving.register_keras_serializable(package="blockstudio")
class Triplet(EmbeddingLoss):
    """All triplets of the batch.

    Source: Weinberger and Saul (2009), jmlr.org/papers/v10/weinberger09a.html; Hermans, Beyer and Leibe (2017), arXiv:1703.07737, equation 6.
    """

    settings = ("margin",)

    def __init__(self, margin: float, name: str = "triplet", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.margin = margin

    def compared(self, embeddings: Any, same: Any, different: Any) -> Any:
        squared = squared_distances(embeddings)
        values = ops.maximum(squared[:, :, None] - squared[:, None, :] + self.margin, 0.0)
        return mean_over(values, ops.logical_and(same[:, :, None], different[:, None, :]))


@keras.saving.register_keras_serializable(package="blockstudio")
class Contrastive(EmbeddingLoss):
    """All pairs of the batch: equal ones are drawn together, different ones pushed apart up to a margin. Both kinds weigh the same.

    Source: Hadsell, Chopra and LeCun (2006), doi:10.1109/CVPR.2006.100, equation 4.
    """

    settings = ("margin",)

    def __init__(self, margin: float, name: str = "contrastive", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.margin = margin

    def compared(self, embeddings: Any, same: Any, different: Any) -> Any:
        apart = ops.maximum(self.margin - distances(embeddings), 0.0) ** 2
        return (mean_over(squared_distances(embeddings), same) + mean_over(apart, different)) / 2


@keras.saving.register_keras_serializable(package="blockstudio")
class CosineEmbedding(EmbeddingLoss):
    """All pairs of the batch: the angle between equal ones is closed, that between different ones opened. Both kinds weigh the same.

    Source: Bromley et al. (1993), NIPS; torch.nn.CosineEmbeddingLoss.
    """

    settings = ("margin",)

    def __init__(self, margin: float, name: str = "cosine_embedding", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.margin = margin

    def compared(self, embeddings: Any, same: Any, different: Any) -> Any:
        unit = ops.normalize(embeddings, axis=-1)
        cosines = ops.matmul(unit, ops.transpose(unit))
        return (mean_over(1.0 - cosines, same) + mean_over(ops.maximum(cosines - self.margin, 0.0), different)) / 2


@keras.saving.register_keras_serializable(package="blockstudio")
class PairCrossEntropy(EmbeddingLoss):
    """Cross-entropy of "same or not" for all pairs of the batch, the probability falling with the distance. Both kinds weigh the same.

    Source: Guillaumin, Verbeek and Schmid (2009), doi:10.1109/ICCV.2009.5459197 (logistic discriminant metric learning).
    """

    settings = ("middle", "steepness")

    def __init__(self, middle: float, steepness: float, name: str = "pair_cross_entropy", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.middle = middle
        self.steepness = steepness

    def compared(self, embeddings: Any, same: Any, different: Any) -> Any:
        logits = self.steepness * (self.middle - distances(embeddings))
        return (mean_over(ops.softplus(-logits), same) + mean_over(ops.softplus(logits), different)) / 2


@keras.saving.register_keras_serializable(package="blockstudio")
class Quadruplet(EmbeddingLoss):
    """Hard triplets, and besides every distance within a class below that of any two samples of two other classes.

    Source: Chen, Chen, Zhang and Huang (2017), arXiv:1704.01719, equations 8 and 10.
    """

    settings = ("margin", "second_margin")

    def __init__(self, margin: float, second_margin: float, name: str = "quadruplet", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.margin = margin
        self.second_margin = second_margin

    def compared(self, embeddings: Any, same: Any, different: Any) -> Any:
        squared = squared_distances(embeddings)
        positive, negative, there = hardest(squared, same, different)
        elsewhere = ops.logical_and(ops.logical_and(different[:, :, None], different[:, None, :]), different[None, :, :])
        between = ops.min(ops.where(elsewhere, squared[None, :, :], FAR), axis=(1, 2))
        gap = ops.maximum(ops.where(there, positive - negative, 0.0) + self.margin, 0.0)
        third = ops.logical_and(there, between < FAR)
        further = ops.maximum(ops.where(third, positive - between, 0.0) + self.second_margin, 0.0)
        return mean_over(gap, there) + mean_over(further, third)
