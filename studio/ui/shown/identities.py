"""Places among others: a sample with those that the network finds most alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from blocks.features import Feature
from studio.ui.shown.base import Part
from studio.ui.shown.columns import Categories

SHOWN_NEIGHBOURS = 5


class Identities(Categories):
    """Who or what it is by name, and as an answer the nearest samples, each right or wrong."""

    kinds = ("identity",)
    compares = True

    def said(self, feature: Feature, arrays: Mapping[str, np.ndarray], place: int, beside: Part | None) -> Part | None:  # noqa: ARG002
        classes = feature.classes or ()
        found = zip(*(arrays[f"neighbour_{name}"][place][:SHOWN_NEIGHBOURS].tolist() for name in ("rows", "codes", "distances")), strict=True)
        truth = int(arrays["truth"][place])
        return {
            "kind": "neighbours",
            "heading": "shown.neighbours",
            "neighbours": [{"row": row, "label": classes[code], "distance": distance, "right": code == truth} for row, code, distance in found],
        }

    def told(self, feature: Feature, answer: Mapping[str, Any], beside: Part | None) -> Part | None:  # noqa: ARG002
        others = [each for each in answer.get("neighbours", ()) if each["row"] != answer.get("row")]
        return {
            "kind": "neighbours",
            "heading": "shown.neighbours",
            "neighbours": others[:SHOWN_NEIGHBOURS],
            "compared": answer.get("compared"),
        }
