"""Two feature maps brought to one size by cutting the borders off the larger one."""

from __future__ import annotations

from blocks.reshaping import Cropping2D
from blocks.spec import Shape
from blocks.wiring import Node, Wiring


def excess(large: Shape, small: Shape) -> tuple[int, int] | None:
    """By how much height and width are larger; None where a size varies."""
    sides = [(here, there) for here, there in zip(large[:-1], small[:-1], strict=True)]
    known = [here - there for here, there in sides if here is not None and there is not None]
    return (known[0], known[1]) if len(known) == 2 else None


def cropped(net: Wiring, x: Node, node_id: str, height: int, width: int) -> Node:
    """The middle of x: so many rows and columns less; an odd one is cut off at the end."""
    if height <= 0 and width <= 0:
        return x
    rows, columns = max(height, 0), max(width, 0)
    on_all_sides = rows == columns and rows % 2 == 0
    margins = ((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2))
    return net.add(node_id, Cropping2D(cropping=rows // 2 if on_all_sides else margins), x)
