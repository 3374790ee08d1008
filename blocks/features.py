"""What a dataset tells a graph: the one thing that crosses from data to networks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["input", "target", "unused"]
FeatureKind = Literal[
    "image", "number", "category", "date", "words", "text", "array", "sound", "series", "labels", "mask", "tokens", "transcript", "identity",
]  # fmt: skip
"""What a feature is.

Inputs: image, sound (one waveform), text, array, series (a window of a time series), tokens (the part of a text that is
already written), and the columns of a table: number, category, date, words (free text of which single words count). Targets:
category (one of n classes), labels (any number of n classes), number, mask (a class for each pixel), image (a picture), tokens
(a text, as numbers of its vocabulary), transcript (what is written in a picture or said in a sound, character by character, though nobody
tells where), identity (who or what it is, where networks are to meet others later than those that they learn from).
"""

IGNORED = 255
"""The number in a mask of pixels that have no class; losses and figures pass over them."""

PADDING, START, END, UNKNOWN = range(4)
"""Numbers of tokens that stand for no part of a text: behind its end, before its beginning, at its end, and for what the vocabulary lacks."""
SPECIAL_TOKENS = ("", "[START]", "[END]", "[UNKNOWN]")
"""What stands for them in a vocabulary."""
BLANK = ""
"""The first entry of the vocabulary of transcripts: no character is there."""

TABLE_INPUT = "columns"
"""The name under which an `Input` binds to all number, category, date and words columns of a table at once."""


class Feature(BaseModel):
    """One column, picture, text or array of a dataset, as a network sees it.

    Shapes: `shape` has no batch axis; None marks an axis that varies from sample to sample. A class target is a
    `category` of shape () and dtype int32, a regression target a `number` of shape () and dtype float32, a mask one of
    shape (height, width), and a forecast a `number` of shape (steps,) or (steps, columns).

    Args:
        classes: Every value of a category, in the order of the class indices.
        statistics: Figures of the training split. Numbers: mean, standard_deviation, minimum, maximum, median, quantiles (17,
            from the minimum to the maximum), missing. Categories: counts (one per class), missing. Images: median_height,
            median_width, minimum_height, minimum_width, maximum_height, maximum_width; of pictures that are to be restored scale
            (how many times larger the target is) and noise (standard deviation in levels). Texts: median_words,
            percentile_95_words, maximum_words, vocabulary_size. Words: words (the commonest), counts (rows that hold each), example,
            missing. Dates: minimum, maximum (ISO text), missing. Sounds:
            sample_rate (Hz), median_seconds, minimum_seconds, maximum_seconds. Masks: counts (pixels per class), colours
            (RGB per class). Texts that are turned into others, and tokens: level ("character" or "word": what a token is),
            distinct_tokens, maximum_tokens, mean_tokens; of transcripts also needed_steps (what a network must give for the longest, with a
            blank between equal characters).
        column: Where the values are stored, if it is under another feature's name: pictures that are to come out as they went in, and
            the part of a text that is already written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role: Role
    kind: FeatureKind
    shape: tuple[int | None, ...] = ()
    dtype: str = "float32"
    classes: tuple[str, ...] | None = None
    unit: str | None = None
    column: str | None = None
    statistics: dict[str, Any] = Field(default_factory=dict)

    @property
    def is_given(self) -> bool:
        """Whether a person who asks a network gives it; what is already written of a text follows from its own answers."""
        return not (self.role == "input" and self.kind == "tokens")

    @property
    def is_column(self) -> bool:
        """Whether a table's column encoding takes this feature in."""
        return self.kind in ("number", "category", "date", "words") and self.shape == ()


def inputs_of(features: list[Feature] | None) -> list[Feature]:
    """The features that a network may read."""
    return [feature for feature in features or [] if feature.role == "input"]


def targets_of(features: list[Feature] | None) -> list[Feature]:
    """The features that a network is to predict."""
    return [feature for feature in features or [] if feature.role == "target"]


def columns_of(features: list[Feature] | None) -> list[Feature]:
    """The table columns among the inputs."""
    return [feature for feature in inputs_of(features) if feature.is_column]
