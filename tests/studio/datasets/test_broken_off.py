"""Imports that are killed, run out of disk or memory, or meet another one: whole, or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import add, importer, load, manifests, store, sweep
from studio.datasets.errors import DatasetError
from studio.workspace import Workspace
from tests.studio.datasets.uploads import class_folders, csv_text, picture, refusal

ROOT = Path(__file__).parents[3]
posix = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of POSIX")


def table(path: Path, rows: int) -> Path:
    path.write_text(csv_text(rows), "utf-8")
    return path


def arrays(path: Path, samples: int) -> Path:
    np.savez(path, x=np.random.default_rng(0).normal(size=(samples, 50)), y=np.arange(samples) % 2)
    return path.with_name(path.name + ".npz") if path.suffix != ".npz" else path


def pictures(zipped: Callable[..., Path], count: int = 400) -> Path:
    return zipped(class_folders({"a": count, "b": count}, size=(40, 40)), "pictures.zip")


@posix
@pytest.mark.parametrize("kind", ["pictures", "table", "arrays"])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(kind: str, workspace: Workspace, zipped: Callable[..., Path], tmp_path: Path) -> None:
    path = {
        "pictures": lambda: pictures(zipped),
        "table": lambda: table(tmp_path / "large.csv", 60_000),
        "arrays": lambda: arrays(tmp_path / "large.npz", 5_000),
    }[kind]()
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
        "from studio.cli import main; sys.argv = ['studio', 'datasets', 'add', sys.argv[1], '--workspace', sys.argv[2], '--json']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code, path, workspace.folder], check=False, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"studio: {path.name} could not be imported: File too large. Make room where the workspace is")
    assert done.stderr.count("\n") == 1
    assert list(workspace.datasets.iterdir()) == list(workspace.incoming.iterdir()) == []
    assert add(workspace, path).name == path.stem


@posix
def test_memory_that_runs_out_is_one_sentence(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fills(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(store, "choose", fills)
    assert "memory ran out" in refusal(lambda: add(workspace, table(tmp_path / "t.csv", 40)))
    assert list(workspace.incoming.iterdir()) == []


@posix
@pytest.mark.parametrize("stage", ["Starting", "checked", "Writing"])
def test_a_killed_import_is_swept_and_its_name_is_free(stage: str, workspace: Workspace, zipped: Callable[..., Path]) -> None:
    path = pictures(zipped)
    running = importer.start(workspace, path, name="mine")
    pid = json.loads((running.folder / "owner.json").read_text())["pid"]
    end = time.monotonic() + 60
    while stage not in (text := running.poll().text) and text != "" and time.monotonic() < end:
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    state = running.wait(10)
    assert state.done
    if not state.ok:
        assert "unexpectedly" in state.message
        assert {each.samples for each in manifests(workspace)} <= {800}  # whole when the last step was done already, else none
    sweep(workspace)
    assert [folder.name for folder in workspace.incoming.iterdir() if (folder / "dataset").exists()] == []
    again = add(workspace, path, name="mine")
    assert (again.name, again.samples) == ("mine", 800)
    assert len(load(workspace, "mine").images()) == 800


@posix
def test_a_killed_command_is_swept_too(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    path = pictures(zipped, 1000)
    process = subprocess.Popen([sys.executable, "-m", "studio.cli", "datasets", "add", path, "--workspace", workspace.folder], cwd=ROOT)
    while not any(file.stat().st_size > 100_000 for file in workspace.incoming.glob("*/scratch/*")):
        assert process.poll() is None
        time.sleep(0.002)
    assert sweep(workspace) == []  # it lives
    process.kill()
    process.wait()
    assert len(list(workspace.incoming.iterdir())) == 1
    assert len(sweep(workspace)) == 1
    assert list(workspace.incoming.iterdir()) == list(workspace.datasets.iterdir()) == []
    assert add(workspace, path).name == "pictures"


@posix
def test_ctrl_c_leaves_nothing(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    path = pictures(zipped, 1000)
    process = subprocess.Popen(
        [sys.executable, "-m", "studio.cli", "datasets", "add", path, "--workspace", workspace.folder], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    while not any(file.stat().st_size > 100_000 for file in workspace.incoming.glob("*/scratch/*")):
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode not in (0, None)
    assert "Traceback" not in said
    assert list(workspace.incoming.iterdir()) == list(workspace.datasets.iterdir()) == []


def test_many_imports_of_one_name_at_once(workspace: Workspace, tmp_path: Path) -> None:
    """Two of the same data and two of others: three datasets, each whole, each with a name of its own."""
    paths = [table(tmp_path / f"{number}.csv", rows) for number, rows in enumerate((40, 40, 50, 60))]
    running = [importer.start(workspace, path, name="same") for path in paths]
    found = [state.manifest for state in (one.wait(120) for one in running)]
    assert all(manifest is not None for manifest in found)
    assert {manifest.name for manifest in found if manifest} == {"same", "same-2", "same-3"}
    assert sorted(manifest.samples for manifest in manifests(workspace)) == [40, 50, 60]
    for one in running:
        one.forget()
    assert list(workspace.incoming.iterdir()) == []


def test_a_dataset_is_removed_while_another_process_imports_it_anew(workspace: Workspace, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", 40)
    for _ in range(3):
        add(workspace, path)
        running = importer.start(workspace, path)
        store.remove(workspace, "t")
        state = running.wait(60)
        running.forget()
        assert state.ok
        assert [manifest.name for manifest in manifests(workspace)] in ([], ["t"])
        if manifests(workspace):
            assert len(load(workspace, "t").targets()) == 40
            store.remove(workspace, "t")


def test_a_folder_that_vanishes_while_it_is_read(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    for name, content in {f"{label}/{number}.png": picture(number) for label in "ab" for number in range(700)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    left = iter(range(1))

    def progress(fraction: float, _: str) -> None:
        if fraction > 0 and next(left, None) is not None:
            folder.rename(tmp_path / "moved")

    with pytest.raises(DatasetError, match=r"Only one class .a. with usable pictures.*can't be read: No such file"):
        add(workspace, folder, progress=progress)
    assert list(workspace.incoming.iterdir()) == list(workspace.datasets.iterdir()) == []
