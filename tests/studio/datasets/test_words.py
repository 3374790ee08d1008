"""Columns of free text in tables: whose words are inputs, and which stay out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from blocks.words import MOST_KEPT
from studio.datasets import add, load, preview
from studio.datasets.arrow import strings
from studio.datasets.kinds.columns import describe_column
from studio.workspace import Workspace

Written = Callable[..., Path]
RNG = np.random.default_rng(1)
MAKERS = ["Ford", "VW", "Renault", "Mazda"]
CARS = [f"{MAKERS[n % 4]} {'Sedan' if n % 3 else 'Station-Wagon'} {n}" for n in range(80)]
NUMBERS = RNG.normal(size=80).round(3).tolist()
OTHERS = {"x": NUMBERS, "y": NUMBERS[::-1], "z": RNG.normal(size=80).round(3).tolist()}
LABELS = ["yes", "no"] * 40


def table(**columns: object) -> str:
    return pd.DataFrame(columns).to_csv(index=False)


def test_words_of_free_text_are_inputs(workspace: Workspace, written: Written) -> None:
    names = [None if n % 10 == 9 else car for n, car in enumerate(CARS)]
    manifest = add(workspace, written(table(name=names, **OTHERS, label=LABELS)))
    dataset = load(workspace, manifest.name)
    name = dataset.feature("name")
    assert (manifest.kind, name.kind, name.role, name.is_column) == ("table-classification", "words", "input", True)
    assert "Free text enters as a bag of its commonest words: name." in manifest.warnings
    train = dataset.columns("train")["name"]
    assert name.statistics["missing"] == int((train == "").sum()) > 0
    words = dict(zip(name.statistics["words"], name.statistics["counts"], strict=True))
    assert {"ford", "sedan", "wagon"} <= words.keys() <= {"ford", "vw", "renault", "mazda", "sedan", "station", "wagon"}
    assert words["sedan"] == sum("Sedan" in text for text in train)
    assert name.statistics["example"] in train
    assert len(words) <= MOST_KEPT
    shown = preview.histograms(dataset)[0]
    assert (shown["name"], shown["values"][0]) == ("name", "sedan")


@pytest.mark.parametrize(
    ("texts", "kind", "why"),
    [
        (CARS, "words", ""),
        ([f"ticket{n}" for n in range(80)], "text", "identifier"),
        ([f"PC {17000 + n}" if n % 4 == 0 else str(230_000 + 7 * n) + "x" for n in range(80)], "text", "many values"),
        ([f"C{n} B{n + 1}" for n in range(80)], "text", "many values"),
        ([f"only this is number {n} of all" for n in range(80)], "text", "free text"),
        ([f"{'东京北京'[n % 4]}市第{n}号" for n in range(80)], "words", ""),
        ([["London", "Paris", "Roma"][n % 3] if n % 2 else f"City{n}" for n in range(80)], "words", ""),
        ([f"{name}@{host}.org" for n, name in enumerate("abcdefgh" * 10) for host in [f"host{n}"]], "text", "identifier"),
    ],
    ids=["cars", "tokens", "tickets", "cabins", "numbered", "chinese", "cities", "addresses"],
)
def test_identifiers_stay_out(texts: list[str], kind: str, why: str) -> None:
    found = describe_column("column", 0, strings(texts))
    assert (found.kind, found.why_unused) == (kind, why)


def test_a_long_text_alone_is_still_a_dataset_of_texts(workspace: Workspace, written: Written) -> None:
    reviews = [f"this {'good' if n % 2 else 'bad'} film number {n} was seen by many people in town" for n in range(80)]
    manifest = add(workspace, written(table(review=reviews, label=LABELS)))
    assert manifest.kind == "text-classification"
    assert not any("bag" in warning for warning in manifest.warnings)
    assert add(workspace, written(table(review=reviews, x=NUMBERS, label=LABELS), "b.csv")).kind == "text-classification"
    assert add(workspace, written(table(review=reviews, **OTHERS, label=LABELS), "c.csv")).kind == "table-classification"
    wanted = add(workspace, written(table(review=reviews, x=NUMBERS, label=LABELS), "d.csv"), kind="table-classification")
    assert [feature.kind for feature in wanted.features] == ["words", "number", "category"]


def test_short_texts_alone_are_a_dataset_of_texts(workspace: Workspace, written: Written) -> None:
    assert add(workspace, written(table(name=CARS, label=LABELS))).kind == "text-classification"
