"""What all networks for forecasts share: they say by how much the next values differ from the last one."""

from __future__ import annotations

import abc
from typing import ClassVar, Self

from pydantic import Field

from blocks.dense import Dense
from blocks.features import Feature, FeatureKind
from blocks.fields import Count
from blocks.merging import Add, Subtract
from blocks.ports import Output
from blocks.reshaping import Cropping1D, Flatten, Reshape
from blocks.slicing import ChannelSlice
from blocks.wiring import Node, Wiring
from presets.base import Preset
from presets.fronts import Subject

AHEAD = "Steps ahead that are predicted; with a dataset as many as its target has."
COLUMNS = "How many columns are predicted, the first ones of the series; with a dataset as many as its target has."


class Forecaster(Preset, abc.ABC):
    """Base of them. The window enters with its last step subtracted, and what comes out is added to that step.

    The last layer begins at 0, so that training begins with the forecast "as it is now" and leaves it only where that pays.
    """

    subjects: ClassVar[tuple[Subject, ...]] = ("series",)
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("number",)
    shared: ClassVar[bool] = False
    target_axes: ClassVar[int] = 2
    canonical_shape: ClassVar[tuple[int, ...]] = (24, 1)
    canonical_classes: ClassVar[int] = 1

    horizon: Count = Field(1, description=AHEAD, json_schema_extra={"unit": "steps", "frequent": False})
    columns: Count = Field(1, description=COLUMNS, json_schema_extra={"frequent": False})

    @abc.abstractmethod
    def change(self, net: Wiring, x: Node, steps: int) -> Node:
        """Adds what reads the window and gives by how much the values to come differ from the last one, in one row."""

    def wire(self, net: Wiring, x: Node) -> Node:
        steps, channels = (size or 1 for size in net.shape(x))
        last = net.add("last", Cropping1D(cropping=(steps - 1, 0)), x) if steps > 1 else x
        change = self.change(net, net.add("since_last", Subtract(), x, last), steps)
        if channels != self.columns:
            last = net.add("target", ChannelSlice(size=self.columns), last)
        if self.columns > 1:
            change = net.add("steps", Reshape(target_shape=(self.horizon, self.columns)), change)
        else:
            last = net.add("now", Flatten(), last)
        return net.add("forecast", Add(), change, last)

    def row(self) -> Dense:
        """A dense layer that gives all values to come, and 0 as long as it is not trained."""
        return Dense(units=self.horizon * self.columns, kernel_initializer="zeros")

    def fitted(self, feature: Feature | None) -> Self:
        known = feature.statistics if feature else {}
        return self.model_copy(update={"horizon": known.get("horizon", self.horizon), "columns": known.get("targets", self.columns)})

    def head(self, target: Feature | None, classes: int | None) -> Output:  # noqa: ARG002 - it has a value per step, not per class
        return Output(target=target.name if target else None, head="none", activation="linear")
