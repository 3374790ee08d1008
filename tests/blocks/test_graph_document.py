"""The graph as a document: its form, files, and order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from blocks import Graph, InvalidValueError, UnknownNameError
from blocks.graph import NodeDocument
from blocks.registry import Registry
from blocks.walk import in_order
from blocks.wiring import Wiring, WiringError

LINE: dict[str, Any] = {
    "format": "studio.graph/1",
    "name": "line",
    "nodes": {
        "x": {"block": "Input", "params": {"shape": [4]}},
        "d": {"block": "Dense", "params": {"units": 3}, "inputs": ["x"], "title": "Ein Titel", "trainable": False},
        "e": {"reuse": "d", "inputs": ["x:0"]},
    },
    "modules": {"Twice": {"nodes": {"a": {"block": "ReLU", "params": {}, "inputs": ["@0"]}}, "outputs": ["a"]}},
    "layout": {"x": [1.0, 2.5]},
}


def test_a_document_comes_back_as_it_was(tmp_path: Path) -> None:
    graph = Graph.model_validate(LINE)
    assert graph.document() == LINE
    graph.save(tmp_path / "g.json")
    assert Graph.load(tmp_path / "g.json") == graph


def test_the_layout_does_not_change_the_digest() -> None:
    graph = Graph.model_validate(LINE)
    assert graph.model_copy(update={"layout": {}}).digest() == graph.digest()
    assert graph.with_node("d", title="other").digest() != graph.digest()


def test_a_half_drawn_graph_can_be_kept() -> None:
    half = Graph.model_validate({"nodes": {"a": {"block": "NoSuchBlock", "params": {"x": 1}, "inputs": ["nobody"]}}})
    assert Graph.model_validate(half.document()) == half


@pytest.mark.parametrize(
    "change",
    [
        {"format": "studio.graph/2"},
        {"nodes": {"1a": {"block": "ReLU"}}},
        {"nodes": {"a b": {"block": "ReLU"}}},
        {"nodes": {"a": {"block": "ReLU", "inputs": ["b c"]}}},
        {"nodes": {"a": {"block": "ReLU", "colour": "red"}}},
        {"nods": {}},
    ],
)
def test_wrong_forms_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Graph.model_validate({**LINE, **change})


def test_files_that_are_no_graphs_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(InvalidValueError, match=r"^a\.json is not JSON"):
        Graph.load(tmp_path / "a.json")
    (tmp_path / "b.json").write_text('{"nodes": {"a": {"block": 3}}}')
    with pytest.raises(InvalidValueError, match=r"^b\.json is not a graph: nodes\.a\.block"):
        Graph.load(tmp_path / "b.json")
    (tmp_path / "c.json").write_text('{"format": "studio.graph/9"}')
    with pytest.raises(InvalidValueError, match="newer version"):
        Graph.load(tmp_path / "c.json")
    (tmp_path / "d.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidValueError, match=r"^d\.json is not JSON"):
        Graph.load(tmp_path / "d.json")


def documents(**inputs: list[str]) -> dict[str, NodeDocument]:
    return {name: NodeDocument(block="Add", inputs=tuple(sources)) for name, sources in inputs.items()}


def test_order_follows_edges_and_otherwise_the_document() -> None:
    assert in_order(documents(c=["b"], b=["a"], a=[], d=[])) == (["a", "b", "c", "d"], [])
    assert in_order(documents(d=[], c=[], a=["d:1"])) == (["d", "c", "a"], [])
    assert in_order(documents(a=["b"], b=["a"], c=[], d=["b"])) == (["c"], ["a", "b", "d"])
    assert in_order(documents(a=["a"])) == ([], ["a"])


def test_a_long_chain_is_ordered_without_recursion() -> None:
    chain = documents(**{f"n{number}": [f"n{number - 1}"] if number else [] for number in range(5000)})
    order, cyclic = in_order(dict(reversed(chain.items())))
    assert order == list(chain)
    assert not cyclic


def test_wiring_refuses_an_id_twice() -> None:
    from blocks.activation import ReLU

    net = Wiring(lambda _, inputs: inputs)
    net.add("a", ReLU())
    with pytest.raises(WiringError, match="'a' is used twice"):
        net.add("a", ReLU())


def test_a_registry_refuses_taken_and_unknown_names() -> None:
    registry: Registry[int] = Registry("number", "blocks.layers")
    registry.add("one", 1)
    with pytest.raises(ValueError, match="'one' is taken"):
        registry.add("one", 2)
    with pytest.raises(UnknownNameError, match=r"There is no number named 'ome'\. Did you mean 'one'\?"):
        registry.get("ome")
    with pytest.raises(UnknownNameError, match="Known: one"):
        registry.get("xyz")
    copy = registry.all()
    copy["two"] = 2
    assert "two" not in registry
    assert list(registry) == ["one"]
