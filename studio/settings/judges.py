"""What losses and metrics have in common: they are chosen by name, and each fits some targets and not others."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import TypeVar

from blocks.features import Feature
from blocks.named import Family, Named
from studio.settings.targets import SettingsError, described


class Judge(Named, abc.ABC):
    """Base of what judges predictions of a target."""

    @classmethod
    @abc.abstractmethod
    def fits(cls, target: Feature) -> bool:
        """Whether it makes sense for a target."""

    def check(self, target: Feature) -> None:
        """Checks that it fits.

        Raises:
            SettingsError: It does not; the message names those that do.
        """
        if not self.fits(target):
            those = ", ".join(name for name, judge in self.family.all().items() if judge.fits(target))
            advice = f"These do: {those}." if those else "None does."
            raise SettingsError(f"The {self.family.noun} {self.name!r} does not fit the target {described(target)}. {advice}")


J = TypeVar("J", bound=Judge)


def fitting(family: Family[J], first: Sequence[J], target: Feature) -> dict[str, type[J]]:
    """Every member that fits a target by name, the first ones at the head."""
    return {judge.name: type(judge) for judge in first} | {name: judge for name, judge in family.all().items() if judge.fits(target)}
