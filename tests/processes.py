"""Processes that a test looks for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psutil


def spares_of(parent: int) -> list[psutil.Process]:
    """The trainers started ahead by this process; children that have ended and are not yet collected are none."""
    return list(_spares(psutil.Process(parent).children()))


def _spares(children: list[psutil.Process]) -> Iterator[psutil.Process]:
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie has no command line
            if "--spare" in child.cmdline():
                yield child
