"""Activations with parameters. An activation is what makes a network more than one linear map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from blocks.axes import Axes, Axis, axes_problem, one_or_all, sizes_of
from blocks.base import NumericBlock
from blocks.fields import RARE, ActivationName
from blocks.sizes import Size
from blocks.spec import AnySpec, Shape
from blocks.weights import Constraint, Initializer, Regularizer, constraint_field, initializer_field, regularizer_field

AXIS = "Axis along which it works, counted from 1; -1 is the last."


class _Activation(NumericBlock):
    """Base of all activations."""

    category = "activation"


class Activation(_Activation):
    """Applies a function to every value.

    Use it where a normalisation stands between a layer and its activation; otherwise the layer's own field is shorter.

    Formula: y = activation(x)
    Shapes: unchanged.
    """

    layer = "keras.layers.Activation"

    activation: ActivationName = Field("relu", description="The function.")


class ReLU(_Activation):
    """Lets positive values pass and makes negative ones 0.

    Use it as the first choice behind convolutions and dense layers.

    Formula: y = max(0, x); at most max_value, and negative_slope * (x - threshold) below threshold
    Shapes: unchanged.
    Source: Nair and Hinton (2010), Rectified linear units improve restricted Boltzmann machines, ICML.
    """

    layer = "keras.layers.ReLU"

    max_value: float | None = Field(None, gt=0.0, le=1e6, description="Largest output, such as 6; empty: no limit.", json_schema_extra=RARE)
    negative_slope: float = Field(0.0, ge=0.0, le=100.0, description="Factor of negative values.", json_schema_extra=RARE)
    threshold: float = Field(0.0, ge=0.0, le=100.0, description="Values below it count as negative.", json_schema_extra=RARE)


class LeakyReLU(_Activation):
    """Lets positive values pass and shrinks negative ones.

    Use it in place of ReLU when units die (give 0 for every sample).

    Formula: y = x for x >= 0, negative_slope * x below
    Shapes: unchanged.
    Source: Maas, Hannun and Ng (2013), Rectifier nonlinearities improve neural network acoustic models, ICML workshop.
    """

    layer = "keras.layers.LeakyReLU"

    negative_slope: float = Field(0.3, ge=0.0, le=100.0, description="Factor of negative values.")


class PReLU(_Activation):
    """Lets positive values pass and shrinks negative ones by learned factors.

    Use it in place of LeakyReLU where there is enough data to learn the factor.

    Formula: y = x for x >= 0, alpha * x below
    Shapes: unchanged.
    Weights: channels * factors per channel; 1 factor per channel, with shared_axes "none" one for each place.
    Source: He et al. (2015), arXiv:1502.01852.
    """

    layer = "keras.layers.PReLU"
    ranks = (1, 2, 3, 4)

    shared_axes: Literal["all", "none"] = Field(
        "all", description='"all": one factor per channel; "none": one per place and channel.', json_schema_extra=RARE
    )
    alpha_initializer: Initializer = initializer_field("zeros", "How the factors start; 0.25 (constant) in the paper.")
    alpha_regularizer: Regularizer | None = regularizer_field("What large factors cost in training; empty: nothing.")
    alpha_constraint: Constraint | None = constraint_field("What the factors are brought to after each step; empty: nothing.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or axes_problem("PReLU", (-1,), inputs[0].shape, known=True)
        if found or self.shared_axes == "all" or None not in inputs[0].shape:
            return found
        return "PReLU: invalid input. Expected: known sizes. Received: a size that varies.", 'Set shared_axes to "all", or insert Resizing.'

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        if self.shared_axes == "all" and not layer.built and len(inputs[0].shape) > 2:
            layer.shared_axes = list(range(1, len(inputs[0].shape) - 1))
        return layer(inputs[0])

    def own_fields(self) -> set[str]:
        return {"shared_axes"}

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        places = math.prod(size or 1 for size in inputs[0][:-1]) if inputs else 1
        return {"factors per channel": places if self.shared_axes == "none" else 1}


class RReLU(_Activation):
    """Lets positive values pass and shrinks negative ones by factors drawn by chance in training.

    Use it in place of LeakyReLU on small data, where the chance works against learning by heart.

    Formula: y = x for x >= 0, a * x below; a is drawn evenly from lower to upper for each value, and (lower + upper) / 2 in prediction
    Shapes: unchanged.
    Source: Xu et al. (2015), arXiv:1505.00853; the limits are those of torch.
    """

    layer = "blocks.layers.randomized_relu.RReLU"

    lower: float = Field(1 / 8, ge=0.0, le=100.0, description="Least factor of negative values.")
    upper: float = Field(1 / 3, ge=0.0, le=100.0, description="Largest factor of negative values.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lower > self.upper:
            raise ValueError(f"lower ({self.lower:g}) must not be above upper ({self.upper:g})")
        return self


class ELU(_Activation):
    """Lets positive values pass and bends negative ones softly towards -alpha.

    Use it in place of ReLU to keep the mean of activations near 0.

    Formula: y = x for x >= 0, alpha * (exp(x) - 1) below
    Shapes: unchanged.
    Source: Clevert, Unterthiner and Hochreiter (2015), arXiv:1511.07289.
    """

    layer = "keras.layers.ELU"

    alpha: float = Field(1.0, gt=0.0, le=1e6, description="How far negative values reach.")


class Softmax(_Activation):
    """Turns numbers into probabilities that add up to 1.

    Use it over classes or attention scores; an Output for classes has its own already.

    Formula: y[i] = exp(x[i]) / sum over j of exp(x[j])
    Shapes: unchanged.
    Source: Bridle (1990), doi:10.1007/978-3-642-76153-9_28.
    """

    layer = "keras.layers.Softmax"
    ranks = (1, 2, 3, 4)

    axis: Axes = Field((-1,), description="Axes that add up to 1 together, counted from 1; -1 is the last.", json_schema_extra=RARE)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "axis": one_or_all(self.axis)}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axes_problem("Softmax", self.axis, inputs[0].shape)


class _Function(_Activation):
    """A function of keras.activations with arguments.

    Args:
        function: Its name there.
        plain: Whether keras.layers.Activation does for the defaults, so that saved networks need Keras alone.
    """

    function: ClassVar[str] = ""
    plain: ClassVar[bool] = True

    layer = "blocks.layers.parametric_activation.ParametricActivation"

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        own = {name: given.pop(name) for name in list(given) if name != "dtype"}
        return {"function": self.function, "arguments": own, **given}

    def make(self, name: str | None = None) -> Any:
        import keras

        if not self.plain or self.model_dump(exclude={"dtype"}, exclude_defaults=True):
            return super().make(name)
        return keras.layers.Activation(self.function, name=name, **({"dtype": self.dtype} if self.dtype else {}))


class _OverAxis(_Activation):
    ranks = (1, 2, 3, 4)

    axis: Axis = Field(-1, description=AXIS, json_schema_extra=RARE)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axes_problem(type(self).__name__, (self.axis,), inputs[0].shape)


class LogSoftmax(_OverAxis, _Function):
    """The logarithm of Softmax, which stays exact for tiny probabilities.

    Use it where a loss or a later block wants logarithms of probabilities.

    Formula: y[i] = x[i] - log(sum over j of exp(x[j]))
    Shapes: unchanged.
    """

    function = "log_softmax"


class Sparsemax(_OverAxis):
    """Turns numbers into probabilities that add up to 1, most of which are exactly 0.

    Use it in place of Softmax for attention that looks at few places.

    Formula: y[i] = max(0, x[i] - t), with t such that all y add up to 1
    Shapes: unchanged.
    Source: Martins and Astudillo (2016), arXiv:1602.02068.
    """

    layer = "blocks.layers.sparsemax.Sparsemax"


class GLU(_OverAxis, _Function):
    """Multiplies one half of the channels by the sigmoid of the other half.

    Use it behind a layer with twice as many channels as are wanted: the second half opens and closes the first.

    Formula: y = a * sigmoid(b); a is the first half of x, b the second
    Shapes: (..., channels) -> (..., channels / 2).
    Source: Dauphin et al. (2016), arXiv:1612.08083.
    """

    function = "glu"
    plain = False

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or axes_problem("GLU", (self.axis,), inputs[0].shape, known=True)
        if found:
            return found
        size = sizes_of((self.axis,), inputs[0].shape)[0] or 0
        if size % 2:
            return f"GLU: invalid input. Expected: an even size, to be halved. Received: {size}.", f"Give the block before it {size + 1} channels."
        return None

    def sizes(self, shape: Shape) -> list[Size]:
        size = sizes_of((self.axis,), shape)[0]
        return [] if size is None else [Size(len(shape) - 1 if self.axis == -1 else self.axis - 1, "size / 2", {"size": size})]


class GELU(_Function):
    """Weights every value by the probability that a normal variable is smaller.

    Use it in Transformers and modern convolution networks.

    Formula: y = x * (1 + erf(x / sqrt(2))) / 2; approximate: x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2
    Shapes: unchanged.
    Source: Hendrycks and Gimpel (2016), arXiv:1606.08415.
    """

    function = "gelu"

    approximate: bool = Field(False, description="Takes the formula with tanh, as BERT and GPT-2 do.", json_schema_extra=RARE)


class CELU(_Function):
    """An ELU without a kink for any alpha.

    Use it in place of ELU with an alpha other than 1.

    Formula: y = x for x >= 0, alpha * (exp(x / alpha) - 1) below
    Shapes: unchanged.
    Source: Barron (2017), arXiv:1704.07483.
    """

    function = "celu"

    alpha: float = Field(1.0, gt=0.0, le=1e6, description="How far negative values reach.")


class HardShrink(_Function):
    """Makes small values 0 and leaves the others as they are.

    Use it to clear weak answers, as in sparse codes and denoising.

    Formula: y = x for |x| > threshold, 0 otherwise
    Shapes: unchanged.
    Source: Donoho and Johnstone (1994), doi:10.1093/biomet/81.3.425.
    """

    function = "hard_shrink"

    threshold: float = Field(0.5, ge=0.0, le=1e6, description="Largest size that becomes 0.")


class SoftShrink(_Function):
    """Makes small values 0 and brings the others nearer to 0.

    Use it in place of HardShrink to avoid its jump.

    Formula: y = x - threshold for x > threshold, x + threshold for x < -threshold, 0 otherwise
    Shapes: unchanged.
    Source: Donoho (1995), doi:10.1109/18.382009.
    """

    function = "soft_shrink"

    threshold: float = Field(0.5, ge=0.0, le=1e6, description="Largest size that becomes 0.")


class Threshold(_Function):
    """Lets values above a threshold pass and replaces the others.

    Use it to clear values below a level of noise.

    Formula: y = x for x > threshold, default_value otherwise
    Shapes: unchanged.
    """

    function = "threshold"
    plain = False

    threshold: float = Field(0.5, ge=-1e6, le=1e6, description="Values up to it are replaced.")
    default_value: float = Field(0.0, ge=-1e6, le=1e6, description="What replaces them.")


class SquarePlus(_Function):
    """A smooth ReLU from a square root.

    Use it in place of Softplus where exp and log are slow.

    Formula: y = (x + sqrt(x^2 + b)) / 2
    Shapes: unchanged.
    Source: Barron (2021), arXiv:2112.11687.
    """

    function = "squareplus"

    b: float = Field(4.0, ge=0.0, le=1e6, description="How round the bend is; 0 gives ReLU.")
