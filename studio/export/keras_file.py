"""The .keras file: the whole network in layers of Keras, to be trained further or looked into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from blocks.build import build
from blocks.code import own_layers, own_source
from blocks.columns import days_of
from blocks.graph import Graph, NodeDocument
from blocks.ports import Input
from blocks.preprocessing import ColumnEncoding
from blocks.walk import read_block
from studio.evaluation import asking
from studio.export import texts
from studio.export.base import Checked, Exporter, ExportError
from studio.export.plain_columns import plain_encoding, plain_inputs
from studio.export.reload import ask
from studio.networks.arrays import branch
from studio.networks.front import plain_numbers

if TYPE_CHECKING:
    import keras

    from studio.evaluation.asking import Port
    from studio.evaluation.raw import RawModel


NO_LOOP = "A .keras file holds layers, but not the loop that writes a text with them. Export a SavedModel, which takes texts and gives texts."
OWN_LAYERS_FILE = "layers.py"
OWN_LAYERS_HEAD = '"""Layers of this network that Keras lacks. Import this module, then load model.keras."""'


class KerasFile(Exporter):
    """The network in Keras's own format, from pixels, texts or columns to probabilities.

    Use it to train further, to look inside, or to go on in Python with Keras; nothing of this program is needed. Layers that
    Keras lacks lie beside it as `layers.py`, to be imported before the file is loaded.

    Source: https://keras.io/api/models/model_saving_apis
    """

    name: ClassVar[str] = "keras"
    title: ClassVar[str] = "Keras file"
    runtime: ClassVar[str] = "keras tensorflow"
    file: ClassVar[str] = "model.keras"

    def write(self, model: RawModel, folder: Path) -> None:
        if model.opened.pens:
            raise ExportError(NO_LOOP)
        with plain_numbers():
            made = whole(model)
        made.save(folder / self.file)
        own = own_layers(made)
        if own:
            imports, sources = own_source(own)
            (folder / OWN_LAYERS_FILE).write_text("\n\n".join([f"{OWN_LAYERS_HEAD}\n\n{imports}", *sources]) + "\n", "utf-8")

    def reloaded(self, model: RawModel, folder: Path, checked: Checked, scratch: Path) -> dict[str, Any]:
        found = ask("keras", folder / self.file, _as_taken(model, checked.inputs), scratch).outputs
        return {prefix: found[name] for prefix, name in texts.outputs_of(model).items()}

    def column_dtype(self, kind: str, dtype: str) -> str:
        return "float64" if kind == "date" else dtype

    def client(self, model: RawModel) -> str:
        return texts.keras_client(model)

    def explained(self, model: RawModel) -> str:
        return texts.keras_explained(model)


def whole(model: RawModel) -> keras.Model:
    """One Keras model of standard layers: inputs by signature name (pictures: `pixels`), probabilities or values out; several by target."""
    import keras

    cuts = model.opened.loaded.split.cuts
    inputs: dict[str, Any] = {}
    fed: dict[str, Any] = {}
    for port in model.ports:
        entering, made = _entered(model, port)
        inputs |= made
        fed[cuts[port.node]] = entering
    network = model.network
    outputs = network(fed if isinstance(network.input, dict) else next(iter(fed.values())), training=False)
    said = {prefix: head.answering.whole(outputs[head.output] if isinstance(outputs, dict) else outputs) for prefix, head in model.heads.items()}
    found = said[""] if len(said) == 1 else {name: said[prefix] for prefix, name in texts.outputs_of(model).items()}
    return keras.Model(next(iter(inputs.values())) if len(inputs) == 1 else inputs, found, name=network.name)


def _entered(model: RawModel, port: Port) -> tuple[Any, dict[str, Any]]:
    """What reaches the network, and the Inputs that it comes from."""
    return _table(model, port) if port.kind == "columns" else asking.of(port.kind).layered(port, model.fronts[port.node])


def _table(model: RawModel, port: Port) -> tuple[Any, dict[str, Any]]:
    import keras

    graph = branch(model.opened.loaded.split, port.node)
    encodings = [(node, document) for node, document in graph.nodes.items() if document.block == ColumnEncoding.__name__]
    if len(encodings) != 1:
        raise ExportError("A .keras file of a table needs one ColumnEncoding right behind its Input; export a SavedModel instead.")
    node, document = encodings[0]
    block = read_block(document)
    assert isinstance(block, ColumnEncoding)  # noqa: S101 - it was asked for by name
    codes = block.columns or ()
    inputs = plain_inputs(codes, port.names)
    # Inside a model of its own, so that no column can bear the name of an operation.
    neutral = {column: f"column_{place}" for place, column in enumerate(port.names)}
    inner = plain_inputs(codes, neutral)
    vector = plain_encoding(codes, block.limit, {column: inner[name] for column, name in neutral.items()})
    encoding = keras.Model(inner, vector, name="blockstudio_encoding")
    encoded = encoding({neutral[column]: inputs[name] for column, name in port.names.items()})
    behind = _behind(graph, port.node, node, int(encoded.shape[-1]))
    return encoded if behind is None else behind(encoded, training=False), inputs


def _behind(graph: Graph, start: str, node: str, width: int) -> keras.Model | None:
    """What the front does after the encoding."""
    nodes = {name: document for name, document in graph.nodes.items() if name not in (start, node)}
    if not nodes:
        return None
    entry = NodeDocument(block=Input.__name__, params={"shape": [width]})
    return build(graph.model_copy(update={"nodes": {node: entry, **nodes}}))


def _as_taken(model: RawModel, inputs: dict[str, Any]) -> dict[str, Any]:
    """Raw samples as the file takes them: pictures and sounds decoded, dates as days."""
    found: dict[str, Any] = {}
    dates = {each.name for each in model.opened.features if each.kind == "date"}
    for port in model.ports:
        for feature, name in port.names.items():
            values = inputs[name]
            if port.kind != "columns":
                found[asking.of(port.kind).name_layered(port)] = asking.of(port.kind).decoded(port, values)
            elif feature in dates:
                days = [days_of(text) for text in values]
                found[name] = np.array([np.nan if day is None else day for day in days], dtype=np.float64)
            else:
                found[name] = values
    return found
