"""How the learning rate moves over the steps of a training: plain numpy, so that a page can draw it before anything runs.

In the formulas t is the step counted from 0 after the warm-up, T the number of those steps, rate the learning rate and
"epochs" a length that counts as epochs * steps per epoch. Lengths that are left empty follow the length of the training.
"""

from __future__ import annotations

import abc
import itertools
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from blocks.named import Family, Named
from studio.settings.plateau import PlateauState

Floats = NDArray[np.float64]

FAMILY: Family[Schedule] = Family("schedule", __name__)
all = FAMILY.all  # noqa: A001
get = FAMILY.get
read = FAMILY.read
to_value = FAMILY.to_value


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.strip("()[] ").split(",") if part.strip()]
    return [value] if isinstance(value, int | float) else value


Length = Annotated[float | None, Field(gt=0, json_schema_extra={"unit": "epochs"})]
Fraction = Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "of the learning rate"})]
Numbers = Annotated[
    tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], ...], BeforeValidator(_listed), Field(json_schema_extra={"control": "list"})
]
Staircase = Annotated[bool, Field(description="Fall at once at the end of each length, not a little in each step.")]


class Schedule(Named, abc.ABC):
    """Base of all schedules."""

    family: ClassVar[Family[Any]] = FAMILY

    warmup_epochs: Annotated[
        float,
        Field(
            ge=0, description="Epochs over which the rate first rises evenly from zero (Goyal et al., 2017).", json_schema_extra={"unit": "epochs"}
        ),
    ] = 0.0

    def rates(self, steps: int, steps_per_epoch: int, learning_rate: float) -> NDArray[np.float32]:
        """The learning rate of every step.

        The warm-up rises from zero, which lies one step before the first, to the value with which the schedule begins;
        the schedule has the steps that are left.

        Args:
            steps: Steps of the whole training.
            learning_rate: The rate that the schedule scales.

        Shapes: (steps,).
        """
        warmup = min(round(self.warmup_epochs * steps_per_epoch), steps)
        curve = self.curve(max(steps - warmup, 1), steps_per_epoch) * learning_rate
        rising = curve[0] * np.arange(1, warmup + 1) / (warmup + 1)
        return np.concatenate([rising, curve[: steps - warmup]]).astype(np.float32)

    @abc.abstractmethod
    def curve(self, steps: int, steps_per_epoch: int) -> Floats:
        """The rate of every step after the warm-up, as a multiple of the learning rate."""


def _length(epochs: float | None, steps_per_epoch: int, otherwise: float) -> float:
    """Steps of a length: at least one if it was given in epochs."""
    return otherwise if epochs is None else max(epochs * steps_per_epoch, 1.0)


def _whole(lengths: Floats) -> Floats:
    """Rounds down, but takes 2.9999999999 for the 3 that it would be without rounding errors."""
    return np.floor(lengths + 1e-9)


class Constant(Schedule):
    """Keeps the learning rate.

    Use it first, with Adam and early stopping.

    Formula: rate.
    Source: Robbins and Monro (1951), doi:10.1214/aoms/1177729586, the method whose convergence needs the falling rates below.
    """

    name = "constant"

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:  # noqa: ARG002
        return np.ones(steps)


class Exponential(Schedule):
    """Multiplies the rate by the same factor in every step.

    Use it for a fall that is quick at first and never ends.

    Formula: rate * decay_rate^(t / epochs); staircase: the power rounded down.
    Source: Keras, `keras.optimizers.schedules.ExponentialDecay`; Li and Arora (2019), arXiv:1910.07454.
    """

    name = "exponential"

    decay_rate: Annotated[float, Field(gt=0, le=1, description="Factor per length.")] = 0.6
    decay_epochs: Annotated[Length, Field(description="Length after which the factor has acted once; empty is a tenth of the training.")] = None
    staircase: Staircase = False

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:
        lengths = np.arange(steps) / _length(self.decay_epochs, steps_per_epoch, steps / 10)
        return self.decay_rate ** (_whole(lengths) if self.staircase else lengths)


class InverseTime(Schedule):
    """Lowers the rate in inverse proportion to time.

    Use it for a fall that slows down more and more.

    Formula: rate / (1 + decay_rate * t / epochs); staircase: the quotient t / epochs rounded down.
    Source: Keras, `keras.optimizers.schedules.InverseTimeDecay`; Robbins and Monro (1951), doi:10.1214/aoms/1177729586.
    """

    name = "inverse_time"

    decay_rate: Annotated[float, Field(ge=0, description="What is added to the divisor per length.")] = 1.0
    decay_epochs: Annotated[Length, Field(description="Length; empty is a tenth of the training.")] = None
    staircase: Staircase = False

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:
        lengths = np.arange(steps) / _length(self.decay_epochs, steps_per_epoch, steps / 10)
        return 1 / (1 + self.decay_rate * (_whole(lengths) if self.staircase else lengths))


class Polynomial(Schedule):
    """Lowers the rate along a power of the time that is left; with power 1 along a straight line.

    Use it where the end of the training is known; a straight line is a strong default.

    Formula: rate * ((1 - final_fraction) * (1 - min(t, L) / L)^power + final_fraction), L = epochs; cycle: L is the next multiple of epochs after t.
    Source: Keras, `keras.optimizers.schedules.PolynomialDecay`; Chen et al. (2017), arXiv:1606.00915, section 4.1.
    """

    name = "polynomial"

    power: Annotated[float, Field(gt=0, le=20, description="1 falls evenly; more falls early, less falls late.")] = 1.0
    final_fraction: Annotated[Fraction, Field(description="Rate at the end.")] = 0.01
    decay_epochs: Annotated[Length, Field(description="Length of the fall; empty is the whole training.")] = None
    cycle: Annotated[bool, Field(description="Rise again after each length, to fall over a longer one.", json_schema_extra={"frequent": False})] = (
        False
    )

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:
        length = _length(self.decay_epochs, steps_per_epoch, steps)
        step = np.arange(steps)
        reach = length * np.maximum(np.ceil(step / length), 1) if self.cycle else length
        return (1 - self.final_fraction) * (1 - np.minimum(step, reach) / reach) ** self.power + self.final_fraction


class Piecewise(Schedule):
    """Holds the rate between given moments.

    Use it to repeat a published training, such as a tenth of the rate after half and after three quarters.

    Formula: rate * factors[i] from boundary i - 1 on and before boundary i.
    Source: Keras, `keras.optimizers.schedules.PiecewiseConstantDecay`, which changes one step later; He et al. (2015), arXiv:1512.03385, section 4.2.
    """

    name = "piecewise"

    boundaries: Annotated[Numbers, Field(description="Moments at which the rate changes, in rising order.")] = (0.5, 0.75)
    factors: Annotated[Numbers, Field(description="Multiples of the learning rate: one more than there are moments.")] = (1.0, 0.1, 0.01)
    counted_in: Annotated[
        Literal["training", "epochs"], Field(description="Whether a moment is a fraction of the training or a number of epochs.")
    ] = "training"

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if any(later <= earlier for earlier, later in itertools.pairwise(self.boundaries)):
            raise ValueError(f"boundaries have to rise. Received: {self.boundaries}.")
        if len(self.factors) != len(self.boundaries) + 1:
            raise ValueError(f"{len(self.boundaries)} boundaries need {len(self.boundaries) + 1} factors. Received: {len(self.factors)}.")
        return self

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:
        unit = steps if self.counted_in == "training" else steps_per_epoch
        moments = np.asarray(self.boundaries, float) * unit - 1e-9
        return np.asarray(self.factors, float)[np.searchsorted(moments, np.arange(steps), side="right")]


class Step(Schedule):
    """Multiplies the rate by a factor at even intervals.

    Use it as the simplest falling rate: each fall shows as a kink in the loss.

    Formula: rate * factor^floor(t / epochs).
    Source: Krizhevsky, Sutskever and Hinton (2012), doi:10.1145/3065386, section 5; He et al. (2015), arXiv:1512.03385, section 3.4.
    """

    name = "step"

    factor: Annotated[float, Field(gt=0, le=1, description="Factor per interval.")] = 0.1
    interval_epochs: Annotated[Length, Field(description="Interval; empty is a third of the training.")] = None

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:
        return self.factor ** _whole(np.arange(steps) / _length(self.interval_epochs, steps_per_epoch, steps / 3))


def _cosine(fraction: Floats) -> Floats:
    return 0.5 * (1 + np.cos(np.pi * fraction))


class Cosine(Schedule):
    """Lowers the rate along half a cosine wave: slowly, quickly, slowly.

    Use it where the end of the training is known; it has no other parameter to tune.

    Formula: rate * ((1 - final_fraction) * (1 + cos(pi * min(t, L) / L)) / 2 + final_fraction), L = epochs.
    Source: Loshchilov and Hutter (2016), arXiv:1608.03983, equation 5; Keras, `keras.optimizers.schedules.CosineDecay`.
    """

    name = "cosine"

    final_fraction: Annotated[Fraction, Field(description="Rate at the end.")] = 0.0
    decay_epochs: Annotated[Length, Field(description="Length of the fall; empty is the whole training.")] = None

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:
        length = _length(self.decay_epochs, steps_per_epoch, steps)
        return (1 - self.final_fraction) * _cosine(np.minimum(np.arange(steps), length) / length) + self.final_fraction


class CosineRestarts(Schedule):
    """Falls along half a cosine wave, jumps back up and falls again, over longer and longer periods (SGDR).

    Use it to leave narrow minima; the state before each restart is a usable model.

    Formula: rate * ((1 - final_fraction) * peak_factor^i * (1 + cos(pi * u)) / 2 + final_fraction), with u the part of period i that has passed;
        period i + 1 is period_factor times as long as period i.
    Source: Loshchilov and Hutter (2016), arXiv:1608.03983; Keras, `keras.optimizers.schedules.CosineDecayRestarts`.
    """

    name = "cosine_restarts"

    first_epochs: Annotated[Length, Field(description="First period; empty fits three periods into the training.")] = None
    period_factor: Annotated[float, Field(ge=1, le=100, description="Length of a period against the one before.")] = 2.0
    peak_factor: Annotated[float, Field(gt=0, le=1, description="Height of a restart against the one before.")] = 1.0
    final_fraction: Annotated[Fraction, Field(description="Rate at the end of each period.")] = 0.0

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:
        factor = self.period_factor
        first = _length(self.first_epochs, steps_per_epoch, steps / (1 + factor + factor**2))
        step = np.arange(steps)
        if factor == 1:
            period = _whole(step / first)
            starts = period * first
        else:
            period = _whole(np.log1p(step * (factor - 1) / first) / np.log(factor))
            starts = first * np.expm1(period * np.log(factor)) / (factor - 1)
        passed = np.maximum(step - starts, 0) / (first * factor**period)
        return (1 - self.final_fraction) * self.peak_factor**period * _cosine(passed) + self.final_fraction


class Cyclic(Schedule):
    """Swings evenly between a low rate and the learning rate.

    Use it to find out which rates work, or to leave narrow minima; the learning rate is the peak.

    Formula: rate * (minimum_fraction + (1 - minimum_fraction) * s * max(0, 1 - |t / h - 2c + 1|)), h = half cycle, c = floor(1 + t / 2h);
        s = 1 (triangular), 2^(1 - c) (triangular2) or gamma^t (exp_range).
    Source: Smith (2015), arXiv:1506.01186, section 3.1.
    """

    name = "cyclic"

    mode: Annotated[
        Literal["triangular", "triangular2", "exp_range"],
        Field(description="triangular keeps the height, triangular2 halves it in each cycle, exp_range lowers it by gamma in each step."),
    ] = "triangular"
    half_cycle_epochs: Annotated[Length, Field(description="From the low rate to the peak; empty fits four cycles into the training.")] = None
    minimum_fraction: Annotated[Fraction, Field(description="The low rate.")] = 0.1
    gamma: Annotated[
        float, Field(gt=0, le=1, description="Factor of the height per step.", json_schema_extra={"shown_if": {"mode": "exp_range"}})
    ] = 0.99994

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:
        step = np.arange(steps)
        half = _length(self.half_cycle_epochs, steps_per_epoch, steps / 8)
        cycle = np.floor(1 + step / (2 * half))
        height = np.ones(steps)
        if self.mode == "triangular2":
            height = 0.5 ** (cycle - 1)
        elif self.mode == "exp_range":
            height = np.power(self.gamma, step, dtype=np.float64)
        wave: Floats = np.maximum(0, 1 - np.abs(step / half - 2 * cycle + 1))
        return self.minimum_fraction + (1 - self.minimum_fraction) * height * wave


class OneCycle(Schedule):
    """Rises once to the learning rate and falls to almost nothing.

    Use it to train quickly with a rate three to ten times the usual; the momentum stays as the optimizer has it.

    Formula: from rate / initial_divisor up to rate over the first rise_fraction of the steps, then down to
        rate / initial_divisor / final_divisor at the last; three phases: down as it went up, then on to the end.
    Source: Smith and Topin (2017), arXiv:1708.07120; two phases as in PyTorch's `OneCycleLR`.
    """

    name = "one_cycle"
    title = "One cycle"

    rise_fraction: Annotated[float, Field(gt=0, lt=1, description="Part of the training in which the rate rises.")] = 0.3
    initial_divisor: Annotated[float, Field(ge=1, description="The first rate is the learning rate divided by this.")] = 25.0
    final_divisor: Annotated[float, Field(ge=1, description="The last rate is the first one divided by this.")] = 10_000.0
    shape: Annotated[Literal["cosine", "linear"], Field(description="Form of the rise and the fall.")] = "cosine"
    three_phases: Annotated[
        bool, Field(description="Fall as steeply as it rose, then on in a third phase, as in the paper.", json_schema_extra={"frequent": False})
    ] = False

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:  # noqa: ARG002
        rise = min(self.rise_fraction, 0.5) if self.three_phases else self.rise_fraction
        low, end, last = 1 / self.initial_divisor, 1 / self.initial_divisor / self.final_divisor, float(steps - 1)
        peak = min(max(rise * steps - 1, 0.0), last)
        corners = [(0.0, low), (peak, 1.0), *([(min(max(2 * rise * steps - 2, peak), last), low)] if self.three_phases else []), (last, end)]
        step = np.arange(steps, dtype=float)
        curve = np.full(steps, low if peak > 0 else 1.0)
        for (start, first), (stop, second) in itertools.pairwise(corners):
            if stop > start:
                within = (step >= start) & (step <= stop)
                passed = (step[within] - start) / (stop - start)
                curve[within] = second + (first - second) * (_cosine(passed) if self.shape == "cosine" else 1 - passed)
        return curve


class ReduceOnPlateau(Schedule):
    """Lowers the rate when the watched figure has stopped getting better.

    Use it where nobody knows how long the training will take. The curve drawn in advance is the highest possible one.

    Formula: rate * scale; scale = max(scale * factor, minimum) after `patience` epochs without an improvement of more than min_delta.
    Source: Keras, `keras.callbacks.ReduceLROnPlateau`; Senior et al. (2013), doi:10.1109/ICASSP.2013.6638963, on such performance scheduling.
    """

    name = "reduce_on_plateau"
    title = "Reduce on plateau"

    factor: Annotated[float, Field(gt=0, lt=1, description="Factor of each reduction.")] = 0.5
    patience: Annotated[int, Field(ge=1, description="Epochs without improvement before a reduction.", json_schema_extra={"unit": "epochs"})] = 3
    min_delta: Annotated[float, Field(ge=0, description="Least change that counts as an improvement, in the unit of the watched figure.")] = 1e-4
    cooldown: Annotated[int, Field(ge=0, description="Epochs after a reduction that are not counted.", json_schema_extra={"unit": "epochs"})] = 0
    minimum: Annotated[Fraction, Field(description="The lowest rate.")] = 0.001

    def curve(self, steps: int, steps_per_epoch: int) -> Floats:  # noqa: ARG002
        return np.ones(steps)

    def state(self) -> PlateauState:
        """What is to be remembered from epoch to epoch, at its beginning."""
        return PlateauState(self)
