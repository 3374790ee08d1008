"""Texts that are to be written: the true ones, and what a network wrote, with its mistakes marked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from blocks.features import Feature
from studio.datasets.dataset import Dataset
from studio.ui.shown.base import Part, Showing
from studio.ui.shown.columns import TEXT_CHARACTERS, text_part

_WORDS = re.compile(r"\s+|\S+")


class Written(Showing):
    """Texts token by token."""

    kinds = ("tokens", "transcript")

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        name = feature.column or feature.name
        return [text_part(str(value)) for value in dataset.table([name], rows=rows)[name].tolist()]

    def said(self, feature: Feature, arrays: Mapping[str, np.ndarray], place: int, beside: Part | None) -> Part | None:  # noqa: ARG002
        truth, said = str(arrays["truth"][place]), str(arrays["said"][place])
        return {"kind": "difference", "pieces": pieces(truth[:TEXT_CHARACTERS], said[:TEXT_CHARACTERS], feature.statistics["level"] == "word")}

    def told(self, feature: Feature, answer: Mapping[str, Any], beside: Part | None) -> Part | None:  # noqa: ARG002
        others = [other for other in answer.get("alternatives", ()) if other["text"] != answer.get("text")]
        return {
            "kind": "writing",
            "text": answer.get("text") or "",
            "probability": answer.get("probability"),
            "alternatives": others,
            "alignment": answer.get("alignment"),
        }


def pieces(truth: str, said: str, by_words: bool) -> list[tuple[str, str]]:
    """A written text in pieces: "same" as the true one, "wrong", or "missing" (of the true one)."""
    one, other = (_WORDS.findall(text) if by_words else list(text) for text in (truth, said))
    found: list[tuple[str, str]] = []
    for what, start, end, other_start, other_end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(("same", "".join(other[other_start:other_end])))
            continue
        found += [(kind, text) for kind, text in (("missing", "".join(one[start:end])), ("wrong", "".join(other[other_start:other_end]))) if text]
    return found
