"""How much a file of a network may hold. It is never trusted; each limit can be raised."""

from __future__ import annotations

from pydantic import Field
from pydantic.config import JsonDict

from blocks.declaration import Declaration

BYTES: JsonDict = {"unit": "bytes"}


class ImportLimits(Declaration):
    """Bounds on what the import of a network reads, so that a hostile or mistaken file can't fill memory or disk."""

    entries: int = Field(20_000, ge=1, description="Files in one .keras archive.")
    config_bytes: int = Field(50_000_000, ge=1, description="Size of the configuration.", json_schema_extra=BYTES)
    weights_bytes: int = Field(4_000_000_000, ge=1, description="Size of the weight file, and of all weights in it.", json_schema_extra=BYTES)
    vocabulary_bytes: int = Field(50_000_000, ge=1, description="Size of all vocabularies together.", json_schema_extra=BYTES)
    objects: int = Field(500_000, ge=1, description="Groups and arrays in the weight file.")
    depth: int = Field(60, ge=1, description="Groups within each other in the weight file.")
