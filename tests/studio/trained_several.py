"""Runs on pictures with several labels, on pictures with columns, and on tables with several targets; trained once per session."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from studio.datasets import store
from studio.datasets.builtin import SAMPLES
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.trained import trained


def train_preset(workspace: Workspace, dataset: str, preset: str, params: dict[str, object], **training: object) -> Run:
    """Trains a preset in this process."""
    values = {
        "dataset": dataset,
        "graph": {"preset": preset, "params": params},
        "training": {"epochs": 3, "steps_per_execution": 2, **training},
    }
    return trained(workspace, values)


@pytest.fixture(scope="session")
def labels_run(workspace: Workspace) -> Run:
    """Pictures with any of four labels."""
    return train_preset(workspace, "objects", "SimpleCNN", {"filters": 4, "augmentation": "none"}, epochs=8)


@pytest.fixture(scope="session")
def gauges_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the gauges: dials/NNN.png and gauges.csv."""
    folder = tmp_path_factory.mktemp("gauges")
    with zipfile.ZipFile(SAMPLES / "gauges.zip") as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def gauges_run(workspace: Workspace) -> Run:
    """Pictures with a number and a category beside them."""
    return train_preset(workspace, "gauges", "ImageAndTable", {"filters": 4, "image_units": 16, "units": [8], "fusion_units": 16})


def people(count: int = 200) -> str:
    """A table with a class and a number to predict, of which some are missing."""
    lines = ["length,colour,size,weight"]
    for number in range(count):
        length = (number * 37 % 90) / 10
        size = "" if number % 11 == 3 else "long" if length > 4.5 else "short"
        weight = "" if number % 7 == 2 else f"{2 * length + 3 * (number % 3 == 0):.2f}"
        lines.append(f"{length},{'rgb'[number % 3]},{size},{weight}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def people_run(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A class and a number from the same columns."""
    path = tmp_path_factory.mktemp("people") / "several.csv"
    path.write_text(people(), "utf-8")
    store.add(workspace, path, target="size,weight")
    return train_preset(workspace, "several", "MultiTask", {"units": [16], "task_units": 8}, epochs=20, batch_size=16)
