"""Convolutions over words."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from blocks.convolution import Conv1D
from blocks.embedding import Embedding
from blocks.fields import Count, Probability, listed_numbers
from blocks.merging import Concatenate
from blocks.pooling import GlobalMaxPooling1D
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.reading_words import ReadingWords

BUILT = "a build in Keras 3.15.1 of the paper's layers with 20,000 words"
FOUND = Stages("figure 1 and section 3.1", ((100,), (300,), (2,)))
Windows = Annotated[tuple[Count, ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=10)]


class TextCNN(ReadingWords):
    """Looks for short runs of words through windows of several lengths, and keeps how well each was found anywhere in the text.

    Use it to sort texts by what they say, wherever they say it: quick, and hard to beat for sentences. TextCNN_slim is quicker still.

    Departs from the paper: words' vectors start by chance and are learned, and there is no bound on the last layer's weights.

    Shapes: one text -> (classes).
    Weights: max_tokens * embedding + the sum over the windows of (window * embedding + 1) * filters + (windows * filters + 1) * classes.
    Source: Kim (2014), Convolutional neural networks for sentence classification, arXiv:1408.5882, section 2 (CNN-rand).
    """

    title = "Text CNN"
    year = 2014
    paper = "Kim, Convolutional neural networks for sentence classification, arXiv:1408.5882"
    variants: ClassVar[dict[str, dict[str, Any]]] = {"TextCNN": {}, "TextCNN_slim": {"embedding": 64}}
    golden = (
        Golden("TextCNN", (), 2, 6_360_902, BUILT, params={"max_tokens": 20_000}, stages=FOUND),
    )  # fmt: skip

    embedding: Count = Field(300, description="Length of a word's vector.")
    windows: Windows = Field((3, 4, 5), description="Lengths of the windows, in words.")
    filters: Count = Field(100, description="Runs of words that each window looks for.")
    dropout: Probability = Field(0.5, description="Share of values before the output that are set to 0 in training.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = net.add("embedding", Embedding(input_dim=self.max_tokens, output_dim=self.embedding), x)
        found = [
            net.chain(
                x,
                **{
                    f"conv{window}": Conv1D(filters=self.filters, kernel_size=window, padding="same", activation="relu"),
                    f"best{window}": GlobalMaxPooling1D(),
                },
            )
            for window in dict.fromkeys(self.windows)
        ]
        x = net.add("join", Concatenate(), *found) if len(found) > 1 else found[0]
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x
