"""Two branches with the same weights, and how far apart they put two pictures."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.comparing import AbsoluteDifference, Distance
from blocks.features import Feature
from blocks.fields import PositiveFloat
from blocks.merging import Dot
from blocks.ports import Output
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.comparing import Comparing, encoder_field
from presets.koch_cnn import OMNIGLOT, TOWER

COUNTED = "the tower of figure 4 and a dense layer of 4,096 + 1 weights, counted once; built with keras 3.15.1"
LOSSES = {"sigmoid": "pair_cross_entropy", "contrastive": "contrastive", "cosine": "cosine_embedding"}
PAIR = Stages(TOWER.source, (*TOWER.shapes, (4096,), (1,)))


class Siamese(Comparing):
    """Two pictures pass one encoder, with the same weights, and the network says whether they show the same.

    Use it to compare two pictures, also of what was not there in training: signatures, faces, parts. Siamese_slim suits small pictures.

    Without a dataset it is the network of two branches as published. With one, every two samples of a batch are such a pair, and the
    encoder alone is trained, by the loss that belongs to the comparison. Two pictures are then compared by the distance of their
    embeddings, brought to length 1; a sigmoid weighs all differences alike, in place of the learned weights of the paper.

    Shapes: two of (height, width, channels) -> (1), the probability, distance or cosine; with a dataset (height, width, channels) -> (embedding).
    Weights: those of the encoder, once, and embedding + 1 of a sigmoid; 38,951,745 at 105 x 105 x 1.
    Source: Bromley et al. (1993), Signature verification using a "siamese" time delay neural network, NIPS; sigmoid: Koch, Zemel and
        Salakhutdinov (2015), cs.toronto.edu/~rsalakhu/papers/oneshot1.pdf, section 3; contrastive: Hadsell, Chopra and LeCun (2006),
        doi:10.1109/CVPR.2006.100.
    """

    title = "Siamese network"
    year = 2015
    paper = "Koch, Zemel and Salakhutdinov, Siamese neural networks for one-shot image recognition, ICML deep learning workshop"
    branches = ("a", "b")
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
        description="Distance beyond which different pictures are left alone in training.",
        json_schema_extra={"shown_if": {"comparison": "contrastive"}},
    )

    @property
    def has_unit_length(self) -> bool:
        return self.comparison == "contrastive"  # a cosine brings its inputs to length 1 itself

    def compared(self, net: Wiring, *places: Node) -> Node:
        block = {"sigmoid": AbsoluteDifference(), "contrastive": Distance(), "cosine": Dot(normalize=True)}[self.comparison]
        return net.add({"sigmoid": "difference", "contrastive": "distance", "cosine": "cosine"}[self.comparison], block, *places)

    def head(self, target: Feature | None, classes: int | None) -> Output:
        end = super().head(target, classes)
        if end.loss is None and self.comparison == "sigmoid":
            return end.model_copy(update={"head": "dense", "units": 1, "activation": "sigmoid"})
        return end

    def loss(self) -> dict[str, Any]:
        return {"name": LOSSES[self.comparison], **({"margin": self.margin} if self.comparison == "contrastive" else {})}
