"""The spare trainer: one while somebody looks, none otherwise, and a cold start where it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio import drafts, runs
from studio.recipe import Recipe
from studio.ui import launcher
from studio.ui.launcher import Launcher
from studio.workspace import Workspace


class FakeSpare:
    """A spare that takes any run as long as it lives."""

    made: list[FakeSpare] = []

    def __init__(self, log: Path) -> None:
        self.log = log
        self.is_waiting = True
        self.taken: list[Any] = []
        self.prepared: list[str] = []
        self.closed = False
        FakeSpare.made.append(self)

    def take(self, run: Any) -> bool:
        if self.is_waiting:
            self.taken.append(run)
        return self.is_waiting

    def prepare(self, _: Workspace, recipe: Recipe) -> None:
        self.prepared.append(f"{recipe.dataset} {recipe.training.epochs}")

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    started: list[Any] = []
    FakeSpare.made = []
    monkeypatch.setattr(launcher, "Spare", FakeSpare)
    monkeypatch.setattr(launcher, "start", started.append)
    monkeypatch.setattr(launcher, "MEMORY_NEEDED_BYTES", 0)
    return started


@pytest.fixture
def visited(tmp_path: Path, cold: list[Any], monkeypatch: pytest.MonkeyPatch) -> Launcher:
    made = Launcher(Workspace(tmp_path))
    monkeypatch.setattr(made, "_watch", lambda: None)  # the test looks by itself
    made.visit()
    made.look()
    return made


def test_a_visit_prepares_one_spare_that_takes_the_next_run(visited: Launcher, cold: list[Any]) -> None:
    visited.look()
    assert len(FakeSpare.made) == 1
    visited.start("run")  # type: ignore[arg-type]
    assert FakeSpare.made[0].taken == ["run"]
    visited.start("next")  # type: ignore[arg-type]
    assert cold == ["next"]
    visited.look()
    assert len(FakeSpare.made) == 2


def test_the_draft_changed_last_is_made_ready_once_it_rests(visited: Launcher, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    prepared = FakeSpare.made[0].prepared
    draft = drafts.create(workspace, {"dataset": "iris", "training": {"epochs": 3}})
    visited.look()
    visited.look()
    assert prepared == ["iris 3"]
    draft = drafts.change(workspace, draft.id, draft.revision, {"training.epochs": 4})
    visited.look()  # it has just changed, and may change again
    drafts.change(workspace, draft.id, draft.revision, {"training.epochs": 5})
    visited.look()
    assert prepared == ["iris 3"]
    visited.look()
    visited.look()
    assert prepared == ["iris 3", "iris 5"]


@pytest.mark.parametrize("recipe", [{"dataset": "nowhere"}, {"dataset": "iris", "training": {"loss": "mse"}}])
def test_a_draft_that_cannot_be_trained_is_not_made_ready(visited: Launcher, tmp_path: Path, recipe: dict[str, Any]) -> None:
    drafts.create(Workspace(tmp_path), recipe)
    for _ in range(3):
        visited.look()
    assert FakeSpare.made[0].prepared == []


def test_nothing_is_made_ready_while_a_run_needs_the_processor(visited: Launcher, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    runs.create(workspace, Recipe.read({"dataset": "iris"}), "MLP")  # queued
    drafts.create(workspace, {"dataset": "iris"})
    for _ in range(3):
        visited.look()
    assert FakeSpare.made[0].prepared == []


def test_a_dead_spare_means_a_cold_start_and_is_not_made_for_ever(visited: Launcher, cold: list[Any]) -> None:
    FakeSpare.made[0].is_waiting = False
    visited.start("run")  # type: ignore[arg-type]
    assert cold == ["run"]
    for _ in range(10):
        visited.look()
        FakeSpare.made[-1].is_waiting = False
    assert len(FakeSpare.made) == 2 + launcher.DEATHS_ALLOWED


def test_nobody_looks_any_more(visited: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "IDLE_SECONDS", -1)
    visited.look()
    assert FakeSpare.made[0].closed
    visited.look()
    assert len(FakeSpare.made) == 1


def test_memory_is_short(visited: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "MEMORY_NEEDED_BYTES", 1 << 60)
    visited.look()
    assert FakeSpare.made[0].closed


def test_the_end_of_the_page_is_the_end_of_the_spare(visited: Launcher) -> None:
    visited.close()
    assert FakeSpare.made[0].closed
    visited.look()
    assert len(FakeSpare.made) == 1


def test_without_warmth_every_start_is_cold(tmp_path: Path, cold: list[Any]) -> None:
    made = Launcher(Workspace(tmp_path), warm=False)
    made.visit()
    made.start("run")  # type: ignore[arg-type]
    assert (FakeSpare.made, cold) == ([], ["run"])
