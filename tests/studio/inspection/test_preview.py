"""The whole answer for each kind of node, on real data."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from blocks.graph import Graph
from studio.datasets import store
from studio.inspection.errors import PreviewError
from studio.inspection.memory import Memory
from studio.inspection.preview import Order, preview
from studio.runs import Run
from studio.workspace import StudioError, Workspace
from tests.studio.inspection.looking import NODES, graph_of, look, pixels, tile
from tests.studio.trained import TABLE_NODES


def test_maps_in_pages_and_alone(workspace: Workspace, memory: Memory) -> None:
    graph = graph_of(NODES)
    first = look(workspace, graph, "conv2", memory)
    assert (first["kind"], first["shape"], first["pages"], first["channels"]) == ("maps", [4, 4, 70], 2, 70)
    assert [each["index"] for each in first["tiles"]] == list(range(64))
    second = look(workspace, graph, "conv2", memory, page=1)
    assert [each["index"] for each in second["tiles"]] == list(range(64, 70))
    alone = look(workspace, graph, "conv2", memory, channel=66)
    assert [each["index"] for each in alone["tiles"]] == [66]
    assert alone["tiles"][0] == second["tiles"][2]
    assert (alone["page"], alone["grid"]["tile"]) == (1, [512, 512])
    assert (pixels(alone["picture"])[::128, ::128] == tile(second, 2)[::16, ::16]).all()
    assert look(workspace, graph, "conv2", memory, page=99)["page"] == 1
    with pytest.raises(PreviewError, match=r"conv2: invalid channel. Expected: 0 to 69. Received: 70."):
        look(workspace, graph, "conv2", memory, channel=70)


def test_colours_follow_the_sign_unless_grey_is_asked_for(workspace: Workspace, memory: Memory) -> None:
    graph = graph_of(NODES)
    assert look(workspace, graph, "conv1", memory)["colours"]["name"] == "diverging"
    relu = look(workspace, graph, "relu", memory)
    assert (relu["colours"]["name"], relu["colours"]["range"]) == ("sequential", None)
    common = look(workspace, graph, "relu", memory, scale="common", colours="grey")
    statistics = common["statistics"]
    assert common["colours"]["name"] == "grey"
    assert common["colours"]["range"] == [statistics["minimum"], statistics["maximum"]]
    brightest = max(range(6), key=lambda channel: common["tiles"][channel]["maximum"])
    assert tile(common, brightest)[..., 0].max() == 255
    assert all(tile(relu, channel)[..., 1].max() > 200 for channel in range(6) if relu["tiles"][channel]["maximum"] > 0)


def test_the_input_is_the_picture_itself(workspace: Workspace, memory: Memory) -> None:
    dataset = store.load(workspace, "digits")
    found = look(workspace, graph_of(NODES), "image", memory, sample={"split": "test", "index": 5})
    row = int(dataset.rows("test")[5])
    import io

    from PIL import Image

    with Image.open(io.BytesIO(dataset.image(row))) as image:
        stored = np.asarray(image)
    assert (found["kind"], found["shape"], found["dtype"]) == ("picture", [8, 8, 1], "uint8")
    assert (pixels(found["picture"])[::32, ::32, 0] == stored).all()
    assert found["sample"] == {"split": "test", "index": 5, "row": row, "count": len(dataset.rows("test")), "label": found["sample"]["label"]}
    assert found["sample"]["label"] == dataset.classes[dataset.targets("test")[5]]
    assert found["statistics"]["mean"] == pytest.approx(stored.mean())
    assert (found["kernels"], found["weights"], found["answer"], found["note"]) == (None, None, None, "")


def test_a_table_a_vector_and_an_answer(workspace: Workspace, memory: Memory, table_run: Run) -> None:
    graph = graph_of(TABLE_NODES)
    people = store.load(workspace, "people")
    table = look(workspace, graph, "columns", memory, dataset="people")
    assert table["kind"] == "table"
    cells = {each["name"]: each["value"] for each in table["values"]}
    for name, column in people.columns("validation").items():
        value = column[0]
        assert cells[name] == (None if value == "" or value != value else value if isinstance(value, str) else pytest.approx(float(value)))
    encoding = look(workspace, graph, "encoding", memory, dataset="people")
    assert encoding["kind"] == "vector"
    assert len(encoding["labels"]) == len(encoding["values"]) == encoding["shape"][0]
    assert f"colour = {cells['colour']}" in [name for name, value in zip(encoding["labels"], encoding["values"], strict=True) if value == 1]
    out = look(workspace, graph, "out", memory, dataset="people")
    assert out["labels"] == list(people.classes or ())
    assert sum(out["values"]) == pytest.approx(1)
    assert out["answer"] == {"label": out["labels"][int(np.argmax(out["values"]))], "probability": max(out["values"])}


def test_sequences_are_heat_maps_and_a_channel_is_a_curve(workspace: Workspace, memory: Memory, array_run: Run) -> None:
    nodes = {"x": {"block": "Input"}, "conv": {"block": "Conv1D", "params": {"filters": 3, "kernel_size": 2}, "inputs": ["x"]}}
    found = look(workspace, graph_of(nodes), "x", memory, dataset="waves", channel=1)
    stored = store.load(workspace, "waves").arrays("validation")[0]
    assert (found["kind"], found["shape"]) == ("sequence", [5, 2])
    assert found["values"] == pytest.approx(stored[:, 1].tolist())
    shown = pixels(found["picture"])
    low, high = (bytes.fromhex(found["colours"]["palette"][end][1:]) for end in (0, -1))
    step, channel = np.unravel_index(stored.argmax(), stored.shape)
    tall, wide = shown.shape[0] // 2, shown.shape[1] // 5
    assert tuple(shown[channel * tall, step * wide, :3]) == tuple(high)
    assert found["colours"]["range"] == pytest.approx([stored.min(), stored.max()] if stored.min() >= 0 else [-abs(stored).max(), abs(stored).max()])
    assert low != high
    assert look(workspace, graph_of(nodes), "conv", memory, dataset="waves")["values"] is None


def test_volumes_are_slices(workspace: Workspace, memory: Memory) -> None:
    nodes = {
        **{name: NODES[name] for name in ("image", "rescaling")},
        "volume": {"block": "Reshape", "params": {"target_shape": [4, 4, 2, 2]}, "inputs": ["rescaling"]},
        "wide": {"block": "Reshape", "params": {"target_shape": [2, 2, 4, 2, 2]}, "inputs": ["rescaling"]},
    }
    found = look(workspace, graph_of(nodes), "volume", memory, channel=1)
    image = look(workspace, graph_of(nodes), "image", memory)
    values = pixels(image["picture"])[::32, ::32, 0].reshape(4, 4, 2, 2) / np.float32(255)
    assert (found["kind"], found["channel"], found["channels"], len(found["tiles"])) == ("volume", 1, 2, 4)
    assert [each["maximum"] for each in found["tiles"]] == pytest.approx([float(values[depth, ..., 1].max()) for depth in range(4)])
    assert len(look(workspace, graph_of(nodes), "wide", memory)["tiles"]) == 4


def test_channels_that_come_first_are_maps_too(workspace: Workspace, memory: Memory) -> None:
    nodes = {
        **{name: NODES[name] for name in ("image", "rescaling")},
        "turned": {"block": "Permute", "params": {"dims": [3, 1, 2]}, "inputs": ["rescaling"]},
        "pool": {"block": "AveragePooling2D", "params": {"data_format": "channels_first"}, "inputs": ["turned"]},
    }
    found = look(workspace, graph_of(nodes), "pool", memory)
    assert (found["shape"], found["channels"], len(found["tiles"])) == ([1, 4, 4], 1, 1)


def test_long_vectors_come_in_pages(workspace: Workspace, memory: Memory) -> None:
    nodes = {**{name: NODES[name] for name in NODES if name not in ("pool", "label")}, "flat": {"block": "Flatten", "inputs": ["conv2"]}}
    found = look(workspace, graph_of(nodes), "flat", memory, page=1)
    assert (found["kind"], found["shape"], found["first"], found["pages"], len(found["values"])) == ("vector", [1120], 1024, 2, 96)


def test_what_is_not_finite_is_counted_and_null(workspace: Workspace, memory: Memory) -> None:
    nodes = {
        **{name: NODES[name] for name in ("image", "rescaling")},
        "flat": {"block": "Flatten", "inputs": ["rescaling"]},
        **{
            f"larger{number}": {
                "block": "Rescaling",
                "params": {"scale": 1e9, "offset": 0.0},
                "inputs": [f"larger{number - 1}" if number else "flat"],
            }
            for number in range(5)
        },
    }
    found = look(workspace, graph_of(nodes), "larger4", memory)
    dark = found["statistics"]["zeros"]
    assert 0 < dark < 1
    assert found["statistics"]["not_finite"] == pytest.approx(1 - dark)
    assert found["values"].count(None) == round(64 * (1 - dark))
    json.dumps({name: value for name, value in found.items() if name != "picture"}, allow_nan=False)


def test_augmentation_passes_and_says_so(workspace: Workspace, memory: Memory) -> None:
    nodes = {**NODES, "flip": {"block": "RandomFlip", "inputs": ["rescaling"]}}
    nodes["conv1"] = {**nodes["conv1"], "inputs": ["flip"]}
    found = look(workspace, graph_of(nodes), "flip", memory)
    assert found["note"] == "This node changes training samples only; in use, a sample passes as it is."
    assert found["picture"] == look(workspace, graph_of(nodes), "rescaling", memory)["picture"]
    assert found["answer"] is None
    assert look(workspace, graph_of(nodes), "conv1", memory)["note"] == ""


def test_several_outputs(workspace: Workspace, memory: Memory, array_run: Run) -> None:
    nodes = {"x": {"block": "Input"}, "lstm": {"block": "LSTM", "params": {"units": 3, "return_state": True}, "inputs": ["x"]}}
    first = look(workspace, graph_of(nodes), "lstm", memory, dataset="waves")
    state = look(workspace, graph_of(nodes), "lstm", memory, dataset="waves", output=1)
    cell = look(workspace, graph_of(nodes), "lstm", memory, dataset="waves", output=2)
    assert (first["outputs"], state["computed"], cell["computed"]) == (3, 0, 0)
    assert first["values"] == state["values"] != cell["values"]
    with pytest.raises(PreviewError, match=r"lstm: invalid output. Expected: 0 to 2. Received: 3."):
        look(workspace, graph_of(nodes), "lstm", memory, dataset="waves", output=3)


def test_a_composite_tells_of_all_weights_inside(workspace: Workspace, memory: Memory) -> None:
    nodes = {**NODES, "conv2": {"block": "Residual", "params": {"filters": 6}, "inputs": ["relu"]}}
    found = look(workspace, graph_of(nodes), "conv2", memory)
    assert (found["composite"], found["kernels"]) == (True, None)
    names = [each["name"] for each in found["weights"]["variables"]]
    assert any(name.endswith("/kernel") for name in names)
    sizes = [int(np.prod(each["shape"])) for each in found["weights"]["variables"]]
    assert found["weights"]["count"] == sum(sizes)


def test_errors_behind_the_node_do_not_matter(workspace: Workspace, memory: Memory) -> None:
    graph = graph_of({**NODES, "pool": {"block": "Nonsense", "inputs": ["conv2"]}, "loose": {"block": "Add", "inputs": ["gone"]}})
    assert look(workspace, graph, "conv2", memory)["kind"] == "maps"
    with pytest.raises(PreviewError, match=r"^pool: "):
        look(workspace, graph, "pool", memory)
    with pytest.raises(PreviewError, match=r"^loose: Its input 'gone' does not exist"):
        look(workspace, graph, "loose", memory)


def test_a_picture_too_large_without_resizing(tmp_path: Any, workspace: Workspace, memory: Memory, pictures_run: Run) -> None:
    from tests.studio.trained import encoded

    photo = encoded(np.zeros((4000, 4000, 3), np.uint8), "JPEG")
    wide = graph_of({"image": {"block": "Input"}, "conv": {"block": "Conv2D", "params": {"filters": 64}, "inputs": ["image"]}})
    with pytest.raises(PreviewError, match=r"^conv: it takes 27,\d+,\d+,\d+ multiply-adds|^conv: its output for this sample is 3998 x 3998 x 64"):
        look(workspace, wide, "conv", memory, dataset="pictures", sample={"picture": photo})
    graph = pictures_run.recipe.graph
    assert isinstance(graph, Graph)
    assert look(workspace, graph, "conv", memory, dataset="pictures", sample={"picture": photo})["shape"] == [10, 8, 4]


def test_plain_values_in_and_out(workspace: Workspace) -> None:
    order = {"dataset": "digits", "graph": graph_of(NODES).document(), "node": "relu", "view": {"channel": 2}}
    found = preview(str(workspace.folder), order)
    assert found["tiles"][0]["index"] == 2
    again = preview(str(workspace.folder), {**order, "node": "conv2", "view": {}})
    assert again["computed"] == 1
    json.dumps({**found, "picture": None, "kernels": None}, allow_nan=False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dataset": "nothing"}, "There is no dataset named 'nothing'"),
        ({"node": "conv9"}, r"There is no node 'conv9' in this network. Did you mean"),
        ({"node": ""}, "There is no node ''"),
        ({"source": {"run": "../secret", "state": "best"}}, "There is no run named '../secret'"),
        ({"sample": {"split": "holdout"}}, "Preview: invalid sample.split"),
        ({"view": {"page": -1}}, "Preview: invalid view.page"),
        ({"graph": {"nodes": {"1": {}}}}, "Preview: invalid graph.nodes"),
    ],
)
def test_wrong_orders_get_one_sentence(workspace: Workspace, changes: dict[str, Any], sentence: str) -> None:
    order = {"dataset": "digits", "graph": graph_of(NODES).document(), "node": "relu", **changes}
    with pytest.raises(StudioError, match=sentence) as refused:
        preview(str(workspace.folder), order)
    assert "\n" not in str(refused.value)


def test_every_node_of_the_first_network_of_each_dataset(workspace: Workspace, memory: Memory) -> None:
    import presets
    from studio import defaults

    for name in ("digits", "penguins", "languages", "concrete"):
        dataset = store.load(workspace, name)
        chosen = defaults.network(dataset.features, dataset.manifest.splits["train"])
        graph = presets.get(chosen.preset, **chosen.params).graph(features=dataset.features)
        for node in graph.nodes:
            found = look(workspace, graph, node, memory, dataset=name)
            assert found["values"] or found["picture"], (name, node)
            Order.model_validate({"dataset": name, "graph": graph.document(), "node": node})
