"""Transformer layers: attention and a small dense network, each beside a shortcut."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.attention import MultiHeadAttention
from blocks.base import Composite
from blocks.dense import Dense
from blocks.fields import RARE, ActivationName, Count, Probability
from blocks.merging import Add
from blocks.normalization import LayerNormalization
from blocks.regularization import Dropout
from blocks.reshaping import Permute
from blocks.wiring import Node, Wiring, WiringError

NormalizationPlace = Literal["before", "behind"]
PLACE = '"behind": normalises the sum, as in the first Transformer; "before": normalises what enters, which trains more easily when deep.'
HEADS = "Attention heads; they must divide the features."
HIDDEN = "Units of the dense layer in the middle."
DROPOUT = "Share of values that are set to 0 in training, behind attention and dense layers."
EPSILON = 1e-6
"""As in the authors' code of the Transformer and of ViT; Keras's own default is 0.001."""


class _Parts(Composite):
    """How attention and dense layers stand beside their shortcuts."""

    category = "transformer"
    ranks = (2,)

    def attended(self, net: Wiring, name: str, x: Node, place: NormalizationPlace, memory: Node | None = None, *, causal: bool = False) -> Node:
        """Attention of x to itself or to a memory, beside its shortcut."""
        num_heads, features = int(self.model_dump()["num_heads"]), net.channels(x)
        if features % num_heads:
            near = max(number for number in range(1, num_heads + 1) if features % number == 0)
            raise WiringError(f"{type(self).__name__}: num_heads ({num_heads}) must divide the {features} features. The nearest is {near}.")
        block = MultiHeadAttention(num_heads=num_heads, key_dim=features // num_heads, use_causal_mask=causal)
        return self.beside(net, name, x, net.add(name, block, self.entering(net, name, x, place), *([memory] if memory else [])), place)

    def thought(self, net: Wiring, name: str, x: Node, place: NormalizationPlace, units: int, activation: str) -> Node:
        """Two dense layers, at every step alone, beside their shortcut."""
        features, rate = net.channels(x), self.model_dump()["dropout"]
        y = net.add(f"{name}1", Dense.read({"units": units, "activation": activation}), self.entering(net, name, x, place))
        if rate:
            y = net.add(f"{name}1_dropout", Dropout(rate=rate), y)
        return self.beside(net, name, x, net.add(f"{name}2", Dense(units=features), y), place)

    def entering(self, net: Wiring, name: str, x: Node, place: NormalizationPlace) -> Node:
        """What a part sees of x."""
        return net.add(f"{name}_norm", LayerNormalization(epsilon=EPSILON), x) if place == "before" else x

    def beside(self, net: Wiring, name: str, x: Node, part: Node, place: NormalizationPlace) -> Node:
        """The part's output added to what entered it."""
        rate = self.model_dump()["dropout"]
        if rate:
            part = net.add(f"{name}_dropout", Dropout(rate=rate), part)
        total = net.add(f"{name}_add", Add(), x, part)
        return net.add(f"{name}_norm", LayerNormalization(epsilon=EPSILON), total) if place == "behind" else total


class _Attending(_Parts):
    num_heads: Count = Field(8, le=1024, description=HEADS)
    dropout: Probability = Field(0.1, description=DROPOUT)
    normalization: NormalizationPlace = Field("behind", description=PLACE, json_schema_extra=RARE)


class _Layered(_Attending):
    hidden_units: Count = Field(2048, description=HIDDEN)
    activation: ActivationName = Field("relu", description="Function of the dense layer in the middle.")


class TransformerEncoderLayer(_Layered):
    """Lets every step look at all steps, then thinks about each step alone.

    Use it in chains behind an Embedding with positions, to read whole texts or sequences.

    Formula: y = norm(x + attention(x)), z = norm(y + dense2(activation(dense1(y))))
    Shapes: unchanged: (steps, features) -> (steps, features).
    Weights: 4 * (channels * channels + channels) + 2 * channels * hidden units + hidden units + 5 * channels
    Multiply-adds: 4 * steps * channels * channels + 2 * steps * steps * channels + 2 * steps * channels * hidden units
    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.1.
    """

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        x = self.attended(net, "attention", x, self.normalization)
        return self.thought(net, "dense", x, self.normalization, self.hidden_units, self.activation)


class TransformerDecoderLayer(_Layered):
    """Lets every step look at the steps before it and at everything an encoder has read.

    Use it to write a sequence: the first input is what was written so far, the second the encoder's output.

    Formula: y = norm(x + causal attention(x)), z = norm(y + attention(y, memory)), w = norm(z + dense2(activation(dense1(z))))
    Shapes: (steps, features) and (memory steps, memory features) -> (steps, features).
    Weights: those of two attentions, of two dense layers and of three normalisations.
    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.1.
    """

    arity = (2, 2)

    def wire(self, net: Wiring, x: Node, memory: Node) -> Node:  # type: ignore[override]
        x = self.attended(net, "self_attention", x, self.normalization, causal=True)
        x = self.attended(net, "cross_attention", x, self.normalization, memory)
        return self.thought(net, "dense", x, self.normalization, self.hidden_units, self.activation)


class EncoderDecoderAttention(_Attending):
    """Lets every step of a decoder look at everything an encoder has read.

    Use it between the layers of a decoder of your own; the first input asks, the second is the encoder's output.

    Formula: y = norm(x + attention(x, memory))
    Shapes: (steps, features) and (memory steps, memory features) -> (steps, features).
    Weights: those of an attention and of a normalisation.
    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.2.3.
    """

    arity = (2, 2)

    def wire(self, net: Wiring, x: Node, memory: Node) -> Node:  # type: ignore[override]
        return self.attended(net, "cross_attention", x, self.normalization, memory)


class VisionTransformerBlock(_Parts):
    """A Transformer layer for the patches of a picture: normalisation first, GELU in the middle.

    Use it in chains behind PatchEmbedding, ClassToken and PositionEmbedding.

    Formula: y = x + attention(norm(x)), z = y + dense2(gelu(dense1(norm(y))))
    Shapes: unchanged: (patches, features) -> (patches, features).
    Weights: 4 * (channels * channels + channels) + 2 * channels * expansion * channels + expansion * channels + 5 * channels
    Multiply-adds: 4 * steps * channels * channels + 2 * steps * steps * channels + 2 * steps * channels * expansion * channels
    Source: Dosovitskiy et al. (2020), arXiv:2010.11929, section 3.1.
    """

    num_heads: Count = Field(3, le=1024, description=HEADS)
    expansion: Count = Field(4, le=64, description="Units of the dense layer in the middle, as a multiple of the features.")
    dropout: Probability = Field(0.0, description=DROPOUT)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        x = self.attended(net, "attention", x, "before")
        return self.thought(net, "dense", x, "before", self.expansion * net.channels(x), "gelu")


class MixerBlock(_Parts):
    """Mixes the patches of a picture with dense layers across patches, then across channels; no attention.

    Use it in chains behind PatchEmbedding, as a simpler relative of VisionTransformerBlock. The number of patches is fixed.

    Formula: y = x + transposed(mlp(transposed(norm(x)))), z = y + mlp(norm(y)); mlp(x) = dense2(gelu(dense1(x)))
    Shapes: unchanged: (patches, features) -> (patches, features).
    Weights: 2 * steps * token units + token units + steps + 2 * channels * channel units + channel units + 5 * channels
    Multiply-adds: 2 * steps * token units * channels + 2 * steps * channels * channel units
    Source: Tolstikhin et al. (2021), arXiv:2105.01601, section 2.
    """

    token_units: Count = Field(256, description="Units in the middle of the mixing across patches.")
    channel_units: Count = Field(2048, description="Units in the middle of the mixing across channels.")
    dropout: Probability = Field(0.0, description="Share of values that are set to 0 in training, behind the dense layers.")

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        patches = net.shape(x)[0]
        if patches is None:
            raise WiringError("MixerBlock: the number of patches must be known. Give the picture's size in the Input, or insert Resizing.")
        y = net.chain(
            x,
            token_norm=LayerNormalization(epsilon=EPSILON),
            token_swap=Permute(dims=(2, 1)),
            token1=Dense(units=self.token_units, activation="gelu"),
        )
        if self.dropout:
            y = net.add("token1_dropout", Dropout(rate=self.dropout), y)
        y = net.chain(y, token2=Dense(units=patches), token_swap_back=Permute(dims=(2, 1)))
        x = self.beside(net, "token", x, y, "before")
        return self.thought(net, "channel", x, "before", self.channel_units, "gelu")
