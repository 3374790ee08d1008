"""Pairs of texts: which columns are read and written, by what, and what is left out."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.features import END, PADDING, START, UNKNOWN
from studio.datasets import synthetic_dates, tokens
from studio.datasets.builtin import SAMPLES
from studio.datasets.errors import DatasetError
from studio.datasets.store import add, load
from studio.workspace import Workspace

Written = Callable[..., Path]
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def table(rows: Sequence[Sequence[object]], header: Sequence[str] | None = ("source", "target"), delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def spelled(count: int = 90) -> list[tuple[str, str]]:
    """Numbers digit by digit in words, and in digits."""
    return [(" ".join(NAMES[int(digit)] for digit in str(number)), str(number)) for number in range(100, 100 + count)]


WORDS = [("".join(letters), " ".join(f"{letter.upper()}1" for letter in letters)) for letters in itertools.product("abcde", repeat=3)]
SENTENCES = [(f"the {chr(97 + n % 26)}{n} sleeps", f"der {chr(97 + n % 26)}{n} schläft") for n in range(60)]


@pytest.mark.parametrize(
    ("rows", "header", "names"),
    [
        (spelled(), ("source", "target"), ("source", "target")),
        (spelled(), ("Input", "OUTPUT"), ("Input", "OUTPUT")),
        (SENTENCES, ("en", "de"), ("en", "de")),
        (WORDS, ("word", "phonemes"), ("word", "phonemes")),
        (WORDS, ("spelling", "sounds"), ("spelling", "sounds")),
        (SENTENCES, None, ("column_1", "column_2")),
        ([(b, a) for a, b in SENTENCES], ("German", "English"), ("German", "English")),
        (synthetic_dates.pairs(60), ("source", "target"), ("source", "target")),
    ],
)
def test_pairs_are_found_without_being_named(
    rows: list[tuple[str, str]], header: tuple[str, str] | None, names: tuple[str, str], workspace: Workspace, written: Written
) -> None:
    manifest = add(workspace, written(table(rows, header, "\t"), "pairs.tsv"))
    assert manifest.kind == "seq2seq"
    source, before, target = manifest.features
    assert (source.name, target.name) == names
    assert (source.role, source.kind, before.role, before.kind, target.role, target.kind) == ("input", "text", "input", "tokens", "target", "tokens")
    assert before.column == target.name
    assert before.shape == target.shape
    assert "taken for pairs of texts" in manifest.warnings[0]
    assert manifest.classes is None


@pytest.mark.parametrize(
    ("rows", "header", "kind"),
    [
        ([(f"a text number {n} of many", ("spam", "ham")[n % 2]) for n in range(60)], ("source", "target"), "text-classification"),
        ([(f"a text number {n} of many", n / 7) for n in range(60)], ("text", "stars"), "text-regression"),
        ([(f"a text number {n} of many", n / 7) for n in range(60)], ("source", "target"), "text-regression"),
        ([(n * 1.5, n % 2) for n in range(60)], ("source", "target"), "table-classification"),
    ],
)
def test_other_tables_stay_what_they_are(
    rows: list[tuple[object, object]], header: tuple[str, str], kind: str, workspace: Workspace, written: Written
) -> None:
    assert add(workspace, written(table(rows, header))).kind == kind


def test_columns_that_are_named(workspace: Workspace, written: Written) -> None:
    rows = [(n, a, f"note {n}", b) for n, (a, b) in enumerate(SENTENCES)]
    path = written(table(rows, ("id", "german", "notes", "text")))
    manifest = add(workspace, path, target="german", kind="seq2seq", options={"text": "text"})
    assert [feature.name for feature in manifest.features] == ["text", "target_before", "german"]
    assert any("Not used" in warning and "notes" in warning for warning in manifest.warnings)
    with pytest.raises(DatasetError, match="no column 'frensh'"):
        add(workspace, path, target="frensh", kind="seq2seq")
    alone = written(table([(n, n * 2.5) for n in range(20)], ("a", "b")), "numbers.csv")
    with pytest.raises(DatasetError, match="no two columns of texts"):
        add(workspace, path, kind="seq2seq", target="text", options={"text": "text"})
    assert add(workspace, alone).kind == "table-regression"


def test_levels_follow_the_data_or_the_person(workspace: Workspace, written: Written) -> None:
    words = add(workspace, written(table(spelled())))
    assert [feature.statistics["level"] for feature in words.features] == ["word", "character", "character"]
    assert words.features[2].shape == (4,)
    assert any("'source' is read by words, 'target' is written by characters" in warning for warning in words.warnings)
    chosen = add(workspace, written(table(spelled())), options={"source_level": "character"})
    assert chosen.features[0].statistics["level"] == "character"
    assert chosen.name != words.name
    sounds = add(workspace, written(table(WORDS, ("word", "phonemes"))), options={"target_level": "word"})
    assert sounds.features[2].classes == (*tokens.SPECIAL_TOKENS, *sorted([f" {letter}1" for letter in "ABCDE"], key=_by(sounds.features[2].classes)))


def _by(order: Sequence[str] | None) -> Callable[[str], int]:
    return lambda token: list(order or ()).index(token)


def test_stored_texts_become_tokens(workspace: Workspace, written: Written) -> None:
    dataset = load(workspace, add(workspace, written(table(spelled()))).name)
    target, before = dataset.values("target", "train"), dataset.values("target_before", "train")
    assert target.dtype == before.dtype == np.int32
    assert (before[:, 0] == START).all()
    assert (before[:, 1:] == np.where(target == END, PADDING, target)[:, :-1]).all()
    feature = dataset.feature("target")
    assert tokens.decoded(target, feature.classes or (), "character") == dataset.table(["target"], "train")["target"].tolist()


def test_copies_of_a_source_stay_together_and_given_splits_are_kept(workspace: Workspace, written: Written) -> None:
    twice = [(a, f"{b}{end}") for a, b in SENTENCES for end in "!?"]
    frame = load(workspace, add(workspace, written(table(twice)), kind="seq2seq").name).table()
    assert (frame.groupby("source")["split"].nunique() == 1).all()
    rows = [(a, b, ("train", "train", "test", "val")[n % 4]) for n, (a, b) in enumerate(SENTENCES)]
    given = add(workspace, written(table(rows, ("source", "target", "split"))))
    assert given.splits == {"train": 30, "validation": 15, "test": 15}
    assert given.split_origin == "given"


def test_gaps_long_texts_and_words_that_look_missing(workspace: Workspace, written: Written) -> None:
    rows = [*SENTENCES, ("", "nichts"), ("null", "keins"), ("none", "n/a"), ("a " * 300, "b" * 400)]
    manifest = add(workspace, written(table(rows)))
    assert manifest.samples == len(SENTENCES) + 3
    frame = load(workspace, manifest.name).table()
    assert {"null", "none"} <= set(frame["source"])
    assert "n/a" in set(frame["target"])
    assert any(warning.startswith("Left out 1 row without a text") for warning in manifest.warnings)
    assert any("longer than 256" in warning for warning in manifest.warnings)
    assert (manifest.features[2].shape[0] or 0) <= 257


def test_excel_and_parquet(workspace: Workspace, tmp_path: Path) -> None:
    frame = pd.DataFrame(spelled(), columns=["source", "target"])
    frame.to_parquet(tmp_path / "pairs.parquet")
    frame.assign(target=frame["target"].astype(int)).to_excel(tmp_path / "pairs.xlsx", index=False)
    for name in ("pairs.parquet", "pairs.xlsx"):
        manifest = add(workspace, tmp_path / name)
        assert manifest.kind == "seq2seq"
        assert load(workspace, manifest.name).table()["target"].tolist() == frame["target"].tolist()


def test_formulas_and_markup_stay_text(workspace: Workspace, written: Written) -> None:
    odd = [(f"=cmd({n}) twice", f"<script>{n}</script>") for n in range(30)]
    frame = load(workspace, add(workspace, written(table(odd))).name).table()
    assert sorted(frame["target"]) == sorted(said for _, said in odd)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30))
def test_cut_texts_can_be_put_together_again(text: str) -> None:
    for level in ("character", "word"):
        assert tokens.joined(tokens.cut(text, level), level) == text


def test_what_the_vocabulary_lacks_is_marked() -> None:
    known = tokens.vocabulary([tokens.cut("abab", "character")])
    assert known == (*tokens.SPECIAL_TOKENS, "a", "b")
    numbers = tokens.encoded(["abc", "", "aaaaaa"], known, "character", 4)
    assert numbers.tolist() == [[4, 5, UNKNOWN, END], [END, 0, 0, 0], [4, 4, 4, 4]]
    assert tokens.decoded(numbers, known, "character") == ["ab\ufffd", "", "aaaa"]


def test_the_built_in_dates_are_what_the_rules_make() -> None:
    out = io.StringIO()
    synthetic_dates.write(out)
    assert out.getvalue() == (SAMPLES / "dates.csv").read_text("utf-8")
