"""Long random editing: no node is lost, the document stays valid, and undo brings every byte back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks import Graph
from blocks.editing import EditError, apply, clip, deltas
from blocks.editing.level import Session
from blocks.graph import Fragment, NodeDocument, split_reference
from blocks.walk import in_order

NAMES = ("Conv2D", "ReLU", "Add", "Flatten", "Dense", "Output", "Input", "Concatenate", "Residual")
RESIDUAL = Fragment(
    nodes={"conv": NodeDocument(block="Conv2D", inputs=("@0",)), "sum": NodeDocument(block="Add", inputs=("conv", "@0"))},
    outputs=("sum",),
)


def inside(graph: Graph) -> Any:
    """Every Residual consists of the same two nodes, so that composites can be opened without asking for shapes."""

    def found(path: str) -> Fragment | None:
        place, _, name = path.rpartition("/")
        return RESIDUAL if Session(graph, found).level(place).original(name).block == "Residual" else None

    return found


def places(graph: Graph) -> list[str]:
    """All levels with nodes, two deep."""
    found = [""]
    for place in found:
        for name, document in Session(graph, inside(graph)).level(place).nodes.items():
            if place.count("/") < 1 and not document.reuse and (document.block.startswith("module:") or document.block == "Residual"):
                found.append(f"{place}/{name}" if place else name)
    return found


@st.composite
def edit(draw: st.DrawFn, graph: Graph) -> dict[str, Any]:
    place = draw(st.sampled_from(places(graph)))
    level = Session(graph, inside(graph)).level(place)
    begin = f"{place}/" if place else ""
    names = list(level.nodes)
    node = st.sampled_from(names) if names else st.just("nothing")
    path = node.map(lambda name: begin + name)
    some = st.lists(path, min_size=1, max_size=3, unique=True)
    block = st.sampled_from([*NAMES, *(f"module:{name}" for name in graph.modules)])
    index = st.integers(0, 2)
    source = st.sampled_from([*names, *(["@0", "@1"] if place else []), "a"])
    end = st.just(f"{begin}@out")

    def pasted(chosen: list[str]) -> dict[str, Any]:
        return {"do": "paste", "clip": clip(Session(graph, inside(graph)), tuple(chosen)).document()} if names else {"do": "?"}

    kinds: list[Callable[[], st.SearchStrategy[dict[str, Any]]]] = [  # only the one that is drawn is made: making them all takes most of the time
        lambda: st.fixed_dictionaries({"do": st.just("add"), "block": block, "place": st.just(place)}),
        lambda: st.fixed_dictionaries({"do": st.just("add"), "block": block, "after": path}),
        lambda: st.fixed_dictionaries({"do": st.just("add"), "reuse": node, "after": path}),
        lambda: st.fixed_dictionaries({"do": st.just("insert"), "block": block, "to": st.one_of(path, end), "index": index}),
        lambda: st.fixed_dictionaries({"do": st.just("replace"), "node": path, "block": block}),
        lambda: st.fixed_dictionaries({"do": st.just("set"), "nodes": some, "params": st.just({"filters": 3})}),
        lambda: st.fixed_dictionaries({"do": st.just("describe"), "nodes": some, "trainable": st.booleans()}),
        lambda: st.fixed_dictionaries({"do": st.just("freeze"), "layers": some, "keep_last": st.integers(0, 3)}),
        lambda: st.fixed_dictionaries({"do": st.just("rename"), "node": path, "name": st.sampled_from(["a", "b", "conv2d_1"])}),
        lambda: st.fixed_dictionaries({"do": st.just("connect"), "source": source, "to": path, "index": index}),
        lambda: st.fixed_dictionaries({"do": st.just("connect"), "source": source, "to": end, "index": index}),
        lambda: st.fixed_dictionaries({"do": st.just("disconnect"), "to": path, "index": index}),
        lambda: st.fixed_dictionaries({"do": st.just("move"), "positions": st.dictionaries(path, st.just([1.5, 2.0]), min_size=1, max_size=2)}),
        lambda: st.fixed_dictionaries({"do": st.just("arrange"), "place": st.just(place)}),
        lambda: st.fixed_dictionaries({"do": st.just("remove"), "nodes": some}),
        lambda: st.fixed_dictionaries({"do": st.just("duplicate"), "nodes": some}),
        lambda: some.map(pasted),
        lambda: st.fixed_dictionaries({"do": st.just("group"), "nodes": some, "name": st.sampled_from(["Part", "Body"])}),
        lambda: st.fixed_dictionaries({"do": st.just("ungroup"), "node": path}),
        lambda: st.fixed_dictionaries({"do": st.just("detach"), "node": path}),
        lambda: st.fixed_dictionaries({"do": st.just("separate"), "node": path}),
    ]
    return draw(kinds[draw(st.integers(0, len(kinds) - 1))]())


def check(graph: Graph) -> None:
    """The document is valid, and on every level each reference leads to a node, without circles."""
    assert Graph.model_validate(json.loads(graph.to_json())) == graph
    for fragment in [Fragment(nodes=graph.nodes), *graph.modules.values()]:
        for document in fragment.nodes.values():
            if document.reuse:
                assert document.reuse in fragment.nodes
                assert not fragment.nodes[document.reuse].reuse
            elif document.block.startswith("module:"):
                assert document.block.removeprefix("module:") in graph.modules
            for reference in document.inputs:
                assert reference.startswith("@") or split_reference(reference)[0] in fragment.nodes
        for reference in fragment.outputs:
            assert reference.startswith("@") or split_reference(reference)[0] in fragment.nodes
        assert in_order(fragment.nodes)[1] == []
    assert all(fragment.outputs for fragment in graph.modules.values())


def nodes_of(graph: Graph, place: str) -> set[str]:
    try:
        return set(Session(graph, inside(graph)).level(place).nodes)
    except EditError:
        return set()


def place_of(asked: dict[str, Any]) -> str:
    """The level at which an edit works."""
    path: str = asked.get("after") or asked.get("node") or asked.get("to") or next(iter(asked.get("nodes", [""])))
    return str(asked.get("place") or path.rpartition("/")[0])


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_random_edits_keep_every_node_and_undo_brings_back_every_byte(data: st.DataObject) -> None:
    graph = Graph()
    steps: list[tuple[str, dict[str, Any]]] = []
    for _ in range(data.draw(st.integers(1, 12), label="edits")):
        asked = data.draw(edit(graph))
        text = graph.to_json()
        try:
            made = apply(graph, asked, inside(graph)).graph
        except EditError:
            assert graph.to_json() == text
            continue
        check(made)
        place = place_of(asked)
        lost = nodes_of(graph, place) - nodes_of(made, place)
        if asked["do"] not in ("remove", "group", "ungroup", "rename"):
            assert not lost, asked
        elif asked["do"] == "remove":
            assert lost == {path.rpartition("/")[2] for path in asked["nodes"]}
        delta = json.loads(json.dumps(deltas.between(graph.document(), made.document())))
        steps.append((text, delta))
        graph = made
    document = graph.document()
    last = graph.to_json()
    for text, delta in reversed(steps):
        document = deltas.backward(document, delta)
        assert Graph.model_validate(document).to_json() == text
    for _, delta in steps:
        document = deltas.forward(document, delta)
    assert Graph.model_validate(document).to_json() == last
