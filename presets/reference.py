"""The reference page of the presets, written from their declarations: `python -m presets.reference docs/presets.md`."""

from __future__ import annotations

import sys
from pathlib import Path

import presets
from blocks.reference import field_table
from blocks.spec import shape_text
from presets.base import Golden, Preset
from presets.fronts import SUBJECTS
from presets.golden import printed_stages

HEAD = """# Presets

Generated from the declarations by `python -m presets.reference docs/presets.md`; changes belong into `presets/`.

A preset makes a graph of blocks that opens on the canvas like any other. It follows the dataset: channels, size, classes or a
number as the target. Pictures come in as they are (0 to 255) and are scaled to 0 to 1 at first; pictures of varying size, and
pictures smaller than the network takes, are resized, and the graph says so.
"""


def reference() -> str:
    """The page as Markdown."""
    return HEAD + "".join(described(family) for family in presets.families().values())


def described(family: type[Preset]) -> str:
    """One family's part of the page."""
    subjects = ", ".join(SUBJECTS[subject] for subject in family.subjects)
    facts = [f"Takes {subjects}" + (f" of at least {family.minimum_size} x {family.minimum_size} pixels." if family.minimum_size > 1 else ".")]
    facts += [f"{name}: {family.section(name)}" for name in ("Shapes", "Weights", "Source")]
    facts.append("Ready variants: " + ", ".join(f"`{name}`" for name in family.variants or {family.__name__: {}}) + ".")
    listed = "".join(f"- {fact}\n" for fact in facts)
    figures = golden_table(family.golden) + stage_list(family.golden)
    return f"\n## {family.__name__}\n\n{family.summary()} {family.usage()}\n\n{listed}{field_table(family)}{figures}"


def golden_table(golden: tuple[Golden, ...]) -> str:
    """The printed figures that the family reproduces; a test counts each of them."""
    rows = "".join(f"| {' | '.join(golden_row(each))} |\n" for each in golden)
    return f"\n| Variant | Input | Classes | Trainable weights | Multiply-adds | Printed in |\n|---|---|---|---|---|---|\n{rows}"


def golden_row(golden: Golden) -> list[str]:
    """The cells of one figure."""
    return [
        f"`{golden.variant}` {golden.network.removeprefix(golden.variant).strip()}".strip(),
        shape_text(golden.input_shape) if golden.input_shape else "a text",
        f"{golden.classes:,}",
        f"{golden.trainable_weights:,}",
        f"{golden.multiply_adds:,}" if golden.multiply_adds is not None else "",
        golden.source,
    ]


def stage_list(golden: tuple[Golden, ...]) -> str:
    """The printed shapes on the way through the family's networks; a test finds each of them."""
    rows = "".join(f"- {sentence}\n" for sentence in printed_stages(golden))
    return f"\nShapes on the way:\n\n{rows}" if rows else ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), "utf-8")
