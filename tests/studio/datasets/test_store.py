from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
import yaml

from studio.datasets import add, builtin, importer, load, manifests, names, remove, store, sweep
from studio.datasets.errors import DatasetError, DatasetInUseError
from studio.datasets.manifest import Manifest
from studio.workspace import StudioError, Workspace
from tests.studio.datasets.uploads import class_folders, csv_text

Written = Callable[..., Path]


def test_the_same_data_twice_are_one_dataset(workspace: Workspace, written: Written) -> None:
    first = add(workspace, written(csv_text()))
    again = add(workspace, written(csv_text(), "renamed.csv"), name="other")
    assert again.name == first.name
    assert again.warnings[-1] == "The same data are here already, as 'table'; nothing was added."
    assert names(workspace) == ["table"]
    assert add(workspace, written(csv_text()), target="label").name == "table"


def test_other_target_or_options_make_another_dataset(workspace: Workspace, written: Written) -> None:
    path = written(csv_text())
    assert add(workspace, path).name == "table"
    assert add(workspace, path, target="colour").name == "table-2"
    assert add(workspace, path, options={"seed": 1}).name == "table-3"


def test_a_taken_name_gets_a_number_and_a_warning(workspace: Workspace, written: Written) -> None:
    add(workspace, written(csv_text(60)))
    manifest = add(workspace, written(csv_text(50)))
    assert manifest.name == "table-2"
    assert any("'table' is taken" in warning for warning in manifest.warnings)
    assert load(workspace, "table-2").manifest == manifest
    assert [found.name for found in manifests(workspace)] == ["table", "table-2"]


@pytest.mark.parametrize("name", ["../evil", "/abs", "a/b", "..", "", "Größe 北京", "x" * 300])
def test_any_name_becomes_a_folder_in_the_workspace(name: str, workspace: Workspace, written: Written) -> None:
    manifest = add(workspace, written(csv_text()), name=name)
    assert (workspace.datasets / manifest.name).parent == workspace.datasets
    assert load(workspace, manifest.name).manifest.name == manifest.name


def test_an_import_that_breaks_leaves_nothing(workspace: Workspace, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Manifest, "save", broken)
    with pytest.raises(RuntimeError):
        add(workspace, written(csv_text()))
    assert list(workspace.datasets.iterdir()) == list(workspace.incoming.iterdir()) == []


def test_unknown_and_damaged_datasets(workspace: Workspace, written: Written) -> None:
    with pytest.raises(DatasetError, match="no dataset named 'nothing'"):
        load(workspace, "nothing")
    with pytest.raises(StudioError):
        load(workspace, "../datasets")
    add(workspace, written(csv_text()))
    path = workspace.datasets / "table" / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**content, "format": "studio.dataset/9"}))
    with pytest.raises(DatasetError, match=r"studio\.dataset/9"):
        load(workspace, "table")
    path.write_text(json.dumps({**content, "samples": "many"}))
    with pytest.raises(DatasetError, match="'samples'"):
        load(workspace, "table")
    path.write_text("{")
    with pytest.raises(StudioError, match="damaged"):
        load(workspace, "table")
    assert manifests(workspace) == []


def test_removing(workspace: Workspace, written: Written) -> None:
    add(workspace, written(csv_text()))
    run = workspace.runs / "run-1"
    run.mkdir()
    (run / "recipe.yaml").write_text(yaml.safe_dump({"dataset": "table"}))
    for status in ("queued", "running", "paused"):
        (run / "status.json").write_text(json.dumps({"status": status}))
        with pytest.raises(DatasetInUseError, match="run-1"):
            remove(workspace, "table")
    (run / "status.json").write_text(json.dumps({"status": "finished"}))
    with pytest.raises(DatasetInUseError, match="mine"):
        remove(workspace, "table", in_use=lambda _: ["mine"])
    remove(workspace, "table")
    assert names(workspace) == []
    assert list(workspace.incoming.iterdir()) == []
    with pytest.raises(StudioError, match="no dataset"):
        remove(workspace, "table")


def test_sweeping_takes_only_what_nobody_owns(workspace: Workspace) -> None:
    mine, dead, fresh, old, told = (workspace.incoming / name for name in ("mine", "dead", "fresh", "old", "told"))
    for folder in (mine, dead, fresh, old, told):
        folder.mkdir()
    (told / "result.json").write_text("{}")
    (mine / "owner.json").write_text(json.dumps({"pid": os.getpid(), "started": psutil.Process().create_time()}))
    (dead / "owner.json").write_text(json.dumps({"pid": os.getpid(), "started": 1.0}))
    os.utime(old, (time.time() - 600, time.time() - 600))
    assert sorted(sweep(workspace)) == ["dead", "old"]
    assert sorted(folder.name for folder in workspace.incoming.iterdir()) == ["fresh", "mine", "told"]


@pytest.mark.parametrize("name", sorted(builtin.all_sets()))
def test_built_in_sets(name: str, workspace: Workspace) -> None:
    dataset = load(workspace, name)
    described = builtin.all_sets()[name]
    manifest = dataset.manifest
    assert (manifest.name, manifest.kind, manifest.target.name) == (name, described.kind, described.target)
    assert manifest.title == described.title
    assert all((manifest.source, manifest.licence, manifest.credit))
    assert not any(warning for warning in manifest.warnings if "guessed" in warning or "Left out" in warning)
    assert set(dataset.splits.tolist()) == {"train", "validation", "test"}
    assert len(dataset.targets("train")) == manifest.splits["train"]
    assert load(workspace, name).manifest == manifest


def test_digits_are_the_known_ones(workspace: Workspace) -> None:
    dataset = load(workspace, "digits")
    assert len(dataset) == 1797
    assert dataset.features[0].shape == (8, 8, 1)
    assert np.bincount(dataset.targets()).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_an_import_in_its_own_process(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    running = importer.start(workspace, zipped(class_folders({"a": 5, "b": 5})), name="pets")
    state = running.wait(60)
    assert state.ok
    assert state.manifest == load(workspace, "pets").manifest
    running.forget()
    assert list(workspace.incoming.iterdir()) == []


def test_a_refused_import_in_its_own_process(workspace: Workspace, written: Written) -> None:
    upload = written("only one column\n1\n2\n")
    running = importer.start(workspace, upload, move=True)
    state = running.wait(60)
    assert (state.done, state.ok) == (True, False)
    assert "one column" in state.message
    assert not upload.exists()
    running.forget()


def test_an_importer_that_dies_is_noticed(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    running = importer.start(workspace, zipped(class_folders({"a": 5, "b": 5})))
    assert not running.poll().done
    folder = running.folder
    while running.poll().text == "Starting":
        time.sleep(0.01)
    running.cancel()
    assert not folder.exists()
    assert [path for path in workspace.incoming.iterdir() if path.name != "ghost"] == []
    ghost = workspace.incoming / "ghost"
    ghost.mkdir()
    state = importer.Import(ghost).poll()
    assert (state.done, state.ok) == (True, False)
    assert "unexpectedly" in state.message


def test_progress_and_errors_of_the_importer(workspace: Workspace, zipped: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = workspace.incoming / "job"
    folder.mkdir()
    job = {"path": str(zipped(class_folders({"a": 5, "b": 5}))), "name": None, "target": None, "kind": None, "options": {}, "move": False}
    (folder / "job.json").write_text(json.dumps(job))
    assert importer.run(workspace, folder / "job.json")
    assert set(json.loads((folder / "progress.json").read_text())) == {"fraction", "text"}
    assert json.loads((folder / "result.json").read_text())["dataset"] == "upload"

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(importer, "add", broken)
    assert not importer.run(workspace, folder / "job.json")
    assert "secret" not in (folder / "result.json").read_text()


def test_two_processes_can_add_at_once(workspace: Workspace, written: Written) -> None:
    paths = [written(csv_text(rows), f"table{rows}.csv") for rows in (40, 50)]
    running = [importer.start(workspace, path, name="same") for path in paths]
    found = {state.manifest.name for state in (one.wait(60) for one in running) if state.manifest}
    assert found == {"same", "same-2"}


def test_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, studio.datasets, studio.datasets.importer, studio.datasets.builtin, studio.datasets.preview;"
        "studio.datasets.kinds.all_kinds();"
        "print([name for name in ('tensorflow', 'keras', 'sklearn', 'pandas', 'pyarrow', 'gradio', 'openpyxl') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(store.__file__).parents[2])
    assert out.stdout.strip() == "[]"
