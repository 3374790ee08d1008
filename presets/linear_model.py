"""Linear models: softmax, logistic and linear regression, and the linear support vector machine."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from blocks.features import Feature, FeatureKind
from blocks.fields import ActivationName, Bins
from blocks.ports import Output
from blocks.preprocessing import ColumnEncoding
from blocks.reshaping import Flatten
from blocks.text import TextVectorization
from blocks.wiring import Node, Wiring
from presets.base import PREDICTED, Golden, Preset, Stages, article
from presets.texts import suited_vectorization

Form = Literal["softmax", "logistic", "linear", "svm"]
Penalty = Annotated[float, Field(ge=0.0, le=1e6, json_schema_extra={"frequent": False})]
PREDICTS: dict[Form, tuple[FeatureKind, ...]] = {
    "softmax": ("category", "labels"), "logistic": ("category", "labels"), "linear": ("number",), "svm": ("category",),
}  # fmt: skip
ACTIVATIONS: dict[Form, ActivationName] = {"softmax": "softmax", "logistic": "sigmoid", "linear": "linear", "svm": "linear"}
FORMULA = "the formula V C + C of a linear model with C outputs on V numbers"


class LinearModel(Preset):
    """Weighs every number of the input by itself and adds up, once for each class or number: no hidden layer.

    Use it as the first yardstick, with few samples, or where the weights are to be read: each tells how its number counts.

    Shapes: anything -> (classes); pictures and arrays are lined up in one vector.
    Weights: (inputs + 1) * classes.
    Source: softmax and logistic: Cox (1958), doi:10.1111/j.2517-6161.1958.tb00292.x; numbers: Legendre (1805), Nouvelles méthodes, appendix; svm:
        Cortes and Vapnik (1995), doi:10.1007/BF00994018, with the hinge of Crammer and Singer (2001), jmlr.org/papers/v2/crammer01a.html.
    """

    subjects = ("columns", "image", "array", "text")
    title = "Linear model"
    year = 1958
    paper = "Cox, The regression analysis of binary sequences, doi:10.1111/j.2517-6161.1958.tb00292.x"
    canonical_shape = (28, 28, 1)
    variants: ClassVar = {
        "SoftmaxRegression": {}, "LogisticRegression": {"form": "logistic"}, "LinearRegression": {"form": "linear"},
        "LinearSVM": {"form": "svm", "l2": 0.001},
    }  # fmt: skip
    golden = (
        Golden("SoftmaxRegression", (28, 28, 1), 10, 7850, FORMULA, multiply_adds=7840, stages=Stages(FORMULA, ((784,), (10,)))),
        Golden("LogisticRegression", (30,), 2, 31, FORMULA, multiply_adds=30),
        Golden("LinearRegression", (13,), 1, 14, FORMULA, multiply_adds=13),
        Golden("LinearSVM", (28, 28, 1), 10, 7850, FORMULA, multiply_adds=7840),
        Golden("LinearSVM", (4,), 3, 15, FORMULA, multiply_adds=12),
    )

    form: Form = Field(
        "softmax",
        description='"softmax" gives a probability for each class, "logistic" that of the second of two classes, or of each label, "linear" '
        'numbers, "svm" a score for each class that is to lead by a margin of 1.',
    )
    l2: Penalty = Field(0.0, description="Cost of the sum of the squared weights; the larger, the wider the margin of an svm.")
    bins: Bins = Field(0, description="Most pieces into which the range of a table's numbers is cut; 0 for none.")

    @property
    def canonical(self) -> tuple[tuple[int, ...], int]:
        fixed = {"linear": ((13,), 1), "logistic": ((30,), 2)}
        return fixed.get(self.form) or super().canonical

    def wire(self, net: Wiring, x: Node) -> Node:
        return net.add("flatten", Flatten(), x) if len(net.shape(x)) > 1 else x

    def head(self, target: Feature | None, classes: int | None) -> Output:
        return Output(
            target=target.name if target else None,
            units=1 if self._is_single(target, classes) else None if target else classes,
            activation=None if target and self.form != "svm" else ACTIVATIONS[self.form],
            loss="categorical_hinge" if self.form == "svm" else None,
            kernel_regularizer={"name": "l2", "l2": self.l2} if self.l2 else None,
        )

    def _is_single(self, target: Feature | None, classes: int | None) -> bool:
        """Whether one unit says how probable the second of two classes is."""
        return self.form == "logistic" and (target.kind == "category" if target else classes == 2)

    def column_encoding(self) -> ColumnEncoding:
        return ColumnEncoding(bins=self.bins)

    def vectorization(self, feature: Feature | None) -> TextVectorization:
        return suited_vectorization(feature, max_tokens=10_000, output_mode="multi_hot")

    def _misfit_of(self, target: Feature) -> str:
        wanted = PREDICTS[self.form]
        if self.form == "logistic" and target.kind == "category" and len(target.classes or ()) > 2:
            return f"{self.name} tells two classes apart; {target.name!r} has {len(target.classes or ())}. SoftmaxRegression takes any number."
        if target.kind in wanted:
            return super()._misfit_of(target)
        able = " or ".join(PREDICTED[kind] for kind in wanted)
        return f"{self.name} predicts {able}; {target.name!r} is {PREDICTED.get(target.kind, article(target.kind))}."
