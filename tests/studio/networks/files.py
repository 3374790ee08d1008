"""`.keras` files and what an import makes of them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

import blocks
from blocks.graph import Graph
from studio.networks import imported
from studio.networks.keras_import import import_file
from studio.transfer.matching import take_over
from studio.workspace import Workspace


def with_random_weights(model: keras.Model, seed: int = 0) -> keras.Model:
    """Every weight gets a random value, all of them above 0, so that variances stay some."""
    random = np.random.default_rng(seed)
    for variable in model.weights:
        variable.assign(random.uniform(0.05, 0.3, variable.shape))
    return model


def saved(model: keras.Model, folder: Path, name: str = "model.keras") -> Path:
    model.save(folder / name)
    return folder / name


def network_of(found: dict[str, Any], workspace: Workspace) -> keras.Model:
    """The network of an import, with the weights that were kept."""
    network = blocks.build(Graph.model_validate(found["graph"]))
    kept = imported.load(workspace, found["transfer"]["weights"])
    assert set(kept.arrays) == set(found["weights_taken"])
    take_over(network, kept.arrays, kept.source)
    return network


def check_same_outputs(model: keras.Model, path: Path, workspace: Workspace, values: Any, tolerance: float = 1e-6) -> dict[str, Any]:
    """All weights are taken over, and what is built of the import computes what the model computes."""
    found = import_file(str(path), str(workspace.folder))
    assert found["weights_left"] == []
    network = network_of(found, workspace)
    assert len(network.weights) == len(found["weights_taken"])
    assert network.count_params() == sum(int(np.prod(variable.shape)) for variable in model.weights)
    theirs = keras.tree.flatten(model(values, training=False))
    mine = network(values, training=False)
    if isinstance(mine, dict):
        nodes = found["graph"]["nodes"]
        mine = [mine[name] for name, node in nodes.items() if node["block"] == "Output"]
    for one, other in zip(keras.tree.flatten(mine), theirs, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), atol=tolerance)
    return found


def rewritten(path: Path, changes: dict[str, bytes | None]) -> Path:
    """The archive with other contents of some members, None for none."""
    with zipfile.ZipFile(path) as archive:
        contents: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**contents, **changes}.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def with_config(path: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    """The archive with another configuration."""
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    change(config)
    return rewritten(path, {"config.json": json.dumps(config).encode()})


def with_weight_file(path: Path, change: Callable[[h5py.File], Any]) -> Path:
    """The archive with another weight file."""
    with zipfile.ZipFile(path) as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(content, "a") as file:
        change(file)
    return rewritten(path, {"model.weights.h5": content.getvalue()})
