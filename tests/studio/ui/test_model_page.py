"""The Model page: the gallery, the network of a draft with its figures, and graphs as files."""

from __future__ import annotations

import json
import threading
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
from fastapi.testclient import TestClient

import blocks
import presets
from blocks.errors import InvalidValueError
from studio import defaults
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.recipe import PresetOrder
from studio.ui import network_view
from studio.ui.analyses import Analyses
from studio.workspace import StudioError, Workspace
from tests.studio.ui.made_engines import Here, Slow


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def digits(workspace: Workspace) -> Dataset:
    return store.load(workspace, "digits")


@pytest.fixture(scope="module")
def analyses() -> Analyses:
    return Analyses(Here())


@pytest.mark.parametrize(
    ("order", "family"),
    [
        (PresetOrder(preset="ResNet20"), ("ResNet", {})),
        (PresetOrder(preset="ResNet56", params={"shortcut": "projection"}), ("ResNet", {"depth": 56, "shortcut": "projection"})),
        (PresetOrder(preset="MLP", params={"units": [8]}), ("MLP", {"units": [8]})),
        (PresetOrder(preset="Nothing"), ("Nothing", {})),
    ],
)
def test_the_form_of_an_order(order: PresetOrder, family: tuple[str, dict[str, Any]]) -> None:
    assert network_view.family_of(order) == family


def test_the_network_that_the_data_choose(workspace: Workspace, analyses: Analyses) -> None:
    found = network_view.network(workspace, analyses, {}, 60)
    assert found["automatic"]
    chosen = defaults.network(store.load(workspace, "digits").features, 1258)
    family, params = network_view.family_of(chosen)
    assert found["preset"] == {"family": family, "params": params}
    assert found["analysis"]["weights"] > 0
    assert found["blocks"]["Conv2D"] == {"title": "Conv2D", "category": "convolution"}
    json.dumps(found, allow_nan=False)


def test_composites_are_told_with_what_is_inside(workspace: Workspace, analyses: Analyses) -> None:
    found = network_view.network(workspace, analyses, {"dataset": "digits", "graph": {"preset": "ResNet20"}}, 60)
    assert "stage1" in found["analysis"]["levels"]
    assert "Add" in found["blocks"]  # it stands inside only


def test_a_refused_parameter_is_said_at_its_field(workspace: Workspace, analyses: Analyses) -> None:
    found = network_view.network(workspace, analyses, {"dataset": "digits", "graph": {"preset": "ResNet", "params": {"depth": 21}}}, 60)
    assert found["graph"] is None
    assert found["preset"] == {"family": "ResNet", "params": {"depth": 21}}
    assert found["field_problems"]["depth"].startswith("Expected: one of '20'")
    assert "Received: 21." in found["field_problems"]["depth"]


def test_a_preset_that_does_not_fit_and_one_that_is_not_there(workspace: Workspace, analyses: Analyses) -> None:
    assert "takes texts" in network_view.network(workspace, analyses, {"dataset": "digits", "graph": {"preset": "TextLSTM"}}, 60)["problem"]
    assert "Did you mean 'LeNet5'" in network_view.network(workspace, analyses, {"dataset": "digits", "graph": {"preset": "LeNet"}}, 60)["problem"]


def test_a_graph_of_ones_own_with_problems_is_shown_all_the_same(workspace: Workspace, digits: Dataset, analyses: Analyses) -> None:
    graph = presets.get("LeNet5").graph(features=digits.features).with_node("conv2", params={"filters": 0})
    found = network_view.network(workspace, analyses, {"dataset": "digits", "graph": graph.document()}, 60)
    assert found["preset"] is None
    assert list(found["graph"]["nodes"]) == list(graph.nodes)
    assert [message["node"] for message in found["analysis"]["messages"] if message["severity"] == "error"] == ["conv2"]


def test_refused_fields_of_several_lines() -> None:
    error = InvalidValueError("A: invalid units. Expected: x. Received: 0.\nA: invalid rate. Expected: y. Received: 2.\nnothing to see")
    assert network_view.refused_fields(error) == {"units": "Expected: x. Received: 0.", "rate": "Expected: y. Received: 2."}
    assert network_view.refused_fields(StudioError("A: invalid units. No.")) == {}


def test_forms_leave_out_what_is_measured_on_data() -> None:
    forms = network_view.block_forms()
    assert set(forms) == set(blocks.all())
    assert "columns" not in {field["name"] for field in forms["Input"]["fields"]}
    assert {field["name"] for field in forms["Dense"]["fields"]} >= {"units", "activation"}


def test_forms_say_how_many_inputs_a_block_takes() -> None:
    forms = network_view.block_forms()
    assert [forms[name]["arity"] for name in ("Input", "Conv2D", "LSTM", "Add", "Dot")] == [[0, 0], [1, 1], [1, 3], [2, None], [2, 2]]


def test_every_choice_inside_a_field_has_its_form() -> None:
    forms, settings = network_view.block_forms(), network_view.setting_forms()
    for name, form in forms.items():
        for field in form["fields"]:
            if field["control"] == "setting":
                assert set(field["choices"]) <= set(settings[field["family"]]), f"{name}.{field['name']}"
            if field["control"] == "block":
                assert set(field["choices"]) <= set(forms), f"{name}.{field['name']}"
    assert {field["name"] for field in settings["regularizers"]["l2"]["fields"]} == {"l2"}


def test_the_library_is_loaded_at_once_and_small(client: TestClient) -> None:
    answer = client.get("/api/model/blocks")
    content = answer.json()
    assert set(content["blocks"]) == set(blocks.all())
    assert set(content["settings"]) == {"initializers", "regularizers", "constraints"}
    assert content["blocks"]["Conv2D"]["shapes"] == blocks.get("Conv2D").section("Shapes")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.num_bytes_downloaded < 100_000


def test_what_was_seen_before_is_not_asked_again(digits: Dataset) -> None:
    engine = Here()
    analyses = Analyses(engine, kept=2)
    graphs = [presets.get("MLP", units=[units]).graph(features=digits.features) for units in (4, 5, 6)]
    first = analyses.of(graphs[0], digits, 60)
    assert analyses.of(graphs[0].model_copy(update={"layout": {"dense1": (1.0, 2.0)}}), digits, 60) is first  # places on a canvas count for nothing
    assert engine.asked == 1
    for graph in graphs[1:]:
        analyses.of(graph, digits, 60)
    analyses.of(graphs[0], digits, 60)  # it had to make room
    assert engine.asked == 4


def test_an_answer_that_takes_long_is_waited_for_later(digits: Dataset) -> None:
    engine = Slow()
    analyses = Analyses(engine)
    graph = presets.get("MLP").graph(features=digits.features)
    assert analyses.of(graph, digits, 0.0) is None
    assert analyses.of(graph, digits, 0.0) is None
    assert len(engine.answers) == 1
    threading.Timer(0.1, engine.answers[0].set_result, ({"weights": 1},)).start()
    assert analyses.of(graph, digits, 30) == {"weights": 1}


def test_an_engine_that_breaks_is_asked_anew(digits: Dataset) -> None:
    engine = Slow()
    analyses = Analyses(engine)
    graph = presets.get("MLP").graph(features=digits.features)
    assert analyses.of(graph, digits, 0.0) is None
    engine.answers[0].set_exception(BrokenProcessPool())
    with pytest.raises(StudioError, match="could not be counted"):
        analyses.of(graph, digits, 1)
    assert analyses.of(graph, digits, 0.0) is None
    assert len(engine.answers) == 2


def test_a_graph_goes_out_and_comes_back(client: TestClient) -> None:
    made = client.post("/api/drafts", json={"recipe": {"dataset": "digits"}}).json()
    answer = client.get("/api/model/graph", params={"draft": made["id"]})
    assert answer.headers["content-disposition"].endswith('.json"')
    back = client.post("/api/graphs/read", params={"name": "mine.json"}, content=answer.content)
    assert back.json()["graph"] == answer.json()


def test_the_draft_of_a_network_that_cannot_be_made_has_no_file(client: TestClient) -> None:
    made = client.post("/api/drafts", json={"recipe": {"dataset": "digits", "graph": {"preset": "TextLSTM"}}}).json()
    answer = client.get("/api/model/graph", params={"draft": made["id"]})
    assert answer.status_code == 400
    assert "takes texts" in answer.json()["error"]
