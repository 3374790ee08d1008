"""Channels cut out, against numpy."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from blocks import analyse
from blocks.layers.channel_slice import ChannelSlice
from blocks.spec import Spec
from tests.blocks.samples import graph_of


@pytest.mark.parametrize("leading", [(), (4,), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize(("start", "size"), [(0, None), (0, 2), (2, 3), (4, None), (5, 1)])
def test_against_numpy(leading: tuple[int, ...], start: int, size: int | None) -> None:
    values = np.random.default_rng(0).normal(size=(2, *leading, 6)).astype("float32")
    expected = values[..., start:] if size is None else values[..., start : start + size]
    layer = ChannelSlice(start, size)
    np.testing.assert_array_equal(layer(values), expected)
    assert layer.compute_output_shape(values.shape) == expected.shape
    assert keras.layers.deserialize(keras.layers.serialize(layer))(values).shape == expected.shape


@pytest.mark.parametrize(("params", "name"), [({"start": 6}, "start"), ({"start": 4, "size": 3}, "size")])
def test_channels_that_are_not_there(params: dict[str, int], name: str) -> None:
    (message,) = analyse(graph_of("ChannelSlice", params, [Spec((4, 6))])).errors
    assert message.text.startswith(f"ChannelSlice: invalid {name}. Expected: ")
    assert message.fix
