"""The loss for transcripts, of which nobody tells where each character stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocks.features import Feature
from studio.settings.losses import Loss
from studio.settings.targets import is_transcript

if TYPE_CHECKING:
    import keras


class CTC(Loss):
    """Connectionist temporal classification: how improbable a text is, summed over all ways in which its characters can lie along the steps.

    Use it for transcripts of pictures and sounds. The network must give at least as many steps as a text has characters, and one more
    between two equal ones; texts for which it gives too few count nothing.

    Formula: -log(sum over the paths that become the text, when repeats and then blanks are taken out, of the product of q_c over the
        steps) / mean number of characters of the training texts.
    Source: Graves, Fernandez, Gomez and Schmidhuber (2006), doi:10.1145/1143844.1143891, sections 3 and 4.
    """

    name = "ctc"
    title = "CTC"
    keras_class = "CTC"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_transcript(target)

    def for_others(self, target: Feature) -> keras.losses.Loss:
        from studio.settings.keras_transcripts import OverPaths

        return OverPaths(float(target.statistics.get("mean_tokens") or target.shape[0] or 1), name=self.name)
