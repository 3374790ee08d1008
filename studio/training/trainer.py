"""One run, from its recipe to its figures."""

from __future__ import annotations

import math
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from studio.datasets import store
from studio.datasets.folds import with_fold
from studio.networks import weights
from studio.networks.arrays import Samples, samples
from studio.networks.front import split
from studio.recipe import Recipe
from studio.runs.run import Run
from studio.runs.writer import RunWriter
from studio.settings import schedules
from studio.training import prepare, state
from studio.training.device import acquire, set_up
from studio.training.loop import Ending, Loop, evaluation_batch
from studio.training.planning import learning_rates
from studio.training.script import write_script
from studio.training.state import Progress
from studio.training.steps import Compiled
from studio.training.watch import Watch
from studio.workspace import StudioError, Workspace, write_json, write_text

MEMORY_ADVICE = "Try a smaller batch, smaller pictures, or a network with fewer weights."


def train_folder(folder: Path) -> None:
    """Trains the run of a folder, or goes on with it, and writes all that happens into the folder."""
    run = Run(folder)
    workspace = Workspace(folder.parent.parent)
    with RunWriter(run) as writer:
        try:
            ending, reason = _train(workspace, run, writer)
        except InterruptedError:
            ending, reason = "stopped", "Stopped while waiting for the device."
        except StudioError as error:
            ending, reason = "failed", str(error)
        except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it was, the run must say so
            import traceback

            traceback.print_exc()
            ending, reason = "failed", explained(error)
        writer.end(ending, reason)


def explained(error: Exception) -> str:
    """An unexpected error in one sentence."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return f"Out of memory. {MEMORY_ADVICE} ({first[:200]})"
    return f"{type(error).__name__}: {first[:300]} The full trace is in the log."


def _train(workspace: Workspace, run: Run, writer: RunWriter) -> tuple[Ending, str]:
    from blocks.errors import BlocksError

    def waiting(device: str) -> bool:
        writer.update(reason=f"Waiting for {device.upper()}, which another run is using.")
        return writer.take_wish() not in ("stop", "pause")

    recipe = run.recipe
    name, lock = acquire(workspace, recipe.training.device, waiting)
    try:
        writer.update(status="running", reason="")
        try:
            return _Session(workspace, run, writer, recipe, name).go()
        except BlocksError as error:
            raise StudioError(str(error)) from error
    finally:
        lock.release()


class _Session:
    def __init__(self, workspace: Workspace, run: Run, writer: RunWriter, recipe: Recipe, device: str) -> None:
        self.workspace, self.run, self.writer = workspace, run, writer
        self.device = set_up(device, recipe.training)
        self.recipe = recipe
        whole = store.load(workspace, recipe.dataset)
        self.dataset = with_fold(whole, *recipe.folds) if recipe.folds else whole

    def go(self) -> tuple[Ending, str]:
        import tensorflow as tf

        with tf.device(self.device.place):
            return self._go()

    def _go(self) -> tuple[Ending, str]:
        resuming = (self.run.checkpoints / "last.npz").exists()
        whole = self._whole_graph(resuming)
        parts = split(whole)
        train, validation = (samples(self.workspace, self.dataset, parts, part) for part in ("train", "validation"))
        heads = prepare.heads(whole, self.dataset, self.recipe.training)
        model, notes = prepare.compiled(parts.network, self.recipe, heads, self.workspace, self.device.xla)
        per_sample = prepare.class_weights(self.recipe.training, heads, train)
        self._settle(model, train, per_sample)
        training = self.recipe.training
        schedule = schedules.read(training.schedule)
        progress = Progress(
            Watch(prepare.mode_of(training), training.patience if training.early_stopping else None),
            schedule.state() if isinstance(schedule, schedules.ReduceOnPlateau) else None,
        )
        if resuming:
            progress = state.restore(self.run, model, progress)
        steps = math.ceil(len(train) / int(training.batch_size or 1))
        done = progress.epoch * steps + progress.step
        self.writer.cut_metrics(done)
        self.writer.update(epoch=progress.epoch, step=done, epochs=training.epochs or 0, steps_per_epoch=steps)
        described = prepare.described(model, train, validation, self.device.name)
        self.writer.event("resumed" if resuming else "started", notes=notes, **described)
        rates = learning_rates(training, len(train))
        if not resuming:
            write_script(self.run, self.recipe, model, rates, steps)
        scales = prepare.scales_of(heads)
        ending, reason = Loop(self.writer, training, model, train, validation, rates, per_sample, progress, scales).run()
        if ending in ("finished", "stopped") or (ending == "failed" and progress.best is not None):
            self._conclude(model, progress, train, validation, samples(self.workspace, self.dataset, parts, "test"), scales)
        return ending, reason

    def _whole_graph(self, resuming: bool) -> Any:
        from blocks.graph import Graph

        if resuming:
            return Graph.load(self.run.front_path)
        order = self.recipe.graph
        assert isinstance(order, Graph)  # noqa: S101 - a run's recipe has its graph inline
        whole = prepare.adapted_graph(order, self.dataset)
        write_text(self.run.front_path, whole.to_json())
        write_json(self.run.features_path, [feature.model_dump(mode="json") for feature in self.dataset.features])
        write_json(self.run.folder / "environment.json", environment(self.device.name))
        return whole

    def _settle(self, model: Compiled, train: Samples, per_sample: Any) -> None:
        """Writes what is chosen by trying into the recipe, once, before step 1."""
        training = self.recipe.training
        if training.steps_per_execution is not None:
            return
        chosen = prepare.steps_per_execution(model, train, int(training.batch_size or 1), per_sample)
        settled = training.model_copy(update={"steps_per_execution": chosen, "device": self.device.name, "precision": self.device.precision})
        self.recipe = self.recipe.model_copy(update={"training": settled})
        write_text(self.run.recipe_path, self.recipe.to_yaml())

    def _conclude(self, model: Compiled, progress: Progress, train: Samples, validation: Samples, test: Samples, scales: dict[str, Any]) -> None:
        """Measures the best state on every split; without a whole epoch, the present state is the best there is."""
        if progress.best is None:
            progress.best, progress.best_is_saved = weights.values(model.network.variables), False
            state.save(self.run, model, progress, scales)
        weights.assign(model.network.variables, progress.best)
        batch = evaluation_batch(int(self.recipe.training.batch_size or 1))
        results = {name: model.evaluate(part, batch) for name, part in (("train", train), ("validation", validation), ("test", test)) if len(part)}
        write_json(self.run.results_path, results)


def environment(device: str) -> dict[str, Any]:
    """Versions and machine, as far as they can change a result."""
    packages = ("blockstudio", "tensorflow", "keras", "numpy", "pandas", "scikit-learn", "gradio")
    return {
        "python": platform.python_version(), "system": platform.system(), "machine": platform.machine(), "device": device,
        "packages": {name: _version(name) for name in packages},
    }  # fmt: skip


def _version(name: str) -> str | None:
    from importlib.metadata import PackageNotFoundError

    try:
        return version(name)
    except PackageNotFoundError:
        return None
