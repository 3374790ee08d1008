"""What every page may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from studio.engine import Engine
from studio.history import Histories
from studio.ui.analyses import Analyses
from studio.ui.counts import Counts
from studio.ui.launcher import Launcher
from studio.ui.work import Work
from studio.workspace import Workspace


@dataclass(frozen=True)
class Context:
    """The things that one page process serves its pages from.

    Args:
        workspace: The folder with everything in it.
        launcher: Starts trainers, from a warm spare where one waits.
        max_upload_bytes: The largest file that a browser may send.
        engine: Runs what needs Keras in a process of its own, started at its first use.
        work: The long orders of all pages, in a helper process that they share.
    """

    workspace: Workspace
    launcher: Launcher
    max_upload_bytes: int = 20_000_000_000
    engine: Engine = field(default_factory=Engine)
    work: Work = field(default_factory=Work)

    @cached_property
    def analyses(self) -> Analyses:
        """What the engine said of networks, kept for all pages."""
        return Analyses(self.engine)

    @cached_property
    def counts(self) -> Counts:
        """The figures of networks that the gallery shows, kept likewise."""
        return Counts(self.engine)

    @cached_property
    def histories(self) -> Histories:
        """The steps by which networks came about."""
        return Histories(self.workspace)

    def close(self) -> None:
        """Ends the spare trainer and the helpers."""
        self.launcher.close()
        self.engine.close()
        self.work.close()
