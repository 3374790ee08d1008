"""What augmentation makes of training samples: each as it is, and changed by chance a few times, masks with their pictures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from blocks.features import IGNORED, Feature
from blocks.graph import Graph
from studio.inspection.colours import ramp
from studio.networks.arrays import plain_samples
from studio.networks.augmentation import Augmentation, Mixture, value_ranges
from studio.networks.front import split

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

SAMPLES, TIMES = 4, 5
"""Samples, and how many times each is changed."""
SMALLEST_PIXELS = 64
"""Shorter side of a drawn picture; smaller ones are enlarged by whole factors."""
LARGEST_PIXELS = 160
"""Longer side; larger ones are made smaller."""
OVER = 0.55
"""How much of a mask's colour lies over its picture."""
_GAP = 4


@dataclass(frozen=True)
class Row:
    """One sample before and after.

    Args:
        label: Its class or number; "" where it has another target.
        pictures: PNGs: the sample as it is, and changed TIMES times.
        mixtures: What each changed one consists of, such as "0.7 cat, 0.3 dog"; "" where it is itself.
    """

    label: str
    pictures: list[bytes]
    mixtures: list[str]


def augmented(graph: Graph, dataset: Dataset) -> list[Row]:
    """Some training samples through all augmentation of a graph, as the trainer applies it.

    Args:
        graph: Bound, its preparation adapted; the part that leads to an augmentation block.

    Returns:
        Nothing where no pictures are changed, or the training takes parts of pictures.

    Raises:
        StudioError: A mask can't follow, or pictures of several Inputs are to be mixed.
    """
    import tensorflow as tf

    rows = dataset.rows("train")
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, SAMPLES).astype(int))]
    part = split(graph)
    found = plain_samples(None, dataset.with_splits(np.where(np.isin(np.arange(len(dataset)), chosen), "train", "")), part, "train").first(SAMPLES)
    masks = {feature.name: feature for feature in dataset.features if feature.role == "target" and feature.kind == "mask"}
    change = Augmentation(part.network, 0, value_ranges(found.inputs), masks)
    seen = next((name for name, array in found.inputs.items() if name in change.changed and array.ndim == 4), None)
    if seen is None:
        return []
    inputs = {name: tf.convert_to_tensor(array) for name, array in found.inputs.items()}
    targets = {name: tf.convert_to_tensor(found.targets[name]) for name in masks}
    steps = [change.with_targets(inputs, targets, tf.constant(number, tf.int32)) for number in range(TIMES)]
    texts = _labels(dataset, chosen)
    low, high = _ends(found.inputs[seen])
    mask = next(iter(masks.values()), None)

    def drawn(given: dict[str, Any], wanted: dict[str, Any], place: int) -> bytes:
        return _drawn(np.asarray(given[seen][place]), low, high, np.asarray(wanted[mask.name][place]) if mask else None, mask)

    return [
        Row(
            text,
            [drawn(inputs, targets, place), *(drawn(given, wanted, place) for given, wanted, _ in steps)],
            [_mixed(mixture, place, texts) for _, _, mixture in steps],
        )
        for place, text in enumerate(texts)
    ]


def contact_sheet(rows: list[Row]) -> bytes:
    """All pictures of the rows as one PNG: a row for each sample, the sample itself first."""
    opened = [[Image.open(io.BytesIO(png)).convert("RGB") for png in row.pictures] for row in rows]
    width, height = (max(image.size[side] for row in opened for image in row) + _GAP for side in (0, 1))
    sheet = Image.new("RGB", (width * max(map(len, opened)) - _GAP, height * len(opened) - _GAP), "white")
    for down, row in enumerate(opened):
        for right, image in enumerate(row):
            sheet.paste(image, (right * width, down * height))
    return _png(sheet)


def _labels(dataset: Dataset, rows: NDArray[np.int64]) -> list[str]:
    target = next((feature for feature in dataset.features if feature.role == "target" and feature.kind in ("category", "number")), None)
    if target is None:
        return [""] * len(rows)
    values = dataset.table([target.name], rows=rows)[target.name]
    return [str(value) if target.classes else f"{float(value):.4g}" for value in values]


def _mixed(mixture: Mixture, place: int, texts: list[str]) -> str:
    shares: dict[str, float] = {}
    for order, share in mixture:
        text = texts[int(order[place])]
        shares[text] = shares.get(text, 0.0) + float(share[place])
    return ", ".join(f"{share:.2f} {text}".strip() for text, share in sorted(shares.items(), key=lambda each: -each[1]) if share >= 0.005)


def _ends(values: np.ndarray) -> tuple[float, float]:
    return (0.0, 255.0) if values.dtype.kind in "ui" else (float(values.min()), max(float(values.max()), float(values.min()) + 1e-6))


def _drawn(values: np.ndarray, low: float, high: float, mask: np.ndarray | None, feature: Feature | None) -> bytes:
    shares = np.clip((values.astype(np.float64) - low) / (high - low), 0.0, 1.0)
    if shares.shape[-1] == 3 or values.dtype.kind in "ui":
        pixels = np.round(255 * shares).astype(np.uint8)
        image = Image.fromarray(pixels if shares.shape[-1] == 3 else pixels[..., 0])
    else:
        colours = ramp("sequential")
        image = Image.fromarray(colours[np.round((len(colours) - 1) * shares[..., 0]).astype(int)])
    if mask is not None and feature is not None:
        image = _covered(image, mask, feature)
    short, long = sorted(image.size)
    factor = max(1, -(-SMALLEST_PIXELS // short))
    if long * factor > LARGEST_PIXELS:
        image.thumbnail((LARGEST_PIXELS, LARGEST_PIXELS))
    else:
        image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    return _png(image)


def _covered(image: Image.Image, mask: np.ndarray, feature: Feature) -> Image.Image:
    """A picture with the mask's classes over it, all but the first one."""
    known = feature.statistics.get("colours") or [[255, 64, 64]] * len(feature.classes or ())
    colours = np.zeros((256, 4), np.uint8)
    for place, colour in enumerate(known[:IGNORED]):
        colours[place] = (*colour, round(255 * OVER) if place else 0)
    over = Image.fromarray(colours[mask.astype(np.uint8)], "RGBA").resize(image.size, Image.Resampling.NEAREST)
    return Image.alpha_composite(image.convert("RGBA"), over).convert("RGB")


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
