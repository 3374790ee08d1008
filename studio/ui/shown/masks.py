"""Masks, laid over their pictures in the colours of the classes."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from blocks.features import IGNORED, Feature
from studio.datasets.dataset import Dataset
from studio.ui.shown.base import Part, Showing, address

SHOWN_PIXELS = 256
"""The longer side of what is shown."""
BLACK = [0, 0, 0]


class Masks(Showing):
    """A class for each pixel; what is black, as a background is, lets the picture through."""

    kinds = ("mask",)

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        from studio.datasets.readers.pictures import thumbnail

        picture = next((each.name for each in dataset.features if each.role == "input" and each.kind == "image"), None)
        names = [feature.name, *([picture] if picture else [])]
        found = []
        for values in dataset.table(names, rows=rows).itertuples(index=False, name=None):
            below = address(thumbnail(bytes(values[1]), SHOWN_PIXELS)) if picture else None
            found.append(_part(feature, _opened(bytes(values[0])), below))
        return found

    def overview(self, dataset: Dataset, feature: Feature) -> list[Part]:  # noqa: ARG002 - the figures are in the feature
        counts = np.array(feature.statistics.get("counts") or [0])
        return [{"kind": "areas", "areas": _legend(feature, counts)}] if counts.sum() else []

    def said(self, feature: Feature, arrays: Mapping[str, np.ndarray], place: int, beside: Part | None) -> Part | None:
        return _part(feature, arrays["masks"][place], _picture(beside))

    def told(self, feature: Feature, answer: Mapping[str, Any], beside: Part | None) -> Part | None:
        content: bytes = answer["pictures"]["mask"]
        mask = _opened(content)
        return {**_part(feature, mask, _picture(beside)), "download": address(content), "height": mask.shape[0], "width": mask.shape[1]}


def _picture(beside: Part | None) -> str | None:
    return (beside or {}).get("picture")


def _part(feature: Feature, mask: NDArray[Any], picture: str | None) -> Part:
    """The picture, the mask in colours over it, and what these mean; how much each class covers."""
    legend = _legend(feature, np.bincount(mask.reshape(-1), minlength=IGNORED + 1)[:IGNORED])
    painted = address(_painted(mask, _colours(feature)))
    return {"kind": "mask", "picture": picture, "mask": painted, "ratio": _ratio(mask, picture), "legend": legend}


def _colours(feature: Feature) -> list[list[int]]:
    found: list[list[int]] = feature.statistics.get("colours") or [BLACK, *([255, 255, 255] for _ in (feature.classes or ())[1:])]
    return found


def _legend(feature: Feature, counts: NDArray[Any]) -> list[dict[str, Any]]:
    """Every class with its colour and its share of the pixels that have a class."""
    total = max(int(counts.sum()), 1)
    return [
        {"name": name, "colour": f"#{red:02x}{green:02x}{blue:02x}", "clear": [red, green, blue] == BLACK, "share": float(counts[place] / total)}
        for place, (name, (red, green, blue)) in enumerate(zip(feature.classes or (), _colours(feature), strict=False))
    ]


def _ratio(mask: NDArray[Any], picture: str | None) -> float:
    """Width by height of what is shown: of the picture, whose mask may come from a network that sees it in another form."""
    if picture is None:
        return float(mask.shape[1] / mask.shape[0])
    with Image.open(io.BytesIO(base64.b64decode(picture.partition(",")[2]))) as image:
        return float(image.width / image.height)


def _painted(mask: NDArray[Any], colours: Sequence[Sequence[int]]) -> bytes:
    table = np.zeros((IGNORED + 1, 4), np.uint8)
    for place, colour in enumerate(colours):
        table[place] = [*colour, 0 if list(colour) == BLACK else 255]
    image = Image.fromarray(mask.astype(np.uint8))
    image.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS), Image.Resampling.NEAREST)
    out = io.BytesIO()
    Image.fromarray(table[np.asarray(image)]).save(out, "PNG")
    return out.getvalue()


def _opened(content: bytes) -> NDArray[Any]:
    with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
        return np.asarray(image)
