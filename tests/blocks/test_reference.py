"""The generated reference pages are those of the declarations."""

from __future__ import annotations

import re
from pathlib import Path

import blocks
import presets
from blocks import weights
from blocks.reference import anchor, described
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


def test_a_part_teaches_with_formulas_and_an_example() -> None:
    part = described(blocks.get("Conv2D"))
    facts = [line for line in part.splitlines() if line.startswith("- ")]
    assert [fact[2:].split(":")[0] for fact in facts[:5]] == ["Formula", "Shapes", "Weights", "Multiply-adds", "Source"]
    assert "- Example: shape 28 x 28 x 1 -> 26 x 26 x 32; height, width floor((28 - 3) / 1) + 1 = 26; weights " in part
    assert "one of the [initializers](#initializers)" in part
    assert "one of the [regularizers](#regularizers) or nothing" in part


def test_a_composite_lists_its_parts_as_links() -> None:
    part = described(blocks.get("Residual"))
    assert "- Made of: `conv1` [Conv2D](#conv2d), `norm1` [BatchNormalization](#batchnormalization), " in part


def test_every_setting_of_weights_stands_in_its_table() -> None:
    page = block_reference()
    for family in weights.FAMILIES:
        table = page.split(f"\n## {family.capitalize()}\n")[1].split("\n## ")[0]
        assert all(f"| `{name}` | " in table for name in weights.choices(family))


def test_every_link_of_the_page_leads_somewhere() -> None:
    page = block_reference()
    places = {anchor(line.lstrip("# ")) for line in page.splitlines() if line.startswith("#")}
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= places
