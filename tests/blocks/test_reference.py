"""The generated reference pages are those of the declarations."""

from __future__ import annotations

from pathlib import Path

import blocks
import presets
from blocks.reference import reference as block_reference
from presets.reference import reference as preset_reference

DOCS = Path(__file__).parents[2] / "docs"
STALE = "The page is stale: run `python -m {name}.reference docs/{name}.md`."


def test_the_page_of_the_blocks_is_fresh() -> None:
    assert (DOCS / "blocks.md").read_text("utf-8") == block_reference(), STALE.format(name="blocks")


def test_the_page_of_the_presets_is_fresh() -> None:
    assert (DOCS / "presets.md").read_text("utf-8") == preset_reference(), STALE.format(name="presets")


def test_every_block_and_family_has_its_part() -> None:
    page = block_reference()
    assert all(f"\n### {name}\n" in page for name in blocks.all())
    page = preset_reference()
    assert all(f"\n## {name}\n" in page for name in presets.families())
    assert all(f"`{name}`" in page for name in presets.all())
