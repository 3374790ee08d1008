"""Logistic regression on real data of two classes, beside that of scikit-learn."""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_breast_cancer

from studio.datasets import store
from studio.evaluation.baseline import baselines
from studio.evaluation.opened import open_network
from studio.workspace import Workspace
from tests.studio.trained import trained


def test_it_is_as_good_as_that_of_scikit_learn(tmp_path: Path) -> None:
    tumours = load_breast_cancer(as_frame=True)
    tumours.data.assign(diagnosis=tumours.target_names[tumours.target]).to_csv(tmp_path / "tumours.csv", index=False)
    workspace = Workspace(tmp_path / "workspace")
    store.add(workspace, tmp_path / "tumours.csv", "tumours", target="diagnosis")
    found = baselines(open_network(trained(workspace, {"dataset": "tumours", "graph": {"preset": "LogisticRegression"}})))
    assert found["network"]["accuracy"] >= found["logistic_regression"]["accuracy"] - 0.02
