"""Pictures of numbers, read back pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.inspection import colours, drawing
from studio.inspection.drawing import Drawing
from tests.studio.inspection.looking import pixels

MAGENTA = (214, 39, 168, 255)


def tile(made: Drawing, place: int) -> np.ndarray:
    width, height = made.tile
    top, left = place // made.columns * (height + made.gap), place % made.columns * (width + made.gap)
    return pixels(made.png)[top : top + height, left : left + width]


def colour(name: colours.Ramp, place: int) -> tuple[int, ...]:
    return (*colours.ramp(name)[place].tolist(), 255)


def test_small_maps_are_enlarged_without_blur() -> None:
    maps = [np.arange(16, dtype=np.float32).reshape(4, 4), np.eye(4, dtype=np.float32), np.zeros((4, 4), np.float32)]
    made = drawing.grid(maps, "sequential", None)
    assert made.tile == (64, 64)
    assert (made.columns, made.rows) == (2, 2)
    first = tile(made, 0)
    coarse = first[::16, ::16]
    assert (first == coarse.repeat(16, axis=0).repeat(16, axis=1)).all()
    assert tuple(coarse[0, 0]) == colour("sequential", 0)
    assert tuple(coarse[3, 3]) == colour("sequential", colours.STEPS - 1)
    assert (tile(made, 2) == colour("sequential", 0)).all()


def test_gaps_and_empty_places_are_transparent() -> None:
    made = drawing.grid([np.ones((4, 4), np.float32)] * 3, "grey", None)
    whole = pixels(made.png)
    assert (whole[:, 64:68, 3] == 0).all()
    assert (whole[68:, 68:, 3] == 0).all()
    assert (tile(made, 2)[..., 3] == 255).all()


def test_a_common_range_keeps_maps_comparable() -> None:
    maps = [np.full((2, 2), 1, np.float32), np.full((2, 2), 3, np.float32)]
    common = drawing.range_of(np.array([0.0, 3.0]), "grey")
    made = drawing.grid(maps, "grey", common)
    assert tile(made, 0)[0, 0, 0] == pytest.approx(85, abs=1)
    assert tile(made, 1)[0, 0, 0] == 255


def test_zero_is_in_the_middle_of_the_diverging_ramp() -> None:
    assert drawing.range_of(np.array([-1.0, 4.0, np.nan]), "diverging") == (-4.0, 4.0)
    made = drawing.grid([np.array([[-1.0, 0.0], [4.0, np.nan]], np.float32)], "diverging", None)
    found = pixels(made.png)[::256, ::256]
    assert tuple(found[0, 1]) in (colour("diverging", 126), colour("diverging", 127))
    assert tuple(found[1, 0]) == colour("diverging", 253)
    assert tuple(found[1, 1]) == MAGENTA


def test_large_maps_are_averaged() -> None:
    board = np.indices((512, 512)).sum(axis=0) % 2
    made = drawing.grid([board.astype(np.float32)] * 2, "grey", (0.0, 1.0))
    assert made.tile == (128, 128)
    assert np.abs(tile(made, 0)[..., 0].astype(int) - 127).max() <= 1


def test_a_heat_map_of_many_keeps_the_strongest() -> None:
    values = np.zeros((2000, 3000), np.float32)
    values[1234, 2345] = -5
    made = drawing.heat_map(values, "diverging", (-5.0, 5.0))
    found = pixels(made.png)
    strong = (found == colour("diverging", 0)).all(axis=2)
    assert strong.any()
    (row, *_), (column, *_) = np.nonzero(strong)
    assert row / made.height == pytest.approx(1234 / 2000, abs=0.01)
    assert column / made.width == pytest.approx(2345 / 3000, abs=0.01)


def test_colour_kernels_have_grey_for_zero() -> None:
    kernel = np.zeros((3, 3, 3), np.float32)
    kernel[0, 0] = (0.5, 0, -0.5)
    made = drawing.coloured_grid([kernel, kernel * 0], None)
    found = tile(made, 0)
    assert tuple(found[0, 0]) == (255, 128, 0, 255)
    assert tuple(found[-1, -1]) == (128, 128, 128, 255)
    assert (tile(made, 1) == (128, 128, 128, 255)).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_in_bytes_stay_as_they_are(channels: int) -> None:
    given = np.random.default_rng(0).integers(0, 256, (8, 6, channels), dtype=np.uint8)
    made = drawing.picture(given)
    factor = made.width // 6
    assert factor == 32
    assert (pixels(made.png)[::factor, ::factor, :channels] == given).all()


def test_other_pictures_are_stretched_unless_they_lie_between_0_and_1() -> None:
    half = drawing.picture(np.array([[[0.0], [0.5]]], np.float32))
    assert pixels(half.png)[0, -1, 0] == 128
    wide = drawing.picture(np.array([[[-2.0], [2.0]]], np.float32))
    assert (pixels(wide.png)[0, 0, 0], pixels(wide.png)[0, -1, 0]) == (0, 255)


def test_large_pictures_become_smaller() -> None:
    made = drawing.picture(np.zeros((600, 1200, 3), np.uint8))
    assert (made.width, made.height) == (512, 256)


def test_bars_go_up_and_down_from_zero() -> None:
    found = pixels(drawing.bars([1.0, -1.0, None, 0.0]).png)
    middle = found.shape[0] // 2
    wide = found.shape[1] // 4
    filled = found[..., 3] == 255
    assert filled[:middle, :wide].all()
    assert not filled[middle:, :wide].any()
    assert filled[middle:, wide : 2 * wide].all()
    assert (found[:, 2 * wide : 3 * wide] == MAGENTA).all()
    assert not filled[:, 3 * wide :].any()


@given(st.lists(st.one_of(st.none(), st.floats(-1e30, 1e30)), min_size=1, max_size=3000))
def test_any_numbers_can_be_drawn_as_bars(values: list[float | None]) -> None:
    made = drawing.bars(values)
    assert pixels(made.png).shape[:2] == (made.height, made.width)
    assert made.width <= 1024


@given(
    st.integers(1, 70), st.integers(1, 40), st.integers(1, 40), st.sampled_from([0.0, -1.0, np.nan, np.inf, 1e38]),
    st.sampled_from(["grey", "sequential", "diverging"]),
)  # fmt: skip
def test_any_maps_can_be_drawn(count: int, height: int, width: int, value: float, name: colours.Ramp) -> None:
    made = drawing.grid([np.full((height, width), value, np.float32)] * count, name, None)
    assert pixels(made.png).shape[:2] == (made.height, made.width)
    assert made.columns * made.rows >= count
    assert (tile(made, count - 1)[..., 3] == 255).all()
