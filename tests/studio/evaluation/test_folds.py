"""Cross-validation on the same folds as scikit-learn's, and simple models beside the network."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import KFold, StratifiedKFold

from studio.crossvalidation import cross_validate
from studio.datasets import store
from studio.datasets.errors import DatasetError
from studio.datasets.folds import with_fold
from studio.evaluation.baseline import baselines
from studio.evaluation.opened import EvaluationError, open_network
from studio.runs import Run
from studio.workspace import Workspace


@pytest.mark.parametrize(("name", "splitter"), [("iris", StratifiedKFold), ("diabetes", KFold)])
def test_the_folds_are_those_of_scikit_learn(workspace: Workspace, name: str, splitter: type) -> None:
    dataset = store.load(workspace, name)
    expected = list(splitter(5, shuffle=True, random_state=0).split(np.zeros(len(dataset)), dataset.targets()))
    for fold, (train, test) in enumerate(expected, start=1):
        view = with_fold(dataset, fold, 5)
        np.testing.assert_array_equal(view.rows("test"), test)
        np.testing.assert_array_equal(np.sort(np.concatenate([view.rows("train"), view.rows("validation")])), train)
        assert len(view.rows("validation")) == pytest.approx(0.15 * len(train), abs=2)
        if name == "iris":
            assert set(np.bincount(view.targets("validation"))) <= {5, 6, 7}


def test_folds_that_cannot_be(workspace: Workspace) -> None:
    dataset = store.load(workspace, "iris")
    with pytest.raises(DatasetError, match="no fold 6 of 5"):
        with_fold(dataset, 6, 5)
    with pytest.raises(DatasetError, match="can't be cut into 60 folds"):
        with_fold(dataset, 1, 60)


def test_every_fold_is_trained_and_measured_on_itself(table_run: Run, workspace: Workspace) -> None:
    told: list[float] = []
    before = set(workspace.temporary.iterdir())
    found = cross_validate(table_run, 3, baselines=True, progress=lambda fraction, _: told.append(fraction))
    assert len(found.each) == 3
    assert found.metrics["accuracy"] == pytest.approx(np.mean([each["accuracy"] for each in found.each]))
    assert found.deviations["accuracy"] == pytest.approx(np.std([each["accuracy"] for each in found.each]))
    assert set(found.baselines) == {"network", "logistic_regression", "random_forest"}
    assert found.baselines["network"]["accuracy"] == pytest.approx(found.metrics["accuracy"], abs=1e-6)
    assert found.baselines["logistic_regression"]["accuracy"] > 0.7
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert (table_run.folder / "evaluation" / "folds-3.json").exists()
    assert set(workspace.temporary.iterdir()) <= before


def test_baselines_beside_the_network(price_run: Run, digits_run: Run) -> None:
    found = baselines(open_network(price_run))
    assert set(found) == {"network", "ridge_regression", "random_forest"}
    assert found["ridge_regression"]["r2"] > 0.5
    with pytest.raises(EvaluationError, match="for tables"):
        baselines(open_network(digits_run))
