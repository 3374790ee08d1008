"""What a reduction of the learning rate on a plateau remembers from epoch to epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from studio.settings.schedules import ReduceOnPlateau


@dataclass
class PlateauState:
    """The memory of a reduction on plateau; the trainer multiplies the rate by `scale` and keeps the rest with its state.

    Args:
        wait: Epochs without improvement.
        cooldown: Epochs that are still not counted.
        best: The best figure so far.
        scale: What the learning rate is multiplied by.
    """

    schedule: ReduceOnPlateau
    wait: int = 0
    cooldown: int = 0
    best: float | None = None
    scale: float = 1.0

    def update(self, value: float, mode: Literal["max", "min"]) -> bool:
        """Takes the figure of an epoch in and says whether the rate was reduced. A value that is no number counts as no improvement."""
        settings = self.schedule
        if self.cooldown > 0:
            self.cooldown -= 1
            self.wait = 0
        if self._improves(value, mode):
            self.best, self.wait = value, 0
        elif self.cooldown == 0:
            self.wait += 1
            if self.wait >= settings.patience and self.scale > settings.minimum:
                self.scale = max(self.scale * settings.factor, settings.minimum)
                self.cooldown, self.wait = settings.cooldown, 0
                return True
        return False

    def _improves(self, value: float, mode: Literal["max", "min"]) -> bool:
        if math.isnan(value) or self.best is None:
            return not math.isnan(value)
        gain = value - self.best if mode == "max" else self.best - value
        return gain > self.schedule.min_delta

    def to_json(self) -> dict[str, Any]:
        """The counters as JSON values."""
        return {"wait": self.wait, "cooldown": self.cooldown, "best": self.best, "scale": self.scale}

    @classmethod
    def from_json(cls, schedule: ReduceOnPlateau, values: dict[str, Any]) -> Self:
        """The state that `to_json` wrote, under the schedule it belongs to."""
        return cls(schedule, **values)
