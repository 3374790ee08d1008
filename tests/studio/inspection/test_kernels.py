"""What a node has learned, drawn: each convolution's kernels the right way round, matrices as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import blocks
from blocks.base import LayerBlock
from studio.inspection.errors import PreviewError
from studio.inspection.figures import View
from studio.inspection.kernels import in_order, kernels, weights_json
from studio.inspection.memory import Memory
from studio.inspection.samples import Sample
from studio.inspection.trace import Step, trace
from studio.inspection.values import Values
from tests.studio.inspection.looking import graph_of, pixels, tile

SHAPES = {1: [12, 3], 2: [12, 12, 3], 3: [12, 12, 12, 3]}


def made(block: str, params: dict[str, Any], shape: list[int], prepared: bool = True) -> tuple[Step, dict[str, np.ndarray]]:
    """The step and the weights of a block behind an Input, or behind a layer that is no preparation."""
    nodes: dict[str, Any] = {
        "x": {"block": "Input", "params": {"feature": "x", "shape": shape}},
        "tanh": {"block": "Activation", "params": {"activation": "tanh"}, "inputs": ["x"]},
        "node": {"block": block, "params": params, "inputs": ["x" if prepared else "tanh"]},
    }
    traced = trace(graph_of(nodes), [])
    assert traced.messages == []
    step = traced.flows["node"][0].step
    return step, Values(Sample("", {}), None, Memory()).made(step).arrays()


@pytest.mark.parametrize(
    ("block", "axes"),
    [("Conv1D", 1), ("Conv2D", 2), ("Conv3D", 3), ("Conv1DTranspose", 1), ("Conv2DTranspose", 2), ("Conv3DTranspose", 3), ("ConvLSTM1D", 2)],
)
def test_convolutions_have_a_picture_per_output_channel(block: str, axes: int) -> None:
    step, arrays = made(block, {"filters": 5, "kernel_size": 3}, SHAPES[axes], prepared=False)
    found = kernels(step, arrays, View())
    assert found is not None
    outputs = 20 if "LSTM" in block else 5
    assert found["kind"] == "pictures"
    assert [each["index"] for each in found["tiles"]] == list(range(outputs))
    assert found["channels"] == 3
    assert pixels(found["picture"]).shape[:2] == (found["grid"]["height"], found["grid"]["width"])


def test_a_transposed_kernel_has_its_channels_turned() -> None:
    array = np.arange(3 * 3 * 5 * 2, dtype=np.float32).reshape(3, 3, 5, 2)
    block = blocks.get("Conv2DTranspose").read({"filters": 5})
    assert in_order(block, "kernel", array).shape == (3, 3, 2, 5)
    assert (in_order(block, "kernel", array)[..., 1, 4] == array[..., 4, 1]).all()


def test_depthwise_kernels_have_one_picture_per_channel_and_multiple() -> None:
    step, arrays = made("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, SHAPES[2], prepared=False)
    found = kernels(step, arrays, View())
    assert found is not None
    assert (len(found["tiles"]), found["channels"]) == (6, 1)
    kernel = arrays["kernel"]
    assert found["tiles"][3]["maximum"] == pytest.approx(float(kernel[..., 1, 1].max()))
    step, arrays = made("SeparableConv2D", {"filters": 4, "kernel_size": 3}, SHAPES[2], prepared=False)
    first, second = kernels(step, arrays, View()), kernels(step, arrays, View(weight="pointwise_kernel"))
    assert first is not None
    assert second is not None
    assert (first["name"], first["kind"], len(first["tiles"])) == ("depthwise_kernel", "pictures", 3)
    assert (second["kind"], second["shape"]) == ("matrix", [1, 1, 3, 4])


def test_kernels_over_a_colour_picture_are_in_colour() -> None:
    step, arrays = made("Conv2D", {"filters": 4, "kernel_size": 3}, SHAPES[2])
    found = kernels(step, arrays, View())
    assert found is not None
    assert found["colours"] is None
    kernel = arrays["kernel"]
    for number in range(4):
        one = kernel[..., number]
        shown = tile(found, number)[::21, ::21, :3]
        assert np.abs(shown - (127.5 + 127.5 * one / np.abs(one).max())).max() <= 1


def test_a_single_input_channel_can_be_chosen() -> None:
    step, arrays = made("Conv2D", {"filters": 4, "kernel_size": 3}, SHAPES[2])
    found = kernels(step, arrays, View(weight_channel=2))
    assert found is not None
    assert found["channel"] == 2
    assert found["tiles"][1]["maximum"] == pytest.approx(float(arrays["kernel"][..., 2, 1].max()))
    behind, weights = made("Conv2D", {"filters": 4, "kernel_size": 3}, SHAPES[2], prepared=False)
    mean = kernels(behind, weights, View())
    assert mean is not None
    assert mean["tiles"][1]["maximum"] == pytest.approx(float(weights["kernel"].mean(axis=2)[..., 1].max()))
    with pytest.raises(PreviewError, match=r"node: invalid channel. Expected: 0 to 2. Received: 3."):
        kernels(step, arrays, View(weight_channel=3))


def test_many_kernels_come_in_pages() -> None:
    step, arrays = made("Conv2D", {"filters": 130, "kernel_size": 2}, SHAPES[2])
    last = kernels(step, arrays, View(weight_page=9))
    assert last is not None
    assert (last["page"], last["pages"]) == (2, 3)
    assert [each["index"] for each in last["tiles"]] == [128, 129]


@pytest.mark.parametrize(
    ("block", "params", "shape", "name", "names"),
    [
        ("Dense", {"units": 7}, [9], "kernel", ["kernel"]),
        ("Conv2D", {"filters": 7, "kernel_size": 1}, [4, 4, 9], "kernel", ["kernel"]),
        ("LSTM", {"units": 2}, [5, 9], "lstm_cell/recurrent_kernel", ["lstm_cell/kernel", "lstm_cell/recurrent_kernel"]),
        (
            "TimeDistributed",
            {"block": {"block": "Dense", "params": {"units": 7}}},
            [5, 9],
            "inner/kernel",
            ["inner/kernel"],
        ),
    ],
)
def test_matrices_are_heat_maps(block: str, params: dict[str, Any], shape: list[int], name: str, names: list[str]) -> None:
    step, arrays = made(block, params, shape)
    found = kernels(step, arrays, View(weight=name))
    assert found is not None
    assert (found["kind"], found["names"]) == ("matrix", names)
    rows, columns = arrays[name].reshape(-1, arrays[name].shape[-1]).shape
    shown = pixels(found["picture"])
    coarse = shown[:: shown.shape[0] // rows, :: shown.shape[1] // columns]
    far = np.unravel_index(np.abs(arrays[name].reshape(rows, columns)).argmax(), (rows, columns))
    ends = {tuple(coarse[0, 0] * 0 + pixel) for pixel in (coarse[far],)}
    assert ends <= {(*bytes.fromhex(found["colours"]["palette"][end][1:]), 255) for end in (0, -1)}


def test_a_large_embedding_comes_in_pages() -> None:
    nodes = {
        "x": {"block": "Input", "params": {"feature": "x", "shape": [5], "dtype": "int32"}},
        "node": {"block": "Embedding", "params": {"input_dim": 1_200, "output_dim": 6}, "inputs": ["x"]},
    }
    step = trace(graph_of(nodes), []).flows["node"][0].step
    arrays = Values(Sample("", {}), None, Memory()).made(step).arrays()
    found = kernels(step, arrays, View(weight_page=2))
    assert found is not None
    assert (found["name"], found["first"], found["pages"]) == ("embeddings", 1_024, 3)


def test_attention_has_all_its_matrices() -> None:
    step, arrays = made("MultiHeadAttention", {"num_heads": 2, "key_dim": 4}, [5, 6])
    for name in ("query/kernel", "attention_output/kernel"):
        found = kernels(step, arrays, View(weight=name))
        assert found is not None
        width, height = found["grid"]["tile"]
        assert width / height == pytest.approx({"query/kernel": 8 / 6, "attention_output/kernel": 6 / 8}[name], rel=0.3)


def test_a_weight_that_is_not_there() -> None:
    step, arrays = made("Dense", {"units": 7}, [9])
    with pytest.raises(PreviewError, match=r"node: there is no weight 'bias' to draw. It has: kernel."):
        kernels(step, arrays, View(weight="bias"))


def test_what_has_vectors_only_has_no_picture_but_figures() -> None:
    step, arrays = made("BatchNormalization", {}, [9])
    assert kernels(step, arrays, View()) is None
    told = weights_json(arrays)
    assert told["count"] == 36
    assert {each["name"]: each["statistics"]["mean"] for each in told["variables"]} == {
        "gamma": 1, "beta": 0, "moving_mean": 0, "moving_variance": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", sorted(name for name, block in blocks.all().items() if issubclass(block, LayerBlock) and "kernel_size" in block.model_fields)
)
def test_every_convolution_can_be_drawn(name: str) -> None:
    """Whatever names a window: its kernels are drawn, or it has none."""
    block = blocks.get(name)
    for axes in (2, 1, 3, 4):
        try:
            params = {"filters": 4} if "filters" in block.model_fields else {}
            step, arrays = made(name, params, [6] * axes + [4], prepared=False)
        except AssertionError:
            continue
        found = kernels(step, arrays, View())
        if found is None:
            assert all(array.ndim < 2 for array in arrays.values())
            return
        for weight in found["names"]:
            drawn = kernels(step, arrays, View(weight=weight))
            assert drawn is not None
            assert pixels(drawn["picture"]).size
        return
    raise AssertionError(f"{name} takes none of the inputs")
