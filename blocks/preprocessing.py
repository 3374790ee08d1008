"""Preparation of raw values: scaling, resizing, cutting, and numbers from the columns of a table.

A layer may stand in the front, which runs once over the data before training, when it has no trainable weights and no
chance. The front computes in float32 and hands on float32, int32 or uint8; so these blocks have no precision of their own.
"""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from blocks.base import LayerBlock, axis_problem
from blocks.columns import MOST_WORDS, ColumnCode, code_of_feature, code_of_values
from blocks.features import Feature, columns_of
from blocks.fields import FROM_DATA, RARE, Bins, Count, Interpolation
from blocks.spec import AnySpec, TableSpec, shape_text
from blocks.words import MOST_KEPT


class Rescaling(LayerBlock):
    """Multiplies every value by a factor and adds a number.

    Use it behind a picture Input: pixels from 0 to 255 become 0 to 1 (scale 1/255) or -1 to 1 (scale 1/127.5, offset -1).

    Formula: y = x * scale + offset
    Shapes: unchanged.
    """

    category = "preprocessing"
    layer = "keras.layers.Rescaling"
    preprocessing = True
    takes_integers = True

    scale: float = Field(1 / 255, ge=-1e9, le=1e9, description="The factor; 1/255 is 0.00392157.")
    offset: float = Field(0.0, ge=-1e9, le=1e9, description="The number that is added after it.")


class Resizing(LayerBlock):
    """Brings pictures to one size.

    Use it behind a picture Input when the sizes vary, or to make training quicker. Pixels stay whole numbers from 0 to 255.

    Formula: y[i, j] = mean of the pixels of x around (i * old height / height, j * old width / width), weighted by their distance
    Shapes: (any, any, channels) -> (height, width, channels).
    """

    category = "preprocessing"
    layer = "keras.layers.Resizing"
    ranks = (3,)
    preprocessing = True
    takes_integers = True

    height: Count = Field(32, description="New height.", json_schema_extra={"unit": "pixels"})
    width: Count = Field(32, description="New width.", json_schema_extra={"unit": "pixels"})
    fit: Literal["stretch", "crop", "pad"] = Field(
        "stretch", description="What happens to other proportions: stretch them, cut off the borders, or fill up with one value."
    )
    interpolation: Interpolation = Field("bilinear", description="How new pixels are computed.", json_schema_extra=RARE)
    antialias: bool = Field(True, description="Smooths before shrinking, so that fine patterns don't turn into false ones.", json_schema_extra=RARE)
    fill_value: float = Field(
        0.0, ge=-1e6, le=1e6, description="What fills up; 0 is black.", json_schema_extra={"frequent": False, "shown_if": {"fit": "pad"}}
    )

    def arguments(self) -> dict[str, Any]:
        given = self.model_dump(exclude={"fit"})
        return {**given, "crop_to_aspect_ratio": self.fit == "crop", "pad_to_aspect_ratio": self.fit == "pad"}

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        import keras

        if keras.backend.standardize_dtype(inputs[0].dtype) != "uint8":
            return layer(inputs[0])
        # Keras 3.15 can't fill up whole numbers.
        resized = layer(keras.ops.cast(inputs[0], "float32") if self.fit == "pad" else inputs[0])
        overshoots = self.interpolation not in ("nearest", "bilinear") or not 0 <= self.fill_value <= 255
        rounded = keras.ops.round(keras.ops.clip(resized, 0, 255) if overshoots else resized)
        return keras.ops.cast(rounded, "uint8")


class CenterCrop(LayerBlock):
    """Cuts the middle out of pictures.

    Use it where the borders show nothing that matters. Pixels stay whole numbers; a picture that is smaller than the window in one
    direction is cut to the window's proportions and enlarged.

    Formula: y = x[top : top + height, left : left + width], top = floor((old height - height) / 2), left likewise
    Shapes: (any, any, channels) -> (height, width, channels).
    """

    category = "preprocessing"
    layer = "keras.layers.CenterCrop"
    ranks = (3,)
    preprocessing = True
    takes_integers = True

    height: Count = Field(24, description="Height of the window.", json_schema_extra={"unit": "pixels"})
    width: Count = Field(24, description="Width of the window.", json_schema_extra={"unit": "pixels"})

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs or None not in inputs[0].shape:
            return found
        # Keras 3.15 slices pictures of unknown size although they may be too small, and then gives another size than it said.
        return (
            f"CenterCrop: invalid input. Expected: pictures of one size. Received: {shape_text(inputs[0].shape)}.",
            'Insert Resizing before it, or use Resizing with fit "crop" in its place.',
        )

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        return kept_whole(layer, inputs[0])


def kept_whole(layer: Any, pictures: Any) -> Any:
    """What a layer makes of pictures; pixels that are whole numbers stay so."""
    import keras

    changed = layer(pictures)
    if keras.backend.standardize_dtype(pictures.dtype) != "uint8":
        return changed
    return keras.ops.cast(keras.ops.round(keras.ops.clip(changed, 0, 255)), "uint8")


class Normalization(LayerBlock):
    """Shifts and scales each channel to mean 0 and deviation 1 over the training data.

    Use it behind an Input of numbers. Mean and variance are measured on the training data; before that it changes nothing.

    Formula: y = (x - mean) / sqrt(variance); inverted: y = x * sqrt(variance) + mean
    Shapes: unchanged.
    Source: LeCun et al. (1998), Efficient backprop, doi:10.1007/3-540-49430-8_2, section 4.3.
    """

    category = "preprocessing"
    layer = "keras.layers.Normalization"
    ranks = (1, 2, 3, 4)
    preprocessing = True
    adaptable = True

    axis: int | None = Field(
        -1,
        ge=-1,
        le=4,
        description="The axis whose entries get a mean each, counted from 1; -1: the last (the channels); empty: one mean for all.",
        json_schema_extra=RARE,
    )
    invert: bool = Field(False, description="Goes back from standardised numbers to those of the data.", json_schema_extra=RARE)
    mean: tuple[float, ...] | None = Field(None, description="Mean of each channel; measured on the training data.", json_schema_extra=FROM_DATA)
    variance: tuple[float, ...] | None = Field(
        None, description="Variance of each channel; measured on the training data.", json_schema_extra=FROM_DATA
    )

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.mean is None) != (self.variance is None) or len(self.mean or ()) != len(self.variance or ()):
            raise ValueError("mean and variance belong together, with one number per channel each")
        if any(value < 0 for value in self.variance or ()):
            raise ValueError("a variance can't be negative")
        return self

    def arguments(self) -> dict[str, Any]:
        common = {"axis": self.axis, "invert": self.invert}
        if self.mean is None or self.variance is None:
            return {**common, "mean": 0.0, "variance": 1.0}
        if self.axis is None:
            return {**common, "mean": self.mean[0], "variance": self.variance[0]}
        return {**common, "mean": list(self.mean), "variance": list(self.variance)}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        shape = inputs[0].shape
        if self.axis is not None:
            wrong = axis_problem("Normalization", self.axis, shape)
            if wrong:
                return wrong
        channels = 1 if self.axis is None else shape[self.axis - 1 if self.axis > 0 else -1]
        if channels is None:
            return "Normalization: invalid input. Expected: a known number of channels. Received: one that varies.", "Give the shape in the Input."
        if self.mean is not None and len(self.mean) != channels:
            return (
                f"Normalization: invalid mean. Expected: {channels} numbers, one per channel. Received: {len(self.mean)}.",
                "Clear mean and variance to measure them anew.",
            )
        return None

    def adapt(self, values: Any) -> Self:
        array = np.asarray(values)
        kept = None if self.axis is None else self.axis if self.axis > 0 else array.ndim - 1
        axes = tuple(axis for axis in range(array.ndim) if axis != kept)
        mean = np.atleast_1d(array.mean(axis=axes, dtype=np.float64))
        variance = np.atleast_1d(array.var(axis=axes, dtype=np.float64))
        return self.model_copy(update={"mean": tuple(float(value) for value in mean), "variance": tuple(float(value) for value in variance)})


class ColumnEncoding(LayerBlock):
    """Turns the columns of a table into one vector of numbers.

    Use it right behind the Input of a table. Numbers are standardised, missing ones replaced by the median and, where the
    training data have gaps, marked by a number of their own. Categories get one number per value and one for unknown
    values. Dates become their distance from the mean date and their place in the year and in the week (and in the day,
    where there are times). Text that is no number or date counts as missing. A column of free text gives a number for each of
    the commonest words of the training data: 1 for a text that holds it.

    With bins, the range of each number and date is also cut into pieces that hold about as many training values each, and a
    number says how far each piece is filled. Then the first layer can bend its answer at every cut, as a decision tree can.
    Dates then get a number for each weekday and month (and for each of eight parts of the day), too.

    Formula: number: (x - mean) / deviation, cut off at limit; category: 1 at the value's place, 0 elsewhere; date: as a number,
        and sin and cos of 2 * pi * its place in the year and week; words: 1 for each word that is there
    Shapes: the columns -> (features): per number 1, per category 1 + values, per date 5, or 7 with times, per free text its
        words; 1 more per column with gaps in the training data. With bins, up to bins more per number or date, and per date 19
        more, or 27 with times.
    Source: Gorishniy, Rubachev and Babenko (2022), arXiv:2203.05556, section 3.1 (piecewise linear encoding).
    """

    category = "preprocessing"
    layer = "blocks.layers.column_encoding.ColumnEncoding"
    preprocessing = True
    takes_table = True
    adaptable = True

    maximum_categories: Count = Field(100, description="Most values that a category keeps, the frequent ones first; the others count as unknown.")
    bins: Bins = Field(0, description="Most pieces into which the range of each number is cut; 0 for none.")
    maximum_words: Count = Field(
        MOST_WORDS,
        le=MOST_KEPT,
        description="Most words of a free text that get a number, the commonest first.",
        json_schema_extra={"frequent": False},
    )
    limit: float = Field(
        10.0,
        gt=0.0,
        le=1e6,
        description="Standardised numbers beyond it are cut off.",
        json_schema_extra={"frequent": False, "unit": "standard deviations"},
    )
    columns: tuple[ColumnCode, ...] | None = Field(
        None, description="How each column is encoded; measured on the training data.", json_schema_extra=FROM_DATA
    )

    def own_fields(self) -> set[str]:
        return {"maximum_categories", "bins", "maximum_words"}

    def bind(self, features: list[Feature]) -> Self:
        found = columns_of(features)
        if self.columns is not None or not found:
            return self
        return self.model_copy(
            update={"columns": tuple(code_of_feature(feature, self.maximum_categories, self.bins, self.maximum_words) for feature in found)}
        )

    def adapt(self, values: Any) -> Self:
        """Measures the columns anew. Bind the block to the dataset first: it says which texts are dates."""
        kinds = {column.name: column.kind for column in self.columns or ()}
        codes = tuple(
            code_of_values(name, np.asarray(column), kinds.get(name), self.maximum_categories, self.bins, self.maximum_words)
            for name, column in values.items()
        )
        return self.model_copy(update={"columns": codes})

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        table = inputs[0]
        if not isinstance(table, TableSpec):
            return "ColumnEncoding: invalid input. Expected: the columns of a table. Received: one tensor.", "Connect it to the Input of a table."
        if self.columns is None:
            return "ColumnEncoding: the columns aren't known.", "Choose a dataset with a table."
        names = [name for name, _ in table.columns]
        missing = [column.name for column in self.columns if column.name not in names]
        if missing:
            return f"ColumnEncoding: the table has no column {missing[0]!r}.", "Clear columns to measure them anew."
        return None
