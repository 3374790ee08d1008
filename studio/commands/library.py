"""blocks, presets."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import blocks as block_library
import presets as preset_library
from blocks.declaration import Declaration
from blocks.fields import MAXIMUM_UNITS
from presets import Preset, figures
from presets.golden import printed_stages
from presets.tasks import Task, task_of
from studio.commands import preset_list
from studio.commands.output import JsonOption, WorkspaceOption, answering, open_workspace, print_json, print_table, refuse
from studio.datasets import store


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
    task: Annotated[Task | None, typer.Option("--task", help="Only those for this.")] = None,
    search: Annotated[str, typer.Option("--search", metavar="WORDS", help="Only those with these words in names, summary or paper.")] = "",
    fits: Annotated[str | None, typer.Option("--fits", metavar="DATASET", help="Only those that take this dataset.")] = None,
    sort: Annotated[preset_list.Sort, typer.Option("--sort", help="The order of the list.")] = "name",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the presets with their weights, or count one at a given input."""
    shape = _shape(input_shape)
    features = store.load(open_workspace(workspace), fits).features if fits else None
    every = {name: preset_library.get(name)} if name else preset_library.all()
    chosen = {key: preset for key, preset in every.items() if preset_list.is_meant(key, preset, task, search, features)}
    known = figures.read() if shape is None and classes is None else {}
    counted = {key: _counted(key, preset, known.get(key), shape, classes) for key, preset in chosen.items()}
    counted = dict(sorted(counted.items(), key=preset_list.order(sort)))
    if as_json:
        print_json({"presets": counted})
        return
    if name:
        _explain(name, type(chosen[name]))
    rows = [
        (key, each["year"], "x".join(map(str, each["input_shape"])) or "text", f"{each['weights']:,}", f"{each['multiply_adds']:,}")
        for key, each in counted.items()
    ]
    print_table(("preset", "year", "input", "weights", "multiply-adds"), rows, "No preset is like that. Leave an option out.")


def _counted(name: str, preset: Preset, known: figures.Figures | None, input_shape: tuple[int, ...] | None, classes: int | None) -> dict[str, Any]:
    """The figures of one preset: those that are known, or counted now."""
    if known is None:
        graph = preset.graph(input_shape=input_shape, classes=classes)
        analysis = block_library.analyse(graph)
        if analysis.errors:
            refuse(f"{name}: " + "; ".join(message.sentence() for message in analysis.errors))
        known = figures.counted(graph, analysis)
    shown = {key: known[key] for key in ("weights", "trainable_weights", "multiply_adds", "input_shape")}
    return {**shown, "year": preset.year, "family": type(preset).__name__, "task": task_of(type(preset))}


def _described(declaration: type[Declaration]) -> dict[str, Any]:
    fields = {
        form.name: {
            "control": form.control, "default": form.default, "help": form.help, "choices": list(form.choices) or None,
            "minimum": form.minimum, "maximum": form.maximum, "unit": form.unit,
        }
        for form in declaration.form_fields()
    }  # fmt: skip
    return {"summary": declaration.summary(), "fields": fields}


def _explain(name: str, declaration: type[Preset]) -> None:
    print(f"{name}: {declaration.summary()}")
    if declaration.usage():
        print(declaration.usage())
    for section in ("Shapes", "Weights", "Source"):
        if declaration.section(section):
            print(f"{section}: {declaration.section(section)}")
    for sentence in printed_stages(declaration.golden):
        print(f"Shapes on the way: {sentence}")
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
