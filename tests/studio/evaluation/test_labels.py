"""Networks for several labels: figures, answers, other data, exports."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import store
from studio.datasets.builtin import SAMPLES
from studio.evaluation.evaluate import answered, evaluate
from studio.evaluation.measure import of_labels
from studio.evaluation.predict import Predictor
from studio.evaluation.prediction import write_csv
from studio.evaluation.result import arrays_of
from studio.runs import Run
from studio.workspace import Workspace


def test_figures_are_those_of_scikit_learn(labels_run: Run, workspace: Workspace) -> None:
    from sklearn.metrics import accuracy_score, f1_score, hamming_loss, precision_recall_fscore_support

    found = evaluate(labels_run)
    arrays = arrays_of(labels_run, "test", "best")
    assert arrays is not None
    truth, said = arrays["truth"], arrays["predicted"]
    np.testing.assert_array_equal(said, arrays["probabilities"] > 0.5)
    np.testing.assert_array_equal(truth, store.load(workspace, "objects").values("objects", "test") > 0.5)
    assert found.metrics["f1"] == pytest.approx(f1_score(truth, said, average="macro", zero_division=0), abs=1e-6)
    assert found.metrics["accuracy"] == pytest.approx(1 - hamming_loss(truth, said), abs=1e-6)
    assert found.metrics["exact_match"] == pytest.approx(accuracy_score(truth, said), abs=1e-6)
    assert labels_run.results()["test"] == pytest.approx(found.metrics, rel=1e-3, abs=1e-4)
    precision, recall, f1, support = precision_recall_fscore_support(truth, said, zero_division=0)
    for place, each in enumerate(found.per_class):
        assert (each.precision, each.recall, each.f1, each.support) == pytest.approx((precision[place], recall[place], f1[place], support[place]))
    wrong = [example.scores["wrong_labels"] for example in found.examples]
    assert wrong == sorted(wrong, reverse=True)
    first = found.examples[0]
    assert first.scores["wrong_labels"] == (truth[first.place] != said[first.place]).sum()
    json.dumps(answered(found))


def test_nothing_to_tell_of_no_samples() -> None:
    facts, _ = of_labels(np.zeros(0, int), np.zeros((0, 2)), np.zeros((0, 2)), ("a", "b"), 0.5)
    assert facts["examples"] == []


def test_answers(labels_run: Run, workspace: Workspace, tmp_path: Path) -> None:
    predictor = Predictor(labels_run)
    dataset = store.load(workspace, "objects")
    rows = dataset.rows("test")[:12]
    said = predictor.pictures([(str(row), dataset.image(int(row))) for row in rows]).predictions
    for each in said:
        assert each.labels == tuple(name for name, value in each.probabilities.items() if value > 0.5)
        assert each.answer()["labels"] == list(each.labels or ())
        assert "label" not in each.answer()
    write_csv(tmp_path / "said.csv", said)
    with (tmp_path / "said.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["labels"] for row in written] == ["; ".join(each.labels or ()) for each in said]


def test_other_data(labels_run: Run) -> None:
    found = evaluate(labels_run, data=SAMPLES / "objects.zip")
    assert found.samples == 480
    assert set(found.metrics) == {"loss", "f1", "accuracy", "exact_match"}
