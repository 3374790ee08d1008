"""Texts that are to be written, with what is true of them in full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from blocks.features import PADDING
from studio.datasets.values.tokens import written
from studio.networks.arrays import Samples, plain_samples
from studio.networks.front import Split
from studio.networks.views.base import View
from studio.networks.writing import spelled
from studio.workspace import Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset


@dataclass(frozen=True)
class Written(Samples):
    """Sources, what is already written, and the tokens that are due: a network learns each from the true ones before it.

    Args:
        texts: The true texts by target, whole and as the data spell them; `gather` gives them beside the targets, under `spelled`.
    """

    texts: dict[str, np.ndarray] = field(default_factory=dict)

    def gather(self, order: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        inputs, targets = super().gather(order)
        return inputs, {**targets, **{spelled(name): texts[order] for name, texts in self.texts.items()}}

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """By length, so that a batch of short texts is written in a few steps."""
        order = np.argsort((next(iter(self.targets.values())) != PADDING).sum(axis=1), kind="stable")
        for start in range(0, len(self), size):
            yield order[start : start + size]

    def some(self, most: int) -> Written:
        """At most so many of them, evenly chosen."""
        chosen = np.unique(np.linspace(0, len(self) - 1, min(len(self), most)).round().astype(np.int64)) if len(self) else np.zeros(0, np.int64)
        inputs, targets, texts = ({name: values[chosen] for name, values in each.items()} for each in (self.inputs, self.targets, self.texts))
        return Written(inputs, targets, texts, yardsticks=self.yardsticks)


class Pairs(View):
    """Pairs of texts: what is read, what is already written, and what is to be written."""

    kinds = ("seq2seq",)

    def samples(self, workspace: Workspace | None, dataset: Dataset, split: Split, part: str) -> Samples:
        plain = plain_samples(workspace, dataset, split, part)
        targets = [feature for feature in dataset.features if feature.role == "target"]
        texts = {feature.name: np.array(written(dataset, feature, dataset.rows(part)), dtype=object) for feature in targets}
        return Written(plain.inputs, plain.targets, texts, yardsticks=plain.yardsticks)
