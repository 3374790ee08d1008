"""The loss for texts that are written token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocks.features import Feature
from studio.settings.losses import Loss
from studio.settings.targets import is_text

if TYPE_CHECKING:
    import keras


class TokenCrossentropy(Loss):
    """Cross-entropy of each token, given the true ones before it; padding behind the end is left out.

    Use it for texts; label smoothing of 0.1 helps where several answers are right.

    Formula: sum over the tokens of a text of -log p / mean number of tokens of the training texts; with smoothing s:
        -sum over c of ((1 - s) * y_c + s / C) * log q_c in place of -log p.
    Source: Sutskever, Vinyals and Le (2014), arXiv:1409.3215, section 3.2; smoothing: Szegedy et al. (2015), arXiv:1512.00567, section 7.
    """

    name = "token_crossentropy"
    title = "Cross-entropy of tokens"
    keras_class = ""
    smoothed = True

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_text(target)

    def for_texts(self, target: Feature, label_smoothing: float) -> keras.losses.Loss:
        from studio.settings.keras_text_losses import TokenCrossentropy

        return TokenCrossentropy(float(target.statistics.get("mean_tokens") or target.shape[0] or 1), label_smoothing, name=self.name)
