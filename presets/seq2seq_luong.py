"""A decoder that looks back at what the encoder read, behind its recurrent layers."""

from __future__ import annotations

from blocks.encoder_attention import LuongAttention
from blocks.wiring import Node, Wiring
from presets.base import Golden
from presets.translating import Translating

FORMULA = (
    "the formula (V + W) E + 2 * 4 (U/2 + E + 1) U/2 + 4 (U + E + 1) U + U U + 2 U U + (U + 1) W "
    "for V tokens read, W written, vectors of length E and U units"
)


class Seq2SeqLuong(Translating):
    """Reads a text in both directions, and at each place of the answer looks where in it the next token comes from.

    Use it first to turn texts into others: spellings, dates, names, short sentences. It learns from some thousands of pairs in a minute.

    The paper reads in one direction with four layers of 1,000 units, and feeds what the attention found into the next step, which layers over
    whole sequences can't do; here one layer reads in both directions with half the units each, and the decoder begins with both last states.

    Shapes: one text and (steps) tokens already written -> (steps, target_tokens).
    Weights: (max_tokens + target_tokens) * embedding + 4 * (units / 2 + embedding + 1) * units + 4 * (units + embedding + 1) * units
        + 3 * units^2 + (units + 1) * target_tokens, with one layer.
    Source: Luong, Pham and Manning (2015), Effective approaches to attention-based neural machine translation, arXiv:1508.04025, section 3.1
        (global attention, "general").
    """

    title = "Seq2Seq with Luong attention"
    year = 2015
    paper = "Luong, Pham and Manning, Effective approaches to attention-based neural machine translation, arXiv:1508.04025"
    canonical_shapes = {"tokens": (50,)}
    canonical_classes = 10_000
    golden = (
        Golden(
            "Seq2SeqLuong", (), 10_000,
            20_000 * 64 + 2 * 4 * (64 + 64 + 1) * 64 + 4 * (128 + 64 + 1) * 128 + 128 * 128 + 2 * 128 * 128 + 129 * 10_000, FORMULA,
        ),
    )  # fmt: skip

    def wire(self, net: Wiring, x: Node, before: Node) -> Node:  # type: ignore[override]
        x, y = self.embedded(net, x, before)
        encoder, states = self.encoded(net, x)
        decoder = net.add("decoder", self.recurrent(self.units), y, *states)
        attention = net.add("attention", LuongAttention(score="general", return_attention_scores=True), decoder, encoder)
        return self.dropped(net, "dropout", attention)
