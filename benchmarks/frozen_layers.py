"""Seconds per epoch of a new head, with the features of the frozen layers computed once and in each epoch: `python -m benchmarks.frozen_layers`."""

from __future__ import annotations

import itertools
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

import presets
from benchmarks.speed import data
from studio import jobs, runtime
from studio.datasets import store
from studio.recipe import Recipe
from studio.runs import Run
from studio.transfer import shortcut
from studio.workspace import Workspace

NETWORKS = ("ResNet20", "MobileNetV2_0_35")
EPOCHS, DATASET = 6, "resnet"


class Clock:
    """Processor and wall-clock seconds at the end of each epoch."""

    def __init__(self) -> None:
        self.ends: list[tuple[float, float]] = []

    def watch(self, monkey: pytest.MonkeyPatch) -> None:
        """Looks at every epoch that is trained from now on."""
        from studio.training.loop import Loop

        end_epoch = Loop._end_epoch

        def ended(loop: Loop) -> None:
            end_epoch(loop)
            self.ends.append((time.process_time(), time.perf_counter()))

        monkey.setattr(Loop, "_end_epoch", ended)

    def per_epoch(self) -> tuple[float, float]:
        """The usual seconds of an epoch, without the first, which compiles."""
        steps = [(later[0] - earlier[0], later[1] - earlier[1]) for earlier, later in itertools.pairwise(self.ends)]
        return statistics.median(step[0] for step in steps), statistics.median(step[1] for step in steps)


def trained(workspace: Workspace, network: str) -> tuple[Run, float]:
    """A run that trains the head alone, and the processor seconds of all of it."""
    from studio.training.trainer import train_folder

    graph = presets.get(network).graph(features=store.load(workspace, DATASET).features)
    training = {"epochs": EPOCHS, "early_stopping": False, "batch_size": 32, "steps_per_execution": 8}
    values = {"dataset": DATASET, "graph": graph.document(), "training": training, "transfer": {"train_last": 1}}
    run = jobs.order(workspace, Recipe.read(values), start=lambda _: None)
    began = time.process_time()
    train_folder(run.folder)
    assert run.status().status == "finished", run.status().reason
    return run, time.process_time() - began


def main() -> None:
    runtime.import_keras()
    largest = shortcut.LARGEST_BYTES
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkey:
        workspace = Workspace(folder)
        store.add(workspace, data.make(DATASET, Path(folder)) / "upload", name=DATASET)
        for name in NETWORKS:
            found: dict[str, Any] = {"network": name}
            processor, wall = {}, {}
            for way, limit in (("each epoch", 0), ("once", largest)):
                monkey.setattr(shortcut, "LARGEST_BYTES", limit)
                clock = Clock()
                with monkey.context() as inner:
                    clock.watch(inner)
                    run, whole = trained(workspace, name)
                processor[way], wall[way] = clock.per_epoch()
                figures = {
                    "cpu_seconds": processor[way],
                    "seconds": wall[way],
                    "cpu_seconds_in_all": whole,
                    "test_loss": run.results()["test"]["loss"],
                }
                found[way] = {key: round(value, 4) for key, value in figures.items()}
            ratios = {"cpu": processor["each epoch"] / processor["once"], "wall": wall["each epoch"] / wall["once"]}
            found["times_faster"] = {key: round(value, 1) for key, value in ratios.items()}
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
