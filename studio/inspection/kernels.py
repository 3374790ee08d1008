"""What a node has learned: its kernels as small pictures or heat maps, and figures of all its weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from blocks.base import Block
from blocks.wrapping import Wrapper
from studio.inspection import drawing, statistics
from studio.inspection.errors import PreviewError
from studio.inspection.figures import MAPS_PER_PAGE, View, check_channel, grid_json, legend, numbered, page_of, ramp_for, tiles
from studio.inspection.trace import Step

ROWS_PER_PAGE = 512
MOST_VARIABLES = 200


def weights_json(named: dict[str, np.ndarray]) -> dict[str, Any]:
    """`count`, `statistics` of all weights together, and each of the `variables` (the first 200) with its own."""
    figures = {name: statistics.of(array) for name, array in named.items()}
    variables = [{"name": name, "shape": list(named[name].shape), "statistics": each.to_json()} for name, each in figures.items()]
    whole = statistics.together(figures.values())
    return {"count": whole.count, "statistics": whole.to_json(), "variables": variables[:MOST_VARIABLES]}


def kernels(step: Step, arrays: dict[str, np.ndarray], view: View) -> dict[str, Any] | None:
    """One of a node's weights as a picture; None where it has none with two axes or more.

    Returns:
        `name` (and `names`, those that can be drawn), `kind` ("pictures": one per output channel; "matrix": inputs downwards, outputs to the
        right), `shape`, `picture`, `grid`, `tiles`, `colours`, `page`, `pages`, `channel` and `channels` (of the input), `statistics`.

    Raises:
        PreviewError: There is no such weight or channel.
    """
    names = [name for name, array in arrays.items() if array.ndim > 1 and array.size]
    if not names:
        return None
    name = view.weight if view.weight is not None else names[0]
    if name not in names:
        raise PreviewError(f"{step.path}: there is no weight {name[:80]!r} to draw. It has: {', '.join(names)}.")
    array = arrays[name].astype(np.float32)
    block = _innermost(step.block)
    found = {"name": name, "names": names, "shape": list(array.shape), "statistics": statistics.of(array).to_json()}
    if hasattr(block, "kernel_size") and array.ndim > 2:
        ordered = in_order(block, name, array)
        if max(ordered.shape[:-2]) > 1:
            return {**found, "kind": "pictures", **_pictures(step, ordered, view)}
        array = ordered.reshape(ordered.shape[-2:])
    return {**found, "kind": "matrix", **_matrix(name, array, view)}


def in_order(block: Block, name: str, array: np.ndarray) -> np.ndarray:
    """A convolution's kernel as (window ..., input channels, output channels); a depthwise one has a single input channel each."""
    kind = type(block).__name__
    last = name.rsplit("/", 1)[-1]
    if "Transpose" in kind:
        return np.swapaxes(array, -1, -2)
    if last == "depthwise_kernel" or (kind.startswith("Depthwise") and last == "kernel"):
        return array.reshape(*array.shape[:-2], 1, -1)
    return array


def _pictures(step: Step, kernel: np.ndarray, view: View) -> dict[str, Any]:
    """One picture per output channel: over height and width, in colours for RGB; over steps with the input channels below each other."""
    *window, inputs, outputs = kernel.shape
    check_channel(step.path, view.weight_channel, inputs)
    page, pages = page_of(view.weight_page, outputs, MAPS_PER_PAGE)
    first = page * MAPS_PER_PAGE
    part = kernel[..., first : first + MAPS_PER_PAGE]
    about = {"page": page, "pages": pages, "channel": view.weight_channel, "channels": inputs}
    reads_pictures = bool(step.inputs) and step.inputs[0].step.is_prepared
    if len(window) == 2 and inputs == 3 and reads_pictures and view.weight_channel is None and view.colours == "auto":
        far = float(np.nanmax(np.abs(kernel))) if view.scale == "common" else None
        made = drawing.coloured_grid(list(np.moveaxis(part, -1, 0)), far)
        return {
            "picture": made.png,
            "grid": grid_json(made),
            "tiles": [numbered(first + place, part[..., place]) for place in range(part.shape[-1])],
            "colours": None,
            **about,
        }
    if view.weight_channel is not None:
        flat = part[..., view.weight_channel, :]
    elif len(window) == 1:
        flat = np.swapaxes(part, 0, 1)
    else:
        flat = part.mean(axis=-2)
    if flat.ndim == 2:
        flat = flat[None]
    if flat.ndim == 4:  # depth beside each other
        flat = np.moveaxis(flat, 0, 1).reshape(flat.shape[1], -1, flat.shape[-1])
    ramp = ramp_for(kernel, view)
    common = drawing.range_of(flat, ramp) if view.scale == "common" else None
    return {**tiles(list(np.moveaxis(flat, -1, 0)), first, view, ramp, common), **about}


def _matrix(name: str, array: np.ndarray, view: View) -> dict[str, Any]:
    last = name.rsplit("/", 2)[0] if array.ndim > 2 else ""
    flat = array.reshape(-1, array.shape[-1]) if last.endswith("attention_output") else array.reshape(array.shape[0], -1)
    page, pages = page_of(view.weight_page, len(flat), ROWS_PER_PAGE)
    first = page * ROWS_PER_PAGE
    ramp = ramp_for(flat, view)
    ends = drawing.range_of(flat, ramp)
    made = drawing.heat_map(flat[first : first + ROWS_PER_PAGE], ramp, ends)
    return {
        "picture": made.png, "grid": grid_json(made), "tiles": None, "colours": legend(ramp, ends), "first": first, "page": page, "pages": pages,
        "channel": None, "channels": None,
    }  # fmt: skip


def _innermost(block: Block) -> Block:
    while isinstance(block, Wrapper):
        block = block.inner
    return block
