"""A Transformer that reads texts."""

from __future__ import annotations

from pydantic import Field

from blocks.composite.transformer import TransformerEncoderLayer
from blocks.embedding import Embedding
from blocks.fields import Count, Probability
from blocks.pooling import GlobalAveragePooling1D
from blocks.position import ClassToken, SinusoidalPositionEncoding
from blocks.wiring import Node, Wiring
from presets.base import Golden
from presets.reading_words import ReadingWords

FORMULA = "the formula (V + 1) E + L (4 (E^2 + E) + 2 E H + H + 5 E) + (E + 1) C"


class TextTransformer(ReadingWords):
    """Lets every word of a text look at all others, and decides from the mean of what they saw.

    Use it to sort texts, or to give them a number, where words that belong together stand far apart; with few texts, TextNGrams is better.

    Departs from the paper: one or two small layers, and no training on other texts beforehand. A learned step stands before the words, so
    that there is a mean where a text has none.

    Shapes: one text -> (classes).
    Weights: (max_tokens + 1) * embedding + layers * (4 * (embedding^2 + embedding) + 2 * embedding * hidden_units + hidden_units + 5 * embedding)
        + (embedding + 1) * classes.
    Source: Vaswani et al. (2017), Attention is all you need, arXiv:1706.03762, section 3.1 (the encoder).
    """

    title = "Text Transformer"
    year = 2017
    paper = "Vaswani et al., Attention is all you need, arXiv:1706.03762"
    golden = (
        Golden("TextTransformer", (), 2, 10_001 * 64 + 2 * (4 * (64 * 64 + 64) + 2 * 64 * 128 + 128 + 5 * 64) + 65 * 2, FORMULA),
    )  # fmt: skip

    embedding: Count = Field(64, description="Length of a word's vector.")
    layers: Count = Field(2, le=64, description="Transformer layers.")
    num_heads: Count = Field(4, le=1024, description="Attention heads; they must divide the vectors' length.")
    hidden_units: Count = Field(128, description="Units of the dense layer in the middle of each layer.")
    dropout: Probability = Field(0.1, description="Share of values that are set to 0 in training, behind attention and dense layers.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = net.chain(
            x,
            embedding=Embedding(input_dim=self.max_tokens, output_dim=self.embedding, mask_zero=True),
            class_token=ClassToken(),
            positions=SinusoidalPositionEncoding(scale_inputs=True),
        )
        layer = TransformerEncoderLayer(num_heads=self.num_heads, hidden_units=self.hidden_units, dropout=self.dropout)
        for number in range(1, self.layers + 1):
            x = net.add(f"layer{number}", layer, x)
        return net.add("mean", GlobalAveragePooling1D(), x)
