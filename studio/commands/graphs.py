"""graphs list, save, show, versions, diff, duplicate, rename, remove, export, link, modules."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from blocks.graph import Graph
from studio.commands import graph_modules
from studio.commands.graph_sources import network_of_file, network_of_name_or_file, summary_of
from studio.commands.output import JsonOption, WorkspaceOption, answering, open_workspace, print_json, print_table, refuse
from studio.library import exchange, graphs
from studio.library.differences import differences
from studio.workspace import visible, write_text

app = typer.Typer(help="Save, compare and exchange networks, and keep their modules.", no_args_is_help=True)
app.add_typer(graph_modules.app, name="modules")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A saved network: what it is called, or the name in its address.")]
VersionOption = Annotated[int | None, typer.Option(min=1, help="Version (default: the newest).")]
EITHER = "NAME_OR_FILE"
EitherArgument = Annotated[str, typer.Argument(metavar=EITHER, help="A saved network (NAME or NAME@VERSION), or a graph or recipe file.")]


@app.command("list")
@answering
def list_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the saved networks, the one saved last first."""
    found = graphs.listed(open_workspace(workspace))
    if as_json:
        print_json({"graphs": [entry.to_json() for entry in found]})
        return
    rows = [(each.name, each.title, each.versions, each.newest.nodes, each.newest.saved, each.newest.problem) for each in found]
    print_table(("name", "title", "versions", "nodes", "saved (UTC)", ""), rows, "No network is saved yet. Save one with `studio graphs save FILE`.")


@app.command("save")
@answering
def save(
    file: Annotated[Path, typer.Argument(metavar="FILE_OR_RECIPE", help="A graph (.json, .yaml), or a recipe that holds one or names a preset.")],
    name: Annotated[str | None, typer.Option(help="What to call it (default: the network's name); one that is there gets a new version.")] = None,
    note: Annotated[str, typer.Option(help="What is worth knowing about this version.")] = "",
    based_on: Annotated[
        int | None, typer.Option(min=0, help="Version that you have seen (0: none); a newer one with other content refuses the save.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save a network of a file as a new version."""
    place = open_workspace(workspace)
    _say_saved(graphs.save(place, network_of_file(place, file), name, based_on, note), "Saved", as_json)


@app.command("show")
@answering
def show(
    name: NameArgument,
    version: VersionOption = None,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the network as YAML and nothing else.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a saved network."""
    if as_yaml and as_json:
        refuse("--yaml and --json exclude each other; give one of them.")
    saved = graphs.load(open_workspace(workspace), name, version)
    if as_json:
        print_json(saved.to_json())
    elif as_yaml:
        print(exchange.to_yaml(saved.graph), end="")
    else:
        print(f"{saved.title}, version {saved.version}, saved {saved.saved}" + (f"\n{saved.note}" if saved.note else ""))
        _print_nodes(saved.graph)


@app.command("versions")
@answering
def versions(name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the versions of a network, the newest first."""
    found = graphs.versions(open_workspace(workspace), name)
    if as_json:
        print_json({"name": name, "versions": [asdict(version) for version in found]})
        return
    print_table(
        ("version", "saved (UTC)", "nodes", "note"), [(each.version, each.saved, each.nodes, each.problem or each.note) for each in found], ""
    )


@app.command("diff")
@answering
def diff(old: EitherArgument, new: EitherArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say what was changed from one network to another."""
    place = open_workspace(workspace)
    found = differences(network_of_name_or_file(place, old), network_of_name_or_file(place, new))
    if as_json:
        print_json({"differences": [each.to_json() for each in found]})
        return
    print("\n".join(each.sentence for each in found) or "There is no difference.")


@app.command("duplicate")
@answering
def duplicate(
    name: NameArgument,
    new_name: Annotated[str | None, typer.Option("--name", help='What to call the copy (default: "NAME (copy)").')] = None,
    version: VersionOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save a copy of a network under another name."""
    _say_saved(graphs.duplicate(open_workspace(workspace), name, new_name, version), "Copied to", as_json)


@app.command("rename")
@answering
def rename(
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(metavar="NEW_NAME", help="What to call it from now on.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call a network something else; addresses that name it stay as they are."""
    entry = graphs.rename(open_workspace(workspace), name, new_name)
    print_json(entry.to_json()) if as_json else print(f"{visible(name)} is called {entry.title} now.")


@app.command("remove")
@answering
def remove(name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Remove a network with all its versions."""
    graphs.remove(open_workspace(workspace), name)
    print_json({"removed": name}) if as_json else print(f"Removed {visible(name)}.")


@app.command("export")
@answering
def export(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; .json, .yaml or .yml.")],
    version: VersionOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a saved network to a file."""
    written = exchange.SUFFIXES.get(file.suffix.lower())
    if written is None:
        refuse(f"{file}: networks are written as .json, .yaml or .yml.")
    saved = graphs.load(open_workspace(workspace), name, version)
    if file.exists() and not overwrite:
        refuse(f"{file} is there already. Name another file, or replace it with --overwrite.")
    write_text(file, exchange.to_text(saved.graph, written))
    print_json({"name": saved.name, "version": saved.version, "path": str(file)}) if as_json else print(file)


@app.command("link")
@answering
def link(network: EitherArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Print what carries a whole network in an address: put it behind the address of the page."""
    found = exchange.to_link(network_of_name_or_file(open_workspace(workspace), network))
    print_json({"link": found}) if as_json else print(exchange.LINK_KEY + found)


def _say_saved(saved: graphs.Saved, done: str, as_json: bool) -> None:
    if as_json:
        print_json(saved.to_json())
    else:
        print(f"{done} {saved.title}, version {saved.version} ({summary_of(saved.graph)}).")


def _print_nodes(graph: Graph) -> None:
    rows = [
        (
            node,
            f"as {document.reuse}" if document.reuse else document.block,
            ", ".join(document.inputs),
            "" if document.reuse else ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in document.params.items()),
        )
        for node, document in graph.nodes.items()
    ]
    print_table(("node", "block", "inputs", "parameters"), rows, "The network is empty.")
