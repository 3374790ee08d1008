"""Bags of words and of short runs of letters: linear text classification."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.features import Feature
from blocks.fields import Count, Probability
from blocks.graph import NodeDocument
from blocks.merging import Concatenate
from blocks.normalization import UnitNormalization
from blocks.preprocessing import Rescaling
from blocks.regularization import Dropout
from blocks.spec import AnySpec, Spec
from blocks.text import TextVectorization
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset
from presets.fronts import as_node

STRENGTH = 20.0
"""Length of a text's vector: its numbers are then about 1, and steps of the usual size learn quickly."""
WORTH_OF_WORDS = 2.0
"""By what words count more than runs of letters, of which a text has many more."""
FORMULA = "the formula V C + C of a linear model with C classes on V numbers"


class TextNGrams(Preset):
    """Looks which words and which runs of one to three letters a text has, wherever they stand, and weighs them.

    Use it first for texts, above all with few of them, for many languages, or to tell languages apart; it is linear, trains in
    seconds, and is hard to beat below some thousands of texts.

    Rare words and runs count more than frequent ones (tf-idf).

    Shapes: one text -> (classes).
    Weights: (letters + words) * classes + classes.
    Source: Cavnar and Trenkle (1994), N-gram-based text categorization, SDAIR-94; Joulin et al. (2016), arXiv:1607.01759 (bags of
        n-grams with a linear classifier).
    """

    title = "Text n-grams"
    subjects = ("text",)
    year = 1994
    paper = "Cavnar and Trenkle, N-gram-based text categorization, Symposium on Document Analysis and Information Retrieval"
    canonical_shape = ()
    canonical_classes = 2
    golden = (Golden("TextNGrams", (), 2, 12_000 * 2 + 2, FORMULA),)

    letters: Count = Field(8_000, ge=3, description="Most frequent runs of letters that are looked for.")
    ngrams: Literal[1, 2, 3, 4] = Field(3, description="Longest run of letters.")
    words: Count = Field(4_000, ge=3, description="Most frequent words that are looked for.")
    dropout: Probability = Field(0.3, description="Share of words and runs that are overlooked in training.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = net.chain(x, length=UnitNormalization(), strength=Rescaling(scale=STRENGTH))
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x

    def text_front(self, text: str, feature: Feature | None, nodes: dict[str, NodeDocument]) -> tuple[str, AnySpec]:  # noqa: ARG002 - the same for all
        runs = self.ngrams if self.ngrams > 1 else None
        letters = TextVectorization(max_tokens=self.letters, output_mode="tf_idf", split="character", ngrams=runs, standardize="lower")
        nodes["letters"] = as_node(letters, text)
        nodes["words"] = as_node(TextVectorization(max_tokens=self.words, output_mode="tf_idf"), text)
        nodes["worth"] = as_node(Rescaling(scale=WORTH_OF_WORDS), "words")
        nodes["both"] = as_node(Concatenate(), "letters", "worth")
        return "both", Spec((self.letters + self.words,))
