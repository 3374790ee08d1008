"""What commands print: one object for scripts and nothing else, and tables that no name of the data can upset."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from studio.cli import app
from studio.commands import datasets as datasets_command
from studio.commands.output import print_json
from studio.datasets import store
from studio.runs import Run
from studio.workspace import ENVIRONMENT_VARIABLE, FULL, Workspace
from tests.studio.trained import COLUMNS, encoded, table_rows, write_table

MARKUP = "[/b] [red]\x1b[31m"


@pytest.fixture
def studio(workspace: Workspace) -> Callable[..., Result]:
    """Runs a command in the workspace of the trained runs."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, [*map(str, arguments), "--workspace", str(workspace.folder)])

    return run


def answer(done: Result) -> dict[str, Any]:
    """The one object of --json."""
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count("\n") == 1
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_command_answers_with_one_object(studio: Callable[..., Result], table_run: Run, tmp_path: Path) -> None:
    rows = write_table(tmp_path / "rows.csv", table_rows(12, seed=3), [*COLUMNS, "outcome"])
    assert {"people"} <= {each["dataset"] for each in answer(studio("datasets", "list", "--json"))["datasets"]}
    assert answer(studio("datasets", "show", "people", "--json"))["samples"] == 120
    assert table_run.id in [row["run"] for row in answer(studio("runs", "--json"))["runs"]]
    assert answer(studio("evaluate", table_run.id, "--data", rows, "--json"))["samples"] == 12
    assert len(answer(studio("predict", table_run.id, rows, "--json"))["predictions"]) == 12
    exported = answer(studio("export", table_run.id, "--output", tmp_path / "model", "--json"))
    assert (Path(exported["path"]) / "saved_model.pb").is_file()
    exported = answer(studio("datasets", "export", "people", "--output", tmp_path / "arrays", "--json"))
    assert [*map(Path, exported["files"])] == [Path(f"{letter}_{part}.npy") for part in ("train", "validation", "test") for letter in "xy"]
    assert sum(len(np.load(tmp_path / "arrays" / f"y_{part}.npy")) for part in ("train", "validation", "test")) == 120


def test_exports_go_to_empty_places_and_over_earlier_exports_only(studio: Callable[..., Result], table_run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("my thesis")
    for command in (("export", table_run.id), ("datasets", "export", "people")):
        done = studio(*command, "--output", tmp_path / "mine", "--json")
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    for _ in range(2):
        answer(studio("export", table_run.id, "--format", "keras", "--output", tmp_path / "model", "--json"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "model"]
    taken = studio("export", table_run.id, "--output", tmp_path / "mine" / "thesis.txt")
    assert taken.exit_code == 2
    assert "is a file" in taken.stderr


def test_predictions_of_folders_and_tables_are_written_without_formulas(
    studio: Callable[..., Result], pictures_run: Run, price_run: Run, text_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "=1+1"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(encoded(np.full((9, 9, 3), 99, np.uint8)))
    (folder / "broken.png").write_bytes(b"\x89PNG")
    monkeypatch.chdir(tmp_path)
    said = answer(studio("predict", pictures_run.id, "=1+1", "--output", "out.csv", "--json"))
    assert [each["input"] for each in said["predictions"]] == ["=1+1/a.png", "=1+1/b.png"]
    written = read(tmp_path / "out.csv")
    assert written[0] == ["input", "label", "p(blau)", "p(rot)"]
    assert [row[0] for row in written[1:]] == ["'=1+1/a.png", "'=1+1/b.png"]

    rows = write_table(tmp_path / "+rows.csv", table_rows(5), COLUMNS)
    assert len(answer(studio("predict", price_run.id, rows.name, "--output", "prices.csv", "--json"))["predictions"]) == 5
    written = read(tmp_path / "prices.csv")
    assert written[0] == ["input", "value"]
    assert written[1][0] == "'+rows.csv:1"
    assert all(float(row[1]) > 0 for row in written[1:])

    said = answer(studio("predict", text_run.id, "--text", '=HYPERLINK("x")', "--text", "@SUM(1)", "--output", "texts.csv", "--json"))
    assert [each["input"] for each in said["predictions"]] == ['=HYPERLINK("x")', "@SUM(1)"]
    assert [row[0] for row in read(tmp_path / "texts.csv")[1:]] == ['\'=HYPERLINK("x")', "'@SUM(1)"]


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[..., Result]]:
    """Runs a command in a workspace of the test, which is named before it."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, ["--workspace", str(tmp_path / "own"), *map(str, arguments)])

    before = os.environ.get(ENVIRONMENT_VARIABLE)
    yield run
    assert os.environ.get(ENVIRONMENT_VARIABLE) == before


def test_names_of_the_data_are_never_markup(own: Callable[..., Result], tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    lines = [f"{row * 1.37:.2f},{row % 7},{(MARKUP, 'no')[row % 2]}\n" for row in range(40)]
    table.write_text(f"a,{MARKUP},label\n" + "".join(lines), "utf-8")
    done = own("datasets", "add", table, "--name", MARKUP)
    assert done.exit_code == 0, done.output
    assert r"[/b] [red]\x1b[31m" in done.stdout.replace("\n", " ").replace("  ", " ")
    assert "\x1b" not in done.output
    assert [each.name for each in (tmp_path / "own" / "datasets").iterdir()] == ["b-red-x1b-31m"]
    assert "b-red-x1b-31m" in own("datasets", "list").stdout


def test_a_damaged_run_does_not_hide_the_others(own: Callable[..., Result], table_run: Run, tmp_path: Path) -> None:
    own("datasets", "show", "iris")
    place = tmp_path / "own" / "runs"
    damages = {"no-yaml": ("recipe.yaml", "garbage: ["), "no-json": ("status.json", "{"), "odd-status": ("status.json", '{"status": 5}'),
               "no-recipe": ("recipe.yaml", "- 1"), "bytes": ("recipe.yaml", b"\xff\xfe\xff")}  # fmt: skip
    for name, (file, content) in damages.items():
        shutil.copytree(table_run.folder, place / name)
        (place / name / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    shutil.copytree(table_run.folder, place / "whole")
    found = {row["run"]: row for row in answer(own("runs", "--json"))["runs"]}
    assert set(found) == {*damages, "whole"}
    assert (found["whole"]["status"], found["whole"]["network"]) == ("finished", "tiny people")
    assert [found[name]["status"] for name in ("no-json", "odd-status")] == ["crashed"] * 2
    assert (found["no-yaml"]["dataset"], found["no-yaml"]["metrics"]) == ("", {})
    assert own("runs").exit_code == 0
    assert answer(own("datasets", "remove", "iris", "--json")) == {"removed": "iris"}
    for name in ("no-yaml", "bytes"):
        refused = own("evaluate", name)
        assert refused.exit_code == 2
        assert f"{name}/recipe.yaml is damaged" in refused.stderr


def test_infinite_figures_are_left_out(own: Callable[..., Result], table_run: Run, tmp_path: Path) -> None:
    own("runs")
    shutil.copytree(table_run.folder, folder := tmp_path / "own" / "runs" / "wild")
    (folder / "results.json").write_text('{"train": {"loss": Infinity, "mae": 2.5}, "test": {"loss": NaN}}')
    (row,) = answer(own("runs", "--json"))["runs"]
    assert row["metrics"] == {"train": {"mae": 2.5}, "test": {}}


def test_one_object_is_printed_whatever_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": [float("nan"), 1.5], "b": (float("-inf"),), "name": "\udcff"})
    assert json.loads(capsys.readouterr().out) == {"a": [None, 1.5], "b": [None], "name": "\udcff"}


def test_what_the_program_did_not_foresee_is_one_sentence_and_a_trace_in_a_file(own: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("deep inside")

    monkeypatch.setattr(store, "manifests", breaks)
    done = own("datasets", "list", "--json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("studio: KeyError: 'deep inside'. This is a fault of the program; its trace is in ")
    trace = Path(done.stderr.strip().rsplit(" ", 1)[1].rstrip("."))
    assert "deep inside" in trace.read_text("utf-8")
    trace.unlink()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, FULL),
        (OSError(errno.EIO, "Input/output error", "data"), 1, "data: Input/output error."),
        (PermissionError(errno.EACCES, "Permission denied", "out"), 2, "out: Permission denied."),
    ],
)
def test_what_the_machine_refuses_is_one_sentence(
    own: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, error: OSError, code: int, said: str
) -> None:
    def breaks(*_: object) -> None:
        raise error

    monkeypatch.setattr(datasets_command.store, "manifests", breaks)
    done = own("datasets", "list")
    assert done.exit_code == code
    assert done.stderr == f"studio: {said}\n"


def test_the_workspace_of_a_command_counts_more_than_the_one_before_it(own: Callable[..., Result], tmp_path: Path) -> None:
    assert own("datasets", "show", "iris", "--workspace", tmp_path / "other", "--json").exit_code == 0
    assert (tmp_path / "other" / "datasets" / "iris").is_dir()
    assert not (tmp_path / "own").exists() or list((tmp_path / "own" / "datasets").iterdir()) == []
