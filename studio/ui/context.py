"""What every page may use."""

from __future__ import annotations

from dataclasses import dataclass

from studio.workspace import Workspace


@dataclass(frozen=True)
class Context:
    """The things that one page process serves its pages from.

    Args:
        workspace: The folder with everything in it.
        max_upload_bytes: The largest file that a browser may send.
    """

    workspace: Workspace
    max_upload_bytes: int = 20_000_000_000
