"""Networks with several Outputs: each target is measured where it is known, and told under its name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import store
from studio.evaluation.evaluate import answered, evaluate
from studio.evaluation.predict import Predictor
from studio.evaluation.prediction import write_csv
from studio.evaluation.result import arrays_of, read
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.trained_several import people


def test_each_target_by_its_own_figures(people_run: Run, workspace: Workspace) -> None:
    found = evaluate(people_run)
    dataset = store.load(workspace, "several")
    assert set(found.metrics) == {"loss", "size_accuracy", "weight_mae"}
    assert people_run.results()["test"] == pytest.approx(found.metrics, rel=1e-4, abs=1e-5)
    weight = found.further["weight"]
    known = int(np.isfinite(dataset.values("weight", "test")).sum())
    assert (weight.samples, found.samples) == (known, len(dataset.rows("test")))
    assert known < found.samples
    first, second = arrays_of(people_run, "test", "best"), arrays_of(people_run, "test", "best", 1)
    assert first is not None
    assert second is not None
    assert len(second["values"]) == known
    assert found.metrics["weight_mae"] == pytest.approx(float(np.abs(second["values"] - second["truth"]).mean()), rel=1e-4)
    assert found.metrics["size_accuracy"] == pytest.approx(float((first["predicted"] == first["truth"]).mean()), abs=1e-6)
    assert found.metrics["loss"] == pytest.approx(weight.metrics["loss"] + float(first["loss"].sum()) / found.samples, rel=1e-4)
    assert read(people_run) == found
    assert json.loads(json.dumps(answered(found)))["further"]["weight"]["residuals"]["mae"] == pytest.approx(weight.metrics["mae"], rel=1e-5)


def test_answers_carry_all_targets(people_run: Run, tmp_path: Path) -> None:
    said = Predictor(people_run).rows([{"length": 2, "colour": "r"}, {"length": 8, "colour": "g"}])
    assert [each.label for each in said.predictions] == ["short", "long"]
    told = said.answer()["predictions"][0]
    assert set(told["further"]) == {"weight"}
    assert isinstance(told["further"]["weight"]["value"], float)
    write_csv(tmp_path / "said.csv", said.predictions)
    assert "weight: value" in (tmp_path / "said.csv").read_text("utf-8-sig").splitlines()[0]


def test_other_data_may_know_some_targets_only(people_run: Run, tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text(people(30), "utf-8")
    assert set(evaluate(people_run, data=tmp_path / "all.csv").metrics) == {"loss", "size_accuracy", "weight_mae"}
    lines = [line.rsplit(",", 1)[0] for line in people(30).splitlines()]
    (tmp_path / "few.csv").write_text("\n".join(lines) + "\n", "utf-8")
    found = evaluate(people_run, data=tmp_path / "few.csv")
    assert set(found.metrics) == {"loss", "accuracy"}
    assert any("no column 'weight'" in note for note in found.notes)
