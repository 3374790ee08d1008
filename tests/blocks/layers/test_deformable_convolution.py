"""Convolutions with taps that move, against loops over every output, tap and channel (the rules of torchvision.ops.deform_conv2d)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.deformable_convolution import DeformableConv2D

RANDOM = np.random.default_rng(5)
PARAMETERS: list[dict[str, Any]] = [
    {"filters": 4, "kernel_size": 3},
    {"filters": 4, "kernel_size": 3, "padding": "same"},
    {"filters": 6, "kernel_size": (2, 3), "strides": (2, 1), "padding": "same"},
    {"filters": 3, "kernel_size": (3, 2), "strides": (2, 3)},
    {"filters": 4, "kernel_size": (2, 3), "dilation_rate": (3, 2), "padding": "same"},
    {"filters": 6, "kernel_size": 3, "groups": 3, "use_bias": False},
    {"filters": 4, "kernel_size": 3, "deformable_groups": 3, "padding": "same"},
    {"filters": 4, "kernel_size": 2, "modulated": True},
    {"filters": 6, "kernel_size": 3, "groups": 2, "deformable_groups": 3, "modulated": True, "padding": "same", "strides": 2, "activation": "tanh"},
    {"filters": 1, "kernel_size": 1, "deformable_groups": 6, "modulated": True},
]


def interpolated(picture: Any, y: float, x: float) -> float:
    """One channel between its pixels; zeros outside."""
    height, width = picture.shape
    if y <= -1 or y >= height or x <= -1 or x >= width:
        return 0.0
    top, left = math.floor(y), math.floor(x)
    total = 0.0
    for row, share in ((top, 1 - (y - top)), (top + 1, y - top)):
        for column, part in ((left, 1 - (x - left)), (left + 1, x - left)):
            if 0 <= row < height and 0 <= column < width:
                total += share * part * float(picture[row, column])
    return total


def slow(x: Any, found: Any, kernel: Any, bias: Any, layer: DeformableConv2D) -> Any:
    """The convolution as loops. `found` is what the convolution of the offsets gives."""
    k_height, k_width = layer.kernel_size
    batch, new_height, new_width, _ = found.shape
    before = [0, 0]
    if layer.padding == "same":
        for axis in (0, 1):
            window = (layer.kernel_size[axis] - 1) * layer.dilation_rate[axis] + 1
            before[axis] = max((found.shape[axis + 1] - 1) * layer.strides[axis] + window - x.shape[axis + 1], 0) // 2
    channels, taps = x.shape[-1], k_height * k_width
    moved, parted = channels // layer.deformable_groups, channels // layer.groups
    result = np.zeros((batch, new_height, new_width, layer.filters))
    for b, i, j in np.ndindex(batch, new_height, new_width):
        for c in range(channels):
            for u, v in np.ndindex(k_height, k_width):
                tap = (c // moved) * taps + u * k_width + v
                dy, dx = found[b, i, j, 2 * tap], found[b, i, j, 2 * tap + 1]
                y = i * layer.strides[0] - before[0] + u * layer.dilation_rate[0] + dy
                z = j * layer.strides[1] - before[1] + v * layer.dilation_rate[1] + dx
                seen = interpolated(x[b, :, :, c], float(y), float(z))
                if layer.modulated:
                    seen /= 1 + math.exp(-float(found[b, i, j, 2 * layer.deformable_groups * taps + tap]))
                group, each = c // parted, layer.filters // layer.groups
                result[b, i, j, group * each : (group + 1) * each] += seen * kernel[u, v, c % parted, group * each : (group + 1) * each]
    return result + (0 if bias is None else bias)


def made(params: dict[str, Any], x: Any, spread: float) -> DeformableConv2D:
    """A layer with random weights whose offsets are about `spread` pixels."""
    layer = DeformableConv2D(**params)
    layer.build(x.shape)
    for variable in (layer.kernel, layer.bias):
        if variable is not None:
            variable.assign(RANDOM.normal(0, 0.5, variable.shape))
    for variable in layer.offsets.weights:
        variable.assign(RANDOM.normal(0, spread / 4, variable.shape))
    return layer


@pytest.mark.parametrize("params", PARAMETERS, ids=str)
@pytest.mark.parametrize("spread", [0.3, 3.0])
def test_as_loops(params: dict[str, Any], spread: float) -> None:
    x = RANDOM.normal(size=(2, 6, 5, 6)).astype("float32")
    layer = made(params, x, spread)
    found = keras.ops.convert_to_numpy(layer.offsets(x))
    expected = slow(x, found, layer.kernel.numpy(), None if layer.bias is None else layer.bias.numpy(), layer)
    expected = np.tanh(expected) if params.get("activation") else expected
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(x)), expected, atol=1e-5)


@pytest.mark.parametrize("params", [params for params in PARAMETERS if not params.get("modulated")], ids=str)
def test_begins_as_a_plain_convolution(params: dict[str, Any]) -> None:
    x = RANDOM.normal(size=(2, 9, 8, 6)).astype("float32")
    layer = DeformableConv2D(**params)
    plain = keras.layers.Conv2D(**{name: value for name, value in params.items() if name != "deformable_groups"})
    layer.build(x.shape)
    plain.build(x.shape)
    plain.kernel.assign(layer.kernel)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(x)), keras.ops.convert_to_numpy(plain(x)), atol=1e-5)


def test_begins_modulated_as_half_of_a_plain_convolution() -> None:
    x = RANDOM.normal(size=(2, 9, 8, 6)).astype("float32")
    layer = DeformableConv2D(5, 3, padding="same", modulated=True)
    layer.build(x.shape)
    plain = keras.ops.conv(x, layer.kernel, padding="same")
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(x)), 0.5 * keras.ops.convert_to_numpy(plain), atol=1e-5)


def test_offsets_are_down_then_right() -> None:
    """A tap that is moved by (1, 2) sees the pixel one below and two to the right."""
    x = RANDOM.normal(size=(1, 5, 5, 1)).astype("float32")
    layer = DeformableConv2D(1, 1, kernel_initializer="ones", use_bias=False)
    layer.build(x.shape)
    layer.offsets.bias.assign([1.0, 2.0])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(x))[0, :4, :3, 0], x[0, 1:, 2:, 0], atol=1e-6)


def test_every_weight_and_the_input_get_gradients_as_small_steps_say() -> None:
    x = RANDOM.normal(size=(1, 4, 4, 2))
    layer = DeformableConv2D(2, 2, modulated=True, deformable_groups=2, dtype="float64")
    layer.build(x.shape)
    for variable in layer.weights:
        variable.assign(RANDOM.normal(0, 0.4, variable.shape))

    def loss(values: Any) -> Any:
        return tf.reduce_sum(layer(values) ** 2)

    given = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(given)
        value = loss(given)
    gradients = tape.gradient(value, [given, *(variable.value for variable in layer.trainable_variables)])
    step = 1e-6
    for place in np.ndindex(*x.shape):
        moved = x.copy()
        moved[place] += step
        assert abs((float(loss(moved)) - float(value)) / step - gradients[0].numpy()[place]) < 1e-3
    for variable, gradient in zip(layer.trainable_variables, gradients[1:], strict=True):
        before = variable.numpy()
        for flat in range(0, before.size, max(1, before.size // 6)):
            moved = before.copy().reshape(-1)
            moved[flat] += step
            variable.assign(moved.reshape(before.shape))
            measured = (float(loss(given)) - float(value)) / step
            variable.assign(before)
            assert abs(measured - gradient.numpy().reshape(-1)[flat]) < 1e-3, variable.path


def test_the_offsets_learn_from_the_first_step_on() -> None:
    layer = DeformableConv2D(3, 3, modulated=True)
    x = tf.constant(RANDOM.normal(size=(2, 6, 6, 2)), "float32")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) ** 2)
    for gradient in tape.gradient(loss, [variable.value for variable in layer.trainable_variables]):
        assert np.any(gradient.numpy() != 0)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_near(policy: str) -> None:
    x = RANDOM.normal(size=(2, 6, 5, 4)).astype("float32")
    exact = made({"filters": 4, "kernel_size": 3, "padding": "same"}, x, 0.5)
    half = DeformableConv2D(4, 3, padding="same", dtype=policy)
    half.build(x.shape)
    for variable, other in zip(half.weights, exact.weights, strict=True):
        assert variable.dtype == "float32"
        variable.assign(other)
    found = half(x)
    assert keras.backend.standardize_dtype(found.dtype) == policy.removeprefix("mixed_")
    np.testing.assert_allclose(tf.cast(found, "float32").numpy(), keras.ops.convert_to_numpy(exact(x)), atol=0.15)


def test_half_precision_tells_far_pixels_apart() -> None:
    """Beyond 256 a bfloat16 knows only every second pixel."""
    x = np.zeros((1, 1, 700, 1), "float32")
    x[0, 0, ::2] = 1.0
    layer = DeformableConv2D(1, 1, kernel_initializer="ones", dtype="mixed_bfloat16")
    np.testing.assert_array_equal(tf.cast(layer(x), "float32").numpy(), x)


def test_offsets_beyond_all_measure_see_zeros() -> None:
    x = RANDOM.normal(size=(1, 4, 4, 2)).astype("float32")
    layer = DeformableConv2D(2, 3, padding="same", use_bias=False)
    layer.build(x.shape)
    for far in (1e9, -1e9, 1e30, np.inf, -np.inf):
        layer.offsets.bias.assign(np.full(18, far))
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(x)), 0.0)
    layer.offsets.bias.assign(np.full(18, np.nan))
    assert np.isnan(keras.ops.convert_to_numpy(layer(x))).all()


def test_sizes_may_be_unknown(tmp_path: Path) -> None:
    layer = DeformableConv2D(3, 3, strides=2, padding="same", modulated=True)
    inputs = keras.Input((None, None, 2))
    model = keras.Model(inputs, layer(inputs))
    assert model.output.shape == (None, None, None, 3)
    for variable in model.weights:
        variable.assign(RANDOM.normal(0, 0.3, variable.shape))
    pictures = [RANDOM.normal(size=(2, *size, 2)).astype("float32") for size in ((6, 7), (9, 4))]
    expected = [keras.ops.convert_to_numpy(layer(picture)) for picture in pictures]
    model.export(tmp_path / "saved", verbose=False)
    model.save(tmp_path / "model.keras")
    exported, loaded = tf.saved_model.load(str(tmp_path / "saved")), keras.models.load_model(tmp_path / "model.keras")
    for picture, wanted in zip(pictures, expected, strict=True):
        np.testing.assert_allclose(exported.serve(picture).numpy(), wanted, atol=1e-5)
        np.testing.assert_allclose(keras.ops.convert_to_numpy(loaded(picture)), wanted, atol=1e-5)
        np.testing.assert_allclose(tf.function(layer)(tf.constant(picture)).numpy(), wanted, atol=1e-5)


def test_the_configuration_carries_everything() -> None:
    layer = DeformableConv2D(
        4, (3, 2), (2, 1), "same", deformable_groups=2, modulated=True, groups=2, activation="relu", use_bias=False, kernel_initializer="he_normal",
        kernel_regularizer=keras.regularizers.L2(0.1), activity_regularizer="l1", kernel_constraint="non_neg",
    )  # fmt: skip
    again = DeformableConv2D.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.offsets.get_config() == layer.offsets.get_config()


def test_groups_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match=r"deformable_groups \(4\) must divide the 6 channels"):
        DeformableConv2D(4, 3, deformable_groups=4).build((None, 8, 8, 6))
    with pytest.raises(ValueError, match=r"groups \(4\) must divide the 6 channels"):
        DeformableConv2D(4, 3, groups=4).build((None, 8, 8, 6))
