"""Weights of networks from elsewhere, kept under an id that follows from their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.networks import weights
from studio.workspace import StudioError, Workspace

ID_LENGTH = 16


@dataclass(frozen=True)
class Kept:
    """Weights that were kept.

    Args:
        arrays: By path, as a built network names them (`conv1/kernel`).
        source: The file that they came from, for people.
    """

    arrays: dict[str, np.ndarray]
    source: str


def keep(workspace: Workspace, arrays: dict[str, np.ndarray], source: str) -> str:
    """Writes weights into the workspace, once each, and returns their id."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    found = digest.hexdigest()[:ID_LENGTH]
    path = _path(workspace, found)
    if not path.exists():
        weights.save(path, arrays, {"source": source})
    return found


def load(workspace: Workspace, weights_id: str) -> Kept:
    """Weights that were kept.

    Raises:
        StudioError: They are not there any more, or are damaged.
    """
    arrays, meta = weights.load(_found(workspace, weights_id))
    return Kept(arrays, str(meta.get("source") or weights_id))


def source_of(workspace: Workspace, weights_id: str) -> str:
    """The file that kept weights came from, for people.

    Raises:
        StudioError: They are not there any more, or are damaged.
    """
    return str(weights.meta(_found(workspace, weights_id)).get("source") or weights_id)


def _found(workspace: Workspace, weights_id: str) -> Path:
    path = _path(workspace, weights_id)
    if not path.is_file():
        raise StudioError(f"There are no imported weights {weights_id[:80]!r} in this workspace. Import the network again.")
    return path


def _path(workspace: Workspace, weights_id: str) -> Path:
    if len(weights_id) != ID_LENGTH or not set(weights_id) <= set("0123456789abcdef"):
        raise StudioError(f"There are no imported weights {weights_id[:80]!r} in this workspace. Import the network again.")
    return workspace.imported / f"{weights_id}.npz"
