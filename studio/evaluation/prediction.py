"""What a network says to one sample, as it is shown, printed and written down."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.workspace import replaced

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Prediction:
    """What the network says to one sample.

    Args:
        input: The file, sentence or row.
        label: The class; of a target of several labels None.
        probabilities: By class, in the order of the classes; empty for numbers.
        scores: The same of networks that give scores for classes, the largest for their answer, and no probabilities.
        value: In the target's unit; None for anything but numbers.
        labels: The labels that the sample has; None for other targets.
        shares: How much of the picture each class covers, 0 to 1; empty for all but masks.
        text: A written text; None for anything else.
        pictures: Pictures as PNG bytes, by what they show ("mask", "picture").
        files: Where these were written.
        details: What else is told of the sample, as JSON values by name.
        further: What the network's other outputs say, by target.
    """

    input: str
    label: str | None = None
    probabilities: dict[str, float] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    value: float | list[Any] | None = None
    labels: tuple[str, ...] | None = None
    shares: dict[str, float] = field(default_factory=dict)
    text: str | None = None
    pictures: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    further: dict[str, Prediction] = field(default_factory=dict)

    def answer(self) -> dict[str, Any]:
        """The object of the command line."""
        return {"input": self.input, **self._said()}

    def whole(self) -> dict[str, Any]:
        """As `answer`, with the pictures as bytes: what other processes of this program are told."""
        return {**self.answer(), **({"pictures": self.pictures} if self.pictures else {})}

    def _said(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.label is not None:
            found["label"] = self.label
        if self.labels is not None:
            found["labels"] = list(self.labels)
        if self.probabilities:
            found["probabilities"] = self.probabilities
        if self.scores:
            found["scores"] = self.scores
        if self.shares:
            found["shares"] = self.shares
        if self.value is not None:
            found["value"] = self.value
        if self.text is not None:
            found["text"] = self.text
        if self.files:
            found["files"] = self.files
        found |= self.details
        if self.further:
            found["further"] = {target: other._said() for target, other in self.further.items()}
        return found


@dataclass
class Answers:
    """Predictions in the order of what was asked, and what was left out.

    Args:
        together: What is told of all samples together, as JSON values by name.
    """

    predictions: list[Prediction] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    together: dict[str, Any] = field(default_factory=dict)

    def answer(self) -> dict[str, Any]:
        """The object of the command line."""
        return self._with_warnings([each.answer() for each in self.predictions])

    def whole(self) -> dict[str, Any]:
        """As `answer`, with the pictures as bytes."""
        return self._with_warnings([each.whole() for each in self.predictions])

    def _with_warnings(self, predictions: list[dict[str, Any]]) -> dict[str, Any]:
        return {"predictions": predictions, **self.together, **({"warnings": self.warnings} if self.warnings else {})}


def write_csv(path: Path, predictions: Sequence[Prediction]) -> None:
    """Writes predictions as a table; texts that a spreadsheet would run as a formula get a leading quote."""
    cells = [{"input": harmless(each.input), **_cells(each, "")} for each in predictions]
    header = list(dict.fromkeys(name for row in cells for name in row))
    with replaced(path) as partial, partial.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([harmless(name) for name in header])
        writer.writerows([[row.get(name, "") for name in header] for row in cells])


def write_pictures(folder: Path, predictions: Sequence[Prediction]) -> list[Prediction]:
    """Writes the pictures of predictions into a folder, `NAME_mask.png` for the input NAME, and `predictions.csv`; returns them with their files."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: Counter[str] = Counter()
    written = []
    for each in predictions:
        stem = Path(each.input).stem or "sample"
        taken[stem.casefold()] += 1
        name = stem if taken[stem.casefold()] == 1 else f"{stem}-{taken[stem.casefold()]}"
        files = {what: folder / f"{name}_{what}.png" for what in each.pictures}
        for what, path in files.items():
            with replaced(path) as partial:
                partial.write_bytes(each.pictures[what])
        written.append(replace(each, files={what: str(path) for what, path in files.items()}))
    write_csv(folder / "predictions.csv", written)
    return written


def _cells(said: Prediction, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, words in (("label", said.label), ("labels", None if said.labels is None else "; ".join(said.labels)), ("text", said.text)):
        if words is not None:
            found[f"{prefix}{name}"] = harmless(words)
    if isinstance(said.value, list):
        found |= {f"{prefix}value {number}": value for number, value in enumerate(_flat(said.value), start=1)}
    elif said.value is not None:
        found[f"{prefix}value"] = said.value
    found |= {f"{prefix}p({name})": f"{value:.7g}" for name, value in said.probabilities.items()}
    found |= {f"{prefix}score({name})": f"{value:.7g}" for name, value in said.scores.items()}
    found |= {f"{prefix}share({name})": f"{value:.7g}" for name, value in said.shares.items()}
    for target, other in said.further.items():
        found |= _cells(other, f"{target}: ")
    return found


def _flat(values: list[Any]) -> list[Any]:
    return [one for value in values for one in (_flat(value) if isinstance(value, list) else [value])]


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
