"""Sequences of steps, each of a class."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import add, builtin, load, synthetic_waveforms
from studio.datasets.errors import DatasetError
from studio.datasets.manifest import Manifest
from studio.workspace import Workspace

Written = Callable[..., Path]
KIND = "sequence-classification"


def sequences(workspace: Workspace, path: Path, target: str | None = None, **options: object) -> Manifest:
    return add(workspace, path, kind=KIND, target=target, options=options)


def long(count: int = 20, steps: int = 5, further: Callable[[int, int], str] | None = None, head: str = "trial,t,x,label") -> str:
    """A row per step; every second sequence is of class b."""
    rows = further or (lambda number, step: f"{number},{step},{(number * 7 + step * 3) % 11},{'ab'[number % 2]}")
    return "\n".join([head, *(rows(number, step) for number in range(count) for step in range(steps))])


def arrays(**named: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez(out, **named)  # type: ignore[arg-type]
    return out.getvalue()


def test_a_row_per_step(workspace: Workspace, written: Written) -> None:
    lines = long().split("\n")
    shuffled = [lines[0], *np.random.default_rng(0).permutation(lines[1:]).tolist()]
    manifest = sequences(workspace, written("\n".join(shuffled)))
    series, target = manifest.features
    assert (series.shape, series.statistics["columns"], series.statistics["sequence"]) == ((5, 1), ["x"], "trial")
    assert (target.name, target.classes, manifest.samples) == ("label", ("a", "b"), 20)
    dataset = load(workspace, manifest.name)
    values, names = dataset.values("series"), dataset.table(["sequence", "label"])
    for place, (name, label) in enumerate(names.itertuples(index=False)):
        number = int(name)
        assert values[place, :, 0].tolist() == [(number * 7 + step * 3) % 11 for step in range(5)]
        assert label == "ab"[number % 2]


def test_lengths_vary(workspace: Workspace) -> None:
    manifest = builtin.add(workspace, "waveforms")
    series = manifest.features[0]
    assert series.shape == (48, 1)
    assert (series.statistics["minimum_steps"], series.statistics["maximum_steps"]) == (32, 48)
    dataset = load(workspace, "waveforms")
    values = dataset.values("series", "train")
    short = values[np.argmin([np.ptp(one[:8]) for one in values])]
    assert short[0, 0] == pytest.approx(series.statistics["mean"][0], abs=1e-6), "the mean stands before a short sequence"
    assert manifest.splits == {"train": 126, "validation": 27, "test": 27}


def test_the_built_in_set_is_what_its_module_makes() -> None:
    assert (builtin.SAMPLES / "waveforms.csv").read_text("utf-8") == synthetic_waveforms.table()


def test_longer_ones_are_cut(workspace: Workspace, written: Written) -> None:
    manifest = sequences(workspace, written(long(steps=9)), window=4)
    assert manifest.features[0].shape == (4, 1)
    assert "20 sequences longer than 4 steps are cut off there" in " ".join(manifest.warnings)
    assert load(workspace, manifest.name).values("series")[0, :, 0].tolist() == [0, 3, 6, 9]


def test_a_row_per_sequence(workspace: Workspace, written: Written) -> None:
    head = ",".join(["y_2", "y_1", *(f"x_{step}" for step in (1, 2)), "form"])
    rows = [f"{number + 2},{number + 1},{number * 3},{number * 3 + 1},{'ab'[number % 2]}" for number in range(30)]
    rows[7] = "9,8,21,,b"
    manifest = sequences(workspace, written("\n".join([head, *rows])), "form")
    series = manifest.features[0]
    assert (series.shape, series.statistics["columns"], series.statistics["cells"]) == ((2, 2), ["y", "x"], [["y_1", "y_2"], ["x_1", "x_2"]])
    values = load(workspace, manifest.name).values("series")
    assert values[4].tolist() == [[5, 12], [6, 13]]
    assert values[7].tolist() == [[8, 21], [9, 21]], "a gap at the end is filled with the last value"


def test_arrays(workspace: Workspace, written: Written) -> None:
    x = np.random.default_rng(0).normal(size=(30, 12, 2)).astype(np.float32)
    x[3, 5:] = np.nan
    manifest = sequences(workspace, written(arrays(x=x, y=np.arange(30) % 3), "a.npz"))
    assert manifest.features[0].shape == (12, 2)
    assert manifest.classes == ("0", "1", "2")
    values = load(workspace, manifest.name).values("series")
    assert values[0] == pytest.approx(x[0])
    assert values[3, 7:] == pytest.approx(x[3, :5])
    assert add(workspace, written(arrays(x=np.nan_to_num(x), y=np.arange(30) % 3), "b.npz")).kind == "arrays"


def test_given_splits_and_groups(workspace: Workspace, written: Written) -> None:
    def rows(number: int, step: int) -> str:
        return f"{number},s{number // 4},{step},{(number + step * 2) % 7},{'ab'[number % 2]},{'test' if number >= 15 else 'train'}"

    path = written(long(24, 4, rows, "trial,subject,t,x,label,split"))
    manifest = sequences(workspace, path)
    assert manifest.split_origin == "partly given"
    assert manifest.splits["test"] == 9
    grouped = sequences(workspace, written(long(24, 4, rows, "trial,subject,t,x,label,part")), "label", group="subject", sequence="trial")
    frame = load(workspace, grouped.name).table(["sequence", "split"])
    subjects: dict[int, set[str]] = {}
    for name, split in frame.itertuples(index=False):
        subjects.setdefault(int(name) // 4, set()).add(split)
    assert all(len(splits) == 1 for splits in subjects.values())


@pytest.mark.parametrize(
    ("content", "target", "message"),
    [
        ("a,b\n1,2\n2,3\n3,4\n", None, "these are no classes|not for classes"),
        (long(further=lambda number, step: f"{number},{step},{number + step},{'ab'[step % 2]}"), "label", r"changes within 20 sequences \(0, 1, 2"),
        (long(further=lambda number, step: f"{number},{step},,{'ab'[number % 2]}"), None, "no column of numbers that change"),
        (long(further=lambda number, step: f"{number},{step},{number + step},a"), None, "no class to learn"),
        ("x,label\n" + "\n".join(f"{number / 3:.2f},{'ab'[number % 2]}" for number in range(30)), "label", "a row with 1 number is no sequence"),
    ],
)
def test_what_is_no_sequence(workspace: Workspace, written: Written, content: str, target: str | None, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        sequences(workspace, written(content), target)
    assert not list(workspace.incoming.iterdir())


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"x": np.zeros((9, 3, 2, 2)), "y": np.arange(9) % 2}, "Received: \\(9, 3, 2, 2\\)"),
        ({"x": np.zeros((30, 4)), "y": np.linspace(0, 1, 30)}, "the targets are numbers, not classes"),
        ({"x": np.zeros((30, 4)), "y": np.zeros(30)}, "every sample has the same class"),
    ],
)
def test_odd_arrays(workspace: Workspace, written: Written, named: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        sequences(workspace, written(arrays(**named), "a.npz"))


def test_what_is_left_out_is_named(workspace: Workspace, written: Written) -> None:
    def rows(number: int, step: int) -> str:
        return f"{number},{step},{'' if number == 3 else number * step % 5},{'' if number == 4 else 'ab'[number % 2]}"

    manifest = sequences(workspace, written(long(further=rows)), "label")
    assert manifest.samples == 18
    assert manifest.warnings[:2] == ["Left out 1 sequence (it holds no value): 3.", "Left out 1 sequence (it has no label): 4."]
