"""Recurrent text classifiers."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.base import LayerBlock
from blocks.embedding import Embedding
from blocks.fields import Count, Probability
from blocks.recurrent import GRU, LSTM, Bidirectional, SimpleRNN
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden
from presets.reading_words import ReadingWords

CELLS = {"LSTM": LSTM, "GRU": GRU, "SimpleRNN": SimpleRNN}
FORMULA = "the formula V E + 4 (U (U + E) + U) + U C + C, with twice the middle part and 2 U C for both directions"


class TextLSTM(ReadingWords):
    """Reads a text word by word with a recurrent layer and decides at the end.

    Use it to sort texts, or to give them a number, where the order of words matters. TextBiLSTM reads in both directions; TextGRU is a little
    quicker than TextLSTM; TextRNN has no gates, and forgets how a long text began.

    Shapes: one text -> (classes).
    Weights: max_tokens * embedding + 4 * (units + embedding + 1) * units + (units + 1) * classes; with bidirectional twice the middle part and
        (2 * units + 1) * classes. A GRU has 3 * (units + embedding + 2) * units in each direction, a simple layer (units + embedding + 1) * units.
    Source: Hochreiter and Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735; Graves and Schmidhuber (2005),
        doi:10.1016/j.neunet.2005.06.042 (both directions); Cho et al. (2014), arXiv:1406.1078 (GRU); Elman (1990),
        doi:10.1207/s15516709cog1402_1 (simple).
    """

    title = "Text LSTM"
    year = 1997
    paper = "Hochreiter and Schmidhuber, Long short-term memory, doi:10.1162/neco.1997.9.8.1735"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "TextLSTM": {}, "TextBiLSTM": {"bidirectional": True}, "TextGRU": {"cell": "GRU"}, "TextRNN": {"cell": "SimpleRNN"},
    }  # fmt: skip
    golden = (
        Golden("TextLSTM", (), 2, 2_609_538, "counted in a build in Keras 3.15.1", params={"max_tokens": 20_000, "embedding": 128}),
        Golden("TextLSTM", (), 2, 10_000 * 64 + 4 * (64 + 64 + 1) * 64 + 2 * (64 + 1), FORMULA),
        Golden("TextBiLSTM", (), 2, 10_000 * 64 + 2 * 4 * (64 + 64 + 1) * 64 + 2 * (128 + 1), FORMULA),
        Golden("TextGRU", (), 2, 10_000 * 64 + 3 * (64 + 64 + 2) * 64 + 2 * (64 + 1), FORMULA),
        Golden("TextRNN", (), 2, 10_000 * 64 + (64 + 64 + 1) * 64 + 2 * (64 + 1), FORMULA),
    )

    embedding: Count = Field(64, description="Length of a word's vector.")
    cell: Literal["LSTM", "GRU", "SimpleRNN"] = Field("LSTM", description="The recurrent layer: with a memory and gates, with gates, or without.")
    units: Count = Field(64, description="Size of its state.")
    bidirectional: bool = Field(False, description="Reads the text in both directions.")
    dropout: Probability = Field(0.3, description="Share of values behind it that are set to 0 in training.")

    def wire(self, net: Wiring, x: Node) -> Node:
        layer = CELLS[self.cell](units=self.units)
        reader: LayerBlock = Bidirectional.around(layer) if self.bidirectional else layer
        x = net.chain(x, embedding=Embedding(input_dim=self.max_tokens, output_dim=self.embedding, mask_zero=True), reader=reader)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x
