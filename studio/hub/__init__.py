"""Networks of keras-hub: their backbones as graphs of our blocks, and their weights by the names of our layers.

`graph` makes the network with the preparation of pixels that it was trained with, `arrays` gives the weights for a model built of it, as
those of `studio.pretrained` do. keras-hub is an extra; importing this package imports neither it nor Keras.
"""

from __future__ import annotations

from studio.hub.catalog import EXTRA, PREFIX, Published, all, get, is_installed  # noqa: A004 - as the other registries have it
from studio.hub.errors import HubError
from studio.hub.graphs import graph, misfit
from studio.hub.preset import called, folder
from studio.hub.weights import arrays

__all__ = ["EXTRA", "PREFIX", "HubError", "Published", "all", "arrays", "called", "folder", "get", "graph", "is_installed", "misfit"]
