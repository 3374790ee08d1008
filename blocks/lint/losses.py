"""Rules about the end of a network and the loss that judges it."""

from __future__ import annotations

from collections.abc import Iterator

from blocks.features import Feature, FeatureKind
from blocks.lint.base import CLASSES, PICTURES, PRICE, Check, Example, Fix, sketch
from blocks.lint.functions import ANY_NUMBER, LOGARITHMS, PROBABILITIES, SIGMOIDS, function_of, scores_of, set_to, without_function
from blocks.lint.loss_kinds import FITTING, OF_EACH_CLASS, OF_ERRORS, PROBABLE, SHARED_OUT, suits
from blocks.lint.network import Network, Part
from blocks.lint.situation import Situation
from blocks.messages import Message, Severity
from blocks.ports import Output

FOR_CLASSES = FITTING["category"][0]
"""What fits classes always."""
SAID: dict[FeatureKind, str] = {
    "category": "a class", "labels": "several labels", "mask": "a mask", "number": "a number", "image": "a picture", "tokens": "a text",
    "transcript": "a transcript", "identity": "an identity",
}  # fmt: skip
"""What a target is, in messages."""


def ending(network: Network, part: Part, output: Output) -> tuple[str, Part]:
    """The last function before the loss, and the part that applies it."""
    own = output.activation or "linear"
    scores = scores_of(network, part) if own == "linear" and output.head == "none" else None
    applied = function_of(scores) if scores is not None else ""
    return (applied, scores) if scores is not None and applied not in ("", "linear") else (own, part)


def with_function(part: Part, output: Part, function: str) -> Fix:
    """The Output with a function at its end, and none of its own on the part that applied another."""
    fix = set_to([output.path], "activation", function)
    return fix if part is output else Fix(fix.button, (*without_function(part).edits, *fix.edits))


class UnboundedScores(Check):
    """Cross-entropy over numbers that are no probabilities."""

    name = "scores-as-probabilities"
    in_training = True
    why = "Cross-entropy takes the logarithm of probabilities; what lies outside of 0 to 1 is cut off there, and gives no gradient."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            loss = network.loss(output)
            if loss not in PROBABLE or not suits(loss, network.target(output)):
                continue
            function, applied = ending(network, part, output)
            if function in PROBABILITIES:
                continue
            wanted = "softmax" if loss in SHARED_OUT and part.shape[-1:] != (1,) else "sigmoid"
            text = f"The loss {loss} wants probabilities, but {function} gives other numbers."
            if function == "linear":
                text = f"The loss {loss} wants probabilities, but no function at the end gives them."
            severity: Severity = "error" if function in LOGARITHMS else "warning"
            yield self.message(part.path, text, f"Set its activation to {wanted}.", with_function(applied, part, wanted), severity)

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"), out=("Output", {"activation": "linear"}, "flat")
        )
        return Example(graph, "out", (PICTURES, CLASSES), Situation(loss="sparse_categorical_crossentropy"))


class SigmoidOfClasses(Check):
    """Sigmoids where one class of several is true."""

    name = "sigmoid-of-classes"
    in_training = True
    why = "Sigmoids answer one question of yes or no for each class, so that several may be near 1; softmax shares 1 out among the classes."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            loss = network.loss(output)
            if loss not in SHARED_OUT or not suits(loss, network.target(output)) or part.shape[-1:] == (1,):
                continue
            function, applied = ending(network, part, output)
            if function in SIGMOIDS:
                text = f"The loss {loss} wants probabilities that add up to 1, but {function} judges each class on its own."
                yield self.message(part.path, text, "Set its activation to softmax.", with_function(applied, part, "softmax"))

    def example(self) -> Example:
        return Example(sketch(x=("Input", {"shape": [4]}), out=("Output", {"units": 3, "activation": "sigmoid"}, "x")), "out",
                       situation=Situation(loss="sparse_categorical_crossentropy"))  # fmt: skip


class BinaryLossOfClasses(Check):
    """Binary cross-entropy over a softmax of more than two classes."""

    name = "binary-loss-of-classes"
    in_training = True
    why = "It counts the wrong classes one by one, although softmax has shared out 1 among all of them; with many classes they drown the true one."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            units, target = part.shape[-1] if part.shape else None, network.target(output)
            if network.loss(output) not in OF_EACH_CLASS or units is None or units <= 2 or (target is not None and target.kind != "category"):
                continue
            if ending(network, part, output)[0] == "softmax":
                text = f"The loss {network.loss(output)} is a question of yes or no for each class, but here one of {units} classes is true."
                yield self.message(part.path, text, f"Give it the loss {FOR_CLASSES}.", set_to([part.path], "loss", FOR_CLASSES))

    def example(self) -> Example:
        return Example(sketch(x=("Input", {"shape": [4]}), out=("Output", {"units": 10, "activation": "softmax"}, "x")), "out",
                       situation=Situation(loss="binary_crossentropy"))  # fmt: skip


class LossOfAnotherTarget(Check):
    """A loss for another kind of target than the one that is predicted."""

    name = "loss-of-another-target"
    severity = "error"
    in_training = True
    why = "Each loss is made for one kind of target, and the training refuses the other."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            target, loss = network.target(output), network.loss(output)
            if target is not None and not suits(loss, target):
                fitting = FITTING[target.kind][0]
                text = f"The loss {loss} does not suit {target.name!r}, which is {SAID[target.kind]}."
                yield self.message(part.path, text, f"Give it the loss {fitting}.", set_to([part.path], "loss", fitting))

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"), out=("Output", {"loss": "huber"}, "flat")
        )
        return Example(graph, "out", (PICTURES, CLASSES), Situation())


class SquaredErrorOfClasses(Check):
    """The squared or absolute error as a loss for classes."""

    name = "squared-error-of-classes"
    severity = "hint"
    in_training = True
    why = "Where the network is surely wrong, the squared error hardly pulls at all, while cross-entropy pulls hardest."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            target, loss = network.target(output), network.loss(output)
            if target is not None and target.kind == "category" and loss in OF_ERRORS:
                text = f"The loss {loss} judges classes as if they were numbers."
                yield self.message(part.path, text, f"Give it the loss {FOR_CLASSES}.", set_to([part.path], "loss", FOR_CLASSES))

    def example(self) -> Example:
        graph = sketch(image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"), out=("Output", {}, "flat"))
        return Example(graph, "out", (PICTURES, CLASSES), Situation(loss="mean_squared_error"))


class NumberOutOfReach(Check):
    """A function at the end that can't give every value of a number."""

    name = "number-out-of-reach"
    in_training = True
    why = "Numbers are standardised for the training: their mean becomes 0, about half of them are negative, and some lie far from 0."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            target = network.target(output)
            function, applied = ending(network, part, output)
            if target is None or not _is_number(target) or function in ANY_NUMBER or (function in ("softmax", "log_softmax") and part.shape == (1,)):
                continue
            text = f"{function} can't give every value of {target.name!r}."
            fix = set_to([part.path], "activation", "linear") if applied is part else without_function(applied)
            yield self.message(part.path, text, "A number needs no function at the end.", fix)

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"), out=("Output", {"activation": "sigmoid"}, "flat")
        )
        return Example(graph, "out", (PICTURES, PRICE), Situation(loss="mean_squared_error"))


def _is_number(target: Feature | None) -> bool:
    return target is not None and target.kind == "number"
