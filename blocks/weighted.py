"""Parameters that blocks with weights share, each declared once: who has a kernel takes `WithKernel`, and so on."""

from __future__ import annotations

from pydantic import Field

from blocks.base import NumericBlock
from blocks.fields import RARE
from blocks.weights import Constraint, Initializer, Regularizer, constraint_field, initializer_field, regularizer_field

WITH_BIAS = {"shown_if": {"use_bias": True}}


class WithActivityRegularizer(NumericBlock):
    """What large outputs cost."""

    activity_regularizer: Regularizer | None = regularizer_field("What large outputs cost in training; empty: nothing.")


class WithBias(NumericBlock):
    """A bias: one learned number per output channel."""

    use_bias: bool = Field(True, description="Adds one learned number per output channel.", json_schema_extra=RARE)
    bias_initializer: Initializer = initializer_field("zeros", "How the biases start.", **WITH_BIAS)
    bias_regularizer: Regularizer | None = regularizer_field("What large biases cost in training; empty: nothing.", **WITH_BIAS)
    bias_constraint: Constraint | None = constraint_field("What biases are brought to after each step; empty: nothing.", **WITH_BIAS)


class WithKernel(NumericBlock):
    """A kernel: the weights that inputs are multiplied with."""

    kernel_initializer: Initializer = initializer_field("glorot_uniform", "How the weights start.")
    kernel_regularizer: Regularizer | None = regularizer_field("What large weights cost in training; empty: nothing.")
    kernel_constraint: Constraint | None = constraint_field("What the weights are brought to after each step; empty: nothing.")


class WithRecurrentKernel(NumericBlock):
    """The weights that the last state is multiplied with."""

    recurrent_initializer: Initializer = initializer_field("orthogonal", "How the weights of the state start.")
    recurrent_regularizer: Regularizer | None = regularizer_field("What large weights of the state cost in training; empty: nothing.")
    recurrent_constraint: Constraint | None = constraint_field("What the weights of the state are brought to after each step; empty: nothing.")


class WithDepthwiseKernel(NumericBlock):
    """Windows over each channel by itself."""

    depthwise_initializer: Initializer = initializer_field("glorot_uniform", "How the weights of the windows start.")
    depthwise_regularizer: Regularizer | None = regularizer_field("What large weights of the windows cost in training; empty: nothing.")
    depthwise_constraint: Constraint | None = constraint_field("What the weights of the windows are brought to after each step; empty: nothing.")


class WithPointwiseKernel(NumericBlock):
    """Weights that mix channels."""

    pointwise_initializer: Initializer = initializer_field("glorot_uniform", "How the weights of the mixing start.")
    pointwise_regularizer: Regularizer | None = regularizer_field("What large weights of the mixing cost in training; empty: nothing.")
    pointwise_constraint: Constraint | None = constraint_field("What the weights of the mixing are brought to after each step; empty: nothing.")


class WithEmbeddings(NumericBlock):
    """A learned vector for each entry of a vocabulary."""

    embeddings_initializer: Initializer = initializer_field("random_uniform", "How the vectors start.")
    embeddings_regularizer: Regularizer | None = regularizer_field("What large vectors cost in training; empty: nothing.")
    embeddings_constraint: Constraint | None = constraint_field("What the vectors are brought to after each step; empty: nothing.")


class WithScaleAndCenter(NumericBlock):
    """The learned factor (gamma) and number (beta) of a normalisation."""

    center: bool = Field(True, description="Adds a learned number (beta) per channel.", json_schema_extra=RARE)
    scale: bool = Field(True, description="Multiplies each channel by a learned number (gamma).", json_schema_extra=RARE)
    beta_initializer: Initializer = initializer_field("zeros", "How beta starts.", shown_if={"center": True})
    gamma_initializer: Initializer = initializer_field("ones", "How gamma starts.", shown_if={"scale": True})
    beta_regularizer: Regularizer | None = regularizer_field("What a large beta costs in training; empty: nothing.", shown_if={"center": True})
    gamma_regularizer: Regularizer | None = regularizer_field("What a large gamma costs in training; empty: nothing.", shown_if={"scale": True})
    beta_constraint: Constraint | None = constraint_field("What beta is brought to after each step; empty: nothing.", shown_if={"center": True})
    gamma_constraint: Constraint | None = constraint_field("What gamma is brought to after each step; empty: nothing.", shown_if={"scale": True})
