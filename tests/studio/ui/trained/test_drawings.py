"""A drawn sign becomes like the training pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from studio.ui import drawing, prediction_form
from studio.workspace import StudioError, Workspace
from tests.studio.ui.made_runs import made_run
from tests.studio.ui.trained.stand_in import png, signs, stroke


@pytest.mark.parametrize(("ground", "ink"), [(0, 255), (255, 0), (255, 40)], ids=["white on black", "black on white", "grey on white"])
def test_a_drawing_becomes_like_the_training_pictures(ground: int, ink: int) -> None:
    style = drawing.style_of(signs(ground, ink))
    assert style is not None
    pixels = np.asarray(Image.open(io.BytesIO(drawing.placed(stroke(), style))), np.int16)
    assert pixels.shape == (28, 28)
    assert abs(int(pixels[0, 0]) - ground) <= 2
    marked = np.abs(pixels - ground) > np.abs(ink - ground) / 2
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert rows[-1] - rows[0] + 1 in (19, 20, 21)
    assert abs(rows.mean() - 13.5) <= 1
    assert abs(columns.mean() - 13.5) <= 1
    assert abs(int(pixels[14, 13]) - ink) <= 4


def test_place_and_size_of_the_drawing_do_not_matter() -> None:
    style = drawing.style_of(signs(0, 255))
    assert style is not None
    first, second = (np.asarray(Image.open(io.BytesIO(drawing.placed(stroke(at=place), style))), np.int16) for place in ((40, 40), (200, 150)))
    assert np.abs(first - second).max() <= 2


def test_photographs_have_no_style_of_signs() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (8, 32, 32), dtype=np.uint8)
    assert drawing.style_of([png(Image.fromarray(pixels)) for pixels in noise]) is None
    assert drawing.style_of([]) is None


def test_the_built_in_digits_are_signs(workspace: Workspace) -> None:
    style = prediction_form.drawing_style(workspace, made_run(workspace))
    assert style is not None
    assert (style.height, style.width, style.ground, style.ink) == (8, 8, 0.0, 1.0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (png(Image.new("RGBA", (50, 50), (0, 0, 0, 0))), "Nothing has been drawn"),
        (b"no picture", "did not arrive"),
        (stroke()[:60], "did not arrive"),
    ],
    ids=["empty", "no picture", "cut off"],
)
def test_what_is_no_drawing_is_refused(content: bytes, sentence: str) -> None:
    style = drawing.style_of(signs(0, 255))
    assert style is not None
    with pytest.raises(StudioError, match=sentence):
        drawing.placed(content, style)
