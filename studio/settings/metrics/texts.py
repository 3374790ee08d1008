"""Metrics for texts. Token by token against the true beginning is all that training measures; the others are about whole texts that the
network has written itself, and are measured in the end."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from blocks.features import Feature
from studio.settings.metrics import Metric
from studio.settings.targets import is_text, is_transcript

if TYPE_CHECKING:
    import keras


class TokenAccuracy(Metric):
    """Share of the tokens that the network says right when it is told the true ones before.

    Use it to watch a training; what the network writes by itself is worse, since a wrong token leads to others.

    Formula: mean of [the most probable token is the true one] over all tokens and ends.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2.1 (teacher forcing).
    """

    name = "token_accuracy"
    title = "Token accuracy"
    unit = "share"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_text(target)

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        from studio.settings.keras_text_metrics import TokenAccuracy as Made

        return Made(name=self.name)


class SpelledMetric(Metric):
    """Base of the metrics for whole written texts, which are measured in the end where a network writes token by token."""

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_text(target)

    @classmethod
    def in_the_end(cls, target: Feature) -> bool:  # noqa: ARG003
        return True

    def made(self, target: Feature) -> Any:  # noqa: ARG002
        from studio.settings.spelling import Spelled

        return Spelled(self.name, self.figure)

    @abc.abstractmethod
    def figure(self, truth: Sequence[str], said: Sequence[str]) -> float:
        """The figure of true and written texts."""


class CharacterErrorRate(SpelledMetric):
    """Characters that would have to be changed, put in or taken out to make the written texts right, for each true character.

    Use it where a text that is nearly right is worth something; it can exceed 1. Of transcripts it is measured after every epoch, and what
    is compared are the likeliest characters of all steps.

    Formula: sum of the edit distances / sum of the lengths of the true texts.
    Source: Levenshtein (1966), Soviet Physics Doklady 10, 707; Morris, Maier and Green (2004), doi:10.21437/Interspeech.2004-668.
    """

    name = "character_error_rate"
    title = "Character error rate"
    mode = "min"
    unit = "share"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return super().fits(target) or is_transcript(target)

    @classmethod
    def in_the_end(cls, target: Feature) -> bool:
        return not is_transcript(target)

    def made(self, target: Feature) -> Any:
        if not is_transcript(target):
            return super().made(target)
        from studio.settings.keras_transcripts import TranscriptErrorRate

        return TranscriptErrorRate(name=self.name)

    def figure(self, truth: Sequence[str], said: Sequence[str]) -> float:
        from studio.settings.spelling import character_error_rate

        return character_error_rate(truth, said)


class BLEU(SpelledMetric):
    """How many runs of one to four words of the written texts stand in the true ones too, from 0 to 1.

    Use it for translations, of which several are right; single sentences it judges badly.

    Formula: min(1, exp(1 - true words / written words)) * geometric mean over n of the share of runs of n words that are right. Of texts
        without blanks the runs are of characters.
    Source: Papineni et al. (2002), doi:10.3115/1073083.1073135.
    """

    name = "bleu"
    title = "BLEU"
    unit = "share"

    def figure(self, truth: Sequence[str], said: Sequence[str]) -> float:
        from studio.settings.spelling import bleu

        return bleu(truth, said)
