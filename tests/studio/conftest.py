"""Fixtures that several folders of tests share."""

from __future__ import annotations

from tests.studio.trained import (
    array_run,
    digits_run,
    pictures_folder,
    pictures_run,
    price_run,
    table_run,
    text_run,
    workspace,
)

__all__ = ["array_run", "digits_run", "pictures_folder", "pictures_run", "price_run", "table_run", "text_run", "workspace"]
