"""Activations: what makes a network more than one linear map."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from blocks.base import LayerBlock, axis_problem
from blocks.fields import RARE, ActivationName, PositiveFloat
from blocks.spec import AnySpec


class _Activation(LayerBlock):
    category = "activation"


class Activation(_Activation):
    """Applies a function to every value.

    Use it where a normalisation stands between a layer and its activation; otherwise the layer's own field is shorter.

    Shapes: unchanged.
    """

    layer = "keras.layers.Activation"

    activation: ActivationName = Field("relu", description="The function.")


class ReLU(_Activation):
    """Lets positive values pass and makes negative ones 0.

    Use it as the first choice behind convolutions and dense layers.

    Shapes: unchanged.
    Source: Nair and Hinton (2010), Rectified linear units improve restricted Boltzmann machines, ICML.
    """

    layer = "keras.layers.ReLU"

    max_value: PositiveFloat | None = Field(None, description="Largest output, such as 6; empty: no limit.", json_schema_extra=RARE)
    negative_slope: float = Field(0.0, ge=0.0, le=100.0, description="Factor of negative values.", json_schema_extra=RARE)
    threshold: float = Field(0.0, ge=0.0, le=100.0, description="Values below it count as negative.", json_schema_extra=RARE)


class LeakyReLU(_Activation):
    """Lets positive values pass and shrinks negative ones.

    Use it in place of ReLU when units die (give 0 for every sample).

    Shapes: unchanged.
    Source: Maas, Hannun and Ng (2013), Rectifier nonlinearities improve neural network acoustic models, ICML workshop.
    """

    layer = "keras.layers.LeakyReLU"

    negative_slope: float = Field(0.3, ge=0.0, le=100.0, description="Factor of negative values.")


class PReLU(_Activation):
    """Lets positive values pass and shrinks negative ones by learned factors.

    Use it in place of LeakyReLU where there is enough data to learn the factor.

    Shapes: unchanged.
    Weights: one per channel; with shared_axes "none" one per value of a sample.
    Source: He et al. (2015), arXiv:1502.01852.
    """

    layer = "keras.layers.PReLU"
    ranks = (1, 2, 3, 4)

    shared_axes: Literal["all", "none"] = Field(
        "all", description='"all": one factor per channel; "none": one per place and channel.', json_schema_extra=RARE
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or self.shared_axes == "all" or not inputs or None not in inputs[0].shape:
            return found
        return "PReLU: invalid input. Expected: known sizes. Received: a size that varies.", 'Set shared_axes to "all", or insert Resizing.'

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        if self.shared_axes == "all" and not layer.built and len(inputs[0].shape) > 2:
            layer.shared_axes = list(range(1, len(inputs[0].shape) - 1))
        return layer(inputs[0])

    def own_fields(self) -> set[str]:
        return {"shared_axes"}


class ELU(_Activation):
    """Lets positive values pass and bends negative ones softly towards -alpha.

    Use it in place of ReLU to keep the mean of activations near 0.

    Shapes: unchanged.
    Source: Clevert, Unterthiner and Hochreiter (2015), arXiv:1511.07289.
    """

    layer = "keras.layers.ELU"

    alpha: PositiveFloat = Field(1.0, description="How far negative values reach.")


class Softmax(_Activation):
    """Turns numbers into probabilities that add up to 1.

    Use it over classes or attention scores; an Output for classes has its own already.

    Shapes: unchanged.
    Source: Bridle (1990), doi:10.1007/978-3-642-76153-9_28.
    """

    layer = "keras.layers.Softmax"
    ranks = (1, 2, 3, 4)

    axis: int = Field(-1, ge=-1, le=4, description="Axis that adds up to 1, counted from 1; -1 is the last.", json_schema_extra=RARE)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axis_problem("Softmax", self.axis, inputs[0].shape)


class _Fixed(_Activation):
    """An activation without parameters, by its name in Keras."""

    layer = "keras.layers.Activation"

    def arguments(self) -> dict[str, Any]:
        return {"activation": type(self).__name__.lower()}


class Sigmoid(_Fixed):
    """Squeezes every value between 0 and 1.

    Use it for gates and yes/no probabilities; between layers its gradients vanish quickly.

    Shapes: unchanged.
    Source: Rumelhart, Hinton and Williams (1986), doi:10.1038/323533a0.
    """


class Tanh(_Fixed):
    """Squeezes every value between -1 and 1.

    Use it in small or recurrent networks, and where an output must be bounded on both sides.

    Shapes: unchanged.
    Source: LeCun et al. (1998), doi:10.1109/5.726791, appendix A.
    """


class GELU(_Fixed):
    """Weights every value by the probability that a normal variable is smaller.

    Use it in Transformers and modern convolution networks.

    Shapes: unchanged.
    Source: Hendrycks and Gimpel (2016), arXiv:1606.08415.
    """


class SiLU(_Fixed):
    """Multiplies every value by its sigmoid (also called swish).

    Use it in EfficientNet-like networks, in place of ReLU.

    Shapes: unchanged.
    Source: Ramachandran, Zoph and Le (2017), arXiv:1710.05941.
    """


class SELU(_Fixed):
    """A scaled ELU that keeps mean 0 and variance 1 from layer to layer.

    Use it in plain dense networks with kernel_initializer "lecun_normal", without batch normalisation.

    Shapes: unchanged.
    Source: Klambauer et al. (2017), arXiv:1706.02515.
    """


class Mish(_Fixed):
    """Multiplies every value by the tanh of its softplus.

    Use it in place of SiLU; it costs a little more.

    Shapes: unchanged.
    Source: Misra (2019), arXiv:1908.08681.
    """


class Softplus(_Fixed):
    """A smooth ReLU: log(1 + exp(x)).

    Use it where an output must be positive, such as a variance.

    Shapes: unchanged.
    Source: Dugas et al. (2000), Incorporating second-order functional knowledge for better option pricing, NIPS.
    """
