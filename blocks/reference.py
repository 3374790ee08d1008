"""The reference page of the blocks, written from their declarations: `python -m blocks.reference docs/blocks.md`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from blocks import weights
from blocks.base import Block, Composite, LayerBlock, registry
from blocks.declaration import Declaration, FormField

HEAD = """# Blocks

Generated from the declarations by `python -m blocks.reference docs/blocks.md`; changes belong into `blocks/`.

Shapes are written without the batch axis. Fields in *italics* stand in the closed group "more"; values that are measured on
a dataset are left out. Each example takes the defaults and a small input, and puts the numbers into the formulas;
`studio blocks NAME --input-shape 28,28,1 --set filters=6` does it for other ones.

## Contents

"""

SECTIONS = ("Formula", "Shapes", "Weights", "Multiply-adds", "Source")


def reference() -> str:
    """The page as Markdown."""
    groups: dict[str, list[type[Block]]] = {}
    for block in registry.all().values():
        groups.setdefault(block.category, []).append(block)
    parts = [HEAD]
    for category in sorted(groups):
        title = heading(category)
        parts.append(f"- [{title}](#{anchor(title)}): {', '.join(link(block) for block in groups[category])}\n")
    parts.append(f"- Weights: {', '.join(f'[{family}](#{family})' for family in weights.FAMILIES)}\n")
    for category in sorted(groups):
        parts.append(f"\n## {heading(category)}\n")
        parts += [described(block) for block in groups[category]]
    return "".join([*parts, *map(family_table, weights.FAMILIES)])


def described(block: type[Block]) -> str:
    """One block's part of the page."""
    lines = [f"\n### {block.__name__}\n\n{' '.join(filter(None, (block.summary(), block.usage())))}\n"]
    facts = [f"{name}: {block.section(name)}" for name in SECTIONS if block.section(name)]
    if block.section("Formula"):
        facts[0] = f"Formula: `{block.section('Formula')}`"
    facts.append(f"Takes {taken(block)}.")
    if issubclass(block, LayerBlock) and block.layer:
        facts.append(f"Keras layer: `{block.layer}`." if block.layer.startswith("keras.") else f"Own layer: `{block.layer}`.")
    elif issubclass(block, Composite):
        facts.append("Composite: a small network of other blocks.")
    facts += shown(block)
    lines += ["\n", *(f"- {fact}\n" for fact in facts), field_table(block)]
    return "".join(lines)


def shown(block: type[Block]) -> list[str]:
    """The example with its numbers, and the parts of a composite. Needs Keras."""
    from blocks.examples import NoExampleError, example

    try:
        found = example(block)
    except NoExampleError:
        return []
    facts = ["Example: " + "; ".join(f"{line.label.lower()} {line.text}" for line in found.lines if line.text != "none") + "."]
    if found.parts:
        facts.append("Made of: " + ", ".join(f"`{part.node}` {link(registry.get(part.block))}" for part in found.parts) + ".")
    return facts


def taken(block: type[Block]) -> str:
    """What the block's inputs may be, in words."""
    least, most = block.arity
    if most == 0:
        return "no input"
    if issubclass(block, LayerBlock) and block.takes_table:
        return "the columns of a table"
    if issubclass(block, LayerBlock) and block.takes_text:
        return "texts"
    kinds = " or ".join(map(block.axes_in_words, block.ranks)) if block.ranks else "any shape"
    if (least, most) == (1, 1):
        return kinds
    count = f"{least}" if least == most else f"at least {least}" if most is None else f"{least} to {most}"
    return f"{count} inputs of {kinds}"


def field_table(declaration: type[Declaration]) -> str:
    """The fields of a declaration as a table."""
    forms = [form for form in declaration.form_fields() if not form.from_data]
    if not forms:
        return ""
    rows = "".join(f"| {name_of(form)} | {default_of(form)} | {values_of(form)} | {escaped(form.help)} |\n" for form in forms)
    return f"\n| Field | Default | Values | |\n|---|---|---|---|\n{rows}"


def name_of(form: FormField) -> str:
    """The field's name, in italics when it is a rare one."""
    return f"`{form.name}`" if form.frequent else f"*`{form.name}`*"


def default_of(form: FormField) -> str:
    """The default as it is written in a graph."""
    if form.default is None:
        return "empty"
    value: Any = round(form.default, 8) if isinstance(form.default, float) else form.default
    return f"`{json.dumps(value)}`"


def values_of(form: FormField) -> str:
    """The allowed values in words; members of a family are told once, in its own table."""
    if form.family:
        return f"one of the [{form.family}](#{form.family})" + (" or nothing" if form.optional else "")
    return escaped(form.expected)


def family_table(family: str) -> str:
    """The members of a family of weight settings, with what they do and their parameters."""
    rows = []
    for name in weights.choices(family):
        member = weights.declaration(family, name)
        params = ", ".join(f"`{form.name}` {default_of(form)}" for form in member.form_fields())
        told = " ".join(filter(None, (member.summary(), member.usage())))
        rows.append(f"| `{name}` | {escaped(told)} | `{escaped(member.section('Formula'))}` | {params} | {escaped(member.section('Source'))} |\n")
    return f"\n## {family.capitalize()}\n\n| Name | | Formula | Parameters | Source |\n|---|---|---|---|---|\n{''.join(rows)}"


def escaped(text: str) -> str:
    """Text that can stand in a table."""
    return text.replace("|", "\\|")


def heading(category: str) -> str:
    """The heading of a category; it differs from the names of its blocks."""
    return f"Blocks for {category}"


def anchor(title: str) -> str:
    """The address of a heading within the page."""
    return title.lower().replace(" ", "-")


def link(block: type[Block]) -> str:
    """A link to a block's part."""
    return f"[{block.__name__}](#{anchor(block.__name__)})"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), "utf-8")
