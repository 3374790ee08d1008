"""What training makes small: the losses of Keras that fit a class or a number.

Targets are class numbers, with probabilities (batch, classes) from a softmax or (batch, 1) from a single sigmoid; or numbers,
standardised by the trainer with the mean and standard deviation of the target's statistics, with predictions (batch, 1).
In the formulas p is the probability of the true class, q_c that of class c, y_c 1 for the true class and 0 for the others,
C the number of classes, y a value, f its prediction, e = f - y the error. The mean over the batch is taken of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from blocks.features import Feature, FeatureKind
from blocks.named import Family
from studio.settings import judges
from studio.settings.targets import SettingsError, described, in_words, is_class, is_labels, is_mask, is_number, is_picture, is_text

if TYPE_CHECKING:
    import keras

FAMILY: Family[Loss] = Family("loss", __name__)
all = FAMILY.all  # noqa: A001
get = FAMILY.get
read = FAMILY.read
to_value = FAMILY.to_value


class Loss(judges.Judge):
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

    def make(
        self, target: Feature, label_smoothing: float = 0.0, units: int | None = None, class_weights: Sequence[float] | None = None
    ) -> keras.losses.Loss:
        """The Keras loss.

        Args:
            label_smoothing: Share of a class target that is spread over all classes.
            units: Units of the network's output, if known: one per class, or a single sigmoid for two classes. With it
                cross-entropy is Keras's own class, which sees the logits behind the probabilities; without it a loss on
                two classes looks at what it is given.
            class_weights: How much a pixel of each class of a mask counts, where the loss is a mean over pixels.

        Raises:
            SettingsError: The loss does not fit the target, its labels can't be smoothed, or the units don't fit.
        """
        self.check(target)
        if label_smoothing and not (self.smoothed and (is_class(target) or is_labels(target) or is_mask(target) or is_text(target))):
            raise SettingsError(f"The loss {self.name!r} takes no label smoothing for the target {described(target)}. Set label_smoothing to 0.")
        if is_number(target):
            return self.for_numbers(target)
        if is_picture(target):
            return self.for_pictures()
        if is_text(target):
            return self.for_texts(target, label_smoothing)
        if not (is_class(target) or is_labels(target) or is_mask(target)):
            return self.for_others(target)
        num_classes = len(target.classes or ())
        if units not in (None, num_classes) and (units, num_classes, target.kind) != (1, 2, "category"):
            what = f"The target {target.name!r} ({in_words(target)}) needs an output of {num_classes} units."
            raise SettingsError(f"{what} The network has {units}.")
        if is_labels(target):
            return self.for_labels(label_smoothing)
        if is_mask(target):
            return self.for_masks(num_classes, label_smoothing, class_weights)
        return self.for_classes(num_classes, label_smoothing, units)

    def for_numbers(self, target: Feature) -> keras.losses.Loss:  # noqa: ARG002
        """The Keras loss for a number."""
        return self.plain()

    def for_labels(self, label_smoothing: float) -> keras.losses.Loss:
        """The Keras loss for any number of labels: targets are 1 for each label of a sample and 0 for the others."""
        return self.plain(label_smoothing=label_smoothing) if self.smoothed else self.plain()

    def for_pictures(self) -> keras.losses.Loss:
        """The Keras loss for pictures: targets are bytes, outputs go from 0 to 1."""
        from studio.settings.keras_losses import OfBytes

        return OfBytes(self.plain())

    def for_masks(self, num_classes: int, label_smoothing: float, class_weights: Sequence[float] | None) -> keras.losses.Loss:  # noqa: ARG002
        """The Keras loss for masks: targets are class numbers of pixels, 255 for none, outputs probabilities."""
        return self.plain()

    def for_texts(self, target: Feature, label_smoothing: float) -> keras.losses.Loss:  # noqa: ARG002
        """The Keras loss for texts: targets are tokens, 0 behind the end, outputs probabilities of the vocabulary at each place."""
        return self.plain()

    def for_others(self, target: Feature) -> keras.losses.Loss:  # noqa: ARG002
        """The Keras loss for any other kind of target."""
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
    return judges.fitting(FAMILY, [default_for(target)], target)


def suited(value: object, target: Feature) -> Loss:
    """The loss that was chosen for a training if it fits a target, or else the preselected one.

    Args:
        value: As `read` takes it, or None.

    Raises:
        SettingsError: No loss fits the target.
    """
    chosen = read(value) if value is not None else None
    return chosen if chosen is not None and chosen.fits(target) else default_for(target)


DEFAULTS: dict[FeatureKind, str] = {
    "category": "sparse_categorical_crossentropy",
    "number": "mean_squared_error",
    "labels": "binary_crossentropy",
    "identity": "supervised_contrastive",
    "mask": "dice_crossentropy",
    "image": "mean_absolute_error",
    "tokens": "token_crossentropy",
    "transcript": "ctc",
}
"""The loss that is preselected, by kind of target."""
OF_COPIES = "mean_squared_error"
"""The one for pictures that are to come out as they went in: with the absolute error, thin lines on a plain ground get lost at first."""


def default_for(target: Feature) -> Loss:
    """The loss that is preselected: cross-entropy for classes, the squared error for numbers ...

    Raises:
        SettingsError: No loss fits the target.
    """
    found = OF_COPIES if target.column else DEFAULTS.get(target.kind)
    if found is not None and get(found).fits(target):
        return read(found)
    raise SettingsError(f"No loss fits the target {described(target)}. Choose a column of numbers, or one with at least two classes.")
