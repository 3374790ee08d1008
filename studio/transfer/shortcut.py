"""The frozen leading part of a network as a second front: what it gives for each sample is computed once, and epochs train the rest.

Only where it gives the same in every epoch: nothing in it learns, and nothing in it or before it depends on chance.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.build import Built
from blocks.graph import Graph, NodeDocument, split_reference
from blocks.ports import Input, Output
from blocks.walk import in_order
from studio.networks.arrays import Samples
from studio.networks.entering import Whole
from studio.networks.entering.pictures import kept, write_batches
from studio.networks.weights import named
from studio.workspace import replaced

if TYPE_CHECKING:
    import keras

LARGEST_BYTES = 4 << 30
"""What the features of one split may take; a network that gives more of them is run in each epoch."""
BATCH = 128
HALVES = ("float16", "bfloat16")


@dataclass(frozen=True)
class Shortcut:
    """A network in two, which share its layers.

    Args:
        graph: The graph of the whole network.
        leading: Frozen: from the network's inputs to its cuts, by name.
        rest: From the cuts to the network's outputs.
    """

    graph: Graph
    leading: keras.Model
    rest: keras.Model

    def features(self, samples: Samples, whole: Whole, *front: str) -> Samples:
        """The samples as the rest takes them; computed once and kept in the workspace.

        Args:
            samples: As the whole network takes them.
            whole: Where they are from.
            front: What the samples came through, in words.
        """
        inputs = {name: self._feature(name, samples, whole, front) for name in self.rest.input}
        return Samples(inputs, samples.targets, yardsticks=samples.yardsticks)

    def _feature(self, name: str, samples: Samples, whole: Whole, front: tuple[str, ...]) -> np.ndarray:
        if whole.workspace is None:
            return np.concatenate(list(self._computed(name, samples)))
        path = whole.workspace.cache / f"{whole.key(name, *front, *self._identity())}.npy"
        if not path.exists():
            with replaced(path) as partial:
                write_batches(partial, len(samples), self._computed(name, samples))
        return kept(path)

    def _computed(self, name: str, samples: Samples) -> Iterator[np.ndarray]:
        import tensorflow as tf

        given = self.leading.input
        ports = given if isinstance(given, dict) else {next(iter(samples.inputs)): given}
        specs = {port: tf.TensorSpec(tensor.shape, tensor.dtype) for port, tensor in ports.items()}

        def behind(inputs: dict[str, Any]) -> Any:
            found = self.leading(inputs if isinstance(given, dict) else next(iter(inputs.values())), training=False)[name]
            return tf.cast(found, tf.float32) if found.dtype.name in HALVES else found

        model = tf.function(behind, input_signature=[specs], autograph=False)
        for start in range(0, len(samples), BATCH):
            inputs, _ = samples.gather(np.arange(start, min(start + BATCH, len(samples))))
            yield model({port: tf.cast(inputs[port], spec.dtype) for port, spec in specs.items()}).numpy()

    def _identity(self) -> list[str]:
        """What the features depend on, beside the samples: the graph, the frozen weights, and the precision."""
        digest = hashlib.sha256()
        for path, variable in named(self.leading.variables).items():
            digest.update(path.encode())
            digest.update(np.ascontiguousarray(variable.numpy()).tobytes())
        return [self.graph.digest(), digest.hexdigest(), str(self.leading.compute_dtype)]

    def bytes_of(self, samples: int) -> int:
        """What the features of so many samples take."""
        return sum(math.prod(tensor.shape[1:]) * 4 * samples for tensor in self.rest.input.values())


def find(graph: Graph, built: Built, samples: Samples) -> Shortcut | None:
    """The shortcut of a network, or None where it has none worth taking.

    Args:
        graph: The network's, behind the front, without augmentation.
        samples: Of the training split; those that are put together anew in each epoch have no features of their own.
    """
    if type(samples) is not Samples:
        return None
    leading = _leading(graph, built)
    if not any(layer.weights for node in leading for layer in _layers(built, graph.nodes[node], node)):
        return None
    cuts = _cuts(graph, built, leading)
    if not cuts or any(_has_mask(tensor) or None in tensor.shape[1:] for tensor in cuts.values()):
        return None
    import keras

    model = built.model
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="When providing `inputs` as a dict")
        found = Shortcut(graph, keras.Model(model.input, cuts), keras.Model(cuts, model.output))
    return found if found.bytes_of(len(samples)) <= LARGEST_BYTES else None


def _leading(graph: Graph, built: Built) -> set[str]:
    """The nodes that give the same in every epoch: Inputs, and what hangs on such nodes alone and is still itself."""
    found: set[str] = set()
    for node in in_order(graph.nodes)[0]:
        document = graph.nodes[node]
        sources = {split_reference(reference)[0] for reference in document.inputs}
        hangs = bool(sources) and sources <= found and document.block != Output.__name__
        if document.block == Input.__name__ or (hangs and all(map(_is_still, _layers(built, document, node)))):
            found.add(node)
    return found


def _layers(built: Built, document: NodeDocument, node: str) -> list[Any]:
    owner = document.reuse or node
    return [layer for path, layer in built.layers.items() if path == owner or path.startswith(f"{owner}/")]


def _is_still(layer: Any) -> bool:
    """Whether a layer gives the same in every epoch: it learns nothing, keeps no state of chance, and adds nothing to the loss."""
    from blocks.layers.stochastic_depth import StochasticDepth

    rests = isinstance(layer, StochasticDepth) and not layer.trainable
    has_chance = len(layer.variables) != len(layer.weights) and not rests
    adds_loss = getattr(layer, "activity_regularizer", None) is not None
    return not (has_chance or adds_loss or (layer.weights and layer.trainable))


def _cuts(graph: Graph, built: Built, leading: set[str]) -> dict[str, Any]:
    """The tensors that the rest takes, by the names of their nodes."""
    found: dict[str, Any] = {}
    for node, document in graph.nodes.items():
        if node in leading:
            continue
        for source, output in map(split_reference, document.inputs):
            tensor = built.tensors[source][output]
            if source in leading and not any(tensor is known for known in found.values()):
                found[f"{source}_{output}" if output else source] = tensor
    return found


def _has_mask(tensor: Any) -> bool:
    """Whether a tensor carries Keras's mask of padded places, which features would lose."""
    return getattr(tensor, "_keras_mask", None) is not None
