"""Networks that were trained on ImageNet: those of keras.applications as graphs of our blocks, and their weights by the names of our layers.

`graph` makes the network with the preparation of pixels that it was trained with, `arrays` gives the weights for a model built of it.
Importing this package, and making the graph of a preset, imports neither Keras nor TensorFlow.
"""

from __future__ import annotations

from studio.pretrained.applications import Application, PretrainedError, all, get  # noqa: A004 - as the other registries have it
from studio.pretrained.graphs import graph, misfit
from studio.pretrained.weights import arrays

__all__ = ["Application", "PretrainedError", "all", "arrays", "get", "graph", "misfit"]
