"""Series in time: what they become, and what odd ones lead to."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import add, builtin, load
from studio.datasets.errors import DatasetError
from studio.datasets.folds import with_fold
from studio.datasets.kinds.series import default_window
from studio.datasets.kinds.timing import period_of
from studio.datasets.manifest import Manifest
from studio.workspace import Workspace

Written = Callable[..., Path]


def wave(count: int) -> list[float]:
    """A period of about 19 steps on a rising line."""
    return [math.sin(place / 3) * 10 + place * 0.1 for place in range(count)]


def table(columns: dict[str, list[object]]) -> str:
    """A CSV."""
    return "\n".join([",".join(columns), *(",".join(str(cell) for cell in row) for row in zip(*columns.values(), strict=True))])


def days(count: int) -> list[object]:
    return [str(np.datetime64("2021-03-01") + place) for place in range(count)]


def forecast(workspace: Workspace, path: Path, target: str | None = None, **options: object) -> Manifest:
    return add(workspace, path, kind="forecast", target=target, options=options)


def test_windows_and_what_follows_them(workspace: Workspace, written: Written) -> None:
    values = wave(200)
    path = written(table({"day": days(200), "wind": [round(-value, 2) for value in values], "sky": ["blue", "grey"] * 100, "heat (°C)": values}))
    manifest = forecast(workspace, path, "heat (°C)", window=10, horizon=3)
    series, target = manifest.features
    assert (series.kind, series.shape, series.statistics["columns"]) == ("series", (10, 2), ["heat (°C)", "wind"])
    assert (target.name, target.kind, target.shape) == ("heat (°C)", "number", (3,))
    assert manifest.split_origin == "by time"
    assert manifest.reading["interval"] == "1 day"
    assert any("'sky'" in warning or "sky" in warning for warning in manifest.warnings)
    dataset = load(workspace, manifest.name)
    for split in ("train", "validation", "test"):
        windows, ahead = dataset.values("series", split), dataset.targets(split)
        assert windows.shape[1:] == (10, 2)
        assert ahead.shape == (len(windows), 3)
    assert dataset.values("series", "train")[4][:, 0] == pytest.approx(np.float32(values[4:14]))
    assert dataset.targets("train")[4] == pytest.approx(np.float32(values[14:17]))
    assert dataset.targets("test")[-1] == pytest.approx(np.float32(values[-3:]))
    assert dataset.values("series", None)[::-7].shape[1:] == (10, 2)


def test_no_target_lies_in_two_splits(workspace: Workspace, written: Written) -> None:
    manifest = forecast(workspace, written(table({"value": list(range(150)), "other": wave(150)})), "value", window=5, horizon=4)
    dataset = load(workspace, manifest.name)
    seen = {split: set(dataset.targets(split).reshape(-1).tolist()) for split in ("train", "validation", "test")}
    assert max(seen["train"]) < min(seen["validation"])
    assert max(seen["validation"]) < min(seen["test"])
    assert manifest.samples == 150 - 5 - 4 + 1 - 2 * 3, "windows that would reach over a border are left out"


def test_what_is_chosen_for_a_series(workspace: Workspace) -> None:
    manifest = builtin.add(workspace, "sunspots")
    series, target = manifest.features
    assert series.statistics["period"] == 11
    assert series.shape == (24, 1)
    assert sum(manifest.splits.values()) == manifest.samples == 309 - 24
    train = load(workspace, "sunspots").targets("train")
    assert series.statistics["mean"] == pytest.approx([train.mean()])
    assert series.statistics["standard_deviation"] == pytest.approx([train.std()])
    assert target.statistics["naive_mae"] == pytest.approx(16.807)


@pytest.mark.parametrize(("count", "period", "window"), [(309, 11, 24), (2000, 24, 48), (144, 12, 18), (60, None, 7), (1461, 365, 24), (12, None, 2)])
def test_windows_hold_two_periods_or_24_steps(count: int, period: int | None, window: int) -> None:
    assert default_window(count, period) == window


@pytest.mark.parametrize("period", [7, 12, 24])
def test_periods_are_found(period: int) -> None:
    rng = np.random.default_rng(period)
    places = np.arange(20 * period)
    assert period_of(np.sin(2 * np.pi * places / period) + 0.02 * places + rng.normal(0, 0.3, len(places))) == period
    assert period_of(rng.normal(size=300)) is None
    assert period_of(np.arange(100.0)) is None


def test_rows_come_in_the_order_of_time(workspace: Workspace, written: Written) -> None:
    order = np.random.default_rng(0).permutation(120).tolist()
    dates = days(120)
    manifest = forecast(workspace, written(table({"when": [dates[place] for place in order], "value": order})))
    assert load(workspace, manifest.name).targets().tolist() == list(range(manifest.features[0].shape[0] or 0, 120))


def test_gaps(workspace: Workspace, written: Written) -> None:
    values: list[object] = [float(place) for place in range(120)]
    values[50] = ""
    values[-2:] = ["", ""]
    other: list[object] = [place * 2 for place in range(120)]
    other[70] = "inf"
    manifest = forecast(workspace, written(table({"t": list(range(120)), "value": values, "other": other})), "value", window=6)
    dataset = load(workspace, manifest.name)
    assert 50 not in dataset.targets(), "a value that is missing is not measured against"
    assert dataset.targets().max() == 117
    assert dataset.values("series")[:, :, 0].max() == 116
    assert dataset.values("series")[40][-1] == pytest.approx([45, 90])
    assert np.isfinite(dataset.values("series")).all()
    text = " ".join(manifest.warnings)
    assert "2 rows at the beginning or end without a value of the target were left out." in text
    assert "Column 'value': 1 gap filled along straight lines." in text
    assert "Column 'other': 1 gap filled along straight lines." in text


def test_a_single_column(workspace: Workspace, written: Written) -> None:
    for name, content in (("named.csv", "value\n"), ("bare.txt", "")):
        manifest = forecast(workspace, written(content + "\n".join(f"{value:.3f}" for value in wave(90)), name))
        assert manifest.features[0].statistics["columns"] == ["value"]
        assert load(workspace, manifest.name).targets()[-1] == pytest.approx(round(wave(90)[-1], 3))


def test_several_targets(workspace: Workspace, written: Written) -> None:
    path = written(table({"t": list(range(100)), "a": wave(100), "b": list(range(100)), "c": [place % 4 for place in range(100)]}))
    manifest = forecast(workspace, path, "b, c", horizon=2)
    series, target = manifest.features
    assert series.statistics["columns"] == ["b", "c", "a"]
    assert (target.name, target.shape) == ("b, c", (2, 2))
    assert load(workspace, manifest.name).targets("test")[-1].tolist() == [[98, 2], [99, 3]]


def test_names_that_the_program_needs(workspace: Workspace, written: Written) -> None:
    path = written(table({"when": days(60), "row": wave(60), "split": [place % 5 for place in range(60)], "series": wave(60)[::-1]}))
    for target in ("row", "split", "series"):
        manifest = forecast(workspace, path, target)
        dataset = load(workspace, manifest.name)
        assert dataset.targets().shape == (manifest.samples,)
        assert dataset.values(manifest.features[0].name).shape == (manifest.samples, *manifest.features[0].shape)


def test_it_is_made_only_when_asked_for(workspace: Workspace, written: Written) -> None:
    path = written(table({"day": days(80), "value": wave(80), "other": wave(80)}))
    assert add(workspace, path).kind == "table-regression"


def test_no_folds_by_chance(workspace: Workspace) -> None:
    builtin.add(workspace, "sunspots")
    with pytest.raises(DatasetError, match="follows time, so it can't be cut into folds by chance"):
        with_fold(load(workspace, "sunspots"), 1, 5)


@pytest.mark.parametrize(
    ("columns", "target", "options", "message"),
    [
        ({"t": list(range(8)), "v": wave(8)}, None, {}, "has 8 steps; at least 12 are needed"),
        ({"t": list(range(50)), "v": [5] * 50}, None, {}, "no column of numbers that change"),
        ({"t": list(range(50)), "v": ["a", "b"] * 25}, None, {}, "no column of numbers that change"),
        ({"t": list(range(50)), "v": wave(50)}, "w", {}, "no column 'w'"),
        ({"t": list(range(50)), "v": wave(50), "w": ["a", "b"] * 25}, "w", {}, "holds no numbers; a forecast is of numbers"),
        ({"t": list(range(50)), "v": wave(50), "w": [1] * 50}, "w", {}, "has the same value in every row"),
        ({"day": [*days(25), *days(25)], "v": wave(50)}, None, {}, r"same time in several rows \(25 rows too many\)"),
        ({"t": list(range(60)), "v": ["", "", 1.5, "", "", 2] * 10, "w": wave(60)}, "v", {}, "only 20 of 60 rows have a value"),
        ({"t": list(range(60)), "v": wave(60)}, None, {"window": 70}, "60 steps are too few for a window of 70"),
        ({"t": list(range(60)), "v": wave(60)}, None, {"horizon": 30}, "a horizon of 30"),
        ({"t": list(range(60)), "v": wave(60)}, None, {"time": "u"}, "no column 'u' for the time"),
        ({"t": list(range(60)), "v": wave(60), "w": ["a", "b"] * 30}, None, {"time": "w"}, "can't say when"),
        ({"t": list(range(60)), "v": wave(60)}, None, {"horizon": 0}, "invalid horizon"),
    ],
)
def test_what_can_not_be_continued(
    workspace: Workspace, written: Written, columns: dict[str, list[object]], target: str | None, options: dict[str, object], message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        forecast(workspace, written(table(columns)), target, **options)
    assert not list(workspace.incoming.iterdir())
    assert not list(workspace.datasets.iterdir())
