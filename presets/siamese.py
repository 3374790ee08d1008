"""Two branches with the same weights, and how far apart they put two pictures."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from blocks.comparing import AbsoluteDifference, Distance
from blocks.features import Feature
from blocks.fields import PositiveFloat
from blocks.merging import Dot
from blocks.normalization import BatchNormalization
from blocks.ports import Output
from blocks.wiring import Node, Wiring
from presets.base import Golden, Situation, Stages
from presets.comparing import Comparing, encoder_field
from presets.koch_cnn import OMNIGLOT, TOWER

COUNTED = "the tower of figure 4 and a dense layer of 4,096 + 1 weights, counted once; built with keras 3.15.1"
LOSSES = {"sigmoid": "pair_cross_entropy", "contrastive": "contrastive", "cosine": "cosine_embedding"}
PAIR = Stages(TOWER.source, (*TOWER.shapes, (4096,), (1,)))


class Siamese(Comparing):
    """Two pictures pass one encoder, with the same weights, and the network says whether they show the same.

    Use it to compare two pictures, also of what was not there in training: signatures, faces, parts. Siamese_slim suits small pictures.

    With a dataset of pairs of pictures (image-pairs) it is the network of two branches as published: a class or a number is predicted from
    the learned weights of the differences, or from the distance or cosine. Of single pictures of known identity (verification), every two
    samples of a batch are a pair, and the encoder alone is trained, by the loss that belongs to the comparison. Two pictures are then
    compared by the distance of their embeddings, brought to length 1; a sigmoid weighs all differences alike.

    Shapes: two of (height, width, channels) -> (1), the probability, distance or cosine; with single pictures
        (height, width, channels) -> (embedding).
    Weights: those of the encoder, once, and embedding + 1 of a sigmoid; 38,951,745 at 105 x 105 x 1.
    Source: Bromley et al. (1993), Signature verification using a "siamese" time delay neural network, NIPS; sigmoid: Koch, Zemel and
        Salakhutdinov (2015), cs.toronto.edu/~rsalakhu/papers/oneshot1.pdf, section 3; contrastive: Hadsell, Chopra and LeCun (2006),
        doi:10.1109/CVPR.2006.100.
    """

    title = "Siamese network"
    year = 2015
    paper = "Koch, Zemel and Salakhutdinov, Siamese neural networks for one-shot image recognition, ICML deep learning workshop"
    branches = ("a", "b")
    of_samples = ("category", "number", "labels")
    predicts = ("identity", *of_samples)
    variants: ClassVar[dict[str, dict[str, Any]]] = {"Siamese": {}, "Siamese_slim": {"encoder": "EmbeddingCNN", "comparison": "contrastive"}}
    canonical_shape = OMNIGLOT
    golden = (
        Golden("Siamese", OMNIGLOT, 1, 38_951_745, COUNTED, multiply_adds=2 * 908_620_000 + 4096, stages=PAIR),
        Golden("Siamese", OMNIGLOT, 1, 38_947_648, "the tower of figure 4 alone", params={"comparison": "contrastive"}),
    )

    encoder: str = encoder_field("KochCNN")
    comparison: Literal["sigmoid", "contrastive", "cosine"] = Field(
        "sigmoid",
        description='What stands behind the branches: "sigmoid" gives a probability, "contrastive" a distance, "cosine" the cosine of an angle.',
    )
    margin: PositiveFloat = Field(
        1.0,
        description="Distance beyond which different pictures are left alone in training; of single pictures only.",
        json_schema_extra={"shown_if": {"comparison": "contrastive"}},
    )

    normalized: bool = Field(
        True,
        description="Normalises the distance or cosine before a class or number is told from it; of pairs of pictures only.",
        json_schema_extra={"frequent": False, "shown_if": {"comparison": ["contrastive", "cosine"]}},
    )

    @property
    def has_unit_length(self) -> bool:
        return self.comparison == "contrastive"  # a cosine brings its inputs to length 1 itself

    def compared(self, net: Wiring, *places: Node) -> Node:
        block = {"sigmoid": AbsoluteDifference(), "contrastive": Distance(), "cosine": Dot(normalize=True)}[self.comparison]
        found = net.add({"sigmoid": "difference", "contrastive": "distance", "cosine": "cosine"}[self.comparison], block, *places)
        return net.add("normalized", BatchNormalization(momentum=0.9, epsilon=1e-6, gamma_initializer="zeros"), found) if self.normalized else found

    def suited(self, situation: Situation) -> Self:
        told = self.comparison != "sigmoid" and any(target.kind != "identity" for target in situation.targets)
        return self.model_copy(update={"normalized": self.normalized and told})

    def head(self, target: Feature | None, classes: int | None) -> Output:
        end = super().head(target, classes)
        if self.comparison == "sigmoid" and end.head == "none" and end.loss is None:
            return end.model_copy(update={"head": "dense", "units": 1, "activation": "sigmoid"})
        return end

    def loss(self) -> dict[str, Any]:
        return {"name": LOSSES[self.comparison], **({"margin": self.margin} if self.comparison == "contrastive" else {})}
