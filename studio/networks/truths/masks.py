"""Masks: a class for each place of the output, as bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

from blocks.features import IGNORED, Feature
from blocks.spec import Shape
from studio.networks.covered import cut_out
from studio.networks.entering.base import Whole
from studio.networks.entering.pictures import kept, write_batches
from studio.networks.truths.base import Truths
from studio.workspace import StudioError, replaced

_BATCH = 256


class Masks(Truths):
    """Class indices (uint8) of pixels, 255 for those without a class, in the size of the network's output."""

    kinds = ("mask",)

    def read(self, feature: Feature, shape: Shape, whole: Whole) -> np.ndarray:
        height, width = shape[:2]
        if height is None or width is None:
            raise StudioError("Masks of several sizes can't be put side by side. Insert Resizing behind the Input.")
        seen = next((size[:2] for size in whole.seen.values() if len(size) == 3), (height, width))
        masks = whole.dataset.values(feature.name, whole.part)
        numbers = feature.statistics.get("numbers")
        batches = _batches(masks, (int(seen[0] or height), int(seen[1] or width)), (height, width), numbers)
        if whole.workspace is None or not masks:
            return np.concatenate([np.zeros((0, height, width), np.uint8), *batches])
        path = whole.workspace.cache / f"{whole.key('mask', feature.name, str((seen, height, width)))}.npy"
        if not path.exists():
            with replaced(path) as partial:
                write_batches(partial, len(masks), batches)
        return kept(path)


def mask_of(encoded: bytes) -> np.ndarray:
    """A stored mask as class indices (height, width)."""
    with Image.open(io.BytesIO(encoded), formats=("PNG",)) as image:
        return np.asarray(image)


def _batches(masks: list[bytes], seen: tuple[int, int], given: tuple[int, int], numbers: list[int] | None) -> Iterator[np.ndarray]:
    """The masks in batches.

    Args:
        numbers: The network's class index of each class of these masks, where they are of other data than its own.
    """
    table = np.arange(IGNORED + 1, dtype=np.uint8)
    table[: len(numbers or ())] = numbers or ()
    for start in range(0, len(masks), _BATCH):
        yield np.stack([table[cut_out(mask_of(mask), seen, given)] for mask in masks[start : start + _BATCH]])
