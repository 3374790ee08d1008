"""Odd and hostile uploads on the way that a browser sends them: one sentence or a list of warnings, and nothing anywhere else."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect
from typer.testing import CliRunner

from studio.cli import app as command
from studio.ui.api.uploads import receive
from studio.ui.app import create_app
from studio.workspace import StudioError, Workspace
from tests.studio.ui.conftest import BASE

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "hostile"
ENTRIES = json.loads((SAMPLES / "manifest.json").read_text("utf-8")) if (SAMPLES / "manifest.json").is_file() else []
collection = pytest.mark.skipif(not ENTRIES, reason="the collection of odd uploads is not beside this checkout; the other tests make their own")
GOOD = b"size,colour,price\n" + b"".join(b"%d,%s,%d\n" % (number % 7, b"red" if number % 2 else b"blue", number * 3) for number in range(40))


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def own(place: Workspace) -> FastAPI:
    return create_app(place, warm=False)


def sent(client: TestClient, file: str, content: bytes, **order: Any) -> dict[str, Any]:
    """Uploads a file, imports it, and gives the state in the end."""
    upload = client.post("/api/uploads", params={"name": file}, content=content)
    assert upload.status_code == 200, upload.text
    begun = client.post("/api/imports", json={"upload": upload.json()["upload"], **order})
    assert begun.status_code == 200, begun.text
    end = time.monotonic() + 120
    while not (state := client.get(f"/api/imports/{begun.json()['id']}").json())["done"]:
        assert time.monotonic() < end
        time.sleep(0.1)
    return dict(state)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def judge(entry: dict[str, str], problem: str, warnings: list[str], names: list[str]) -> None:
    """Compares an ending with what the manifest of the collection expects."""
    if problem:
        assert entry["expect"] == "reject", problem
        assert names == []
    else:
        assert len(names) == 1
        assert entry["expect"] in ("ok", "warn") or "skipped" in entry["check"]
        assert warnings or entry["expect"] == "ok"
    for sentence in [problem, *warnings]:
        assert "\n" not in sentence
        assert len(sentence) < 500
        assert "Traceback" not in sentence


@collection
def test_the_collection_through_the_page(own: FastAPI, place: Workspace, tmp_path: Path) -> None:
    outside = {path.name for path in Path("/tmp").glob("HOSTILE*")}  # noqa: S108 - that is where these uploads aim
    with TestClient(own, base_url=BASE) as client:
        for entry in ENTRIES:
            state = sent(client, entry["file"], (SAMPLES / entry["file"]).read_bytes())
            names = [folder.name for folder in place.datasets.iterdir()]
            judge(entry, state["problem"], state["warnings"], names)
            if names:
                assert client.get(f"/api/datasets/{names[0]}").status_code == 200
                assert client.get(f"/api/datasets/{names[0]}/samples").status_code == 200
                assert client.delete(f"/api/datasets/{names[0]}").status_code == 200
            assert client.delete(f"/api/imports/{state['id']}").status_code == 200
            assert list(place.incoming.iterdir()) == []
            assert [path for path in place.temporary.rglob("*") if path.is_file()] == []
    assert {path.name for path in tmp_path.iterdir()} == {"workspace"}
    assert {path.name for path in Path("/tmp").glob("HOSTILE*")} == outside  # noqa: S108


@collection
@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["file"] for entry in ENTRIES])
def test_the_collection_through_the_command(entry: dict[str, str], place: Workspace) -> None:
    done = CliRunner().invoke(command, ["datasets", "add", str(SAMPLES / entry["file"]), "--workspace", str(place.folder), "--json"])
    said = json.loads(done.stdout) if done.exit_code == 0 else {"warnings": []}
    assert done.exit_code in (0, 2)
    assert done.stdout.count("\n") == (1 if done.exit_code == 0 else 0)
    assert done.stderr.count("\n") == (0 if done.exit_code == 0 else 1)
    judge(entry, done.stderr.rstrip("\n"), said["warnings"], [folder.name for folder in place.datasets.iterdir()])
    assert list(place.incoming.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.csv",
        "C:\\evil.csv",
        "/etc/cron.d/evil.csv",
        "a\0b.csv",
        "a\nb\x1b[31m.csv",
        "x" * 3000 + ".csv",
        ".csv",
        "",
        "..",
        "con.csv",
        "数据 €.csv",
    ],
)
def test_the_name_of_an_upload_leads_nowhere(name: str, own: FastAPI, place: Workspace, tmp_path: Path) -> None:
    with TestClient(own, base_url=BASE) as client:
        before = files(tmp_path)
        answer = client.post("/api/uploads", params={"name": name}, content=GOOD)
        assert answer.status_code == 200
        made = {path for path in files(tmp_path) - before if "upload-" in path}
        assert made == {f"workspace/temporary/{answer.json()['upload']}", f"workspace/temporary/{answer.json()['upload']}/{answer.json()['name']}"}
        assert answer.json()["name"].isprintable()
        assert len(answer.json()["name"]) < 100
    assert list(place.datasets.iterdir()) == []


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"options": {"delimiter": ";;"}}, "delimiter"),
        ({"options": {"encodig": "utf-8"}}, "encoding"),
        ({"options": {"limits": {"columns": -1}}}, "limits"),
        ({"options": {"seed": "x"}}, "seed"),
    ],
)
def test_wrong_options_are_refused_before_anything_starts(order: dict[str, Any], words: str, own: FastAPI, place: Workspace) -> None:
    with TestClient(own, base_url=BASE) as client:
        upload = client.post("/api/uploads", params={"name": "t.csv"}, content=GOOD).json()["upload"]
        answer = client.post("/api/imports", json={"upload": upload, **order})
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert list(place.incoming.iterdir()) == []


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"kind": "cats"}, "no dataset kind 'cats'"),
        ({"target": "prize"}, "'prize'"),
        ({"options": {"encoding": "klingon"}}, "no encoding named 'klingon'"),
        ({"options": {"encoding": "utf-16"}}, "can't be read as utf-16"),
        ({"options": {"encoding": "zlib"}}, "no encoding named 'zlib'"),
        ({"options": {"delimiter": "#"}}, "only one column"),
        ({"options": {"delimiter": "\n"}}, "delimiter can't be"),
        ({"options": {"delimiter": '"'}}, "delimiter can't be"),
        ({"options": {"split": "price"}}, "can't give the split"),
        ({"options": {"group": "patient"}}, "no column 'patient'"),
        ({"kind": "image-classification"}, "can't become image-classification"),
    ],
)
def test_options_that_do_not_fit_are_one_sentence(order: dict[str, Any], words: str, own: FastAPI, place: Workspace) -> None:
    with TestClient(own, base_url=BASE) as client:
        state = sent(client, "t.csv", GOOD, **order)
    assert words in state["problem"]
    assert "unexpectedly" not in state["problem"]
    assert "\n" not in state["problem"]
    assert list(place.datasets.iterdir()) == []


@pytest.mark.parametrize(("limit", "error"), [(1_000_000, ClientDisconnect), (100, StudioError)])
def test_an_upload_that_breaks_off_or_is_too_large_leaves_nothing(limit: int, error: type[Exception], place: Workspace) -> None:
    class Sender:
        async def stream(self) -> AsyncIterator[bytes]:
            yield GOOD
            raise ClientDisconnect

    with pytest.raises(error):
        asyncio.run(receive(Sender(), place, "t.csv", limit))  # type: ignore[arg-type]
    assert list(place.temporary.iterdir()) == []


def test_names_that_act_are_shown_and_removed(own: FastAPI, place: Workspace) -> None:
    """Markup, formulas and templates in names of columns, classes and the dataset go through every route as plain text."""
    odd = "<b>${alert(1)}{{x}}</b>"
    content = f"a,{odd},label\n" + "".join(f"{number * 1.37:.2f},{number % 5},{(odd, '=1+1')[number % 2]}\n" for number in range(40))
    with TestClient(own, base_url=BASE) as client:
        state = sent(client, "t.csv", content.encode(), name=odd)
        assert state["problem"] == ""
        name, title = state["dataset"], state["title"]
        assert title == odd
        details = client.get(f"/api/datasets/{name}").json()
        assert odd in json.dumps(details, ensure_ascii=False)
        assert client.get(f"/api/datasets/{name}/samples", params={"limit": 5}).status_code == 200
        assert odd not in client.get("/data").text
        assert client.delete(f"/api/datasets/{name}").status_code == 200
    assert list(place.datasets.iterdir()) == []
