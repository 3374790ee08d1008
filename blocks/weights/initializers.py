"""How weights start. The seed of the training decides the numbers.

In the formulas, `inputs` is how many values each output sums over, and `outputs` how many outputs each input reaches.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from blocks.weights import INITIALIZERS, WeightSetting, matrix_only, unsuited


class Initializer(WeightSetting):
    """Base of all initializers."""

    family = INITIALIZERS
    module = "keras.initializers"


class GlorotUniform(Initializer):
    """Even chance between two limits that suit both directions.

    Use it with tanh, sigmoid or softmax behind; it is Keras's usual choice.

    Formula: uniform(-a, a), a = sqrt(6 / (inputs + outputs))
    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, AISTATS.
    """

    name: ClassVar[str] = "glorot_uniform"


class GlorotNormal(Initializer):
    """A bell curve whose width suits both directions.

    Use it in place of glorot_uniform; the two do much the same.

    Formula: normal(0, sqrt(2 / (inputs + outputs))), cut at two deviations
    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, AISTATS.
    """

    name: ClassVar[str] = "glorot_normal"


class HeUniform(Initializer):
    """Even chance between two limits that make up for the half that ReLU cuts off.

    Use it with ReLU and its relatives behind.

    Formula: uniform(-a, a), a = sqrt(6 / inputs)
    Source: He et al. (2015), arXiv:1502.01852.
    """

    name: ClassVar[str] = "he_uniform"


class HeNormal(Initializer):
    """A bell curve that makes up for the half that ReLU cuts off.

    Use it in deep networks of ReLUs, such as residual networks.

    Formula: normal(0, sqrt(2 / inputs)), cut at two deviations
    Source: He et al. (2015), arXiv:1502.01852.
    """

    name: ClassVar[str] = "he_normal"


class LecunUniform(Initializer):
    """Even chance between two limits that keep the variance of the inputs.

    Use it with SELU behind, or where there is no activation.

    Formula: uniform(-a, a), a = sqrt(3 / inputs)
    Source: LeCun et al. (1998), doi:10.1007/3-540-49430-8_2.
    """

    name: ClassVar[str] = "lecun_uniform"


class LecunNormal(Initializer):
    """A bell curve that keeps the variance of the inputs.

    Use it with SELU behind.

    Formula: normal(0, sqrt(1 / inputs)), cut at two deviations
    Source: Klambauer et al. (2017), arXiv:1706.02515.
    """

    name: ClassVar[str] = "lecun_normal"


class RandomUniform(Initializer):
    """Even chance between two limits of your own.

    Use it where a paper names the limits.

    Formula: uniform(minval, maxval)
    Source: keras.initializers.RandomUniform.
    """

    name: ClassVar[str] = "random_uniform"

    minval: float = Field(-0.05, ge=-1e6, le=1e6, description="Lower limit.")
    maxval: float = Field(0.05, ge=-1e6, le=1e6, description="Upper limit.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.minval > self.maxval:
            raise ValueError(f"minval ({self.minval:g}) must be at most maxval ({self.maxval:g})")
        return self


class RandomNormal(Initializer):
    """A bell curve of your own.

    Use it where a paper names mean and deviation.

    Formula: normal(mean, stddev)
    Source: keras.initializers.RandomNormal.
    """

    name: ClassVar[str] = "random_normal"

    mean: float = Field(0.0, ge=-1e6, le=1e6, description="Middle of the curve.")
    stddev: float = Field(0.05, ge=0.0, le=1e6, description="Standard deviation.")


class TruncatedNormal(Initializer):
    """A bell curve of your own without far-off values.

    Use it in Transformers, which mostly take a deviation of 0.02.

    Formula: normal(mean, stddev), cut at two deviations
    Source: Devlin et al. (2018), arXiv:1810.04805 (deviation 0.02).
    """

    name: ClassVar[str] = "truncated_normal"

    mean: float = Field(0.0, ge=-1e6, le=1e6, description="Middle of the curve.")
    stddev: float = Field(0.05, ge=0.0, le=1e6, description="Standard deviation.")


class VarianceScaling(Initializer):
    """The general form behind glorot, he and lecun.

    Use it where a paper gives another scale or counts otherwise.

    Formula: variance scale / n, n = inputs, outputs or their mean
    Source: He et al. (2015), arXiv:1502.01852, section 2.2.
    """

    name: ClassVar[str] = "variance_scaling"

    scale: float = Field(1.0, gt=0.0, le=1e6, description="Factor of the variance: 1 for lecun and glorot, 2 for he.")
    mode: Literal["fan_in", "fan_out", "fan_avg"] = Field("fan_in", description="What n counts: inputs, outputs or the mean of both.")
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = Field("truncated_normal", description="Form of the chance.")


class Orthogonal(Initializer):
    """A random rotation, which keeps lengths.

    Use it for the state of recurrent layers.

    Formula: gain * Q, Q of the QR decomposition of a normal matrix
    Source: Saxe, McClelland and Ganguli (2013), arXiv:1312.6120.
    """

    name: ClassVar[str] = "orthogonal"

    gain: float = Field(1.0, ge=0.0, le=1e6, description="Factor of the matrix.")

    def problem(self, shape: tuple[int, ...]) -> str | None:
        return None if len(shape) > 1 else unsuited(self, "at least 2 axes", shape)


class Identity(Initializer):
    """Lets everything pass unchanged at first; for matrices only.

    Use it for the state of a SimpleRNN with ReLU, which then remembers.

    Formula: gain * I
    Source: Le, Jaitly and Hinton (2015), arXiv:1504.00941.
    """

    name: ClassVar[str] = "identity"

    gain: float = Field(1.0, ge=-1e6, le=1e6, description="Factor of the matrix.")

    def make(self) -> Any:
        made = super().make()
        made.get_config = partial(dict, gain=self.gain)  # Keras 3.15 leaves it out, so that saved layers and their code would forget it
        return made

    def problem(self, shape: tuple[int, ...]) -> str | None:
        return matrix_only(self, shape)


class Zeros(Initializer):
    """All weights start at 0.

    Use it for biases, and for the last layer of a branch that is to do nothing at first; never for all kernels of a network.

    Formula: 0
    Source: Goyal et al. (2017), arXiv:1706.02677, section 5.1 (the last normalisation of a residual block).
    """

    name: ClassVar[str] = "zeros"


class Ones(Initializer):
    """All weights start at 1.

    Use it for factors, such as those of a normalisation.

    Formula: 1
    Source: Ioffe and Szegedy (2015), arXiv:1502.03167.
    """

    name: ClassVar[str] = "ones"


class Constant(Initializer):
    """All weights start at one number.

    Use it for biases that are to begin open or closed.

    Formula: value
    Source: Jozefowicz, Zaremba and Sutskever (2015), An empirical exploration of recurrent network architectures, ICML (a forget bias of 1).
    """

    name: ClassVar[str] = "constant"

    value: float = Field(0.0, ge=-1e6, le=1e6, description="The number.")
