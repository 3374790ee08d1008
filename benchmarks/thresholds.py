"""What thresholds of grey reach on a set with masks: `python -m benchmarks.thresholds DATASET [--workspace DIR]`.

The yardstick of segmentation: each of the 256 shades is given the class that it has most often in the training split, which no
threshold, and no set of them, can better there. Printed is the mean intersection over union on the test split, as `studio evaluate`
measures it.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image

from blocks.features import IGNORED
from studio.datasets import store
from studio.networks.truths.masks import mask_of
from studio.workspace import Workspace

SHADES = 256


def counts(pictures: list[bytes], masks: list[bytes], classes: int) -> np.ndarray:
    """How many pixels of each shade have each class: (shades, classes)."""
    found = np.zeros((SHADES, classes), np.int64)
    for picture, encoded in zip(pictures, masks, strict=True):
        with Image.open(io.BytesIO(picture)) as image:
            grey = np.asarray(image.convert("L"))
        mask = mask_of(encoded)
        known = mask != IGNORED
        np.add.at(found, (grey[known], mask[known]), 1)
    return found


def mean_iou(said: np.ndarray, pixels: np.ndarray) -> float:
    """The mean over the classes that occur or are said.

    Args:
        said: The class of each shade.
        pixels: As `counts` gives them.
    """
    chosen = np.eye(pixels.shape[1], dtype=np.int64)[said]
    both = (chosen * pixels).sum(axis=0)
    either = pixels.sum(axis=0) + (chosen * pixels.sum(axis=1, keepdims=True)).sum(axis=0) - both
    return float(np.mean(both[either > 0] / either[either > 0]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("--workspace", type=Path)
    chosen = parser.parse_args()
    dataset = store.load(Workspace(chosen.workspace), chosen.dataset)
    classes = len(dataset.target.classes or ())
    train, test = (counts(dataset.images(part), dataset.values(dataset.target.name, part), classes) for part in ("train", "test"))
    usual = np.full(SHADES, train.sum(axis=0).argmax())
    print(f"miou {mean_iou(train.argmax(axis=1), test):.4f}; with the most frequent class everywhere {mean_iou(usual, test):.4f}")


if __name__ == "__main__":
    main()
