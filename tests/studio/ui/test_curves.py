"""Curves for the browser: compact, thinned, and right after a file was cut off and written on."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.ui import curves


def write(path: Path, steps: range, start: float = 1e9, name: str = "loss", mode: str = "a") -> None:
    with path.open(mode) as file:
        for step in steps:
            line = {"step": step, "epoch": 1 + step // 100, "split": "train", "name": name, "value": 1 / (1 + step), "time": start + step / 100}
            file.write(json.dumps(line) + "\n")


def decoded(answer: dict[str, Any]) -> dict[str, tuple[list[int], list[float]]]:
    return {
        f"{group['split']}/{name}": (np.cumsum(group["step"]).tolist(), values)
        for group in answer["groups"]
        for name, values in zip(group["names"], group["values"], strict=True)
    }


def test_without_a_file_there_are_no_points(tmp_path: Path) -> None:
    assert curves.answer(tmp_path / "metrics.jsonl") == {"cursor": "", "reset": False, "groups": []}


def test_a_cursor_brings_only_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    write(path, range(1, 4))
    first = curves.answer(path)
    assert decoded(first) == {"train/loss": ([1, 2, 3], [0.5, 0.33333, 0.25])}
    assert curves.answer(path, first["cursor"])["groups"] == []
    write(path, range(4, 6))
    second = curves.answer(path, first["cursor"])
    assert decoded(second)["train/loss"][0] == [4, 5]
    assert not second["reset"]
    group = second["groups"][0]
    assert np.cumsum(group["time"]).tolist() == [30, 40]
    assert np.cumsum(group["epoch"]).tolist() == [1, 1]


def test_a_line_that_is_still_being_written_waits(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    write(path, range(1, 3))
    with path.open("a") as file:
        file.write('{"step": 3, "ep')
    first = curves.answer(path)
    assert decoded(first)["train/loss"][0] == [1, 2]
    with path.open("a") as file:
        file.write('och": 1, "split": "train", "name": "loss", "value": 2, "time": 1000000000}\n')
    assert decoded(curves.answer(path, first["cursor"]))["train/loss"] == ([3], [2.0])


def test_after_a_resume_everything_is_sent_anew(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    write(path, range(1, 50))
    cursor = curves.answer(path)["cursor"]
    write(path, range(1, 20), mode="w")
    shorter = curves.answer(path, cursor)
    assert shorter["reset"]
    assert decoded(shorter)["train/loss"][0] == list(range(1, 20))
    write(path, range(20, 90), start=2e9)  # longer than before: only the digest tells
    longer = curves.answer(path, cursor)
    assert longer["reset"]
    assert decoded(longer)["train/loss"][0] == list(range(1, 90))
    assert not curves.answer(path, longer["cursor"])["reset"]


@pytest.mark.parametrize("cursor", ["x", "-5.0", "12", "99999999999.00000000", "3.zzz"])
def test_any_other_cursor_starts_anew(tmp_path: Path, cursor: str) -> None:
    path = tmp_path / "metrics.jsonl"
    write(path, range(1, 4))
    assert decoded(curves.answer(path, cursor))["train/loss"][0] == [1, 2, 3]


def test_series_with_the_same_steps_share_their_axes(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    write(path, range(1, 4))
    write(path, range(1, 4), name="accuracy")
    write(path, range(3, 4), name="learning_rate")
    groups = curves.answer(path)["groups"]
    assert [group["names"] for group in groups] == [["loss", "accuracy"], ["learning_rate"]]


@pytest.mark.parametrize("count", [1, 20, 1000])
def test_a_poll_stays_in_its_budget_of_bytes(tmp_path: Path, count: int) -> None:
    path = tmp_path / "metrics.jsonl"
    write(path, range(1, 200_000, 97))
    cursor = curves.answer(path)["cursor"]
    write(path, range(200_000, 200_000 + count))
    write(path, range(200_000, 200_000 + count), name="learning_rate")
    content = json.dumps(curves.answer(path, cursor), separators=(",", ":")).encode()
    assert len(content) <= 3000 + 25 * 2 * count


def test_a_long_history_is_thinned_and_stays_in_its_budget(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    write(path, range(1, 100_001))
    answer = curves.answer(path)
    steps, _ = decoded(answer)["train/loss"]
    assert len(steps) == curves.POINTS
    assert (steps[0], steps[-1]) == (1, 100_000)
    assert len(json.dumps(answer)) <= 3000 + 25 * curves.POINTS


def reference(x: np.ndarray, y: np.ndarray, limit: int) -> list[int]:
    """Largest triangle three buckets, written as in the thesis, point by point."""
    edges = np.linspace(1, len(x) - 1, limit - 1).astype(int)
    kept = [0]
    for part in range(limit - 2):
        behind = range(edges[part + 1], edges[part + 2]) if part + 2 < len(edges) else range(len(x) - 1, len(x))
        mean_x, mean_y = float(np.mean(x[behind])), float(np.mean(y[behind]))
        before = kept[-1]

        def area(point: int, before: int = before, mean_x: float = mean_x, mean_y: float = mean_y) -> float:
            return abs((x[before] - mean_x) * (y[point] - y[before]) - (x[before] - x[point]) * (mean_y - y[before]))

        kept.append(max(range(edges[part], edges[part + 1]), key=area))
    return [*kept, len(x) - 1]


@pytest.mark.parametrize(("size", "limit"), [(500, 20), (1000, 333), (77, 60), (9, 4), (5, 3)])
def test_thinning_keeps_the_points_of_the_largest_triangles(size: int, limit: int) -> None:
    rng = np.random.default_rng(size)
    x = np.cumsum(rng.integers(1, 5, size)).astype(float)
    y = np.cumsum(rng.normal(size=size))
    kept = curves.thin(x, y, limit)
    assert kept.tolist() == reference(x, y, limit)
    assert len(set(kept.tolist())) == limit


def test_thinning_keeps_a_spike() -> None:
    y = np.zeros(50_000)
    y[31_234] = 5
    assert 31_234 in curves.thin(np.arange(50_000.0), y, 300)


def test_short_series_are_not_thinned() -> None:
    assert curves.thin(np.arange(3.0), np.zeros(3), 5).tolist() == [0, 1, 2]


def test_values_keep_five_digits(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1, "epoch": 1, "split": "train", "name": "loss", "value": 1.23456789e-7, "time": 5}\n')
    value = decoded(curves.answer(path))["train/loss"][1][0]
    assert math.isclose(value, 1.2346e-7)
