"""Exports of networks with several labels, inputs or targets: checked, and asked by their own clients."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio import runtime
from studio.export.service import export
from studio.runs import Run
from tests.studio.trained_several import people


def asked(folder: Path, *arguments: str) -> list[str]:
    """What the client beside an export prints."""
    done = subprocess.run(
        [sys.executable, str(folder / "client.py"), *arguments], env=runtime.foreign(), cwd=folder.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("kind", ["saved_model", "keras"])
def test_several_labels(kind: str, labels_run: Run, tmp_path: Path) -> None:
    found = export(labels_run, kind, tmp_path / "export")
    assert found.samples_checked == 72
    assert (tmp_path / "export" / "labels.txt").read_text("utf-8").split() == ["bar", "circle", "cross", "square"]
    import zipfile

    from studio.datasets.builtin import SAMPLES

    with zipfile.ZipFile(SAMPLES / "objects.zip") as archive:
        archive.extract("pictures/001.png", tmp_path)
    (line,) = asked(tmp_path / "export", str(tmp_path / "pictures" / "001.png"))
    assert set(line.removeprefix(str(tmp_path / "pictures" / "001.png")).strip().split("; ")) <= {"bar", "circle", "cross", "square", "(no label)"}


@pytest.mark.parametrize("kind", ["saved_model", "keras"])
def test_a_picture_with_columns(kind: str, gauges_run: Run, gauges_folder: Path, tmp_path: Path) -> None:
    from studio.evaluation.predict import Predictor

    found = export(gauges_run, kind, tmp_path / "export")
    assert found.samples_checked == 72
    few = gauges_folder / f"few-{kind}.csv"
    few.write_text("".join((gauges_folder / "gauges.csv").read_text("utf-8").splitlines(keepends=True)[:4]), "utf-8")
    lines = asked(tmp_path / "export", str(few))
    own = [each.value for each in Predictor(gauges_run).files([few]).predictions]
    assert [float(line.split()[-1]) for line in lines] == pytest.approx(own, abs=1e-3)


@pytest.mark.parametrize("kind", ["saved_model", "keras"])
def test_several_targets(kind: str, people_run: Run, tmp_path: Path) -> None:
    found = export(people_run, kind, tmp_path / "export")
    assert found.max_abs_difference is not None
    (tmp_path / "few.csv").write_text("\n".join(people(3).splitlines()), "utf-8")
    lines = asked(tmp_path / "export", str(tmp_path / "few.csv"))
    assert any("short" in line or "long" in line for line in lines)
    assert "weight" in (tmp_path / "export" / "README.txt").read_text("utf-8")
