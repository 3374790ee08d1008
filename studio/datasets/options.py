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
    level: Literal["character", "word"] | None = Field(None, description="What pairs of texts are read and written by, for seq2seq.")
    source_level: Literal["character", "word"] | None = Field(None, description="The same for the texts that are read.")
    target_level: Literal["character", "word"] | None = Field(None, description="The same for the texts that are written.")
    group: str | None = Field(None, description="Column whose equal values stay together in one split.")
    split: str | None = Field(None, description="Column that says train, validation or test.")
    time: str | None = Field(None, description="Column that says when: dates, times, or the number of a step.")
    sequence: str | None = Field(None, description="Column that says to which sequence a row belongs, for sequence-classification.")
    window: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="Steps that a forecast looks back; for sequence-classification the steps of a sequence.",
        json_schema_extra={"unit": "steps"},
    )
    horizon: int = Field(1, ge=1, le=1_000, description="Steps that a forecast looks ahead.", json_schema_extra={"unit": "steps"})
    stride: int | None = Field(
        None, ge=1, le=10_000, description="Steps from one sample of a forecast to the next.", json_schema_extra={"unit": "steps"}
    )
    seed: int = Field(0, ge=0, description="Seed of the split that is made where none is given.")
    pairs: int | None = Field(
        None,
        ge=1,
        le=100,
        description="For image-pairs from folders: pairs of one class in which each picture comes first, and as many of two; "
        "by default enough for some thousands in all, at most 8.",
    )
    degradation: Literal["downscale", "noise"] = Field(
        "downscale", description="What the inputs of super-resolution are: the pictures made smaller, or with noise."
    )
    scale: int = Field(
        2,
        ge=2,
        le=4,
        description="How many times super-resolution enlarges.",
        json_schema_extra={"unit": "times", "shown_if": {"degradation": "downscale"}},
    )
    noise: float = Field(
        25.0,
        gt=0,
        le=255,
        description="Standard deviation of the noise.",
        json_schema_extra={"unit": "levels of 0 to 255", "shown_if": {"degradation": "noise"}},
    )
    sample_rate: int | None = Field(
        None,
        ge=1_000,
        le=48_000,
        description="At how many samples per second sounds are heard; the commonest rate of the training files by default, at most 16,000.",
        json_schema_extra={"unit": "hertz"},
    )
    seconds: float | None = Field(
        None,
        gt=0,
        le=60,
        description="How much of a sound is heard; by default as much as most of them have, at most 10.",
        json_schema_extra={"unit": "seconds"},
    )
    limits: Limits = Field(Limits.read(), description="Bounds on what is read.", json_schema_extra={"frequent": False, "control": "text"})

    @property
    def factor(self) -> int:
        """How many times larger than its input a picture of super-resolution is; 1 where noise is taken away."""
        return self.scale if self.degradation == "downscale" else 1

    def given(self) -> dict[str, Any]:
        """The options that differ from their defaults and change what is imported, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"limits"})
