"""Rules about normalisation: the batch it looks at, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator

from blocks.base import LayerBlock
from blocks.lint.base import CLASSES, MOST_EDITS, PICTURES, Check, Edit, Example, Fix, sketch
from blocks.lint.functions import FULL, function_of
from blocks.lint.network import Network, Part
from blocks.lint.situation import Situation
from blocks.messages import Message, Severity
from blocks.normalization import BatchNormalization

FEW = 8
"""A batch below it gives poor means and deviations."""
DEEP = 20
"""Layers with weights in a row that hardly train without normalisation."""
MOST_GROUPS = 32
_DROPOUTS = ("Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
_SELF_NORMALISING = ("selu",)


class SmallBatch(Check):
    """BatchNormalization over a few samples."""

    name = "small-batch"
    severity = "hint"
    in_training = True
    why = (
        "BatchNormalization measures mean and deviation on the batch: over few samples they jump from step to step, and a vector of a single "
        "sample becomes 0. GroupNormalization and LayerNormalization look at each sample alone."
    )

    def find(self, network: Network) -> Iterator[Message]:
        size = network.situation.batch_size if network.situation else None
        parts = [part for part in network.parts.values() if part.trainable and isinstance(part.block, BatchNormalization) and not part.block.renorm]
        if size is None or size >= FEW or not parts:
            return
        vector = next((part for part in parts if len(part.taken) == 1), None)
        severity: Severity = "hint" if size > 1 else "error" if vector else "warning"
        chosen = vector or parts[0]
        text = f"It normalises over batches of {size}." if len(parts) == 1 else f"It and {len(parts) - 1} more normalise over batches of {size}."
        edits = [edit for part in parts for edit in _per_sample(part)]
        kinds = {str(edit["block"]) for edit in edits if "block" in edit}
        fix = Fix(f"Replace by {' and '.join(sorted(kinds))}", tuple(edits)) if len(edits) <= MOST_EDITS else None
        yield self.message(chosen.path, text, f"Take a batch size of at least {FEW}, or GroupNormalization or LayerNormalization.", fix, severity)

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), scaled=("Rescaling", {}, "image"), conv=("Conv2D", {"filters": 12, "use_bias": False}, "scaled"),
            norm=("BatchNormalization", {}, "conv"), relu=("ReLU", {}, "norm"), flat=("Flatten", {}, "relu"),
            dense=("Dense", {"use_bias": False}, "flat"), norm2=("BatchNormalization", {}, "dense"),
            relu2=("ReLU", {}, "norm2"), out=("Output", {}, "relu2"),
        )  # fmt: skip
        return Example(graph, "norm2", (PICTURES, CLASSES), Situation(batch_size=1))


class DropoutBeforeNormalization(Check):
    """Dropout right before BatchNormalization."""

    name = "dropout-before-normalization"
    severity = "hint"
    in_training = True
    why = (
        "Dropout changes the spread of its values in training only, so that the running deviation of BatchNormalization is wrong in prediction "
        "(Li et al., arXiv:1801.05134)."
    )

    def find(self, network: Network) -> Iterator[Message]:
        for part in network.parts.values():
            after = network.taker(part) if part.name in _DROPOUTS and part.written else None
            if after is not None and after.name == "BatchNormalization" and _same_level(part, after):
                edits: tuple[Edit, ...] = (
                    {"do": "remove", "nodes": [part.path]},
                    {"do": "add", "block": part.name, "params": part.block.params(), "after": after.path},
                )
                fix = Fix(f"Move it behind {after.path}", edits)
                yield self.message(part.path, f"It stands right before {after.path}.", f"Move it behind {after.path}.", fix)

    def example(self) -> Example:
        graph = sketch(
            x=("Input", {"shape": [4]}), dense=("Dense", {"activation": "relu"}, "x"), drop=("Dropout", {}, "dense"),
            norm=("BatchNormalization", {}, "drop"), out=("Output", {"units": 2}, "norm"),
        )  # fmt: skip
        return Example(graph, "drop", situation=Situation())


class BiasBeforeNormalization(Check):
    """A bias that BatchNormalization takes away again."""

    name = "bias-before-normalization"
    severity = "hint"
    in_training = True
    why = "BatchNormalization takes away the mean, and with it any bias before it, and adds a shift of its own (beta)."

    def find(self, network: Network) -> Iterator[Message]:
        found = [part for part in network.parts.values() if part.written and isinstance(part.block, FULL) and _has_idle_bias(network, part)]
        if not found:
            return
        several = f" Nor have those of {len(found) - 1} more." if len(found) > 1 else ""
        fix = Fix("Set use_bias to false", ({"do": "set", "nodes": [part.path for part in found], "params": {"use_bias": False}},))
        yield self.message(
            found[0].path, f"Its bias has no effect before BatchNormalization.{several}", "Set use_bias to false, which saves weights.", fix
        )

    def example(self) -> Example:
        graph = sketch(
            x=("Input", {"shape": [4]}), dense=("Dense", {}, "x"), norm=("BatchNormalization", {}, "dense"), relu=("ReLU", {}, "norm"),
            out=("Output", {"units": 2}, "relu"),
        )  # fmt: skip
        return Example(graph, "dense", situation=Situation())


class DeepWithoutNormalization(Check):
    """A long chain of layers with neither normalisation nor shortcuts."""

    name = "deep-without-normalization"
    severity = "hint"
    in_training = True
    why = "In a long chain the signal and its gradient grow or fade a little at each layer; normalisation or shortcuts keep both alive."

    def find(self, network: Network) -> Iterator[Message]:
        depths: dict[str, list[Part]] = {}
        for part in network.parts.values():
            before = max((depths[port.part] for port in part.inputs), key=len, default=[])
            resets = len(part.inputs) > 1 or (isinstance(part.block, LayerBlock) and part.block.category == "normalization")
            counts = isinstance(part.block, FULL) and function_of(part) not in _SELF_NORMALISING
            depths[part.path] = [] if resets else [*before, part] if counts else before
        chain = max(depths.values(), key=len, default=[])
        if len(chain) <= DEEP:
            return
        written = [part for part in chain if part.written]
        edits = [{"do": "add", "block": "BatchNormalization", "after": part.path} for part in written]
        fix = Fix("Insert BatchNormalization behind each", tuple(edits)) if 0 < len(edits) <= MOST_EDITS and len(written) == len(chain) else None
        text = f"It is the last of {len(chain)} layers in a row without normalisation or shortcuts."
        yield self.message(chain[-1].path, text, "Insert BatchNormalization behind each of them, or use residual blocks.", fix)

    def example(self) -> Example:
        dense = {f"dense{number}": ("Dense", {"units": 8, "activation": "relu"}, f"dense{number - 1}") for number in range(1, DEEP + 2)}
        graph = sketch(dense0=("Input", {"shape": [4]}), **dense, out=("Output", {"units": 2}, f"dense{DEEP + 1}"))
        return Example(graph, f"dense{DEEP + 1}", situation=Situation())


def _per_sample(part: Part) -> list[Edit]:
    """Edits that put a normalisation in its place which looks at each sample alone."""
    assert isinstance(part.block, BatchNormalization)  # noqa: S101 - the caller has looked
    axis = part.block.axis
    channels = part.taken[axis if axis < 0 else axis - 1] or 1
    places = [size for number, size in enumerate(part.taken, start=1) if number != axis and not (axis == -1 and number == len(part.taken))]
    if len(part.taken) < 3 or all(size == 1 for size in places):
        return [{"do": "replace", "node": part.path, "block": "LayerNormalization"}]
    groups = max(divisor for divisor in range(1, MOST_GROUPS + 1) if channels % divisor == 0)
    return [
        {"do": "replace", "node": part.path, "block": "GroupNormalization"},
        {"do": "set", "nodes": [part.path], "params": {"groups": groups}},
    ]


def _has_idle_bias(network: Network, part: Part) -> bool:
    after = network.taker(part)
    biased = bool(getattr(part.block, "use_bias", False)) and function_of(part) == "linear"
    return biased and after is not None and isinstance(after.block, BatchNormalization) and after.block.axis == -1


def _same_level(one: Part, other: Part) -> bool:
    return one.path.rpartition("/")[0] == other.path.rpartition("/")[0]
