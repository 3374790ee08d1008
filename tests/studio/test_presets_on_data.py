"""A preset of every family on every built-in dataset that it claims to fit: planned, and those that are not large trained for one step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import presets
from blocks import analyse
from studio.datasets import builtin, store
from studio.networks.arrays import Samples, samples
from studio.networks.front import split
from studio.recipe import Recipe
from studio.training import prepare
from studio.training.planning import plan
from studio.workspace import Workspace
from tests.presets.ready import first_variants, reduced

BATCH = 4
LARGEST = 20_000_000
"""Multiply-adds of one sample up to which a network is trained."""


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


@pytest.mark.parametrize("dataset", sorted(builtin.all_sets()))
def test_every_fitting_preset_learns_from_the_data(workspace: Workspace, dataset: str) -> None:
    features = store.load(workspace, dataset).features
    fitting = [name for name in first_variants() if presets.get(name).fits(features)]
    assert fitting, f"no preset fits {dataset}"
    for name in fitting:
        order = {"preset": name, "params": reduced(name)}
        planned = plan(workspace, Recipe.read({"dataset": dataset, "graph": order, "training": {"optimizer": "sgd"}}))
        whole = prepare.adapted_graph(planned.graph, planned.dataset)
        parts = split(whole)
        heads = prepare.heads(whole, planned.dataset, planned.recipe.training)
        if analyse(whole, features).multiply_adds > LARGEST:
            continue  # each of these takes a step at its smallest input in tests/presets
        network = prepare.network(parts.network, planned.recipe.training).model
        model = prepare.compiled(network, parts.network, planned.recipe.training, heads, xla=False)
        whole_split = samples(workspace, planned.dataset, parts, "train")
        train = Samples(*whole_split.gather(np.array([0, 1, -2, -1]) % len(whole_split)))  # of two classes, where they are sorted
        before = [variable.numpy() for variable in model.network.trainable_variables]
        losses = model.execute(train, np.arange(BATCH), BATCH, np.array([0.01]), None)
        assert np.isfinite(losses).all(), name
        changed = [not np.array_equal(old, new.numpy()) for old, new in zip(before, model.network.trainable_variables, strict=True)]
        assert any(changed), name
        assert set(model.evaluate(train, BATCH)) >= {"loss"}, name
