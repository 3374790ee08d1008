"""Masks move with their pictures in every augmentation block that moves pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import blocks
from blocks.augmentation_base import Augmentation as Block
from blocks.features import IGNORED
from blocks.graph import Graph
from studio.networks.augmentation import Augmentation
from studio.workspace import StudioError

SIDE, COUNT = 24, 6
MOVING = sorted(name for name, block in blocks.all().items() if issubclass(block, Block) and block.moves and block.read().for_masks() is not None)
STILL = sorted(name for name, block in blocks.all().items() if issubclass(block, Block) and not block.moves and not block.mixes)
SETTINGS: dict[str, dict[str, Any]] = {
    "RandomRotation": {"factor": 0.2}, "RandomZoom": {"height_factor": 0.4}, "RandomPerspective": {"factor": 1.0},
    "RandomElasticTransform": {"factor": 1.0},
    "RandomCrop": {"height": 16, "width": 16}, "RandomShear": {"x_factor": 0.4},
}  # fmt: skip


def network(name: str, **params: Any) -> Graph:
    nodes = {
        "image": {"block": "Input", "params": {"shape": [SIDE, SIDE, 1], "dtype": "uint8"}},
        "change": {"block": name, "params": params, "inputs": ["image"]},
        "mask": {"block": "Output", "params": {"units": 2, "activation": "softmax"}, "inputs": ["change"]},
    }
    return Graph.model_validate({"nodes": nodes})


def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Bright boxes on a dark ground, and which pixels are bright."""
    chance = np.random.default_rng(0)
    masks = np.zeros((COUNT, SIDE, SIDE), np.uint8)
    for mask in masks:
        top, left = chance.integers(4, 12, 2)
        mask[top : top + int(chance.integers(5, 9)), left : left + int(chance.integers(5, 9))] = 1
    return np.where(masks[..., None] == 1, 200, 20).astype(np.uint8), masks


def changed(augmentation: Augmentation, pictures: np.ndarray, masks: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray, Any]:
    import tensorflow as tf

    def call(seen: Any, mask: Any, number: Any) -> Any:
        found, wanted, mixture = augmentation.with_targets({"image": seen}, {"mask": mask}, number)
        return found["image"], wanted["mask"], mixture

    seen, mask, mixture = tf.function(call, autograph=False)(pictures, masks, tf.constant(step))
    return seen.numpy(), mask.numpy(), mixture


@pytest.mark.parametrize("name", MOVING)
def test_the_mask_is_where_the_picture_is(name: str) -> None:
    pictures, masks = drawn()
    augmentation = Augmentation(network(name, **SETTINGS.get(name, {})), 3, masks=["mask"])
    moved = 0
    for step in (1, 2):
        seen, mask, _ = changed(augmentation, pictures, masks, step)
        again = changed(augmentation, pictures, masks, step)[1]
        assert mask.dtype == np.uint8
        assert set(np.unique(mask)) <= {0, 1, IGNORED}
        assert (mask == again).all()
        known = mask != IGNORED
        assert ((seen[..., 0] > 110) == (mask == 1))[known].mean() > 0.96
        moved += int((mask != masks).sum())
    assert moved > 0


@pytest.mark.parametrize("name", STILL)
def test_where_nothing_moves_the_mask_stays(name: str) -> None:
    if blocks.get(name).read().colours:
        return
    pictures, masks = drawn()
    assert (changed(Augmentation(network(name), 3, masks=["mask"]), pictures, masks, 1)[1] == masks).all()


def test_what_comes_from_outside_by_one_value_has_no_class() -> None:
    pictures, masks = drawn()
    augmentation = Augmentation(
        network("RandomTranslation", height_factor=(0.3, 0.3), width_factor=(0.0, 0.0), fill_mode="constant"), 0, masks=["mask"]
    )
    _, mask, _ = changed(augmentation, pictures, masks, 1)
    outside = round(0.3 * SIDE)
    assert (mask[:, : outside - 1] == IGNORED).all()
    assert not (mask[:, outside + 1 :] == IGNORED).any()


@pytest.mark.parametrize("size", [SIDE // 2, 2 * SIDE, SIDE - 8])
def test_masks_of_other_sizes_follow_too(size: int) -> None:
    from studio.networks.covered import cut_out

    pictures, masks = drawn()
    small = np.stack([cut_out(mask, (SIDE, SIDE), (size, size)) for mask in masks])
    augmentation = Augmentation(network("RandomFlip"), 3, masks=["mask"])
    seen, mask, _ = changed(augmentation, pictures, small, 1)
    expected = np.stack([cut_out((each[..., 0] > 110).astype(np.uint8), (SIDE, SIDE), (size, size)) for each in seen])
    assert mask.shape == small.shape
    assert (mask == expected).mean() > 0.97
    assert (mask != small).any()


def test_cut_mix_pastes_the_mask_and_mix_up_asks_for_both() -> None:
    pictures, masks = drawn()
    seen, mask, mixture = changed(Augmentation(network("CutMix"), 3, masks=["mask"]), pictures, masks, 1)
    assert mixture == []
    assert ((seen[..., 0] > 110) == (mask == 1)).all()
    assert (mask != masks).any()
    _, mask, mixture = changed(Augmentation(network("MixUp"), 3, masks=["mask"]), pictures, masks, 1)
    assert (mask == masks).all()
    assert len(mixture) == 2


@pytest.mark.parametrize("name", ["RandAugment", "AugMix"])
def test_changes_that_a_mask_cannot_follow_are_refused(name: str) -> None:
    nodes = network("RandomFlip").model_dump(mode="json")["nodes"]
    nodes["image"]["params"]["shape"] = [SIDE, SIDE, 3]
    nodes["change"] = {"block": name, "params": {}, "inputs": ["image"]}
    graph = Graph.model_validate({"nodes": nodes})
    with pytest.raises(StudioError, match=f"{name} moves pixels in ways that a mask can't follow"):
        Augmentation(graph, 0, masks=["mask"])
    assert Augmentation(graph, 0)
