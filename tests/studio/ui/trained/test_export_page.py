"""The Export page: what it shows, what it asks the engine, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from studio.runs import Run
from studio.workspace import StudioError, Workspace, write_json
from tests.studio.ui.made_runs import made_run
from tests.studio.ui.trained.stand_in import StandInEngine, wait_for


def exported(run: Run, name: str = "saved_model") -> Path:
    folder = run.exports / name
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"x" * 100)
    (folder / "client.py").write_text("print('client')\n", "utf-8")
    facts = {
        "run": run.id,
        "state": "best",
        "exporter": name,
        "path": "",
        "bytes": 100,
        "max_abs_difference": 1e-7,
        "samples_checked": 200,
        "created": 5.0,
        "notes": [],
    }
    write_json(folder / "export.json", {"format": "studio.export/1", **facts})
    return folder


def test_the_helper_gets_ready_while_a_format_is_chosen(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    run = made_run(workspace)
    assert client.get(f"/api/exports/{run.id}").json()["exports"] == []
    assert (engine.warmed, engine.asked) == (1, [])


def test_formats_have_forms(client: TestClient) -> None:
    formats = {each["name"]: each for each in client.get("/api/export-formats").json()["formats"]}
    assert formats["saved_model"]["runtime"] == "tensorflow"
    assert all(each["summary"] and isinstance(each["fields"], list) for each in formats.values())


def test_exports_are_listed_downloaded_and_deleted(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace)
    folder = exported(run)
    listed = client.get(f"/api/exports/{run.id}").json()
    assert (listed["working"], listed["problem"]) == (None, None)
    (shown,) = listed["exports"]
    assert (shown["name"], shown["samples_checked"], shown["client"]) == ("saved_model", 200, "print('client')\n")
    assert "saved_model.pb" in shown["files"]
    answer = client.get(f"/api/exports/{run.id}/saved_model/zip")
    assert answer.content[:2] == b"PK"
    assert "attachment" in answer.headers["content-disposition"]
    assert client.delete(f"/api/exports/{run.id}/saved_model").json()["exports"] == []
    assert not folder.exists()
    assert list(run.exports.iterdir()) == []


@pytest.mark.parametrize("name", ["nothing", "..", "..%2F..", ".hidden"])
def test_what_is_no_export_is_neither_sent_nor_deleted(client: TestClient, workspace: Workspace, name: str) -> None:
    run = made_run(workspace)
    (run.exports / ".hidden").mkdir()
    assert client.get(f"/api/exports/{run.id}/{name}/zip").status_code in (400, 404)
    assert client.delete(f"/api/exports/{run.id}/{name}").status_code in (400, 404, 405)
    assert run.recipe_path.exists()


def test_ordering_an_export_and_its_failure(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    run = made_run(workspace)
    engine.answers["export"] = StudioError("The export answers differently.")
    client.post(f"/api/exports/{run.id}", json={"format": "saved_model"})
    assert wait_for(lambda: client.get(f"/api/exports/{run.id}").json()["problem"]) == "The export answers differently."
    engine.answers["export"] = lambda folder, name, *_: exported(Run(Path(folder)), name) and None
    client.post(f"/api/exports/{run.id}", json={"format": "saved_model", "state": "last"})
    assert wait_for(lambda: client.get(f"/api/exports/{run.id}").json()["exports"])[0]["name"] == "saved_model"
