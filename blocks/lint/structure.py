"""Rules about what is there at all, and what is connected with what. They look at the document, so that a half-drawn graph is judged, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from blocks.base import registry
from blocks.editing.level import free_id
from blocks.features import TABLE_INPUT, Feature, columns_of, inputs_of, targets_of
from blocks.figures import open_ends
from blocks.graph import Graph, NodeDocument, split_reference
from blocks.lint.base import CLASSES, PICTURES, PRICE, SERIES, Check, Edit, Example, Fix, sketch
from blocks.lint.network import Network
from blocks.lint.situation import Situation
from blocks.messages import Message
from blocks.ports import Input, Output
from blocks.walk import in_order

MOST_TOLD = 20
"""Findings of one kind for which a way out is looked for."""


class EmptyGraph(Check):
    """No node at all."""

    name = "empty-graph"
    severity = "error"
    builds = False
    why = "A network begins with an Input, which lets the data in."

    def find(self, network: Network) -> Iterator[Message]:
        if not network.graph.nodes:
            params = _entry(network.features, ())
            fix = Fix("Add an Input", ({"do": "add", "block": "Input", "params": params},)) if params is not None else None
            yield self.message("", "The graph is empty.", "Add an Input, or choose a preset.", fix)

    def example(self) -> Example:
        return Example(Graph(), "", (PICTURES, CLASSES))


class NoInput(Check):
    """Nodes, but none through which data enter."""

    name = "no-input"
    severity = "error"
    builds = False
    why = "A network begins with an Input, which lets the data in."

    def find(self, network: Network) -> Iterator[Message]:
        nodes = network.graph.nodes
        if not nodes or any(document.block == Input.__name__ for document in nodes.values()):
            return
        params = _entry(network.features, ())
        first = next((name for name in in_order(nodes)[0] if not nodes[name].inputs and not nodes[name].reuse), None)
        fix = None
        if params is not None and first is not None:
            # of its block's name and the first number, as every node that is added
            edits: tuple[Edit, ...] = (
                {"do": "add", "block": "Input", "params": params},
                {"do": "connect", "source": "input_1", "to": first, "index": 0},
            )
            fix = Fix("Add an Input", edits) if "input_1" not in nodes else None
        yield self.message("", "There is no Input.", "Insert an Input and connect it.", fix)

    def example(self) -> Example:
        return Example(sketch(scaled=("Rescaling", {}), flat=("Flatten", {}, "scaled"), out=("Output", {}, "flat")), "", (PICTURES, CLASSES))


class NoOutput(Check):
    """No node that binds a target."""

    name = "no-output"
    severity = "hint"
    builds = False
    why = "An Output compares what arrives with a column of the data; a training needs at least one."

    def find(self, network: Network) -> Iterator[Message]:
        nodes = network.graph.nodes
        if not nodes or any(document.block == Output.__name__ for document in nodes.values()):
            return
        circles = set(in_order(nodes)[1])
        ends = [name for name in reversed(open_ends(network.graph)) if nodes[name].block != Input.__name__ and name not in circles]
        end = next((name for name in ends if name in network.analysis.nodes), next(iter(ends), None))
        fix = Fix("Add an Output", tuple(_ended(network, end))) if end else None
        advice = "The open ends are taken as outputs; insert an Output to bind a target."
        yield self.message("", "There is no Output.", advice, fix, "error" if network.situation else "hint")

    def example(self) -> Example:
        return Example(
            sketch(image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled")), "", (PICTURES, CLASSES), Situation()
        )


class UnusedEnd(Check):
    """A branch that leads to no Output."""

    name = "unused-end"
    why = "What leads to no Output has no part in the prediction: it is computed in vain, and its weights never change."

    def find(self, network: Network) -> Iterator[Message]:
        nodes = network.graph.nodes
        outputs = [name for name, document in nodes.items() if document.block == Output.__name__]
        useful, fed, behind = _before(nodes, outputs), _behind(nodes, _inputs(nodes)), _behind(nodes, outputs)
        told = 0
        for end in open_ends(network.graph) if outputs else []:
            if end in outputs or end not in fed or end in behind:
                continue
            fix = None
            told += 1
            if told <= MOST_TOLD:
                dead = [name for name in _before(nodes, [end]) if name not in useful]
                fix = _joined(nodes, end, outputs) or _without(nodes, dead)
            yield self.message(end, "Nothing uses what it gives.", "Connect it or delete it.", fix)

    def example(self) -> Example:
        graph = sketch(
            x=("Input", {"shape": [4]}), dense=("Dense", {"activation": "relu"}, "x"), left=("Dense", {}, "x"), relu=("ReLU", {}, "left"),
            out=("Output", {"units": 2}, "dense"),
        )  # fmt: skip
        return Example(graph, "relu")


class Unreachable(Check):
    """Nodes to which no way leads from an Input."""

    name = "unreachable"
    why = "Data enter at an Input and flow along the edges; what no Input leads to gets none."

    def find(self, network: Network) -> Iterator[Message]:
        nodes = network.graph.nodes
        fed = _behind(nodes, _inputs(nodes))
        if not _inputs(nodes):
            return
        for end in [end for end in open_ends(network.graph) if end not in fed][:MOST_TOLD]:
            apart = [name for name in _before(nodes, [end]) if name not in fed]
            if len(apart) < 2:  # what stands alone is told by its missing input
                continue
            others = f" Nor to the {len(apart) - 1} before it."
            ends = any(nodes[name].block == Output.__name__ for name in apart)
            fix = None if ends else _without(nodes, apart)
            yield self.message(end, f"No Input leads to it.{others}", "Connect the first of them, or delete them.", fix)

    def example(self) -> Example:
        graph = sketch(x=("Input", {"shape": [4]}), out=("Output", {"units": 2}, "x"), dense=("Dense", {}), relu=("ReLU", {}, "dense"))
        return Example(graph, "relu")


class BehindOutput(Check):
    """A node that takes what an Output gives."""

    name = "behind-output"
    why = "The Output is the end: its prediction is what is compared, and what stands behind it changes nothing."

    def find(self, network: Network) -> Iterator[Message]:
        nodes = network.graph.nodes
        for name, document in nodes.items():
            taken = [source for source in _sources(document) if source in nodes and nodes[source].block == Output.__name__]
            if not taken or document.block == Output.__name__:
                continue
            edits: list[Edit] = [{"do": "remove", "nodes": [name]}]
            if len(document.inputs) == 1 and document.block in registry and not document.reuse:
                edits.append({"do": "insert", "block": document.block, "params": document.params, "to": taken[0], "index": 0})
            fix = Fix(f"Move it before {taken[0]}" if len(edits) > 1 else "Remove it", tuple(edits))
            yield self.message(name, f"It stands behind {taken[0]}, where nothing comes of it.", f"Move it before {taken[0]}, or delete it.", fix)

    def example(self) -> Example:
        graph = sketch(
            x=("Input", {"shape": [4]}),
            dense=("Dense", {"activation": "relu"}, "x"),
            out=("Output", {"units": 2}, "dense"),
            drop=("Dropout", {}, "out"),
        )
        return Example(graph, "drop")


class SameFeature(Check):
    """Two Inputs that let the same feature in."""

    name = "same-feature"
    severity = "hint"
    in_training = True
    why = "One Input may lead to many nodes; a second one of the same feature only doubles what is prepared and kept in memory."

    def find(self, network: Network) -> Iterator[Message]:
        if any(feature.kind == "identity" for feature in network.features):
            return  # branches of a network that compares pictures
        first: dict[str, str] = {}
        told = 0
        for part, block in network.inputs():
            if block.feature is None or not network.features or part.path not in network.graph.nodes:
                continue
            other = first.setdefault(block.feature, part.path)
            told += other != part.path
            if other != part.path and told <= MOST_TOLD:
                edits: list[Edit] = [
                    {"do": "connect", "source": other, "to": name, "index": index}
                    for name, document in network.graph.nodes.items()
                    for index, reference in enumerate(document.inputs)
                    if split_reference(reference)[0] == part.path
                ]
                fix = Fix(f"Take {other} instead", (*edits, {"do": "remove", "nodes": [part.path]}))
                yield self.message(part.path, f"{block.feature!r} also enters through {other}.", f"Connect {other} in its place.", fix)

    def example(self) -> Example:
        graph = sketch(
            one=("Input", {}), two=("Input", {}), scaled=("Rescaling", {}, "one"), scaled2=("Rescaling", {}, "two"), flat=("Flatten", {}, "scaled"),
            flat2=("Flatten", {}, "scaled2"), both=("Concatenate", {}, "flat", "flat2"), out=("Output", {}, "both"),
        )  # fmt: skip
        return Example(graph, "two", (PICTURES, CLASSES), Situation())


class UnusedFeature(Check):
    """A feature of the dataset that no Input lets in."""

    name = "unused-feature"
    severity = "hint"
    in_training = True
    why = "A network can learn from what enters only; of course a feature may be left out on purpose."

    def find(self, network: Network) -> Iterator[Message]:
        taken = {block.feature for _, block in network.inputs()}
        if not taken:
            return
        columns = {feature.name for feature in columns_of(list(network.features))} if TABLE_INPUT in taken else set()
        left = [feature.name for feature in inputs_of(list(network.features)) if feature.name not in taken and feature.name not in columns]
        if left:
            listed = ", ".join(repr(name) for name in left)
            yield self.message("", f"The network does not use {listed}.", "Add an Input for it and connect it, if it is to count.")

    def example(self) -> Example:
        return Example(
            sketch(x=("Input", {"feature": "series"}), lstm=("LSTM", {}, "x"), out=("Output", {}, "lstm")), "", (SERIES, PICTURES, PRICE), Situation()
        )


def _entry(features: Iterable[Feature], taken: Iterable[str]) -> dict[str, str] | None:
    """The parameters of an Input for the first feature that is not taken; None without a dataset."""
    listed = list(features)
    names = [TABLE_INPUT] if columns_of(listed) else []
    names += [feature.name for feature in inputs_of(listed) if not feature.is_column]
    free = [name for name in names if name not in set(taken)]
    return {"feature": free[0]} if free else None


def _ended(network: Network, end: str) -> Iterator[Edit]:
    """An Output behind a node, with what makes a vector of a sequence or picture between them."""
    target = next(iter(targets_of(list(network.features))), None)
    part = network.parts.get(end)
    if target is not None and part is not None and not target.shape and 2 <= len(part.shape) <= 4:
        vector = "Flatten" if None not in part.shape else f"GlobalAveragePooling{len(part.shape) - 1}D"
        yield {"do": "add", "block": vector, "after": end}
        end = free_id(network.graph.nodes, vector)
    yield {"do": "add", "block": "Output", "params": {"target": target.name} if target else {"head": "none"}, "after": end}


def _sources(document: NodeDocument) -> list[str]:
    return [split_reference(reference)[0] for reference in document.inputs]


def _inputs(nodes: Mapping[str, NodeDocument]) -> list[str]:
    return [name for name, document in nodes.items() if document.block == Input.__name__]


def _before(nodes: Mapping[str, NodeDocument], ends: Iterable[str]) -> dict[str, None]:
    """The ends and all nodes that lead to them, in that order."""
    found = dict.fromkeys(ends)
    waiting = list(found)
    while waiting:
        for source in _sources(nodes[waiting.pop()]):
            if source in nodes and source not in found:
                found[source] = None
                waiting.append(source)
    return found


def _behind(nodes: Mapping[str, NodeDocument], starts: Iterable[str], *, sharing: bool = False) -> set[str]:
    """The starts and all nodes that get something from them; with `sharing`, also what uses their weights."""
    followers: dict[str, list[str]] = {}
    for name, document in nodes.items():
        for source in [*_sources(document), *([document.reuse] if sharing and document.reuse else [])]:
            followers.setdefault(source, []).append(name)
    found = set(starts)
    waiting = list(found)
    while waiting:
        for follower in followers.get(waiting.pop(), []):
            if follower not in found:
                found.add(follower)
                waiting.append(follower)
    return found


def _joined(nodes: Mapping[str, NodeDocument], end: str, outputs: list[str]) -> Fix | None:
    """Leads an open end to the only Output, where that takes something which the end itself hangs on."""
    if len(outputs) != 1 or len(nodes[outputs[0]].inputs) != 1:
        return None
    source = _sources(nodes[outputs[0]])[0]
    if source not in _before(nodes, [end]) or end in _behind(nodes, outputs, sharing=True):
        return None
    return Fix(f"Connect it with {outputs[0]}", ({"do": "connect", "source": end, "to": outputs[0], "index": 0},))


def _without(nodes: Mapping[str, NodeDocument], names: list[str]) -> Fix | None:
    """Takes nodes out; an Input stays if there is no other."""
    spares_one = any(name not in names for name in _inputs(nodes))
    gone = [name for name in names if spares_one or nodes[name].block != Input.__name__]
    button = "Remove it" if len(gone) == 1 else f"Remove these {len(gone)} blocks"
    return Fix(button, ({"do": "remove", "nodes": gone},)) if gone else None
