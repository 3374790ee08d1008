"""What was written once is read for ever: one file, and one link, of each format as its first version wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from blocks.graph import Graph
from studio.library import exchange, graphs, modules
from studio.library.errors import LibraryError
from studio.workspace import Workspace

SAVED = """{
 "format": "studio.saved/1",
 "version": 1,
 "saved": "2026-01-31T08:05:09.250+00:00",
 "note": "初稿",
 "graph": {
  "format": "studio.graph/1",
  "name": "网",
  "nodes": {"a": {"block": "Dense", "params": {"units": 3}}},
  "modules": {},
  "layout": {"a": [1.0, 2.0]}
 }
}
"""
MODULE = """{
 "format": "studio.module/1",
 "title": "Two units",
 "description": "One behind the other.",
 "saved": "2026-01-31T08:05:09.250+00:00",
 "block": "Pair",
 "modules": {
  "Unit": {"nodes": {"d": {"block": "Dense", "params": {}, "inputs": ["@0"]}}, "outputs": ["d"]},
  "Pair": {"nodes": {"u": {"block": "module:Unit", "params": {}, "inputs": ["@0"]}, "v": {"block": "module:Unit", "params": {}, "inputs": ["u"]}},
           "outputs": ["v"]}
 }
}
"""
LINK = (
    "1.q1ZKyy_KTSxRslIqLilNyczXSy9KLMjQN1TSUcpLzE0Fij_fOxHEyU9JLVayqlZKBBFJOfnJ2UA5l9"
    "S84lSgbEFiUWIuWLo0L7MEyDCura3VUcrNTynNAWsDcnISK_NLS6BGRBvqGegY6RnE1tYCAA"
)
GRAPH = Graph.model_validate({"name": "网", "nodes": {"a": {"block": "Dense", "params": {"units": 3}}}, "layout": {"a": [1, 2]}})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_a_saved_network_of_the_first_version(workspace: Workspace) -> None:
    (workspace.graphs / "my-net").mkdir()
    (workspace.graphs / "my-net/0001.json").write_text(SAVED, "utf-8")
    (workspace.graphs / "my-net/name.json").write_text('{"format": "studio.saved/1", "title": "my net"}\n')
    found = graphs.load(workspace, "my net")
    assert found == graphs.Saved("my-net", "my net", 1, "2026-01-31T08:05:09.250+00:00", "初稿", GRAPH)
    assert exchange.read_text(SAVED, "0001.json") == GRAPH


def test_a_module_of_the_first_version(workspace: Workspace) -> None:
    (workspace.modules / "Two-units.json").write_text(MODULE, "utf-8")
    found = modules.load(workspace, "Two units")
    assert (found.block, list(found.needs), found.description, found.inputs, found.outputs) == ("Pair", ["Unit"], "One behind the other.", 1, 1)


def test_a_link_of_the_first_version() -> None:
    assert exchange.from_link(LINK) == GRAPH


def test_newer_formats_say_so(workspace: Workspace) -> None:
    (workspace.graphs / "net").mkdir()
    (workspace.graphs / "net/0001.json").write_text(SAVED.replace("saved/1", "saved/2"), "utf-8")
    with pytest.raises(LibraryError, match=r"written by a newer version \(format 'studio.saved/2'\)"):
        graphs.load(workspace, "net")
    (workspace.modules / "m.json").write_text(MODULE.replace("module/1", "module/2"), "utf-8")
    with pytest.raises(LibraryError, match=r"written by a newer version \(format 'studio.module/2'\)"):
        modules.load(workspace, "m")
    with pytest.raises(LibraryError, match=r"begins with '1\.'"):
        exchange.from_link("2" + LINK[1:])
