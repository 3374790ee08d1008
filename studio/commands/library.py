"""blocks, presets."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import blocks as block_library
import presets as preset_library
from blocks.declaration import Declaration
from blocks.fields import MAXIMUM_UNITS
from studio.commands.output import JsonOption, answering, print_json, print_table, refuse


@answering
def blocks(
    name: Annotated[str | None, typer.Argument(help="One block, explained.")] = None,
    input_shape: Annotated[
        list[str] | None,
        typer.Option("--input-shape", metavar="H,W,C", help="Shape of the example's input, such as 28,28,1; one for each input, or one for all."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one parameter of the example, such as filters=6.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the blocks, or explain one with an example worked out."""
    from studio.commands import block_page

    if name is None:
        if input_shape or settings:
            refuse("--input-shape and --set belong to one block: studio blocks NAME.")
        known = block_library.all()
        if as_json:
            print_json({"blocks": {key: {"category": block.category, **_described(block)} for key, block in known.items()}})
        else:
            block_page.print_list(known)
        return
    block = block_library.get(name)
    params = block_page.with_params(block, settings or [])
    block.read(params)
    shapes = [_sizes(each) for each in input_shape or []]
    if not as_json:
        block_page.print_block(name, block)  # at once; the example waits for Keras
        block_page.print_example(*block_page.worked(block, params, shapes))
        return
    example, _ = block_page.worked(block, params, shapes)
    described = {"category": block.category, **_described(block), **block_page.documentation(block)}
    print_json({"blocks": {name: {**described, "example": block_page.example_json(example) if example else None}}})


@answering
def presets(
    name: Annotated[str | None, typer.Argument(help="One preset, counted (and explained).")] = None,
    input_shape: Annotated[
        str | None, typer.Option("--input-shape", metavar="H,W,C", help="Shape of one input (default: that of the paper).")
    ] = None,
    classes: Annotated[int | None, typer.Option(min=1, help="Number of classes (default: that of the paper).")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the presets with their weights, or count one at a given input."""
    from blocks.analysis import analyse

    shape = _shape(input_shape)
    chosen = {name: preset_library.get(name)} if name else preset_library.all()
    counted: dict[str, dict[str, Any]] = {}
    for key, preset in chosen.items():
        graph = preset.graph(input_shape=shape, classes=classes)
        analysis = analyse(graph)
        if analysis.errors:
            refuse(f"{key}: " + "; ".join(message.sentence() for message in analysis.errors))
        entry = next(node for node in analysis.nodes.values() if node.block == "Input")
        counted[key] = {
            "weights": analysis.weights, "trainable_weights": analysis.trainable_weights, "multiply_adds": analysis.multiply_adds,
            "input_shape": list(entry.output_shapes[0]), "year": preset.year,
        }  # fmt: skip
    if as_json:
        print_json({"presets": counted})
        return
    if name:
        _explain(name, type(chosen[name]))
    rows = [
        (key, each["year"], "x".join(map(str, each["input_shape"])) or "text", f"{each['weights']:,}", f"{each['multiply_adds']:,}")
        for key, each in counted.items()
    ]
    print_table(("preset", "year", "input", "weights", "multiply-adds"), rows, "")


def _described(declaration: type[Declaration]) -> dict[str, Any]:
    fields = {
        form.name: {
            "control": form.control, "default": form.default, "help": form.help, "choices": list(form.choices) or None,
            "minimum": form.minimum, "maximum": form.maximum, "unit": form.unit,
        }
        for form in declaration.form_fields()
    }  # fmt: skip
    return {"summary": declaration.summary(), "fields": fields}


def _explain(name: str, declaration: type[Declaration]) -> None:
    print(f"{name}: {declaration.summary()}")
    if declaration.usage():
        print(declaration.usage())
    for section in ("Shapes", "Weights", "Source"):
        if declaration.section(section):
            print(f"{section}: {declaration.section(section)}")
    rows = [(form.name, "" if form.default is None else form.default, form.expected, form.help) for form in declaration.form_fields()]
    print_table(("field", "default", "allowed", "what it is"), rows, "It has no fields.")


def _shape(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.replace("x", ",").split(",") if part.strip())
    except ValueError:
        refuse(f"--input-shape {text}: expected whole numbers such as 32,32,3.")


def _sizes(text: str) -> tuple[int, ...]:
    shape = _shape(text) or ()
    if any(not 0 <= size <= MAXIMUM_UNITS for size in shape):
        refuse(f"--input-shape {text}: expected sizes from 0 (unknown) to {MAXIMUM_UNITS:,}.")
    return shape
