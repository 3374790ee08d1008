"""Networks of Keras files: the graph, and weights to begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from blocks.errors import BlocksError
from blocks.graph import Graph
from blocks.importing import Imported, from_config
from studio.networks import imported as kept_weights
from studio.networks.keras_import.adapted import with_learned
from studio.networks.keras_import.archive import KerasFileError, opened
from studio.networks.keras_import.limits import ImportLimits
from studio.networks.keras_import.taking import take
from studio.networks.keras_import.weight_file import Left, Stored, read_weights
from studio.workspace import StudioError, Workspace

__all__ = ["ImportLimits", "ImportedModel", "KerasFileError", "Left", "import_file", "read_graph", "read_keras"]


@dataclass(frozen=True)
class ImportedModel:
    """A network of a file.

    Args:
        graph: With what its layers learned before training as parameters.
        stored: By the path of a node, the place of its layer in the weight file.
        weights: The arrays of the weight file, by place and number; empty where the file has none.
        parameters: Places whose arrays have become parameters.
        notes: What is a little different here, as sentences.
        left: What of the file could not be read.
    """

    graph: Graph
    stored: dict[str, str]
    weights: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def read_graph(path: Path, limits: ImportLimits | None = None, name: str = "") -> Imported:
    """The graph of a `.keras` file or of a configuration as `.json`, without its weights. Keras is not needed.

    Raises:
        KerasFileError: It is no such file.
        KerasImportError: With every layer that can't be imported, and why.
    """
    with opened(path, limits or ImportLimits(), name) as archive:
        return from_config(archive.config())


def read_keras(path: Path, limits: ImportLimits | None = None, name: str = "") -> ImportedModel:
    """The graph and the weights of a `.keras` file, or the graph of a configuration as `.json`. Keras is not needed.

    Raises:
        KerasFileError: It is no such file, or holds more than the limits allow.
        KerasImportError: With every layer that can't be imported, and why.
    """
    bounds = limits or ImportLimits()
    with opened(path, bounds, name) as archive:
        found = from_config(archive.config())
        with archive.weights() as file:
            stored = read_weights(file, bounds) if file is not None else Stored()
        graph, parameters, left = with_learned(found, stored.arrays, lambda member: archive.text(member, bounds.vocabulary_bytes))
    return ImportedModel(graph, found.stored, stored.arrays, parameters, found.notes, [*stored.left, *left])


def import_file(path: str, folder: str, name: str = "") -> dict[str, Any]:
    """Imports a network and keeps its weights in a workspace. Needs Keras: the page has it run in the engine.

    Args:
        folder: The workspace's.
        name: What people call the file.

    Returns:
        JSON values: `graph`; `nodes`, how many; `weights_taken`, names of weights; `weights_left`, sentences; `notes`; and
        `transfer`, what a recipe says to begin with these weights, or None.

    Raises:
        StudioError: The file is none, or its network can't be imported.
    """
    try:
        found = read_keras(Path(path), name=name)
    except BlocksError as error:
        raise StudioError(str(error)) from None
    left, taken, transfer = list(found.left), [], None
    if found.weights:
        result = take(found.graph, found.stored, found.weights, found.parameters)
        left, taken = [*left, *result.left], result.names
        if result.arrays:
            transfer = {"weights": kept_weights.keep(Workspace(folder), result.arrays, name or Path(path).name)}
    return {
        "graph": found.graph.document(),
        "nodes": len(found.graph.nodes),
        "weights_taken": taken,
        "weights_left": [each.sentence() for each in left],
        "notes": found.notes,
        "transfer": transfer,
    }
