"""Activations without parameters."""

from __future__ import annotations

from typing import Any, ClassVar

from blocks.base import NumericBlock


class _Fixed(NumericBlock):
    """A function of keras.activations.

    Args:
        function: Its name there.
    """

    function: ClassVar[str] = ""

    category = "activation"
    layer = "keras.layers.Activation"

    def arguments(self) -> dict[str, Any]:
        return {"activation": self.function, **super().arguments()}


class Linear(_Fixed):
    """Leaves every value as it is.

    Use it to give a place in the network a name.

    Formula: y = x
    Shapes: unchanged.
    """

    function = "linear"


class ReLU6(_Fixed):
    """A ReLU that ends at 6.

    Use it in networks for small devices, whose numbers have few bits.

    Formula: y = min(max(0, x), 6)
    Shapes: unchanged.
    Source: Krizhevsky (2010), Convolutional deep belief networks on CIFAR-10, manuscript; Sandler et al. (2018), arXiv:1801.04381.
    """

    function = "relu6"


class Sigmoid(_Fixed):
    """Squeezes every value between 0 and 1.

    Use it for gates and yes/no probabilities; between layers its gradients vanish quickly.

    Formula: y = 1 / (1 + exp(-x))
    Shapes: unchanged.
    Source: Rumelhart, Hinton and Williams (1986), doi:10.1038/323533a0.
    """

    function = "sigmoid"


class HardSigmoid(_Fixed):
    """A sigmoid made of straight lines.

    Use it in place of Sigmoid on small devices.

    Formula: y = min(max(0, x + 3), 6) / 6
    Shapes: unchanged.
    Source: Howard et al. (2019), arXiv:1905.02244, section 5.2.
    """

    function = "hard_sigmoid"


class LogSigmoid(_Fixed):
    """The logarithm of Sigmoid, which stays exact for tiny probabilities.

    Use it where a later block wants logarithms of yes/no probabilities.

    Formula: y = -log(1 + exp(-x))
    Shapes: unchanged.
    """

    function = "log_sigmoid"


class SparseSigmoid(_Fixed):
    """A straight line from 0 to 1 between -1 and 1.

    Use it for gates that open and close completely.

    Formula: y = min(max(0, (x + 1) / 2), 1)
    Shapes: unchanged.
    Source: Blondel, Martins and Niculae (2019), arXiv:1901.02324.
    """

    function = "sparse_sigmoid"


class Tanh(_Fixed):
    """Squeezes every value between -1 and 1.

    Use it in small or recurrent networks, and where an output must be bounded on both sides.

    Formula: y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))
    Shapes: unchanged.
    Source: LeCun et al. (1998), doi:10.1109/5.726791, appendix A.
    """

    function = "tanh"


class HardTanh(_Fixed):
    """Cuts every value off at -1 and 1.

    Use it in place of Tanh on small devices.

    Formula: y = min(max(-1, x), 1)
    Shapes: unchanged.
    Source: Collobert (2004), Large scale machine learning, thesis.
    """

    function = "hard_tanh"


class TanhShrink(_Fixed):
    """What Tanh takes away from a value: small ones nearly vanish.

    Use it in sparse codes, as a smooth SoftShrink.

    Formula: y = x - tanh(x)
    Shapes: unchanged.
    """

    function = "tanh_shrink"


class SELU(_Fixed):
    """A scaled ELU that keeps mean 0 and variance 1 from layer to layer.

    Use it in plain dense networks with kernel_initializer "lecun_normal", without batch normalisation.

    Formula: y = 1.0507 * x for x >= 0, 1.0507 * 1.67326 * (exp(x) - 1) below
    Shapes: unchanged.
    Source: Klambauer et al. (2017), arXiv:1706.02515.
    """

    function = "selu"


class SiLU(_Fixed):
    """Multiplies every value by its sigmoid (also called swish).

    Use it in EfficientNet-like networks, in place of ReLU.

    Formula: y = x / (1 + exp(-x))
    Shapes: unchanged.
    Source: Ramachandran, Zoph and Le (2017), arXiv:1710.05941.
    """

    function = "silu"


class HardSiLU(_Fixed):
    """A SiLU made of a curve without exp (also called hard swish).

    Use it in place of SiLU on small devices, as in MobileNetV3.

    Formula: y = x * min(max(0, x + 3), 6) / 6
    Shapes: unchanged.
    Source: Howard et al. (2019), arXiv:1905.02244, section 5.2.
    """

    function = "hard_silu"


class Mish(_Fixed):
    """Multiplies every value by the tanh of its softplus.

    Use it in place of SiLU; it costs a little more.

    Formula: y = x * tanh(log(1 + exp(x)))
    Shapes: unchanged.
    Source: Misra (2019), arXiv:1908.08681.
    """

    function = "mish"


class Softplus(_Fixed):
    """A smooth ReLU, always above 0.

    Use it where an output must be positive, such as a variance.

    Formula: y = log(1 + exp(x))
    Shapes: unchanged.
    Source: Dugas et al. (2000), Incorporating second-order functional knowledge for better option pricing, NIPS.
    """

    function = "softplus"


class SparsePlus(_Fixed):
    """A smooth ReLU that is exactly 0 below -1 and exactly x above 1.

    Use it in place of Softplus where most outputs should be 0.

    Formula: y = 0 for x <= -1, (x + 1)^2 / 4 up to 1, x above
    Shapes: unchanged.
    """

    function = "sparse_plus"


class Softsign(_Fixed):
    """Squeezes every value between -1 and 1, more slowly than Tanh.

    Use it in place of Tanh where gradients vanish.

    Formula: y = x / (1 + |x|)
    Shapes: unchanged.
    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, AISTATS.
    """

    function = "softsign"


class Exponential(_Fixed):
    """The exponential function.

    Use it where an output must be positive and grows by factors; large inputs overflow.

    Formula: y = exp(x)
    Shapes: unchanged.
    """

    function = "exponential"
