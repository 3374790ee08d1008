"""Fixtures that several folders of tests share."""

from __future__ import annotations

from tests.studio.trained import (
    array_run,
    digits_run,
    pictures_folder,
    pictures_run,
    price_run,
    sound_run,
    sounds_folder,
    table_run,
    text_run,
    workspace,
)
from tests.studio.trained_several import gauges_folder, gauges_run, labels_run, people_run

__all__ = [
    "array_run",
    "digits_run",
    "gauges_folder",
    "gauges_run",
    "labels_run",
    "people_run",
    "pictures_folder",
    "pictures_run",
    "price_run",
    "sound_run",
    "sounds_folder",
    "table_run",
    "text_run",
    "workspace",
]
