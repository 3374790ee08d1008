"""Three branches with the same weights: a picture, another one of the same, and one of something else."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from blocks.comparing import Distance
from blocks.fields import PositiveFloat
from blocks.merging import Concatenate
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.comparing import Comparing

COUNTED = "the formula of the Embedding CNN with stages of 24, 48 and 96 filters, counted once"
LOSSES = {"semihard": "triplet_semihard", "hardest": "triplet_batch_hard", "all": "triplet"}
ENCODED = Stages.squares(COUNTED, (28, 24), (14, 24), (14, 48), (7, 48), (7, 96), (3, 96), (864,), (64,))


class Triplet(Comparing):
    """Three pictures pass one encoder, with the same weights: two of the same are to come out nearer than the third, of something else.

    Use it to find what is alike among many classes, such as faces, also those that were not there in training.

    Without a dataset it is the network of three branches: the first picture, one of the same, and one of another. With one, the triplets
    are those of a batch, and the encoder alone is trained, by a triplet loss; its embeddings tell how far apart any two pictures are.

    Shapes: three of (height, width, channels) -> (2), the squared distances of the first from the other two; with a dataset
        (height, width, channels) -> (embedding).
    Weights: those of the encoder, once.
    Source: Schroff, Kalenichenko and Philbin (2015), FaceNet, arXiv:1503.03832, section 3; hardest of the batch: Hermans, Beyer and
        Leibe (2017), arXiv:1703.07737, section 2.
    """

    title = "Triplet network"
    year = 2015
    paper = "Schroff, Kalenichenko and Philbin, FaceNet: a unified embedding for face recognition and clustering, arXiv:1503.03832"
    branches = ("a", "b", "c")
    canonical_shape = (28, 28, 1)
    golden = (Golden("Triplet", (28, 28, 1), 1, 107_752, COUNTED, stages=ENCODED),)

    mining: Literal["semihard", "hardest", "all"] = Field(
        "semihard",
        description='Which triplets of a batch count: "semihard" has others that are just not nearer, "hardest" the nearest, "all" leaves none out.',
    )
    margin: PositiveFloat = Field(
        0.2, le=100, description="Gap by which the third picture is to be farther than the second; embeddings have length 1."
    )

    def compared(self, net: Wiring, *places: Node) -> Node:
        first, same, other = places
        near = net.add("distance_same", Distance(measure="squared_euclidean"), first, same)
        far = net.add("distance_other", Distance(measure="squared_euclidean"), first, other)
        return net.add("distances", Concatenate(), near, far)

    def loss(self) -> dict[str, Any]:
        return {"name": LOSSES[self.mining], "margin": self.margin}
