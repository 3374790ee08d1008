"""The Transformer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from blocks.composite.transformer import TransformerDecoderLayer, TransformerEncoderLayer
from blocks.embedding import Embedding, ReversibleEmbedding
from blocks.features import Feature
from blocks.fields import Count, Probability
from blocks.ports import Output
from blocks.position import SinusoidalPositionEncoding
from blocks.wiring import Node, Wiring
from presets.base import Golden, Situation, Stages
from presets.text_to_text import TextToText

FORMULA = (
    "its stack of 44,138,496 weights, counted in a build of torch.nn.Transformer without the two last normalisations, and three tables of "
    "37,000 x 512 with 37,000 biases"
)
SHARED = "the same stack, or that of 176,357,376 weights, and one table; table 3 rounds to 65 and 213 million"
PASSED = Stages("section 3 and table 3, from 50 tokens", ((50, 512), (50, 2048), (50, 512), (50, 37_000)))


class Transformer(TextToText):
    """Reads and writes texts with attention alone: every place looks at all others, and none has to wait for the one before it.

    Use it for pairs of texts where there are many; with some thousands, Seq2SeqLuong learns sooner. Transformer_slim trains on a processor.

    Departs from the paper: the three tables of vectors (read, already written, to be written) have weights of their own, unless
    tied_embeddings says otherwise.

    Shapes: one text and (steps) tokens already written -> (steps, target_tokens).
    Weights: (max_tokens + target_tokens) * embedding + (embedding + 1) * target_tokens, and those of its layers; at 37,000 tokens
        101,007,496, and 63,082,496 with one table.
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
        Golden("TransformerBase", (), 37_000, 101_007_496, FORMULA, params={"max_tokens": 37_000}, stages=PASSED),
        Golden("TransformerBase", (), 37_000, 63_082_496, SHARED, params={"tied_embeddings": "all"}),
        Golden("TransformerBig", (), 37_000, 214_245_376, SHARED, params={"tied_embeddings": "all"}),
    )

    embedding: Count = Field(512, description="Length of a token's vector, and of all that passes between the layers.")
    layers: Count = Field(6, le=64, description="Layers on each side.")
    num_heads: Count = Field(8, le=1024, description="Attention heads; they must divide the vectors' length.")
    hidden_units: Count = Field(2048, description="Units of the dense layer in the middle of each layer.")
    dropout: Probability = Field(0.1, description="Share of values that are set to 0 in training, behind attention and dense layers.")
    tied_embeddings: Literal["none", "target", "all"] = Field(
        "none",
        description='Which tables of vectors are one: "none"; "target", those of what is written and of the scores of what comes next; "all", '
        "also that of what is read, as in the paper, for texts of one vocabulary.",
        json_schema_extra={"frequent": False},
    )

    def misfit(self, features: Sequence[Feature]) -> str:
        reason = super().misfit(features)
        if reason or self.tied_embeddings != "all":
            return reason
        return f'{self.name} reads and writes one vocabulary; the dataset has two. Set tied_embeddings to "target".'

    def suited(self, situation: Situation) -> Self:
        fitted = super().suited(situation)
        return fitted.model_copy(update={"max_tokens": fitted.target_tokens}) if self.tied_embeddings == "all" else fitted

    def embedded(self, net: Wiring, source: Node, before: Node) -> tuple[Node, Node]:
        if self.tied_embeddings == "none":
            return super().embedded(net, source, before)
        y = net.add("target_embedding", ReversibleEmbedding(input_dim=self.target_tokens, output_dim=self.embedding), before)
        if self.tied_embeddings == "all":
            x = net.reuse("source_embedding", y, source)
        else:
            x = net.add("source_embedding", Embedding(input_dim=self.max_tokens, output_dim=self.embedding, mask_zero=True), source)
        return self.dropped(net, "source_dropout", x), y

    def tower(self, net: Wiring, body: Node, number: int) -> Node:  # noqa: ARG002 - there is one target
        return body if self.tied_embeddings == "none" else net.reuse("scores", Node("target_embedding"), body)

    def head(self, target: Feature | None, classes: int | None) -> Output:
        end = super().head(target, classes)
        return end if self.tied_embeddings == "none" else end.model_copy(update={"head": "none"})

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
