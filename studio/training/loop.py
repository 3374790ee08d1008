"""The training loop: epochs of compiled executions, obeying wishes and saving its state between them."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from studio.networks import weights
from studio.networks.arrays import Samples
from studio.recipe import Training
from studio.runs.writer import RunWriter
from studio.training import state
from studio.training.phases import Later, Phase
from studio.training.state import Progress
from studio.training.steps import Compiled

POINTS_PER_EPOCH = 20
SAVE_SECONDS = 5.0
Ending = Literal["finished", "stopped", "paused", "failed"]


@dataclass
class Loop:
    """One training under way.

    Args:
        phase: What is trained, and on what.
        rates: Learning rate of every step of the whole training, before the plateau's factor.
        sample_weights: One per training sample, or None.
        scales: How number targets were standardised, by output, as JSON values.
        later: What is trained from some epoch on; None where it is the same all the time.
    """

    writer: RunWriter
    training: Training
    phase: Phase
    rates: np.ndarray
    sample_weights: np.ndarray | None
    progress: Progress
    scales: dict[str, dict[str, float]]
    later: Later | None = None
    _saved: float = 0.0

    def run(self) -> tuple[Ending, str]:
        """Trains to the end, a wish, or a loss that is no number; returns how and why it ended."""
        progress = self.progress
        self._saved = time.monotonic()
        while progress.epoch < self._epochs:
            if self._is_time_to_unfreeze:
                self._unfreeze()
            if progress.watch.is_over and not self._waits_to_unfreeze:
                return self._ended_early()
            ending = self._epoch()
            if ending is not None:
                return ending
        self._save()
        return "finished", f"All {self._epochs} epochs are done; the best was epoch {progress.watch.best_epoch}."

    @property
    def compiled(self) -> Compiled:
        return self.phase.compiled

    @property
    def train(self) -> Samples:
        return self.phase.train

    @property
    def _waits_to_unfreeze(self) -> bool:
        return self.later is not None and not self.progress.unfrozen

    @property
    def _is_time_to_unfreeze(self) -> bool:
        return self.later is not None and self._waits_to_unfreeze and self.progress.epoch == self.later.epoch and self.progress.step == 0

    def _unfreeze(self) -> None:
        """Goes on with more layers; early stopping begins to count anew."""
        assert self.later is not None  # noqa: S101 - it is time
        self.phase = self.later.begin()
        self.progress.unfrozen, self.progress.watch.waited = True, 0
        self.writer.event("layers unfrozen", notes=self.phase.notes, epoch=self.progress.epoch + 1, step=self._global_step)

    @property
    def _epochs(self) -> int:
        return self.training.epochs or 1

    @property
    def _batch(self) -> int:
        assert isinstance(self.training.batch_size, int)  # noqa: S101 - a resolved recipe
        return self.training.batch_size

    @property
    def _steps(self) -> int:
        return math.ceil(len(self.train) / self._batch)

    def _epoch(self) -> tuple[Ending, str] | None:
        progress = self.progress
        rng = np.random.default_rng([self.training.seed, progress.epoch])
        order = self.train.order(rng)
        if progress.step == 0:
            self.compiled.reset()
        seen: list[float] = []
        while progress.step < self._steps:
            losses = self._execute(order)
            self.writer.progress(progress.epoch + 1, self._global_step)
            seen += losses.tolist()
            if not np.isfinite(losses).all():
                return self._no_number(losses)
            if len(seen) >= self._steps / POINTS_PER_EPOCH or self._global_step == len(losses) or progress.step == self._steps:
                self._point(seen)
                seen = []
            ending = self._obey()
            if ending is not None:
                return ending
        self._end_epoch()
        return None

    @property
    def _global_step(self) -> int:
        return self.progress.epoch * self._steps + self.progress.step

    def _execute(self, order: np.ndarray) -> np.ndarray:
        progress = self.progress
        whole = len(self.train) // self._batch
        planned = min(self.training.steps_per_execution or 1, whole - progress.step)
        steps = max(planned, 1)
        first = progress.step * self._batch
        rates = self.rates[self._global_step : self._global_step + steps] * np.float32(progress.rate_scale)
        losses = self.compiled.execute(
            self.train, order[first : first + steps * self._batch], self._batch, rates, self.sample_weights, self._global_step
        )
        progress.step += steps
        return losses

    def _point(self, losses: list[float]) -> None:
        rate = float(self.rates[self._global_step - 1] * self.progress.rate_scale)
        values = {"batch_loss": float(np.mean(losses)), "learning_rate": rate}
        self.writer.values(self._global_step, self.progress.epoch + 1, "train", values)

    def _end_epoch(self) -> None:
        progress = self.progress
        step, epoch = self._global_step, progress.epoch + 1
        train = self.compiled.figures()
        swapped = self._swap_in_average()
        figures = self.compiled.evaluate(self.phase.validation().glance(), evaluation_batch(self._batch))
        if progress.watch.update(figures[self.training.monitor], epoch):
            progress.best = weights.values(self.compiled.variables)
            progress.best_is_saved = False
        if swapped is not None:
            weights.assign(self.compiled.network.trainable_variables, swapped)
        if progress.plateau and progress.plateau.update(figures[self.training.monitor], progress.watch.mode):
            self.writer.event("learning rate changed", scale=progress.rate_scale)
        progress.epoch, progress.step = epoch, 0
        self.writer.values(step, epoch, "train", train)
        self.writer.values(step, epoch, "validation", figures)
        if time.monotonic() - self._saved > SAVE_SECONDS:
            self._save()

    def _swap_in_average(self) -> dict[str, np.ndarray] | None:
        """With a moving average of the weights: puts it in the place of the weights, and returns those."""
        if self.training.ema_momentum is None:
            return None
        variables = self.compiled.network.trainable_variables
        kept = weights.values(variables)
        self.compiled.optimizer.finalize_variable_values(variables)
        return kept

    def _obey(self) -> tuple[Ending, str] | None:
        wish = self.writer.take_wish()
        if wish in ("stop", "pause"):
            self._save()
            where = f"step {self._global_step:,} (epoch {self.progress.epoch + 1} of {self._epochs})"
            kept = (
                f"the best weights are of epoch {self.progress.watch.best_epoch}" if self.progress.best is not None else "no epoch was complete yet"
            )
            verb = "Stopped" if wish == "stop" else "Paused"
            return ("stopped" if wish == "stop" else "paused"), f"{verb} after {where}. The last state is saved; {kept}. Resume goes on exactly here."
        if wish == "checkpoint" or time.monotonic() - self._saved > 6 * SAVE_SECONDS:
            self._save()
        return None

    def _save(self) -> None:
        state.save(self.writer.run, self.compiled, self.progress, self.scales)
        self._saved = time.monotonic()
        self.writer.event("checkpoint")

    def _ended_early(self) -> tuple[Ending, str]:
        self._save()
        watch = self.progress.watch
        return (
            "finished",
            f"Early stopping after epoch {self.progress.epoch}: no gain for {watch.waited} epochs; the best was epoch {watch.best_epoch}.",
        )

    def _no_number(self, losses: np.ndarray) -> tuple[Ending, str]:
        step = self._global_step - len(losses) + int(np.argmin(np.isfinite(losses))) + 1
        rate = float(self.rates[step - 1] * self.progress.rate_scale)
        kept = f" The best weights, of epoch {self.progress.watch.best_epoch}, are kept." if self.progress.best is not None else ""
        return "failed", f"The loss is no longer a number at step {step:,}. Try a lower learning rate (it was {rate:g}) or clip the gradients.{kept}"


def evaluation_batch(batch: int) -> int:
    """Samples per evaluation step: four training batches, at least 256, which changes no figure."""
    return min(1024, max(256, 4 * batch))
