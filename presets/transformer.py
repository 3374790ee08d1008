"""The Transformer."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from blocks.composite.transformer import TransformerDecoderLayer, TransformerEncoderLayer
from blocks.fields import Count, Probability
from blocks.position import SinusoidalPositionEncoding
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.text_to_text import TextToText

FORMULA = (
    "its stack of 44,138,496 weights, counted in a build of torch.nn.Transformer without the two last normalisations, and three tables of "
    "37,000 x 512 with 37,000 biases"
)


class Transformer(TextToText):
    """Reads and writes texts with attention alone: every place looks at all others, and none has to wait for the one before it.

    Use it for pairs of texts where there are many; with some thousands, Seq2SeqLuong learns sooner. Transformer_slim trains on a processor.

    Departs from the paper: the three tables of vectors (read, already written, to be written) have weights of their own.

    Shapes: one text and (steps) tokens already written -> (steps, target_tokens).
    Weights: (max_tokens + target_tokens) * embedding + (embedding + 1) * target_tokens, and those of its layers; at 37,000 tokens 101,007,496.
    Source: Vaswani et al. (2017), Attention is all you need, arXiv:1706.03762, section 3 and table 3.
    """

    year = 2017
    paper = "Vaswani et al., Attention is all you need, arXiv:1706.03762"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "Transformer_slim": {"embedding": 64, "layers": 2, "num_heads": 4, "hidden_units": 128},
        "TransformerBase": {},
        "TransformerBig": {"embedding": 1024, "num_heads": 16, "hidden_units": 4096, "dropout": 0.3},
    }
    canonical_shapes = {"tokens": (50,)}
    canonical_classes = 37_000
    golden = (
        Golden(
            "TransformerBase",
            (),
            37_000,
            101_007_496,
            FORMULA,
            params={"max_tokens": 37_000},
            stages=Stages("section 3 and table 3, from 50 tokens", ((50, 512), (50, 2048), (50, 512), (50, 37_000))),
        ),
    )

    embedding: Count = Field(512, description="Length of a token's vector, and of all that passes between the layers.")
    layers: Count = Field(6, le=64, description="Layers on each side.")
    num_heads: Count = Field(8, le=1024, description="Attention heads; they must divide the vectors' length.")
    hidden_units: Count = Field(2048, description="Units of the dense layer in the middle of each layer.")
    dropout: Probability = Field(0.1, description="Share of values that are set to 0 in training, behind attention and dense layers.")

    def wire(self, net: Wiring, x: Node, before: Node) -> Node:  # type: ignore[override]
        x, y = self.embedded(net, x, before)
        settings = {"num_heads": self.num_heads, "hidden_units": self.hidden_units, "dropout": self.dropout}
        x = net.add("source_positions", SinusoidalPositionEncoding(scale_inputs=True), x)
        for number in range(1, self.layers + 1):
            x = net.add(f"encoder{number}", TransformerEncoderLayer(**settings), x)
        y = net.add("target_positions", SinusoidalPositionEncoding(scale_inputs=True), y)
        for number in range(1, self.layers + 1):
            y = net.add(f"decoder{number}", TransformerDecoderLayer(**settings), y, x)
        return y
