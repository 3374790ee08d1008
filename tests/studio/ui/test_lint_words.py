"""What rules say has a translation: text, advice, reason and button of every example, as the page's translator looks them up."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from blocks import analyse
from blocks.lint.base import registry
from studio.ui import words

PLACE = re.compile(r"\{\w+\}")
VALUE = "((?:(?![.!?] )[\\s\\S])+?)"
"""What stands in a place: no value reaches into the next sentence."""


@cache
def catalogue() -> dict[str, str]:
    content: dict[str, str] = json.loads((Path(words.__file__).parent / "zh-CN.declarations.json").read_text("utf-8"))
    return content


@cache
def patterns() -> list[re.Pattern[str]]:
    found = ["^" + VALUE.join(re.escape(part) for part in PLACE.split(english)) + "$" for english in catalogue() if PLACE.search(english)]
    return [re.compile(each) for each in found]


def is_known(text: str) -> bool:
    return text in catalogue() or any(pattern.match(text) for pattern in patterns())


def unknown(text: str) -> list[str]:
    """The sentences of a text that would stay English: of each line the longest known beginning is taken off, until nothing is left."""
    left = []
    for line in text.split("\n"):
        rest = line
        while rest and not is_known(rest):
            ends = [match.start() + 1 for match in re.finditer(r"[.!?] ", rest)]
            known = next((end for end in reversed(ends) if is_known(rest[:end])), None)
            if known is None:
                left.append(rest)
                break
            rest = rest[known + 1 :]
    return left


@pytest.mark.parametrize("name", registry.all())
def test_every_rule_is_translated(name: str) -> None:
    example = registry.get(name).example()
    messages = [message for message in analyse(example.graph, example.features, example.situation).messages if message.rule == name]
    assert messages
    for message in messages:
        for said in (message.text, message.fix, message.why, message.button):
            assert not said or unknown(said) == []


def test_a_new_sentence_would_be_missed() -> None:
    assert unknown("Its colour is wrong.") == ["Its colour is wrong."]
    assert unknown("There is no Output. Its colour is wrong.") == ["Its colour is wrong."]
