"""Four branches with the same weights: two pictures of the same, and two of two other things."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from blocks.comparing import Distance
from blocks.fields import PositiveFloat
from blocks.merging import Concatenate
from blocks.wiring import Node, Wiring
from presets.base import Golden
from presets.comparing import Comparing
from presets.triplet import COUNTED, ENCODED


class Quadruplet(Comparing):
    """Four pictures pass one encoder, with the same weights: two of the same are also to be nearer than any two of two other things.

    Use it where one threshold is to tell same from different for all: a triplet compares distances from the same picture only.

    Without a dataset it is the network of four branches: the first picture, one of the same, and two of two others. With one, the
    quadruplets are those of a batch, the hardest of each picture, and the encoder alone is trained; its embeddings tell how far apart any
    two pictures are. Departs from the paper: the distance is that of embeddings of length 1, in place of one that is learned as a layer.

    Shapes: four of (height, width, channels) -> (3), squared distances: the first from the second, the first from the third, and the
        third from the fourth; with a dataset (height, width, channels) -> (embedding).
    Weights: those of the encoder, once.
    Source: Chen, Chen, Zhang and Huang (2017), Beyond triplet loss, arXiv:1704.01719, section 3 and equation 8.
    """

    title = "Quadruplet network"
    year = 2017
    paper = "Chen, Chen, Zhang and Huang, Beyond triplet loss: a deep quadruplet network for person re-identification, arXiv:1704.01719"
    branches = ("a", "b", "c", "d")
    canonical_shape = (28, 28, 1)
    golden = (Golden("Quadruplet", (28, 28, 1), 1, 107_752, COUNTED, stages=ENCODED),)

    margin: PositiveFloat = Field(1.0, le=100, description="Gap between squared distances that share a picture.")
    second_margin: PositiveFloat = Field(0.5, le=100, description="Gap to squared distances between two other things.")

    def compared(self, net: Wiring, *places: Node) -> Node:
        first, same, other, further = places
        pairs = {"same": (first, same), "other": (first, other), "between": (other, further)}
        found = [net.add(f"distance_{name}", Distance(measure="squared_euclidean"), *pair) for name, pair in pairs.items()]
        return net.add("distances", Concatenate(), *found)

    def loss(self) -> dict[str, Any]:
        return {"name": "quadruplet", "margin": self.margin, "second_margin": self.second_margin}
