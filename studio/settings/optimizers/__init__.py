"""How weights are changed: every optimizer of Keras, and the classical names of teaching as ready choices.

In the formulas w is a weight, g its gradient in this step, t the step counted from 1 and rate the learning rate of the step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypedDict, Unpack

from pydantic import Field

from blocks.named import Family, Named

if TYPE_CHECKING:
    import keras

FAMILY: Family[Optimizer] = Family("optimizer", __name__)
all = FAMILY.all  # noqa: A001
get = FAMILY.get
read = FAMILY.read
to_value = FAMILY.to_value

MORE = {"frequent": False}
"""Puts a field into the closed group of its form."""
LearningRate = Annotated[float, Field(gt=0, le=1000, description="Size of a step before any schedule.")]
Momentum = Annotated[float, Field(ge=0, lt=1, description="Share of the last step that is added to this one.")]


class Common(TypedDict, total=False):
    """What every optimizer of Keras takes, under Keras's names; None leaves an argument at the optimizer's own value."""

    weight_decay: float | None
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool | None
    ema_momentum: float | None
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None


class Optimizer(Named):
    """Base of all optimizers.

    Args:
        keras_class: The class in `keras.optimizers`.
        fixed: Arguments of that class which are this entry's meaning and no choice.
        batch_size: Samples per step that belong to the name; "all" is the whole training split, None leaves it to the recipe.
        wants_constant_rate: Whether a schedule would work against the method.
        default_learning_rate: The default of the field `learning_rate`.
    """

    family: ClassVar[Family[Any]] = FAMILY
    keras_class: ClassVar[str]
    fixed: ClassVar[dict[str, Any]] = {}
    batch_size: ClassVar[int | Literal["all"] | None] = None
    wants_constant_rate: ClassVar[bool] = False
    default_learning_rate: ClassVar[float]

    learning_rate: LearningRate = 0.001

    @classmethod
    def __pydantic_init_subclass__(cls, **settings: Any) -> None:
        cls.default_learning_rate = cls.model_fields["learning_rate"].default
        super().__pydantic_init_subclass__(**settings)

    def arguments(self) -> dict[str, Any]:
        """The parameters as Keras's arguments, without the learning rate."""
        return {key: value for key, value in self if key != "learning_rate"}

    def make(self, learning_rate: float | None = None, **common: Unpack[Common]) -> keras.optimizers.Optimizer:
        """The Keras optimizer.

        Args:
            learning_rate: The first step's rate; by default the parameter's. It stays one variable that can be assigned at each step.
        """
        import keras

        given = {key: value for key, value in common.items() if value is not None}
        return getattr(keras.optimizers, self.keras_class)(
            learning_rate=self.learning_rate if learning_rate is None else learning_rate, **(self.arguments() | self.fixed | given)
        )
