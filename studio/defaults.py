"""Every default that depends on the data or the network. Nothing here looks at a clock or at the machine."""

from __future__ import annotations

import math
from typing import Any

from blocks.features import Feature, columns_of, inputs_of, targets_of
from studio.recipe import PresetOrder
from studio.settings.optimizers import Optimizer

HEAVY_BATCH = 64
SMALLEST_BATCH = 16
LARGEST_BATCH = 256
TARGET_STEPS = 2000
"""Steps that a default training of a table aims at; a step takes a fraction of a millisecond."""
HEAVY_TARGET_STEPS = 1600
"""The same for pictures, texts and arrays: minutes on two CPU cores."""


def network(features: list[Feature], samples: int) -> PresetOrder:
    """The preset that fits the features: a small convolutional network, a text network, or a multilayer perceptron."""
    kinds = {feature.kind for feature in inputs_of(features)}
    if kinds == {"image"}:
        return PresetOrder(preset="SimpleCNN")
    if kinds == {"text"}:
        return PresetOrder(preset="TextLSTM")
    return PresetOrder(preset="MLP", params=_mlp(features, samples))


def _mlp(features: list[Feature], samples: int) -> dict[str, Any]:
    """Two smooth hidden layers over numbers cut into pieces; the fewer samples, the narrower and the more dropout."""
    if not columns_of(features):
        return {}
    width = 64 if samples < 500 else 128
    return {"units": [width, width], "activation": "silu", "dropout": 0.3 if samples < 2000 else 0.1, "bins": 8}


def optimizer(features: list[Feature]) -> dict[str, Any]:
    """Adam, for pictures at twice its usual rate; for tables AdamW at three times, with a decay that keeps the pieces of numbers small."""
    if columns_of(features):
        return {"name": "adamw", "learning_rate": 0.003, "weight_decay": 0.3}
    pictures = any(feature.kind == "image" for feature in inputs_of(features))
    return {"name": "adam", "learning_rate": 0.002 if pictures else 0.001}


def schedule(chosen: Optimizer) -> str:
    """Cosine, which ends with small steps; constant for the classical descents and for methods that want it."""
    return "constant" if chosen.wants_constant_rate or chosen.batch_size is not None else "cosine"


def batch_size(samples: int, features: list[Feature]) -> int:
    """A power of two that gives at least 20 steps per epoch, from 16 to 256; pictures and texts at most 64."""
    largest = HEAVY_BATCH if is_heavy(features) else LARGEST_BATCH
    wanted = 1 << int(math.log2(max(1, samples // 20)))
    return max(min(SMALLEST_BATCH, samples), min(largest, wanted))


def epochs(samples: int, batch: int, features: list[Feature]) -> int:
    """Passes that come to about 1,600 steps (tables: 2,000), from 10 to 150."""
    steps = math.ceil(samples / batch)
    target = HEAVY_TARGET_STEPS if is_heavy(features) else TARGET_STEPS
    return max(10, min(150, round(target / steps)))


def patience(epochs_planned: int) -> int:
    """Epochs without gain before training ends: half of the plan, from 5 to 40, since a falling rate gains most at its end."""
    return max(5, min(40, round(epochs_planned / 2)))


def is_heavy(features: list[Feature]) -> bool:
    """Whether a sample is more than the columns of a table."""
    return any(not feature.is_column for feature in inputs_of(features))


def target_of(features: list[Feature]) -> Feature:
    """The target that loss and metrics follow."""
    return targets_of(features)[0]
