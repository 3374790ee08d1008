"""Tables with several targets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import add, load
from studio.datasets.errors import DatasetError
from studio.datasets.preview import class_counts
from studio.workspace import Workspace

Written = Callable[..., Path]


def rows(count: int = 60) -> str:
    lines = ["length,colour,kind,weight,a,b"]
    lines += [f"{n / 10},{'rgb'[n % 3]},{'' if n == 3 else 'xy'[n % 2]},{'' if n in (3, 4) else n * 2.5},{n % 7},{n % 5}" for n in range(count)]
    return "\n".join(lines) + "\n"


def test_class_and_number_with_gaps(workspace: Workspace, written: Written) -> None:
    manifest = add(workspace, written(rows()), target="kind,weight")
    assert manifest.kind == "table-classification"
    assert [(each.name, each.kind, each.role) for each in manifest.features] == [
        ("length", "number", "input"), ("colour", "category", "input"), ("kind", "category", "target"), ("weight", "number", "target"),
        ("a", "number", "input"), ("b", "number", "input"),
    ]  # fmt: skip
    assert manifest.samples == 59
    assert "Left out 1 row without a value for any of the targets 'kind', 'weight'." in manifest.warnings
    assert "The target 'weight' is missing in 1 row, from which the network learns the other target only." in manifest.warnings
    dataset = load(workspace, manifest.name)
    assert int(np.isnan(dataset.values("weight")).sum()) == 1
    assert sum(each["train"] + each["validation"] + each["test"] for each in class_counts(dataset)) == 59


def test_the_first_target_names_the_kind(workspace: Workspace, written: Written) -> None:
    assert add(workspace, written(rows()), target="weight, kind").kind == "table-regression"
    assert add(workspace, written(rows()), target="weight,kind", kind="table-regression").target.name == "weight"


def test_a_column_whose_name_has_a_comma_is_one_target(workspace: Workspace, written: Written) -> None:
    text = '"a,b",x\n' + "\n".join(f"{n * 1.5},{n}" for n in range(40)) + "\n"
    manifest = add(workspace, written(text), target="a,b")
    assert [each.name for each in manifest.features if each.role == "target"] == ["a,b"]


@pytest.mark.parametrize(
    ("target", "reason"), [("kind,nothing", "no column 'nothing'"), ("length,colour,kind,weight,a,b", "No column is left as an input")]
)
def test_refused(target: str, reason: str, workspace: Workspace, written: Written) -> None:
    with pytest.raises(DatasetError, match=reason):
        add(workspace, written(rows()), target=target)
