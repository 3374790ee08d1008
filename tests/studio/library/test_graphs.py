"""Saved networks: versions, names of any kind, stale saves, and files that came to harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import presets
from blocks.graph import Graph
from studio.library import graphs
from studio.library.errors import LibraryError, NotKeptError
from studio.library.graphs import StaleGraphError
from studio.library.plain import MOST_BYTES
from studio.workspace import Workspace

LENET = presets.get("LeNet5").graph()
FORMAT = '{"format": "studio.saved/1", "version": 1, "saved": "2026-01-01T00:00:00.000Z", "note": "", "graph": '


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def dense(units: int) -> Graph:
    return Graph.model_validate({"nodes": {"dense": {"block": "Dense", "params": {"units": units}}}})


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_each_save_of_another_content_is_a_version(workspace: Workspace) -> None:
    first = graphs.save(workspace, dense(1), "My net", note="to begin with")
    second = graphs.save(workspace, dense(2), "My net", based_on=1)
    assert (first.name, first.title, first.version, first.note) == ("My-net", "My net", 1, "to begin with")
    assert (second.name, second.version, second.note) == ("My-net", 2, "")
    assert second.saved >= first.saved
    assert graphs.load(workspace, "My net") == second
    assert graphs.load(workspace, "My net", 1) == first
    assert graphs.load(workspace, "My-net", 2) == second
    assert [each.version for each in graphs.versions(workspace, "My net")] == [2, 1]
    assert files_of(workspace.graphs) == {"My-net/name.json", "My-net/0001.json", "My-net/0002.json"}
    written = json.loads((workspace.graphs / "My-net/0001.json").read_text("utf-8"))
    assert set(written) == {"format", "version", "saved", "note", "graph"}
    assert written["graph"] == dense(1).document()


def test_a_network_that_is_there_is_given_back_as_it_is(workspace: Workspace) -> None:
    first = graphs.save(workspace, LENET)
    assert graphs.save(workspace, Graph.model_validate(json.loads(LENET.to_json())), note="again") == first
    assert graphs.save(workspace, LENET, based_on=1) == first
    assert graphs.save(workspace, LENET, based_on=0) == first
    moved = graphs.save(workspace, LENET.model_copy(update={"layout": {"conv1": (1.0, 2.0)}}))
    assert moved.version == 2


def test_what_a_browser_writes_anew_is_the_same_network(workspace: Workspace) -> None:
    first = graphs.save(workspace, Graph.model_validate({"nodes": {"a": {"block": "Dropout", "params": {"rate": 1.0, "seed": 3}}}}), "x")
    assert graphs.save(workspace, Graph.model_validate({"nodes": {"a": {"block": "Dropout", "params": {"seed": 3, "rate": 1}}}}), "x") == first


def test_a_stale_save_is_refused_and_shows_both(workspace: Workspace) -> None:
    graphs.save(workspace, dense(1), "net")
    theirs = graphs.save(workspace, dense(2), "net", based_on=1)
    with pytest.raises(StaleGraphError, match=r"'net' was saved elsewhere \(it stands at version 2\); nothing was saved") as refusal:
        graphs.save(workspace, dense(3), "net", based_on=1)
    assert refusal.value.current == theirs
    assert refusal.value.current.graph == dense(2)
    assert len(graphs.versions(workspace, "net")) == 2
    assert graphs.save(workspace, dense(2), "net", based_on=1) == theirs  # the same content is no conflict
    with pytest.raises(StaleGraphError):
        graphs.save(workspace, dense(3), "net", based_on=0)
    assert graphs.save(workspace, dense(3), "net", based_on=2).version == 3
    assert graphs.save(workspace, dense(4), "net").version == 4


def test_a_save_based_on_a_network_that_is_gone(workspace: Workspace) -> None:
    graphs.save(workspace, dense(1), "net")
    graphs.remove(workspace, "net")
    with pytest.raises(NotKeptError, match="no saved network named 'net'"):
        graphs.save(workspace, dense(2), "net", based_on=1)
    assert graphs.save(workspace, dense(2), "net").version == 1


NAMES = [
    "我的网络", "réseau", "сеть/два", "a b", "a-b", "a/b", "a\\b", "a  b!", "..", ".", "../..", "../../etc/passwd", "/etc/passwd", "/", "-", "...",
    "modules", "Modules", "name", "0001", "CON", "x" * 200, "网" * 200, "\U00020000" * 100, "new\nline", "bell\x07", "zero\0", "\u202eturned",
    "<b>bold</b>", "'; drop", "name.json", ".hidden", "graph.json", "a\tb c", "%2e%2e%2f", "~", "C:\\x", "e\u0301",
]  # fmt: skip


def test_names_of_any_kind_stay_apart_and_inside_the_workspace(workspace: Workspace) -> None:
    outside = files_of(workspace.folder.parent)
    saved = [graphs.save(workspace, dense(number + 1), name) for number, name in enumerate(NAMES)]
    assert len({each.name for each in saved}) == len(NAMES)
    assert len({each.title for each in saved}) == len(NAMES)
    for number, (name, each) in enumerate(zip(NAMES, saved, strict=True)):
        assert graphs.load(workspace, name).graph == dense(number + 1), name
        assert graphs.load(workspace, graphs.title_by_name(workspace, each.name)).graph == dense(number + 1), name
        assert (workspace.graphs / each.name / "0001.json").is_file()
        assert "/" not in each.name
        assert not each.name.startswith(".")
    assert {folder.name for folder in workspace.graphs.iterdir()} == {each.name for each in saved}
    new = files_of(workspace.folder.parent) - outside
    assert {path.split("/")[:2][1] for path in new} == {"graphs", "locks"}
    assert "modules" not in {each.name for each in saved}  # an address uses it
    for name in NAMES:
        graphs.remove(workspace, name)
    assert graphs.listed(workspace) == []
    assert list(workspace.incoming.iterdir()) == []


@pytest.mark.parametrize("name", ["../a", "a/../a", "/", "", "b", "..", "a\0", "x" * 5000])
def test_what_is_not_there_is_never_a_path(workspace: Workspace, name: str) -> None:
    graphs.save(workspace, dense(1), "a")
    for act in (graphs.load, graphs.versions, graphs.remove, graphs.duplicate, graphs.title_by_name):
        with pytest.raises(NotKeptError, match="no saved network"):
            act(workspace, name)
    with pytest.raises(NotKeptError):
        graphs.rename(workspace, name, "c")
    assert graphs.load(workspace, "a").version == 1


def test_a_name_that_is_nearly_right_is_suggested(workspace: Workspace) -> None:
    graphs.save(workspace, LENET)
    with pytest.raises(NotKeptError, match="Did you mean 'LeNet5'"):
        graphs.load(workspace, "lenet-5")
    with pytest.raises(NotKeptError, match="has no version 7"):
        graphs.load(workspace, "LeNet5", 7)
    with pytest.raises(NotKeptError, match="has no version 0"):
        graphs.load(workspace, "LeNet5", 0)


@pytest.mark.parametrize(("name", "reason"), [(" \n ", "can't be empty"), ("x" * 201, "at most 200 characters")])
def test_names_that_are_none(workspace: Workspace, name: str, reason: str) -> None:
    with pytest.raises(LibraryError, match=reason):
        graphs.save(workspace, LENET, name)
    graphs.save(workspace, LENET)
    with pytest.raises(LibraryError, match=reason):
        graphs.rename(workspace, "LeNet5", name)
    with pytest.raises(LibraryError, match=reason):
        graphs.duplicate(workspace, "LeNet5", name)
    with pytest.raises(LibraryError, match="A note has at most 2,000"):
        graphs.save(workspace, LENET, note="x" * 2001)


def test_a_network_without_a_name(workspace: Workspace) -> None:
    assert graphs.save(workspace, Graph()).title == "network"


def test_the_list_tells_what_is_in_each_the_newest_first(workspace: Workspace) -> None:
    graphs.save(workspace, LENET)
    graphs.save(workspace, dense(1), "other")
    graphs.save(workspace, LENET.with_node("conv2", title="x"), note="second")
    first, second = graphs.listed(workspace)
    assert (first.name, first.versions, first.newest.version, first.newest.nodes, first.newest.note) == ("LeNet5", 2, 2, len(LENET.nodes), "second")
    assert first.newest.blocks == {"Conv2D": 2, "AveragePooling2D": 2, "Dense": 2, "Input": 1, "Rescaling": 1, "Flatten": 1, "Output": 1}
    assert second.newest.blocks == {"Dense": 1}
    assert first.to_json()["nodes"] == len(LENET.nodes)


def test_a_renamed_network_keeps_its_address(workspace: Workspace) -> None:
    graphs.save(workspace, dense(1), "one")
    graphs.save(workspace, dense(2), "two")
    with pytest.raises(LibraryError, match="Another network is named 'two' already"):
        graphs.rename(workspace, "one", "two")
    renamed = graphs.rename(workspace, "one", "три")
    assert (renamed.name, renamed.title) == ("one", "три")
    assert graphs.load(workspace, "три").name == "one"
    assert graphs.load(workspace, "one").title == "три"
    assert graphs.rename(workspace, "три", "три").title == "три"
    # the old title is free again, and a network that takes it has an address of its own
    new = graphs.save(workspace, dense(3), "one")
    assert (new.name, new.version) == ("one-2", 1)
    assert graphs.load(workspace, "one").graph == dense(3)
    assert graphs.title_by_name(workspace, "one") == "три"


def test_copies(workspace: Workspace) -> None:
    graphs.save(workspace, dense(1), "net")
    graphs.save(workspace, dense(2), "net")
    copy = graphs.duplicate(workspace, "net")
    assert (copy.title, copy.version, copy.graph, copy.note) == ("net (copy)", 1, dense(2), "Copy of 'net', version 2.")
    assert graphs.duplicate(workspace, "net", version=1).title == "net (copy 2)"
    assert graphs.load(workspace, "net (copy 2)").graph == dense(1)
    assert graphs.duplicate(workspace, "net", "mine").name == "mine"
    with pytest.raises(LibraryError, match="named 'mine' already"):
        graphs.duplicate(workspace, "net", "mine")
    long = graphs.save(workspace, dense(1), "x" * 200)
    assert graphs.duplicate(workspace, long.title).title.endswith("x (copy)")


DAMAGE = {
    "empty": b"",
    "cut": b'{"format": "studio.saved/1"',
    "no text": b"\xff\xfe",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "newer": FORMAT.replace("/1", "/9").encode() + b"{}}",
    "no graph": FORMAT.encode() + b"3}",
    "no nodes": FORMAT.encode() + b'{"nodes": 3}}',
    "nodes are none": FORMAT.encode() + b'{"nodes": {"a": 3}}}',
    "no moment": FORMAT.replace("2026-01-01T00:00:00.000Z", "<script>").encode() + b"{}}",
    "large": b" " * (MOST_BYTES + 1),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_version_harms_no_other(workspace: Workspace, damage: bytes) -> None:
    graphs.save(workspace, dense(1), "hurt")
    graphs.save(workspace, dense(2), "hurt")
    graphs.save(workspace, LENET)
    (workspace.graphs / "hurt/0002.json").write_bytes(damage)
    rows = {entry.name: entry for entry in graphs.listed(workspace)}
    assert rows["LeNet5"].newest.problem == ""
    assert rows["LeNet5"].newest.nodes == len(LENET.nodes)
    assert rows["hurt"].versions == 2
    newest, older = graphs.versions(workspace, "hurt")
    assert older.problem == ""
    with pytest.raises(LibraryError, match=r"^Version 2 of 'hurt' .*Version 1 can be opened\.$") as refusal:
        graphs.load(workspace, "hurt")
    assert newest.problem
    assert newest.problem in str(refusal.value)
    assert rows["hurt"].newest == newest
    assert graphs.load(workspace, "hurt", 1).graph == dense(1)
    assert graphs.duplicate(workspace, "hurt", version=1).graph == dense(1)
    # the next save goes on behind the damaged one, even with the content of the last good one
    assert graphs.save(workspace, dense(1), "hurt", based_on=2).version == 3
    assert (workspace.graphs / "hurt/0002.json").read_bytes() == damage


def test_a_network_of_which_nothing_can_be_read_can_be_removed(workspace: Workspace) -> None:
    graphs.save(workspace, dense(1), "hurt net")
    (workspace.graphs / "hurt-net/0001.json").write_text("{")
    (workspace.graphs / "hurt-net/name.json").write_text("[")
    (entry,) = graphs.listed(workspace)
    assert (entry.title, entry.newest.problem.startswith("Version 1 of 'hurt-net' is not JSON")) == ("hurt-net", True)
    with pytest.raises(LibraryError, match="is not JSON"):
        graphs.load(workspace, "hurt-net")
    graphs.remove(workspace, "hurt-net")
    assert graphs.listed(workspace) == []


def test_foreign_files_and_folders_are_passed_over(workspace: Workspace) -> None:
    graphs.save(workspace, LENET)
    (workspace.graphs / "notes.txt").write_text("x")
    (workspace.graphs / "broken off").mkdir()
    (workspace.graphs / ".trash").mkdir()
    (workspace.graphs / "LeNet5/readme.json").write_text("{}")
    (workspace.graphs / "LeNet5/.0002.json.abc.tmp").write_text("{")
    assert [entry.name for entry in graphs.listed(workspace)] == ["LeNet5"]
    assert [each.version for each in graphs.versions(workspace, "LeNet5")] == [1]
    assert graphs.save(workspace, dense(1), "broken off").name == "broken-off"


def test_a_network_that_is_too_large_leaves_nothing(workspace: Workspace) -> None:
    large = Graph.model_validate({"nodes": {"a": {"block": "Dense", "params": {"text": "x" * MOST_BYTES}}}})
    with pytest.raises(LibraryError, match="at most 20 MB can be saved"):
        graphs.save(workspace, large, "large")
    assert list(workspace.graphs.iterdir()) == []
    graphs.save(workspace, dense(1), "large")
    with pytest.raises(LibraryError, match="at most 20 MB can be saved"):
        graphs.save(workspace, large, "large")
    assert graphs.load(workspace, "large").version == 1


def test_a_network_that_no_file_can_hold_is_refused(workspace: Workspace) -> None:
    with pytest.raises(LibraryError, match="only finite ones can be kept"):
        graphs.save(workspace, Graph.model_validate({"nodes": {"a": {"block": "Dropout", "params": {"rate": float("nan")}}}}))
    assert graphs.listed(workspace) == []
