"""Every family of keras-hub that is taken: its graph gives the same for raw pixels as the backbone; and the others are refused for what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("keras_hub", reason="keras-hub is an extra; the development group brings it")

import keras_hub
import numpy as np

from benchmarks.hub import FORMS, agreement, measured, saved, walked
from studio.hub import catalog, weights
from studio.hub.families import FAMILIES, REFUSED

AFFINE = "HGNetV2, affine"
TAKEN = [form for form, (kind, _) in FORMS.items() if kind in FAMILIES and form != AFFINE]


@pytest.mark.parametrize("form", TAKEN)
def test_vectors_are_those_of_keras_hub(form: str, tmp_path: Path) -> None:
    found = agreement(saved(form, tmp_path / "preset"))
    assert found["difference"] < 1e-4
    assert found["spread"] > 0.01  # two pictures that look alike to it would prove nothing


def test_a_wrong_order_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights of the same shape in each other's place change what it gives."""
    mapped = weights.mapped

    def swapped(*arguments: Any) -> dict[str, np.ndarray]:
        found = mapped(*arguments)
        one, other = "body_stack0_block0_1_conv/kernel", "body_stack0_block1_1_conv/kernel"
        return {**found, one: found[other], other: found[one]}

    monkeypatch.setattr(weights, "mapped", swapped)
    assert agreement(saved("ResNet", tmp_path / "preset"))["difference"] > 1e-2


def test_every_family_is_measured() -> None:
    assert {kind for kind, _ in FORMS.values()} == {*FAMILIES, *REFUSED}


@pytest.mark.parametrize("form", [form for form, (kind, _) in FORMS.items() if kind in REFUSED])
def test_a_refused_one_has_the_layer_that_is_named(form: str, tmp_path: Path) -> None:
    kind = FORMS[form][0]
    reason = walked(saved(form, tmp_path / "preset").backbone)
    layer = REFUSED[kind][1]
    assert layer.casefold() in reason.casefold().replace("_", "")


def test_a_layer_with_weights_of_its_own_is_named() -> None:
    assert measured(AFFINE)["refused"].endswith("the class HGNetV2LearnableAffineBlock has weights of its own, for which there is no block.")


@pytest.mark.parametrize("kind", [*FAMILIES, *REFUSED])
def test_the_names_are_those_of_keras_hub(kind: str) -> None:
    theirs = getattr(keras_hub.models, kind).presets
    ours = {each.name: each for each in catalog._every(catalog.package()).values() if each.kind == kind}
    assert set(ours) == set(theirs)
    for name, each in ours.items():
        assert theirs[name]["kaggle_handle"] == catalog.KAGGLE + each.handle
        assert theirs[name]["metadata"]["params"] == each.parameters
    assert set(ours) & set(catalog.all()) == (set(theirs) if kind in FAMILIES else set())
