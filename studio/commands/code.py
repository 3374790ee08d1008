"""code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import presets
from studio import defaults, jobs, runtime
from studio.commands.output import JsonOption, WorkspaceOption, answering, open_workspace, print_json, refuse
from studio.datasets import store
from studio.recipe import read_graph_file
from studio.training.planning import graph_of
from studio.workspace import write_text

if TYPE_CHECKING:
    from blocks.features import Feature
    from blocks.graph import Graph


@answering
def code(
    order: Annotated[str, typer.Argument(metavar="RECIPE_OR_GRAPH_OR_PRESET", help="A recipe (.yaml), a graph (.json) or the name of a preset.")],
    dataset: Annotated[str | None, typer.Option(metavar="D", help="Dataset that inputs and outputs follow (default: the recipe's, or none).")] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE.py", help="Write the code to a file.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a network as the Keras code that makes it, which needs nothing of this program."""
    if output is not None and (output.is_dir() or not output.expanduser().resolve().parent.is_dir()):
        refuse(f"--output {output}: there is no such folder, or it is one; name a file such as network.py.")
    graph, features = _network(order, dataset, workspace)
    from blocks.graph_code import graph_code

    runtime.on_cpu()
    text = graph_code(graph, features)
    if output is not None:
        write_text(output.expanduser(), text)
    if as_json:
        written = {"path": str(output.expanduser().resolve())} if output is not None else {}
        print_json({"network": graph.name, "lines": text.count("\n"), **written, "code": text})
    elif output is not None:
        print(f"{text.count(chr(10)):,} lines written to {output}")
    else:
        print(text, end="")


def _network(order: str, dataset: str | None, workspace: Path | None) -> tuple[Graph, list[Feature]]:
    """The graph that is ordered, and the features that it binds to; none without a dataset."""
    suffix = Path(order).suffix.lower()
    if suffix in (".yaml", ".yml"):
        recipe = jobs.read_recipe(order)
        found = store.load(open_workspace(workspace), dataset or recipe.dataset)
        return graph_of(recipe.graph or defaults.network(found.features, found.manifest.splits["train"]), found.features), found.features
    features = store.load(open_workspace(workspace), dataset).features if dataset else []
    if suffix == ".json":
        return read_graph_file(Path(order)), features
    return presets.get(order).graph(features=features), features
