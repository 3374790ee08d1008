"""YAML of strangers: plain values come through, what is meant to do harm is refused in time."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.safe_yaml import LOADERS, MOST_VALUES, YamlError, read_with, read_yaml

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(st.characters(codec="ascii"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(values)
def test_plain_values_come_through(value: Any) -> None:
    for loader in LOADERS:
        assert read_with(loader, yaml.safe_dump(value), "a.yaml") == value


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab1: -[]{}&*!,?|>#'\"%@\n\t\\<~.é\x00"), max_size=40))
def test_the_loaders_fail_with_a_sentence_or_not_at_all(text: str) -> None:
    for loader in LOADERS:
        with suppress(YamlError):
            read_with(loader, text, "a.yaml")


def test_references_and_merges_come_through() -> None:
    text = "base: &base {epochs: 3, loss: mse}\nfirst: {<<: *base, epochs: 4}\nlist: [*base, *base]\n"
    base = {"epochs": 3, "loss": "mse"}
    assert read_yaml(text, "a.yaml") == {"base": base, "first": {"epochs": 4, "loss": "mse"}, "list": [base, base]}
    assert read_yaml("", "a.yaml") is None
    assert math.isnan(read_yaml(".nan", "a.yaml"))
    assert read_yaml("0.1", "a.yaml") == 0.1


def test_as_many_values_as_are_allowed() -> None:
    rows = ", ".join(["*row"] * 900)
    text = "row: &row [" + ", ".join(["1"] * 1000) + f"]\nall: [{rows}]\n"
    assert len(read_yaml(text, "a.yaml")["all"]) == 900
    with pytest.raises(YamlError, match=f"^a.yaml holds more than {MOST_VALUES:,} values"):
        read_yaml(text.replace(rows, ", ".join(["*row"] * 1000)), "a.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "a: &a {k: 1}\nb: &b {<<: [" + "*a, " * 2000 + "]}\nc: {<<: [" + "*b, " * 2000 + "]}",
        "a: &a [*a]",
        "a: &a {<<: *a}",
        "? &a [*a]\n: 1",
        "{" * 50_000,
        "1" + ":59" * 100_000,
        "1" + ":59" * 100_000 + ".5",
        "0x" + "f" * 100_000,
        "a: 1\n b: 2",
        "\0",
        "!!int ''",
        "!!float x",
        "!!set [a]",
        "!!timestamp x",
        "!unknown x",
        "!!python/name:os.system ''",
        "? [a]\n: b",
        "--- 1\n--- 2",
        "*nothing",
    ],
)
@pytest.mark.parametrize("loader", LOADERS)
def test_what_is_refused(text: str, loader: type[Any]) -> None:
    begun = time.perf_counter()
    with pytest.raises(YamlError, match=r"^a\.yaml ") as refusal:
        read_with(loader, text, "a.yaml")
    assert len(str(refusal.value)) < 400
    assert time.perf_counter() - begun < 10
