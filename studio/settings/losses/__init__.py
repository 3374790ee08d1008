"""What training makes small: the losses of Keras that fit a class or a number.

Targets are class numbers, with probabilities (batch, classes) from a softmax or (batch, 1) from a single sigmoid; or numbers,
standardised by the trainer with the mean and standard deviation of the target's statistics, with predictions (batch, 1).
In the formulas p is the probability of the true class, q_c that of class c, y_c 1 for the true class and 0 for the others,
C the number of classes, y a value, f its prediction, e = f - y the error. The mean over the batch is taken of all of them.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, ClassVar

from blocks.features import Feature
from blocks.named import Family, Named
from studio.settings.targets import SettingsError, described, is_class, is_number

if TYPE_CHECKING:
    import keras

FAMILY: Family[Loss] = Family("loss", __name__)
all = FAMILY.all  # noqa: A001
get = FAMILY.get
read = FAMILY.read
to_value = FAMILY.to_value


class Loss(Named, abc.ABC):
    """Base of all losses.

    Args:
        keras_class: The class in `keras.losses`.
        smoothed: Whether class labels may be smoothed.
        one_hot: Whether Keras's class wants one-hot labels in place of class numbers.
    """

    family: ClassVar[Family[Any]] = FAMILY
    keras_class: ClassVar[str]
    smoothed: ClassVar[bool] = False
    one_hot: ClassVar[bool] = True

    @classmethod
    @abc.abstractmethod
    def fits(cls, target: Feature) -> bool:
        """Whether the loss makes sense for a target."""

    def make(self, target: Feature, label_smoothing: float = 0.0, units: int | None = None) -> keras.losses.Loss:
        """The Keras loss.

        Args:
            label_smoothing: Share of a class target that is spread over all classes.
            units: Units of the network's output, if known: one per class, or a single sigmoid for two classes. With it
                cross-entropy is Keras's own class, which sees the logits behind the probabilities; without it a loss on
                two classes looks at what it is given.

        Raises:
            SettingsError: The loss does not fit the target, its labels can't be smoothed, or the units don't fit.
        """
        if not self.fits(target):
            those = ", ".join(name for name, loss in all().items() if loss.fits(target))
            raise SettingsError(
                f"The loss {self.name!r} does not fit the target {described(target)}. {f'These do: {those}.' if those else 'None does.'}"
            )
        if label_smoothing and not (self.smoothed and is_class(target)):
            raise SettingsError(f"The loss {self.name!r} takes no label smoothing for the target {described(target)}. Set label_smoothing to 0.")
        if not is_class(target):
            return self.for_numbers(target)
        num_classes = len(target.classes or ())
        if units not in (None, num_classes) and (units, num_classes) != (1, 2):
            raise SettingsError(f"The target {described(target)} needs an output of {num_classes} units. The network has {units}.")
        return self.for_classes(num_classes, label_smoothing, units)

    def for_numbers(self, target: Feature) -> keras.losses.Loss:  # noqa: ARG002
        """The Keras loss for a number."""
        return self.plain()

    def for_classes(self, num_classes: int, label_smoothing: float, units: int | None) -> keras.losses.Loss:  # noqa: ARG002
        """The Keras loss for class numbers. A wrapper makes the labels that Keras's class wants."""
        from studio.settings.keras_losses import OneOfN

        return OneOfN(self.plain(), num_classes, label_smoothing, one_hot=self.one_hot)

    def plain(self, keras_class: str | None = None, **settings: Any) -> keras.losses.Loss:
        """Keras's own loss with the parameters."""
        import keras

        return getattr(keras.losses, keras_class or self.keras_class)(name=self.name, **dict(self), **settings)


def fitting(target: Feature) -> dict[str, type[Loss]]:
    """Every loss that fits a target by name, the preselected one first.

    Raises:
        SettingsError: No loss fits the target.
    """
    first = default_for(target).name
    return {first: get(first)} | {name: loss for name, loss in all().items() if loss.fits(target)}


def default_for(target: Feature) -> Loss:
    """The loss that is preselected: cross-entropy for classes, the squared error for numbers.

    Raises:
        SettingsError: No loss fits the target.
    """
    if is_class(target):
        return read("sparse_categorical_crossentropy")
    if is_number(target):
        return read("mean_squared_error")
    raise SettingsError(f"No loss fits the target {described(target)}. Choose a column of numbers, or one with at least two classes.")
