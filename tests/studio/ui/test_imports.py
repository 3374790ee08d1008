"""Imports from the page: begun in a process, watched from any page process, repeated with other options, dismissed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from blocks.errors import InvalidValueError
from studio.datasets import store
from studio.datasets.errors import DatasetError
from studio.ui.imports import Imports
from studio.workspace import StudioError, Workspace

TABLE = "size;colour;price\n" + "\n".join(f"{number % 7};{'red' if number % 2 else 'blue'};{number * 1.5}" for number in range(60)) + "\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def uploaded(workspace: Workspace, name: str = "things.csv", content: str = TABLE) -> str:
    folder = workspace.temporary / "upload-0123456789abcdef"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content)
    return folder.name


def ended(imports: Imports, number: str) -> dict[str, Any]:
    for _ in range(600):
        state = imports.state(number)
        if state["done"]:
            return state
        time.sleep(0.1)
    raise AssertionError("the import has not ended after a minute")


def test_an_import_is_seen_by_every_page_process_and_can_be_repeated(workspace: Workspace) -> None:
    first = Imports(workspace)
    begun = first.begin(first.source_of(upload=uploaded(workspace)), target="price")
    assert begun["file"] == "things.csv"
    assert begun["asked"]["target"] == "price"
    state = ended(Imports(workspace), begun["id"])  # another process sees it by its folder alone
    assert state["problem"] == ""
    assert store.load(workspace, state["dataset"]).target.name == "price"
    assert [each["id"] for each in Imports(workspace).listed()] == [begun["id"]]

    again = Imports(workspace)
    assert state["repeatable"]
    second = again.begin(again.source_of(again=begun["id"]), target="colour", options={"delimiter": ";", "encoding": ""})
    other = ended(again, second["id"])
    assert store.load(workspace, other["dataset"]).target.name == "colour"
    assert other["dataset"] != state["dataset"]

    again.dismiss(begun["id"])
    assert (workspace.temporary / "upload-0123456789abcdef").exists()  # the second import may want it once more
    again.dismiss(second["id"])
    assert not (workspace.temporary / "upload-0123456789abcdef").exists()
    assert again.listed() == []
    assert set(store.names(workspace)) == {state["dataset"], other["dataset"]}


def test_a_refused_upload_says_why_and_leaves_nothing(workspace: Workspace) -> None:
    imports = Imports(workspace)
    begun = imports.begin(imports.source_of(upload=uploaded(workspace, "empty.csv", "")))
    state = ended(imports, begun["id"])
    assert state["dataset"] is None
    assert "empty.csv" in state["problem"]
    assert store.names(workspace) == []


def test_an_import_under_way_can_be_ended(workspace: Workspace, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    large.write_text("a,b,c\n" + "1.5,2.5,x\n2.5,1.5,y\n" * 400_000)
    begun = Imports(workspace).begin(large)
    Imports(workspace).dismiss(begun["id"])
    assert Imports(workspace).listed() == []
    time.sleep(0.5)
    assert store.names(workspace) == []
    assert large.exists()  # it was never ours


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "Name a file or a folder"),
        ({"path": "  "}, "Name a file or a folder"),
        ({"path": "data/pictures"}, "not a whole path"),
        ({"path": "/no/such/folder"}, "There is no file or folder"),
        ({"upload": "upload-ffffffffffffffff"}, "not there any more"),
        ({"upload": "../../etc"}, "not there any more"),
        ({"again": "import-nothing"}, "no import"),
        ({"again": "../datasets"}, "no import"),
    ],
)
def test_what_cannot_be_imported(workspace: Workspace, asked: dict[str, str], reason: str) -> None:
    with pytest.raises(StudioError, match=reason):
        Imports(workspace).source_of(**asked)


def test_a_folder_of_the_server(workspace: Workspace, tmp_path: Path) -> None:
    assert Imports(workspace).source_of(path=f' "{tmp_path}" ') == tmp_path


def test_options_are_checked_before_a_process_is_started(workspace: Workspace, tmp_path: Path) -> None:
    source = tmp_path / "things.csv"
    source.write_text(TABLE)
    with pytest.raises((InvalidValueError, DatasetError), match="delimiter"):
        Imports(workspace).begin(source, options={"delimiter": ";;"})
    assert Imports(workspace).listed() == []


def test_routes(client: TestClient) -> None:
    sent = client.post("/api/uploads", params={"name": "few.csv"}, content=TABLE.encode()).json()
    begun = client.post("/api/imports", json={"upload": sent["upload"], "name": "A few things", "target": "colour"})
    assert begun.status_code == 200
    number = begun.json()["id"]
    assert number in {each["id"] for each in client.get("/api/imports").json()["imports"]}
    for _ in range(600):
        state = client.get(f"/api/imports/{number}").json()
        if state["done"]:
            break
        time.sleep(0.1)
    assert state["title"] == "A few things"
    assert client.delete(f"/api/imports/{number}").status_code == 200
    assert client.get(f"/api/imports/{number}").status_code == 400
    assert client.post("/api/imports", json={"path": "/no/such/place"}).status_code == 400
