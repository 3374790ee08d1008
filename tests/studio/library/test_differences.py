"""Differences: complete enough to make the one network from the other, and told in sentences."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import presets
from blocks.graph import Graph
from studio.library.differences import Difference, differences
from studio.library.plain import canonical
from studio.workspace import visible
from tests.studio.library.drawn import graphs, nodes

RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
FIELDS = {"inputs": [], "trainable": True, "title": "", "reuse": None, "block": ""}


def content(graph: Graph) -> dict[str, Any]:
    """A document without its layout, every field of every node written out."""
    document = graph.document()
    del document["layout"]
    for level in (document["nodes"], *(module["nodes"] for module in document["modules"].values())):
        for node in level.values():
            node.setdefault("inputs", [])
            node.setdefault("trainable", True)
            node.setdefault("title", "")
    return document


def applied(graph: Graph, found: list[Difference]) -> dict[str, Any]:
    """What a network becomes by its differences to another."""
    document = content(graph)
    _rename_modules(document, {each.old: each.new for each in found if each.kind == "renamed" and _is_module(each.node)})
    for each in found:
        if each.kind == "removed" and _is_module(each.node):
            del document["modules"][each.node.removeprefix("module:")]
    for place in ("", *(f"module:{name}/" for name in document["modules"])):
        level = document if not place else document["modules"][place[7:-1]]
        here = [each for each in found if each.node.startswith(place) and "/" not in each.node[len(place) :] and not _is_module(each.node)]
        _rename_nodes(level, {each.old: each.new for each in here if each.kind == "renamed"})
        for each in here:
            _apply(level["nodes"], each.node[len(place) :], each)
        for each in found:
            if each.kind == "reordered" and each.node == place.rstrip("/"):
                assert each.old == [node for node in level["nodes"] if node in each.old]
                moved = {node: level["nodes"][node] for node in each.new}
                level["nodes"] = {**moved, **level["nodes"]}
    for each in found:
        if _is_module(each.node) and each.field == "outputs":
            document["modules"][each.node[7:]]["outputs"] = each.new
        elif _is_module(each.node) and each.kind == "added":
            document["modules"][each.node[7:]] = content(Graph.model_validate({"modules": {"x": each.new}}))["modules"]["x"]
        elif each.field == "name":
            document["name"] = each.new
    return document


def _apply(level: dict[str, Any], node: str, each: Difference) -> None:
    if not node or each.kind in ("renamed", "reordered", "moved"):
        return
    if not each.field and each.kind == "removed":
        del level[node]
    elif not each.field:
        level[node] = content(Graph.model_validate({"nodes": {node: each.new}}))["nodes"][node]
    elif each.field.startswith("params."):
        name = each.field.removeprefix("params.")
        given = level[node].setdefault("params", {})
        assert canonical(given.get(name)) == canonical(each.old)
        if each.kind == "removed":
            del given[name]
        else:
            given[name] = each.new
    elif each.field == "reuse" and each.new:
        level[node] = {**{field: value for field, value in level[node].items() if field not in ("block", "params")}, "reuse": each.new}
    elif each.field == "reuse":
        del level[node]["reuse"]
        level[node].setdefault("params", {})
    else:
        assert level[node].get(each.field) == each.old
        level[node][each.field] = each.new


def _rename_modules(document: dict[str, Any], names: dict[str, str]) -> None:
    document["modules"] = {names.get(name, name): module for name, module in document["modules"].items()}
    for level in (document["nodes"], *(module["nodes"] for module in document["modules"].values())):
        for node in level.values():
            name = node.get("block", "").removeprefix("module:")
            if node.get("block", "").startswith("module:") and name in names:
                node["block"] = f"module:{names[name]}"


def _rename_nodes(level: dict[str, Any], names: dict[str, str]) -> None:
    def reference(text: str) -> str:
        node, colon, number = text.partition(":")
        return names.get(node, node) + colon + number

    level["nodes"] = {names.get(node, node): document for node, document in level["nodes"].items()}
    for document in level["nodes"].values():
        document["inputs"] = [reference(each) for each in document["inputs"]]
        if "reuse" in document:
            document["reuse"] = names.get(document["reuse"], document["reuse"])
    if "outputs" in level:
        level["outputs"] = [reference(each) for each in level["outputs"]]


def _is_module(place: str) -> bool:
    return place.startswith("module:") and "/" not in place


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Graph, Graph]:
    """Two networks: unrelated ones, or one with its names changed and some of its nodes replaced."""
    old = draw(graphs())
    if draw(st.booleans()):
        return old, draw(graphs())
    document = content(old)
    names = {node: draw(st.sampled_from((node, f"{node[:100]}_new"))) for node in document["nodes"]}
    _rename_nodes(document, names)
    modules = {module: draw(st.sampled_from((module, f"{module}_new"))) for module in document["modules"]}
    _rename_modules(document, modules)
    replaced = draw(nodes())
    document["nodes"] = dict(draw(st.permutations(list({**document["nodes"], **replaced}.items())))) if draw(st.booleans()) else document["nodes"]
    return old, Graph.model_validate(document)


@RELAXED
@given(pairs())
def test_differences_make_the_one_network_from_the_other(pair: tuple[Graph, Graph]) -> None:
    old, new = pair
    found = differences(old, new)
    made, wanted = applied(old, found), content(new)
    assert canonical(made) == canonical(wanted)
    kept = {each.node for each in found if each.kind == "added" and not each.field}
    for place, now in (("", wanted), *((f"module:{name}/", module) for name, module in wanted["modules"].items())):
        then = made if not place else made["modules"][place[7:-1]]
        assert [node for node in then["nodes"] if place + node not in kept] == [node for node in now["nodes"] if place + node not in kept]


@RELAXED
@given(pairs(), st.dictionaries(st.sampled_from(("a", "b", "conv1")), st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_there_is_no_difference_exactly_between_documents_that_are_equal_up_to_the_layout(pair: tuple[Graph, Graph], layout: dict[str, Any]) -> None:
    old, new = pair
    assert differences(old, copy.deepcopy(old)) == []
    moved = old.model_copy(update={"layout": layout})
    assert {each.kind for each in differences(old, moved)} == ({"moved"} if layout != old.layout else set())
    equal = canonical(content(old)) == canonical(content(new)) and _orders(old) == _orders(new)
    assert equal == all(each.kind == "moved" for each in differences(old, new))


def _orders(graph: Graph) -> list[list[str]]:
    return [list(graph.nodes), *(list(graph.modules[name].nodes) for name in sorted(graph.modules))]


@RELAXED
@given(pairs())
def test_every_node_that_changed_is_named_and_told(pair: tuple[Graph, Graph]) -> None:
    old, new = pair
    found = differences(old, new)
    named = {each.node for each in found}
    renamed = {each.old for each in found if each.kind == "renamed"}
    before, after = content(old)["nodes"], content(new)["nodes"]
    for node in {*before, *after}:
        if node not in before or node not in after:
            assert node in named | renamed
        elif before[node].get("params") != after[node].get("params"):
            assert node in named
    for each in found:
        assert each.sentence.endswith(".")
        assert each.sentence == visible(each.sentence)
        assert len(each.sentence) < 1500
        assert each.to_json()["sentence"] == each.sentence


@pytest.mark.parametrize("name", ["LeNet5", "ResNet20", "MLP"])
def test_new_names_for_all_nodes_are_nothing_but_renames(name: str) -> None:
    old = presets.get(name).graph()
    document = content(old)
    _rename_nodes(document, {node: f"n{number}" for number, node in enumerate(old.nodes)})
    found = differences(old, Graph.model_validate(document))
    assert [(each.kind, each.old, each.new) for each in found] == [("renamed", node, f"n{number}") for number, node in enumerate(old.nodes)]


def test_of_equal_branches_the_one_with_the_same_followers_is_meant() -> None:
    def branches(first: str, second: str) -> Graph:
        nodes = {"image": {"block": "Input"}}
        nodes |= {each: {"block": "Conv2D", "inputs": ["image"]} for each in sorted((first, second))}
        nodes |= {"left": {"block": "ReLU", "inputs": [first]}, "right": {"block": "Dropout", "inputs": [second]}}
        return Graph.model_validate({"nodes": nodes})

    found = differences(branches("a", "b"), branches("z", "y"))
    assert {(each.kind, each.old, each.new) for each in found if each.kind == "renamed"} == {("renamed", "a", "z"), ("renamed", "b", "y")}
    assert {each.kind for each in found} == {"renamed", "reordered"}


LENET = presets.get("LeNet5").graph()


def edited(**changes: Any) -> Graph:
    return LENET.with_node("conv2", **changes)


def without(node: str) -> Graph:
    return LENET.model_copy(update={"nodes": {each: document for each, document in LENET.nodes.items() if each != node}})


MODULES = Graph.model_validate({"modules": {"Stem": {"nodes": {"c": {"block": "Conv2D", "inputs": ["@0"]}}, "outputs": ["c"]}}})


def module(name: str, node: str, outputs: list[str], **params: Any) -> Graph:
    return Graph.model_validate({"modules": {name: {"nodes": {node: {"block": "Conv2D", "inputs": ["@0"], "params": params}}, "outputs": outputs}}})


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        (LENET, edited(params={**LENET.nodes["conv2"].params, "filters": 32}), ["conv2: filters changed from 16 to 32."]),
        (LENET, edited(params={**LENET.nodes["conv2"].params, "strides": [2, 1]}), ["conv2: strides set to [2, 1]."]),
        (
            LENET,
            edited(params={"filters": 16, "kernel_size": 5}),
            ['conv2: activation taken out (it was "tanh"), so that its default holds.'],
        ),
        (LENET, edited(block="Dense"), ['conv2: block changed from "Conv2D" to "Dense".']),
        (LENET, edited(inputs=()), ["conv2: inputs changed from pool1 to none."]),
        (LENET, edited(trainable=False), ["conv2: its weights are frozen."]),
        (edited(trainable=False), LENET, ["conv2: its weights are trained."]),
        (LENET, edited(title="第二层"), ['conv2: title changed from "" to "第二层".']),
        (LENET, edited(reuse="conv1", block="", params={}), ["conv2: it shares the weights of conv1."]),
        (LENET, without("pool2"), ["pool2 (AveragePooling2D) was removed."]),
        (without("pool2"), LENET, ["pool2 (AveragePooling2D) was added."]),
        (LENET, LENET.model_copy(update={"name": "Mine"}), ['The network\'s name changed from "LeNet5" to "Mine".']),
        (LENET, LENET.model_copy(update={"layout": {"conv1": (1.0, 2.0)}}), ["1 node was moved on the canvas."]),
        (LENET, LENET.model_copy(update={"layout": dict.fromkeys(LENET.nodes, (1.0, 2.0))}), ["10 nodes were moved on the canvas."]),
        (LENET, LENET.model_copy(update={"nodes": dict(sorted(LENET.nodes.items()))}), ["The nodes stand in another order."]),
        (MODULES, Graph(), ["The module Stem was removed."]),
        (Graph(), MODULES, ["The module Stem was added."]),
        (MODULES, module("Head", "c", ["c"]), ["The module Stem was renamed to Head."]),
        (MODULES, module("Stem", "d", ["d"]), ["c in the module Stem was renamed to d."]),
        (MODULES, module("Stem", "c", ["c"], filters=3), ["c in the module Stem: filters set to 3."]),
        (MODULES, module("Stem", "c", ["c", "@0"]), ["The module Stem: outputs changed from c to c, @0."]),
    ],
)
def test_sentences(old: Graph, new: Graph, sentences: list[str]) -> None:
    assert [each.sentence for each in differences(old, new)] == sentences


def test_numbers_that_a_browser_wrote_are_no_difference() -> None:
    old = Graph.model_validate({"nodes": {"a": {"block": "Dropout", "params": {"rate": 1.0, "deep": [{"x": 2.0}]}}}})
    new = Graph.model_validate({"nodes": {"a": {"block": "Dropout", "params": {"deep": [{"x": 2}], "rate": 1}}}})
    assert differences(old, new) == []
    assert differences(old, new.with_node("a", params={"rate": True, "deep": [{"x": 2}]})) != []


def test_ten_thousand_equal_nodes_are_compared_in_seconds() -> None:
    old = Graph.model_validate({"nodes": {f"a{n}": {"block": "Dense"} for n in range(10_000)}})
    new = Graph.model_validate({"nodes": {f"b{n}": {"block": "Dense"} for n in range(10_000)}})
    found = differences(old, new)
    assert {each.kind for each in found} == {"renamed"}
    assert len(found) == 10_000
