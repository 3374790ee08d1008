"""What the Model page says of one layer: the current numbers, at every level, without Keras in the page's process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from blocks.errors import BlocksError
from studio import drafts
from studio.ui.analyses import Analyses
from studio.ui.explanation_view import explanation
from studio.workspace import Workspace
from tests.studio.ui.made_engines import Here, Slow

NODES: dict[str, Any] = {
    "image": {"block": "Input"},
    "conv1": {"block": "Conv2D", "params": {"filters": 6, "kernel_size": 3, "padding": "same"}, "inputs": ["image"]},
    "again": {"reuse": "conv1", "inputs": ["image"]},
    "both": {"block": "Add", "inputs": ["conv1", "again"]},
    "stage": {"block": "ResidualStage", "params": {"blocks": 2, "filters": 8, "strides": 2}, "inputs": ["both"]},
    "mine": {"block": "module:Mine", "inputs": ["stage"]},
    "flat": {"block": "Flatten", "inputs": ["mine"]},
    "label": {"block": "Output", "inputs": ["flat"]},
}
MODULES = {"Mine": {"nodes": {"point": {"block": "Conv2D", "params": {"filters": 4, "kernel_size": 1}, "inputs": ["@0"]}}, "outputs": ["point"]}}


def recipe(**changes: dict[str, Any]) -> dict[str, Any]:
    nodes = {name: {**node, **changes.get(name, {})} for name, node in NODES.items()}
    return {"dataset": "digits", "graph": {"format": "studio.graph/1", "nodes": nodes, "modules": MODULES}}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def analyses() -> Analyses:
    return Analyses(Here())


def lines(workspace: Workspace, analyses: Analyses, path: str, asked: dict[str, Any] | None = None) -> dict[str, str]:
    found = explanation(workspace, analyses, asked or recipe(), path, 60)
    assert (found["node"], found["counting"]) == (path, False)
    return {line["label"]: line["text"] for line in found["lines"]}


def test_a_layer_is_told_with_the_numbers_of_the_dataset(workspace: Workspace, analyses: Analyses) -> None:
    told = lines(workspace, analyses, "conv1")
    assert told["Shape"] == "8 x 8 x 1 -> 8 x 8 x 6"
    assert told["Height, width"] == "ceil(8 / 1) = 8"
    assert told["Weights"].endswith("* 6 = 60")
    assert told["Multiply-adds"].endswith("= 3,456")
    assert told["Receptive field so far"] == "3 x 3"


def test_other_parameters_give_other_numbers(workspace: Workspace, analyses: Analyses) -> None:
    told = lines(workspace, analyses, "conv1", recipe(conv1={"params": {"filters": 12, "kernel_size": 5, "padding": "valid"}}))
    assert told["Height, width"] == "floor((8 - 5) / 1) + 1 = 4"
    assert told["Weights"].endswith("* 12 = 312")


def test_the_output_has_the_units_of_the_dataset(workspace: Workspace, analyses: Analyses) -> None:
    assert lines(workspace, analyses, "label")["Weights"] == "(64 + 1) * 10 = 650"


def test_a_node_that_uses_the_weights_of_another_counts_none(workspace: Workspace, analyses: Analyses) -> None:
    told = lines(workspace, analyses, "again")
    assert told["Weights"] == "none"
    assert told["Multiply-adds"].endswith("= 3,456")


@pytest.mark.parametrize(
    ("path", "weights"),
    [("stage/block1/conv1", "= 432"), ("stage/block1/shortcut_conv", "= 48"), ("stage/block2/conv2", "= 576"), ("mine/point", "= 36")],
)
def test_nodes_inside_composites_are_told_too(workspace: Workspace, analyses: Analyses, path: str, weights: str) -> None:
    assert lines(workspace, analyses, path)["Weights"].endswith(weights)


def test_a_composite_is_told_with_its_totals_and_its_parts(workspace: Workspace, analyses: Analyses) -> None:
    found = explanation(workspace, analyses, recipe(), "stage", 60)
    told = {line["label"]: line["text"] for line in found["lines"]}
    assert told["Shape"] == "8 x 8 x 6 -> 4 x 4 x 8"
    assert [(part["id"], part["block"], list(part["output_shapes"][0])) for part in found["parts"]] == [
        ("block1", "Residual", [4, 4, 8]),
        ("block2", "Residual", [4, 4, 8]),
    ]
    assert told["Weights"] == f"{sum(part['weights'] for part in found['parts']):,}"
    inner = explanation(workspace, analyses, recipe(), "stage/block2", 60)
    assert [part["id"] for part in inner["parts"]] == ["conv1", "norm1", "relu1", "conv2", "norm2", "add", "relu2"]


def test_a_module_of_the_document_has_figures_and_parts(workspace: Workspace, analyses: Analyses) -> None:
    found = explanation(workspace, analyses, recipe(), "mine", 60)
    assert {line["label"]: line["text"] for line in found["lines"]}["Weights"] == "36"
    assert [(part["id"], part["block"]) for part in found["parts"]] == [("point", "Conv2D")]


@pytest.mark.parametrize("path", ["nothing", "conv1/inside", "stage/nothing", "stage/block9/conv1", "", "/", "../conv1"])
def test_a_node_that_is_not_there_has_no_lines(workspace: Workspace, analyses: Analyses, path: str) -> None:
    found = explanation(workspace, analyses, recipe(), path, 60)
    assert (found["lines"], found["parts"]) == ([], [])


def test_a_refused_parameter_leaves_no_figures(workspace: Workspace, analyses: Analyses) -> None:
    assert lines(workspace, analyses, "conv1", recipe(conv1={"params": {"filters": 0}})) == {}


def test_it_answers_out_of_what_the_engine_found_before(workspace: Workspace) -> None:
    engine = Here()
    analyses = Analyses(engine)
    for path in ("conv1", "stage", "stage/block1/conv1"):
        explanation(workspace, analyses, recipe(), path, 60)
    assert engine.asked == 1


def test_it_says_that_the_engine_is_still_counting(workspace: Workspace) -> None:
    assert explanation(workspace, Analyses(Slow()), recipe(), "conv1", 0.0) == {"node": "conv1", "counting": True, "lines": [], "parts": []}


def test_a_network_that_cannot_be_made_is_refused(workspace: Workspace, analyses: Analyses) -> None:
    with pytest.raises(BlocksError, match="takes texts"):
        explanation(workspace, analyses, {"dataset": "digits", "graph": {"preset": "TextLSTM"}}, "conv1", 1)


@pytest.mark.slow
def test_the_route_answers_for_a_draft_and_every_node_of_it(client: TestClient, app_workspace: Workspace) -> None:
    draft = drafts.create(app_workspace, {"dataset": "digits", "graph": {"preset": "ResNet20"}})
    network: dict[str, Any] = {"counting": True}
    while network["counting"]:
        network = client.post("/api/model/network", json={"dataset": "digits", "graph": {"preset": "ResNet20"}}).json()
    paths = list(network["analysis"]["nodes"])
    assert any("/" in path for path in paths)
    for path in paths:
        told = client.get("/api/model/explain", params={"draft": draft.id, "node": path}).json()
        figures = network["analysis"]["nodes"][path]
        by_label = {line["label"]: line["text"] for line in told["lines"]}
        assert by_label["Weights"].rpartition("= ")[2] == (f"{figures['weights']:,}" if figures["weights"] else "none"), path
        assert bool(told["parts"]) == (path in network["analysis"]["levels"]), path
    assert client.get("/api/model/explain", params={"draft": "nothing1", "node": "conv1"}).status_code == 404


@pytest.mark.slow
def test_the_process_of_the_page_stays_without_keras(tmp_path: Path) -> None:
    code = f"""
import sys
from studio.engine import Engine
from studio.ui.analyses import Analyses
from studio.ui.explanation_view import explanation
from studio.ui.pages.model import library
from studio.workspace import Workspace
if __name__ == "__main__":
    engine = Engine()
    found = explanation(Workspace({str(tmp_path)!r}), Analyses(engine), {{"dataset": "digits", "graph": {{"preset": "ResNet20"}}}}, "stage1", 120)
    engine.close()
    library()
    assert found["lines"] and found["parts"], found
    sys.exit(", ".join(name for name in ("keras", "tensorflow") if name in sys.modules) or 0)
"""
    script = tmp_path / "page.py"
    script.write_text(code, "utf-8")
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=180, check=False)
    assert ended.returncode == 0, ended.stderr[-800:]
