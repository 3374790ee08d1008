"""Views: other ways to make samples of a dataset than one after the other, such as pairs, or cut-outs of pictures."""

from __future__ import annotations

from studio.networks.views.base import View, of, registry

__all__ = ["View", "of", "registry"]
