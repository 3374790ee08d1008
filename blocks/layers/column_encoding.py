"""The Keras layer behind the block ColumnEncoding."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import keras
import tensorflow as tf

from blocks.columns import HOURS, MONTHS, WEEKDAYS, YEAR, ColumnCode
from blocks.layers.word_bag import WordBag

ISO_DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d*)?)?)?$"
NO_DATE = "0001-01-01T00:00:00"
MIDNIGHT = "T00:00:00"


@keras.saving.register_keras_serializable(package="blockstudio")
class ColumnEncoding(keras.layers.Layer):  # type: ignore[misc]
    """One float32 vector from a dictionary of columns.

    Shapes: {column name: (batch,)} -> (batch, features). Numbers are float32 with NaN for gaps; categories, words and
        dates (ISO: "2024-05-31" or "2024-05-31T08:30:00") are strings with "" for gaps.

    Args:
        columns: One ColumnCode, or its dictionary, per column that is used.
        limit: Standardised numbers beyond it are cut off.
    """

    def __init__(self, columns: list[dict[str, Any]], limit: float = 10.0, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.codes = [ColumnCode.model_validate(column) for column in columns]
        self.limit = limit
        self._numbers = [code for code in self.codes if code.kind == "number"]
        self._dates = [code for code in self.codes if code.kind == "date"]
        self._categories = [code for code in self.codes if code.kind == "category"]
        self._texts = [code for code in self.codes if code.kind == "words"]
        self._bags = [WordBag(list(code.words), code.missing) for code in self._texts]
        keys = [f"{index}:{value}" for index, code in enumerate(self._categories) for value in _slots(code)]
        # All categories share one table, made here and not at the first call: a table made inside a traced call is lost.
        self._lookup = keras.layers.StringLookup(vocabulary=keys, num_oov_indices=1, mask_token=None) if keys else None
        self.built = True

    def call(self, inputs: dict[str, Any]) -> Any:
        parts = []
        if self._numbers:
            parts += self._standardised(self._numbers, tf.stack([tf.cast(inputs[code.name], tf.float32) for code in self._numbers], axis=1))
        if self._dates:
            parts += self._encoded_dates(tf.stack([inputs[code.name] for code in self._dates], axis=1))
        if self._categories:
            parts += self._encoded_categories(tf.stack([inputs[code.name] for code in self._categories], axis=1))
        parts += [bag(inputs[code.name]) for code, bag in zip(self._texts, self._bags, strict=True)]
        return tf.concat(parts, axis=1)

    def compute_output_shape(self, input_shape: dict[str, Any]) -> tuple[Any, ...]:
        batch = next(iter(input_shape.values()))[0]
        return (batch, sum(code.width for code in self.codes))

    def compute_output_spec(self, inputs: dict[str, Any]) -> Any:
        return keras.KerasTensor(self.compute_output_shape({name: tensor.shape for name, tensor in inputs.items()}), "float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "columns": [code.model_dump() for code in self.codes], "limit": self.limit}

    def _standardised(self, codes: list[ColumnCode], values: Any, precise: bool = False) -> list[Any]:
        kind = tf.float64 if precise else tf.float32
        present = tf.math.is_finite(values)
        filled = tf.where(present, values, tf.constant([code.median for code in codes], kind))
        scaled = (filled - tf.constant([code.mean for code in codes], kind)) / tf.constant([code.standard_deviation for code in codes], kind)
        parts = [tf.clip_by_value(tf.cast(scaled, tf.float32), -self.limit, self.limit)]
        gaps = [index for index, code in enumerate(codes) if code.missing]
        if gaps:
            parts.append(tf.cast(~tf.gather(present, gaps, axis=1), tf.float32))
        if any(code.pieces for code in codes):
            parts.append(_filled_pieces(codes, tf.cast(filled, tf.float32), present))
        return parts

    def _encoded_dates(self, texts: Any) -> list[Any]:
        # What no code has a say in is computed once for each text, however often it occurs.
        distinct, places = tf.unique(tf.reshape(texts, (-1,)))
        places = tf.reshape(places, tf.shape(texts))
        days = parsed_days(distinct)
        present = tf.math.is_finite(days)
        safe = tf.where(present, days, tf.zeros_like(days))
        parts = self._standardised(self._dates, tf.gather(days, places), precise=True)
        timed = [index for index, code in enumerate(self._dates) if code.times]
        cycles = [(places, YEAR), (places, 7.0)]
        if timed:
            cycles.append((tf.gather(places, timed, axis=1), 1.0))
        for chosen, period in cycles:
            angle = tf.cast(tf.math.floormod(safe, tf.constant(period, tf.float64)) * (2 * math.pi / period), tf.float32)
            parts += [tf.gather(tf.where(present, wave, 0.0), chosen) for wave in (tf.sin(angle), tf.cos(angle))]
        for chosen, period, count, sharp in calendar_parts(self._dates):
            position = tf.math.floormod(safe, tf.constant(period, tf.float64)) * (count / period)
            near = _near(tf.cast(tf.floor(position) if sharp else position, tf.float32), count) * tf.cast(present, tf.float32)[:, None]
            parts.append(_flat(tf.gather(near, tf.gather(places, chosen, axis=1)), len(chosen) * count))
        return parts

    def _encoded_categories(self, values: Any) -> list[Any]:
        if self._lookup is None:
            return [tf.ones_like(values, dtype=tf.float32)]
        prefixes = tf.constant([f"{index}:" for index in range(len(self._categories))])
        places = self._lookup(prefixes + tf.strings.strip(values))
        parts = []
        start = 0
        for index, code in enumerate(self._categories):
            slots = len(_slots(code))
            place = tf.where(places[:, index] == 0, tf.zeros_like(places[:, index]), places[:, index] - start)
            parts.append(tf.one_hot(place, slots + 1, dtype=tf.float32))
            start += slots
        return parts


def calendar_parts(dates: list[ColumnCode]) -> list[tuple[list[int], float, int, bool]]:
    """What is spelled out of which dates: their places among the dates, the period in days, its parts, and whether a date is in one part only."""
    spelled = [index for index, code in enumerate(dates) if code.calendar]
    timed = [index for index in spelled if dates[index].times]
    kinds = [(spelled, YEAR, MONTHS, False), (spelled, 7.0, WEEKDAYS, True), (timed, 1.0, HOURS, False)]
    return [kind for kind in kinds if kind[0]]


def _near(position: Any, places: int) -> Any:
    """For each of the places on a circle: 1 at the place itself, falling to 0 at its neighbours."""
    half = places / 2
    distance = tf.abs(tf.math.floormod(position[:, None] - tf.range(places, dtype=tf.float32) + half, float(places)) - half)
    return tf.maximum(1.0 - distance, 0.0)


def _filled_pieces(codes: list[ColumnCode], values: Any, present: Any) -> Any:
    """How far each piece of the columns' ranges is filled, from 0 to 1; 0 for a gap."""
    column = [index for index, code in enumerate(codes) for _ in range(code.pieces)]
    low = tf.constant([[edge] for code in codes for edge in code.edges[:-1]], tf.float32)
    size = tf.constant([[high - edge] for code in codes for edge, high in pairwise(code.edges)], tf.float32)
    # With the columns along the first axis, where whole rows are picked and not single numbers.
    filled = tf.clip_by_value((tf.gather(tf.transpose(values), column) - low) / size, 0.0, 1.0)
    return tf.transpose(tf.where(tf.gather(tf.transpose(present), column), filled, 0.0))


def _flat(values: Any, width: int) -> Any:
    return tf.reshape(values, (-1, width))


def _slots(code: ColumnCode) -> tuple[str, ...]:
    return (*code.classes, "") if code.missing else code.classes


def parsed_days(texts: Any) -> Any:
    """Days since 1970-01-01 (float64) of ISO dates; NaN for anything else."""
    texts = tf.strings.strip(texts)
    plausible = tf.strings.regex_full_match(texts, ISO_DATE)
    safe = tf.where(plausible, texts, tf.fill(tf.shape(texts), NO_DATE))
    length = tf.strings.length(safe)
    padded = tf.where(
        length < 16, tf.strings.join([tf.strings.substr(safe, 0, 10), MIDNIGHT]), tf.where(length < 19, tf.strings.join([safe, ":00"]), safe)
    )

    def part(start: int, size: int) -> Any:
        return tf.strings.to_number(tf.strings.substr(padded, start, size), tf.int64)

    year, month, day = part(0, 4), part(5, 2), part(8, 2)
    hour, minute, second = part(11, 2), part(14, 2), part(17, 2)
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    lengths = tf.constant([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], tf.int64)
    last = tf.gather(lengths, tf.clip_by_value(month - 1, 0, 11)) + tf.cast(leap & (month == 2), tf.int64)
    valid = plausible & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= last) & (hour < 24) & (minute < 60) & (second < 60)
    # Days of the Gregorian calendar counted from March, so that the leap day is the last of its year.
    shifted = year - tf.cast(month <= 2, tf.int64)
    from_march = (month + 9) % 12
    count = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400 + (153 * from_march + 2) // 5 + day - 1 - 719_468
    whole = tf.cast(count, tf.float64) + tf.cast(hour * 3600 + minute * 60 + second, tf.float64) / 86_400.0
    return tf.where(valid, whole, tf.constant(float("nan"), tf.float64))
