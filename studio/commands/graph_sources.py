"""The network that a command's argument names: in a file, or saved in the workspace."""

from __future__ import annotations

from pathlib import Path

from blocks.graph import Graph
from studio import defaults
from studio.datasets import store
from studio.library import exchange, graphs
from studio.library.errors import LibraryError, NotKeptError
from studio.recipe import Recipe
from studio.training.planning import graph_of
from studio.workspace import Workspace, visible


def network_of_file(workspace: Workspace, file: Path) -> Graph:
    """The network of a graph file, or the one that a recipe file would train.

    Raises:
        StudioError: There is no such file, or it holds no network.
        BlocksError: The recipe's preset is unknown, refuses its parameters, or does not fit the dataset.
    """
    if not file.is_file():
        raise LibraryError(f"There is no file {visible(str(file))[:200]}.")
    document = exchange.read_document_file(file)
    order = document.get("graph") if isinstance(document, dict) and "nodes" not in document else document
    is_inline = isinstance(order, dict) and "nodes" in order
    if isinstance(document, dict) and not is_inline and ("dataset" in document or (isinstance(order, dict) and "file" in order)):
        return _of_recipe(workspace, Recipe.load(file))
    return exchange.graph_in(document, visible(file.name))


def network_of_name_or_file(workspace: Workspace, given: str) -> Graph:
    """The network of a file, or a saved one: NAME for its newest version, or NAME@VERSION.

    Raises:
        StudioError: There is neither, or it can't be read.
    """
    file = Path(given)
    if file.suffix.lower() in exchange.SUFFIXES and file.is_file():
        return network_of_file(workspace, file)
    try:
        return graphs.load(workspace, given).graph
    except NotKeptError:
        name, at, version = given.rpartition("@")
        if at and version.isdecimal() and len(version) < 10:
            return graphs.load(workspace, name, int(version)).graph
        if file.suffix.lower() in exchange.SUFFIXES:
            raise LibraryError(f"There is neither a file nor a saved network {visible(given)[:200]!r}.") from None
        raise


def summary_of(graph: Graph) -> str:
    """How large a network is, in few words."""
    nodes = f"{len(graph.nodes):,} node" + "s" * (len(graph.nodes) != 1)
    return f"{nodes}, {len(graph.modules)} module" + "s" * (len(graph.modules) != 1) if graph.modules else nodes


def _of_recipe(workspace: Workspace, recipe: Recipe) -> Graph:
    if isinstance(recipe.graph, Graph):
        return recipe.graph
    dataset = store.load(workspace, recipe.dataset)
    return graph_of(recipe.graph or defaults.network(dataset.features, dataset.manifest.splits["train"]), dataset.features)
