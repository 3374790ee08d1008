"""The app: every page, the plain routes, and what must not be there."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import gradio.queueing
import pytest
from fastapi.testclient import TestClient

from studio.ui import machine, shell
from studio.ui.app import create_app, serve, sweep
from studio.ui.page import mount_html, pages
from studio.workspace import StudioError, Workspace


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_page_is_served_with_its_own_module(client: TestClient, page: object) -> None:
    answer = client.get(page.path)  # type: ignore[attr-defined]
    name = page.name  # type: ignore[attr-defined]
    assert answer.status_code == 200
    assert f'<meta name="studio-page" content="{name}">' in answer.text
    assert f"{shell.PREFIX}/{shell.version()}/{name}.js" in answer.text
    assert f"data-mount=\\&quot;{name}" in answer.text or f'data-mount=\\"{name}\\"' in answer.text
    assert answer.text.index("studio-page") < answer.text.index("gradio_config")


def test_an_empty_event_queue_sleeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float, result: object = None) -> object:
        slept.append(seconds)
        return await sleep(seconds, result)

    monkeypatch.setattr(gradio.queueing.asyncio, "sleep", noted)
    with TestClient(create_app(Workspace(tmp_path), warm=False)):
        time.sleep(0.3)
    assert slept
    assert min(slept) >= 0.1


def test_pages_name_no_other_site(client: TestClient) -> None:
    text = client.get("/").text
    assert "og:" not in text
    assert "twitter" not in text
    assert set(re.findall(r'(?:src|href)="(https?://[^"]+)"', text)) == set()


def test_destinations_stand_in_the_order_of_the_work(client: TestClient) -> None:
    found = re.search(r'name="studio-pages" content="([^"]+)"', client.get("/").text)
    assert found
    order = ["data", "model", "train", "evaluate", "predict", "export", "runs"]
    named = found[1].split(",")
    assert named == [name for name in order if name in named]


def test_modules_are_kept_for_ever_under_their_version_only(client: TestClient) -> None:
    good = client.get(f"{shell.PREFIX}/{shell.version()}/studio.js")
    assert "immutable" in good.headers["cache-control"]
    assert good.headers["content-encoding"] == "gzip"
    assert good.headers["content-type"].startswith("text/javascript")
    assert client.get(f"{shell.PREFIX}/old/studio.js").headers["cache-control"] == "no-cache"
    for name in ("nothing.js", "..%2f..%2fapp.py", "studio.py"):
        assert client.get(f"{shell.PREFIX}/x/{name}").status_code == 404


def test_an_unknown_route_answers_in_json(client: TestClient) -> None:
    answer = client.get("/api/nothing/here")
    assert (answer.status_code, answer.json()) == (404, {"error": "There is no route /api/nothing/here."})


def test_the_pulse_names_the_device(client: TestClient) -> None:
    pulse = client.get("/api/pulse").json()
    assert pulse["active"] == []
    assert pulse["device"]["total_bytes"] > 0


def test_the_first_visit_has_a_draft_that_can_be_trained(tmp_path: Path) -> None:
    client = TestClient(create_app(Workspace(tmp_path), warm=False), base_url="http://127.0.0.1")
    draft = client.get("/api/drafts/latest").json()
    line = draft["line"]
    assert line["dataset"]["name"] == "digits"
    assert line["network"]["name"]
    assert line["problem"] is None
    assert line["settings"]["epochs"] > 0
    assert draft["command"] == "studio train digits"
    assert client.get("/api/drafts/latest").json()["id"] == draft["id"]


def test_a_draft_is_changed_and_an_older_revision_refused(client: TestClient) -> None:
    draft = client.post("/api/drafts", json={"recipe": {"dataset": "iris"}}).json()
    path = f"/api/drafts/{draft['id']}"
    changed = client.patch(path, json={"revision": 1, "set": {"training.epochs": 7}}).json()
    assert (changed["revision"], changed["line"]["settings"]["epochs"]) == (2, 7)
    refused = client.patch(path, json={"revision": 1, "set": {"training.epochs": 8}})
    assert refused.status_code == 409
    assert refused.json()["current"]["recipe"]["training"] == {"epochs": 7}
    assert client.post(f"{path}/train", json={"revision": 1}).status_code == 409
    reset = client.patch(path, json={"revision": 2, "unset": ["training.epochs"]}).json()
    assert reset["line"]["settings"]["epochs"] == reset["line"]["fallbacks"]["epochs"]
    assert client.get("/api/drafts/0123abcd").status_code == 404


@pytest.mark.parametrize(
    ("recipe", "page", "words"),
    [
        ({"dataset": "nowhere"}, "data", "nowhere"),
        ({"dataset": "iris", "training": {"epochs": 0}}, "train", "epochs"),
        ({"dataset": "iris", "training": {"optimizer": "adm"}}, "train", "adm"),
        ({"dataset": "iris", "graph": {"preset": "Nothing"}}, "model", "Nothing"),
    ],
)
def test_a_draft_that_cannot_be_trained_says_why_and_where(client: TestClient, recipe: dict[str, object], page: str, words: str) -> None:
    draft = client.post("/api/drafts", json={"recipe": recipe}).json()
    assert draft["line"]["problem"]["page"] == page
    assert words in draft["line"]["problem"]["text"]
    refused = client.post(f"/api/drafts/{draft['id']}/train", json={"revision": 1})
    assert refused.status_code == 400
    assert words in refused.json()["error"]


def test_the_train_page_gets_forms_and_a_planned_schedule(client: TestClient) -> None:
    forms = client.get("/api/train/forms").json()
    assert next(field["name"] for field in forms["training"]) == "epochs"
    assert {"adam", "sgd"} <= {each["name"] for each in forms["optimizers"]}
    recipe = {"dataset": "iris", "training": {"epochs": 4, "schedule": {"name": "cosine", "warmup_epochs": 1}}}
    draft = client.post("/api/drafts", json={"recipe": recipe}).json()
    plan = client.get(f"/api/train/plan/{draft['id']}").json()
    schedule = plan["schedule"]
    assert schedule["steps"] == 4 * schedule["steps_per_epoch"]
    assert schedule["epoch"][-1] == 4
    assert schedule["rate"][0] < max(schedule["rate"])
    assert "sparse_categorical_crossentropy" in plan["losses"]
    assert "mae" not in plan["metrics"]
    text = client.get(f"/api/train/recipe/{draft['id']}")
    assert "attachment" in text.headers["content-disposition"]
    assert "dataset: iris" in text.text


def test_an_error_that_nobody_foresaw_answers_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ImportError("cannot import name 'x'\nmore")

    monkeypatch.setattr(machine, "device", broken)
    with TestClient(create_app(Workspace(tmp_path), warm=False), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        answer = client.get("/api/pulse")
    assert answer.status_code == 500
    assert answer.json()["error"].endswith("(ImportError: cannot import name 'x')")


def test_an_unknown_run_answers_with_a_sentence(client: TestClient) -> None:
    for path in ("", "/metrics", "/log", "/events", "/recipe"):
        answer = client.get(f"/api/runs/nothing{path}")
        assert answer.status_code == 400
        assert "nothing" in answer.json()["error"]


def test_an_upload_is_streamed_into_a_folder_of_its_own(client: TestClient, app_workspace: Workspace) -> None:
    from studio.ui.api.uploads import uploaded

    answer = client.post("/api/uploads?name=..%2F..%2Fmy%20cats.zip", content=b"x" * 100_000).json()
    path = uploaded(app_workspace, answer["upload"])
    assert (answer["name"], answer["bytes"], path.stat().st_size) == ("my-cats.zip", 100_000, 100_000)
    assert path.is_relative_to(app_workspace.temporary)
    for wrong in ("upload-", "upload-../x", "gradio", "upload-0123456789abcdef"):
        with pytest.raises(StudioError, match="Send the file again"):
            uploaded(app_workspace, wrong)


def test_leftovers_are_swept(tmp_path: Path) -> None:
    old, new = tmp_path / "upload-1" / "a.zip", tmp_path / "b.zip"
    old.parent.mkdir()
    for path in (old, new):
        path.write_text("x")
    long_ago = time.time() - 1000
    for path in (old, old.parent):
        os.utime(path, (long_ago, long_ago))
    sweep(tmp_path, 500)
    assert not old.exists()
    assert new.exists()


def test_mount_points_escape_their_values() -> None:
    assert mount_html("x", name='"><script>') == '<div data-mount="x" data-props="{&quot;name&quot;: &quot;\\&quot;&gt;&lt;script&gt;&quot;}"></div>'


def test_another_host_needs_a_password(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="password"):
        serve(Workspace(tmp_path), host="0.0.0.0")  # noqa: S104 - refused


def test_the_page_process_loads_no_keras(tmp_path: Path) -> None:
    code = f"""
import sys
from fastapi.testclient import TestClient
from studio.ui.app import create_app
from studio.workspace import Workspace
with TestClient(create_app(Workspace({str(tmp_path)!r}), warm=False), base_url="http://127.0.0.1") as client:
    for path in ("/", "/train", "/api/drafts/latest", "/api/train/forms", "/api/pulse"):
        assert client.get(path).status_code == 200, path
print([name for name in ("tensorflow", "keras", "sklearn") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.strip() == "[]", done.stderr
