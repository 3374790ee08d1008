"""Where the weights that a training begins with come from: a run, a file, what was imported before, ImageNet, or keras-hub.

Each kind of source is one class in `KINDS`: how it is recognised when a training is ordered, and how it is read by the trainer.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio import hub, pretrained, runs
from studio.networks import imported, weights
from studio.settings.transfer import Transfer
from studio.transfer import files
from studio.transfer.published import IMAGENET
from studio.workspace import StudioError, Workspace, visible

if TYPE_CHECKING:
    import keras

IMPORTED = re.compile(rf"[0-9a-f]{{{imported.ID_LENGTH}}}")
NETWORK = "network/"


class SourceError(StudioError):
    """Weights that are not where the recipe says."""


@dataclass(frozen=True)
class Source:
    """Weights to begin with.

    Args:
        name: What they are of, for people.
        arrays: By `layer/variable`, as a built network names them, or as `studio.transfer.files` reads them.
        transfer: The section of the recipe that leads to the same arrays, whatever becomes of a file.
    """

    name: str
    arrays: dict[str, np.ndarray]
    transfer: Transfer


class Kind(ABC):
    """A kind of source."""

    @abstractmethod
    def settled(self, workspace: Workspace, transfer: Transfer) -> Transfer | None:
        """The section in the spelling that the trainer reads, or None where it names another kind of source. Needs no framework."""

    @abstractmethod
    def read(self, workspace: Workspace, transfer: Transfer, network: keras.Model) -> Source:
        """The weights.

        Raises:
            StudioError: They are not there, or can't be read.
        """


class OfImport(Kind):
    """Weights that were imported before, by their id."""

    def settled(self, workspace: Workspace, transfer: Transfer) -> Transfer | None:  # noqa: ARG002
        return transfer if transfer.weights is not None and IMPORTED.fullmatch(transfer.weights) else None

    def read(self, workspace: Workspace, transfer: Transfer, network: keras.Model) -> Source:  # noqa: ARG002
        kept = imported.load(workspace, str(transfer.weights))
        return Source(kept.source, kept.arrays, transfer)


class OfRun(Kind):
    """Weights of a run of this workspace, as `run` or as `weights`."""

    def settled(self, workspace: Workspace, transfer: Transfer) -> Transfer | None:
        name = transfer.run or transfer.weights
        if transfer.run is None and name not in {run.id for run in runs.all_runs(workspace)}:
            return None
        run = runs.get(workspace, str(name))
        if not (run.checkpoints / f"{transfer.state}.npz").is_file():
            raise SourceError(f"The run {run.id!r} has no saved {transfer.state} state to begin with: it was deleted, or none was written yet.")
        return transfer.model_copy(update={"run": run.id, "weights": None})

    def read(self, workspace: Workspace, transfer: Transfer, network: keras.Model) -> Source:  # noqa: ARG002
        run = runs.get(workspace, str(transfer.run))
        stored, _ = weights.load(run.checkpoints / f"{transfer.state}.npz")
        return Source(run.id, {name.removeprefix(NETWORK): array for name, array in stored.items() if name.startswith(NETWORK)}, transfer)


class InFile(Kind):
    """Weights in a file or folder; they are copied into the workspace, and the recipe then names the copy."""

    def settled(self, workspace: Workspace, transfer: Transfer) -> Transfer | None:  # noqa: ARG002
        path = Path(transfer.weights or "").expanduser()
        return transfer.model_copy(update={"weights": str(path.resolve())}) if transfer.weights and path.exists() else None

    def read(self, workspace: Workspace, transfer: Transfer, network: keras.Model) -> Source:  # noqa: ARG002
        path = Path(str(transfer.weights))
        if not path.exists():
            raise SourceError(f"There is no file {visible(path.name)} any more.")
        arrays = files.read(path)
        kept = imported.keep(workspace, arrays, visible(path.name))
        return Source(visible(path.name), arrays, transfer.model_copy(update={"weights": kept}))


class OfImageNet(Kind):
    """Weights of a network of keras.applications, which Keras downloads into its cache when they are not there."""

    def settled(self, workspace: Workspace, transfer: Transfer) -> Transfer | None:  # noqa: ARG002
        if transfer.weights is None or not transfer.weights.startswith(IMAGENET):
            return None
        return transfer.model_copy(update={"weights": IMAGENET + pretrained.get(_application(transfer)).name})

    def read(self, workspace: Workspace, transfer: Transfer, network: keras.Model) -> Source:  # noqa: ARG002
        name = _application(transfer)
        return Source(f"{name} (ImageNet)", pretrained.arrays(name, network), transfer)


class OfHub(Kind):
    """Weights of a network of keras-hub, which kagglehub downloads into its cache when they are not there; those of a folder are copied."""

    def settled(self, workspace: Workspace, transfer: Transfer) -> Transfer | None:  # noqa: ARG002
        if transfer.weights is None or not transfer.weights.startswith(hub.PREFIX):
            return None
        name = transfer.weights.removeprefix(hub.PREFIX)
        return transfer.model_copy(update={"weights": f"{hub.PREFIX}{hub.folder(name) or hub.get(name).name}"})

    def read(self, workspace: Workspace, transfer: Transfer, network: keras.Model) -> Source:
        name = str(transfer.weights).removeprefix(hub.PREFIX)
        arrays = hub.arrays(name, network)
        if hub.folder(name) is not None:
            transfer = transfer.model_copy(update={"weights": imported.keep(workspace, arrays, hub.called(name))})
        return Source(f"{hub.called(name)} (keras-hub)", arrays, transfer)


KINDS: tuple[Kind, ...] = (OfImport(), OfRun(), OfImageNet(), OfHub(), InFile())


def settled(workspace: Workspace, transfer: Transfer | None) -> Transfer | None:
    """What a recipe says to begin with, spelled so that the trainer finds it wherever it runs.

    Raises:
        SourceError: There is no such run or file.
    """
    return transfer if transfer is None or not is_named(transfer) else _kind(workspace, transfer)[1]


def read(workspace: Workspace, transfer: Transfer | None, network: keras.Model) -> Source | None:
    """The weights that a network begins with; None where it starts anew. Needs TensorFlow for some files.

    Raises:
        StudioError: They are not there, or can't be read.
    """
    if transfer is None or not is_named(transfer):
        return None
    kind, found = _kind(workspace, transfer)
    return kind.read(workspace, found, network)


def take_in(path: str, folder: str, name: str = "") -> str:
    """Copies the weights of a file into a workspace and returns their id. The page has it run in the engine.

    Args:
        folder: The workspace's.
        name: What people call the file.

    Raises:
        StudioError: It can't be read.
    """
    called = visible(name or Path(path).name)
    return imported.keep(Workspace(folder), files.read(Path(path), name=called), called)


def is_named(transfer: Transfer) -> bool:
    """Whether it says where weights come from."""
    return transfer.run is not None or transfer.weights is not None


def _application(transfer: Transfer) -> str:
    return str(transfer.weights).removeprefix(IMAGENET)


def _kind(workspace: Workspace, transfer: Transfer) -> tuple[Kind, Transfer]:
    for kind in KINDS:
        found = kind.settled(workspace, transfer)
        if found is not None:
            return kind, found
    named = visible(str(transfer.weights))[:200]
    raise SourceError(
        f"transfer.weights: there is no run and no file {named!r}. Expected: a run of this workspace, {files.KINDS}, {IMAGENET}NAME, "
        f"or {hub.PREFIX}NAME."
    )
