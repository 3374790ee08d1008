"""One run, from its recipe to its figures."""

from __future__ import annotations

import math
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from blocks.graph import Graph
from studio import runtime
from studio.networks import weights
from studio.recipe import Recipe
from studio.runs.run import Run
from studio.runs.writer import RunWriter
from studio.settings import schedules
from studio.training import prepare, ready, state
from studio.training.device import acquire
from studio.training.loop import Ending, Loop, evaluation_batch
from studio.training.planning import learning_rates
from studio.training.ready import Ready
from studio.training.script import write_script
from studio.training.spelled import spelled
from studio.training.state import Progress
from studio.training.watch import Watch
from studio.workspace import StudioError, Workspace, full_disk, write_json, write_text

if TYPE_CHECKING:
    import numpy as np

FULL = "The disk is full. Make room where the workspace is, then resume: training goes on from the last saved state."
MEMORY_ADVICE = "Try a smaller batch, smaller pictures, or a network with fewer weights."


def train_folder(folder: Path, made: Ready | None = None) -> None:
    """Trains the run of a folder, or goes on with it, and writes all that happens into the folder.

    Args:
        made: What this process made ready ahead; used if it is for this recipe.
    """
    run = Run(folder)
    workspace = Workspace(folder.parent.parent)
    with RunWriter(run) as writer:
        try:
            ending, reason = _train(workspace, run, writer, made)
        except InterruptedError:
            ending, reason = "stopped", "Stopped while waiting for the device."
        except StudioError as error:
            ending, reason = "failed", str(error)
        except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it was, the run must say so
            import traceback

            writer.make_room()
            traceback.print_exc()
            ending, reason = "failed", explained(error)
        writer.make_room()
        writer.end(ending, reason)


def explained(error: Exception) -> str:
    """An unexpected error in one sentence."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return f"Out of memory. {MEMORY_ADVICE} ({first[:200]})"
    if full_disk(error):
        return FULL
    return f"{type(error).__name__}: {first[:300]} The full trace is in the log."


def _train(workspace: Workspace, run: Run, writer: RunWriter, made: Ready | None) -> tuple[Ending, str]:
    runtime.import_keras()
    import tensorflow as tf

    from blocks.errors import BlocksError

    def waiting(device: str) -> bool:
        writer.update(reason=f"Waiting for {device.upper()}, which another run is using.")
        return writer.take_wish() not in ("stop", "pause")

    recipe = run.recipe
    name, lock = acquire(workspace, recipe.training.device, waiting)
    try:
        writer.update(status="running", reason="")
        try:
            resuming = (run.checkpoints / "last.npz").exists()
            ahead = made is not None and not resuming and made.serves(workspace, recipe)
            if made is None or not ahead:
                made = _made(workspace, run, recipe, name, resuming)
            with tf.device(made.device.place):
                return _run(run, writer, made, "resumed" if resuming else "started", ahead)
        except BlocksError as error:
            raise StudioError(str(error)) from error
    finally:
        lock.release()


def _made(workspace: Workspace, run: Run, recipe: Recipe, device: str, resuming: bool) -> Ready:
    if not resuming:
        return ready.make(workspace, recipe, device)
    return ready.make(workspace, recipe, device, Graph.load(run.front_path), stored=state.stored(run))


def _run(run: Run, writer: RunWriter, made: Ready, beginning: Literal["started", "resumed"], ahead: bool) -> tuple[Ending, str]:
    training = made.recipe.training
    steps = math.ceil(len(made.train) / int(training.batch_size or 1))
    later = made.later()
    rates = learning_rates(training, len(made.train), made.recipe.transfer)
    schedule = schedules.read(training.schedule)
    progress = Progress(
        Watch(prepare.mode_of(training), training.patience if training.early_stopping else None),
        schedule.state() if isinstance(schedule, schedules.ReduceOnPlateau) else None,
    )
    phase = made.phase
    if beginning == "resumed":
        if later is not None and state.is_unfrozen(run):
            phase = later.begin()
        progress = state.restore(run, phase.compiled, progress)
    else:
        _describe(run, made, rates, steps)
    done = progress.epoch * steps + progress.step
    writer.cut_metrics(done)
    writer.update(epoch=progress.epoch, step=done, epochs=training.epochs or 0, steps_per_epoch=steps)
    described = prepare.described(made.model, made.dataset, made.device.name)
    notes = [*(made.report.notes() if made.report else []), *phase.notes]
    for note in notes:
        print(note, flush=True)  # noqa: T201 - goes to the run's log
    writer.event(beginning, notes=notes, ahead=ahead, **described)
    loop = Loop(writer, training, phase, rates, made.sample_weights, progress, made.scales, later)
    ending, reason = loop.run()
    if ending in ("finished", "stopped") or (ending == "failed" and progress.best is not None):
        _conclude(run, made, progress)
    return ending, reason


def _describe(run: Run, made: Ready, rates: np.ndarray, steps: int) -> None:
    """Writes what a run folder tells of a training that begins."""
    write_text(run.recipe_path, made.recipe.to_yaml())
    write_text(run.front_path, made.whole.to_json())
    write_json(run.features_path, [feature.model_dump(mode="json") for feature in made.dataset.features])
    write_json(run.folder / "environment.json", environment(made.device.name))
    write_script(run, made.recipe, made.model, rates, steps, made.dataset.feature(made.model.heads[0].target).kind)


def _conclude(run: Run, made: Ready, progress: Progress) -> None:
    """Measures the best state on every split; without a whole epoch, the present state is the best there is."""
    model = made.model
    if progress.best is None:
        progress.best, progress.best_is_saved = weights.values(model.network.variables), False
        state.save(run, model, progress, made.scales)
    weights.assign(model.network.variables, progress.best)
    batch = evaluation_batch(int(made.recipe.training.batch_size or 1))
    splits = {"train": made.train.glance(), "validation": made.validation, "test": made.test()}
    found = {name: {**model.evaluate(part, batch), **spelled(made, part, batch), **part.yardsticks} for name, part in splits.items() if len(part)}
    write_json(run.results_path, found)


def environment(device: str) -> dict[str, Any]:
    """Versions and machine, as far as they can change a result."""
    packages = ("blockstudio", "tensorflow", "keras", "numpy", "pandas", "scikit-learn", "gradio")
    return {
        "python": platform.python_version(), "system": platform.system(), "machine": platform.machine(), "device": device,
        "onednn": os.environ.get(runtime.ONEDNN),
        "packages": {name: _version(name) for name in packages},
    }  # fmt: skip


def _version(name: str) -> str | None:
    from importlib.metadata import PackageNotFoundError

    try:
        return version(name)
    except PackageNotFoundError:
        return None
