"""Pairs of texts from the import to the export: a tiny network writes numbers in digits."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.commands.results import _show_predictions
from studio.datasets import store
from studio.evaluation.alignment import alignment
from studio.evaluation.evaluate import answered, evaluate
from studio.evaluation.opened import open_network
from studio.evaluation.predict import Predictor
from studio.evaluation.prediction import write_csv
from studio.evaluation.result import arrays_of
from studio.export.base import ExportError
from studio.export.service import export
from studio.inspection.samples import SampleOrder, chosen
from studio.recipe import Recipe
from studio.runs import Run
from studio.ui import dataset_view, evaluation_view, shown
from studio.ui.shown.written import pieces
from studio.workspace import Workspace
from tests.studio.trained import trained as by_recipe

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SMALL = {"preset": "Seq2SeqLuong", "params": {"units": 32, "embedding": 16, "dropout": 0.0}}


def spelled(number: int) -> str:
    return " ".join(NAMES[int(digit)] for digit in str(number))


def write_pairs(path: Path, numbers: range, header: tuple[str, ...] = ("words", "digits")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows((spelled(number), f"{number}") for number in numbers)
    return path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("seq2seq"))


@pytest.fixture(scope="module")
def run(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = write_pairs(tmp_path_factory.mktemp("pairs") / "numbers.csv", range(100, 520))
    store.add(workspace, path, target="digits", kind="seq2seq")
    return trained(workspace, {"epochs": 14, "batch_size": 32, "optimizer": {"name": "adam", "learning_rate": 0.01}})


def trained(workspace: Workspace, training: dict[str, Any], preset: dict[str, Any] = SMALL) -> Run:
    return by_recipe(workspace, {"dataset": "numbers", "graph": preset, "training": training})


def test_figures_of_written_texts_are_in_the_results(run: Run) -> None:
    for split, figures in run.results().items():
        assert set(figures) == {"loss", "token_accuracy", "exact_match", "character_error_rate", "bleu"}, split
    assert run.results()["test"]["exact_match"] > 0.6
    assert run.results()["test"]["character_error_rate"] < 0.2
    assert {point.name for point in run.metrics()[0]} == {"loss", "token_accuracy", "batch_loss", "learning_rate"}


def test_an_evaluation_measures_what_training_measured(run: Run) -> None:
    found = evaluate(run)
    assert found.metrics == pytest.approx(run.results()["test"], abs=1e-5)
    assert found.kind == "tokens"
    kept = arrays_of(run, "test", "best")
    assert kept is not None
    assert (kept["truth"] == kept["said"]).mean() == pytest.approx(found.metrics["exact_match"])
    rates = [example.scores["character_error_rate"] for example in found.examples]
    assert rates == sorted(rates, reverse=True)
    assert len(rates) == found.details["wrong"]
    told = answered(found)
    assert told["metrics"] == found.metrics
    json.dumps(told)


def test_beams_are_an_option_and_leave_what_is_kept(run: Run) -> None:
    kept = evaluate(run)
    searched = evaluate(run, beams=3)
    assert searched.metrics["loss"] == pytest.approx(kept.metrics["loss"])
    assert searched.metrics["exact_match"] >= kept.metrics["exact_match"] - 0.1
    from studio.evaluation.result import read

    assert read(run) == kept


def test_other_data_are_measured_with_the_vocabulary_of_the_run(run: Run, tmp_path: Path) -> None:
    path = write_pairs(tmp_path / "other.csv", range(520, 560))
    found = evaluate(run, data=path)
    assert found.samples == 40
    assert 0 <= found.metrics["exact_match"] <= 1
    assert "loss" in found.metrics


def test_texts_lines_and_tables_are_answered(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    predictor = Predictor(run)
    numbers = range(200, 210)
    table = write_pairs(tmp_path / "table.csv", numbers)
    lines = tmp_path / "lines.txt"
    lines.write_text("\n".join(map(spelled, numbers)) + "\n\n", "utf-8")
    by_text = [each.text for each in predictor.texts([spelled(number) for number in numbers]).predictions]
    assert [each.text for each in predictor.files([table]).predictions] == by_text
    of_lines = predictor.files([lines])
    assert [each.text for each in of_lines.predictions] == by_text
    assert of_lines.predictions[2].input == "lines.txt:3"
    assert all(0 <= each.answer()["probability"] <= 1 for each in of_lines.predictions)
    write_csv(tmp_path / "out.csv", of_lines.predictions)
    assert "text" in (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()[0]
    _show_predictions(of_lines, None)
    assert str(by_text[0]) in capsys.readouterr().out
    assert predictor.texts([""]).predictions[0].text is not None


def test_other_answers_and_where_the_attention_was(run: Run) -> None:
    predictor = Predictor(run)
    (found,) = predictor.explained([spelled(321)]).predictions
    told = found.whole()
    assert 1 < len(told["alternatives"]) <= 4
    shares = [other["probability"] for other in told["alternatives"]]
    assert all(share > 0 for share in shares)
    seen = told["alignment"]
    assert seen["source"] == ["three", "two", "one"]
    assert seen["said"] == [*str(found.text), ""][: len(seen["weights"])]
    weights = np.array(seen["weights"])
    assert weights.shape == (len(seen["said"]), 3)
    assert weights.sum(axis=1) == pytest.approx(1, abs=0.01)
    part = shown.of("tokens").told(predictor.opened.head.target, told, None)
    assert part is not None
    assert part["text"] == found.text
    assert all(other["text"] != found.text for other in part["alternatives"])
    assert alignment(predictor.model, " ".join(["one"] * 200), "1") is None or len(seen["source"]) <= 80


def test_the_export_takes_and_gives_texts(run: Run, tmp_path: Path) -> None:
    made = export(run, "saved_model", tmp_path / "model")
    assert made.max_abs_difference == 0
    assert made.samples_checked == 63
    done = subprocess.run(
        [sys.executable, str(tmp_path / "model" / "client.py"), spelled(123), spelled(456)], capture_output=True, text=True, check=True, timeout=300
    )
    said = [each.text for each in Predictor(run).texts([spelled(123), spelled(456)]).predictions]
    assert [line.split(" -> ")[1].split()[0] for line in done.stdout.splitlines()] == said
    with pytest.raises(ExportError, match="Export a SavedModel"):
        export(run, "keras", tmp_path / "keras")


def test_pages_show_texts_with_their_mistakes(run: Run, workspace: Workspace) -> None:
    page = dataset_view.samples(workspace, "numbers", "test", limit=5)
    assert (page["kind"], page["columns"]) == ("table", ["words", "digits"])
    assert all(sample["cells"][0] == spelled(int(sample["cells"][1])) for sample in page["samples"])
    details = dataset_view.details(workspace, "numbers")
    assert details["target"]["classes"] is None
    assert [each["name"] for each in details["figures"]["inputs"]] == ["words"]
    found = evaluate(run)
    view = evaluation_view.view(workspace, run, found, arrays_of(run, "test", "best"))
    for example in view["examples"]:
        assert [part["kind"] for part in example["given"]] == ["text"]
        assert example["said"]["kind"] == "difference"
        assert "".join(text for kind, text in example["said"]["pieces"] if kind != "wrong") == example["truth"]["text"]
    assert pieces("2024-05-31", "2024-06-31", by_words=False) == [("same", "2024-0"), ("missing", "5"), ("wrong", "6"), ("same", "-31")]
    assert pieces("K AE T", "K AH T S", by_words=True)[1:3] == [("missing", "AE"), ("wrong", "AH")]


def test_a_text_of_ones_own_can_be_looked_at_in_the_network(workspace: Workspace) -> None:
    features = store.load(workspace, "numbers").features
    sample = chosen(store.load(workspace, "numbers"), SampleOrder(text="one two"))
    assert sample.at("words").tolist() == ["one two"]
    assert sample.at("target_before").tolist() == [[1, 0, 0, 0]]
    assert features[1].shape == (4,)
    stored = chosen(store.load(workspace, "numbers"), SampleOrder(split="test", index=1))
    assert stored.at("target_before").shape == (1, 4)


@pytest.mark.parametrize("preset", ["Seq2SeqLSTM", "Seq2SeqBahdanau"])
def test_the_other_networks_learn_too(workspace: Workspace, run: Run, preset: str) -> None:
    found = trained(workspace, {"epochs": 2, "batch_size": 64}, {"preset": preset, "params": {"units": 16, "embedding": 8}})
    losses = [point.value for point in found.metrics()[0] if (point.split, point.name) == ("validation", "loss")]
    assert losses[-1] < losses[0]
    assert Predictor(found).texts(["one two"]).predictions[0].text is not None
    assert (alignment(Predictor(found).model, "one two", "12") is None) == (preset == "Seq2SeqLSTM")


def test_monitoring_a_figure_of_the_end_is_refused(workspace: Workspace, run: Run) -> None:
    from studio.recipe import RecipeError
    from studio.training.planning import plan

    with pytest.raises(RecipeError, match=r"invalid monitor. Expected: one of loss, token_accuracy. Received: 'exact_match'"):
        plan(workspace, Recipe.read({"dataset": "numbers", "training": {"monitor": "exact_match"}}))


def test_defaults(workspace: Workspace, run: Run) -> None:
    from studio.training.planning import plan

    planned = plan(workspace, Recipe.read({"dataset": "numbers"})).recipe
    assert isinstance(planned.training.optimizer, dict)
    assert (planned.training.optimizer["name"], planned.training.optimizer["learning_rate"]) == ("adam", 0.003)
    assert planned.training.loss == {"name": "token_crossentropy"}
    assert planned.training.metrics == tuple({"name": name} for name in ("token_accuracy", "exact_match", "character_error_rate", "bleu"))
    assert planned.graph is not None
    assert open_network(run).pens[0].length == 4
