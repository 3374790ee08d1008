"""Channels that change places, against the numbers of the paper's figure."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import analyse
from blocks.layers.channel_shuffle import ChannelShuffle
from blocks.spec import Spec
from tests.blocks.samples import graph_of


@pytest.mark.parametrize("leading", [(), (4,), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize(("groups", "channels"), [(1, 5), (2, 6), (3, 6), (4, 12), (6, 6)])
def test_against_numpy(leading: tuple[int, ...], groups: int, channels: int) -> None:
    values = np.random.default_rng(0).normal(size=(2, *leading, channels)).astype("float32")
    n = channels // groups
    order = [g * n + k for k in range(n) for g in range(groups)]
    np.testing.assert_array_equal(ChannelShuffle(groups)(values), values[..., order])
    np.testing.assert_array_equal(ChannelShuffle(n)(ChannelShuffle(groups)(values)), values)  # the reverse is a shuffle by n


def test_two_groups_of_three() -> None:
    assert ChannelShuffle(2)(np.arange(6.0)[None]).numpy().tolist() == [[0, 3, 1, 4, 2, 5]]


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_unknown_sizes_and_gradients(policy: str) -> None:
    entry = keras.Input((None, None, 6))
    model = keras.Model(entry, ChannelShuffle(3, dtype=policy)(entry))
    values = tf.constant(np.random.default_rng(0).normal(size=(2, 3, 5, 6)).astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(values)
        loss = tf.reduce_sum(tf.cast(tf.function(model)(values), "float32") * tf.range(6.0))
    assert tape.gradient(loss, values)[0, 0, 0].numpy().tolist() == [0, 3, 1, 4, 2, 5]


def test_groups_that_do_not_fit() -> None:
    (error,) = analyse(graph_of("ChannelShuffle", {"groups": 4}, [Spec((8, 6))])).errors
    assert error.text == "ChannelShuffle: invalid groups. Expected: a divisor of the 6 channels. Received: 4."
    assert error.fix == "The nearest is 3."
