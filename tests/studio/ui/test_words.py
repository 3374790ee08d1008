"""The catalogues: the same keys and the same places in every language, and no key that nobody uses."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from studio.ui import words
from studio.ui.page import pages

FOLDER = Path(words.__file__).parent
SOURCES = FOLDER.parent / "web" / "src"
RUN_TIME = ("page.", "field.", "help.", "choice.", "unit.", "metric.", "split.", "status.", "kind.", "builtin.", "gradio.")
"""Keys that are put together at run time."""


def test_every_language_has_the_same_keys() -> None:
    keys = {language: list(words.catalogue(language)) for language in words.LANGUAGES}
    assert keys["en"] == keys["zh-CN"]


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_no_key_is_given_twice(language: str) -> None:
    pairs = json.loads((FOLDER / f"{language}.json").read_text("utf-8"), object_pairs_hook=list)
    assert [key for key, count in Counter(key for key, _ in pairs).items() if count > 1] == []


def test_every_language_fills_the_same_places() -> None:
    english, chinese = (words.catalogue(language) for language in words.LANGUAGES)
    wrong = [key for key, text in english.items() if set(re.findall(r"\{\w+\}", text)) != set(re.findall(r"\{\w+\}", chinese[key]))]
    assert wrong == []


def test_every_page_has_a_name() -> None:
    assert [page.name for page in pages() if f"page.{page.name}" not in words.catalogue("en")] == []


def test_texts_for_gradio_have_keys_of_their_own() -> None:
    assert words.text("gradio.upload").key == "gradio.upload"
    with pytest.raises(KeyError, match="gradio"):
        words.text("page.train")
    with pytest.raises(KeyError):
        words.text("gradio.nothing")
    assert set(words.i18n().translations["zh-CN"]) == {key for key in words.catalogue("zh-CN") if key.startswith("gradio.")}


def test_every_key_is_used() -> None:
    source = "\n".join(path.read_text("utf-8") for path in [*SOURCES.rglob("*.ts"), *SOURCES.rglob("*.tsx")])
    prefixes = tuple(set(re.findall(r"`([\w.]+\.)\$\{", source))) + RUN_TIME
    unused = [key for key in words.catalogue("en") if f'"{key}"' not in source and not key.startswith(prefixes)]
    assert unused == []
