"""EinsumDense: equations that are read, refused, and computed as numpy does it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import blocks
from blocks import InvalidValueError
from blocks.analysis import analyse
from blocks.base import LayerBlock
from blocks.spec import Spec
from tests.blocks.block_checks import check_built, check_code, check_gradients, check_layer, check_saved
from tests.blocks.samples import graph_of

GOOD: list[tuple[dict[str, Any], tuple[int, ...]]] = [
    ({"equation": "ab,bc->ac", "output_shape": [5], "bias_axes": "c"}, (6,)),
    ({"equation": "abc,cd->abd", "output_shape": [0, 5], "bias_axes": "d"}, (3, 6)),
    ({"equation": "abc,cd->abd", "output_shape": [3, 5], "bias_axes": None}, (3, 6)),
    ({"equation": "...x,xy->...y", "output_shape": [5], "bias_axes": "y"}, (3, 4, 6)),
    ({"equation": "...x,xy->...y", "output_shape": [5], "bias_axes": "y"}, (2, 3, 4, 6)),
    ({"equation": "...xz,xzy->...y", "output_shape": [5], "bias_axes": None}, (3, 4, 6)),
    ({"equation": "ab...,bc->ac...", "output_shape": [5], "bias_axes": "c"}, (3, 4, 6)),
    ({"equation": "abx,xyz->abyz", "output_shape": [0, 2, 5], "bias_axes": "yz"}, (3, 6)),
    ({"equation": "abx,xyz->abyz", "output_shape": [0, 2, 5], "bias_axes": "y"}, (3, 6)),
    ({"equation": "abyz,yzx->abx", "output_shape": [0, 6], "bias_axes": "x"}, (3, 2, 5)),
    ({"equation": "abc,bcd->abd", "output_shape": [0, 5], "bias_axes": "bd"}, (3, 6)),
    ({"equation": "abc,cd->adb", "output_shape": [5, 0], "bias_axes": "d"}, (3, 6)),
    ({"equation": "abc,bc->abc", "output_shape": [0, 0], "bias_axes": "c"}, (3, 6)),
    ({"equation": "abc , cd -> abd", "output_shape": "0, 5", "bias_axes": ""}, (3, 6)),
]


@pytest.mark.parametrize(("params", "shape"), GOOD)
def test_it_computes_what_numpy_does(params: dict[str, Any], shape: tuple[int, ...]) -> None:
    block = blocks.get("EinsumDense").read(params)
    assert isinstance(block, LayerBlock)
    layer = block.make()
    random = np.random.default_rng(0)
    x = random.normal(size=(2, *shape)).astype("float32")
    block.apply(layer, [x])
    for variable in layer.weights:
        variable.assign(random.normal(size=variable.shape))
    expected = np.einsum(params["equation"].replace(" ", ""), x, np.asarray(layer.kernel))
    if layer.bias is not None:
        expected = expected + np.asarray(layer.bias)
    np.testing.assert_allclose(block.apply(layer, [x]), expected, atol=1e-5)


@pytest.mark.parametrize(("params", "shape"), GOOD)
def test_figures_are_those_of_the_layer(params: dict[str, Any], shape: tuple[int, ...]) -> None:
    check_layer("EinsumDense", params, [Spec(shape)])


def test_multiply_adds_of_a_dense_layer_and_of_attention_heads() -> None:
    found = analyse(graph_of("EinsumDense", {"equation": "abx,xyz->abyz", "output_shape": [0, 8, 64], "bias_axes": "yz"}, [Spec((20, 512))]))
    assert found.multiply_adds == 20 * 512 * 8 * 64
    assert found.weights == 512 * 8 * 64 + 8 * 64
    dense = analyse(graph_of("Dense", {"units": 64}, [Spec((20, 512))]))
    same = analyse(graph_of("EinsumDense", {"output_shape": [64]}, [Spec((20, 512))]))
    assert (same.weights, same.multiply_adds) == (dense.weights, dense.multiply_adds)


def test_sizes_that_differ_keep_their_order(tmp_path: Any) -> None:
    """Keras 3.15 announces (None, 4, 3, 5) here, and computes (2, 3, 4, 5)."""
    specs: list[Any] = [Spec((3, 4, 6))]
    params = {"output_shape": [5]}
    _, model = check_built("EinsumDense", params, specs)
    assert model.output_shape == (None, 3, 4, 5)
    check_gradients("EinsumDense", model, specs)
    check_code("EinsumDense", model, specs)
    check_saved("EinsumDense", model, specs, tmp_path)


def test_unknown_steps_pass_where_no_weight_depends_on_them() -> None:
    assert analyse(graph_of("EinsumDense", {}, [Spec((None, 6))])).nodes["block"].output_shapes == ((None, 64),)
    errors = analyse(graph_of("EinsumDense", {"equation": "abc,bcd->abd", "output_shape": [0, 5], "bias_axes": None}, [Spec((None, 6))])).errors
    assert [error.text for error in errors] == ["EinsumDense: invalid input. Expected: a known size of b. Received: one that varies."]


@pytest.mark.parametrize(
    "equation",
    [
        "", "x", "ab,bc", "ab->ac", "ab,bc,cd->ad", "ab,bc->", ",->", "->", "aab,bc->ac", "ab,bbc->ac", "ab,bc->acc", "ab,bz->ac", "ab,bc->az",
        "abq,bc->ac", "ab,abc->ac", "ab,bc->ca", "ab,b->a", "...x,xy->y", "x...,xy->...y", "...x...,xy->...y...", "...,xy->...y", "x,xy->y...",
        "..x,xy->..y", "ab,bc->ac;", "ab,bc->ac\n", "a1,1c->ac", "ab,bc->a" + "c" * 13, "a" * 1_000_000, "__import__('os').system('x')",
        "ab,bc->ac" * 1000, "äb,bc->äc", "ab,bc->ac->ad", "${x}", "...x,xy->...y\u0000", "." * 100_000, "abcdefghijklm,mn->abcdefghijkln",
    ],
)  # fmt: skip
def test_equations_without_sense_are_refused_at_once(equation: str) -> None:
    before = time.perf_counter()
    with pytest.raises(InvalidValueError, match=r"^EinsumDense: invalid equation\. Expected: .*Received: "):
        blocks.get("EinsumDense").read({"equation": equation})
    assert time.perf_counter() - before < 0.5


@pytest.mark.parametrize(
    "params",
    [
        {"output_shape": [3, 4]},
        {"output_shape": [0]},
        {"output_shape": []},
        {"output_shape": [10_000_001]},
        {"output_shape": [1] * 9},
        {"bias_axes": "x"},
        {"bias_axes": "yy"},
        {"bias_axes": "."},
        {"equation": "ab,bc->ac", "bias_axes": "a"},
        {"bias_axes": "y" * 1000},
    ],
)
def test_other_fields_have_to_suit_the_equation(params: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match=r"^EinsumDense: "):
        blocks.get("EinsumDense").read(params)


@pytest.mark.parametrize(
    ("params", "shape", "text"),
    [
        ({"equation": "ab,bc->ac", "bias_axes": None}, (3, 6), "EinsumDense: invalid input. Expected: 1 axes, as the equation says. Received: 2."),
        ({"equation": "...xz,xzy->...y"}, (6,), "EinsumDense: invalid input. Expected: at least 2 axes, as the equation says. Received: 1."),
        (
            {"equation": "abc,cd->abd", "output_shape": [4, 5], "bias_axes": None},
            (3, 6),
            "EinsumDense: invalid output_shape. Expected: 3 for b, as in the input. Received: 4.",
        ),
    ],
)
def test_inputs_have_to_suit_the_equation(params: dict[str, Any], shape: tuple[int, ...], text: str) -> None:
    errors = analyse(graph_of("EinsumDense", params, [Spec(shape)])).errors
    assert [error.text for error in errors] == [text]
    assert errors[0].fix


def test_enormous_kernels_are_judged_without_being_made() -> None:
    before = time.perf_counter()
    params = {"equation": "...x,xabcdef->...abcdef", "output_shape": [10_000_000] * 6, "bias_axes": "abcdef"}
    found = analyse(graph_of("EinsumDense", params, [Spec((6,))]))
    assert time.perf_counter() - before < 2
    assert found.errors or found.weights == 7 * 10**42
