"""The words of the pages: one catalogue per language, shared by Python and the web modules."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.i18n import I18n, I18nData

LANGUAGES = ("en", "zh-CN")


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every text of one language by key."""
    content: dict[str, str] = json.loads((Path(__file__).parent / f"{language}.json").read_text("utf-8"))
    return content


def i18n() -> I18n:
    """The catalogues in the form that Gradio's own components take; only what they use (`gradio.*`)."""
    from gradio.i18n import I18n

    return I18n(**{language: {key: text for key, text in catalogue(language).items() if key.startswith("gradio.")} for language in LANGUAGES})


def text(key: str) -> I18nData:
    """A text for a Gradio component's label or value, in the language of whoever looks at it.

    Args:
        key: A key of the catalogues that begins with `gradio.`.

    Raises:
        KeyError: The catalogue has no such key.
    """
    if not key.startswith("gradio."):
        raise KeyError(f"{key!r}: texts of Gradio components have keys that begin with 'gradio.'.")
    catalogue("en")[key]
    from gradio.i18n import I18nData

    return I18nData(key)
