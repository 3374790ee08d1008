"""The losses on embeddings: what is equal is to come out near, what is different far.

Batches hold several samples of each of several classes, and all of them are compared. In the formulas d is the distance of two
embeddings, a a sample, p another one of its class, n one of another class, m a margin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from blocks.features import Feature
from studio.settings.losses import Loss
from studio.settings.targets import is_identity

if TYPE_CHECKING:
    import keras


class EmbeddingLoss(Loss):
    """Base of the losses on embeddings.

    Args:
        made_as: The class among our Keras losses; it is given the parameters.
    """

    keras_class = ""
    made_as: ClassVar[str]

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_identity(target)

    def for_others(self, target: Feature) -> keras.losses.Loss:  # noqa: ARG002
        from studio.settings import keras_embedding_losses

        made: Any = getattr(keras_embedding_losses, self.made_as)
        return made(**dict(self), name=self.name)


class SupervisedContrastive(EmbeddingLoss):
    """Cross-entropy of finding the samples of the same class among all of the batch.

    Use it first: every sample is compared with all others at once, so it learns soon and hardly hangs on its one parameter.

    Formula: mean over p of -log(exp(s(a, p) / t) / sum over all others x of exp(s(a, x) / t)), s = cosine of the angle, t = temperature.
    Source: Khosla et al. (2020), arXiv:2004.11362, equation 2.
    """

    name = "supervised_contrastive"
    title = "Supervised contrastive"
    made_as = "SupervisedContrastive"

    temperature: Annotated[float, Field(gt=0, le=1, description="The smaller, the more the nearest of the others count.")] = 0.1


class TripletSemihard(EmbeddingLoss):
    """Asks that a sample be nearer to its own class than to the nearest other sample that is not nearer already.

    Use it for many classes, such as faces; negatives that are too hard, and may be labelled wrongly, do not count.

    Formula: mean over a, p of max(0, d(a, p)^2 - d(a, n)^2 + m), n the nearest with d(a, n) > d(a, p), or else the farthest.
    Source: Schroff, Kalenichenko and Philbin (2015), arXiv:1503.03832, equation 3 and section 3.2.
    """

    name = "triplet_semihard"
    title = "Triplet (semi-hard)"
    made_as = "TripletSemihard"

    margin: Annotated[float, Field(gt=0, le=100, description="Gap between squared distances; embeddings of unit length are at most 4 apart.")] = 0.2


class TripletBatchHard(EmbeddingLoss):
    """Asks that the farthest of a sample's class be nearer than the nearest of all others.

    Use it where labels are right, to tell apart what looks nearly alike.

    Formula: mean over a of max(0, largest d(a, p) - smallest d(a, n) + m); soft: log(1 + exp(largest d(a, p) - smallest d(a, n))).
    Source: Hermans, Beyer and Leibe (2017), arXiv:1703.07737, equations 5 and 8.
    """

    name = "triplet_batch_hard"
    title = "Triplet (hardest of the batch)"
    made_as = "TripletBatchHard"

    soft: Annotated[bool, Field(description="Goes on to pull and push beyond any margin, ever more gently.")] = False
    margin: Annotated[float, Field(gt=0, le=100, description="Gap between distances.", json_schema_extra={"shown_if": {"soft": False}})] = 0.2


class Triplet(EmbeddingLoss):
    """Asks of all triplets of the batch that the sample of the same class be nearer than the other.

    Use it to see what choosing hard triplets gains; as the mean over all triplets it is what randomly drawn ones come to.

    Formula: mean over a, p, n of max(0, d(a, p)^2 - d(a, n)^2 + m).
    Source: Weinberger and Saul (2009), jmlr.org/papers/v10/weinberger09a.html; Hermans, Beyer and Leibe (2017), arXiv:1703.07737, equation 6.
    """

    name = "triplet"
    title = "Triplet (all of the batch)"
    made_as = "Triplet"

    margin: Annotated[float, Field(gt=0, le=100, description="Gap between squared distances.")] = 0.2


class Contrastive(EmbeddingLoss):
    """Draws pairs of one class together and pushes others apart, up to a margin.

    Use it where a fixed distance is to part equal from different.

    Formula: (mean over pairs of one class of d^2 + mean over other pairs of max(0, m - d)^2) / 2.
    Source: Hadsell, Chopra and LeCun (2006), doi:10.1109/CVPR.2006.100, equation 4.
    """

    name = "contrastive"
    made_as = "Contrastive"

    margin: Annotated[float, Field(gt=0, le=100, description="Distance beyond which different samples are left alone.")] = 1.0


class CosineEmbedding(EmbeddingLoss):
    """Closes the angle between embeddings of one class and opens that between others, up to a right angle.

    Use it where only directions count, and lengths do not.

    Formula: (mean over pairs of one class of 1 - c + mean over other pairs of max(0, c - m)) / 2, c the cosine of the angle.
    Source: Bromley et al. (1993), Signature verification using a siamese time delay neural network, NIPS; torch.nn.CosineEmbeddingLoss.
    """

    name = "cosine_embedding"
    title = "Cosine embedding"
    made_as = "CosineEmbedding"

    margin: Annotated[float, Field(ge=-1, lt=1, description="Cosine below which different samples are left alone; 0 is a right angle.")] = 0.0


class PairCrossEntropy(EmbeddingLoss):
    """Cross-entropy of "same or not" for every two samples of the batch, the probability of "same" falling with the distance.

    Use it where the answer to two samples is to be a probability.

    Formula: (mean over pairs of one class of -log(p) + mean over other pairs of -log(1 - p)) / 2, p = 1 / (1 + exp(-s * (b - d))), b the middle,
        s the steepness.
    Source: Guillaumin, Verbeek and Schmid (2009), doi:10.1109/ICCV.2009.5459197 (logistic discriminant metric learning).
    """

    name = "pair_cross_entropy"
    title = "Cross-entropy of pairs"
    made_as = "PairCrossEntropy"

    middle: Annotated[float, Field(gt=0, le=100, description="Distance at which same and different are equally likely.")] = 1.0
    steepness: Annotated[float, Field(gt=0, le=1000, description="How fast the probability falls with the distance.")] = 8.0


class Quadruplet(EmbeddingLoss):
    """A triplet loss that also asks that distances within a class be smaller than those between any two others.

    Use it where one threshold is to serve all classes.

    Formula: mean over a of max(0, d(a, p)^2 - d(a, n)^2 + m) + max(0, d(a, p)^2 - d(n, k)^2 + m2), p the farthest of the class, n the
        nearest of the others, and n, k the two nearest samples of two other classes.
    Source: Chen, Chen, Zhang and Huang (2017), arXiv:1704.01719, equations 8 and 10.
    """

    name = "quadruplet"
    made_as = "Quadruplet"

    margin: Annotated[float, Field(gt=0, le=100, description="Gap between squared distances that share a sample.")] = 0.2
    second_margin: Annotated[float, Field(gt=0, le=100, description="Gap to distances between two other classes.")] = 0.1
