"""Ways out where texts or the columns of a table arrive at a block for numbers, or numbers at one for words."""

from __future__ import annotations

from typing import Any

from blocks.base import LayerBlock
from blocks.embedding import Embedding
from blocks.lint.base import CLASSES, COLUMNS, TEXTS, Edit, Example, Fix, Mend, sketch
from blocks.lint.failure import Failure
from blocks.spec import Spec, TableSpec


class TableAsNumbers(Mend):
    """The columns of a table where numbers are wanted."""

    name = "table-as-numbers"
    why = "The columns of a table are numbers, words and dates; ColumnEncoding makes one vector of numbers of them."

    def fix(self, failure: Failure) -> Fix | None:
        block = failure.block
        if not isinstance(block, LayerBlock) or block.takes_table or (block.ranks and 1 not in block.ranks):
            return None
        places = [index for index, spec in enumerate(failure.taken or ()) if isinstance(spec, TableSpec)]
        return Fix("Insert ColumnEncoding", tuple(_insert(failure, "ColumnEncoding", {}, index) for index in places)) if places else None

    def example(self) -> Example:
        graph = sketch(table=("Input", {}), dense=("Dense", {"activation": "relu"}, "table"), out=("Output", {}, "dense"))
        return Example(graph, "dense", (*COLUMNS, CLASSES))


class TextAsNumbers(Mend):
    """Texts where numbers are wanted: words become numbers, and these vectors where the block looks at a sequence."""

    name = "text-as-numbers"
    why = "A network computes with numbers; TextVectorization gives each word its number in a vocabulary."

    def fix(self, failure: Failure) -> Fix | None:
        block = failure.block
        if not isinstance(block, LayerBlock) or block.takes_text:
            return None
        places = [index for index, spec in enumerate(failure.taken or ()) if isinstance(spec, Spec) and spec.dtype == "string"]
        vectors = bool(block.ranks) and 1 not in block.ranks
        if not places or (vectors and 2 not in block.ranks):
            return None
        params = {"max_tokens": max(3, block.input_dim)} if isinstance(block, Embedding) else {} if vectors else {"output_mode": "multi_hot"}
        edits = [_insert(failure, "TextVectorization", params, index) for index in places]
        edits += [_insert(failure, "Embedding", {}, index) for index in places if vectors]
        return Fix("Insert TextVectorization and Embedding" if vectors else "Insert TextVectorization", tuple(edits))

    def example(self) -> Example:
        return Example(sketch(text=("Input", {}), lstm=("LSTM", {}, "text"), out=("Output", {}, "lstm")), "lstm", (TEXTS, CLASSES))


class NumbersAsWords(Mend):
    """Decimal numbers where an Embedding wants the numbers of words."""

    name = "numbers-as-words"
    why = "An Embedding looks a whole number up in a list of vectors; decimal numbers are for Dense, which multiplies them."

    def fix(self, failure: Failure) -> Fix | None:
        block, specs = failure.block, failure.taken
        if not isinstance(block, Embedding) or not specs or specs[0].is_integer or specs[0].dtype in ("string", "columns") or not specs[0].shape:
            return None
        edits: tuple[Edit, ...] = (
            {"do": "replace", "node": failure.path, "block": "Dense"},
            {"do": "set", "nodes": [failure.path], "params": {"units": block.output_dim}},
        )
        return Fix("Replace it by Dense", edits)

    def example(self) -> Example:
        return Example(sketch(x=("Input", {"shape": [4]}), words=("Embedding", {}, "x"), out=("Output", {"units": 2}, "words")), "words")


def _insert(failure: Failure, block: str, params: dict[str, Any], index: int) -> Edit:
    return {"do": "insert", "block": block, "params": params, "to": failure.path, "index": index}
