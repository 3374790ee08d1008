"""Kinds of datasets: each module declares one importer, and the importer that can read most of an upload takes it."""

from __future__ import annotations

from blocks.registry import Registry
from studio.datasets.kinds.base import Importer, importers

__all__ = ["Importer", "all_kinds", "importers", "registry"]

registry: Registry[type[Importer]] = importers


def all_kinds() -> list[str]:
    """Every kind that an upload can become."""
    return sorted({kind for importer in importers.all().values() for kind in importer.kinds})
