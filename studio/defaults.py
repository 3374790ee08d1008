"""Every default that depends on the data or the network. Nothing here looks at a clock or at the machine."""

from __future__ import annotations

import math
from typing import Any

from blocks.features import Feature, columns_of, inputs_of, targets_of
from studio.recipe import PresetOrder
from studio.settings.optimizers import Optimizer

IMAGE_BATCH = 64
SMALLEST_BATCH = 16
LARGEST_BATCH = 256
TARGET_STEPS = 3000
"""Steps that a default training aims at: enough for small networks to converge, minutes on two CPU cores."""


def network(features: list[Feature], samples: int) -> PresetOrder:
    """The preset that fits the features: a small convolutional network, a text network, or a multilayer perceptron."""
    kinds = {feature.kind for feature in inputs_of(features)}
    if kinds == {"image"}:
        return PresetOrder(preset="SimpleCNN")
    if kinds == {"text"}:
        return PresetOrder(preset="TextLSTM")
    return PresetOrder(preset="MLP", params=_mlp(features, samples))


def _mlp(features: list[Feature], samples: int) -> dict[str, Any]:
    if not columns_of(features):
        return {}
    width = 64 if samples < 2000 else 128
    return {"units": [width, width], "dropout": 0.2 if samples < 2000 else 0.1}


def schedule(optimizer: Optimizer) -> str:
    """Cosine, which ends with small steps; constant for the classical descents and for methods that want it."""
    return "constant" if optimizer.wants_constant_rate or optimizer.batch_size is not None else "cosine"


def batch_size(samples: int, features: list[Feature]) -> int:
    """A power of two that gives at least 20 steps per epoch, from 16 to 256; pictures and texts at most 64."""
    largest = IMAGE_BATCH if any(feature.kind in ("image", "text") for feature in inputs_of(features)) else LARGEST_BATCH
    wanted = 1 << int(math.log2(max(1, samples // 20)))
    return max(min(SMALLEST_BATCH, samples), min(largest, wanted))


def epochs(samples: int, batch: int) -> int:
    """Passes that come to about 3,000 steps, from 10 to 200."""
    steps = math.ceil(samples / batch)
    return max(10, min(200, round(TARGET_STEPS / steps)))


def patience(epochs_planned: int) -> int:
    """Epochs without gain before training ends: a fifth of the plan, from 5 to 25."""
    return max(5, min(25, round(epochs_planned / 5)))


def target_of(features: list[Feature]) -> Feature:
    """The target that loss and metrics follow."""
    return targets_of(features)[0]
