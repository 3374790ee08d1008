"""`/train`: the settings of the next training, and the curves of the one that runs."""

from __future__ import annotations

from studio.ui.context import Context
from studio.ui.page import Page, mount


def build(_: Context) -> None:
    """Lays out the page."""
    mount("train")


PAGE = Page(name="train", path="/train", position=30, build=build)
