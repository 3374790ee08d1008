"""graphs modules: list, keep, put, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio.commands.graph_sources import network_of_name_or_file
from studio.commands.output import JsonOption, WorkspaceOption, answering, open_workspace, print_json, print_table, refuse
from studio.library import exchange, modules
from studio.library.modules import Module
from studio.workspace import visible, write_text

app = typer.Typer(help="List the kept modules; keep one of a network, put one into a file's network, or remove one.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A kept module: what it is called, or the name in its address.")]


@app.callback(invoke_without_command=True)
@answering
def default(context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Without a command, the kept modules are listed."""
    if context.invoked_subcommand is None:
        _list(workspace, as_json)


@app.command("list")
@answering
def list_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the kept modules."""
    _list(workspace, as_json)


@app.command("keep")
@answering
def keep(
    network: Annotated[str, typer.Argument(metavar="NAME_OR_FILE", help="The network that has the module.")],
    module: Annotated[str, typer.Argument(metavar="MODULE", help="The module's name there.")],
    name: Annotated[str | None, typer.Option(help="What to call it (default: as there).")] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of another module of that name.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a module of a network, with the modules that it needs."""
    place = open_workspace(workspace)
    kept = modules.save(place, network_of_name_or_file(place, network), module, name, description, replace)
    print_json(kept.to_json()) if as_json else print(f"Kept {kept.title} (inputs: {kept.inputs}, outputs: {kept.outputs}).")


@app.command("put")
@answering
def put(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The graph's file, which is written anew.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a kept module into the network of a graph file."""
    place = open_workspace(workspace)
    document = exchange.read_document_file(file)
    if not isinstance(document, dict) or "nodes" not in document:
        refuse(f"{file} is no graph file, so it is left as it is. Export a network to a file first.")
    graph, block = modules.put_into(exchange.graph_in(document, visible(file.name)), modules.load(place, name))
    write_text(file, exchange.to_text(graph, exchange.SUFFIXES[file.suffix.lower()]))
    print_json({"block": block, "path": str(file)}) if as_json else print(f"Nodes of {file} can use the block {block} now.")


@app.command("remove")
@answering
def remove(name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Remove a kept module; networks that use it have it in them, and keep it."""
    modules.remove(open_workspace(workspace), name)
    print_json({"removed": name}) if as_json else print(f"Removed {visible(name)}.")


def _list(workspace: Path | None, as_json: bool) -> None:
    found = modules.listed(open_workspace(workspace))
    if as_json:
        print_json({"modules": [each.to_json() for each in found]})
        return
    rows: list[tuple[object, ...]] = [
        (each.name, each.title, each.inputs, each.outputs, each.description) if isinstance(each, Module) else (each.name, "", "", "", each.problem)
        for each in found
    ]
    print_table(("name", "title", "inputs", "outputs", "description"), rows, "No module is kept yet. Keep one with `studio graphs modules keep`.")
