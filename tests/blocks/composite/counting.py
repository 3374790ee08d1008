"""Networks of composites, written as chains, to compare their figures with printed ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks import Graph, analyse
from blocks.activation import Activation, ReLU
from blocks.analysis import Analysis
from blocks.base import Block
from blocks.convolution import Conv2D
from blocks.dense import Dense
from blocks.graph import NodeDocument
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.ports import Input

Part = Block | tuple[Block, ...]


def node(block: Block, *inputs: str) -> dict[str, Any]:
    """A block as a node of a document."""
    return NodeDocument(block=type(block).__name__, params=block.params(), inputs=inputs).model_dump(mode="json")


def chain(shape: tuple[int, ...], *blocks: Block) -> Graph:
    """Blocks one after the other behind an Input; where one gives two outputs and the next takes two, both are connected."""
    nodes = {"input": node(Input(shape=shape))}
    before = ["input"]
    for number, block in enumerate(blocks):
        name = f"n{number}"
        taken = before if block.arity[1] != 1 else before[:1]
        nodes[name] = node(block, *taken)
        before = [name, f"{name}:1"] if type(block).__name__ in ("GeneralizedResidual", "ResNetInResNetBlock") else [name]
    return Graph.model_validate({"nodes": nodes})


def figures(shape: tuple[int, ...], *blocks: Block) -> Analysis:
    """The analysis of a chain."""
    found = analyse(chain(shape, *blocks))
    assert not found.errors, found.errors[0].sentence()
    return found


def unit(filters: int, kernel_size: int | tuple[int, int] = 1, strides: int = 1, padding: str = "same", bias: bool = False) -> list[Block]:
    """A convolution with normalisation and activation."""
    convolution = Conv2D(filters=filters, kernel_size=kernel_size, strides=strides, padding=padding, use_bias=bias)  # type: ignore[arg-type]
    return [convolution, BatchNormalization(), ReLU()]


def classifier(classes: int = 1000) -> list[Block]:
    """The mean over all places and a dense layer."""
    return [GlobalAveragePooling2D(), Dense(units=classes)]


def imagenet_stem() -> list[Block]:
    """The beginning of a ResNet for large pictures."""
    return [*unit(64, 7, 2), MaxPooling2D(pool_size=3, strides=2, padding="same")]


def normalised() -> list[Block]:
    """The end of a network of pre-activation blocks."""
    return [BatchNormalization(), Activation(activation="relu")]


def giga(found: Analysis) -> float:
    """Thousand millions of multiply-adds, as the tables round them."""
    return round(found.multiply_adds / 1e9, 3)


def mega(found: Analysis) -> float:
    """Millions of multiply-adds, as the tables round them."""
    return round(found.multiply_adds / 1e6, 2)


def flat(parts: Sequence[Part | list[Block]]) -> list[Block]:
    """Blocks out of lists of them."""
    found: list[Block] = []
    for part in parts:
        found += list(part) if isinstance(part, list | tuple) else [part]
    return found
