"""How much an upload may hold. What is uploaded is never trusted; each limit can be raised through the options of an import."""

from __future__ import annotations

from pydantic import Field

from blocks.declaration import Declaration


class Limits(Declaration):
    """Bounds on what an import reads, so that a hostile or mistaken upload can't fill memory or disk."""

    picture_pixels: int = Field(100_000_000, ge=1, description="Height times width of one picture; larger ones are left out undecoded.")
    sound_values: int = Field(200_000_000, ge=1, description="Samples times channels of one sound; longer ones are left out.")
    file_bytes: int = Field(
        500_000_000, ge=1, description="Size of one picture or sound file; larger ones are left out.", json_schema_extra={"unit": "bytes"}
    )
    files: int = Field(2_000_000, ge=1, description="Files in one archive or folder.")
    total_bytes: int = Field(200_000_000_000, ge=1, description="Size of an upload, unpacked.", json_schema_extra={"unit": "bytes"})
    ratio: float = Field(200.0, ge=1, description="Unpacked to packed size of an archive; checked above ratio_bytes.")
    ratio_bytes: int = Field(200_000_000, ge=0, description="Unpacked size up to which any ratio is allowed.", json_schema_extra={"unit": "bytes"})
    path_characters: int = Field(1_000, ge=1, description="Length of one path in an archive.")
    columns: int = Field(20_000, ge=1, description="Columns of one table.")
    cell_characters: int = Field(1_000_000, ge=1, description="Length of one table cell.")
    classes: int = Field(20_000, ge=2, description="Classes of one target.")
