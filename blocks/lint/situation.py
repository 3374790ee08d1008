"""What is known of the training that a network is meant for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Situation:
    """Plain values of a training that is planned; None where nothing is known.

    Args:
        batch_size: Samples per step.
        loss: The name of the loss, where an Output names none of its own.
        begins_trained: Whether it begins with the weights of a trained network.
    """

    batch_size: int | None = None
    loss: str | None = None
    begins_trained: bool | None = None
