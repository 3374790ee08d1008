"""What a network is to say: each module reads the targets of some kinds, as losses and metrics want them."""

from __future__ import annotations

from studio.networks.truths.base import Truths, of, registry

__all__ = ["Truths", "of", "registry"]
