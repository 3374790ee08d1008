"""Every preset on every built-in dataset that it claims to fit: planned, and of each family one trained for one step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import presets
from studio.datasets import builtin, store
from studio.networks.arrays import samples
from studio.networks.front import split
from studio.recipe import Recipe
from studio.training import prepare
from studio.training.planning import plan
from studio.workspace import Workspace

SMALLER = {name: {"dense_units": 16} for name in presets.all() if name.startswith("VGG")}
"""Parameters that make the step quick and leave the architecture as it is."""
BATCH = 4


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(autouse=True)
def eager() -> Iterator[None]:
    """One step is quicker without compiling it."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def size(name: str) -> int:
    """Nodes of a preset: the smallest one of a family comes first."""
    return len(presets.get(name).graph().nodes)


@pytest.mark.parametrize("dataset", sorted(builtin.all_sets()))
def test_every_fitting_preset_learns_from_the_data(workspace: Workspace, dataset: str) -> None:
    features = store.load(workspace, dataset).features
    fitting = [name for name, preset in presets.all().items() if preset.fits(features)]
    assert fitting, f"no preset fits {dataset}"
    trained: set[type[presets.Preset]] = set()
    for name in sorted(fitting, key=size):
        order = {"preset": name, "params": SMALLER.get(name, {})}
        planned = plan(workspace, Recipe.read({"dataset": dataset, "graph": order, "training": {"optimizer": "sgd"}}))
        whole = prepare.adapted_graph(planned.graph, planned.dataset)
        parts = split(whole)
        heads = prepare.heads(whole, planned.dataset, planned.recipe.training)
        if type(presets.get(name)) in trained:
            continue  # variants of a family differ in depth and width only, which the data do not see; every one is trained in tests/presets
        trained.add(type(presets.get(name)))
        model, _ = prepare.compiled(parts.network, planned.recipe, heads, workspace, xla=False)
        train = samples(workspace, planned.dataset, parts, "train").first(BATCH)
        before = [variable.numpy() for variable in model.network.trainable_variables]
        losses = model.execute(train, np.arange(BATCH), BATCH, np.array([0.01]), None)
        assert np.isfinite(losses).all(), name
        changed = [not np.array_equal(old, new.numpy()) for old, new in zip(before, model.network.trainable_variables, strict=True)]
        assert any(changed), name
        assert set(model.evaluate(train, BATCH)) >= {"loss"}, name
