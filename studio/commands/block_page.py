"""What `studio blocks` prints: the list by category, and the page of one block with an example worked out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import yaml
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from blocks import weights
from blocks.base import Block, LayerBlock
from blocks.declaration import FormField
from blocks.reference import taken
from blocks.spec import Shape, shape_text
from studio.recipe import RecipeError

if TYPE_CHECKING:
    from blocks.examples import Example

SECTIONS = {"Formula": "formula", "Shapes": "shapes", "Weights": "weights", "Multiply-adds": "multiply_adds", "Source": "source"}
"""The sections of a block's docstring, and their keys in JSON."""
WIDEST = 100
LABEL_WIDTH = 14
LONGEST_LABEL = 24


def documentation(block: type[Block]) -> dict[str, str]:
    """When to use a block, and the sections of its docstring, as JSON."""
    return {"usage": block.usage(), **{key: block.section(name) for name, key in SECTIONS.items()}}


def worked(block: type[Block], params: dict[str, Any], shapes: Sequence[Shape]) -> tuple[Example | None, str]:
    """The block on a sample, or None and the reason where no fitting one is known.

    Raises:
        BlocksError: A parameter is refused, or the block can't take the shapes that were asked for.
    """
    from blocks.examples import NoExampleError, example

    try:
        return example(block, params, shapes), ""
    except NoExampleError as error:
        if shapes or params:
            raise
        return None, str(error)


def with_params(block: type[Block], settings: Sequence[str]) -> dict[str, Any]:
    """Parameters out of `filters=6`, `kernel_regularizer.l2=0.001`, `block.units=8`; values are YAML.

    Raises:
        RecipeError: A setting has no `=`, or its value is not YAML.
    """
    forms = {form.name: form for form in block.form_fields()}
    params: dict[str, Any] = {}
    for setting in settings:
        path, separator, text = setting.partition("=")
        if not separator:
            raise RecipeError(f"--set {setting}: expected key=value, such as filters=6.")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise RecipeError(f"--set {setting}: {text!r} is not a YAML value.") from error
        name, *inner = path.strip().split(".")
        params[name] = _put(forms[name], params.get(name, forms[name].default), inner, value) if inner and name in forms else value
    return params


def _put(form: FormField, current: Any, path: list[str], value: Any) -> Any:
    """A nested value with one parameter of its member changed."""
    if form.control == "setting":
        member = {"name": current} if isinstance(current, str) else dict(current or {"name": _owner(form, path[0])})
        return {**member, path[0]: value}
    if form.control != "block":
        raise RecipeError(f"--set {form.name}.{'.'.join(path)}: {form.name} has no parameters of its own.")
    chosen: dict[str, Any] = {"block": current} if isinstance(current, str) else dict(current)
    params: dict[str, Any] = dict(chosen.get("params") or {})
    inner = {each.name: each for each in _member(chosen["block"]).form_fields()}.get(path[0])
    params[path[0]] = _put(inner, params.get(path[0], inner.default), path[1:], value) if inner is not None and path[1:] else value
    return {**chosen, "params": params}


def _owner(form: FormField, parameter: str) -> str:
    """The member that a parameter belongs to, where none was chosen: the one of that name, or the first that has it."""
    having = [name for name in form.choices if parameter in weights.declaration(form.family, name).model_fields]
    if not having:
        raise RecipeError(f"--set {form.name}.{parameter}: none of the {form.family} has a parameter {parameter!r}.")
    return parameter if parameter in having else having[0]


def _member(name: str) -> type[Block]:
    from blocks.base import registry

    return registry.get(name)


def example_json(example: Example) -> dict[str, Any]:
    """An example as JSON; a composite also has its `parts`."""
    found = example.found
    content: dict[str, Any] = {
        "input_shapes": [list(shape) for shape in found.input_shapes],
        "output_shapes": [list(shape) for shape in found.output_shapes],
        "weights": found.weights,
        "multiply_adds": found.multiply_adds,
        "receptive_field": list(found.receptive_field) if found.receptive_field else None,
        "lines": [{"label": line.label, "text": line.text} for line in example.lines],
    }
    if example.parts:
        content["parts"] = [
            {
                "node": part.node, "block": part.block, "output_shapes": [list(shape) for shape in part.output_shapes],
                "weights": part.weights, "multiply_adds": part.multiply_adds,
            }
            for part in example.parts
        ]  # fmt: skip
    return content


def print_list(blocks: dict[str, type[Block]]) -> None:
    """All blocks by category, each with what it does."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, block in blocks.items():
        groups.setdefault(block.category, []).append((name, block.summary()))
    width = max((len(name) for name in blocks), default=0)
    for category in sorted(groups):
        _show(_title(category.capitalize()), _indented(_rows(groups[category], width)), Text())
    _show(Text(f"{len(blocks)} blocks. `studio blocks NAME` explains one."))


def print_block(name: str, block: type[Block]) -> None:
    """One block for people: what it does, when to use it, how it computes, and its fields, frequent ones first."""
    _show(Text.assemble((name, "bold"), f"  ({block.category})"), Text(block.summary()))
    if block.usage():
        _show(Text(), Text(block.usage()))
    facts = [(section, block.section(section)) for section in SECTIONS if block.section(section)]
    facts.append(("Takes", taken(block)))
    if issubclass(block, LayerBlock) and block.layer:
        facts.append(("Layer", block.layer))
    _show(Text(), _rows(facts, LABEL_WIDTH))
    forms = [form for form in block.form_fields() if not form.from_data]
    for title, frequent in (("Fields", True), ("More fields", False)):
        shown = [form for form in forms if form.frequent is frequent]
        if shown:
            _show(Text(), _title(title), _indented(_fields(shown)))
    for family in dict.fromkeys(form.family for form in forms if form.family):
        _show(Text(), _title(family.capitalize()), _indented(Text(", ".join(weights.choices(family)))))


def print_example(example: Example | None, reason: str) -> None:
    """The block at work, with numbers in its formulas; of a composite also what it is made of."""
    if example is None:
        _show(Text(), Text(f"No example: {reason}"))
        return
    _show(Text(), _title(_headline(example)), _indented(_rows([(line.label, line.text) for line in example.lines], LABEL_WIDTH)))
    if example.parts:
        _show(Text(), _title("Made of"), _indented(_parts(example)))


def _headline(example: Example) -> str:
    inputs = " and ".join(shape_text(shape) for shape in example.found.input_shapes)
    if isinstance(example.block, LayerBlock) and (example.block.takes_text or example.block.takes_table):
        inputs = taken(type(example.block))
    params = ", ".join(f"{name} = {_value(value)}" for name, value in example.block.params().items() if not _measured(example.block, name))
    return "Example" + (f" at {inputs}" if inputs else "") + (f", {params}" if params else "")


def _measured(block: Block, name: str) -> bool:
    return any(form.name == name and form.from_data for form in block.form_fields())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        named = value.get("name") or value.get("block") or ""
        inner = value.get("params", {key: entry for key, entry in value.items() if key != "name"})
        return str(named) + (f" ({', '.join(f'{key} = {_value(entry)}' for key, entry in inner.items())})" if inner else "")
    if isinstance(value, list | tuple):
        return ", ".join(_value(each) for each in value)
    return "empty" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _fields(forms: list[FormField]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(max_width=16)
    table.add_column()
    for form in forms:
        allowed = f"One of the {form.family} below" + (", or nothing." if form.optional else ".") if form.family else _sentence(form.expected)
        table.add_row(Text(form.name), Text(_value(form.default)), Group(Text(form.help), Text(allowed, style="dim")))
    return table


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


def _parts(example: Example) -> Table:
    table = Table.grid(padding=(0, 2))
    titles = ("node", "block", "output", "weights", "multiply-adds")
    for title in titles:
        table.add_column(justify="right" if title in ("weights", "multiply-adds") else "left")
    table.add_row(*(Text(title, style="dim") for title in titles))
    for part in example.parts:
        shapes = "; ".join(shape_text(shape) for shape in part.output_shapes)
        figures = (f"{figure:,}" if figure else "" for figure in (part.weights, part.multiply_adds))
        table.add_row(part.node, part.block, shapes, *figures)
    return table


def _rows(rows: Sequence[tuple[str, str]], width: int) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=width, max_width=max(width, LONGEST_LABEL))
    table.add_column()
    for label, text in rows:
        table.add_row(Text(label), Text(text))
    return table


def _indented(content: Any) -> Padding:
    return Padding(content, (0, 0, 0, 2))


def _title(text: str) -> Text:
    return Text(text, style="bold")


def _show(*content: RenderableType) -> None:
    """Prints at the terminal's width, up to a readable one; into a file without blanks at the ends of lines."""
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    if console.is_terminal:
        console.print(*content, sep="\n")
        return
    with console.capture() as captured:
        console.print(*content, sep="\n")
    print("\n".join(line.rstrip() for line in captured.get().splitlines()), flush=True)
