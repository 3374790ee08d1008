"""Kept modules: kept with all they need, and put into networks without harm to what is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from blocks.analysis import analyse
from blocks.graph import Graph
from studio.library import modules
from studio.library.errors import LibraryError, NotKeptError
from studio.library.modules import Damaged, Module
from studio.workspace import Workspace


def inside(*blocks: str, outputs: int = 1, **params: Any) -> dict[str, Any]:
    """Nodes one behind the other, on the module's first input."""
    nodes = {
        f"n{number}": {"block": block, "params": params, "inputs": [f"n{number - 1}" if number else "@0"]} for number, block in enumerate(blocks)
    }
    return {"nodes": nodes, "outputs": [f"n{len(blocks) - 1}"] * outputs}


def network(**held: dict[str, Any]) -> Graph:
    return Graph.model_validate({"modules": held})


TOWER = network(
    Unit={"nodes": {"c": {"block": "Conv2D", "params": {"filters": 4, "kernel_size": 3}, "inputs": ["@0"]}}, "outputs": ["c"]},
    Stage=inside("module:Unit", "module:Unit"),
    Tower={
        "nodes": {
            "s": {"block": "module:Stage", "inputs": ["@0"]},
            "u": {"block": "module:Unit", "inputs": ["@1"]},
            "add": {"block": "Concatenate", "inputs": ["s", "u"]},
        },
        "outputs": ["add", "s"],
    },
    Other=inside("ReLU"),
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def test_a_module_is_kept_with_all_that_it_needs_and_no_more(workspace: Workspace) -> None:
    kept = modules.save(workspace, TOWER, "module:Tower", "Zwei Türme", "Two stages beside each other.")
    assert (kept.name, kept.block, kept.inputs, kept.outputs) == ("Zwei-Türme", "Tower", 2, 2)
    assert list(kept.needs) == ["Unit", "Stage"]
    assert modules.load(workspace, "Zwei Türme") == kept
    assert modules.load(workspace, "Zwei-Türme") == kept
    assert modules.listed(workspace) == [kept]
    assert kept.document()["modules"]["Stage"] == TOWER.document()["modules"]["Stage"]
    assert [path.name for path in workspace.modules.iterdir()] == ["Zwei-Türme.json"]
    modules.remove(workspace, "Zwei Türme")
    assert modules.listed(workspace) == []
    with pytest.raises(NotKeptError, match="no kept module named 'Zwei Türme'"):
        modules.remove(workspace, "Zwei Türme")


def test_the_same_module_again_is_given_back_and_another_is_not_overwritten(workspace: Workspace) -> None:
    kept = modules.save(workspace, TOWER, "Unit", "mine")
    assert modules.save(workspace, TOWER, "Unit", "mine") == kept
    with pytest.raises(LibraryError, match="Another module is kept as 'mine' already"):
        modules.save(workspace, TOWER, "Stage", "mine")
    assert modules.load(workspace, "mine") == kept
    replaced = modules.save(workspace, TOWER, "Stage", "mine", replace=True)
    assert (replaced.name, replaced.block) == ("mine", "Stage")
    assert modules.load(workspace, "mine") == replaced


@pytest.mark.parametrize(
    ("graph", "block", "reason"),
    [
        (TOWER, "Towr", "Did you mean 'Tower'"),
        (TOWER, "../Tower", "no module named"),
        (network(A=inside("module:B")), "A", "needs the module 'B'"),
        (network(A=inside("module:A")), "A", "'A' contains itself"),
        (network(A=inside("module:B"), B=inside("module:C"), C=inside("module:B")), "A", "contains itself"),
        (network(A={"nodes": {}, "outputs": ["@100"]}), "A", "more than 100 inputs"),
        (network(A=inside("Dropout", rate=float("inf"))), "A", "finite"),
    ],
)
def test_modules_that_can_not_be_kept(workspace: Workspace, graph: Graph, block: str, reason: str) -> None:
    with pytest.raises(LibraryError, match=reason):
        modules.save(workspace, graph, block, "name")
    assert list(workspace.modules.iterdir()) == []


def test_a_module_comes_into_an_empty_network_and_can_be_built(workspace: Workspace) -> None:
    graph, block = modules.put_into(Graph(), modules.save(workspace, TOWER, "Tower"))
    assert block == "module:Tower"
    assert set(graph.modules) == {"Unit", "Stage", "Tower"}
    document = graph.document()
    document["nodes"] = {
        "image": {"block": "Input", "params": {"shape": [8, 8, 4]}},
        "small": {"block": "Conv2D", "params": {"filters": 4, "kernel_size": 5}, "inputs": ["image"]},
        "tower": {"block": block, "inputs": ["image", "small"]},
        "out": {"block": "Flatten", "inputs": ["tower:1"]},
    }
    built = Graph.model_validate(document)
    analysis = analyse(built.with_node("tower", inputs=("image", "image")))
    assert [message.node for message in analysis.errors] == ["tower/add"]  # 4x4 beside 6x6
    document["nodes"]["small"]["params"]["kernel_size"] = 3
    assert not analyse(Graph.model_validate(document)).errors


def test_what_is_there_already_is_used_again(workspace: Workspace) -> None:
    tower = modules.save(workspace, TOWER, "Tower")
    again, block = modules.put_into(TOWER, tower)
    assert (again, block) == (TOWER, "module:Tower")
    renamed = network(Einheit=TOWER.document()["modules"]["Unit"])
    graph, block = modules.put_into(renamed, tower)
    assert list(graph.modules) == ["Einheit", "Stage", "Tower"]
    assert graph.modules["Stage"].nodes["n0"].block == "module:Einheit"
    assert graph.modules["Tower"].nodes["u"].block == "module:Einheit"
    twice, second = modules.put_into(graph, tower)
    assert (twice, second) == (graph, block)


def test_names_that_are_taken_by_others_are_left_to_them(workspace: Workspace) -> None:
    tower = modules.save(workspace, TOWER, "Tower")
    taken = network(Unit=inside("ReLU"), Unit_2=inside("Dropout"), Tower=inside("Softmax"))
    graph, block = modules.put_into(taken, tower)
    assert block == "module:Tower_2"
    assert {name: graph.modules[name] for name in taken.modules} == taken.modules
    assert list(graph.modules) == ["Unit", "Unit_2", "Tower", "Unit_3", "Stage", "Tower_2"]
    assert graph.modules["Stage"].nodes["n0"].block == "module:Unit_3"
    assert [node.block for node in graph.modules["Tower_2"].nodes.values()] == ["module:Stage", "module:Unit_3", "Concatenate"]
    assert modules.put_into(graph, tower) == (graph, block)


def test_a_long_name_that_is_taken_stays_a_name(workspace: Workspace) -> None:
    long = "M" * 120
    kept = modules.save(workspace, network(**{long: inside("ReLU")}), long)
    graph, block = modules.put_into(network(**{long: inside("Softmax")}), kept)
    assert block == f"module:{'M' * 110}_2"
    assert len(graph.modules) == 2


def test_a_network_that_is_full_of_modules_takes_no_more(workspace: Workspace) -> None:
    kept = modules.save(workspace, network(M=inside("ReLU")), "M")
    full = Graph.model_validate({"modules": {f"m{number}": inside("Dropout", rate=number / 1000) for number in range(1000)}})
    with pytest.raises(LibraryError, match="at most 1000 items"):
        modules.put_into(full, kept)


def test_a_damaged_file_harms_no_other(workspace: Workspace) -> None:
    good = modules.save(workspace, TOWER, "Unit", "zz good")
    begin = '{"format": "studio.module/1", "title": "x", "saved": "2026-01-01T00:00:00Z", '
    for number, content in enumerate(
        (
            "",
            "[]",
            "{",
            begin.replace("/1", "/2") + '"block": "A", "modules": {}}',
            begin + '"block": "A", "modules": {}}',
            begin + '"block": "A", "modules": 3}',
            begin + '"block": "A", "modules": {"A": {"nodes": 3}}}',
            begin + '"block": "A", "modules": {"A": {"nodes": {"a": {"block": "module:A"}}}}}',
            begin + '"block": "A", "modules": {"A": {"outputs": ["@99999999999999999999"]}}}',
        )
    ):
        (workspace.modules / f"bad{number}.json").write_text(content)
    found = modules.listed(workspace)
    assert [each for each in found if isinstance(each, Module)] == [good]
    for each in found:
        if isinstance(each, Damaged):
            assert each.problem
            with pytest.raises(LibraryError, match="module"):
                modules.load(workspace, each.name)
            modules.remove(workspace, each.name)
    assert modules.listed(workspace) == [good]


def test_names_stay_inside_the_workspace(workspace: Workspace) -> None:
    before = {path for path in workspace.folder.parent.rglob("*") if workspace.modules not in path.parents}
    names = ["../../x", "/etc/x", "..", "模块/一", "a b", "a/b", "versions"]
    kept = [modules.save(workspace, TOWER, "Unit", name) for name in names]
    assert [modules.load(workspace, name) for name in names] == kept
    assert len(list(workspace.modules.glob("*.json"))) == len(names)
    after = {path for path in workspace.folder.parent.rglob("*") if workspace.modules not in path.parents}
    assert {path.parent.name for path in after - before} <= {"locks"}
    for name in ("../modules/x", "../../x.json", "..", "/"):
        with pytest.raises(NotKeptError):
            modules.load(workspace, f"{name}?")
