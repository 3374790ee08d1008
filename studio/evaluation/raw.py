"""A trained network that takes raw input: encoded pictures, pixels, texts, arrays or the columns of a table.

The same function answers here and in an exported model.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from blocks.build import build
from blocks.features import TABLE_INPUT, Feature
from blocks.ports import Input
from blocks.spec import Spec
from blocks.walk import read_block
from studio.evaluation import asking
from studio.evaluation.asking import Plain, Port
from studio.evaluation.errors import EvaluationError
from studio.evaluation.names import identifiers
from studio.evaluation.opened import Opened
from studio.evaluation.pictures import decoded
from studio.evaluation.tiles import in_tiles, reach
from studio.networks.arrays import bound_inputs, branch
from studio.networks.front import plain_numbers
from studio.networks.writing import beamed, by_output, written

if TYPE_CHECKING:
    import keras


class RawModel:
    """Front, network and labels as one TensorFlow function.

    `__call__` takes a dictionary by signature name, each with the batch axis first, and gives what the kind of answers says:
    `label` and `probabilities`, or `value` in the target's unit ...; all computed without chance. Of further outputs the
    names begin with their target's.

    Args:
        heads: The network's outputs, by what stands before the names of their answers.
    """

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.head = opened.head
        further = identifiers([head.target.name for head in opened.heads[1:]])
        self.heads = {"": opened.head, **{f"{further[head.target.name]}_": head for head in opened.heads[1:]}}
        self.network: keras.Model = opened.loaded.network
        self.ports = _ports(opened)
        split = opened.loaded.split
        with plain_numbers():
            graphs = {port.node: branch(split, port.node) for port in self.ports}
            self.fronts: dict[str, keras.Model | None] = {node: build(graph) if len(graph.nodes) > 1 else None for node, graph in graphs.items()}

    @cached_property
    def signature(self) -> dict[str, Any]:
        """The TensorSpec of each raw input."""
        import tensorflow as tf

        found = {}
        for port in self.ports:
            for feature, name in port.names.items():
                shape = () if asking.of(port.kind).encoded else port.shape
                found[name] = tf.TensorSpec((None, *shape), port.dtypes[feature], name=name)
        return found

    @property
    def plain(self) -> Plain | None:
        """The form in which decoded samples enter; None where there is none, and for networks with several inputs."""
        return asking.of(self.ports[0].kind).plain(self.ports[0]) if len(self.ports) == 1 else None

    def __call__(self, inputs: dict[str, Any]) -> dict[str, Any]:
        if self.takes_any_size:
            return self._one_by_one(inputs[self.ports[0].name])
        return self._answer({port.node: self.entered(port, inputs) for port in self.ports})

    def from_plain(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """As `__call__`, for decoded samples (`plain`)."""
        port = self.ports[0]
        (values,) = inputs.values()
        entered = values if self.takes_any_size else asking.of(port.kind).entered_plain(port, values, self.fronts[port.node])
        return self._answer({port.node: entered}, as_pixels=True)

    @property
    def takes_any_size(self) -> bool:
        """Whether pictures reach the network in sizes of their own, so that it is asked about one after the other."""
        (port, *others) = self.ports
        return not others and port.kind == "image" and None in port.shape and self.fronts[port.node] is None

    def _one_by_one(self, contents: Any) -> dict[str, Any]:
        """Answers about encoded pictures, of which large ones are taken in pieces."""
        import tensorflow as tf

        channels, answering = self.ports[0].shape[-1] or 3, self.head.answering
        factor, halo = int(self.head.target.statistics.get("scale", 1)), self._reach

        def network(pixels: Any) -> Any:
            found = self.network(pixels, training=False)
            return tf.cast(found[self.head.output] if isinstance(found, dict) else found, tf.float32)

        def one(content: Any) -> dict[str, Any]:
            picture = decoded(content, channels)
            made = network(picture[None]) if halo is None else in_tiles(network, picture, factor, halo)[None]
            return {name: values[0] for name, values in answering.tensors(made).items()}

        said = tf.function(one, input_signature=[tf.TensorSpec((), tf.string)]).get_concrete_function().structured_outputs
        specs = {name: tf.TensorSpec(values.shape, values.dtype) for name, values in said.items()}
        return dict(tf.map_fn(one, contents, fn_output_signature=specs))

    @cached_property
    def _reach(self) -> int | None:
        return reach(self.opened.loaded.split.network)

    @property
    def layers(self) -> list[Any]:
        """Every Keras model in it."""
        return [self.network, *(front for front in self.fronts.values() if front is not None)]

    def entered(self, port: Port, inputs: dict[str, Any]) -> Any:
        """What reaches the network at an Input, from raw input."""
        return asking.of(port.kind).entered(port, inputs, self.fronts[port.node])

    def _answer(self, entered: dict[str, Any], as_pixels: bool = False) -> dict[str, Any]:
        import tensorflow as tf

        cuts = self.opened.loaded.split.cuts
        fed = {cuts[node]: value for node, value in entered.items()}
        pens = self.opened.pens
        if pens and self.opened.beams > 1:
            return self.head.answering.searched(beamed(self._call, fed, pens[0], self.opened.beams))
        outputs = written(self._call, fed, pens[0]) if pens else self._call(fed)
        found: dict[str, Any] = {}
        for prefix, head in self.heads.items():
            given = tf.cast(outputs[head.output], tf.float32)
            said = head.answering.pixel_tensors(given) if as_pixels else head.answering.tensors_beside(given, next(iter(entered.values())))
            found |= {prefix + name: values for name, values in said.items()}
        return found

    def _call(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the network gives, by output id."""
        fed = values if isinstance(self.network.input, dict) else next(iter(values.values()))
        return by_output(self.network(fed, training=False), self.head.output)


def _ports(opened: Opened) -> list[Port]:
    whole = opened.loaded.whole
    features = {feature.name: feature for feature in opened.features}
    found: list[Port] = []
    for node, feature in bound_inputs(whole).items():
        block = read_block(whole.nodes[node])
        assert isinstance(block, Input)  # noqa: S101 - it was asked for by name
        if feature in features and not features[feature].is_given:
            continue  # what is already written comes from the network itself
        if feature == TABLE_INPUT:
            columns = dict(block.columns or ())
            found.append(Port(node, "columns", identifiers(columns), columns))
            continue
        spec = block.spec()
        assert isinstance(spec, Spec)  # noqa: S101 - only tables have another
        found.append(
            Port(
                node,
                _kind(features.get(feature), feature),
                {feature: feature},
                {feature: "string" if asking.of(_kind(features.get(feature), feature)).encoded else spec.dtype},
                spec.shape,
                features[feature],
            )
        )
    return _named(found)


def _kind(feature: Feature | None, name: str) -> str:
    if feature is None:
        raise EvaluationError(f"The network's input {name!r} is not among the features that it was trained on.")
    return "text" if feature.kind in ("category", "date", "words") else feature.kind


def _named(ports: list[Port]) -> list[Port]:
    """Gives a single picture, text or sound the fixed name of its kind; several keep their features' names."""
    single = {port.kind for port in ports if port.kind != "columns" and sum(other.kind == port.kind for other in ports) == 1}
    wanted: dict[str, str] = {}
    for port in ports:
        fixed = (asking.of(port.kind).called or port.kind) if port.kind in single else ""
        wanted |= {f"{port.node}/{feature}": fixed or feature for feature in port.names}
    if len(ports) == 1 and ports[0].kind == "columns":
        return ports
    unique = identifiers(list(dict.fromkeys(wanted.values())), fallback="input")
    return [replace(port, names={feature: unique[wanted[f"{port.node}/{feature}"]] for feature in port.names}) for port in ports]
