"""Equal steps on a ramp look equal, and its lightness says which way it goes."""

from __future__ import annotations

import numpy as np
import pytest

from studio.inspection import colours
from studio.inspection.colours import Ramp

RAMPS: list[Ramp] = ["grey", "sequential", "diverging"]


@pytest.mark.parametrize(("name", "part"), [("sequential", slice(None)), ("diverging", slice(0, 127)), ("diverging", slice(127, None))])
def test_neighbours_are_equally_far_apart(name: Ramp, part: slice) -> None:
    lab = colours.oklab(colours.ramp(name)[part])
    steps = np.linalg.norm(lab[8:] - lab[:-8], axis=1)  # over eight steps, since single ones are as coarse as bytes
    assert steps.max() / steps.min() < 1.5


@pytest.mark.parametrize("name", ["grey", "sequential"])
def test_more_is_lighter(name: Ramp) -> None:
    lightness = colours.oklab(colours.ramp(name))[:, 0]
    assert (np.diff(lightness) > -0.004).all()
    assert lightness[-1] - lightness[0] > 0.6


def test_zero_is_the_lightest_and_both_sides_are_alike() -> None:
    lab = colours.oklab(colours.ramp("diverging"))
    lightness = lab[:, 0]
    assert np.abs(lightness - lightness[::-1]).max() < 0.03
    assert lightness.argmax() in (colours.STEPS // 2 - 1, colours.STEPS // 2)
    assert (np.hypot(lab[126:128, 1], lab[126:128, 2]) < 0.02).all()
    assert lab[0, 2] < -0.05  # blue
    assert lab[-1, 1] > 0.05  # red


def test_a_legend_goes_from_end_to_end() -> None:
    shown = colours.shown("grey")
    assert len(shown) == 9
    assert (shown[0], shown[-1]) == ("#000000", "#ffffff")


def test_what_is_no_number_has_a_colour_of_its_own() -> None:
    table = np.frombuffer(colours.palette("sequential"), np.uint8).reshape(256, 3)
    other = colours.oklab(table[colours.NOT_A_NUMBER][None])
    for name in RAMPS:
        assert np.linalg.norm(colours.oklab(colours.ramp(name)) - other, axis=1).min() > 0.1
