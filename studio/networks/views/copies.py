"""Pictures that are to come out as they went in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.networks.arrays import Samples, plain_samples
from studio.networks.front import Split
from studio.networks.views.base import View
from studio.workspace import Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset


class Copies(View):
    """Autoencoding: the target is the very picture that enters the network, whatever brought it to its size."""

    kinds = ("autoencoding",)

    def samples(self, workspace: Workspace | None, dataset: Dataset, split: Split, part: str) -> Samples:
        found = plain_samples(workspace, dataset, split, part)
        seen = next(iter(found.inputs.values()))
        target = found.targets[dataset.target.name]
        same = (seen.dtype, seen.shape) == (target.dtype, target.shape)
        return replace(found, targets={dataset.target.name: seen}) if same else found
