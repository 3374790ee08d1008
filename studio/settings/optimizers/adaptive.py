"""Optimizers that give every weight a rate of its own, or every matrix a step of its own form."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, field_validator

from studio.settings.optimizers import MORE, LearningRate, Momentum, Optimizer

Beta1 = Annotated[float, Field(ge=0, lt=1, description="Decay per step of the average of gradients.", json_schema_extra=MORE)]
Beta2 = Annotated[float, Field(ge=0, lt=1, description="Decay per step of the average of squared gradients.", json_schema_extra=MORE)]
Rho = Annotated[float, Field(ge=0, lt=1, description="Decay per step of the average of squared gradients.", json_schema_extra=MORE)]
Epsilon = Annotated[float, Field(gt=0, le=1, description="Added to divisors, so that none is zero.", json_schema_extra=MORE)]
WeightDecay = Annotated[float, Field(ge=0, le=1, description="Share of each weight, times the learning rate, that is taken off per step.")]
Strength = Annotated[float, Field(ge=0, json_schema_extra=MORE)]
AMSGrad = Annotated[
    bool, Field(description="Divide by the largest average of squared gradients so far (Reddi et al., 2018).", json_schema_extra=MORE)
]
Accumulated = Annotated[float, Field(ge=0, description="Where the sums of squared gradients start.", json_schema_extra=MORE)]


class Adagrad(Optimizer):
    """Gives each weight its own rate, smaller the more its gradients have added up.

    Use it for sparse inputs, such as bags of words; the rates only ever fall.

    Formula: a = a + g^2; w = w - rate * g / sqrt(a + epsilon).
    Source: Duchi, Hazan and Singer (2011), jmlr.org/papers/v12/duchi11a.html.
    """

    name = "adagrad"
    keras_class = "Adagrad"

    initial_accumulator_value: Accumulated = 0.1
    epsilon: Epsilon = 1e-7


class Adadelta(Optimizer):
    """Adagrad over a moving window, in which the size of a step follows the size of the last steps.

    Use it as the paper does, with learning rate 1; Keras's default of 0.001 is very slow.

    Formula: a = rho * a + (1 - rho) * g^2; d = g * sqrt((b + epsilon) / (a + epsilon)); b = rho * b + (1 - rho) * d^2; w = w - rate * d.
    Source: Zeiler (2012), arXiv:1212.5701.
    """

    name = "adadelta"
    keras_class = "Adadelta"

    learning_rate: Annotated[float, Field(gt=0, le=1000, description="Size of a step before any schedule; the paper uses 1.")] = 0.001
    rho: Rho = 0.95
    epsilon: Epsilon = 1e-7


class RMSprop(Optimizer):
    """Divides each gradient by the root of the moving average of its squares.

    Use it for recurrent networks, its classical field; Adam adds an average of the gradients.

    Formula: a = rho * a + (1 - rho) * g^2; v = momentum * v + rate * g / sqrt(a + epsilon); w = w - v. Centered: a minus the squared mean of g.
    Source: Hinton (2012), Neural Networks for Machine Learning, lecture 6e; centered: Graves (2013), arXiv:1308.0850, section 4.2.
    """

    name = "rmsprop"
    keras_class = "RMSprop"

    rho: Rho = 0.9
    momentum: Momentum = 0.0
    epsilon: Epsilon = 1e-7
    centered: Annotated[bool, Field(description="Divide by the variance of the gradients, not their mean square.", json_schema_extra=MORE)] = False


class Adam(Optimizer):
    """Averages gradients and their squares, so that each weight has a step of fitting size.

    Use it first: it works with little tuning on almost everything.

    Formula: m = beta_1 * m + (1 - beta_1) * g; v = beta_2 * v + (1 - beta_2) * g^2;
        w = w - rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon).
    Source: Kingma and Ba (2014), arXiv:1412.6980, algorithm 1; AMSGrad: Reddi, Kale and Kumar (2018), arXiv:1904.09237.
    """

    name = "adam"
    keras_class = "Adam"

    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7
    amsgrad: AMSGrad = False


class AdamW(Optimizer):
    """Adam that also shrinks every weight a little in each step, apart from the gradient.

    Use it for transformers and whenever Adam overfits.

    Formula: w = w - rate * weight_decay * w, then as Adam.
    Source: Loshchilov and Hutter (2017), arXiv:1711.05101, algorithm 2.
    """

    name = "adamw"
    keras_class = "AdamW"

    weight_decay: WeightDecay = 0.004
    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7
    amsgrad: AMSGrad = False


class Adamax(Optimizer):
    """Adam with the largest recent gradient in place of the average of squares.

    Use it where single gradients are far larger than the rest, as with embeddings.

    Formula: m = beta_1 * m + (1 - beta_1) * g; u = max(beta_2 * u, |g|); w = w - rate / (1 - beta_1^t) * m / (u + epsilon).
    Source: Kingma and Ba (2014), arXiv:1412.6980, algorithm 2.
    """

    name = "adamax"
    keras_class = "Adamax"

    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7


class Nadam(Optimizer):
    """Adam with Nesterov's look ahead.

    Use it where Adam is used; it is often a little quicker at the start.

    Formula: as Adam, with beta_1 * m' + (1 - beta_1) * g in place of m, where m' is the average that the next step would start from.
    Source: Dozat (2016), openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ.
    """

    name = "nadam"
    keras_class = "Nadam"

    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7


class Ftrl(Optimizer):
    """Follows the regularised leader: weights that do not help become exactly zero.

    Use it for wide, shallow, sparse models such as click prediction. It divides by the rate, so the schedule must stay above zero.

    Formula: n' = n + g^2; z = z + g - (n'^-p - n^-p) / rate * w; w = (clip(z, -l1, l1) - z) / ((beta + n'^-p) / rate + 2 * l2), with p the power.
    Source: McMahan et al. (2013), doi:10.1145/2487575.2488200.
    """

    name = "ftrl"
    title = "FTRL"
    keras_class = "Ftrl"

    learning_rate_power: Annotated[float, Field(le=0, description="How rates fall as gradients add up; 0 keeps them.", json_schema_extra=MORE)] = -0.5
    initial_accumulator_value: Accumulated = 0.1
    l1_regularization_strength: Annotated[Strength, Field(description="Pull of every weight to exactly zero.")] = 0.0
    l2_regularization_strength: Annotated[Strength, Field(description="Pull of every weight towards zero, as in the paper.")] = 0.0
    l2_shrinkage_regularization_strength: Annotated[Strength, Field(description="Penalty on the size of weights, added to the gradient.")] = 0.0
    beta: Annotated[Strength, Field(description="Beta of the paper: slows the first steps.")] = 0.0


class Lion(Optimizer):
    """Steps of one size for all weights: only the sign of the averaged gradient counts.

    Use it with a rate three to ten times smaller than Adam's; it keeps half of Adam's state.

    Formula: w = w - rate * sign(beta_1 * m + (1 - beta_1) * g); m = beta_2 * m + (1 - beta_2) * g.
    Source: Chen et al. (2023), arXiv:2302.06675, algorithm 2.
    """

    name = "lion"
    keras_class = "Lion"

    beta_1: Annotated[float, Field(gt=0, lt=1, description="Share of the average in the step.", json_schema_extra=MORE)] = 0.9
    beta_2: Annotated[float, Field(ge=0, lt=1, description="Decay per step of the average of gradients.", json_schema_extra=MORE)] = 0.99


class Lamb(Optimizer):
    """Adam whose step is scaled in each layer to the size of the layer's weights.

    Use it for very large batches.

    Formula: u = Adam's step without the rate; w = w - rate * |w| / |u| * u, norms taken over one weight tensor.
    Source: You et al. (2019), arXiv:1904.00962, algorithm 2.
    """

    name = "lamb"
    title = "LAMB"
    keras_class = "Lamb"

    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7


class Adafactor(Optimizer):
    """Adam with little memory: squares are kept per row and per column, steps follow the size of the weights.

    Use it for large language models.

    Formula: v = row averages x column averages of g^2 / their mean; u = g / sqrt(v), clipped to clip_threshold;
        w = w - max(epsilon_2, rms(w)) * min(rate, 1 / sqrt(t)) * u.
    Source: Shazeer and Stern (2018), arXiv:1804.04235, algorithm 4.
    """

    name = "adafactor"
    keras_class = "Adafactor"

    beta_2_decay: Annotated[float, Field(lt=0, ge=-10, description="Power of the step by which averages lengthen.", json_schema_extra=MORE)] = -0.8
    epsilon_1: Annotated[float, Field(gt=0, le=1, description="Added to squared gradients.", json_schema_extra=MORE)] = 1e-30
    epsilon_2: Annotated[float, Field(gt=0, le=1, description="Least size of weights that steps are scaled to.", json_schema_extra=MORE)] = 1e-3
    clip_threshold: Annotated[float, Field(gt=0, description="Largest root mean square of a step before scaling.", json_schema_extra=MORE)] = 1.0
    relative_step: Annotated[bool, Field(description="Never step further than 1 / sqrt(t).", json_schema_extra=MORE)] = True


class Muon(Optimizer):
    """Makes the step of every weight matrix orthogonal; all other weights take AdamW's step.

    Use it for networks made of large Dense layers, such as transformers; name the last layer in `exclude_layers`.

    Formula: m = momentum * m + g; u = orthogonal part of g + momentum * m by ns_steps Newton-Schulz iterations x -> a x + (b A + c A^2) x, A = x x^T;
        w = w - rate * rms_rate * sqrt(larger side of w) * u.
    Source: Jordan et al. (2024), kellerjordan.github.io/posts/muon; Liu et al. (2025), arXiv:2502.16982, section 2.2.
    """

    name = "muon"
    keras_class = "Muon"

    momentum: Momentum = 0.95
    nesterov: Annotated[bool, Field(description="Take the gradient where the momentum leads.")] = True
    weight_decay: WeightDecay = 0.004
    ns_steps: Annotated[int, Field(ge=1, le=50, description="Newton-Schulz iterations per step.", json_schema_extra=MORE)] = 5
    rms_rate: Annotated[float | None, Field(gt=0, description="Size of a step against Adam's; empty leaves it unscaled.", json_schema_extra=MORE)] = (
        0.2
    )
    muon_a: Annotated[float, Field(description="Factor a of the iteration.", json_schema_extra=MORE)] = 3.4445
    muon_b: Annotated[float, Field(description="Factor b of the iteration.", json_schema_extra=MORE)] = -4.775
    muon_c: Annotated[float, Field(description="Factor c of the iteration.", json_schema_extra=MORE)] = 2.0315
    exclude_embeddings: Annotated[bool, Field(description="Embeddings take AdamW's step.", json_schema_extra=MORE)] = True
    exclude_layers: Annotated[
        str, Field(description="Layers that take AdamW's step: regular expressions for their names, separated by commas.", json_schema_extra=MORE)
    ] = ""
    adam_lr_ratio: Annotated[float, Field(gt=0, description="AdamW's rate as a multiple of the learning rate.", json_schema_extra=MORE)] = 1.0
    adam_beta_1: Beta1 = 0.9
    adam_beta_2: Beta2 = 0.999
    adam_weight_decay: Annotated[float, Field(ge=0, le=1, description="Weight decay of the AdamW steps.", json_schema_extra=MORE)] = 0.004
    epsilon: Epsilon = 1e-7

    @field_validator("exclude_layers")
    @classmethod
    def _compiles(cls, value: str) -> str:
        for pattern in _separated(value):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        return value

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"exclude_layers": _separated(self.exclude_layers)}


def _separated(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


class ScheduleFreeAdamW(Optimizer):
    """AdamW that averages the weights along the way, in place of a falling rate.

    Use it without a schedule, when the number of epochs is not known in advance.

    Formula: z = z - rate * g / (sqrt(v / (1 - beta_2^t)) + epsilon); x = (1 - 1 / t) * x + z / t; w = (1 - beta_1) * z + beta_1 * x.
    Source: Defazio et al. (2024), arXiv:2405.15682, algorithm 1.
    """

    name = "schedule_free_adamw"
    title = "Schedule-free AdamW"
    keras_class = "ScheduleFreeAdamW"
    wants_constant_rate = True

    learning_rate: LearningRate = 0.0025
    beta_1: Annotated[float, Field(gt=0, lt=1, description="Share of the averaged weights in the working weights.", json_schema_extra=MORE)] = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-8
    warmup_steps: Annotated[int, Field(ge=0, description="Steps over which the rate rises from zero.", json_schema_extra={"unit": "steps"})] = 0
