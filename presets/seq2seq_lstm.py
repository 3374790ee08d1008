"""Encoder and decoder without attention."""

from __future__ import annotations

from blocks.wiring import Node, Wiring
from presets.base import Golden
from presets.translating import Translating

PRINTED = "section 3.4: 384M parameters, 64M of them recurrent"


class Seq2SeqLSTM(Translating):
    """Reads a text backwards into one state, and writes another text from that state alone.

    Use it to see how far a single vector carries a text; attention (Seq2SeqLuong) learns sooner, and long texts better.

    Shapes: one text and (steps) tokens already written -> (steps, target_tokens).
    Weights: (max_tokens + target_tokens) * embedding + recurrent weights of both sides, each layer 4 * (units + inputs + 1) * units,
        + (units + 1) * target_tokens.
    Source: Sutskever, Vinyals and Le (2014), Sequence to sequence learning with neural networks, arXiv:1409.3215.
    """

    title = "Seq2Seq LSTM"
    year = 2014
    paper = "Sutskever, Vinyals and Le, Sequence to sequence learning with neural networks, arXiv:1409.3215"
    canonical_shapes = {"tokens": (50,)}
    canonical_classes = 10_000
    golden = (
        Golden(
            "Seq2SeqLSTM", (), 80_000, 384_112_000, PRINTED,
            params={"max_tokens": 160_000, "embedding": 1000, "units": 1000, "layers": 4, "dropout": 0.0},
        ),
    )  # fmt: skip

    def wire(self, net: Wiring, x: Node, before: Node) -> Node:  # type: ignore[override]
        x, y = self.embedded(net, x, before)
        encoder = net.add("encoder", self.recurrent(self.units, sequences=False, state=True, backwards=True), x)
        states = [net.output(encoder, number) for number in range(1, self.states + 1)]
        return self.dropped(net, "dropout", net.add("decoder", self.recurrent(self.units), y, *states))
