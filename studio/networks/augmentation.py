"""Augmentation: training samples changed by chance, anew in every epoch, and the same again after a resume.

Where a block moves pixels, a mask is moved with them, by the same layers with the same chance.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.analysis import Analysis, analyse
from blocks.augmentation_base import PIXELS
from blocks.augmentation_base import Augmentation as Block
from blocks.graph import Graph, split_reference
from blocks.ports import Input
from blocks.spec import Shape
from blocks.walk import in_order, read_block
from studio.networks.following import Beside, placed, taken
from studio.networks.front import plain_numbers
from studio.workspace import StudioError

if TYPE_CHECKING:
    from blocks.layers.chance import Chance

Range = tuple[float, float]
Mixture = list[tuple[Any, Any]]
"""What each sample of a changed batch consists of: pairs of an order (indices into the batch) and shares (one per sample).

Sample i holds the share shares[i] of what was sample order[i]; the shares of all pairs add up to 1. An empty list: every
sample is itself. So the loss of a mixed sample is the sum of share * loss(target of that sample), which for cross-entropy is
the loss on class probabilities with these shares, and every loss and metric keeps the targets that it knows.
"""


@dataclass
class _Change:
    """One augmentation block at work.

    Args:
        chain: Its layers, one after the other.
        chances: Where these draw their chance from, all seed generators inside them included.
        seed: What tells this block's chance from that of others.
        value_range: The least and the largest value of a pixel.
        follower: The same change for what belongs to the pictures, by the same chance.
    """

    block: Block
    chain: list[Any]
    chances: list[Chance]
    seed: int
    value_range: Range
    follower: _Change | None = None

    def __call__(self, values: Any, step: Any, beside: Beside) -> tuple[Any, Beside, Mixture]:
        """Pictures, what follows them, and what each sample now consists of."""
        import tensorflow as tf

        seed = tf.stack([tf.constant(self.seed, tf.int32), tf.cast(step, tf.int32)])
        low, high = self.value_range
        if self.block.from_0_to_1:
            values = (values - low) / (high - low)
        mixture: Mixture = []
        if self.block.mixes:
            self._begin(_states(seed, (len(self.chances), 2)))
            values, mixture, pasted = _mixed(self.chain[0], values)
            if beside and pasted is not None:
                order, _ = mixture[1]
                beside, mixture = {name: tf.where(pasted, tf.gather(each, order), each) for name, each in beside.items()}, []
        else:
            values = self._changed(seed, values)
            if self.follower is not None:
                beside = {name: self.follower._changed(seed, each) for name, each in beside.items()}
        return (values * (high - low) + low if self.block.from_0_to_1 else values), beside, mixture

    def _changed(self, seed: Any, values: Any) -> Any:
        import tensorflow as tf

        if self.block.alone:
            states = _states(seed, (tf.shape(values)[0], len(self.chances), 2))
            return tf.map_fn(self._one, (values, states), fn_output_signature=tf.TensorSpec(values.shape[1:], values.dtype))
        self._begin(_states(seed, (len(self.chances), 2)))
        return self._through(values)

    def _one(self, given: tuple[Any, Any]) -> Any:
        picture, states = given
        self._begin(states)
        return self._through(picture[None])[0]

    def _through(self, values: Any) -> Any:
        for layer in self.chain:
            values = layer(values, training=True)
        return values

    def _begin(self, states: Any) -> None:
        for number, chance in enumerate(self.chances):
            chance.begin(states[number])


class Augmentation:
    """The augmentation blocks of a network, by the Input whose values they change.

    The chance of each block and step is drawn from the seed, the block's place and the step's number, so it needs no state.

    Args:
        network: The part of the graph that is trained.
        ranges: The least and the largest value of each Input's training samples. Whole numbers are pixels from 0 to 255.

        masks: Outputs whose targets are masks: these follow the pictures wherever blocks move them.

    Raises:
        StudioError: Pictures are to be mixed in a network with several Inputs, of which the others would stay unmixed; or masks
            can't follow.
    """

    def __init__(self, network: Graph, seed: int, ranges: Mapping[str, Range] | None = None, masks: Collection[str] = ()) -> None:
        self._changes: dict[str, list[_Change]] = {}
        self._masks = tuple(masks)
        self._whole: dict[str, bool] = {}
        analysis: Analysis | None = None
        for number, node in enumerate(in_order(network.nodes)[0]):
            document = network.nodes[node]
            block = None if document.reuse or document.block.startswith("module:") else read_block(document)
            if not isinstance(block, Block):
                continue
            start = _input_of(network, node)
            with plain_numbers():  # pixels need more digits than half precision has
                analysis = analysis or analyse(network)
                change = _change(block, node, start, analysis, (seed * 1009 + number) % 2**31, (ranges or {}).get(start), bool(masks))
            self._whole[start] = "int" in analysis.nodes[start].dtypes[0]
            self._changes.setdefault(start, []).append(change)
        inputs = [name for name, document in network.nodes.items() if document.block == Input.__name__]
        mixing = [change.block for changes in self._changes.values() for change in changes if change.block.mixes]
        if mixing and len(inputs) > 1:
            name = type(mixing[0]).__name__
            raise StudioError(f"{name} mixes the pictures of one Input, but this network has {len(inputs)}. Remove {name}, or the other Inputs.")
        moving = {start: change for start, changes in self._changes.items() for change in changes if change.block.moves}
        if masks and len(moving) > 1:
            raise StudioError("Blocks move the pictures of several Inputs, and the mask can follow one only. Keep them behind one Input.")
        self._leading = next(iter(moving), next(iter(self._changes), ""))

    @property
    def changed(self) -> tuple[str, ...]:
        """The Inputs whose values are changed."""
        return tuple(self._changes)

    def __bool__(self) -> bool:
        return bool(self._changes)

    def __call__(self, inputs: dict[str, Any], step: Any) -> tuple[dict[str, Any], Mixture]:
        """The inputs of one step, changed (whole numbers stay whole), and what each sample now consists of.

        Args:
            step: Number of the step since the first epoch, as an int32 tensor.
        """
        found, _, mixture = self.with_targets(inputs, {}, step)
        return found, mixture

    def with_targets(self, inputs: dict[str, Any], targets: dict[str, Any], step: Any) -> tuple[dict[str, Any], dict[str, Any], Mixture]:
        """Inputs as `__call__` gives them, targets (by output) of which the masks have followed, and what each sample consists of."""
        found, wanted = dict(inputs), dict(targets)
        mixture: Mixture = []
        for name, changes in self._changes.items():
            masks = {output: targets[output] for output in self._masks if output in targets} if name == self._leading else {}
            size = tuple(inputs[name].shape[1:3])
            beside = {output: placed(mask, size) for output, mask in masks.items()}
            found[name], beside, mixture = self._changed(name, changes, inputs[name], step, beside)
            wanted |= {output: taken(each, masks[output]) for output, each in beside.items()}
        return found, wanted, mixture

    def _changed(self, name: str, changes: list[_Change], values: Any, step: Any, beside: Beside) -> tuple[Any, Beside, Mixture]:
        import tensorflow as tf

        changed = tf.cast(values, tf.float32)
        mixture: Mixture = []
        for change in changes:
            changed, beside, more = change(changed, step, beside)
            mixture = _composed(mixture, more)
        if self._whole[name]:
            changed = tf.clip_by_value(tf.round(changed), *PIXELS)
        return tf.cast(changed, values.dtype), beside, mixture


def value_ranges(inputs: Mapping[str, np.ndarray]) -> dict[str, Range]:
    """The least and the largest value of all pictures of decimals."""
    pictures = {name: array for name, array in inputs.items() if array.ndim == 4 and array.dtype.kind == "f" and array.size}
    return {name: (float(array.min()), max(float(array.max()), float(array.min()) + 1e-6)) for name, array in pictures.items()}


def _change(block: Block, node: str, start: str, analysis: Analysis, seed: int, measured: Range | None, with_masks: bool) -> _Change:
    here, there = analysis.nodes[node].input_shapes[0], analysis.nodes[start].output_shapes[0]
    block = block.at(here, there)
    value_range = PIXELS if "int" in analysis.nodes[start].dtypes[0] else getattr(block, "value_range", None) or measured or (0.0, 1.0)
    follower = None
    if with_masks and block.moves:
        moved = block.for_masks()
        if moved is None:
            name = type(block).__name__
            raise StudioError(f"{name} moves pixels in ways that a mask can't follow. Replace it by RandomRotation, RandomBrightness ...")
        follower = _built(moved, (*there[:-1], 1), seed, PIXELS)
    return replace(_built(block, there, seed, value_range), follower=follower)


def _built(block: Block, shape: Shape, seed: int, value_range: Range) -> _Change:
    from blocks.layers.chance import take_over

    chain = block.chain((0.0, 1.0) if block.from_0_to_1 else value_range)
    for layer in chain:
        layer.build((None, *shape))
    return _Change(block, chain, [chance for layer in chain for chance in take_over(layer)], seed, value_range)


def _states(seed: Any, shape: Any) -> Any:
    """Where each generator begins: numbers that have nothing in common with those of the steps before and behind."""
    import tensorflow as tf

    return tf.random.stateless_uniform(shape, seed=seed, minval=None, maxval=None, dtype=tf.int32)


def _mixed(layer: Any, values: Any) -> tuple[Any, Mixture, Any]:
    """Pictures mixed by MixUp or CutMix, by which shares, and which pixels were pasted (None where all are mixed)."""
    import tensorflow as tf

    found = layer.get_random_transformation(values, training=True)
    mixed = layer.transform_images(values, found, training=True)
    pasted = found.get("batch_masks")
    order = tf.cast(found["permutation_order"], tf.int32)
    if pasted is None:
        share = tf.reshape(found["mix_weight"], (-1,))
    else:  # the pixels that are really pasted, which the drawn area only comes near
        pasted = tf.cast(pasted, tf.bool)
        share = 1.0 - tf.reduce_mean(tf.cast(pasted, tf.float32), axis=(1, 2, 3))
    return mixed, [(tf.range(tf.shape(order)[0]), share), (order, 1.0 - share)], pasted


def _composed(first: Mixture, second: Mixture) -> Mixture:
    """What samples consist of that were mixed twice."""
    import tensorflow as tf

    if not first or not second:
        return first or second
    return [(tf.gather(order, again), share * tf.gather(shares, again)) for again, share in second for order, shares in first]


def _input_of(network: Graph, node: str) -> str:
    while network.nodes[node].block != Input.__name__:
        node = split_reference(network.nodes[node].inputs[0])[0]
    return node
