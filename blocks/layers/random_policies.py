"""The Keras layers behind the blocks RandAugment and AugMix: several changes, drawn for each picture by itself.

Keras's RandAugment draws one set of changes for a whole batch, computes all of them and equalises the batch as if it were
one picture; the weaker it is set, the harder it posterises. Its AugMix draws the changes with Python's generator, so that
a compiled function keeps the first draw for ever. These networks of changes are small, and only the ones drawn are computed.
They never stand in a network, so other layers of this package may be imported.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from blocks.layers.chance import Chance, take_over
from blocks.layers.histograms import Equalization
from blocks.layers.random_smoothing import RandomSharpness

ANGLE, SLANT, SHIFT, BITS = 30 / 360, 0.3, 0.45, 4
"""The most that the strength 1 stands for: turns, parts of the size, and bits that are lost (Cubuk et al. 2019)."""


class _Solarize(keras.layers.Layer):  # type: ignore[misc]
    """The negative of what is brighter than a threshold from 1 - factor to 1."""

    def __init__(self, factor: float, value_range: tuple[float, float]) -> None:
        super().__init__()
        self.factor = factor
        self.value_range = value_range
        self.generator = keras.random.SeedGenerator(0)

    def call(self, inputs: Any, training: bool = False) -> Any:  # noqa: ARG002
        low, high = self.value_range
        threshold = low + (high - low) * keras.random.uniform((), 1 - self.factor, 1.0, seed=self.generator)
        return tf.where(inputs < threshold, inputs, low + high - inputs)


def _changes(factor: float, value_range: tuple[float, float], interpolation: str, colour: bool, all_ops: bool) -> list[Any]:
    """The changes of the papers, each with an amount of its own up to the strength."""
    moved = {"interpolation": interpolation, "fill_mode": "constant", "fill_value": sum(value_range) / 2, "seed": 0}
    valued: dict[str, Any] = {"value_range": value_range, "seed": 0}
    layers = keras.layers
    angle, slant, shift, part = factor * ANGLE, factor * SLANT, factor * SHIFT, factor * 0.9
    found: list[Any] = [
        layers.AutoContrast(value_range=value_range),
        Equalization(value_range=value_range),
        layers.RandomRotation((-angle, angle), **moved),
        layers.RandomShear(x_factor=(0.0, slant), **moved),
        layers.RandomShear(y_factor=(0.0, slant), **moved),
        layers.RandomTranslation((-shift, shift), 0.0, **moved),
        layers.RandomTranslation(0.0, (-shift, shift), **moved),
        layers.RandomPosterization((8 - round(factor * BITS), 9), **valued),
        _Solarize(factor, value_range),
    ]
    if all_ops:
        found += [
            layers.RandomContrast((part, part), **valued),
            layers.RandomBrightness((-part / 2, part / 2), **valued),
            RandomSharpness((0.5 - part / 2, 0.5 + part / 2), **valued),
        ]
        if colour:
            found.append(layers.RandomColorDegeneration((-part, part), **valued))
    return [layers.Identity(), *found]


class _Policy(keras.layers.Layer):  # type: ignore[misc]
    """What both have in common. They change one picture at a time: the first axis has the length 1.

    Args:
        factor: Strength from 0 to 1.
    """

    def __init__(
        self,
        factor: float = 0.3,
        value_range: tuple[float, float] = (0, 255),
        interpolation: str = "bilinear",
        all_ops: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.factor = factor
        self.value_range: tuple[float, float] = (value_range[0], value_range[1])
        self.interpolation = interpolation
        self.all_ops = all_ops
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)
        self._chances: list[Chance]

    def build(self, input_shape: Any) -> None:
        self._changes = _changes(self.factor, self.value_range, self.interpolation, input_shape[-1] == 3, self.all_ops)
        # Past Keras, which would take them for states of its own.
        self.__dict__["_chances"] = [chance for change in self._changes for chance in take_over(change)]

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        names = ("factor", "value_range", "interpolation", "all_ops", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _seeds(self, count: int) -> Any:
        """As many seeds as there are changes to draw, from the one of this picture."""
        state = tf.cast(self.generator.next() % (2**31 - 1), tf.int32)
        return tf.random.stateless_uniform((count, 2), seed=state, minval=None, maxval=None, dtype=tf.int32)

    def _changed(self, picture: Any, seed: Any) -> Any:
        """The picture behind one change, both by chance."""
        index = tf.random.stateless_uniform((), seed=seed, maxval=len(self._changes), dtype=tf.int32)
        for number, chance in enumerate(self._chances):
            chance.begin(seed + tf.constant([number + 1, 0]))
        branches: list[Callable[[], Any]] = [partial(_apply, change, picture) for change in self._changes]
        return tf.switch_case(index, branches)


def _apply(change: Any, picture: Any) -> Any:
    return tf.ensure_shape(tf.cast(change(picture, training=True), picture.dtype), picture.shape)


@keras.saving.register_keras_serializable(package="blockstudio")
class RandAugment(_Policy):
    """A few changes, one after the other (Cubuk et al. 2019, arXiv:1909.13719).

    Args:
        num_ops: How many.
    """

    def __init__(self, num_ops: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_ops = num_ops

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        return tf.foldl(self._changed, self._seeds(self.num_ops), initializer=inputs, parallel_iterations=1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_ops": self.num_ops}


@keras.saving.register_keras_serializable(package="blockstudio")
class AugMix(_Policy):
    """A mixture of the picture and chains of changes of it (Hendrycks et al. 2019, arXiv:1912.02781).

    Args:
        alpha: How evenly they are mixed.
    """

    def __init__(self, num_chains: int = 3, chain_depth: int = 3, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_chains = num_chains
        self.chain_depth = chain_depth
        self.alpha = alpha

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        weights = keras.random.gamma((self.num_chains,), self.alpha, seed=self.generator)
        weights = weights / tf.reduce_sum(weights)
        share = keras.random.beta((), self.alpha, self.alpha, seed=self.generator)
        seeds = tf.reshape(self._seeds(self.num_chains * self.chain_depth), (self.num_chains, self.chain_depth, 2))

        def chained(mixed: Any, chain: Any) -> Any:
            chain_seeds, weight = chain
            return mixed + weight * tf.foldl(self._changed, chain_seeds, initializer=inputs, parallel_iterations=1)

        mixed = tf.foldl(chained, (seeds, weights), initializer=tf.zeros_like(inputs), parallel_iterations=1)
        return tf.clip_by_value(share * inputs + (1 - share) * mixed, *self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_chains": self.num_chains, "chain_depth": self.chain_depth, "alpha": self.alpha}
