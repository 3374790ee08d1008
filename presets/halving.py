"""Max pooling that loses no pixel at the end of a row, as Caffe and torch's ceil_mode have it."""

from __future__ import annotations

from dataclasses import dataclass

from blocks.pooling import MaxPooling2D
from blocks.spec import Shape
from blocks.wiring import Node, Wiring


@dataclass
class Sizes:
    """The height and width at a place of a network, followed along its layers; None where they vary."""

    height: int | None
    width: int | None

    @classmethod
    def of(cls, shape: Shape) -> Sizes:
        """Those of (height, width, channels)."""
        return cls(shape[0], shape[1])

    def convolved(self, window: int, strides: int) -> None:
        """Follows a convolution with padding "valid"."""
        self.height, self.width = (None if size is None else (size - window) // strides + 1 for size in (self.height, self.width))

    def pooled(self, net: Wiring, node_id: str, x: Node) -> Node:
        """Adds max pooling of 3x3 with strides 2 whose last window may reach over the border.

        An even size gets one pixel at its end, which is what padding "same" does; an odd one needs none.
        """
        known = [size for size in (self.height, self.width) if size is not None]
        is_exact = len(known) == 2 and all(size % 2 and size > 1 for size in known)
        self.height, self.width = (None if size is None else (size - is_exact + 1) // 2 for size in (self.height, self.width))
        return net.add(node_id, MaxPooling2D(pool_size=3, strides=2, padding="valid" if is_exact else "same"), x)
