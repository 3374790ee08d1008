"""The network of a run, from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from blocks.build import build
from blocks.graph import Graph
from studio.networks import weights
from studio.networks.front import Split, split, without_training_only
from studio.recipe import Recipe
from studio.runs.run import Run
from studio.workspace import StudioError

if TYPE_CHECKING:
    import keras

State = Literal["best", "last"]


@dataclass(frozen=True)
class TargetScale:
    """How a number target was standardised for training: value = standardised * scale + offset, in the target's unit.

    Args:
        scale: One number, or one for each place along the last axis.
        offset: The same.
    """

    scale: float | list[float] = 1.0
    offset: float | list[float] = 0.0

    def standardised(self, values: np.ndarray) -> np.ndarray:
        """Values as losses see them: float32, single numbers with one column."""
        found: np.ndarray = ((values - np.asarray(self.offset)) / np.asarray(self.scale)).astype(np.float32)
        return found[:, None] if found.ndim == 1 else found

    def in_units(self, standardised: Any) -> Any:
        """Standardised values (an array or a tensor of float32) in the target's unit."""
        return standardised * np.asarray(self.scale, np.float32) + np.asarray(self.offset, np.float32)

    @property
    def largest(self) -> float:
        """The largest factor."""
        return float(np.max(self.scale))


@dataclass
class Loaded:
    """A trained network with all that leads to it and from it.

    Args:
        whole: The bound and adapted graph, without Outputs for training only.
    """

    recipe: Recipe
    whole: Graph
    scales: dict[str, TargetScale]
    stored: dict[str, Any]

    @cached_property
    def split(self) -> Split:
        """The graph in front and network."""
        return split(self.whole)

    @cached_property
    def network(self) -> keras.Model:
        """The trained part, with its weights."""
        model = build(self.split.network)
        weights.assign(model.weights, self.stored)
        return model

    @cached_property
    def raw(self) -> keras.Model:
        """Front, network and the targets' units in one model: pixels, strings or columns in, probabilities or values out."""
        import keras

        front = build(self.split.front)
        cut = front.output if isinstance(front.output, dict) else {next(iter(self.split.cuts.values())): front.output}
        names = list(self.network.input) if isinstance(self.network.input, dict) else list(self.split.cuts.values())
        fed = {name: cut[name] for name in names}
        outputs = self.network(fed if isinstance(self.network.input, dict) else next(iter(fed.values())), training=False)
        return keras.Model(front.input, self._in_units(outputs), name=self.network.name)

    def _in_units(self, outputs: Any) -> Any:
        import keras

        if isinstance(outputs, dict):
            return {name: self._scaled(keras, name, output) for name, output in outputs.items()}
        return self._scaled(keras, next(iter(self.scales), ""), outputs)

    def _scaled(self, keras: Any, name: str, output: Any) -> Any:
        scale = self.scales.get(name)
        return keras.layers.Rescaling(scale.scale, scale.offset, name=f"{name}_in_units", dtype="float32")(output) if scale else output


def open_run(run: Run, state: State = "best") -> Loaded:
    """Reads graph, front and weights of a run.

    Raises:
        StudioError: Nothing has been saved yet, or the states were deleted.
    """
    path = run.checkpoints / f"{state}.npz"
    if not path.exists():
        raise StudioError(
            f"The run {run.id!r} has no saved {state} state" + (" yet." if run.status().is_alive else "; its checkpoints were deleted.")
        )
    stored, meta = weights.load(path)
    scales = {name: TargetScale(**values) for name, values in meta.get("scales", {}).items()}
    prefix = "network/"
    arrays = {name.removeprefix(prefix): array for name, array in stored.items() if name.startswith(prefix)}
    return Loaded(run.recipe, without_training_only(Graph.load(run.front_path)), scales, arrays)
