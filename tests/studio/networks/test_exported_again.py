"""The Keras files that this program writes of its runs, imported again: the same network with the same weights, front included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import blocks
from blocks.graph import Graph
from studio.export import service
from studio.networks import imported, weights
from studio.networks.keras_import import import_file
from studio.networks.loaded import open_run
from studio.runs import Run
from studio.transfer.matching import take_over
from studio.workspace import StudioError, Workspace


def exported(run: Run) -> Path:
    path = Path(service.export(run, "keras").path)
    return path if path.is_file() else next(path.rglob("*.keras"))


@pytest.mark.parametrize("name", ["digits_run", "pictures_run", "text_run"])
def test_exported_network_comes_back(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    run: Run = request.getfixturevalue(name)
    workspace = Workspace(tmp_path)
    found = import_file(str(exported(run)), str(workspace.folder))
    assert found["weights_left"] == []
    graph = Graph.model_validate(found["graph"])
    whole = open_run(run).whole
    blocks_of = [node.block for node in graph.nodes.values()]
    assert [block for block in blocks_of if block != "Resizing"] == [node.block for node in whole.nodes.values() if node.block != "Resizing"]
    network = blocks.build(graph)
    kept = imported.load(workspace, found["transfer"]["weights"])
    assert take_over(network, kept.arrays, kept.source).left == []
    trained = open_run(run).network
    stored = {name: variable.numpy() for name, variable in weights.named(trained.weights).items()}
    assert set(stored) == set(kept.arrays)
    for weight, array in stored.items():
        np.testing.assert_array_equal(kept.arrays[weight], array)
    entry = network.inputs[0]
    if entry.dtype == "string":
        values = tf.constant(["the cat sat", "das Buch"])
    else:
        sizes = [size or 9 for size in entry.shape[1:]]
        values = tf.constant(np.random.default_rng(0).integers(0, 256, (2, *sizes)), entry.dtype)
    assert np.isfinite(network(values).numpy()).all()


def test_exported_table_names_its_encoding(table_run: Run, tmp_path: Path) -> None:
    """Which an export writes as a hundred functions: the graph of the run says it better."""
    with pytest.raises(StudioError) as raised:
        import_file(str(exported(table_run)), str(tmp_path))
    assert str(raised.value) == (
        "blockstudio_encoding (Functional): it encodes the columns of a table, which a ColumnEncoding measures on a dataset; "
        "import the graph of the run instead."
    )
