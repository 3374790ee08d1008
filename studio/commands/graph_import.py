"""import: a network of another program as a graph, and its weights to begin trainings with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from blocks.graph import Graph
from studio.commands.output import JsonOption, WorkspaceOption, answering, open_workspace, print_json, print_table, refuse
from studio.workspace import write_text

SHOWN = 20
"""Weights that were left are listed up to so many; `--json` gives all."""


@answering
def import_model(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A .keras file, or the configuration of a model as .json.")],
    output: Annotated[
        Path | None, typer.Option(metavar="GRAPH.json", help="Where to write the graph (default: the file's name with -graph.json, here).")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a functional or Sequential Keras model: its network as a graph, its weights for trainings."""
    from studio.networks.keras_import import import_file

    written = _checked(path, output)
    place = open_workspace(workspace)
    found = import_file(str(path.expanduser()), str(place.folder), path.name)
    write_text(written, Graph.model_validate(found["graph"]).to_json())
    if as_json:
        kept = ("nodes", "weights_taken", "weights_left", "transfer", "notes")
        print_json({"graph": str(written), **{name: found[name] for name in kept}})
    else:
        _show(found, written)


def _checked(path: Path, output: Path | None) -> Path:
    """Where the graph goes; a file that was not named is never written over."""
    source = path.expanduser()
    if not source.is_file():
        refuse(f"There is no file {path}.")
    written = (output or Path(f"{path.stem}-graph.json")).expanduser()
    if written.resolve() == source.resolve() or written.is_dir() or not written.resolve().parent.is_dir():
        refuse(f"--output {written}: there is no such folder, or it is one, or the imported file itself; name a file such as network.json.")
    if output is None and written.exists():
        refuse(f"{written} is there already. Name another file with --output.")
    return written


def _show(found: dict[str, Any], written: Path) -> None:
    print(f"{found['nodes']:,} nodes written to {written}")
    for note in found["notes"]:
        print(note)
    taken, left, transfer = found["weights_taken"], found["weights_left"], found["transfer"]
    print(f"{len(taken):,} weights taken over" + (f", {len(left):,} left:" if left else "."))
    print_table(("left",), [(sentence,) for sentence in left[:SHOWN]], "")
    if len(left) > SHOWN:
        print(f"and {len(left) - SHOWN:,} more; --json lists all.")
    if transfer:
        print(f"To begin a training with them: studio train DATASET --set graph.file={written} --set transfer.weights={transfer['weights']}")
