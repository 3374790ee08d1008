"""Networks of other programs as graphs: a Keras configuration becomes nodes, and nothing of it is run.

Neither Keras nor TensorFlow is imported; code, pickled objects and layers that aren't Keras's are refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from blocks.graph import Graph
from blocks.importing.assembly import Around, Found, Level
from blocks.importing.document import MODELS, read_model
from blocks.importing.errors import KerasImportError, Problem, grouped, refused
from blocks.importing.opening import opened
from blocks.importing.plain_values import as_json, check_size, is_mapping

__all__ = ["Imported", "KerasImportError", "Problem", "from_config"]


@dataclass(frozen=True)
class Imported:
    """A Keras model as a graph.

    Args:
        layers: The path of the node of each layer, by the layer's name; those of inner models stand in front (`encoder/conv1`).
        stored: By the path of a node, where the weights of its layer stand in a `.weights.h5` file of Keras 3.
        notes: What is a little different here, as sentences.
    """

    graph: Graph
    layers: dict[str, str]
    stored: dict[str, str]
    notes: list[str]


def from_config(config: Any) -> Imported:
    """Reads the configuration of a functional or Sequential model of Keras 3.

    Args:
        config: What `config.json` of a `.keras` file holds, or what `model.get_config()` or `model.to_json()` gives.

    Raises:
        KerasImportError: With every layer that can't be imported, and why.
    """
    check_size(config)
    kind, inner, input_shape = _model_in(as_json(config))
    model = opened(read_model(kind, inner, input_shape))
    found = Found()
    nodes = Level(model, found, Around()).graph()
    if found.problems:
        raise KerasImportError(found.problems)
    try:
        graph = Graph(name=model.name[:200], nodes=nodes, modules=found.modules)
    except ValidationError as error:
        raise refused(f"The model does not fit into a graph: {error.errors()[0]['msg']}.") from error
    return Imported(graph, found.layers, found.stored, grouped(found.notes))


def _model_in(config: Any) -> tuple[str, Any, Any]:
    """The kind of the model, its configuration, and the shape that it was built for."""
    if not is_mapping(config):
        raise refused("This is not the configuration of a Keras 3 model: it is no mapping.")
    if str(config.get("format")).startswith("studio.graph/"):
        raise refused("This is a graph of this program, not a Keras model. Open it as a graph.")
    if "class_name" not in config:
        return ("Functional" if "input_layers" in config else "Sequential"), config, None
    kind, module = str(config["class_name"])[:80], str(config.get("module") or "keras")
    if kind not in MODELS or module.partition(".")[0] != "keras":
        raise refused(f"The model is of its own class {kind}, whose code is never run. Save it as a functional model: keras.Model(inputs, outputs).")
    built = config.get("build_config")
    return kind, config.get("config"), built.get("input_shape") if is_mapping(built) else None
