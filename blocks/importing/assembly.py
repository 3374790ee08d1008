"""From the layers of a Keras model and their calls to the nodes of a graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from blocks.base import registry
from blocks.errors import BlocksError
from blocks.graph import MAXIMUM_NODES, Fragment, NodeDocument
from blocks.importing import inputs, outputs
from blocks.importing.calls import read_call
from blocks.importing.document import Entry, Model, Tensor, read_model
from blocks.importing.errors import KerasImportError, Problem, UnsaidError, refused
from blocks.importing.layers import read_layer
from blocks.importing.masks import Masks, data_of, masks_of
from blocks.importing.operations import made, operation
from blocks.importing.passing import Passing, Place, live_calls
from blocks.importing.places import Ids
from blocks.importing.plain_values import FORM
from blocks.spec import Shape
from blocks.walk import MODULE_PREFIX

DEEPEST_MODELS = 16
"""Models within models."""
TABLE_ENCODING = "blockstudio_encoding"
"""What an export of this program calls the model that encodes a table."""
MOST_MODULES = 1000
"""As many as a graph may have."""


@dataclass
class Found:
    """What has been found at all levels so far.

    Args:
        layers: The path of the node of each layer, by the layer's name with those of the models around it.
        stored: Where the weights of a node stand in a weight file, by the node's path.
    """

    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    modules: dict[str, Fragment] = field(default_factory=dict)
    layers: dict[str, str] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    module_ids: Ids = field(default_factory=Ids)
    calls: int = 0


@dataclass(frozen=True)
class Around:
    """Where a model stands.

    Args:
        path: The ids of the nodes around, and a slash; "" for the outermost.
        frozen: Whether the whole model is not trained, so that its layers need not say it.
        depth: How many models are around it.
    """

    path: str = ""
    frozen: bool = False
    depth: int = 0


class Level:
    """One model becoming nodes.

    Args:
        model: Its layers and calls.
        found: Is added to.

    Raises:
        KerasImportError: It has more layers than a graph takes.
    """

    def __init__(self, model: Model, found: Found, around: Around) -> None:
        found.calls += sum(max(1, len(entry.calls)) for entry in model.entries.values())
        if found.calls > MAXIMUM_NODES:
            raise refused(f"The model has more than {MAXIMUM_NODES:,} layers, which is more than a graph takes.")
        self._model, self._found, self._around = model, found, around
        self._nodes: dict[str, NodeDocument] = {}
        self._ids = Ids()
        self._node_of: dict[Place, str] = {}
        self._live = live_calls(model)
        self._passing = Passing(model, self._live, outermost=not around.depth)
        self._masks = Masks(model)
        found.notes += self._passing.notes

    def graph(self) -> dict[str, NodeDocument]:
        """The nodes of the outermost model, with Inputs and Outputs."""
        self._place_inputs()
        self._add_layers()
        if not self._found.problems:
            self._add_outputs()
        return self._nodes

    def module(self) -> Fragment:
        """The inside of a model within another, whose inputs are `@0`, `@1` and so on."""
        self._node_of = {(tensor.layer, 0): f"@{number}" for number, tensor in enumerate(self._model.inputs)}
        self._add_layers()
        return Fragment(nodes=self._nodes, outputs=self._references(self._model.outputs))

    def _place_inputs(self) -> None:
        for entry in self._model.entries.values():
            columns = inputs.table_of(self._model, entry)
            if columns:
                node = self._ids.free(inputs.table_name(columns))
                self._nodes[node] = inputs.table_document(self._model, columns)
                self._node_of |= {(tensor.layer, 0): node for tensor in columns.values()}
        for entry in self._model.entries.values():
            if entry.is_input and (entry.name, 0) not in self._node_of:
                node = self._claim(entry, 0)
                with self._about(entry) as notes:
                    self._nodes[node] = inputs.input_document(entry, self._passing.wanted_kind(entry.name), notes)

    def _add_layers(self) -> None:
        layers = [entry for entry in self._model.entries.values() if not entry.is_input]
        wanted = {entry.name: self._wanted_calls(entry) for entry in layers}
        for entry in layers:  # so that no further call of a layer takes the name of another layer
            if wanted[entry.name]:
                self._claim(entry, wanted[entry.name][0])
        for name, calls in wanted.items():
            self._node_of |= {(name, call): self._ids.free(name) for call in calls[1:]}
        for entry in layers:
            if wanted[entry.name]:
                self._add(entry, wanted[entry.name])

    def _claim(self, entry: Entry, call: int) -> str:
        """The id of a layer's node."""
        node = self._node_of[(entry.name, call)] = self._ids.free(entry.name)
        self._found.layers[entry.said] = self._around.path + node
        return node

    def _wanted_calls(self, entry: Entry) -> list[int]:
        """The calls of a layer that become nodes."""
        places = [(entry.name, call) for call in range(len(entry.calls))]
        return [place[1] for place in places if place in self._live and place not in self._passing.instead]

    def _add(self, entry: Entry, calls: list[int]) -> None:
        with self._about(entry) as notes:
            if not self._masks.are_passed_along(mask for call in calls for mask in masks_of(entry.calls[call])):
                raise UnsaidError("it is given a mask that doesn't come from padding, which a graph can't say")
            if entry.is_operation:
                self._add_operation(entry, calls)
            elif entry.is_model:
                self._add_model(entry, calls)
            else:
                self._add_layer(entry, calls, notes)

    def _add_operation(self, entry: Entry, calls: list[int]) -> None:
        for call in calls:
            found = operation(entry, entry.calls[call])
            name, params = made(found)
            checked = registry.get(name).read(params).params()
            self._nodes[self._node_of[(entry.name, call)]] = NodeDocument(block=name, params=checked, inputs=self._references(found.inputs))

    def _add_layer(self, entry: Entry, calls: list[int], notes: list[str]) -> None:
        reading = read_layer(entry, self._input_shape(entry, calls[0]))
        if reading.problems:
            self._refuse(entry, reading.problems)
            return
        said = [read_call(reading.block, entry.calls[call]) for call in calls]
        if any(each.params != said[0].params for each in said):
            raise UnsaidError("its calls ask for different things")
        notes += reading.notes
        params = reading.block.read({**reading.params, **said[0].params}).params()
        first = NodeDocument(block=reading.block.__name__, params=params, trainable=reading.trainable or self._around.frozen)
        taken = [self._references(each.inputs) for each in said]
        if inputs.table_of(self._model, entry):
            taken = [tuple(dict.fromkeys(references)) for references in taken]
        self._add_calls(entry, calls, first, taken)
        self._found.stored[self._around.path + self._node_of[(entry.name, calls[0])]] = entry.place

    def _add_model(self, entry: Entry, calls: list[int]) -> None:
        around = self._around
        if around.depth >= DEEPEST_MODELS:
            raise UnsaidError(f"more than {DEEPEST_MODELS} models stand within each other")
        if entry.name == TABLE_ENCODING:
            raise UnsaidError("it encodes the columns of a table, which a ColumnEncoding measures on a dataset; import the graph of the run instead")
        inner = read_model(entry.kind, entry.config, said=entry.said, place=entry.place)
        said = [read_call(None, entry.calls[call]) for call in calls]
        if any(len(each.inputs) != len(inner.inputs) for each in said):
            raise UnsaidError(f"it takes {len(inner.inputs)} inputs, and is called with another number")
        node = self._node_of[(entry.name, calls[0])]
        inside = Around(path=f"{around.path}{node}/", frozen=around.frozen or not inner.trainable, depth=around.depth + 1)
        module = self._found.module_ids.free(inner.name or entry.name)
        self._found.modules[module] = Level(inner, self._found, inside).module()
        if len(self._found.modules) > MOST_MODULES:
            raise refused(f"More than {MOST_MODULES} models stand within the model, which is more than a graph takes.")
        first = NodeDocument(block=f"{MODULE_PREFIX}{module}", trainable=inner.trainable or around.frozen)
        self._add_calls(entry, calls, first, [self._references(each.inputs) for each in said])

    def _add_calls(self, entry: Entry, calls: list[int], first: NodeDocument, taken: list[tuple[str, ...]]) -> None:
        """The node of a layer, and for each further call one that uses its weights."""
        original = self._node_of[(entry.name, calls[0])]
        further = NodeDocument(reuse=original, trainable=first.trainable)
        for call, references in zip(calls, taken, strict=True):
            node = self._node_of[(entry.name, call)]
            self._nodes[node] = (first if node == original else further).model_copy(update={"inputs": references})

    def _input_shape(self, entry: Entry, call: int) -> Shape | None:
        """Of the first input, without the batch."""
        given = next((tensor.shape for tensor in data_of(entry.calls[call])), None) or entry.input_shape
        return None if given is None else given[1:]

    def _add_outputs(self) -> None:
        ends = [self._reference(tensor) for tensor in self._model.outputs]
        times = Counter(ends)
        used = {reference for document in self._nodes.values() for reference in (*document.inputs, document.reuse)}
        for reference, tensor, key in zip(ends, self._model.outputs, self._model.output_names, strict=True):
            node = self._nodes.get(reference)
            alone = reference not in used and times[reference] == 1
            made_output = outputs.as_output(node) if node is not None and alone else None
            if node is not None and made_output is not None:
                self._nodes[reference] = made_output
                if outputs.STARTS & set(node.params):
                    entry = self._model.entries[self._passing.resolved(tensor).layer]
                    self._found.notes.append(Problem(entry.said, entry.kind, outputs.STARTS_NOTE))
            else:
                self._nodes[self._ids.free(key or f"{self._passing.resolved(tensor).layer}_output")] = outputs.headless(reference)

    def _references(self, tensors: Iterable[Tensor]) -> tuple[str, ...]:
        return tuple(self._reference(tensor) for tensor in tensors)

    def _reference(self, tensor: Tensor) -> str:
        found = self._passing.resolved(tensor)
        node = self._node_of.get((found.layer, found.call))
        if node is None:
            raise refused(f"{FORM}: the layer {found.layer[:80]!r} takes what itself gives.")
        return f"{node}:{found.output}" if found.output else node

    @contextmanager
    def _about(self, entry: Entry) -> Iterator[list[str]]:
        """Collects what is to be said of a layer, and takes up what stands against it."""
        notes: list[str] = []
        try:
            yield notes
        except KerasImportError:
            raise
        except UnsaidError as error:
            self._refuse(entry, [f"{error}."])
        except BlocksError as error:
            self._refuse(entry, str(error).splitlines())
        self._found.notes += [Problem(entry.said, entry.kind, text) for text in notes]

    def _refuse(self, entry: Entry, texts: Iterable[str]) -> None:
        self._found.problems += [Problem(entry.said, entry.kind, text) for text in texts]
