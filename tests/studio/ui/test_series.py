"""What the pages show of series: the truth beside samples, sequences without what fills them up, and how a file of one's own is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.datasets import store
from studio.datasets.builtin import SAMPLES
from studio.ui import dataset_view, prediction_form, series
from studio.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace(tmp_path_factory.mktemp("workspace"))
    for name in ("sunspots", "waveforms"):
        store.load(made, name)
    return made


def test_a_sample_tells_the_number_to_be_forecast(workspace: Workspace) -> None:
    samples = dataset_view.samples(workspace, "sunspots", limit=3)["samples"]
    target = [next(part for part in sample["parts"] if part["role"] == "target") for sample in samples]
    assert [sample["label"] for sample in samples] == [part["value"] for part in target]


def test_a_sequence_is_drawn_without_what_fills_it_up(workspace: Workspace, tmp_path: Path) -> None:
    dataset = store.load(workspace, "waveforms")
    sample = dataset_view.samples(workspace, "waveforms", limit=1)["samples"][0]
    (stored,) = (part for part in sample["parts"] if part["role"] == "input")
    given = series.of_row(dataset, sample["row"])
    assert given.values.shape == (48, 1)
    (drawn,) = given.drawn(dataset.target, None)
    assert stored["steps"] < 48
    assert (drawn["steps"], drawn["heights"], drawn["blank"]) == (stored["steps"], stored["heights"], stored["blank"])

    path = tmp_path / "waves.csv"
    path.write_text((SAMPLES / "waveforms.csv").read_text("utf-8"), "utf-8")
    given = series.of_file(path, dataset.features)
    assert given.notes == ["The file holds 180 sequences; this is the first one, 1."]
    assert given.drawn(dataset.target, None)[0]["steps"] == given.steps < 48


def test_the_page_says_how_a_file_holds_series(workspace: Workspace) -> None:
    forms = [prediction_form.series_form(store.load(workspace, name).features) for name in ("sunspots", "waveforms", "digits")]
    assert forms == ["forecast", "long", None]
