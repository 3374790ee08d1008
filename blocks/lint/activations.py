"""Rules about activations: twice, none, or one that spoils what comes next."""

from __future__ import annotations

from collections.abc import Iterator

from blocks.activation import Softmax
from blocks.base import LayerBlock
from blocks.dense import Dense
from blocks.fields import per_axis
from blocks.lint.base import CLASSES, MOST_EDITS, PICTURES, Check, Edit, Example, Fix, sketch
from blocks.lint.functions import FULL, function_of, reset, scores_of, set_to, without_function
from blocks.lint.network import Network, Part
from blocks.lint.situation import Situation
from blocks.messages import Message
from blocks.ports import Output

PICTURE = ("Input", {"shape": [8, 8, 3]})
VECTOR = ("Input", {"shape": [4]})
FLATTENING = ("relu", "relu6", "tanh", "hard_tanh", "softsign", "softplus", "sparse_plus", "squareplus", "exponential")
"""Functions that take away what tells scores apart."""
_STILL_LINEAR = (
    "BatchNormalization", "Flatten", "Reshape", "Permute", "Identity", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "ZeroPadding1D",
    "ZeroPadding2D", "AveragePooling1D", "AveragePooling2D", "GlobalAveragePooling1D", "GlobalAveragePooling2D",
)  # fmt: skip
"""Blocks between two layers that leave them one linear map."""
_INTO_ONE = ("softmax", "log_softmax")
_SHARING_OUT = ("Softmax", "LogSoftmax", "Sparsemax", "GLU")


class SoftmaxOfOne(Check):
    """Softmax over a single unit."""

    name = "softmax-of-one"
    severity = "error"
    why = "Softmax makes its outputs add up to 1: a single one is 1 for every sample, whatever the network learns."

    def find(self, network: Network) -> Iterator[Message]:
        for part in network.parts.values():
            last = part.shape[-1] if part.shape else None
            if last != 1:
                continue
            text = "It takes the softmax of one value, which is always 1."
            if isinstance(part.block, Output):
                target = network.target(part.block)
                if part.block.activation not in _INTO_ONE:
                    continue
                if target is not None and target.kind == "number":
                    yield self.message(part.path, text, "Clear its activation: a number needs none.", reset(part.path, "activation"))
                else:
                    yield self.message(part.path, text, "Set its activation to sigmoid.", set_to([part.path], "activation", "sigmoid"))
            elif isinstance(part.block, FULL) and part.block.activation in _INTO_ONE:
                yield self.message(part.path, text, "Set its activation to sigmoid.", set_to([part.path], "activation", "sigmoid"))
            elif isinstance(part.block, Softmax) and part.block.axis == (-1,):
                fix = Fix("Replace it by Sigmoid", ({"do": "replace", "node": part.path, "block": "Sigmoid"},))
                yield self.message(part.path, text, "Use Sigmoid in its place.", fix)

    def example(self) -> Example:
        return Example(sketch(x=VECTOR, out=("Output", {"units": 1, "activation": "softmax"}, "x")), "out")


class DoubledSoftmax(Check):
    """Probabilities that are turned into probabilities again."""

    name = "doubled-softmax"
    why = "The second softmax makes all classes nearly equally likely, so that errors hardly change the weights and learning is slow."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            scores = scores_of(network, part)
            function = function_of(scores) if scores else ""
            if scores is None or output.activation not in ("softmax", "sigmoid") or function not in ("softmax", "sigmoid"):
                continue  # softmax of log_softmax is softmax, and does no harm
            if output.head == "none":
                text = f"{scores.path} gives probabilities already ({function}), and the Output applies {output.activation} to them."
                yield self.message(part.path, text, f"Leave the function to the Output: take it off {scores.path}.", without_function(scores))
            elif function != "sigmoid" and isinstance(scores.block, FULL):
                yield from self._before_a_head(network, part, scores)

    def _before_a_head(self, network: Network, part: Part, scores: Part) -> Iterator[Message]:
        units, wanted = scores.shape[-1] or 0, part.shape[-1] or 0
        text = f"{scores.path} ends with softmax, but the Output has a dense layer with {wanted} units of its own behind it."
        if units == wanted:
            edits = (
                {"do": "set", "nodes": [scores.path], "params": {"activation": "linear"}},
                {"do": "set", "nodes": [part.path], "params": {"head": "none"}},
            )
            fix = Fix("Let the Output take it as it is", edits)
            yield self.message(scores.path, text, "Set the Output's head to none, and leave the softmax to it.", fix)
        elif units > 2 * wanted or not network.features:  # otherwise it is meant to be the classes (`ClassCount`)
            yield self.message(scores.path, text, "Use relu in a hidden layer.", set_to([scores.path], "activation", "relu"))

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"),
            dense=("Dense", {"units": 3, "activation": "softmax"}, "flat"), out=("Output", {}, "dense"),
        )  # fmt: skip
        return Example(graph, "dense", (PICTURES, CLASSES))


class FlattenedScores(Check):
    """A function such as ReLU right before the softmax of the Output."""

    name = "flattened-scores"
    why = "Softmax compares scores. ReLU makes all negative ones equal, and they stop learning; tanh lets no class get far ahead."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            scores = scores_of(network, part) if output.head == "none" and output.activation in ("softmax", "sigmoid") else None
            if scores is not None and function_of(scores) in FLATTENING:
                text = f"{scores.path} applies {function_of(scores)} to the scores that the Output turns into probabilities ({output.activation})."
                yield self.message(scores.path, text, "Scores need no function of their own.", without_function(scores))

    def example(self) -> Example:
        dense = ("Dense", {"units": 3, "activation": "relu"}, "x")
        return Example(sketch(x=VECTOR, dense=dense, out=("Output", {"head": "none", "units": 3, "activation": "softmax"}, "dense")), "dense")


class TwoFunctions(Check):
    """An activation layer behind a layer that has an activation already."""

    name = "two-functions"
    severity = "hint"
    in_training = True
    why = "The second function sees only what the first one lets through: relu behind sigmoid, for instance, changes nothing at all."

    def find(self, network: Network) -> Iterator[Message]:
        for part in network.parts.values():
            if not part.written or not isinstance(part.block, LayerBlock) or part.block.category != "activation" or part.name in _SHARING_OUT:
                continue
            before, second = network.source(part), function_of(part)
            if before is None or not isinstance(before.block, FULL) or network.taker(before) is not part:
                continue
            first = function_of(before)
            if first != "linear" and second not in ("", "linear"):
                text = f"{before.path} applies {first} already; this applies {second} to it."
                advice = f"Keep one of the two: set the activation of {before.path} to linear."
                yield self.message(part.path, text, advice, set_to([before.path], "activation", "linear"))

    def example(self) -> Example:
        graph = sketch(x=VECTOR, dense=("Dense", {"activation": "sigmoid"}, "x"), relu=("ReLU", {}, "dense"), out=("Output", {"units": 2}, "relu"))
        return Example(graph, "relu", situation=Situation())


class LinearChain(Check):
    """Two layers with weights and no function between them."""

    name = "linear-chain"
    severity = "hint"
    in_training = True
    why = "Two linear layers in a row are one linear layer with more weights: only a function between them lets the network bend."

    def find(self, network: Network) -> Iterator[Message]:
        found = [(part, behind, between) for part in network.parts.values() for behind, between in _linearly_followed(network, part)]
        if not found:
            return
        part, behind, _ = found[0]
        plain = [each.path for each, _, between in found if not between]
        edits: list[Edit] = [{"do": "set", "nodes": plain, "params": {"activation": "relu"}}] if plain else []
        edits += [{"do": "insert", "block": "ReLU", "to": after.path, "index": 0} for _, after, between in found if between]
        button = "Set activation to relu" if len(edits) == bool(plain) else "Insert ReLU"
        several = f" There are {len(found) - 1} more such places." if len(found) > 1 else ""
        fix = Fix(button, tuple(edits)) if len(edits) <= MOST_EDITS else None
        yield self.message(part.path, f"There is no activation between it and {behind.path}.{several}", "Put one between, such as relu.", fix)

    def example(self) -> Example:
        graph = sketch(
            x=PICTURE, conv1=("Conv2D", {"use_bias": False}, "x"), norm=("BatchNormalization", {}, "conv1"),
            conv2=("Conv2D", {"activation": "relu"}, "norm"), flat=("Flatten", {}, "conv2"), out=("Output", {"units": 2}, "flat"),
        )  # fmt: skip
        return Example(graph, "conv1", situation=Situation())


def _linearly_followed(network: Network, part: Part) -> Iterator[tuple[Part, bool]]:
    """The layer with weights that a part leads to with no function between them, and whether a normalisation stands between."""
    if not part.written or not isinstance(part.block, FULL) or function_of(part) != "linear":
        return
    normalised = False
    following = network.taker(part)
    while following is not None and following.name in _STILL_LINEAR:
        normalised = normalised or following.name == "BatchNormalization"
        following = network.taker(following)
    if following is None or _only_mixes(part) or _only_mixes(following) or _narrows(part, following):
        return
    if isinstance(following.block, FULL) or (isinstance(following.block, Output) and following.block.head == "dense"):
        yield following, normalised


def _only_mixes(part: Part) -> bool:
    """Whether it is a 1x1 convolution, which often is one half of a larger one on purpose."""
    return isinstance(part.block, FULL) and not isinstance(part.block, Dense) and set(per_axis(part.block.kernel_size, 1)) == {1}


def _narrows(part: Part, following: Part) -> bool:
    """Whether it squeezes its values into fewer than enter and than come out behind it, such as the code of an autoencoder, which is meant."""
    before, here, after = (shape[-1] if shape else None for shape in (part.taken, part.shape, following.shape))
    return before is not None and here is not None and after is not None and here < min(before, after)
