"""What augmentations do to pixels, and where Keras's own layers would not do it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import blocks
from blocks import Graph, analyse
from blocks.augmentation_base import decimals, either_side, ends
from blocks.layers import histograms, random_crop, random_policies, random_smoothing, random_warping
from blocks.layers.chance import Chance, take_over

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 10, 12, 3)).astype("float32")


def errors(block: str, shape: list[int], **params: Any) -> list[str]:
    nodes = {"x": {"block": "Input", "params": {"shape": shape, "dtype": "uint8"}}, "b": {"block": block, "params": params, "inputs": ["x"]}}
    return [message.text for message in analyse(Graph.model_validate({"nodes": nodes})).errors]


def test_numbers_are_read_as_people_type_them() -> None:
    assert decimals("0.2") == 0.2
    assert decimals("(0.1, 0.3)") == [0.1, 0.3]
    assert decimals([0.5]) == 0.5
    assert blocks.get("RandomSaturation").read({"factor": "0.3 0.7"}).factor == (0.3, 0.7)  # type: ignore[attr-defined]


def test_one_number_stands_for_what_its_help_says() -> None:
    assert ends(0.3) == (0.3, 0.3)
    assert ends(0.3, 0.0) == (0.0, 0.3)
    assert ends((0.6, 0.2)) == (0.2, 0.6)
    assert either_side(0.3) == (-0.3, 0.3)
    contrast = blocks.get("RandomContrast").read({"factor": 0.4}).make()  # type: ignore[attr-defined]
    assert contrast.factor == (0.4, 0.4)  # Keras makes (0, 0.4) of the number, so that contrast could only grow
    invert = blocks.get("RandomInvert").read({"factor": 0.4}).make()  # type: ignore[attr-defined]
    assert invert.factor == (0.4, 0.4)


def test_colours_need_three_channels_and_pictures_one_size() -> None:
    assert "Expected: 3 channels" in errors("RandomHue", [8, 8, 1])[0]
    assert "Expected: pictures of one size. Received: any x any x 3" in errors("RandomFlip", [0, 0, 3])[0]


def test_a_range_ascends() -> None:
    with pytest.raises(blocks.InvalidValueError, match="RandomBrightness: invalid value_range"):
        blocks.get("RandomBrightness").read({"value_range": [255, 0]})


def test_chance_follows_from_its_state() -> None:
    layer = keras.layers.RandomColorJitter(value_range=(0, 1), brightness_factor=0.1, hue_factor=0.1)
    found = take_over(layer)
    assert len(found) == 3  # its own, and those of two layers inside it
    assert all(isinstance(chance, Chance) for chance in found)
    results = []
    for start in (7, 8, 7):
        for chance in found:
            chance.begin(tf.constant([start, 0]))
        results.append(layer(PICTURES / 255, training=True).numpy())
    np.testing.assert_array_equal(results[0], results[2])
    assert not np.array_equal(results[0], results[1])
    assert found[0].drawn > 1


def gaussian(picture: np.ndarray, size: int, sigma: float) -> np.ndarray:
    half = size // 2
    window = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    window /= window.sum()
    for axis in (0, 1):
        margin = [(half, half) if each == axis else (0, 0) for each in range(3)]
        padded = np.pad(picture, margin, mode="edge")
        picture = sum(window[tap] * np.take(padded, np.arange(tap, tap + picture.shape[axis]), axis) for tap in range(size))
    return picture


@pytest.mark.parametrize(("size", "sigma"), [(3, 0.5), (5, 1.0), (7, 0.3)])
def test_blur_equals_a_plain_computation(size: int, sigma: float) -> None:
    layer = random_smoothing.RandomGaussianBlur(factor=(1, 1), kernel_size=size, sigma=(sigma, sigma), seed=0)
    expected = np.stack([gaussian(picture, size, sigma + 1e-6) for picture in PICTURES])
    np.testing.assert_allclose(layer(PICTURES, training=True), expected, atol=1e-3)
    np.testing.assert_array_equal(layer(PICTURES, training=False), PICTURES)
    plain = np.full((2, 9, 9, 3), 200.0, "float32")
    np.testing.assert_allclose(layer(plain, training=True), plain, atol=1e-3)
    if size > 3:  # Keras's own layer darkens the border
        keras_layer = keras.layers.RandomGaussianBlur(factor=(1, 1), kernel_size=size, sigma=(sigma, sigma))
        assert np.abs(keras_layer(plain, training=True) - plain).max() > 1


@pytest.mark.parametrize("amount", [0.0, 0.3, 0.5, 1.0])
def test_sharpness_equals_keras_inside_and_keeps_the_border(amount: float) -> None:
    layer = random_smoothing.RandomSharpness(factor=(amount, amount), seed=0)
    theirs = keras.layers.RandomSharpness(factor=(amount, amount), seed=0)(PICTURES, training=True)
    found = layer(PICTURES, training=True)
    np.testing.assert_allclose(found[:, 1:-1, 1:-1], theirs[:, 1:-1, 1:-1], atol=1e-3)
    plain = np.full((2, 9, 9, 3), 200.0, "float32")
    np.testing.assert_allclose(layer(plain, training=True), plain, atol=1e-3)


@pytest.mark.parametrize("fill_mode", ["nearest", "reflect", "wrap", "constant"])
def test_values_between_pixels_equal_scipy(fill_mode: str) -> None:
    from scipy import ndimage

    random = np.random.default_rng(1)
    rows, columns = (random.uniform(-5, size + 4, (6, 10, 12)).astype("float32") for size in (10, 12))
    found = random_warping.sampled(tf.constant(PICTURES), tf.constant(rows), tf.constant(columns), "bilinear", fill_mode, 7.0).numpy()
    mode = {"wrap": "grid-wrap", "constant": "grid-constant"}.get(fill_mode, fill_mode)
    for picture in range(6):
        for channel in range(3):
            expected = ndimage.map_coordinates(PICTURES[picture, :, :, channel], [rows[picture], columns[picture]], order=1, mode=mode, cval=7.0)
            np.testing.assert_allclose(found[picture, :, :, channel], expected, atol=1e-2)


def test_waves_go_both_ways_and_keep_each_picture() -> None:
    """Keras's own layer moves rows and columns by the same numbers, and in a compiled function gives every picture the first one's pixels."""
    ramp = np.stack(np.meshgrid(np.arange(24.0), np.arange(24.0), indexing="ij"), axis=-1).astype("float32")
    pictures = np.stack([ramp + 100 * number for number in range(4)])
    layer = random_warping.RandomElasticTransform(factor=(1, 1), scale=(1, 1), fill_mode="nearest", seed=0)
    call = tf.function(lambda x: layer(x, training=True), input_signature=[tf.TensorSpec((None, 24, 24, 2))])
    found = call(pictures).numpy() - pictures
    assert np.abs(found).max() < 24
    down, right = found[:, 6:-6, 6:-6, 0], found[:, 6:-6, 6:-6, 1]
    assert 0.2 < np.abs(down).mean() < 4
    assert abs(np.corrcoef(down.ravel(), right.ravel())[0, 1]) < 0.5
    assert not np.allclose(down[0], down[1], atol=0.1)


def test_all_four_corners_move() -> None:
    layer = random_warping.RandomPerspective(factor=(1, 1), scale=0.5, seed=0)
    found = layer.get_random_transformation(PICTURES)
    moved = np.abs(found["end_points"] - found["start_points"])
    assert (moved.max(axis=0) > 0.1).all()
    assert (moved <= 0.25 * np.array([11, 9]) + 1e-4).all()
    assert layer(PICTURES, training=True).shape == PICTURES.shape


def test_a_window_is_enlarged_to_the_whole_picture() -> None:
    ramp = np.broadcast_to(np.arange(10.0)[None, :, None, None], (40, 10, 12, 1)).astype("float32")
    found = random_crop.RandomCrop(4, 12, seed=0)(ramp, training=True).numpy()[:, :, 0, 0]
    np.testing.assert_allclose(found[:, -1] - found[:, 0], 3, atol=1e-4)
    assert set(np.round(found[:, 0]).astype(int)) == set(range(7))  # although the window is as wide as the picture
    np.testing.assert_allclose(random_crop.RandomCrop(50, 50)(ramp, training=True), ramp, atol=1e-4)


@pytest.mark.parametrize("value_range", [(0.0, 255.0), (0.0, 1.0)])
@pytest.mark.parametrize("shape", [(3, 16, 16, 3), (2, 9, 14, 1)])
def test_histograms_equal_keras_picture_by_picture(shape: tuple[int, ...], value_range: tuple[float, float]) -> None:
    pictures = (np.random.default_rng(2).integers(0, 256, shape) / 255 * value_range[1]).astype("float32")
    pictures[..., 0] *= 0.4
    for own, theirs in (
        (histograms.Equalization(value_range), keras.layers.Equalization(value_range)),
        (histograms.Equalization(value_range, bins=16), keras.layers.Equalization(value_range, bins=16)),
        (
            histograms.ContrastLimitedAdaptiveHistogramEqualization(value_range),
            keras.layers.ContrastLimitedAdaptiveHistogramEqualization(value_range),
        ),
        (
            histograms.ContrastLimitedAdaptiveHistogramEqualization(value_range, 1.5, (2, 3)),
            keras.layers.ContrastLimitedAdaptiveHistogramEqualization(value_range, 1.5, (2, 3)),
        ),
    ):
        found = own(pictures).numpy()
        expected = np.concatenate([np.asarray(theirs(pictures[number : number + 1])) for number in range(shape[0])])
        np.testing.assert_allclose(found, expected, atol=1e-4 * value_range[1], err_msg=type(own).__name__)


def test_keras_equalises_a_batch_as_if_it_were_one_picture() -> None:
    """The reason for our own layer; when this fails, Keras has mended it."""
    theirs = keras.layers.Equalization()
    assert np.abs(np.asarray(theirs(PICTURES))[:1] - np.asarray(theirs(PICTURES[:1]))).max() > 1
    own = histograms.Equalization()
    np.testing.assert_array_equal(own(PICTURES)[:1], own(PICTURES[:1]))


@pytest.mark.parametrize("make", [random_policies.RandAugment, random_policies.AugMix])
@pytest.mark.parametrize("channels", [1, 3])
def test_policies_change_pictures_within_their_range(make: Any, channels: int) -> None:
    layer = make(factor=0.5, value_range=(0, 1), seed=0)
    (chance,) = take_over(layer)
    picture = tf.constant(PICTURES[:1, ..., :channels] / 255)
    found = []
    for start in range(30):
        chance.begin(tf.constant([start, 0]))
        found.append(layer(picture, training=True).numpy())
        assert found[-1].shape == picture.shape
        assert found[-1].min() >= -1e-5
        assert found[-1].max() <= 1 + 1e-5
    assert len({each.tobytes() for each in found}) > 20
    chance.begin(tf.constant([0, 0]))
    np.testing.assert_array_equal(layer(picture, training=True), found[0])
    np.testing.assert_array_equal(layer(picture, training=False), picture)


def test_a_weak_policy_changes_less_than_a_strong_one() -> None:
    """In Keras's RandAugment a weaker setting leaves fewer bits to posterisation."""
    picture = tf.image.resize(PICTURES[:1], (20, 20))

    def change(factor: float) -> float:
        layer = random_policies.RandAugment(num_ops=1, factor=factor, seed=0)
        (chance,) = take_over(layer)
        total = 0.0
        for start in range(40):
            chance.begin(tf.constant([start, 0]))
            total += float(tf.reduce_mean(tf.abs(layer(picture, training=True) - picture)))
        return total / 40

    assert change(0.05) < change(0.4) < change(1.0)
