"""What presets share that can have outputs in the middle, for training only."""

from __future__ import annotations

import abc

from pydantic import Field

from blocks.wiring import Node, Wiring
from presets.base import Preset


class WithAuxiliaryHeads(Preset):
    """Base of the presets whose middle layers can predict, too, so that gradients reach the first layers on a shorter way."""

    auxiliary_heads: bool = Field(
        False, description="Outputs in the middle that help the first layers to learn; they are left out of evaluation and export."
    )

    @abc.abstractmethod
    def auxiliary(self, net: Wiring) -> dict[str, Node]:
        """Adds the heads behind nodes that `wire` has added; returns what their Outputs take, by the Outputs' ids."""

    def side_ends(self, net: Wiring) -> dict[str, Node]:
        return self.auxiliary(net) if self.auxiliary_heads else {}
