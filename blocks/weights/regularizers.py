"""What large weights cost: a term that is added to the loss."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.weights import REGULARIZERS, WeightSetting, matrix_only, unsuited


class Regularizer(WeightSetting):
    """Base of all regularizers."""

    family = REGULARIZERS
    module = "keras.regularizers"

    def make(self) -> Any:
        made = super().make()
        # Keras keeps the factors as float32 tensors, which can't be multiplied with outputs in half precision.
        for name, value in self.model_dump().items():
            setattr(made, name, value)
        return made


class L1(Regularizer):
    """Charges the sum of the absolute weights, which drives many of them to 0.

    Use it to find out which inputs matter.

    Formula: l1 * sum(|w|)
    Source: Tibshirani (1996), doi:10.1111/j.2517-6161.1996.tb02080.x.
    """

    name: ClassVar[str] = "l1"

    l1: float = Field(0.01, ge=0.0, le=1e6, description="Cost of each unit of the sum.")


class L2(Regularizer):
    """Charges the sum of the squared weights, which keeps all of them small.

    Use it as the first choice against overfitting; 0.0001 is usual in convolutional networks.

    Formula: l2 * sum(w^2)
    Source: Krogh and Hertz (1991), A simple weight decay can improve generalization, NIPS.
    """

    name: ClassVar[str] = "l2"

    l2: float = Field(0.01, ge=0.0, le=1e6, description="Cost of each unit of the sum.")


class L1L2(Regularizer):
    """Charges both the absolute and the squared weights.

    Use it where L1 alone picks one of several inputs that say the same.

    Formula: l1 * sum(|w|) + l2 * sum(w^2)
    Source: Zou and Hastie (2005), doi:10.1111/j.1467-9868.2005.00503.x.
    """

    name: ClassVar[str] = "l1_l2"

    l1: float = Field(0.01, ge=0.0, le=1e6, description="Cost of each unit of the absolute sum.")
    l2: float = Field(0.01, ge=0.0, le=1e6, description="Cost of each unit of the squared sum.")


class OrthogonalRegularizer(Regularizer):
    """Charges rows (or columns) of a matrix that point in similar directions.

    Use it on dense kernels, so that units don't learn the same thing; it takes matrices only.

    Formula: factor * mean(|w_i . w_j|) over pairs of rows or columns of unit length
    Source: Brock et al. (2016), arXiv:1609.07093, section 3.3.
    """

    name: ClassVar[str] = "orthogonal_regularizer"

    factor: float = Field(0.01, ge=0.0, le=1e6, description="Cost of each unit of the mean.")
    mode: Literal["rows", "columns"] = Field("rows", description="Which of the matrix's vectors are compared.")

    def problem(self, shape: tuple[int, ...]) -> str | None:
        if len(shape) == 2 and shape[0 if self.mode == "rows" else 1] < 2:
            return unsuited(self, f"at least 2 {self.mode} to compare", shape)
        return matrix_only(self, shape)
