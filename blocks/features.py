"""What a dataset tells a graph: the one thing that crosses from data to networks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["input", "target", "unused"]
FeatureKind = Literal["image", "number", "category", "date", "text", "array"]

TABLE_INPUT = "columns"
"""The name under which an `Input` binds to all number, category and date columns of a table at once."""


class Feature(BaseModel):
    """One column, picture, text or array of a dataset, as a network sees it.

    Shapes: `shape` has no batch axis; None marks an axis that varies from sample to sample. A class target is a
    `category` of shape () and dtype int32, a regression target a `number` of shape () and dtype float32.

    Args:
        classes: Every value of a category, in the order of the class indices.
        statistics: Figures of the training split. Numbers: mean, standard_deviation, minimum, maximum, median, quantiles (17,
            from the minimum to the maximum), missing. Categories: counts (one per class), missing. Images: median_height,
            median_width, minimum_height, minimum_width, maximum_height, maximum_width. Texts: median_words,
            percentile_95_words, maximum_words, vocabulary_size. Dates: minimum, maximum (ISO text), missing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role: Role
    kind: FeatureKind
    shape: tuple[int | None, ...] = ()
    dtype: str = "float32"
    classes: tuple[str, ...] | None = None
    unit: str | None = None
    statistics: dict[str, Any] = Field(default_factory=dict)

    @property
    def is_column(self) -> bool:
        """Whether a table's column encoding takes this feature in."""
        return self.kind in ("number", "category", "date") and self.shape == ()


def inputs_of(features: list[Feature] | None) -> list[Feature]:
    """The features that a network may read."""
    return [feature for feature in features or [] if feature.role == "input"]


def targets_of(features: list[Feature] | None) -> list[Feature]:
    """The features that a network is to predict."""
    return [feature for feature in features or [] if feature.role == "target"]


def columns_of(features: list[Feature] | None) -> list[Feature]:
    """The table columns among the inputs."""
    return [feature for feature in inputs_of(features) if feature.is_column]
