"""Sample inputs and parameters for every block: what its declaration does not say by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from blocks import Graph, LayerBlock
from blocks.base import Block
from blocks.spec import AnySpec, Spec, TableSpec

SHAPES: dict[int, tuple[int, ...]] = {0: (), 1: (6,), 2: (8, 6), 3: (8, 8, 6), 4: (6, 6, 6, 4), 5: (4, 4, 4, 4, 3)}
BATCH = 3

COLUMNS = (
    {"name": "age", "kind": "number", "mean": 30.0, "standard_deviation": 10.0, "median": 29.0, "missing": True},
    {"name": "colour", "kind": "category", "classes": ["blue", "red"]},
    {"name": "seen", "kind": "date", "mean": 19_000.0, "standard_deviation": 100.0, "median": 19_000.0},
    {"name": "note", "kind": "words", "words": ["new", "größe"], "missing": True},
)
TABLE = TableSpec((("age", "float32"), ("colour", "string"), ("seen", "string"), ("note", "string")))

MEASURED: dict[str, dict[str, Any]] = {
    "TextVectorization": {"vocabulary": ["the", "cat", "sat"], "max_tokens": 10, "output_sequence_length": 5},
    "ColumnEncoding": {"columns": COLUMNS},
    "StringLookup": {"vocabulary": ["cat", "the cat"]},
    "IntegerLookup": {"vocabulary": [3, 1, 7]},
}
"""What a dataset would fill in."""

VECTORS, TEXTS, NUMBER, NUMBERS = Spec((8, 6)), Spec((4,), "string"), Spec((), "int32"), Spec((4,), "int32")
TEXT, STATE, PICTURE = Spec((), "string"), Spec((64,)), Spec((8, 8, 6))
SERIES, ROWS, FRAMES, VOLUMES = Spec((4, 6)), Spec((3, 6, 4)), Spec((3, 6, 6, 4)), Spec((3, 4, 4, 4, 3))
"""Short, as layers with a memory take each step by itself."""

OWN_INPUTS: dict[str, list[list[AnySpec]]] = {
    # Several inputs, of shapes of their own.
    "Attention": [[VECTORS], [VECTORS, Spec((5, 6))], [VECTORS, Spec((5, 4)), Spec((5, 6))]],
    "AdditiveAttention": [[VECTORS], [VECTORS, Spec((5, 6))], [VECTORS, Spec((5, 4)), Spec((5, 6))]],
    "MultiHeadAttention": [
        [VECTORS], [VECTORS, Spec((5, 4))], [VECTORS, Spec((5, 4)), Spec((5, 7))],
        [Spec((4, 3, 6))], [Spec((4, 3, 6)), Spec((4, 5, 7))],
    ],
    "GroupQueryAttention": [[VECTORS], [VECTORS, Spec((5, 6))], [VECTORS, Spec((5, 6)), Spec((5, 4))]],
    "BahdanauAttention": [[VECTORS, Spec((5, 4))], [Spec((6,)), Spec((5, 4))]],
    "LuongAttention": [[VECTORS, Spec((5, 6))], [Spec((6,)), Spec((5, 6))]],
    "TransformerEncoderLayer": [[Spec((8, 16))]],
    "TransformerDecoderLayer": [[Spec((8, 16)), Spec((5, 6))]],
    "EncoderDecoderAttention": [[Spec((8, 16)), Spec((5, 6))]],
    "MaxUnpooling2D": [
        [Spec((4, 4, 6)), Spec((4, 4, 6), "int32")],
        [Spec((4, 4, 6)), Spec((4, 4, 6), "int32"), Spec((9, 7, 2))],
    ],
    "UNetUp": [[Spec((4, 4, 6)), Spec((8, 8, 5))]],
    "FCNFusion": [[Spec((4, 4, 6)), Spec((8, 8, 5))]],
    "GeneralizedResidual": [[PICTURE], [PICTURE] * 2],
    "ResNetInResNetBlock": [[PICTURE], [PICTURE] * 2],
    # With and without the state of an encoder.
    "SimpleRNN": [[SERIES], [SERIES, STATE]],
    "GRU": [[SERIES], [SERIES, STATE]],
    "LSTM": [[SERIES], [SERIES, STATE, STATE]],
    "RNN": [[SERIES], [SERIES, *[STATE] * 4]],
    "Bidirectional": [[SERIES], [ROWS], [FRAMES], [VOLUMES]],
    "ConvLSTM1D": [[ROWS]],
    "ConvLSTM2D": [[FRAMES], [FRAMES, Spec((4, 4, 32)), Spec((4, 4, 32))]],
    "ConvLSTM3D": [[VOLUMES]],
    # Texts and whole numbers.
    "Hashing": [[TEXT], [TEXTS], [NUMBER], [NUMBERS]],
    "HashedCrossing": [[TEXT, NUMBER], [NUMBER, NUMBER]],
    "StringLookup": [[TEXTS], [TEXT]],
    "IntegerLookup": [[NUMBER], [NUMBERS], [Spec((4,))]],
    "CategoryEncoding": [[NUMBER], [NUMBERS]],
    # Sound, colours, and channels that must be divisible.
    "STFTSpectrogram": [[Spec((1000,))], [Spec((1000, 2))]],
    "MelSpectrogram": [[Spec((4000,))]],
    **{name: [[Spec((8, 8, 3))]] for name in ("RandomHue", "RandomSaturation", "RandomGrayscale", "RandomColorDegeneration", "RandomColorJitter")},
    "PixelShuffle": [[Spec((4, 4, 16))]],
}  # fmt: skip
"""Inputs of blocks that want special ones."""

FITTING: dict[tuple[str, int], dict[str, Any]] = {
    **{("Permute", rank): {"dims": list(range(rank, 0, -1))} for rank in (1, 2, 3, 4)},
    **{("GroupNormalization", rank): {"groups": 2} for rank in (1, 2, 3, 4)},
    **{("SpectralNormalization", rank): {"block": block} for rank, block in {1: "Dense", 2: "Conv1D", 3: "Conv2D", 4: "Conv3D"}.items()},
    **{("Bidirectional", rank): {"block": block} for rank, block in {3: "ConvLSTM1D", 4: "ConvLSTM2D", 5: "ConvLSTM3D"}.items()},
    **{("TimeDistributed", rank): {"block": block} for rank, block in {3: "LSTM", 4: "Conv2D", 5: "Conv3D"}.items()},
    # Zeros would hold back the gradient of the first step, and so would a single unit with ReLU that happens to give nothing.
    **{("NonLocal", rank): {"output_initializer": "glorot_uniform"} for rank in (2, 3, 4)},
    **{(name, rank): {"squeezed_channels": 32} for name in ("SqueezeExcitation", "ChannelAttention", "CBAM") for rank in (2, 3, 4)},
    ("PatchEmbedding", 3): {"patch_size": 4},
    ("ResidualAttentionModule", 3): {"expansion": 2, "mask_depth": 1},
}
"""Parameters that suit the sample of a rank where the defaults don't."""

JOINED = {"GeneralizedResidual": 2, "ResNetInResNetBlock": 2, "WaveNetBlock": 2}
"""Composites whose further outputs have weights of their own, and how many outputs they have: the network is given all of them side by side."""

KEPT: dict[str, dict[str, Any]] = {
    "CategoryEncoding": {"num_tokens": 12},
    "Embedding": {"input_dim": 12},
    "ReversibleEmbedding": {"input_dim": 12},
    "EinsumDense": {"equation": "...x,xy->...y", "bias_axes": "y"},
    # More take longer and show no more.
    "DenseBlock": {"layers": 2},
    "ResidualStage": {"blocks": 2},
    "ResidualAttentionModule": {"t": 1, "r": 1},
}
"""Parameters that drawn ones don't replace: the sample data depend on them, or the time."""


def inputs_for(block: type[Block]) -> list[list[AnySpec]]:
    """Inputs of every rank that a block claims to take."""
    if block.__name__ in OWN_INPUTS:
        return OWN_INPUTS[block.__name__]
    if issubclass(block, LayerBlock) and block.takes_table:
        return [[TABLE]]
    if issubclass(block, LayerBlock) and block.takes_text:
        return [[Spec((), "string")]]
    dtype = "int32" if block.__name__ in ("Embedding", "ReversibleEmbedding") else "float32"
    count = block.arity[0]
    return [[Spec(SHAPES[rank], dtype)] * count for rank in block.ranks or (1, 2, 3, 4)]


def params_for(block: type[Block], specs: list[AnySpec]) -> dict[str, Any]:
    """Defaults, with what a dataset or the rank decides."""
    return MEASURED.get(block.__name__, {}) or FITTING.get((block.__name__, len(specs[0].shape)), {})


def values_for(specs: list[AnySpec], seed: int = 0) -> list[Any]:
    """Random data, one entry per input."""
    random = np.random.default_rng(seed)
    found: list[Any] = []
    for spec in specs:
        if isinstance(spec, TableSpec):
            found.append(
                {
                    "age": tf.constant([31.0, np.nan, 5.0]),
                    "colour": tf.constant(["red", "?", ""]),
                    "seen": tf.constant(["2022-01-01", "", "soon"]),
                    "note": tf.constant(["a NEW one", "", "Größe-1"]),
                }
            )
        elif spec.dtype == "string":
            texts = tf.constant(["the cat", "", "a cat SAT."])
            found.append(tf.broadcast_to(tf.reshape(texts, (BATCH, *(1 for _ in spec.shape))), (BATCH, *spec.shape)))
        elif spec.is_integer:
            found.append(tf.constant(random.integers(0, 9, (BATCH, *spec.shape)), spec.dtype))
        else:
            found.append(tf.constant(random.normal(size=(BATCH, *spec.shape)), "float32"))
    return found


def graph_of(name: str, params: dict[str, Any], specs: list[AnySpec]) -> Graph:
    """The block alone, behind one Input per input."""
    nodes: dict[str, Any] = {}
    for number, spec in enumerate(specs):
        if isinstance(spec, TableSpec):
            given: dict[str, Any] = {"columns": spec.columns}
        else:
            given = {"shape": [size or 0 for size in spec.shape], "dtype": spec.dtype}
        nodes[f"input{number}"] = {"block": "Input", "params": given}
    nodes["block"] = {"block": name, "params": params, "inputs": list(nodes)}
    if name in JOINED:
        flat = {f"flat{number}": {"block": "Flatten", "inputs": [f"block:{number}"]} for number in range(JOINED[name])}
        nodes |= {**flat, "joined": {"block": "Concatenate", "inputs": list(flat)}}
    return Graph.model_validate({"nodes": nodes})


def fed(values: list[Any]) -> Any:
    """The values as a built model takes them."""
    return values[0] if len(values) == 1 else {f"input{number}": value for number, value in enumerate(values)}
