"""Figures that are printed somewhere and that presets must reproduce."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from blocks.spec import shape_text


@dataclass(frozen=True)
class Stages:
    """Shapes through which a network passes, one after the other, as somebody printed them; not every layer has to be among them.

    Args:
        source: Where they stand: a table of the paper, or a build that others have made. What a preset itself gives is none.
        shapes: Without the batch, from the first layer on.
    """

    source: str
    shapes: tuple[tuple[int, ...], ...]

    @classmethod
    def squares(cls, source: str, *shapes: tuple[int, ...]) -> Stages:
        """Pictures as high as they are wide, each as (side, channels), and vectors, each as (length)."""
        return cls(source, tuple((shape[0], *shape) if len(shape) == 2 else shape for shape in shapes))


@dataclass(frozen=True)
class Golden:
    """A figure that is printed somewhere and that the preset must reproduce.

    Args:
        params: Parameters besides those of the variant.
        trainable_weights: Weights that training changes.
        multiply_adds: Products of one sample; None where nobody printed them.
        source: Where the figure stands.
        stages: Shapes on the way; None where they are those of another figure.
    """

    variant: str
    input_shape: tuple[int, ...]
    classes: int
    trainable_weights: int
    source: str
    multiply_adds: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    stages: Stages | None = None

    @property
    def network(self) -> str:
        """The variant, and parameters besides."""
        return " ".join([self.variant, ", ".join(f"{key}={value}" for key, value in self.params.items())]).strip()


def printed_stages(golden: Iterable[Golden]) -> list[str]:
    """The shapes on the way through a family's networks as sentences, one for all networks that pass the same."""
    passing: dict[Stages, list[str]] = {}
    for each in golden:
        if each.stages:
            passing.setdefault(each.stages, []).append(each.network)
    return [
        f"{', '.join(networks)}: {', '.join(shape_text(shape) for shape in stages.shapes)} ({stages.source})." for stages, networks in passing.items()
    ]
