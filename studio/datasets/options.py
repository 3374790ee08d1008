"""What a person may say about an upload instead of letting it be detected."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from blocks.declaration import Declaration
from studio.datasets.limits import Limits


class ImportOptions(Declaration):
    """Settings of one import; everything left at its default is detected."""

    encoding: str | None = Field(None, description="Text encoding of a table file, such as utf-8, gb18030 or cp1252.")
    delimiter: str | None = Field(None, min_length=1, max_length=1, description="Character between the cells of a table file.")
    decimal: Literal[".", ","] | None = Field(None, description="Decimal sign of a table's numbers.")
    header: bool | None = Field(None, description="Whether the first row of a table holds the column names.")
    sheet: str | None = Field(None, description="Sheet of an Excel file; the first one by default.")
    text: str | None = Field(None, description="Column that holds the texts, for text kinds.")
    group: str | None = Field(None, description="Column whose equal values stay together in one split.")
    split: str | None = Field(None, description="Column that says train, validation or test.")
    seed: int = Field(0, ge=0, description="Seed of the split that is made where none is given.")
    limits: Limits = Field(Limits.read(), description="Bounds on what is read.", json_schema_extra={"frequent": False, "control": "text"})

    def given(self) -> dict[str, Any]:
        """The options that differ from their defaults and change what is imported, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"limits"})
