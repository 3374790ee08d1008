"""Augmentation: in training only, by seed and step alone, each picture by itself, and only where it can be applied."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import blocks
from blocks.analysis import analyse
from blocks.augmentation_base import Augmentation as Block
from blocks.build import build
from blocks.graph import Graph
from blocks.layers.chance import Chance
from studio.networks.augmentation import Augmentation, value_ranges
from studio.networks.front import split
from studio.workspace import StudioError

NODES = {
    "image": {"block": "Input", "params": {"shape": [8, 8, 1], "dtype": "uint8"}},
    "shift": {"block": "RandomTranslation", "params": {"height_factor": 0.3, "width_factor": 0.3}, "inputs": ["image"]},
    "turn": {"block": "RandomRotation", "params": {"factor": 0.1}, "inputs": ["shift"]},
    "rescale": {"block": "Rescaling", "inputs": ["turn"]},
    "flat": {"block": "Flatten", "inputs": ["rescale"]},
    "label": {"block": "Output", "params": {"units": 3, "activation": "softmax"}, "inputs": ["flat"]},
}
ALL = sorted(name for name, block in blocks.all().items() if issubclass(block, Block))
MIXING = [name for name in ALL if blocks.get(name).mixes]  # type: ignore[attr-defined]
TWO_OUTCOMES = ("RandomFlip", "RandomInvert", "RandomGrayscale")
"""Each picture is changed in one way or not at all."""


def one_block(name: str, size: int = 12, dtype: str = "uint8", **params: Any) -> Graph:
    """An Input, the block, and something behind it."""
    given = {**({"height": 7, "width": 9} if name == "RandomCrop" else {}), **params}
    nodes = {
        "image": {"block": "Input", "params": {"shape": [size, size, 3], "dtype": dtype}},
        "change": {"block": name, "params": given, "inputs": ["image"]},
        "flat": {"block": "Flatten", "inputs": ["change"]},
    }
    return Graph.model_validate({"nodes": nodes})


def photographs(count: int, size: int = 12, seed: int = 0) -> np.ndarray:
    """Smooth random colours."""
    coarse = np.random.default_rng(seed).uniform(0, 255, (count, 4, 4, 3))
    return np.asarray(tf.image.resize(coarse, (size, size))).round().astype("uint8")


def compiled(augmentation: Augmentation, dtype: str = "uint8", size: int = 12) -> Any:
    """As the trainer calls it: traced once for batches of any size."""
    signature = [tf.TensorSpec((None, size, size, 3), dtype), tf.TensorSpec((), tf.int32)]

    def call(pictures: Any, step: Any) -> Any:
        found, mixture = augmentation({"image": pictures}, step)
        return found["image"], mixture

    return tf.function(call, input_signature=signature, autograph=False)


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1)).astype("uint8")


def changed(pictures: np.ndarray, step: int, seed: int = 0) -> np.ndarray:
    found, _ = Augmentation(Graph.model_validate({"nodes": NODES}), seed)({"image": pictures}, step)
    array: np.ndarray = found["image"].numpy()
    return array


def test_the_change_is_a_function_of_seed_and_step(pictures: np.ndarray) -> None:
    first = changed(pictures, 7)
    np.testing.assert_array_equal(first, changed(pictures, 7))
    assert not np.array_equal(first, changed(pictures, 8))
    assert not np.array_equal(first, changed(pictures, 7, seed=1))
    assert not np.array_equal(first, pictures)


def test_pixels_stay_whole_numbers_and_samples_change_apart(pictures: np.ndarray) -> None:
    same = np.repeat(pictures[:1], 5, axis=0)
    found = changed(same, 3)
    assert found.dtype == np.uint8
    assert not np.array_equal(found[0], found[1])


@pytest.mark.parametrize("name", ALL)
def test_every_augmentation_depends_on_seed_and_step_alone(name: str) -> None:
    """In a compiled function: the same step gives the same bits, whatever ran before and in whichever process; another step others."""
    pictures = photographs(24)
    call, again = (compiled(Augmentation(one_block(name), 5)) for _ in range(2))
    first = [call(pictures, tf.constant(step)) for step in (0, 1, 2)]
    resumed = [again(pictures, tf.constant(step)) for step in (2, 1)]
    for one, other in zip(first[:0:-1], resumed, strict=True):
        for left, right in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
            np.testing.assert_array_equal(left, right, err_msg=name)
    assert not np.array_equal(first[1][0], first[2][0]), name
    other_seed = compiled(Augmentation(one_block(name), 6))(pictures, tf.constant(1))[0]
    assert not np.array_equal(first[1][0], other_seed), name
    assert first[0][0].dtype == tf.uint8
    smaller = call(pictures[:5], tf.constant(1))[0]
    assert smaller.shape == (5, 12, 12, 3)


@pytest.mark.parametrize("name", sorted(set(ALL) - set(MIXING)))
def test_each_picture_has_a_chance_of_its_own(name: str) -> None:
    same = np.repeat(photographs(1), 24, axis=0)
    found = compiled(Augmentation(one_block(name), 1))(same, tf.constant(3))[0].numpy()
    kinds = len({picture.tobytes() for picture in found})
    assert kinds >= (2 if name in TWO_OUTCOMES else 4), f"{name}: {kinds} different pictures out of 24 equal ones."


@pytest.mark.parametrize("name", ALL)
def test_nothing_in_it_draws_from_another_source(name: str) -> None:
    """No seed generator of Keras is left, in no layer inside a layer: it would keep a state that a resume does not know."""

    def generators(layer: Any) -> list[Any]:
        found = [value for value in vars(layer).values() if isinstance(value, keras.random.SeedGenerator)]
        return found + [each for inner in layer._flatten_layers(include_self=False, recursive=False) for each in generators(inner)]

    augmentation = Augmentation(one_block(name), 0)
    (change,) = augmentation._changes["image"]
    found = [generator for layer in change.chain for generator in generators(layer)]
    assert found
    assert all(isinstance(generator, Chance) for generator in found)
    states = [variable for layer in change.chain for variable in layer.variables]
    before = [variable.numpy().tolist() for variable in states]
    compiled(augmentation)(photographs(2), tf.constant(1))
    assert [variable.numpy().tolist() for variable in states] == before


@pytest.mark.parametrize("name", ALL)
def test_steps_have_nothing_in_common(name: str) -> None:
    """A generator that counted on from step to step would draw in one step what it drew second in the step before."""
    augmentation = Augmentation(one_block(name), 0)
    (change,) = augmentation._changes["image"]
    starts = []
    for step in range(3):
        augmentation({"image": photographs(1)}, step)
        starts.append(change.chances[0]._state.numpy().tolist())
    assert all(abs(one[1] - other[1]) > 1000 for one in starts for other in starts if one is not other)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0)])
def test_decimals_are_changed_as_whole_numbers_are(name: str, value_range: tuple[float, float]) -> None:
    """Pictures from 0 to 1 or from -1 to 1 come out as those from 0 to 255 do, but for rounding and for noise."""
    low, high = value_range
    pictures = photographs(16)
    decimals = (pictures / 255 * (high - low) + low).astype("float32")
    # What comes in from outside is 0 in each, which is another shade in each range.
    params: dict[str, Any] = {"fill_value": 255.0} if "fill_value" in blocks.get(name).model_fields else {}
    whole = compiled(Augmentation(one_block(name, **params), 2))(pictures, tf.constant(4))[0].numpy()
    graph = one_block(name, dtype="float32", **({"fill_value": high} if params else {}))
    found = compiled(Augmentation(graph, 2, {"image": value_range}), "float32")(decimals, tf.constant(4))[0].numpy()
    assert found.dtype == np.float32
    in_pixels = (found - low) / (high - low) * 255
    near = np.abs(in_pixels - whole) < 2
    assert near.mean() > (0.9 if name in ("RandomPosterization", "RandAugment", "AugMix", "Solarization") else 0.99), f"{name}: {near.mean()}"


def test_the_range_of_decimals_is_that_of_the_training_data() -> None:
    inputs = {"image": np.array([[[[-2.0]], [[3.0]]]], "float32"), "vector": np.zeros((3, 2), "float32"), "pixels": np.zeros((1, 2, 2, 1), "uint8")}
    assert value_ranges(inputs) == {"image": (-2.0, 3.0)}


def test_half_precision_leaves_the_pixels_alone() -> None:
    """Pixels from 0 to 255 don't fit into 16 bits with the digits that they have."""
    pictures = photographs(8)
    plain = compiled(Augmentation(one_block("RandomContrast"), 0))(pictures, tf.constant(1))[0]
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = compiled(Augmentation(one_block("RandomContrast"), 0))(pictures, tf.constant(1))[0]
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_array_equal(plain, half)


def test_a_window_is_cut_in_proportion_where_the_picture_is_resized_behind_it() -> None:
    nodes = {
        "image": {"block": "Input", "params": {"shape": [12, 12, 3], "dtype": "uint8"}},
        "rescale": {"block": "Rescaling", "inputs": ["image"]},
        "large": {"block": "Resizing", "params": {"height": 48, "width": 24}, "inputs": ["rescale"]},
        "cut": {"block": "RandomCrop", "params": {"height": 24, "width": 24}, "inputs": ["large"]},
        "flat": {"block": "Flatten", "inputs": ["cut"]},
    }
    (change,) = Augmentation(split(Graph.model_validate({"nodes": nodes})).network, 0)._changes["image"]
    assert (change.chain[0].height, change.chain[0].width) == (6, 12)


def test_behind_rescaling_it_changes_the_pixels_before_it() -> None:
    """The front ends where a number takes one byte: there the trainer changes pixels from 0 to 255, whatever the block seems to see."""
    nodes = {
        "image": {"block": "Input", "params": {"shape": [12, 12, 3], "dtype": "uint8"}},
        "rescale": {"block": "Rescaling", "inputs": ["image"]},
        "light": {"block": "RandomBrightness", "params": {"factor": [0.2, 0.2]}, "inputs": ["rescale"]},
        "flat": {"block": "Flatten", "inputs": ["light"]},
    }
    graph = Graph.model_validate({"nodes": nodes})
    assert not analyse(graph).errors
    found, _ = Augmentation(split(graph).network, 0)({"image": photographs(3)}, 0)
    np.testing.assert_allclose(found["image"], np.minimum(photographs(3).astype(float) + 51, 255), atol=1)


def test_both_mirrors_have_a_chance_each() -> None:
    """Keras's own layer mirrors along both axes or along none."""
    picture = np.arange(12 * 12 * 3).reshape(1, 12, 12, 3).astype("uint8")
    call = compiled(Augmentation(one_block("RandomFlip", mode="horizontal_and_vertical"), 0))
    found = call(np.repeat(picture, 40, axis=0), tf.constant(0))[0].numpy()
    assert len({each.tobytes() for each in found}) == 4


def test_the_built_network_has_no_part_in_it(pictures: np.ndarray) -> None:
    model = build(Graph.model_validate({"nodes": NODES}))
    assert {layer.name for layer in model.layers} == {"image", "rescale", "flat", "label"}
    np.testing.assert_array_equal(model(pictures, training=True), model(pictures, training=False))


def test_a_network_without_it_says_so() -> None:
    plain = {name: node for name, node in NODES.items() if name not in ("shift", "turn")} | {"rescale": {"block": "Rescaling", "inputs": ["image"]}}
    assert not Augmentation(Graph.model_validate({"nodes": plain}), 0)


def test_behind_a_layer_with_weights_it_is_an_error() -> None:
    nodes = {
        "image": NODES["image"],
        "conv": {"block": "Conv2D", "inputs": ["image"]},
        "shift": {"block": "RandomTranslation", "inputs": ["conv"]},
    }
    (found,) = analyse(Graph.model_validate({"nodes": nodes})).errors
    assert found.node == "shift"
    assert "right behind the Input" in found.fix


def test_mixing_needs_one_input() -> None:
    nodes = {
        "image": {"block": "Input", "params": {"shape": [8, 8, 3], "dtype": "uint8"}},
        "age": {"block": "Input", "params": {"shape": [4]}},
        "mix": {"block": "MixUp", "inputs": ["image"]},
        "flat": {"block": "Flatten", "inputs": ["mix"]},
        "both": {"block": "Concatenate", "inputs": ["flat", "age"]},
    }
    with pytest.raises(StudioError, match="MixUp mixes the pictures of one Input, but this network has 2"):
        Augmentation(Graph.model_validate({"nodes": nodes}), 0)
