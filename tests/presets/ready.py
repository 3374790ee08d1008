"""Ready presets as tests take them: of each family the first variant, parameters that keep a step quick, the smallest input, samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

import presets
from blocks import Graph
from presets import Preset
from presets.comparing import Comparing

SMALLER: dict[str, dict[str, Any]] = {
    **{name: {"dense_units": 8} for name, preset in presets.all().items() if "dense_units" in type(preset).model_fields},
    **{name: {"units": 8, "embedding": 8} for name in ("Seq2SeqLSTM", "Seq2SeqBahdanau", "Seq2SeqLuong")},
    **{name: {"embedding": 8} for name in ("Siamese", "Siamese_slim", "Triplet", "Quadruplet")},
    "KochCNN": {"units": 8},
    "UNet": {"filters": 4},
    "TextCNN": {"embedding": 8},
    **{name: {"filters": 8, "blocks": 2} for name in ("EDSR_x2", "EDSR_x3", "EDSR_x4")},
}
"""Parameters that make a training step quick and leave the architecture as it is."""
SHALLOWER: dict[str, dict[str, Any]] = {
    "DeepLabV3": {"filters": 16},
    "DenseNet121": {"layers": (2, 2, 2, 2)},
    "SENet154": {"blocks": (1, 1, 1, 1)},
    "ViT_Ti16": {"layers": 2},
    "Xception": {"middle": 1},
}
"""Parameters that repeat its parts less often, or make them narrower; `benchmarks/every_preset.py` goes without them."""
WORDS = ["a", "cat", "dog"]


def first_variants() -> list[str]:
    """The first ready variant of each family: the others repeat its layers, wider or deeper."""
    return [next(iter(family.variants), name) for name, family in presets.families().items()]


def quick(name: str) -> Preset:
    """A ready variant whose training step is quick."""
    return presets.get(name, **reduced(name))


def reduced(name: str) -> dict[str, Any]:
    """The parameters that make a ready variant quick."""
    return {**SMALLER.get(name, {}), **SHALLOWER.get(name, {})}


def smallest(preset: Preset) -> tuple[int, ...]:
    """The least input shape."""
    if "image" not in preset.subjects:
        return preset.canonical_shape
    return (preset.least_size, preset.least_size, 1)


def smallest_graph(preset: Preset) -> Graph:
    """A network at its least input shape, for three classes, its words learned."""
    return with_vocabulary(preset.graph(smallest(preset), classes=3))


def sample(preset: Preset) -> Any:
    """Four random samples of the least input shape."""
    if isinstance(preset, Comparing):
        drawn = np.random.default_rng(0)
        return {f"image_{branch}": tf.constant(drawn.integers(0, 256, (4, *smallest(preset))), "uint8") for branch in preset.branches}
    if preset.together and "columns" in preset.subjects:
        random = np.random.default_rng(0)
        pixels = random.integers(0, 256, (4, *smallest(preset)))
        return {
            "image": tf.constant(pixels, "uint8"),
            "columns": tf.constant(random.normal(size=(4, *preset.canonical_shapes["columns"])), "float32"),
        }
    if "tokens" in preset.subjects:
        texts = tf.constant(["a cat", "a dog sat", "", "cat cat cat"])
        steps = preset.canonical_shapes["tokens"][0]
        return {"text": texts, "target_before": tf.constant(np.random.default_rng(0).integers(0, 3, (4, steps)), "int32")}
    if preset.canonical_shape == ():
        return tf.constant(["a cat", "a dog sat", "", "cat cat cat"])
    if "image" not in preset.subjects:
        return tf.constant(np.random.default_rng(0).normal(size=(4, *smallest(preset))), "float32")
    return tf.constant(np.random.default_rng(0).integers(0, 256, (4, *smallest(preset))), "uint8")


def with_vocabulary(graph: Graph) -> Graph:
    """The graph as it is after its words have been learned."""
    for name, node in graph.nodes.items():
        if node.block == "TextVectorization":
            learned = {"vocabulary": WORDS, **({"idf_weights": [0.5, 1.0, 1.5]} if node.params.get("output_mode") == "tf_idf" else {})}
            graph = graph.with_node(name, params={**node.params, **learned})
    return graph
