"""Pictures and arrays, as thumbnails."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from blocks.features import Feature
from studio.datasets.dataset import Dataset
from studio.datasets.readers.pictures import FORMATS
from studio.ui.pictures import png_of_array
from studio.ui.shown.base import Part, Showing, address

THUMBNAIL_PIXELS = 128
COMPARED_PIXELS = 1536
"""Of larger pictures the middle is compared, so many pixels wide and high; the whole one can be downloaded."""


class Pictures(Showing):
    """Encoded pictures; made ones are laid over what there was before, to be compared."""

    kinds = ("image",)

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        from studio.datasets.readers.pictures import thumbnail

        values = dataset.table([feature.name], rows=rows)[feature.name]
        return [{"kind": "picture", "picture": address(thumbnail(bytes(value), THUMBNAIL_PIXELS)), "size": _size(bytes(value))} for value in values]

    def said(self, feature: Feature, arrays: Mapping[str, np.ndarray], place: int, beside: Part | None) -> Part | None:  # noqa: ARG002
        views = {name: arrays[f"{name}_{place}"].tobytes() for name in ("before", "truth", "after") if f"{name}_{place}" in arrays}
        return _compared(feature, views)

    def told(self, feature: Feature, answer: Mapping[str, Any], beside: Part | None) -> Part | None:
        made: bytes = answer["pictures"]["picture"]
        given = beside or {}
        with Image.open(io.BytesIO(made)) as picture:
            after = picture.copy()
        views = {"after": after}
        if given.get("content"):
            views["before" if feature.column is None else "truth"] = _in_size(given["content"], after)
        if given.get("true"):
            views["truth"] = _in_size(given["true"], after)
        cut = max(after.size) > COMPARED_PIXELS
        part = _compared(feature, {name: _png(_middle(view)) if cut else _png(view) for name, view in views.items()})
        figures = {} if answer.get("value") is None else {"mse": answer["value"]}
        return {**part, "download": address(made), "height": after.height, "width": after.width, "cut": cut, "figures": figures}


def _size(content: bytes) -> list[int]:
    """Height and width in pixels, from the head of a file."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        return [picture.height, picture.width]


def _compared(feature: Feature, views: Mapping[str, bytes]) -> Part:
    """What the network made beside what there was before, and what is true."""
    statistics = feature.statistics
    before = "truth" if feature.column else "bicubic" if statistics.get("scale", 1) > 1 else "noisy"
    names = {"before": before, "truth": "truth"}
    others = [{"name": names[name], "picture": address(views[name])} for name in ("before", "truth") if name in views]
    found = {"with_given": True, "with_truth": any(other["name"] == "truth" for other in others)}
    return {"kind": "compare", "others": others, "made": address(views["after"]), **found}


def _in_size(content: bytes, like: Image.Image) -> Image.Image:
    """A picture in the size and the colours of another, by bicubic interpolation."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        plain: Image.Image = picture.convert(like.mode)
    return plain if plain.size == like.size else plain.resize(like.size, Image.Resampling.BICUBIC)


def _middle(picture: Image.Image) -> Image.Image:
    width, height = (min(size, COMPARED_PIXELS) for size in picture.size)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4)
    return out.getvalue()


class Arrays(Showing):
    """Arrays of numbers, drawn in grey."""

    kinds = ("array",)

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:  # noqa: ARG002 - there is one array
        arrays = dataset.arrays()
        return [{"kind": "picture", "picture": address(png_of_array(np.asarray(arrays[row]), THUMBNAIL_PIXELS))} for row in rows]
