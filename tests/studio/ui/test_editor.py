"""The canvas's edits as the page asks for them: each one step, answered with the draft, its network and what can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from blocks import Graph
from blocks.editing import EditError
from studio import drafts
from studio.drafts import StaleDraftError, UnknownDraftError
from studio.engine import Engine
from studio.library import modules
from studio.ui import editor
from studio.ui.api import edits
from studio.ui.context import Context
from studio.ui.launcher import Launcher
from studio.workspace import StudioError, Workspace
from tests.studio.ui.conftest import BASE
from tests.studio.ui.made_engines import Here, Slow

SHORT: dict[str, Any] = {
    "nodes": {
        "image": {"block": "Input"},
        "conv1": {"block": "Conv2D", "params": {"filters": 6}, "inputs": ["image"]},
        "stage": {"block": "Residual", "params": {"filters": 6}, "inputs": ["conv1"]},
        "flat": {"block": "Flatten", "inputs": ["stage"]},
        "label": {"block": "Output", "inputs": ["flat"]},
    },
}
GRAPH = Graph.model_validate(SHORT).document()
SET = {"do": "set", "nodes": ["conv1"], "params": {"filters": 8}}


def made(workspace: Workspace, engine: Engine, app: FastAPI) -> tuple[Context, FastAPI]:
    """The routes alone on an engine without a process, with the app's own answers to what is refused."""
    context = Context(workspace, Launcher(workspace, warm=False), engine=engine)
    alone = FastAPI()
    alone.include_router(edits.routes(context), prefix="/api")
    for kind, handler in app.exception_handlers.items():
        alone.add_exception_handler(kind, handler)
    return context, alone


@pytest.fixture(scope="module")
def context_and_routes(app: FastAPI, app_workspace: Workspace) -> Iterator[tuple[Context, FastAPI]]:
    context, alone = made(app_workspace, Slow(), app)
    yield context, alone
    context.close()


@pytest.fixture(scope="module")
def context(context_and_routes: tuple[Context, FastAPI]) -> Context:
    return context_and_routes[0]


@pytest.fixture(scope="module")
def client(context_and_routes: tuple[Context, FastAPI]) -> Iterator[TestClient]:
    with TestClient(context_and_routes[1], base_url=BASE) as client:
        yield client


@dataclass
class Editing:
    """A draft as one page sees it: every order names the revision of the answer before."""

    client: TestClient
    id: str
    revision: int = 1

    def ask(self, route: str, status: int = 200, **order: Any) -> Any:
        answer = self.client.post(f"/api/model/{route}", json={"draft": self.id, "revision": self.revision, **order})
        assert answer.status_code == status, answer.text
        found = answer.json()
        if status == 200 and "draft" in found:
            self.revision = found["draft"]["revision"]
        return found

    def edit(self, *edits: dict[str, Any], **order: Any) -> Any:
        return self.ask("edit", edits=list(edits), **order)

    @property
    def steps(self) -> dict[str, bool]:
        answer = self.client.get("/api/model/steps", params={"draft": self.id})
        assert answer.status_code == 200, answer.text
        found: dict[str, bool] = answer.json()
        return found


@pytest.fixture
def editing(client: TestClient, context: Context) -> Editing:
    return Editing(client, drafts.create(context.workspace, {"dataset": "digits", "graph": GRAPH, "training": {"epochs": 3}}).id)


def graph(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer["draft"]["recipe"]["graph"]
    return found


def filters(answer: dict[str, Any]) -> int:
    found: int = graph(answer)["nodes"]["conv1"]["params"]["filters"]
    return found


def test_an_edit_answers_with_the_draft_its_network_and_what_can_be_undone(editing: Editing) -> None:
    assert editing.steps == {"undo": False, "redo": False}
    answer = editing.edit({"do": "add", "block": "Dropout", "after": "conv1"}, selected=["conv1"])
    assert answer["draft"]["revision"] == 2
    assert answer["selected"] == ["dropout_1"]
    assert answer["steps"] == editing.steps == {"undo": True, "redo": False}
    assert answer["network"]["counting"] is True, "the engine has not answered yet; the page draws the network meanwhile"
    nodes = graph(answer)["nodes"]
    assert answer["network"]["graph"]["nodes"] == nodes
    assert nodes["stage"]["inputs"] == ["dropout_1"]
    assert answer["draft"]["recipe"]["training"] == {"epochs": 3}, "nothing else of the recipe is touched"


def test_undo_and_redo_bring_back_the_network_and_what_was_chosen(editing: Editing) -> None:
    first = editing.edit(SET, selected=["label"])
    editing.edit({"do": "remove", "nodes": ["stage"]}, selected=["stage"])
    undone = editing.ask("undo")
    assert (graph(undone), undone["selected"], undone["steps"]) == (graph(first), ["stage"], {"undo": True, "redo": True})
    undone = editing.ask("undo")
    assert graph(undone) == GRAPH
    assert (undone["selected"], undone["steps"]) == (["label"], {"undo": False, "redo": True})
    assert editing.ask("undo")["steps"] == {"undo": False, "redo": True}, "nothing is left to undo, and nothing happens"
    again = editing.ask("redo")
    assert (graph(again), again["selected"]) == (graph(first), ["conv1"])
    last = editing.ask("redo")
    assert "stage" not in graph(last)["nodes"]
    assert last["steps"] == {"undo": True, "redo": False}


def test_edits_sent_together_are_one_step_and_all_are_made_or_none(editing: Editing) -> None:
    editing.edit(SET, {"do": "rename", "node": "conv1", "name": "first"})
    assert graph(editing.ask("undo")) == GRAPH
    refused = editing.ask("edit", 400, edits=[SET, {"do": "remove", "nodes": ["nothing"]}])
    assert refused["error"] == "There is no node 'nothing' here."
    assert editing.steps == {"undo": False, "redo": True}
    assert filters(editing.edit({"do": "name", "name": "still"})) == 6


def test_what_is_typed_into_one_field_is_one_step(editing: Editing) -> None:
    for count in (1, 12, 128):
        editing.edit({"do": "set", "nodes": ["conv1"], "params": {"filters": count}}, key="conv1 filters 1")
    editing.edit({"do": "set", "nodes": ["conv1"], "params": {"filters": 5}}, key="conv1 filters 2")
    assert filters(editing.ask("undo")) == 128
    assert filters(editing.ask("undo")) == 6


def test_an_edit_that_changes_nothing_is_no_step(editing: Editing) -> None:
    changed = editing.edit(SET)
    same = editing.edit(SET)
    assert same["draft"]["revision"] == changed["draft"]["revision"]
    editing.ask("undo")
    assert editing.steps == {"undo": False, "redo": True}


def test_a_network_is_put_as_a_preset_a_graph_or_left_to_the_data(editing: Editing) -> None:
    answer = editing.ask("put", graph={"preset": "LeNet5", "params": {"padding": "same"}})
    assert graph(answer) == {"preset": "LeNet5", "params": {"padding": "same"}}
    assert answer["network"]["preset"]["family"] == "LeNet5"
    assert answer["selected"] == []
    answer = editing.ask("put", graph=None)
    assert "graph" not in answer["draft"]["recipe"]
    assert answer["network"]["automatic"] is True
    empty = editing.ask("put", graph={"format": "studio.graph/1", "nodes": {}})
    assert empty["network"]["graph"]["nodes"] == {}
    assert "graph" not in editing.ask("undo")["draft"]["recipe"]
    assert graph(editing.ask("undo"))["preset"] == "LeNet5"
    assert graph(editing.ask("undo")) == GRAPH


def test_the_first_edit_of_a_preset_writes_its_network_out_and_undo_makes_it_a_preset_again(editing: Editing) -> None:
    editing.ask("put", graph={"preset": "LeNet5", "params": {}})
    answer = editing.edit({"do": "name", "name": "mine"})
    assert graph(answer)["name"] == "mine"
    assert len(graph(answer)["nodes"]) > 8
    assert answer["network"]["preset"] is None
    undone = editing.ask("undo")
    assert graph(undone) == {"preset": "LeNet5", "params": {}}
    assert undone["network"]["preset"]["family"] == "LeNet5"


@pytest.mark.parametrize("value", [{"preset": 3}, {"nodes": []}, {"nodes": {"1a": {"block": "Dense"}}}, {"format": "studio.graph/9", "nodes": {}}])
def test_what_is_no_network_is_not_put(editing: Editing, value: dict[str, Any]) -> None:
    refused = editing.ask("put", 400, graph=value)
    assert refused["error"].startswith("recipe: ")
    assert editing.steps == {"undo": False, "redo": False}


@pytest.mark.parametrize("route", ["edit", "put", "undo", "redo"])
def test_an_order_for_an_older_revision_is_refused_and_shows_what_stands(editing: Editing, route: str) -> None:
    editing.edit(SET)
    editing.revision = 1
    refused = editing.ask(route, 409, **({"edits": [SET]} if route == "edit" else {"graph": None} if route == "put" else {}))
    assert "was changed elsewhere" in refused["error"]
    assert refused["current"]["revision"] == 2
    assert refused["current"]["recipe"]["graph"]["nodes"]["conv1"]["params"]["filters"] == 8
    assert editing.steps == {"undo": True, "redo": False}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"do": "explode"}, "That is no edit of a graph"),
        ({}, "That is no edit of a graph"),
        ({"do": "set", "nodes": []}, "nodes"),
        ({"do": "set", "nodes": ["conv1"], "values": {}}, "values"),
        ({"do": "set", "nodes": ["conv2"], "params": {}}, "There is no node 'conv2' here. Did you mean 'conv1'?"),
        ({"do": "add", "block": "Conv3"}, "There is no block named 'Conv3'. Did you mean"),
        ({"do": "add", "block": "Lambda"}, "There is no block named 'Lambda'."),
        ({"do": "connect", "source": "stage", "to": "conv1", "index": 0}, "That would make a circle: stage gets something from conv1 itself."),
        ({"do": "rename", "node": "conv1", "name": "../x"}, "name"),
        ({"do": "rename", "node": "conv1", "name": "label"}, "There is a node 'label' already."),
        ({"do": "paste", "clip": {"format": "studio.clip/2", "nodes": {}}}, "clip"),
        ({"do": "move", "positions": {"conv1": [1e9, 0]}}, "positions"),
        ({"do": "group", "nodes": ["image"]}, "image is an Input, which stands in the graph itself."),
    ],
)
def test_a_bad_edit_is_refused_with_a_sentence_and_nothing_is_changed(editing: Editing, asked: dict[str, Any], said: str) -> None:
    refused = editing.ask("edit", 400, edits=[asked])
    assert said in refused["error"]
    assert refused["error"].endswith((".", "?"))
    assert editing.steps == {"undo": False, "redo": False}
    assert editing.edit(SET)["draft"]["revision"] == 2


def test_a_parameter_out_of_range_is_taken_and_judged_by_the_analysis(editing: Editing) -> None:
    """What is typed halfway must not be lost; the findings say what is wrong with it."""
    assert filters(editing.edit({"do": "set", "nodes": ["conv1"], "params": {"filters": -1}})) == -1


def test_edits_of_what_is_no_network_are_not_tried(editing: Editing) -> None:
    assert "1 a" in editing.ask("try", 400, graph={"nodes": {"1 a": {"block": "Dense"}}}, edits=[SET])["error"]


def test_undo_brings_back_a_network_that_was_written_short(client: TestClient, context: Context) -> None:
    editing = Editing(client, drafts.create(context.workspace, {"dataset": "digits", "graph": SHORT}).id)
    editing.edit(SET)
    assert graph(editing.ask("undo")) == SHORT


def test_undo_brings_back_whole_numbers_as_they_were_written(client: TestClient, context: Context) -> None:
    whole = {**GRAPH, "layout": {"conv1": [8, 16]}}
    editing = Editing(client, drafts.create(context.workspace, {"dataset": "digits", "graph": whole}).id)
    editing.edit(SET)
    assert editing.ask("undo")["steps"] == {"undo": False, "redo": True}


@pytest.mark.parametrize("order", [{"edits": []}, {"edits": [{"do": "arrange"}] * 201}, {"edits": "x"}, {"edits": [SET], "key": "x" * 401}])
def test_an_order_of_another_form_is_refused(editing: Editing, order: dict[str, Any]) -> None:
    editing.ask("edit", 422, **order)
    assert editing.steps == {"undo": False, "redo": False}


def test_a_draft_that_is_not_there_is_refused(editing: Editing) -> None:
    editing.id = "ffffffff"
    orders: dict[str, dict[str, Any]] = {"edit": {"edits": [SET]}, "put": {"graph": None}, "undo": {}, "redo": {}, "copy": {"nodes": ["a"]}}
    for route, order in orders.items():
        assert "There is no draft" in editing.ask(route, 404, **order)["error"]
    assert editing.client.get("/api/model/steps", params={"draft": "../x"}).status_code == 404


def test_a_network_that_changed_without_a_step_has_nothing_to_undo(editing: Editing, context: Context) -> None:
    editing.edit(SET)
    other = {**GRAPH, "name": "from elsewhere"}
    editing.revision = drafts.change(context.workspace, editing.id, editing.revision, {"graph": other}).revision
    assert editing.steps == {"undo": False, "redo": False}
    assert graph(editing.ask("undo")) == other
    editing.edit(SET)
    assert graph(editing.ask("undo")) == other


def test_other_settings_may_change_between_steps(editing: Editing, context: Context) -> None:
    editing.edit(SET)
    editing.revision = drafts.change(context.workspace, editing.id, editing.revision, {"training.epochs": 9}).revision
    undone = editing.ask("undo")
    assert graph(undone) == GRAPH
    assert undone["draft"]["recipe"]["training"] == {"epochs": 9}


def test_a_page_process_started_later_undoes_what_was_done_before(editing: Editing, app: FastAPI, app_workspace: Workspace) -> None:
    editing.edit(SET)
    editing.edit({"do": "remove", "nodes": ["stage"]})
    editing.ask("undo")
    context, alone = made(Workspace(app_workspace.folder), Slow(), app)
    with TestClient(alone, base_url=BASE) as other:
        later = Editing(other, editing.id, editing.revision)
        assert later.steps == {"undo": True, "redo": True}
        assert "stage" not in graph(later.ask("redo"))["nodes"]
        later.ask("undo")
        assert graph(later.ask("undo")) == GRAPH
        editing.revision = later.revision
    context.close()
    assert editing.steps == {"undo": False, "redo": True}, "the process that was there first sees it too"
    assert filters(editing.ask("redo")) == 8


def test_nodes_are_copied_with_their_modules_and_put_into_another_draft(editing: Editing, client: TestClient, context: Context) -> None:
    editing.edit({"do": "group", "nodes": ["conv1", "stage"], "name": "Both"})
    clip = editing.ask("copy", nodes=["both_1"])
    assert clip["format"] == "studio.clip/1"
    assert list(clip["modules"]) == ["Both"]
    other = Editing(client, drafts.create(context.workspace, {"dataset": "digits", "graph": GRAPH}).id)
    pasted = other.edit({"do": "paste", "clip": clip, "after": "conv1"})
    assert pasted["selected"] == ["both_1"]
    assert graph(pasted)["nodes"]["both_1"]["inputs"] == ["conv1"]
    assert list(graph(pasted)["modules"]) == ["Both"]
    assert "There is no node" in editing.ask("copy", 400, nodes=["nothing"])["error"]


def test_edits_of_a_network_that_is_no_longer_the_drafts_are_tried_without_a_step(editing: Editing, context: Context) -> None:
    tried = editing.ask("try", graph=GRAPH, edits=[SET])
    assert tried["graph"]["nodes"]["conv1"]["params"]["filters"] == 8
    assert "There is no node" in editing.ask("try", 400, graph=GRAPH, edits=[{"do": "remove", "nodes": ["nothing"]}])["error"]
    assert editing.steps == {"undo": False, "redo": False}
    assert drafts.load(context.workspace, editing.id).revision == 1


def test_what_a_composite_consists_of_must_be_known_before_it_is_edited(editing: Editing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor, "KNOWN_SECONDS", 0.05)
    refused = editing.ask("edit", 400, edits=[{"do": "set", "nodes": ["stage/conv1"], "params": {"filters": 4}}])
    assert refused["error"].startswith("stage can't be edited from inside")


def test_an_edit_inside_a_composite_makes_a_module_in_the_same_step(app: FastAPI, app_workspace: Workspace) -> None:
    context, alone = made(app_workspace, Here(), app)
    with TestClient(alone, base_url=BASE) as client:
        editing = Editing(client, drafts.create(app_workspace, {"dataset": "digits", "graph": GRAPH}).id)
        answer = editing.edit({"do": "set", "nodes": ["stage/conv1"], "params": {"kernel_size": 5}})
        nodes = graph(answer)["nodes"]
        module = nodes["stage"]["block"].removeprefix("module:")
        assert graph(answer)["modules"][module]["nodes"]["conv1"]["params"]["kernel_size"] == 5
        assert answer["selected"] == ["stage/conv1"]
        assert not any(message["severity"] == "error" for message in answer["network"]["analysis"]["messages"])
        assert answer["network"]["analysis"]["nodes"]["stage/conv1"]["weights"] == 5 * 5 * 6 * 6
        assert graph(editing.ask("undo")) == GRAPH
        assert graph(editing.ask("redo")) == graph(answer)
    context.close()


def test_the_functions_refuse_as_the_routes_do(context: Context) -> None:
    draft = drafts.create(context.workspace, {"dataset": "digits", "graph": GRAPH})
    changed = editor.edit(context, draft.id, 1, [SET])
    assert changed.selected == ("conv1",)
    with pytest.raises(StaleDraftError, match="revision 2"):
        editor.edit(context, draft.id, 1, [SET])
    with pytest.raises(EditError, match="no edit of a graph"):
        editor.edit(context, draft.id, 2, [{"do": "nothing"}])
    with pytest.raises(StudioError):
        editor.put(context, draft.id, 2, {"preset": 3})
    with pytest.raises(UnknownDraftError):
        editor.undo(context, "ffff", 1)
    assert editor.steps(context, changed.draft) == {"undo": True, "redo": False}


def test_a_recipe_whose_network_can_not_be_read_says_so(client: TestClient, context: Context) -> None:
    editing = Editing(client, drafts.create(context.workspace, {"dataset": "digits", "graph": {"preset": "ResNet", "params": {"depth": 17}}}).id)
    assert editing.ask("edit", 400, edits=[SET])["error"].startswith("There is no network to change. ")
    mended = editing.ask("put", graph={"preset": "ResNet", "params": {"depth": 20}})
    assert graph(mended)["params"] == {"depth": 20}
    assert graph(editing.ask("undo"))["params"] == {"depth": 17}


def test_a_kept_module_comes_into_the_network_and_is_used_in_one_step(editing: Editing, context: Context) -> None:
    tower = {"nodes": {"c": {"block": "Conv2D", "params": {"filters": 4}, "inputs": ["@0"]}}, "outputs": ["c"]}
    other = {"nodes": {"r": {"block": "ReLU", "inputs": ["@0"]}}, "outputs": ["r"]}
    kept = modules.save(context.workspace, Graph.model_validate({"modules": {"Tower": tower}}), "Tower", "My tower")
    answer = editing.edit({"do": "add", "block": f"kept:{kept.name}", "after": "conv1"})
    found = graph(answer)
    (name,) = answer["selected"]
    assert found["nodes"][name]["block"] == "module:Tower"
    assert list(found["modules"]) == ["Tower"]
    again = graph(editing.edit({"do": "insert", "block": f"kept:{kept.name}", "to": "flat", "index": 0}))
    assert list(again["modules"]) == ["Tower"], "what the network has already is used again"
    assert graph(editing.ask("undo")) == found
    assert graph(editing.ask("undo")) == GRAPH
    modules.save(context.workspace, Graph.model_validate({"modules": {"Tower": other}}), "Tower", "Another")
    both = graph(
        editing.edit({"do": "add", "block": f"kept:{kept.name}", "after": "conv1"}, {"do": "add", "block": "kept:Another", "after": "conv1"})
    )
    assert list(both["modules"]) == ["Tower", "Tower_2"]
    missing = editing.ask("edit", 404, edits=[{"do": "add", "block": "kept:../../x", "after": "conv1"}])
    assert missing["error"] == "There is no kept module named '../../x'."
