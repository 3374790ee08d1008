"""Pictures that are to be made."""

from __future__ import annotations

import numpy as np
from PIL import Image

from blocks.features import Feature
from blocks.spec import Shape
from studio.networks.entering.base import Whole
from studio.networks.entering.pictures import kept, write_batches
from studio.networks.pixels import decoded
from studio.networks.truths.base import Truths
from studio.workspace import StudioError, replaced


class Pictures(Truths):
    """uint8 (samples, height, width, channels) in the size that the network gives."""

    kinds = ("image",)

    def read(self, feature: Feature, shape: Shape, whole: Whole) -> np.ndarray:
        if len(shape) != 3 or None in shape:
            raise StudioError(f"The network gives no pictures of one size for {feature.name!r}. Insert Resizing behind its Input.")
        height, width, channels = (int(size or 0) for size in shape)
        encoded: list[bytes] = whole.dataset.values(feature.name, whole.part)

        pictures = (in_size(decoded(content, channels), height, width)[None] for content in encoded)
        if whole.workspace is None:
            return np.concatenate(list(pictures)) if encoded else np.zeros((0, height, width, channels), np.uint8)
        path = whole.workspace.cache / f"{whole.key('picture', feature.name, str(shape))}.npy"
        if not path.exists():
            with replaced(path) as partial:
                write_batches(partial, len(encoded), pictures)
        return kept(path)


def in_size(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """A picture (height, width, channels) brought to a size, smoothed where it shrinks."""
    if pixels.shape[:2] == (height, width):
        return pixels
    plain = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    found = np.asarray(plain.resize((width, height), Image.Resampling.BILINEAR))
    return found.reshape(height, width, -1)
