"""Texts: sentences, text files, or a column of a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blocks.features import Feature
from studio.datasets.readers.encodings import detect
from studio.evaluation.asking.base import Asking, Batch, Port, Usage, refuse_other
from studio.evaluation.asking.tables import of_table
from studio.evaluation.errors import EvaluationError

SUFFIXES = {".txt", ".md", ".text"}


class Texts(Asking):
    """Strings."""

    kinds = ("text",)
    noun = "texts"
    step = 256

    def files(self, paths: Sequence[Path], port: Port, features: Sequence[Feature]) -> list[Batch]:
        texts = [path for path in paths if path.is_dir() or path.suffix.casefold() in SUFFIXES]
        tables = [path for path in paths if path not in texts]
        by_line = any(feature.kind == "tokens" for feature in features)  # such texts are short: names, dates, sentences
        return [*([_of_files(texts, port, by_line)] if texts else []), *(of_table(path, port, features) for path in tables)]

    def usage(self, port: Port) -> Usage:
        return Usage('client.py "A sentence" ...', "sentences = sys.argv[1:]", f'{{"{port.name}": tf.constant(sentences)}}', "sentences")

    def usage_layered(self, port: Port) -> Usage:  # noqa: ARG002
        return Usage('client.py "A sentence" ...', "for text in sys.argv[1:]:", "tf.constant([text])", "text")

    def described(self, port: Port, feature: str) -> str:  # noqa: ARG002
        return "string, a text in UTF-8"


def of_texts(texts: Sequence[str], port: Port, names: Sequence[str] | None = None) -> Batch:
    """Sentences.

    Raises:
        EvaluationError: The network takes no text.
    """
    refuse_other(port, Texts.kinds, "texts")
    return Batch(list(names or texts), {port.name: np.array([str(text) for text in texts], dtype=object)})


def _of_files(paths: Sequence[Path], port: Port, by_line: bool) -> Batch:
    """Text files, each a text of its own, or each line of them."""
    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path]) if file.suffix.casefold() in SUFFIXES]
    if not files:
        raise EvaluationError(f"There is no text file (.txt) in {paths[0]}.")
    if not by_line:
        return of_texts([_text(file) for file in files], port, [str(file) for file in files])
    lines = [(f"{file.name}:{number}", line.strip()) for file in files for number, line in enumerate(_text(file).splitlines(), start=1)]
    filled = [(name, line) for name, line in lines if line]
    if not filled:
        raise EvaluationError(f"There is no text in {files[0].name}.")
    return of_texts([line for _, line in filled], port, [name for name, _ in filled])


def _text(path: Path) -> str:
    with path.open("rb") as stream:
        encoding = detect(stream).name
    return path.read_bytes().decode(encoding, errors="replace").lstrip("\ufeff").strip()
