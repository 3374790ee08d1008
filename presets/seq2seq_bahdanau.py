"""A decoder that looks back at what the encoder read, between its recurrent layers."""

from __future__ import annotations

from typing import ClassVar, Literal

from blocks.encoder_attention import BahdanauAttention
from blocks.merging import Concatenate
from blocks.wiring import Node, Wiring
from presets.base import Golden
from presets.translating import Translating

FORMULA = (
    "the formula (V + W) E + 2 * 3 (U/2 + E + 2) U/2 + 3 (U + E + 2) U + U (2 U + 2 + 1) + 3 (U + 2 U + 2) U + (2 U + 1) W "
    "for V tokens read, W written, vectors of length E and U units"
)


class Seq2SeqBahdanau(Translating):
    """Reads a text in both directions; a small network tells at each place of the answer what of it matters for the next token.

    Use it as Seq2SeqLuong; what the attention found passes through a further recurrent layer, so it costs more time.

    In the paper one recurrent layer asks the attention with its last state and takes the answer into the next one, step by step. Layers over
    whole sequences can't; here a first one, which has read what is written, asks, and a second one takes the answers, as the two-step unit of
    Sennrich et al. (2017), arXiv:1703.04357, does. There is no maxout layer before the end, and the decoder begins with both last states.

    Shapes: one text and (steps) tokens already written -> (steps, target_tokens).
    Weights: (max_tokens + target_tokens) * embedding + 3 * (units / 2 + embedding + 2) * units + 3 * (units + embedding + 2) * units
        + units * (2 * units + 3) + 3 * (3 * units + 2) * units + (2 * units + 1) * target_tokens, with one layer.
    Source: Bahdanau, Cho and Bengio (2014), Neural machine translation by jointly learning to align and translate, arXiv:1409.0473.
    """

    title = "Seq2Seq with Bahdanau attention"
    year = 2014
    paper = "Bahdanau, Cho and Bengio, Neural machine translation by jointly learning to align and translate, arXiv:1409.0473"
    canonical_shapes = {"tokens": (50,)}
    canonical_classes = 10_000
    cell: ClassVar[Literal["LSTM", "GRU"]] = "GRU"
    golden = (
        Golden(
            "Seq2SeqBahdanau", (), 10_000,
            20_000 * 64 + 2 * 3 * (64 + 64 + 2) * 64 + 3 * (128 + 64 + 2) * 128 + 128 * (2 * 128 + 3) + 3 * (128 + 256 + 2) * 128 + 257 * 10_000,
            FORMULA,
        ),
    )  # fmt: skip

    def wire(self, net: Wiring, x: Node, before: Node) -> Node:  # type: ignore[override]
        x, y = self.embedded(net, x, before)
        encoder, states = self.encoded(net, x)
        asking = net.add("asking", self.recurrent(self.units), y, *states)
        attention = net.add("attention", BahdanauAttention(units=self.units, return_attention_scores=True), asking, encoder)
        both = net.add("both", Concatenate(), asking, attention)
        decoder = net.add("decoder", self.recurrent(self.units), both)
        return self.dropped(net, "dropout", net.add("answer", Concatenate(), decoder, attention))
