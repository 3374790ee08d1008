"""The exact state of a training, written so that a resumed run ends with the same bits as one that was never broken off.

What counts: every variable of the network (seed generators too), of the optimizer and of the running figures, how far
training is, and what watches it. The order of the data is a function of seed and epoch, so it needs no state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.networks import weights
from studio.runs.run import Run
from studio.settings.plateau import PlateauState
from studio.training.steps import Compiled
from studio.training.watch import Watch


@dataclass
class Progress:
    """How far training is.

    Args:
        epoch: Epochs done.
        step: Steps done in the epoch that is under way.
        unfrozen: Whether frozen layers are trained by now.
    """

    watch: Watch
    plateau: PlateauState | None = None
    epoch: int = 0
    step: int = 0
    unfrozen: bool = False
    best: dict[str, np.ndarray] | None = field(default=None, repr=False)
    best_is_saved: bool = False

    @property
    def rate_scale(self) -> float:
        """What the plateau multiplies the learning rate by."""
        return self.plateau.scale if self.plateau else 1.0


def save(run: Run, compiled: Compiled, progress: Progress, scales: dict[str, Any]) -> None:
    """Writes the last state, and the best one where it is new."""
    if progress.best is not None and not progress.best_is_saved:
        meta = {"scales": scales, "epoch": progress.watch.best_epoch, "value": progress.watch.best}
        weights.save(run.checkpoints / "best.npz", _prefixed("network", progress.best), meta)
        progress.best_is_saved = True
    arrays = {
        **_prefixed("network", weights.values(compiled.variables)),
        **_prefixed("optimizer", weights.values(compiled.optimizer.variables)),
        **{f"figures/{number}": np.array(variable.numpy()) for number, variable in enumerate(_figure_variables(compiled))},
    }
    meta = {
        "scales": scales, "epoch": progress.epoch, "step": progress.step, "unfrozen": progress.unfrozen,
        "watch": progress.watch.to_json(), "plateau": progress.plateau.to_json() if progress.plateau else None,
    }  # fmt: skip
    weights.save(run.checkpoints / "last.npz", arrays, meta)


def stored(run: Run) -> dict[str, np.ndarray]:
    """The last values of the network's variables.

    Raises:
        StudioError: The state is missing or damaged.
    """
    return _part("network", weights.load(run.checkpoints / "last.npz")[0])


def is_unfrozen(run: Run) -> bool:
    """Whether frozen layers were trained when the last state was saved.

    Raises:
        StudioError: The state is missing or damaged.
    """
    return bool(weights.meta(run.checkpoints / "last.npz").get("unfrozen", False))


def restore(run: Run, compiled: Compiled, fresh: Progress) -> Progress:
    """Puts the last state back and returns how far it was.

    Args:
        fresh: The progress of a training that begins, with the plateau that the recipe asks for.

    Raises:
        StudioError: The state is missing, damaged, or of another network.
    """
    arrays, meta = weights.load(run.checkpoints / "last.npz")
    weights.assign(compiled.variables, _part("network", arrays))
    weights.assign(compiled.optimizer.variables, _part("optimizer", arrays))
    for number, variable in enumerate(_figure_variables(compiled)):
        variable.assign(arrays[f"figures/{number}"])
    plateau = PlateauState.from_json(fresh.plateau.schedule, meta["plateau"]) if fresh.plateau else None
    progress = Progress(Watch(**meta["watch"]), plateau, meta["epoch"], meta["step"], unfrozen=meta.get("unfrozen", False))
    if (run.checkpoints / "best.npz").exists():
        progress.best = _part("network", weights.load(run.checkpoints / "best.npz")[0])
        progress.best_is_saved = True
    return progress


def _figure_variables(compiled: Compiled) -> list[Any]:
    return [variable for tracker in compiled.trackers for variable in tracker.variables]


def _prefixed(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def _part(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(f"{prefix}/"): array for name, array in arrays.items() if name.startswith(f"{prefix}/")}
