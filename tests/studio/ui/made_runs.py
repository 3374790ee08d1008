"""Run folders made by hand, as a trainer would leave them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from studio import runs
from studio.recipe import Recipe
from studio.runs import Run, Status
from studio.workspace import Workspace, write_json

START = 1_790_000_000.0
GRAPH = {
    "format": "studio.graph/1",
    "name": "Small",
    "nodes": {
        "image": {"block": "Input", "params": {"feature": "image"}},
        "flat": {"block": "Flatten", "inputs": ["image"]},
        "dense": {"block": "Dense", "params": {"units": 16}, "inputs": ["flat"]},
        "label": {"block": "Output", "inputs": ["dense"]},
    },
}


def made_run(workspace: Workspace, *, status: str = "finished", losses: tuple[float, ...] = (1.0, 0.5, 0.6), **recipe: Any) -> Run:
    """A run of three epochs of 10 steps, 2 s each, whose validation loss takes the given values."""
    order = Recipe.read({"dataset": "digits", "graph": GRAPH, **recipe})
    run = runs.create(workspace, order, "Small")
    end = START + 2.0 * len(losses)
    facts = {"epoch": len(losses), "epochs": len(losses), "step": 10 * len(losses), "steps_per_epoch": 10}
    write_json(run.status_path, Status(status=status, name=order.name or run.id, started=START, heartbeat=end, **facts).model_dump(mode="json"))  # type: ignore[arg-type]
    points = []
    for epoch, loss in enumerate(losses, 1):
        for split, value in (("train", loss / 2), ("validation", loss)):
            points.append({"step": 10 * epoch, "epoch": epoch, "split": split, "name": "loss", "value": value, "time": START + 2 * epoch})
    lines(run.metrics_path, points)
    events = [{"event": "started", "time": START, "epoch": 0, "step": 0, "weights": 1234, "notes": []}]
    if status in ("finished", "stopped", "paused", "failed"):
        events.append({"event": status, "time": end, "epoch": 3, "step": 30, "reason": "The end."})
    lines(run.events_path, events)
    if status == "finished":
        write_json(run.results_path, {"validation": {"loss": min(losses), "accuracy": 0.9}, "test": {"loss": 0.55, "accuracy": 0.875}})
    for state in ("best", "last"):
        np.savez(run.checkpoints / f"{state}.npz", weights=np.zeros(10))
    return run


def lines(path: Path, values: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), "utf-8")
