"""Gradient descent as it is taught: with all samples, one, a few, with momentum and with Nesterov's look ahead."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.settings.optimizers import LearningRate, Momentum, Optimizer


class SGD(Optimizer):
    """Steps against the gradient, with momentum if wanted.

    Use it with momentum 0.9 and a falling rate where the last percent counts; it asks for more tuning than Adam.

    Formula: v = momentum * v - rate * g; w = w + v. With Nesterov: w = w + momentum * v - rate * g.
    Source: Robbins and Monro (1951), doi:10.1214/aoms/1177729586; Sutskever et al. (2013), proceedings.mlr.press/v28/sutskever13.
    """

    name = "sgd"
    title = "SGD"
    keras_class = "SGD"

    learning_rate: LearningRate = 0.01
    momentum: Momentum = 0.0
    nesterov: Annotated[bool, Field(description="Take the gradient where the momentum leads.")] = False


class GradientDescent(Optimizer):
    """Steps against the gradient over all training samples at once: one step per epoch.

    Use it to see the pure method: the loss falls smoothly, and slowly. It needs the memory for all samples at once.

    Formula: w = w - rate * g, with g the mean over the whole training split.
    Source: Cauchy (1847), Comptes rendus 25, 536; Goodfellow, Bengio and Courville (2016), Deep Learning, section 4.3.
    """

    name = "gradient_descent"
    title = "Gradient descent (all samples)"
    keras_class = "SGD"
    batch_size = "all"

    learning_rate: LearningRate = 0.1


class StochasticGradientDescent(Optimizer):
    """Steps against the gradient of one single sample: as many steps per epoch as there are samples.

    Use it to see how noise helps and hurts; on today's processors single samples are slow.

    Formula: w = w - rate * g, with g from one sample.
    Source: Robbins and Monro (1951), doi:10.1214/aoms/1177729586.
    """

    name = "stochastic_gradient_descent"
    title = "Stochastic gradient descent (one sample)"
    keras_class = "SGD"
    batch_size = 1

    learning_rate: LearningRate = 0.01


class MiniBatchGradientDescent(Optimizer):
    """Steps against the mean gradient of a few samples: the middle way that everybody takes.

    Use it to compare batch sizes, which the recipe sets; momentum makes it faster.

    Formula: w = w - rate * g, with g the mean over a batch.
    Source: Bottou, Curtis and Nocedal (2018), doi:10.1137/16M1080173, arXiv:1606.04838.
    """

    name = "mini_batch_gradient_descent"
    title = "Mini-batch gradient descent"
    keras_class = "SGD"

    learning_rate: LearningRate = 0.01


class MomentumDescent(Optimizer):
    """Keeps moving in the direction of the last steps, as a heavy ball does.

    Use it where plain gradient descent zigzags through a narrow valley.

    Formula: v = momentum * v - rate * g; w = w + v.
    Source: Polyak (1964), doi:10.1016/0041-5553(64)90137-5.
    """

    name = "momentum"
    title = "Momentum"
    keras_class = "SGD"

    learning_rate: LearningRate = 0.01
    momentum: Momentum = 0.9


class Nesterov(Optimizer):
    """Momentum that looks ahead: the gradient is taken where the momentum leads (NAG).

    Use it instead of momentum where that overshoots.

    Formula: v = momentum * v - rate * g; w = w + momentum * v - rate * g.
    Source: Nesterov (1983), Doklady AN SSSR 269, 543; Sutskever et al. (2013), proceedings.mlr.press/v28/sutskever13.
    """

    name = "nesterov"
    title = "Nesterov momentum (NAG)"
    keras_class = "SGD"
    fixed = {"nesterov": True}

    learning_rate: LearningRate = 0.01
    momentum: Momentum = 0.9
