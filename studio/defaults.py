"""Every default that depends on the data or the network. Nothing here looks at a clock or at the machine."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import blocks
from blocks.features import Feature, columns_of, inputs_of, targets_of
from blocks.graph import Graph
from studio.recipe import PresetOrder
from studio.settings.optimizers import Optimizer

SMALLEST_BATCH = 16
MOST_TOKENS = 160_000
"""Places of the longest texts that the steps of a training walk along in all, reading and writing: one after the other, so that they take time."""
MOST_BAGS = 15_000
"""Texts of which bags of n-grams are kept in memory (48 kB each); of more, the words are read one by one."""

ADAM: dict[str, Any] = {"name": "adam", "learning_rate": 0.001}
"""At its usual rate."""


@dataclass(frozen=True)
class Usual:
    """What a training on one kind of data begins with.

    Args:
        preset: The network.
        params: Parameters of the network.
        optimizer: The optimizer with its parameters.
        largest_batch: Samples per step at the most.
        steps: Steps that a training aims at: minutes on two CPU cores.
        cut_outs: Samples that an epoch has at the least, where training takes parts of pictures; 0 where it takes them whole.
    """

    preset: str
    params: dict[str, Any] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=lambda: dict(ADAM))
    largest_batch: int = 64
    steps: int = 1600
    cut_outs: int = 0


ADAM_TWICE = {"name": "adam", "learning_rate": 0.002}
"""At twice its usual rate."""
ADAM_THRICE = {"name": "adam", "learning_rate": 0.003}
"""At three times."""
ADAMW = {"name": "adamw", "learning_rate": 0.003, "weight_decay": 0.3}
"""At three times its usual rate, with a decay that keeps the pieces of numbers small."""
DESCENT = {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9}
"""Plain descent, which moves the weights of rare words little; for networks without hidden layers only."""
FORECAST = {"name": "adamw", "learning_rate": 0.001, "weight_decay": 1.0}
"""With a decay that keeps a forecast near the last value where nothing better is certain."""

USUAL: dict[str, Usual] = {
    "columns": Usual("MLP", optimizer=ADAMW, largest_batch=256, steps=2000),
    "image": Usual("SimpleCNN", optimizer=ADAM_TWICE),
    "image to image": Usual("EDSR_slim", optimizer=ADAM_TWICE, largest_batch=16, cut_outs=512),
    "image to itself": Usual("ConvAutoencoder"),
    "text to tokens": Usual("Seq2SeqLuong", optimizer=ADAM_THRICE),
    "text": Usual("TextNGrams"),
    "text to category": Usual("TextNGrams", optimizer=DESCENT),
    "sound": Usual("SpectrogramCNN", optimizer=ADAM_TWICE, steps=1000),
    "array": Usual("MLP"),
    "series": Usual("SequenceFCN", optimizer=ADAM_TWICE),
    "series to number": Usual("LinearForecaster", {"hidden": 16}, FORECAST),
    "columns to several": Usual("MultiTask", optimizer=ADAMW, largest_batch=256, steps=2000),
    "image to number": Usual("SimpleCNN", {"augmentation": "none"}, ADAM_TWICE),
    "image to several": Usual("MultiTask", optimizer=ADAM_TWICE),
    "columns and image": Usual("ImageAndTable", {"bins": 8}, ADAM_TWICE),
    "image to identity": Usual("EmbeddingCNN", optimizer=ADAM_TWICE, steps=800),
    "image to transcript": Usual("CRNN_slim", optimizer=ADAM_TWICE, largest_batch=32, steps=1200),
    "sound to transcript": Usual("SpeechCRNN_slim", optimizer=ADAM_TWICE, largest_batch=32, steps=1200),
    "image and image": Usual("Siamese_slim", optimizer=ADAM_TWICE),
    "image to mask": Usual("UNet_slim", optimizer=ADAM_TWICE, largest_batch=8, steps=1000),
}
"""By what the network looks at (`subject`), or by that and the kind of its target: "image to mask", "image to itself", or "image to several"."""
WITHOUT_WEIGHTS = frozenset({"Input", "Output", "Concatenate", "Dropout", "UnitNormalization"})
"""Blocks beside preprocessing that a linear network consists of."""
LIKE_MLP = ("MLP", "MultiTask")
"""Presets whose dense layers follow the number of a table's rows."""


def subject(features: list[Feature]) -> str:
    """What a network for these features looks at: "columns", the kind of the only other input, or all of them, "columns and image"."""
    kinds = [feature.kind for feature in inputs_of(features) if feature.is_given and not feature.is_column]
    return " and ".join(sorted([*kinds, *(["columns"] if columns_of(features) or not kinds else [])]))


def usual(features: list[Feature]) -> Usual:
    """What a training on these features begins with."""
    seen = subject(features)
    targets = targets_of(features)
    said = "several" if len(targets) > 1 else "itself" if targets and targets[0].column else targets[0].kind if targets else ""
    return USUAL.get(f"{seen} to {said}", USUAL.get(seen, USUAL["columns"]))


def network(features: list[Feature], samples: int) -> PresetOrder:
    """The preset that fits the features: a small convolutional network, a text network, a multilayer perceptron ..."""
    found = usual(features)
    if found.preset == "TextNGrams" and samples > MOST_BAGS:
        return PresetOrder(preset="TextBiLSTM")
    params = _mlp(samples) if columns_of(features) and found.preset in LIKE_MLP else {}
    return PresetOrder(preset=found.preset, params={**found.params, **params})


def _mlp(samples: int) -> dict[str, Any]:
    """Two smooth hidden layers over numbers cut into pieces; the fewer samples, the narrower and the more dropout."""
    width = 64 if samples < 500 else 128
    return {"units": [width, width], "activation": "silu", "dropout": 0.3 if samples < 2000 else 0.1, "bins": 8}


def optimizer(features: list[Feature], graph: Graph | None = None) -> dict[str, Any]:
    """Adam; for tables AdamW; for bags of words that are only weighed, plain descent.

    Args:
        graph: The network, if it is another than the usual one.
    """
    found = usual(features).optimizer
    return dict(ADAM if found == DESCENT and graph is not None and not _is_linear(graph) else found)


def _is_linear(graph: Graph) -> bool:
    """Whether nothing but the Outputs has weights, as far as the blocks' names tell."""
    known = blocks.all()
    return all(document.block in WITHOUT_WEIGHTS or getattr(known.get(document.block), "preprocessing", False) for document in graph.nodes.values())


def schedule(chosen: Optimizer) -> str:
    """Cosine, which ends with small steps; constant for the classical descents and for methods that want it."""
    return "constant" if chosen.wants_constant_rate or chosen.batch_size is not None else "cosine"


def in_an_epoch(samples: int, features: list[Feature]) -> int:
    """Samples of an epoch: those of the training split, or, where parts of pictures are taken, as many of each as make enough."""
    least = usual(features).cut_outs
    return samples * max(1, math.ceil(least / max(1, samples)))


def batch_size(samples: int, features: list[Feature]) -> int:
    """A power of two that gives at least 20 steps per epoch, from 16 to 256 for tables and to 64 for most else; 8 for masks."""
    wanted = 1 << int(math.log2(max(1, samples // 20)))
    largest = usual(features).largest_batch
    return max(min(SMALLEST_BATCH, largest, samples), min(largest, wanted))


def epochs(samples: int, batch: int, features: list[Feature]) -> int:
    """Passes that come to about 1,600 steps (tables: 2,000, masks: 1,000; less where long texts are written), from 10 to 150."""
    steps = math.ceil(samples / batch)
    return max(10, min(150, round(_steps(features) / steps)))


def _steps(features: list[Feature]) -> int:
    """The usual steps; fewer where each walks along long texts and writes others."""
    least = usual(features).steps
    written = [target.shape[0] or 0 for target in targets_of(features) if target.kind == "tokens"]
    if not written:
        return least
    read = [int(feature.statistics.get("maximum_tokens") or 0) for feature in inputs_of(features) if feature.is_given]
    return min(least, MOST_TOKENS // max(1, sum(read) + sum(written)))


def patience(epochs_planned: int) -> int:
    """Epochs without gain before training ends: half of the plan, from 5 to 40, since a falling rate gains most at its end."""
    return max(5, min(40, round(epochs_planned / 2)))


def target_of(features: list[Feature]) -> Feature:
    """The target that loss and metrics follow."""
    return targets_of(features)[0]
