"""Pictures that are to be restored: cut-outs to learn from, whole pictures to be measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from blocks.analysis import analyse
from blocks.graph import Graph
from blocks.ports import Input
from blocks.walk import read_block
from studio import defaults
from studio.networks import arrays
from studio.networks.arrays import Samples, plain_samples
from studio.networks.entering.base import Whole
from studio.networks.front import Split, plain_numbers
from studio.networks.pixels import Pixels, pixels_of
from studio.networks.views.base import View
from studio.workspace import StudioError, Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

ENLARGED_CUT, NOISY_CUT = 24, 32
"""Sides of a cut-out of the inputs, in pixels: of pictures to be enlarged, and of noisy ones."""
LARGEST_WHOLE = 2048
"""Pixels of a target's side that are measured in the end; of larger pictures it is the middle."""
GLANCES, GLANCE_SIDE = 16, 512
"""After each epoch as many pictures are looked at, and of each so many pixels of a side."""


@dataclass(frozen=True)
class Pairs:
    """Inputs and targets as pixels.

    Args:
        node: Where the inputs enter the network.
        target: The target's name.
        scale: How many times larger than its input a target is.
    """

    node: str
    target: str
    scale: int
    low: Pixels
    high: Pixels

    def samples(self, low: list[np.ndarray], high: list[np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Pictures of one size as a batch."""
        return {self.node: np.stack(low)}, {self.target: np.stack(high)}


@dataclass(frozen=True, kw_only=True)
class WholePictures(Samples):
    """Pictures one by one, each in its own size.

    Args:
        chosen: Which of the pairs.
        largest: Of pictures with a longer side the middle is taken, in pixels of the target.
    """

    pairs: Pairs
    chosen: np.ndarray
    largest: int

    def __len__(self) -> int:
        return len(self.chosen)

    def gather(self, order: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        found = [self._pair(int(self.chosen[entry])) for entry in order]
        return self.pairs.samples([low for low, _ in found], [high for _, high in found])

    def batches(self, size: int) -> Iterator[np.ndarray]:  # noqa: ARG002 - each has a size of its own
        for entry in range(len(self)):
            yield np.array([entry])

    def glance(self) -> Samples:
        return glance_of(self.pairs)

    def _pair(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        low, scale = self.pairs.low[number], self.pairs.scale
        most = self.largest // scale
        top, left = (max(0, size - most) // 2 for size in low.shape[:2])
        height, width = (min(size, most) for size in low.shape[:2])
        high = self.pairs.high[number][top * scale : (top + height) * scale, left * scale : (left + width) * scale]
        return low[top : top + height, left : left + width], high


def whole_of(pairs: Pairs) -> WholePictures:
    """All pictures, of very large ones the middle."""
    return WholePictures({}, {}, pairs=pairs, chosen=np.arange(len(pairs.low)), largest=LARGEST_WHOLE)


def glance_of(pairs: Pairs) -> WholePictures:
    """The middles of a few pictures, evenly chosen."""
    count = min(GLANCES, len(pairs.low))
    chosen = np.unique(np.linspace(0, len(pairs.low) - 1, count).round().astype(np.int64)) if count else np.zeros(0, np.int64)
    return WholePictures({}, {}, pairs=pairs, chosen=chosen, largest=GLANCE_SIDE)


@dataclass(frozen=True, kw_only=True)
class CutOuts(Samples):
    """Squares at random places, mirrored and turned at random.

    An entry of an order is a number from which all follows: which picture, where, and how it is turned.

    Args:
        side: Pixels of an input's side.
        each: Cut-outs of each picture in an epoch.
    """

    pairs: Pairs
    side: int
    each: int

    def __len__(self) -> int:
        return len(self.pairs.low) * self.each

    def order(self, rng: np.random.Generator) -> np.ndarray:
        found: np.ndarray = rng.permutation(len(self)) + len(self) * int(rng.integers(1, 2**32))
        return found

    def gather(self, order: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        chance = scattered(np.asarray(order))
        found = [self._cut_out(int(entry) % len(self) // self.each, draws) for entry, draws in zip(order, chance, strict=True)]
        return self.pairs.samples([low for low, _ in found], [high for _, high in found])

    def whole(self) -> Samples:
        return whole_of(self.pairs)

    def glance(self) -> Samples:
        return glance_of(self.pairs)

    def _cut_out(self, number: int, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        low, high, scale, side = self.pairs.low[number], self.pairs.high[number], self.pairs.scale, self.side
        top, left = (int(draw) % (size - side + 1) for draw, size in zip(draws[:2], low.shape[:2], strict=True))
        small = low[top : top + side, left : left + side]
        large = high[top * scale : (top + side) * scale, left * scale : (left + side) * scale]
        turn = int(draws[2]) % 8
        return turned(small, turn), turned(large, turn)


class Restoring(View):
    """Super-resolution, and taking noise away."""

    kinds = ("super-resolution",)

    def samples(self, workspace: Workspace | None, dataset: Dataset, split: Split, part: str) -> Samples:
        ((start, feature),) = arrays.bound_inputs(split.front).items()
        node = split.cuts[start]
        block = read_block(split.network.nodes[node])
        assert isinstance(block, Input)  # noqa: S101 - a cut is one
        *sides, channels = block.shape or (0, 0, 3)
        if all(sides):
            return plain_samples(workspace, dataset, split, part)  # the network has a size of its own
        scale = int(dataset.feature(feature).statistics.get("scale", 1))
        whole = Whole(workspace, dataset, part)
        low, high = (pixels_of(dataset.values(name, part), channels, whole, name) for name in (feature, dataset.target.name))
        pairs = Pairs(node, dataset.target.name, scale, low, high)
        if part != "train":
            return whole_of(pairs)
        side = min(ENLARGED_CUT if scale > 1 else NOISY_CUT, int(low.sizes.min()))
        refuse_other_sizes(split.network, node, side, scale)
        return CutOuts({}, {}, pairs=pairs, side=side, each=defaults.in_an_epoch(len(low), dataset.features) // len(low))


def refuse_other_sizes(network: Graph, node: str, side: int, scale: int) -> None:
    """Says so where a network enlarges by another factor than the data want.

    Raises:
        StudioError: It does.
    """
    params = network.nodes[node].params
    fixed = network.with_node(node, params={**params, "shape": [side, side, params["shape"][-1]]})
    with plain_numbers():
        analysis = analyse(fixed)
    for name, document in network.nodes.items():
        if document.block == "Output" and name in analysis.nodes:
            height, width = analysis.nodes[name].output_shapes[0][:2]
            if (height, width) != (side * scale, side * scale):
                raise StudioError(
                    f"The network makes {height} x {width} pixels of {side} x {side}; this dataset wants {side * scale} x {side * scale} "
                    f"({scale} times). Choose a preset with that scale, or end in a PixelShuffle with this factor."
                )


def scattered(numbers: np.ndarray) -> np.ndarray:
    """Three numbers for each number, as if drawn at random (SplitMix64: Steele, Lea and Flood, 2014, doi:10.1145/2660193.2660195)."""
    seeds: NDArray[np.uint64] = numbers.astype(np.uint64)[:, None]
    state = np.add(seeds * np.uint64(3), np.arange(1, 4, dtype=np.uint64), dtype=np.uint64)
    state = state * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: np.ndarray = (state ^ (state >> np.uint64(31))) >> np.uint64(1)
    return found


def turned(picture: np.ndarray, turn: int) -> np.ndarray:
    """One of the eight ways to lay down a square."""
    if turn & 1:
        picture = picture[:, ::-1]
    if turn & 2:
        picture = picture[::-1]
    return picture.transpose(1, 0, 2) if turn & 4 else picture
