"""Merging by products: which axes fit, and what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import blocks
from blocks import InvalidValueError, analyse
from blocks.spec import Shape, Spec
from tests.blocks.block_checks import check_explained
from tests.blocks.samples import graph_of


@pytest.mark.parametrize(("axes", "shapes", "equation"), [
    (-1, [(6,), (6,)], "bk,bk->b"),
    (-1, [(5, 6), (4, 6)], "bik,bjk->bij"),
    ((2, 1), [(5, 6), (6, 4)], "bik,bkj->bij"),
    ((1, -2), [(5, 2, 3), (5, 4)], "bkij,bkl->bijl"),
    ((-1, 1), [(3, 2, 6), (6,)], "bijk,bk->bij"),
])  # fmt: skip
@pytest.mark.parametrize("normalize", [False, True])
def test_dot(axes: Any, shapes: list[tuple[int, ...]], equation: str, normalize: bool) -> None:
    params = {"axes": axes, "normalize": normalize}
    random = np.random.default_rng(0)
    first, second = (random.normal(size=(3, *shape)).astype("float32") for shape in shapes)
    block = blocks.get("Dot").read(params)
    found = np.asarray(block.make()([first, second]))  # type: ignore[attr-defined]
    if normalize:
        pair = axes if isinstance(axes, tuple) else (axes, axes)
        places = [axis if axis > 0 else len(shape) + 1 + axis for axis, shape in zip(pair, shapes, strict=True)]
        first, second = (each / np.linalg.norm(each, axis=place, keepdims=True) for each, place in zip((first, second), places, strict=True))
    expected = np.einsum(equation, first, second)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, atol=1e-5)
    node = analyse(graph_of("Dot", params, [Spec(shape) for shape in shapes])).nodes["block"]
    assert node.output_shapes == (found.shape[1:],)
    check_explained(block, node)


@pytest.mark.parametrize(("axes", "shapes", "text", "fix"), [
    (-1, [(5, 6), (6, 4)], "Dot: invalid inputs. Expected: equal sizes along axes -1. Received: 6 and 4 (of 5 x 6 and 6 x 4).",
     "Axes 2, 1 have equal sizes."),
    (2, [(5, 6), (6,)], "Dot: invalid axes. Expected: axes of 6, 1 to 1 or -1 to -1. Received: 2.", "Use -1 for the last axis."),
    ((1, 1), [(None, 6), (5, 6)], "Dot: invalid inputs. Expected: equal sizes along axes 1, 1. Received: any and 5 (of any x 6 and 5 x 6).",
     "Axes 2, 2 have equal sizes."),
    (-1, [(3,), (4,)], "Dot: invalid inputs. Expected: equal sizes along axes -1. Received: 3 and 4 (of 3 and 4).",
     "Bring the axes to one size, with Dense for instance."),
])  # fmt: skip
def test_what_does_not_fit_is_said(axes: Any, shapes: list[Shape], text: str, fix: str) -> None:
    (error,) = analyse(graph_of("Dot", {"axes": axes}, [Spec(shape) for shape in shapes])).errors
    assert (error.text, error.fix) == (text, fix)


def test_axes_are_read_as_people_write_them() -> None:
    read = blocks.get("Dot").read
    assert read({"axes": "2, 1"}) == read({"axes": [2, 1]})
    assert read({"axes": "-1"}) == read({"axes": -1}) == read({})
    with pytest.raises(InvalidValueError, match="Dot: invalid axes"):
        read({"axes": "1, 2, 3"})
    (error,) = analyse(graph_of("Dot", {"axes": 0}, [Spec((3, 4))] * 2)).errors
    assert error.text == "Dot: invalid axes. Expected: axes of 3 x 4, 1 to 2 or -1 to -2. Received: 0."
