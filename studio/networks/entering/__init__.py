"""What enters a network: each module brings the raw values of some kinds of features through the front."""

from __future__ import annotations

from studio.networks.entering.base import Entering, Whole, of, registry

__all__ = ["Entering", "Whole", "of", "registry"]
