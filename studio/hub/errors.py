"""What goes wrong with networks of keras-hub."""

from __future__ import annotations

from studio.pretrained import PretrainedError


class HubError(PretrainedError):
    """A network of keras-hub that there is not, that can't be had, or that can't be written down as blocks."""
