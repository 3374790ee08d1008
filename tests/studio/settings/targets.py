"""Targets and data for the tests of losses and metrics."""

from __future__ import annotations

import numpy as np

from blocks.features import Feature

TWO = Feature(name="sick", role="target", kind="category", dtype="int32", classes=("no", "yes"))
FIVE = Feature(name="kind", role="target", kind="category", dtype="int32", classes=tuple("abcde"))
TEN = Feature(name="digit", role="target", kind="category", dtype="int32", classes=tuple("0123456789"))
NUMBER = Feature(name="size", role="target", kind="number")
PRICE = Feature(name="price", role="target", kind="number", statistics={"mean": 40.0, "standard_deviation": 12.0, "minimum": 5.0, "maximum": 90.0})
CHANGE = Feature(name="change", role="target", kind="number", statistics={"mean": 0.0, "standard_deviation": 2.0, "minimum": -7.0, "maximum": 6.0})
PICTURE = Feature(name="photo", role="target", kind="image", shape=(None, None, 3), dtype="uint8", statistics={"scale": 2})
COPY = Feature(name="copy", role="target", kind="image", shape=(12, 12, 1), dtype="uint8", column="image")
DAY = Feature(name="day", role="target", kind="date")
LABELS = Feature(name="objects", role="target", kind="labels", classes=("dot", "bar", "ring", "cross"))
ONE_CLASS = Feature(name="same", role="target", kind="category", dtype="int32", classes=("a",))

FITTING = {"two": TWO, "five": FIVE, "ten": TEN, "number": NUMBER, "price": PRICE, "change": CHANGE, "labels": LABELS}
NO_TARGET = {"day": DAY, "one class": ONE_CLASS}


def probabilities(samples: int, classes: int, seed: int = 0) -> np.ndarray:
    """Random softmax outputs, of which a third are right beyond doubt."""
    logits = 2 * np.random.default_rng(seed).normal(size=(samples, classes))
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (exponents / exponents.sum(axis=1, keepdims=True)).astype(np.float32)


def several(samples: int, count: int, seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Random sets of labels as zeros and ones, and sigmoid outputs that have something to do with them."""
    random = np.random.default_rng(seed)
    true = (random.random((samples, count)) < 0.3).astype(np.float32)
    return true, (1 / (1 + np.exp(-random.normal(3 * true - 1.5, 1.5)))).astype(np.float32)


def labels(samples: int, classes: int, seed: int = 1) -> np.ndarray:
    """Random class numbers."""
    return np.random.default_rng(seed).integers(0, classes, samples).astype(np.int32)
