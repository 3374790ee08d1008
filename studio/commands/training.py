"""train, resume, stop, pause, runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from blocks.errors import BlocksError
from studio import jobs, runs
from studio.commands.output import (
    FAILED,
    JsonOption,
    WorkspaceOption,
    answering,
    open_workspace,
    print_json,
    print_table,
    progress_bar,
    refuse,
    short,
)
from studio.recipe import Recipe, with_settings
from studio.runs import Run, process
from studio.workspace import StudioError

INTERRUPTED = 130
"""What a shell gives for a command that was ended by Ctrl-C."""

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help='Name of the run, or "latest".')]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one value of the recipe, such as epochs=20 or optimizer.learning_rate=0.01."),
]


@answering
def train(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE_OR_DATASET", help="A recipe (.yaml) or the name of a dataset.")],
    settings: SetOption = None,
    name: Annotated[str, typer.Option(help="Name of the run.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a network, and wait for the end (Ctrl-C stops it and keeps what it has learned)."""
    place = open_workspace(workspace)
    values = jobs.read_recipe(recipe).document()
    if name:
        values["name"] = name
    ordered = Recipe.read(with_settings(values, settings or []))
    with process.started_ahead(place) as start:
        run = jobs.order(place, ordered, start)
    _follow(run, as_json)
    if _was_refused(run):
        reason = run.status().reason
        runs.discard(run)
        refuse(reason)
    _report(run, as_json)


@answering
def resume(run: RunArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Go on with a run that was stopped, paused or broken off, from its last saved state."""
    found = runs.get(open_workspace(workspace), run)
    process.resume(found)
    _follow(found, as_json)
    _report(found, as_json)


@answering
def stop(run: RunArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Stop a run; its best and its last state are kept."""
    _wish(run, workspace, as_json, lambda found: found.wish("stop"))


@answering
def pause(run: RunArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Pause a run: its exact state is saved and its process ends, so that memory and device are free."""
    _wish(run, workspace, as_json, lambda found: found.wish("pause"))


@answering
def list_runs(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the runs, the newest first."""
    found = [_row(run) for run in runs.all_runs(open_workspace(workspace))]
    if as_json:
        print_json({"runs": found})
        return
    rows = [
        (
            row["run"],
            row["status"],
            row["dataset"],
            row["network"],
            f"{row['epoch']}/{row['epochs']}",
            *(short(row["metrics"].get("validation", {}).get(key)) for key in ("loss", "accuracy", "mae")),
        )
        for row in found
    ]
    print_table(
        ("run", "status", "dataset", "network", "epoch", "val. loss", "val. accuracy", "val. MAE"),
        rows,
        "There is no run yet. Start one with: studio train digits",
    )


def _row(run: Run) -> dict[str, Any]:
    status = run.status()
    dataset, network = "", ""
    metrics: dict[str, Any] = {}
    with suppress(StudioError, BlocksError):  # a damaged file leaves its columns empty, and the other runs in sight
        dataset, network = run.recipe.dataset, getattr(run.recipe.graph, "name", "") or "network"
        metrics = run.results() or {"validation": run.latest()}
    return {
        "run": run.id, "folder": str(run.folder), "status": status.status, "dataset": dataset, "network": network, "epoch": status.epoch,
        "epochs": status.epochs, "metrics": metrics,
    }  # fmt: skip


def _wish(name: str, workspace: Path | None, as_json: bool, wish: Callable[[Run], None]) -> None:
    run = runs.get(open_workspace(workspace), name)
    if not run.status().is_alive:
        refuse(f"The run {run.id!r} is not under way (it is {run.status().status}).")
    wish(run)
    jobs.wait(run)
    status = run.status()
    print_json({"run": run.id, "status": status.status}) if as_json else print(status.reason or status.status)


def _follow(run: Run, as_json: bool) -> None:
    with progress_bar(as_json) as show:

        def watch(watched: Run) -> None:
            status = watched.status()
            total = max(1, status.epochs * status.steps_per_epoch)
            figures = "  ".join(f"{name} {short(value)}" for name, value in watched.latest().items())
            show(status.step / total, f"{run.id}  epoch {status.epoch}/{status.epochs}  {figures or status.reason}")

        try:
            jobs.wait(run, watch)
        except KeyboardInterrupt:
            run.wish("stop")
            try:
                jobs.wait(run)
            except KeyboardInterrupt:
                refuse(f"{run.id} stops after its present step, without this command; studio runs shows when.", INTERRUPTED)


def _was_refused(run: Run) -> bool:
    """Whether the trainer found the order wrong before its first step; what it could not foresee has a trace in the log."""
    began = any(event["event"] in ("started", "resumed") for event in run.events()[0])
    return run.status().status == "failed" and not began and "Traceback (most recent call last)" not in run.log_tail()


def _report(run: Run, as_json: bool) -> None:
    status, results = run.status(), run.results()
    if status.status in ("failed", "crashed"):
        refuse(f"{run.id}: {status.reason} (folder: {run.folder})", FAILED)
    if as_json:
        print_json({"run": run.id, "folder": str(run.folder), "status": status.status, "epochs": status.epoch, "metrics": results})
        return
    print(f"{run.id}: {status.reason or status.status}")
    names = sorted({name for figures in results.values() for name in figures}, key=lambda name: (name != "loss", name))
    print_table(("split", *names), [(split, *(short(figures.get(name)) for name in names)) for split, figures in results.items()], "")
    print(f"Next: studio evaluate {run.id}, studio export {run.id} --output my-model")
