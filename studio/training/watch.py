"""What watches the validation figures: best weights, early stopping, and the plateau. Plain values, so that all of it is saved."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

Mode = Literal["min", "max"]


@dataclass
class Watch:
    """The best value of a figure so far, and how long ago it was.

    Args:
        mode: Whether a smaller or a larger value is better.
        patience: Epochs without gain after which training ends; None never ends it.
    """

    mode: Mode
    patience: int | None
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0

    def update(self, value: float, epoch: int) -> bool:
        """Takes an epoch's value; True when it is the best so far."""
        better = math.isfinite(value) and (self.best is None or (value < self.best if self.mode == "min" else value > self.best))
        if better:
            self.best, self.best_epoch, self.waited = value, epoch, 0
        else:
            self.waited += 1
        return better

    @property
    def is_over(self) -> bool:
        """Whether the patience is used up."""
        return self.patience is not None and self.waited >= self.patience

    def to_json(self) -> dict[str, Any]:
        """The state as JSON values."""
        return asdict(self)
