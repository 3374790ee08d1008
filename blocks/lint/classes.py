"""Rules about the number of classes and the target of an Output."""

from __future__ import annotations

from collections.abc import Iterator

from blocks.errors import closest
from blocks.features import targets_of
from blocks.graph import Graph
from blocks.lint.base import CLASSES, PICTURES, PRICE, Check, Edit, Example, Fix, sketch
from blocks.lint.functions import FULL, function_of, reset, scores_of
from blocks.lint.network import Network
from blocks.lint.situation import Situation
from blocks.messages import Message


class ClassCount(Check):
    """A softmax layer whose units are not the classes of the dataset."""

    name = "class-count"
    why = "Each class of the dataset needs a unit of its own, and a unit without a class learns nothing."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            target, scores = network.target(output), scores_of(network, part)
            if target is None or scores is None or target.kind != "category" or output.head == "none" or not isinstance(scores.block, FULL):
                continue
            classes, units = len(target.classes or ()), scores.shape[-1] or 0
            if function_of(scores) != "softmax" or units == classes or units > 2 * classes:
                continue
            edits: tuple[Edit, ...] = (
                {"do": "set", "nodes": [scores.path], "params": {_width(scores.block): classes, "activation": "linear"}},
                {"do": "set", "nodes": [part.path], "params": {"head": "none"}},
            )
            text = f"It has {units} units with softmax, but {target.name!r} has {classes} classes."
            advice = f"Set its units to {classes}, and let the Output take them as they are."
            yield self.message(scores.path, text, advice, Fix(f"Set {_width(scores.block)} to {classes}", edits))

    def example(self) -> Example:
        return Example(_classifier({}, {"units": 2, "activation": "softmax"}), "dense", (PICTURES, CLASSES))


class UnitsWithoutEffect(Check):
    """Units of an Output that give way to the classes of the dataset."""

    name = "units-without-effect"
    severity = "hint"
    in_training = True
    why = "With a dataset, an Output has one unit for each class of its target; what is written in the graph counts only without one."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            target, given = network.target(output), _written_units(network.graph, part.path)
            if target is None or target.kind != "category" or given is None or given == output.units:
                continue
            text = f"Its units are set to {given}, but {target.name!r} has {output.units} classes, and these count."
            yield self.message(part.path, text, "Clear its units.", reset(part.path, "units"))

    def example(self) -> Example:
        return Example(_classifier({"units": 10}, {"units": 8, "activation": "relu"}), "out", (PICTURES, CLASSES), Situation())


class UnknownTarget(Check):
    """An Output for which the dataset has no target."""

    name = "unknown-target"
    severity = "error"
    why = "An Output is compared with the column that it predicts; without one there is nothing to learn from."

    def find(self, network: Network) -> Iterator[Message]:
        targets = [feature.name for feature in targets_of(list(network.features))]
        taken = {output.target for _, output in network.outputs()}
        for part, output in network.outputs():
            if not targets or output.target in targets:
                continue
            near = closest(output.target, targets) if output.target else None
            chosen = near or next((name for name in targets if name not in taken), targets[0])
            taken.add(chosen)
            listed = " or ".join(repr(name) for name in targets)
            text = f"The dataset has no target {output.target!r}." if output.target else "It does not say which target it predicts."
            fix = Fix(f"Set target to {chosen}", ({"do": "set", "nodes": [part.path], "params": {"target": chosen}},))
            yield self.message(part.path, text, f"Set its target to {listed}.", fix)

    def example(self) -> Example:
        return Example(_classifier({"target": "kimd"}, {"units": 8, "activation": "relu"}), "out", (PICTURES, CLASSES, PRICE))


def _width(block: object) -> str:
    return "units" if hasattr(block, "units") else "filters"


def _written_units(graph: Graph, node: str) -> int | None:
    given = graph.nodes[node].params.get("units") if node in graph.nodes else None
    return given if isinstance(given, int) else None


def _classifier(output: dict[str, object], dense: dict[str, object]) -> Graph:
    return sketch(
        image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"), dense=("Dense", dense, "flat"),
        out=("Output", output, "dense"),
    )  # fmt: skip
