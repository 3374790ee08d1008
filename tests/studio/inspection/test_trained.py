"""Weights of runs: at every node what the trained network computes, and how many fit where the graph is another one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blocks.graph import Graph
from studio import runs
from studio.datasets import store
from studio.evaluation.predict import Predictor
from studio.inspection import states
from studio.inspection.errors import PreviewError
from studio.inspection.memory import Memory
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.inspection.looking import look


def graph_of(run: Run) -> Graph:
    graph = run.recipe.graph
    assert isinstance(graph, Graph)
    return graph


def best(run: Run) -> dict[str, Any]:
    return {"run": run.id, "state": "best"}


@pytest.fixture
def every_run(digits_run: Run, pictures_run: Run, table_run: Run, text_run: Run, array_run: Run) -> list[Run]:
    return [digits_run, pictures_run, table_run, text_run, array_run]


def test_the_output_is_the_prediction(workspace: Workspace, memory: Memory, every_run: list[Run]) -> None:
    for run in every_run:
        name = run.recipe.dataset
        dataset = store.load(workspace, name)
        predictor = Predictor(run)
        row = int(dataset.rows("test")[3])
        stored = dataset.with_splits(np.where(np.arange(len(dataset)) == row, "test", "")).input("test")
        port = predictor.port
        raw = {port.names[key]: value for key, value in stored.items()} if isinstance(stored, dict) else {next(iter(port.names.values())): stored}
        expected = predictor.values(raw)["probabilities"][0]
        output = next(node for node, document in graph_of(run).nodes.items() if document.block == "Output")
        found = look(workspace, graph_of(run), output, memory, dataset=name, sample={"split": "test", "index": 3}, source=best(run))
        values = found["values"] if len(found["values"]) == len(expected) else [1 - found["values"][0], found["values"][0]]
        assert values == pytest.approx(expected.tolist(), abs=1e-4), name
        taken = found["weights_taken"]
        assert taken["taken"] == taken["of"] > 0, name
        assert taken["left"] == []
        assert found["answer"]["label"] == dataset.classes[int(expected.argmax())]


def test_a_number_is_told_in_its_unit(workspace: Workspace, memory: Memory, price_run: Run) -> None:
    dataset = store.load(workspace, "prices")
    found = look(workspace, graph_of(price_run), "out", memory, dataset="prices", source=best(price_run))
    record = dataset.columns("validation")
    expected = Predictor(price_run).rows([{name: column[0] if column[0] != "" else None for name, column in record.items()}]).predictions[0].value
    assert found["answer"]["value"] == pytest.approx(expected, rel=1e-3)
    assert abs(found["values"][0]) < 20
    fresh = look(workspace, graph_of(price_run), "out", memory, dataset="prices")
    assert fresh["answer"] is None


def test_the_runs_own_preparation_is_taken_over(workspace: Workspace, memory: Memory, pictures_run: Run) -> None:
    learned = Graph.load(pictures_run.front_path).nodes["standard"].params
    seen = look(workspace, graph_of(pictures_run), "rescaling", memory, dataset="pictures", source=best(pictures_run))
    standard = look(workspace, graph_of(pictures_run), "standard", memory, dataset="pictures", source=best(pictures_run))
    mean, variance = np.mean(learned["mean"]), np.mean(learned["variance"])
    expected = (seen["statistics"]["mean"] - mean) / np.sqrt(variance)
    assert standard["statistics"]["mean"] == pytest.approx(expected, abs=0.15)
    assert standard["kind"] == seen["kind"] == "picture"


def test_a_changed_graph_takes_what_fits(workspace: Workspace, memory: Memory, digits_run: Run) -> None:
    graph = graph_of(digits_run)
    other = graph.with_node("conv", params={"filters": 9, "activation": "relu"})
    found = look(workspace, other, "label", memory, source=best(digits_run))
    assert (found["weights_taken"]["taken"], found["weights_taken"]["of"]) == (1, 4)  # the bias of the Output
    assert found["weights_taken"]["left"] == ["conv/kernel", "conv/bias", "label/kernel"]
    renamed = Graph.model_validate_json(graph.to_json().replace('"conv"', '"other"'))
    found = look(workspace, renamed, "label", memory, source=best(digits_run))
    assert found["weights_taken"]["left"] == ["other/kernel", "other/bias"]
    assert look(workspace, renamed, "rescaling", memory, source=best(digits_run))["weights_taken"]["of"] == 0


def test_kept_values_of_one_state_are_not_those_of_another(workspace: Workspace, memory: Memory, digits_run: Run) -> None:
    graph = graph_of(digits_run)
    trained = look(workspace, graph, "conv", memory, source=best(digits_run))
    last = look(workspace, graph, "conv", memory, source={"run": digits_run.id, "state": "last"})
    fresh = look(workspace, graph, "conv", memory)
    assert last["computed"] == fresh["computed"] == 1  # what stands before has no weights
    assert len({repr(each["weights"]["statistics"]) for each in (trained, fresh)}) == 2
    assert look(workspace, graph, "conv", memory, source=best(digits_run)) | {"seconds": 0} == trained | {"seconds": 0, "computed": 0}


def test_a_state_that_is_saved_anew_is_read_anew(tmp_path: Path, workspace: Workspace, memory: Memory, digits_run: Run) -> None:
    from studio.networks import weights

    place = Workspace(tmp_path)
    shutil.copytree(digits_run.folder, place.runs / "copy")
    run = runs.get(place, "copy")
    before = look(place, graph_of(run), "conv", memory, source=best(run))
    arrays, meta = weights.load(run.checkpoints / "best.npz")
    weights.save(run.checkpoints / "best.npz", {**arrays, "network/conv/kernel": arrays["network/conv/kernel"] * 2}, meta)
    after = look(place, graph_of(run), "conv", memory, source=best(run))
    assert after["computed"] == 1
    assert after["kernels"]["statistics"]["maximum"] == pytest.approx(2 * before["kernels"]["statistics"]["maximum"])


def test_every_kept_state_is_offered_and_can_be_looked_at(tmp_path: Path, digits_run: Run, memory: Memory) -> None:
    place = Workspace(tmp_path)
    shutil.copytree(digits_run.folder, place.runs / "copy")
    run = runs.get(place, "copy")
    shutil.copy(run.checkpoints / "last.npz", run.checkpoints / "epoch-2.npz")
    found = states.sources(place, "digits")
    assert [each["state"] for each in found[0]["states"]] == ["best", "last", "epoch-2"]
    assert found[0]["run"] == "copy"
    assert found[0]["states"][1]["epoch"] == 3
    assert states.sources(place, "iris") == []
    kept = look(place, graph_of(run), "label", memory, source={"run": "copy", "state": "epoch-2"})
    assert kept["values"] == look(place, graph_of(run), "label", memory, source={"run": "copy", "state": "last"})["values"]


@pytest.mark.parametrize("state", ["first", "../../copy/checkpoints/best", "", "best.npz", "."])
def test_a_state_that_is_not_there(workspace: Workspace, memory: Memory, digits_run: Run, state: str) -> None:
    with pytest.raises(PreviewError, match=rf"The run {digits_run.id!r} has no saved state .* It has: best, last."):
        look(workspace, graph_of(digits_run), "conv", memory, source={"run": digits_run.id, "state": state})


def test_a_damaged_state_is_told(tmp_path: Path, digits_run: Run, memory: Memory) -> None:
    place = Workspace(tmp_path)
    shutil.copytree(digits_run.folder, place.runs / "copy")
    run = runs.get(place, "copy")
    whole = (run.checkpoints / "best.npz").read_bytes()
    (run.checkpoints / "best.npz").write_bytes(whole[: len(whole) // 2])
    (run.checkpoints / "last.npz").write_bytes(b"no zip at all")
    for state in ("best", "last"):
        with pytest.raises(PreviewError, match=f"The state '{state}' of 'copy' can't be read"):
            look(place, graph_of(run), "conv", memory, source={"run": "copy", "state": state})
    assert states.states_of(run)[0]["epoch"] is None
    (run.folder / "recipe.yaml").write_text("dataset: [", "utf-8")
    assert states.sources(place, "digits") == []
