"""Sounds, to be seen and heard."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from blocks.features import Feature
from studio.datasets.dataset import Dataset
from studio.ui.shown.base import Part, Showing


class Sounds(Showing):
    """Encoded sounds."""

    kinds = ("sound",)

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        from studio.ui.sounds import PLAYED_BYTES, part_of

        values = dataset.table([feature.name], rows=rows)[feature.name]
        return [
            part_of(bytes(value), source_of(dataset, feature, row) if len(value) <= PLAYED_BYTES else None)
            for row, value in zip(rows, values, strict=True)
        ]


def source_of(dataset: Dataset, feature: Feature, row: int) -> str:
    """The route under which a sound is played."""
    return f"api/datasets/{quote(dataset.name, safe='')}/sounds/{row}?feature={quote(feature.name, safe='')}"
