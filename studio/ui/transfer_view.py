"""What the Train page offers to begin with: the weights of runs, and those that a file has brought."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from blocks.errors import BlocksError
from studio import runs
from studio.networks import imported
from studio.workspace import StudioError, Workspace

MOST_RUNS = 200


def sources(workspace: Workspace, weights: str = "") -> dict[str, Any]:
    """The newest runs with saved weights, and the name of the file that the given weights came from.

    Args:
        weights: What the draft begins with, if that is no run.
    """
    found: list[dict[str, str]] = []
    for run in runs.all_runs(workspace):
        if len(found) == MOST_RUNS:
            break
        if not (run.checkpoints / "best.npz").is_file():
            continue
        with suppress(StudioError, BlocksError):  # a damaged run is not offered
            network = str(getattr(run.recipe.graph, "name", "") or "network").partition("(")[0].strip()
            found.append({"run": run.id, "network": network, "dataset": run.recipe.dataset})
    kept = None
    if weights:
        with suppress(StudioError):  # the line under the bar says what is wrong with them
            kept = imported.source_of(workspace, weights)
    return {"runs": found, "kept": kept}
