"""Batches of several samples of each of several classes."""

from __future__ import annotations

import numpy as np

from studio.networks.views.identities import PER_CLASS, Groups


def groups(*sizes: int) -> Groups:
    codes = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return Groups({"image": np.arange(len(codes))}, {"who": codes})


def test_an_order_is_groups_of_a_class_and_each_class_comes_again_after_all_others() -> None:
    seen = groups(20, 20, 20, 20, 20, 20)
    order = seen.order(np.random.default_rng([7, 3]))
    assert len(order) == len(seen)
    codes = seen.targets["who"][order].reshape(-1, PER_CLASS)
    assert (codes == codes[:, :1]).all()
    assert [set(part) for part in codes[:, 0].reshape(-1, 6).tolist()] == [set(range(6))] * 5
    assert sorted(order.tolist()) == list(range(120))


def test_an_order_follows_from_seed_and_epoch_alone() -> None:
    seen = groups(9, 5, 30)
    first, again, other = (seen.order(np.random.default_rng([7, epoch])) for epoch in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any()


def test_small_classes_come_as_often_as_large_ones() -> None:
    seen = groups(1, 2, 400)
    codes = seen.targets["who"][seen.order(np.random.default_rng(0))]
    assert np.bincount(codes).min() >= 132
    assert len(groups().order(np.random.default_rng(0))) == 0


def test_what_is_measured_is_mixed_and_whole() -> None:
    seen = groups(*[50] * 12)
    parts = list(seen.batches(7))
    assert [len(part) for part in parts] == [256, 256, 88]
    assert sorted(np.concatenate(parts).tolist()) == list(range(600))
    assert all(len(set(seen.targets["who"][part])) == 12 for part in parts)
    assert all((one == two).all() for one, two in zip(parts, seen.batches(64), strict=True))
