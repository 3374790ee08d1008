"""The library's routes: saved networks, kept modules, files, texts and links, as a page asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

import presets
from blocks.graph import Graph
from studio.datasets import store
from studio.library import exchange
from studio.workspace import Workspace

LENET = presets.get("LeNet5").graph()
TOWER = {
    "modules": {
        "Unit": {"nodes": {"c": {"block": "Conv2D", "params": {}, "inputs": ["@0"]}}, "outputs": ["c"]},
        "Tower": {"nodes": {"u": {"block": "module:Unit", "params": {}, "inputs": ["@0"]}}, "outputs": ["u"]},
    }
}


@pytest.fixture(autouse=True)
def empty(client: TestClient) -> Iterator[None]:
    yield
    for entry in client.get("/api/graphs").json()["graphs"]:
        client.delete(f"/api/graphs/{quote(entry['name'])}").raise_for_status()
    for entry in client.get("/api/graphs/modules").json()["modules"]:
        client.delete(f"/api/graphs/modules/{quote(entry['name'])}").raise_for_status()


def save(client: TestClient, graph: Graph = LENET, **order: Any) -> dict[str, Any]:
    answer = client.post("/api/graphs", json={"graph": graph.document(), **order})
    assert answer.status_code == 200, answer.text
    saved: dict[str, Any] = answer.json()
    return saved


def test_a_network_is_saved_listed_opened_and_removed(client: TestClient) -> None:
    first = save(client, name="我的 网络/一", note="初稿")
    assert (first["name"], first["title"], first["version"], first["graph"]) == ("我的-网络-一", "我的 网络/一", 1, LENET.document())
    second = save(client, LENET.with_node("conv2", title="x"), name=first["name"], based_on=1)
    assert (second["name"], second["title"], second["version"]) == (first["name"], first["title"], 2)
    (row,) = client.get("/api/graphs").json()["graphs"]
    assert (row["name"], row["title"], row["versions"], row["version"], row["nodes"], row["problem"]) == (first["name"], first["title"], 2, 2, 10, "")
    assert row["blocks"]["Conv2D"] == 2
    address = f"/api/graphs/{quote(first['name'])}"
    assert client.get(address).json() == second
    assert client.get(address, params={"version": 1}).json() == first
    assert [(each["version"], each["note"]) for each in client.get(f"{address}/versions").json()["versions"]] == [(2, ""), (1, "初稿")]
    assert client.delete(address).json() == {"removed": first["name"]}
    answer = client.get(address)
    assert (answer.status_code, "no saved network" in answer.json()["error"]) == (404, True)


def test_a_stale_save_is_answered_with_both_documents(client: TestClient) -> None:
    save(client, name="net")
    theirs = LENET.with_node("conv2", title="theirs")
    current = save(client, theirs, name="net", based_on=1)
    mine = LENET.with_node("conv2", title="mine").document()
    answer = client.post("/api/graphs", json={"name": "net", "graph": mine, "based_on": 1})
    assert answer.status_code == 409
    assert answer.json() == {"error": "The network 'net' was saved elsewhere (it stands at version 2); nothing was saved.", "current": current}
    assert client.get("/api/graphs/net").json() == current
    # with both at hand, a page shows what differs, and saves on top of the newer one
    pair = {"old": answer.json()["current"]["graph"], "new": mine}
    (difference,) = client.post("/api/graphs/differences", json=pair).json()["differences"]
    assert difference["sentence"] == 'conv2: title changed from "theirs" to "mine".'
    assert client.post("/api/graphs", json={"name": "net", "graph": mine, "based_on": 2}).json()["version"] == 3


def test_a_new_network_of_a_taken_name_is_not_added_to_another(client: TestClient) -> None:
    save(client, name="net")
    assert client.post("/api/graphs", json={"name": "net", "graph": {"nodes": {}}, "based_on": 0}).status_code == 409
    assert client.post("/api/graphs", json={"name": "gone", "graph": {"nodes": {}}, "based_on": 3}).status_code == 404


def test_names_with_one_slug_have_addresses_of_their_own(client: TestClient) -> None:
    named = {name: save(client, LENET.with_node("conv2", title=name), name=name)["name"] for name in ("a b", "a-b", "a/b", "modules", "..")}
    assert len(set(named.values())) == 5
    for name, address in named.items():
        assert client.get(f"/api/graphs/{quote(address)}").json()["title"] == name
        assert save(client, LENET.with_node("conv2", title=f"{name} 2"), name=address, based_on=1)["title"] == name
    assert client.get("/api/graphs/modules").json() == {"modules": []}


def test_copies_and_new_names(client: TestClient) -> None:
    save(client, name="net")
    assert client.post("/api/graphs/net/duplicate", json={}).json()["title"] == "net (copy)"
    assert client.post("/api/graphs/net/duplicate", json={"name": "mine", "version": 1}).json()["name"] == "mine"
    assert client.patch("/api/graphs/mine", json={"name": "新"}).json()["title"] == "新"
    assert client.get("/api/graphs/mine").json()["title"] == "新"
    answer = client.patch("/api/graphs/mine", json={"name": "net"})
    assert (answer.status_code, "already" in answer.json()["error"]) == (400, True)


def test_differences_of_saved_networks(client: TestClient) -> None:
    save(client, name="net")
    save(client, LENET.with_node("conv2", trainable=False), name="net")

    def told(old: object, new: object) -> list[str]:
        answer = client.post("/api/graphs/differences", json={"old": old, "new": new})
        assert answer.status_code == 200, answer.text
        return [each["sentence"] for each in answer.json()["differences"]]

    frozen = ["conv2: its weights are frozen."]
    assert told({"name": "net", "version": 1}, {"name": "net"}) == frozen
    assert told(LENET.document(), {"name": "net", "version": None}) == frozen
    assert told({"name": "net", "version": 1}, LENET.document()) == []
    for wrong in ({"name": 3}, {"name": "net", "version": "1"}, {"nodes": 3}, {"name": "net", "nodes": []}):
        assert client.post("/api/graphs/differences", json={"old": wrong, "new": {"nodes": {}}}).status_code == 400
    assert client.post("/api/graphs/differences", json={"old": {"name": "nothing"}, "new": {"nodes": {}}}).status_code == 404


@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_a_network_goes_out_as_a_file_and_comes_back(client: TestClient, app_workspace: Workspace, ending: str) -> None:
    graph = LENET.model_copy(update={"name": '网络 "1"\r\nx: y'})
    answer = client.post("/api/graphs/text", json={"graph": graph.document(), "format": ending})
    assert answer.headers["content-disposition"] == f"attachment; filename=\"1-x-y.{ending}\"; filename*=UTF-8''%E7%BD%91%E7%BB%9C-1-x-y.{ending}"
    back = client.post("/api/graphs/read", params={"name": f"网络.{ending}"}, content=answer.content)
    assert back.json()["graph"] == graph.document()
    assert not list(app_workspace.temporary.glob("upload-*"))


def test_a_recipe_of_a_preset_is_made_for_the_dataset(client: TestClient, app_workspace: Workspace) -> None:
    content = b"dataset: whatever\ngraph: {preset: LeNet5}\n"
    assert client.post("/api/graphs/read", params={"name": "r.yaml"}, content=content).json()["graph"] == LENET.document()
    fitted = client.post("/api/graphs/read", params={"name": "r.yml", "dataset": "digits"}, content=content).json()["graph"]
    assert fitted == presets.get("LeNet5").graph(features=store.load(app_workspace, "digits").features).document()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", b"{", "a.json is not JSON"),
        ("a.json", b"\xff", "no text in UTF-8"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.json", b" " * 20_000_001, "larger than 20 MB"),
        ("a.yaml", b"nodes: &a {b: *a}", "refers to itself"),
        ("a.yaml", b"nodes: !!python/object/apply:os.system [x]", "is not YAML"),
        ("../../a.pickle", b"x", ".json, .yaml and .yml"),
        ("a.yaml", b"graph: {file: /etc/passwd}", "give that file instead"),
    ],
)
def test_files_that_are_no_networks(client: TestClient, app_workspace: Workspace, name: str, content: bytes, reason: str) -> None:
    answer = client.post("/api/graphs/read", params={"name": name}, content=content)
    assert (answer.status_code, reason in answer.json()["error"]) == (400, True), answer.text
    assert not list(app_workspace.temporary.glob("upload-*"))


def test_links_both_ways(client: TestClient) -> None:
    link = client.post("/api/graphs/link", json={"graph": LENET.document()}).json()["link"]
    assert exchange.from_link(link) == LENET
    assert client.post("/api/graphs/link", json={"link": f"#graph={link}"}).json()["graph"] == LENET.document()
    answer = client.post("/api/graphs/link", json={"link": link[:-9]})
    assert (answer.status_code, "damaged" in answer.json()["error"]) == (400, True)


def test_modules_are_kept_and_put(client: TestClient) -> None:
    order = {"graph": TOWER, "module": "Tower", "name": "塔 一", "description": "one unit"}
    kept = client.post("/api/graphs/modules", json=order).json()
    assert (kept["name"], kept["inputs"], kept["outputs"], kept["needs"]) == ("塔-一", 1, 1, ["Unit"])
    assert client.get("/api/graphs/modules").json() == {"modules": [kept]}
    address = f"/api/graphs/modules/{quote(kept['name'])}"
    full = client.get(address).json()
    assert (full["module"], full["modules"]) == (TOWER["modules"]["Tower"], {"Unit": TOWER["modules"]["Unit"]})
    put = client.post(f"{address}/put", json={"graph": LENET.document()}).json()
    assert put["block"] == "module:Tower"
    assert put["graph"]["modules"] == TOWER["modules"]
    assert {**put["graph"], "modules": {}} == LENET.document()
    answer = client.post("/api/graphs/modules", json={**order, "module": "Unit"})
    assert (answer.status_code, "choose another name" in answer.json()["error"]) == (400, True)
    assert client.post("/api/graphs/modules", json={**order, "module": "Unit", "replace": True}).json()["block"] == "Unit"
    assert client.delete(address).json() == {"removed": kept["name"]}
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("graph", [{"nodes": 3}, {"nodes": {"a b": {}}}, {"format": "studio.graph/2"}, {"nodes": {"a": {"params": {"x": 2**60}}}}])
def test_what_is_no_graph_is_refused_everywhere(client: TestClient, graph: dict[str, Any]) -> None:
    for route, body in (
        ("", {}),
        ("/text", {}),
        ("/link", {}),
        ("/modules", {"module": "A"}),
    ):
        answer = client.post(f"/api/graphs{route}", json={"graph": graph, **body})
        assert (answer.status_code, answer.json()["error"].startswith("The network ")) == (400, True), answer.text
    nan = client.post("/api/graphs", content=json.dumps({"graph": {"nodes": {"a": {"params": {"x": float("nan")}}}}}))
    assert nan.status_code in (400, 422)
    deep = client.post("/api/graphs", content='{"graph": {"x": ' + "[" * 100_000)
    assert deep.status_code in (400, 422)
    assert client.get("/api/graphs").json() == {"graphs": []}


def test_no_address_leads_out_of_the_workspace(client: TestClient, app_workspace: Workspace) -> None:
    (app_workspace.folder / "0001.json").write_text("{}")
    for name in ("%2e%2e", "..%2f..", "%2e%2e%2f%2e%2e", "..%5c..", ".trash", "%00", "a" * 3000):
        for address in (f"/api/graphs/{name}", f"/api/graphs/{name}/versions", f"/api/graphs/modules/{name}"):
            assert client.get(address).status_code in (404, 405)
            assert client.delete(address).status_code in (404, 405)
    assert (app_workspace.folder / "0001.json").read_text() == "{}"
    (app_workspace.folder / "0001.json").unlink()
