"""Each edit of a graph, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

import blocks
import presets
from blocks import Graph, analyse
from blocks.editing import EditError, apply, clip
from blocks.editing.level import Session
from blocks.editing.removing import Clip
from blocks.graph import Fragment
from blocks.spec import Spec
from blocks.walk import expand


def chain(*names: str) -> Graph:
    """Nodes one behind the other: a picture, then Conv2D blocks of the given ids, then the Output."""
    nodes: dict[str, Any] = {"image": {"block": "Input", "params": {"shape": [8, 8, 3]}}}
    last = "image"
    for name in names:
        nodes[name] = {"block": "Conv2D", "params": {"filters": 4, "padding": "same"}, "inputs": [last]}
        last = name
    nodes["label"] = {"block": "Output", "params": {"units": 2, "activation": "softmax"}, "inputs": [last]}
    return Graph.model_validate({"nodes": nodes})


def inputs(graph: Graph) -> dict[str, tuple[str, ...]]:
    return {name: document.inputs for name, document in graph.nodes.items()}


def inside_of(graph: Graph) -> Any:
    """What composites consist of, as the analysis tells it."""
    analysis = analyse(graph)

    def inside(path: str) -> Fragment | None:
        shapes = analysis.nodes[path].input_shapes
        place, _, name = path.rpartition("/")
        document = Session(graph, inside).level(place).original(name)
        block = blocks.get(document.block)
        return expand(block.read(document.params), tuple(Spec(shape) for shape in shapes)) if issubclass(block, blocks.base.Composite) else None

    return inside


def test_add_behind_a_node_takes_over_its_followers() -> None:
    made = apply(chain("a", "b"), {"do": "add", "block": "MaxPooling2D", "after": "a"})
    assert made.selected == ("max_pooling2d_1",)
    assert list(made.graph.nodes) == ["image", "a", "max_pooling2d_1", "b", "label"]
    assert inputs(made.graph) == {"image": (), "a": ("image",), "max_pooling2d_1": ("a",), "b": ("max_pooling2d_1",), "label": ("b",)}


def test_add_behind_an_output_comes_before_it() -> None:
    made = apply(chain("a"), {"do": "add", "block": "Flatten", "after": "label"})
    assert inputs(made.graph)["label"] == ("flatten_1",)
    assert inputs(made.graph)["flatten_1"] == ("a",)


def test_a_merging_block_joins_a_shortcut() -> None:
    made = apply(chain("a", "b"), {"do": "add", "block": "Add", "after": "b"})
    assert inputs(made.graph)["add_1"] == ("b", "a")
    assert inputs(made.graph)["label"] == ("add_1",)


def test_a_network_grows_from_nothing() -> None:
    graph, last = Graph(), None
    for block, params in [("Input", {"shape": [8, 8, 1]}), ("Conv2D", {}), ("Flatten", {}), ("Output", {"units": 3, "activation": "softmax"})]:
        made = apply(graph, {"do": "add", "block": block, "params": params, "after": last})
        graph, (last,) = made.graph, made.selected
    assert not analyse(graph).errors
    assert inputs(graph) == {"input_1": (), "conv2d_1": ("input_1",), "flatten_1": ("conv2d_1",), "output_1": ("flatten_1",)}


def test_insert_on_an_edge_leaves_the_other_edges() -> None:
    graph = apply(chain("a", "b"), {"do": "add", "block": "Add", "after": "b"}).graph
    made = apply(graph, {"do": "insert", "block": "ReLU", "to": "add_1", "index": 1, "position": [5, 6]})
    assert inputs(made.graph)["add_1"] == ("b", "relu_1")
    assert inputs(made.graph)["b"] == ("a",)
    assert made.graph.layout["relu_1"] == (5, 6)


def test_reuse_shares_weights_and_separate_ends_it() -> None:
    made = apply(chain("a"), {"do": "add", "reuse": "a", "after": "a"})
    # the second use gets 4 channels, the first 3: they can't share, but the document says what was asked for
    node = made.graph.nodes[made.selected[0]]
    assert node.reuse == "a"
    assert node.inputs == ("a",)
    own = apply(made.graph, {"do": "separate", "node": made.selected[0]}).graph.nodes[made.selected[0]]
    assert (own.block, own.params, own.reuse) == ("Conv2D", {"filters": 4, "padding": "same"}, None)
    with pytest.raises(EditError, match=r"shares the weights of a\. Reuse a\."):
        apply(made.graph, {"do": "add", "reuse": made.selected[0]})


def test_replace_keeps_what_fits() -> None:
    graph = apply(chain("a"), {"do": "set", "nodes": ["a"], "params": {"kernel_size": 5, "use_bias": False}}).graph
    made = apply(graph, {"do": "replace", "node": "a", "block": "DepthwiseConv2D"})
    assert made.graph.nodes["a"].block == "DepthwiseConv2D"
    assert made.graph.nodes["a"].params == {"padding": "same", "kernel_size": 5, "use_bias": False}
    assert made.graph.nodes["a"].inputs == ("image",)


def test_set_many_and_back_to_the_default() -> None:
    made = apply(chain("a", "b"), {"do": "set", "nodes": ["a", "b"], "params": {"filters": 7}, "unset": ["padding"]})
    assert {made.graph.nodes[name].params["filters"] for name in "ab"} == {7}
    assert "padding" not in made.graph.nodes["a"].params


def test_set_on_a_second_use_changes_the_first() -> None:
    graph = apply(chain("a"), {"do": "add", "reuse": "a", "after": "a"}).graph
    made = apply(graph, {"do": "set", "nodes": ["conv2d_1"], "params": {"filters": 3}})
    assert made.graph.nodes["a"].params["filters"] == 3


def test_rename_changes_every_mention() -> None:
    graph = apply(chain("a", "b"), {"do": "add", "reuse": "a", "after": "a"}).graph
    graph = apply(graph, {"do": "move", "positions": {"a": [1, 2]}}).graph
    made = apply(graph, {"do": "rename", "node": "a", "name": "first"})
    assert list(made.graph.nodes) == ["image", "first", "conv2d_1", "b", "label"]
    assert made.graph.nodes["conv2d_1"].reuse == "first"
    assert made.graph.nodes["conv2d_1"].inputs == ("first",)
    assert made.graph.layout == {"first": (1, 2)}
    with pytest.raises(EditError, match="already"):
        apply(made.graph, {"do": "rename", "node": "first", "name": "b"})


def test_connect_refuses_circles_and_strangers() -> None:
    graph = chain("a", "b")
    with pytest.raises(EditError, match="circle"):
        apply(graph, {"do": "connect", "source": "b", "to": "a", "index": 0})
    with pytest.raises(EditError, match=r"no node 'bb' here\. Did you mean 'b'"):
        apply(graph, {"do": "connect", "source": "bb", "to": "a"})
    with pytest.raises(EditError, match="inside of a module"):
        apply(graph, {"do": "connect", "source": "@0", "to": "a"})
    made = apply(graph, {"do": "connect", "source": "image", "to": "label"}).graph
    assert made.nodes["label"].inputs == ("b", "image")
    assert apply(made, {"do": "disconnect", "to": "label", "index": 0}).graph.nodes["label"].inputs == ("image",)


def test_remove_joins_the_chain_and_keeps_weights_for_the_heir() -> None:
    graph = apply(chain("a", "b"), {"do": "add", "reuse": "a", "after": "b"}).graph
    made = apply(graph, {"do": "remove", "nodes": ["a"]})
    assert made.graph.nodes["b"].inputs == ("image",)
    assert made.graph.nodes["conv2d_1"].block == "Conv2D"
    assert made.selected == ("image",)
    everything = apply(graph, {"do": "remove", "nodes": list(graph.nodes)})
    assert everything.graph.nodes == {}


def test_copy_and_paste_carry_modules_and_inner_edges() -> None:
    graph = apply(chain("a", "b"), {"do": "group", "nodes": ["a", "b"], "name": "Pair"}).graph
    graph = apply(graph, {"do": "add", "block": "ReLU", "after": "pair_1"}).graph
    copied = Clip.model_validate(clip(Session(graph), ("pair_1", "relu_1")).document())
    made = apply(Graph(), {"do": "paste", "clip": copied.document()})
    assert inputs(made.graph) == {"pair_1": (), "relu_1": ("pair_1",)}
    assert made.graph.modules == graph.modules
    again = apply(made.graph, {"do": "paste", "clip": copied.document(), "after": "relu_1"})
    assert inputs(again.graph)["pair_2"] == ("relu_1",)
    assert list(again.graph.modules) == ["Pair"]  # the same content is used again
    assert again.selected == ("pair_2", "relu_2")


def test_duplicate_stands_beside_with_the_same_inputs() -> None:
    graph = apply(chain("a", "b"), {"do": "move", "positions": {"a": [10, 20]}}).graph
    made = apply(graph, {"do": "duplicate", "nodes": ["a", "b"]})
    assert made.selected == ("conv2d_1", "conv2d_2")
    assert made.graph.nodes["conv2d_1"].inputs == ("image",)
    assert made.graph.nodes["conv2d_2"].inputs == ("conv2d_1",)
    assert made.graph.layout["conv2d_1"] == (50, 60)


def test_group_and_ungroup_give_the_same_network() -> None:
    graph = apply(chain("a", "b", "c"), {"do": "add", "block": "Add", "after": "c"}).graph  # adds c and b
    whole = analyse(graph)
    grouped = apply(graph, {"do": "group", "nodes": ["a", "b", "c", "add_1"], "name": "Body"})
    assert grouped.selected == ("body_1",)
    assert grouped.graph.modules["Body"].outputs == ("add_1",)
    assert analyse(grouped.graph).weights == whole.weights
    back = apply(grouped.graph, {"do": "ungroup", "node": "body_1"}).graph
    assert back.nodes == graph.nodes


def test_a_group_may_give_several_outputs() -> None:
    graph = apply(chain("a", "b", "c"), {"do": "connect", "source": "a", "to": "label"}).graph
    made = apply(graph, {"do": "group", "nodes": ["a", "b"], "name": "Two"}).graph
    assert made.modules["Two"].outputs == ("a", "b")
    assert made.nodes["label"].inputs == ("c", "two_1")
    assert made.nodes["c"].inputs == ("two_1:1",)


@pytest.mark.parametrize(("chosen", "said"), [(["image", "a"], "is an Input"), (["a", "c"], "leads over nodes")])
def test_groups_that_can_not_be(chosen: list[str], said: str) -> None:
    with pytest.raises(EditError, match=said):
        apply(chain("a", "b", "c"), {"do": "group", "nodes": chosen})


def test_an_edit_inside_a_module_holds_for_all_uses_until_one_is_detached() -> None:
    graph = apply(chain("a", "b"), {"do": "group", "nodes": ["a", "b"], "name": "Pair"}).graph
    graph = apply(graph, {"do": "add", "block": "module:Pair", "after": "pair_1"}).graph
    both = apply(graph, {"do": "set", "nodes": ["pair_1/a"], "params": {"filters": 6}}).graph
    assert [analyse(both).nodes[f"pair_{number}/a"].output_shapes for number in (1, 2)] == [((8, 8, 6),)] * 2
    own = apply(both, {"do": "detach", "node": "pair_2"}).graph
    one = apply(own, {"do": "set", "nodes": ["pair_2/a"], "params": {"filters": 5}}).graph
    assert [analyse(one).nodes[f"pair_{number}/a"].output_shapes for number in (1, 2)] == [((8, 8, 6),), ((8, 8, 5),)]
    renamed = apply(one, {"do": "rename_module", "module": "Pair", "name": "Duo"}).graph
    assert analyse(renamed).weights == analyse(one).weights


def test_ports_of_a_module_can_be_led_elsewhere() -> None:
    graph = apply(chain("a", "b"), {"do": "group", "nodes": ["a", "b"], "name": "Pair"}).graph
    made = apply(graph, {"do": "connect", "source": "a", "to": "pair_1/@out", "index": 0}).graph
    assert made.modules["Pair"].outputs == ("a",)
    around = apply(made, {"do": "connect", "source": "@0", "to": "pair_1/b", "index": 0}).graph
    assert around.modules["Pair"].nodes["b"].inputs == ("@0",)
    on_end = apply(around, {"do": "insert", "block": "ReLU", "to": "pair_1/@out", "index": 0}).graph
    assert on_end.modules["Pair"].outputs == ("relu_1",)
    with pytest.raises(EditError, match="must give something"):
        apply(on_end, {"do": "disconnect", "to": "pair_1/@out", "index": 0})


def test_an_edit_inside_a_composite_makes_modules_of_all_around_it() -> None:
    graph = presets.get("ResNet20").graph(input_shape=(32, 32, 3), classes=10)
    inside = inside_of(graph)
    whole = analyse(graph)
    path = "stage2/block1/conv1"
    assert path in whole.nodes
    made = apply(graph, {"do": "set", "nodes": [path], "params": {"use_bias": True}}, inside)
    after = analyse(made.graph)
    assert not after.errors
    assert after.weights == whole.weights + 32
    assert made.graph.nodes["stage2"].block == "module:Stage2"
    assert made.graph.modules["Stage2"].nodes["block1"].block == "module:Block1"
    assert made.graph.nodes["stage1"] == graph.nodes["stage1"]
    again = apply(made.graph, {"do": "set", "nodes": [path], "params": {"use_bias": False}}, inside_of(made.graph))
    assert analyse(again.graph).weights == whole.weights
    assert list(again.graph.modules) == list(made.graph.modules)


def test_composites_can_be_taken_apart() -> None:
    graph = presets.get("ResNet20").graph(input_shape=(32, 32, 3), classes=10)
    whole = analyse(graph)
    opened = apply(graph, {"do": "ungroup", "node": "stage1"}, inside_of(graph))
    deeper = apply(opened.graph, {"do": "ungroup", "node": opened.selected[0]}, inside_of(opened.graph))
    assert analyse(deeper.graph).weights == whole.weights
    assert not analyse(deeper.graph).errors
    assert len(deeper.graph.nodes) > len(opened.graph.nodes) > len(graph.nodes)


def test_a_layer_has_no_inside() -> None:
    with pytest.raises(EditError, match="can't be edited from inside"):
        apply(chain("a"), {"do": "remove", "nodes": ["a/b"]})


@pytest.mark.parametrize(
    "edit",
    [
        {"do": "explode"},
        {"do": "add", "block": "Conv2d"},
        {"do": "add", "block": "module:No"},
        {"do": "remove", "nodes": []},
        {"do": "remove", "nodes": ["nothing"]},
        {"do": "set", "nodes": ["a"], "parameters": {}},
        {"do": "rename", "node": "a", "name": "has space"},
        {"do": "move", "positions": {"a": [1e99, 0]}},
        {"do": "paste", "clip": {"format": "studio.clip/1", "nodes": {}}},
        {"do": "connect", "source": "../a", "to": "label"},
        [],
    ],
)
def test_what_is_no_edit_is_refused_in_a_sentence(edit: Any) -> None:
    graph = chain("a")
    with pytest.raises(EditError) as refused:
        apply(graph, edit)
    assert len(str(refused.value)) > 10
    assert graph == chain("a")


def test_input_and_output_stay_outside_of_modules() -> None:
    graph = apply(chain("a"), {"do": "group", "nodes": ["a"], "name": "One"}).graph
    with pytest.raises(EditError, match="stands in the graph itself"):
        apply(graph, {"do": "add", "block": "Input", "place": "one_1"})
