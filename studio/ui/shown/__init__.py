"""How values are shown on pages: each module turns some kinds of features, as they are stored and as they are predicted, into parts.

A part is what `Part` in the web modules draws: a dictionary with `kind` ("picture", "text", "label", "labels", "value" ...) and what
that kind needs.
"""

from __future__ import annotations

from studio.ui.shown.base import Part, Showing, of, registry, samples

__all__ = ["Part", "Showing", "of", "registry", "samples"]
