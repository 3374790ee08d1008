"""Networks for series: trained, measured, asked about files, exported, and seen on the pages."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blocks.graph import Graph
from studio.datasets import add, builtin, load
from studio.evaluation.errors import EvaluationError
from studio.evaluation.evaluate import evaluate
from studio.evaluation.predict import Predictor
from studio.evaluation.result import read
from studio.export.service import export
from studio.networks.arrays import adapt_front
from studio.networks.front import bound
from studio.runs import Run
from studio.ui import dataset_view, evaluation_view, prediction
from studio.workspace import Workspace
from tests.studio.trained import trained as by_recipe
from tests.studio.ui.trained.stand_in import StandInEngine


def trained(workspace: Workspace, dataset: str, **training: Any) -> Run:
    """A run with the network that the data choose."""
    return by_recipe(workspace, {"dataset": dataset, "training": {"steps_per_execution": 2, **training}})


@pytest.fixture(scope="module")
def sunspots(workspace: Workspace) -> Run:
    builtin.add(workspace, "sunspots")
    return trained(workspace, "sunspots", epochs=40)


@pytest.fixture(scope="module")
def weather_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two columns that repeat every week, and one beside them."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("series") / "weather.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "high", "low", "wind"])
        for place in range(160):
            week = math.sin(2 * math.pi * place / 7)
            values = 20 + 8 * week + rng.normal(), 5 + 4 * week + rng.normal(), rng.normal(3, 1)
            writer.writerow([str(np.datetime64("2022-01-01") + place), *(f"{value:.3f}" for value in values)])
    return path


@pytest.fixture(scope="module")
def weather(workspace: Workspace, weather_file: Path) -> Run:
    add(workspace, weather_file, kind="forecast", target="high, low", options={"horizon": 3, "window": 14})
    return trained(workspace, "weather", epochs=12)


@pytest.fixture(scope="module")
def waves(workspace: Workspace) -> Run:
    builtin.add(workspace, "waveforms")
    return trained(workspace, "waveforms", epochs=3)


def test_a_forecast_is_better_than_the_last_value(sunspots: Run, workspace: Workspace) -> None:
    figures = sunspots.results()
    assert set(figures["test"]) == {"loss", "mae", "rmse", "mase", "mae_naive"}
    dataset = load(workspace, "sunspots")
    windows, truth = dataset.values("series", "test"), dataset.targets("test")
    assert figures["test"]["mae_naive"] == pytest.approx(np.abs(windows[:, -1, 0] - truth).mean())
    assert figures["test"]["mae"] < 0.75 * figures["test"]["mae_naive"]
    assert figures["train"]["mase"] == pytest.approx(figures["train"]["mae"] / figures["train"]["mae_naive"], rel=1e-5)
    found = evaluate(sunspots)
    assert found.metrics == pytest.approx(figures["test"], rel=1e-4)


def test_series_and_target_are_in_one_measure(sunspots: Run, weather: Run, workspace: Workspace) -> None:
    for run in (sunspots, weather):
        dataset = load(workspace, run.recipe.dataset)
        whole = adapt_front(bound(run.recipe.graph, dataset.features), dataset)  # type: ignore[arg-type]
        kept = Graph.load(run.front_path).nodes["normalization"].params
        assert whole.nodes["normalization"].params == kept
        scale = Predictor(run).opened.head.scale
        assert scale is not None
        assert np.sqrt(kept["variance"])[: np.size(scale.scale)] == pytest.approx(np.atleast_1d(scale.scale), rel=1e-6)
        assert np.array(kept["mean"])[: np.size(scale.offset)] == pytest.approx(np.atleast_1d(scale.offset), rel=1e-6)


def test_the_end_of_a_file_is_continued(sunspots: Run, workspace: Workspace, tmp_path: Path) -> None:
    rows = (builtin.SAMPLES / "sunspots.csv").read_text().splitlines()
    whole = tmp_path / "all.csv"
    whole.write_text("\n".join(rows))
    backwards = tmp_path / "backwards.csv"
    backwards.write_text("\n".join([rows[0], *rows[:0:-1]]))
    ending = tmp_path / "ending.csv"
    ending.write_text("\n".join([rows[0], *rows[-30:-1], rows[-1], "2009,"]))
    predictor = Predictor(sunspots)
    values = [predictor.files([path]).predictions[0].value for path in (whole, backwards, ending)]
    window = np.array([float(row.split(",")[1]) for row in rows[-24:]], np.float32)[:, None]
    assert values == pytest.approx([predictor.array(window).predictions[0].value] * 3, rel=1e-5)
    short = tmp_path / "short.csv"
    short.write_text("\n".join(rows[:11]))
    with pytest.raises(EvaluationError, match=r"looks back 24 steps; the file has 10 rows"):
        predictor.files([short])
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(EvaluationError, match="has no column 'sunspots'"):
        predictor.files([other])
    text = tmp_path / "words.md"
    text.write_text("hello")
    with pytest.raises(EvaluationError, match="takes series"):
        predictor.files([text])


def test_several_steps_and_columns(weather: Run, weather_file: Path, workspace: Workspace) -> None:
    figures = weather.results()["test"]
    assert figures["mae"] < figures["mae_naive"]
    said = Predictor(weather).files([weather_file]).predictions[0].value
    assert np.shape(said) == (3, 2)
    elsewhere = evaluate(weather, data=weather_file)
    assert elsewhere.samples == 160 - 14 - 3 + 1
    assert {"mae", "mase", "mae_naive"} <= set(elsewhere.metrics)
    found = evaluate(weather)
    arrays = evaluation_view.arrays_of(weather, "test", "best")
    shown = evaluation_view.view(workspace, weather, found, arrays)
    assert [part["title"] for part in shown["charts"][:3]] == ["high", "low", ""]
    assert [line["name"] for line in shown["charts"][0]["lines"]] == ["truth", "ahead", "ahead"]
    by_step = shown["charts"][2]["lines"]
    assert [line["name"] for line in by_step] == ["network", "naive"]
    assert np.mean(by_step[0]["y"]) == pytest.approx(found.metrics["mae"], rel=1e-3)
    assert np.mean(by_step[1]["y"]) == pytest.approx(found.metrics["mae_naive"], rel=1e-3)
    assert all(part["about"] == "window" for part in shown["charts"][3:])
    assert shown["mistakes"] == shown["points"] == []


def test_sequences_of_a_file_get_their_classes(waves: Run, tmp_path: Path) -> None:
    predictor = Predictor(waves)
    said = predictor.files([builtin.SAMPLES / "waveforms.csv"]).predictions
    assert len(said) == 180
    assert [each.input for each in said[:2]] == ["waveforms.csv:1", "waveforms.csv:2"]
    rows = (builtin.SAMPLES / "waveforms.csv").read_text().splitlines()
    own = [row for row in rows[1:] if row.startswith("5,")]
    alone = tmp_path / "one.csv"
    alone.write_text("\n".join(["step,value", *(",".join(row.split(",")[1:3]) for row in own)]))
    one = predictor.files([alone]).predictions[0]
    assert one.label == said[4].label
    assert one.probabilities == pytest.approx(said[4].probabilities, abs=1e-5)
    found = evaluate(waves, data=builtin.SAMPLES / "waveforms.csv")
    assert (found.samples, found.classes) == (180, ["sine", "square", "triangle"])


@pytest.mark.parametrize("name", ["sunspots", "weather", "waves"])
def test_exports_agree_and_their_clients_run(name: str, request: pytest.FixtureRequest, tmp_path: Path, weather_file: Path) -> None:
    run: Run = request.getfixturevalue(name)
    found = export(run, "saved_model", tmp_path / "export")
    assert found.max_abs_difference is not None
    assert found.max_abs_difference <= 1e-5
    file = {"weather": weather_file, "sunspots": builtin.SAMPLES / "sunspots.csv"}.get(name)
    if file is None:
        rows = (builtin.SAMPLES / "waveforms.csv").read_text().splitlines()
        file = tmp_path / "one.csv"
        file.write_text("\n".join([rows[0], *(row for row in rows if row.startswith("5,"))]))
    ours = Predictor(run).files([file]).predictions[0]
    result = subprocess.run([sys.executable, str(tmp_path / "export" / "client.py"), str(file)], capture_output=True, text=True, check=True)
    told = result.stdout.removeprefix(str(file)).strip()
    if name == "waves":
        assert told.startswith(str(ours.label))
    else:
        assert np.array(json.loads(told)) == pytest.approx(np.array(ours.value), rel=1e-4)


def test_the_pages_draw_series(sunspots: Run, waves: Run, workspace: Workspace) -> None:
    details = dataset_view.details(workspace, "sunspots")
    (chart,) = details["overview"]
    assert [line["look"] for line in chart["lines"]] == ["train", "validation", "test"]
    assert (chart["lines"][0]["x"][0], chart["lines"][-1]["x"][-1]) == (1700, 2008)
    samples = dataset_view.samples(workspace, "sunspots", limit=2)["samples"]
    assert [sample["parts"][0]["caption"] for sample in samples] == ["1724", "1725"]
    assert dataset_view.details(workspace, "waveforms")["overview"] == []
    part = dataset_view.samples(workspace, "waveforms", limit=1)["samples"][0]["parts"][0]
    assert (part["kind"], part["caption"]) == ("series", "sequence 1")
    assert len(part["heights"][0]) == part["steps"] < 48
    found = read(sunspots) or evaluate(sunspots)
    shown = evaluation_view.view(workspace, sunspots, found, evaluation_view.arrays_of(sunspots, "test", "best"))
    assert [line["name"] for line in shown["charts"][0]["lines"]] == ["truth", "said"]


def test_the_predict_page_draws_what_is_said(sunspots: Run, waves: Run, workspace: Workspace) -> None:
    row = int(load(workspace, "sunspots").rows("test")[0])
    engine: Any = StandInEngine({"predict": {"predictions": [{"input": "sample", "value": 50.0}]}})
    found = prediction.predict(workspace, engine, sunspots, prediction.Question(row=row))
    assert np.shape(engine.asked[0][1][1]["array"]) == (1, 24, 1)
    (chart,) = found["drawn"]
    assert [line["name"] for line in chart["lines"]] == ["past", "truth", "said"]
    assert chart["lines"][2]["y"][-1] == 50
    assert found["truth"] == pytest.approx(load(workspace, "sunspots").targets("test")[0])
    engine = StandInEngine({"predict": {"predictions": [{"input": "sample", "label": "sine", "probabilities": {"sine": 1.0, "square": 0.0}}]}})
    found = prediction.predict(workspace, engine, waves, prediction.Question(row=1))
    assert (found["label"], found["truth"], found["drawn"][0]["kind"]) == ("sine", "square", "series")
