"""`/`: what runs, the latest runs, and what to start with."""

from __future__ import annotations

from studio.ui.context import Context
from studio.ui.page import Page, mount


def build(_: Context) -> None:
    """Lays out the page."""
    mount("home")


PAGE = Page(name="home", path="/", position=None, build=build)
