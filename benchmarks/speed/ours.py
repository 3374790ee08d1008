"""The same workloads as recipes of the program, trained by its own trainer process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.speed import folder, lenet, resnet, table, text

GRAPHS: dict[str, tuple[dict[str, Any], int]] = {
    "lenet": ({"preset": "LeNet5", "params": {"form": "modern"}}, lenet.BATCH),
    "resnet": ({"preset": "ResNet20", "params": {"shortcut": "projection"}}, resnet.BATCH),
    "text": (
        {"preset": "TextLSTM", "params": {"bidirectional": False, "dropout": 0.0, "sequence_length": text.LENGTH, "split": "whitespace"}},
        text.BATCH,
    ),
    "folder": ({"preset": "LeNet5", "params": {"form": "modern"}}, folder.BATCH),
    "table": ({"preset": "MLP", "params": {"units": [128, 64]}}, table.BATCH),
}
"""Network and batch size of each workload: those of the scripts."""

IMPORTS: dict[str, dict[str, Any]] = {
    "text": {"target": "label", "kind": "text-classification", "options": {"split": "split", "text": "text"}},
    "table": {"target": "label", "kind": "table-classification", "options": {"split": "split"}},
}


class Ours:
    """One workload in a workspace of its own; the import happens once, before any clock runs."""

    def __init__(self, workload: str, data: Path, place: Path) -> None:
        from studio.datasets import store
        from studio.workspace import Workspace

        self.workload = workload
        self.workspace = Workspace(place / "workspace")
        upload = data / "upload.csv" if workload in IMPORTS else data / "upload"
        self.dataset = store.add(self.workspace, upload, name=workload, **IMPORTS.get(workload, {})).name

    def graph(self) -> dict[str, Any]:
        """The workload's network; pictures of varying size are brought to the size that the scripts take."""
        order, _ = GRAPHS[self.workload]
        if self.workload != "folder":
            return order
        import presets
        from studio.datasets import store

        features = store.load(self.workspace, self.dataset).features
        document = presets.get(order["preset"], **order["params"]).graph(features=features).model_dump(mode="json")
        document["nodes"]["resizing"]["params"] |= {"height": folder.SIDE, "width": folder.SIDE}
        return document

    def start(self, epochs: int, log: Path) -> tuple[subprocess.Popen[bytes], Path]:
        """Starts the trainer; returns its process and the file that tells of its epochs."""
        from studio import jobs

        batch = GRAPHS[self.workload][1]
        training = {"epochs": epochs, "batch_size": batch, "optimizer": "adam", "schedule": "constant", "early_stopping": False, "device": "cpu"}
        started: list[subprocess.Popen[bytes]] = []

        def start(run: Any) -> None:
            with log.open("wb") as output:
                started.append(subprocess.Popen([sys.executable, "-m", "studio.training", str(run.folder)], stdout=output, stderr=output))

        run = jobs.order(self.workspace, jobs.read_recipe({"dataset": self.dataset, "graph": self.graph(), "training": training}), start=start)
        return started[0], run.metrics_path


def epoch_of(line: dict[str, Any]) -> dict[str, Any] | None:
    """The end of an epoch, if a line of metrics.jsonl tells of one."""
    if line.get("split") == "validation" and line["name"] == "loss":
        return {"epoch": line["epoch"], "time": line["time"]}
    return None


def figures(metrics: Path) -> dict[str, Any]:
    """The last accuracy and the number of weights of a run, by its metrics file."""
    lines = [json.loads(line) for line in metrics.read_text("utf-8").splitlines()]
    accuracies = [line["value"] for line in lines if line["split"] == "validation" and line["name"] == "accuracy"]
    events = [json.loads(line) for line in (metrics.parent / "events.jsonl").read_text("utf-8").splitlines()]
    started = next(event for event in events if event["event"] == "started")
    return {"accuracy": accuracies[-1], "weights": started["weights"]}
