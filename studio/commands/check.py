"""check: what is wrong with a network, why, and what mends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from blocks.features import Feature
from blocks.graph import Graph
from blocks.lint.situation import Situation
from blocks.messages import Message
from studio import defaults, jobs, lint
from studio.commands.output import FAILED, JsonOption, WorkspaceOption, answering, open_workspace, print_json, refuse
from studio.datasets import store
from studio.recipe import Recipe, read_graph_file
from studio.training.planning import check_target, graph_of
from studio.workspace import Workspace, visible, write_text

SIGNS = {"error": "error  ", "warning": "warning", "hint": "hint   "}
GRAPH = ".json"


@dataclass(frozen=True)
class Order:
    """A network, and what it is to be trained on.

    Args:
        file: The graph's own file, if it has one.
    """

    graph: Graph
    features: list[Feature]
    situation: Situation | None
    file: Path | None = None


@answering
def check(
    order: Annotated[str, typer.Argument(metavar="RECIPE_OR_GRAPH", help="A recipe (.yaml), a graph (.json) or the name of a dataset.")],
    dataset: Annotated[str | None, typer.Option(metavar="NAME", help="The dataset, for a graph, or in place of the recipe's.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Make every fix that there is, and write the graph.")] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the mended graph goes (.json); without it a graph replaces its own file.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find what is wrong with a network, and mend it. The exit code is 1 as long as there are errors."""
    if output is not None and not fix:
        refuse("--output belongs to --fix.")
    found = _read(open_workspace(workspace), order, dataset)
    target = output or found.file
    if fix and target is None:
        refuse("Say with --output where the mended graph is to go.")
    made: list[Message] = []
    if fix and target is not None:
        mended = lint.mended(found.graph, found.features, found.situation)
        write_text(target, mended.graph.to_json())
        made, left = mended.made, mended.left
        if not as_json:
            print(visible(f"{len(made)} {'fix' if len(made) == 1 else 'fixes'} made; the graph is in {target}."))
    else:
        left = lint.found(found.graph, found.features, found.situation)
    if as_json:
        findings = {"findings": [_as_json(message) for message in left]}
        print_json({**findings, "fixed": [_as_json(message) for message in made], "output": str(target)} if fix else findings)
    else:
        _print(left)
    if any(message.severity == "error" for message in left):
        raise typer.Exit(FAILED)


def _read(workspace: Workspace, order: str, dataset: str | None) -> Order:
    if Path(order).suffix.lower() == GRAPH:
        graph = read_graph_file(Path(order))
        if dataset is None:
            return Order(graph, [], Situation(), Path(order))
        return _on_data(workspace, Recipe(dataset=dataset, graph=graph), Path(order))
    recipe = jobs.read_recipe(order)
    return _on_data(workspace, recipe.model_copy(update={"dataset": dataset}) if dataset else recipe)


def _on_data(workspace: Workspace, recipe: Recipe, file: Path | None = None) -> Order:
    """The network that a recipe orders, on its dataset, in the training that follows from both."""
    loaded = store.load(workspace, recipe.dataset)
    features, samples = loaded.features, loaded.manifest.splits["train"]
    check_target(features)
    graph = graph_of(recipe.graph or defaults.network(features, samples), features)
    return Order(graph, features, lint.situation_of(recipe, features, samples), file)


def _as_json(message: Message) -> dict[str, Any]:
    return {**asdict(message), "edits": list(message.edits)}


def _print(messages: list[Message]) -> None:
    if not messages:
        print("Nothing is wrong with it.")
        return
    for message in messages:
        where = f"{message.node}: " if message.node else ""
        said = " ".join(message.text.split("\n"))
        print(visible(f"{SIGNS[message.severity]}  {where}{said} {message.fix}".rstrip()))
        indent = " " * 9
        if message.why:
            print(visible(f"{indent}Why: {message.why}"))
        if message.button:
            print(visible(f"{indent}Fix: {message.button}  [{message.rule}]"))
    fixable = sum(bool(message.edits) for message in messages)
    if fixable:
        print(f"{fixable} of {len(messages)} can be mended with --fix.")
